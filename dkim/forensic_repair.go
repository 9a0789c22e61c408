package dkim

import (
	"bytes"
	"strings"

	"unspoof/message"
)

// maxCandidates bounds the repairs of one header; pairs of them are tried too.
const maxCandidates = 60

// candidates lists what may undo changes to single fields, the likeliest first.
func (t *trials) candidates(body []byte) []swap {
	c := candidates{trials: t}
	for i, name := range t.names {
		if t.fields[i] == nil {
			c.lost(i, strings.ToLower(name))
			continue
		}
		value := fieldValue(t.fields[i])
		switch strings.ToLower(name) {
		case "subject":
			c.subject(i, value)
		case "from", "to", "cc", "reply-to", "sender":
			c.addresses(i, value)
		case "content-transfer-encoding":
			for _, enc := range [...]string{"7bit", "8bit", "quoted-printable", "base64"} {
				c.replace(i, enc, "a mail server changed the transfer encoding")
			}
		}
	}
	c.added()
	c.copied()
	c.fromParts(body)
	c.kept()
	if t.sig.HeaderCanon == Simple {
		c.folding()
	}
	return c.list
}

// lost gives a field that did not come back the values that it mostly has.
func (c *candidates) lost(at int, name string) {
	var values []string
	switch name {
	case "mime-version":
		values = []string{"1.0"}
	case "content-transfer-encoding":
		values = []string{"7bit", "8bit", "quoted-printable", "base64"}
	case "content-type":
		values = []string{"text/plain; charset=utf-8", "text/plain; charset=us-ascii", "text/html; charset=utf-8"}
	}
	for _, v := range values {
		c.replace(at, v, "the "+c.names[at]+" field was removed")
	}
}

type candidates struct {
	*trials
	list []swap
}

// put adds a candidate unless it changes nothing.
func (c *candidates) put(at int, piece []byte, undo Break) {
	if len(c.list) < maxCandidates && !bytes.Equal(piece, c.pieces[at]) {
		c.list = append(c.list, swap{at, piece, undo})
	}
}

// replace adds a candidate with another value of the field.
func (c *candidates) replace(at int, value, cause string) {
	change := Changed
	if c.fields[at] == nil {
		change = Removed
	}
	raw := []byte(c.names[at] + ": " + value + "\r\n")
	if f := c.fields[at]; f != nil { // the name as it is written
		if i := bytes.IndexByte(f, ':'); i > 0 {
			raw = append(append([]byte{}, f[:i+1]...), " "+value+"\r\n"...)
		}
	}
	c.put(at, AppendField(nil, raw, c.sig.HeaderCanon), Break{Field: c.names[at], Change: change, Cause: cause})
}

// subject takes tags off the front, up to three.
func (c *candidates) subject(at int, value string) {
	for range 3 {
		rest, tag := cutSubjectTag(value)
		if tag == "" {
			return
		}
		c.replace(at, rest, "a filter or mailing list put "+clip(tag)+" in front of the subject")
		value = rest
	}
}

// cutSubjectTag takes "[…]", "{…}", "*****SPAM*****" or "SPAM:" off a subject.
func cutSubjectTag(s string) (rest, tag string) {
	s = strings.TrimLeft(s, " ")
	end := -1
	switch {
	case s == "":
	case s[0] == '[':
		end = strings.IndexByte(s, ']')
	case s[0] == '{':
		end = strings.IndexByte(s, '}')
	case s[0] == '(':
		end = strings.IndexByte(s, ')')
	case s[0] == '*':
		if n := len(s) - len(strings.TrimLeft(s, "*")); n > 1 {
			if m := strings.Index(s[n:], s[:n]); m >= 0 {
				end = n + m + n - 1
			}
		}
	}
	if end < 0 {
		word, _, ok := strings.Cut(s, ":")
		switch strings.ToUpper(word) {
		case "SPAM", "EXTERNAL", "EXT", "SUSPECT", "WARNING", "CAUTION", "BULK", "POSSIBLE SPAM":
			if ok {
				end = len(word)
			}
		}
	}
	if end < 0 {
		return s, ""
	}
	return strings.TrimLeft(s[end+1:], " "), s[:end+1]
}

// addresses undoes what servers do to address lists: quotes around names, and
// spaces behind commas.
func (c *candidates) addresses(at int, value string) {
	const cause = "a mail server rewrote the address list"
	if strings.IndexByte(value, '"') >= 0 {
		c.replace(at, strings.ReplaceAll(value, `"`, ""), cause)
	} else if i := strings.IndexByte(value, '<'); i > 1 && strings.Count(value, "<") == 1 {
		c.replace(at, `"`+strings.TrimSpace(value[:i])+`" `+value[i:], cause)
	}
	if strings.IndexByte(value, ',') >= 0 {
		c.replace(at, strings.Join(splitList(value), ", "), cause)
		c.replace(at, strings.Join(splitList(value), ","), cause)
	}
	if strings.HasPrefix(value, "<") && strings.HasSuffix(value, ">") && strings.Count(value, "<") == 1 {
		c.replace(at, strings.Trim(value, "<>"), cause)
	}
}

func splitList(s string) []string {
	parts := strings.Split(s, ",")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}

// added takes away the highest field of each name: somebody may have put it
// there (RFC 6376 section 8.15).
func (c *candidates) added() {
	for i, name := range c.names {
		if c.fields[i] == nil {
			continue
		}
		top := true
		for k := i + 1; k < len(c.names); k++ {
			if strings.EqualFold(c.names[k], name) && c.fields[k] != nil {
				top = false
			}
		}
		if top {
			c.put(i, nil, Break{Field: name, Change: Added, Cause: "a " + name + " field was added after signing"})
		}
	}
}

// copied takes what the signer copied into z= (RFC 6376 section 3.5).
func (c *candidates) copied() {
	z, ok := c.sig.Tags.Get("z")
	if !ok || len(z) > maxTrialBytes {
		return
	}
	copies := map[string][]string{} // by name, as they come
	for part := range strings.SplitSeq(dropFWS(z), "|") {
		name, value, ok := strings.Cut(part, ":")
		if value, good := decodeQuoted(value); ok && good {
			name = strings.ToLower(name)
			copies[name] = append(copies[name], value)
		}
	}
	for i, name := range c.names {
		if v := copies[strings.ToLower(name)]; len(v) == 1 {
			c.replace(i, strings.TrimSpace(v[0]), "the signer's copy of the field (z=) is different")
		}
	}
}

// fromParts takes MIME fields of the body's parts: a list or a filter that wraps a
// message moves them there.
func (c *candidates) fromParts(body []byte) {
	var parts []*message.Part
	if h := c.head.data; len(h)+len(body) <= maxRepairBody {
		whole := append(append(append([]byte{}, h...), "\r\n"...), body...)
		root, _ := message.ParsePart(whole)
		message.Walk(root, func(p *message.Part) bool {
			if p.Depth > 0 && len(parts) < 4 {
				parts = append(parts, p)
			}
			return len(parts) < 4
		})
	}
	for i, name := range c.names {
		if len(name) < 8 || !strings.EqualFold(name[:8], "Content-") {
			continue
		}
		for _, p := range parts {
			if f, ok := p.Header.First(name); ok {
				c.put(i, AppendField(nil, f.Raw, c.sig.HeaderCanon), Break{Field: name, Change: Changed,
					Cause: "the message was wrapped in another MIME structure, as lists and filters do"})
			}
		}
	}
}

// kept takes what rewriters keep under another name: X-Original-From and its kin.
func (c *candidates) kept() {
	for i, name := range c.names {
		for _, prefix := range [...]string{"X-Original-", "Original-", "X-Old-", "Old-"} {
			for _, k := range c.head.All(prefix + name) {
				c.replace(i, fieldValue(c.head.Raw(k)), "the field was rewritten; the original stands in "+prefix+name)
			}
		}
	}
}

// folding tries, field by field, the forms in which servers fold.
func (c *candidates) folding() {
	for i, raw := range c.fields {
		for _, fold := range foldForms {
			if raw != nil {
				c.put(i, AppendField(nil, refold(raw, fold), Simple), Break{Field: c.names[i], Change: Changed, Cause: "a mail server folded the field anew"})
			}
		}
	}
}

// likely tells candidates whose mere presence is a hint.
func likely(field string, s swap) bool {
	return strings.EqualFold(field, "Subject") || strings.HasPrefix(s.undo.Cause, "the field was rewritten") ||
		strings.HasPrefix(s.undo.Cause, "the signer's copy")
}

// always tells fields that mail has: named in h= and not there, they were
// removed.
func always(name string) bool {
	switch strings.ToLower(name) {
	case "from", "date", "subject", "message-id", "mime-version", "content-type":
		return true
	}
	return false
}

// fieldValue gives the value of a field, unfolded.
func fieldValue(raw []byte) string {
	return message.Field{Raw: raw}.Value()
}
