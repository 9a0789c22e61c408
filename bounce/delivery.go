package bounce

import (
	"bytes"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"unspoof/message"
)

// maxRecipients bounds the recipients of one notice; RFC 5321 section 4.5.3.1.8
// asks servers to take 100.
const maxRecipients = 1000

// parseDelivery reads delivery-status fields (RFC 3464 section 2): one group for
// the message, then one for each recipient. A group also ends where a field comes
// a second time, since blank lines get lost. Lines that are no field are passed
// over. It gives nil when b has none of the fields.
func parseDelivery(b []byte, charset string) *Delivery {
	var d Delivery
	p := deliveryParser{d: &d}
	for len(b) > 0 {
		b = bytes.TrimLeft(b, "\r\n")
		if len(b) == 0 {
			break
		}
		h, n, _ := message.ReadHeader(b)
		for _, f := range h.Fields {
			v := f.Value()
			if !utf8.ValidString(v) || strings.IndexByte(v, 0x1b) >= 0 {
				v = message.DecodeCharset(charset, []byte(v))
			}
			p.field(f.Name, v)
		}
		p.endGroup()
		if len(h.Fields) == 0 { // no field here: the next line
			if n = bytes.IndexByte(b, '\n') + 1; n == 0 {
				break
			}
		}
		b = b[n:]
	}
	p.endGroup()
	if !p.any {
		return nil
	}
	return &d
}

type deliveryParser struct {
	d    *Delivery
	r    DeliveryRecipient
	open bool // r has a field
	any  bool
	seen uint // fields of r
}

// Fields of a recipient group, as bits of seen.
const (
	seenFinal = 1 << iota
	seenOriginal
	seenAction
	seenStatus
	seenRemote
	seenDiagnostic
	seenLast
	seenWill
)

// field takes one field (RFC 3464 sections 2.2 and 2.3).
func (p *deliveryParser) field(name, v string) {
	if strings.Contains(v, "=?") && !strings.Contains(v, "@") {
		v = message.DecodeWords(v)
	}
	var buf [40]byte
	switch string(lowerName(&buf, name)) {
	case "reporting-mta":
		p.any = true
		if p.d.ReportingMTA == "" {
			p.d.ReportingMTA = hostOf(v)
		}
	case "received-from-mta":
		p.any = true
		p.d.ReceivedFromMTA = hostOf(v)
	case "arrival-date":
		p.any = true
		p.d.ArrivalDate = dateOf(v)
	case "original-envelope-id":
		p.d.OriginalEnvelopeID = v
	case "final-recipient":
		p.start(seenFinal)
		p.r.Final = recipientOf(v)
	case "original-recipient":
		p.start(seenOriginal)
		p.r.Original = recipientOf(v)
	case "action":
		p.start(seenAction)
		p.r.Action = strings.ToLower(firstWord(v))
	case "status":
		p.start(seenStatus)
		p.r.Status = statusOf(v)
	case "remote-mta":
		p.start(seenRemote)
		p.r.RemoteMTA = hostOf(v)
	case "diagnostic-code":
		p.start(seenDiagnostic)
		p.r.Diagnostic = afterType(v)
	case "last-attempt-date":
		p.start(seenLast)
		p.r.LastAttempt = dateOf(v)
	case "will-retry-until":
		p.start(seenWill)
		p.r.Will = dateOf(v)
	}
}

// start begins a new group when the field was there already.
func (p *deliveryParser) start(bit uint) {
	if p.seen&bit != 0 {
		p.endGroup()
	}
	p.seen |= bit
	p.open, p.any = true, true
}

func (p *deliveryParser) endGroup() {
	if p.open && p.r.Final+p.r.Original+p.r.Action+p.r.Status+p.r.Diagnostic != "" && len(p.d.Recipients) < maxRecipients {
		p.d.Recipients = append(p.d.Recipients, p.r)
	}
	p.r, p.open, p.seen = DeliveryRecipient{}, false, 0
}

func dateOf(v string) time.Time {
	t, _ := message.ParseDate(v)
	return t
}

// hostOf reads an MTA name (RFC 3464 section 2.1.2) without its type and without
// a trailing comment.
func hostOf(v string) string {
	v = afterType(v)
	if i := strings.IndexAny(v, " \t("); i > 0 {
		v = v[:i]
	}
	return strings.TrimSuffix(strings.Trim(v, "[]<>;,"), ".")
}

// afterType gives what follows "dns;", "smtp;" and the like.
func afterType(v string) string {
	if i := strings.IndexByte(v, ';'); i > 0 && i <= 30 && !strings.ContainsAny(v[:i], " \t@<") {
		v = v[i+1:]
	}
	return strings.TrimSpace(v)
}

// recipientOf reads an address of a recipient group: its type and brackets go,
// the encodings of its type are undone.
func recipientOf(v string) string {
	typ, addr, ok := strings.Cut(v, ";")
	if !ok || strings.ContainsAny(typ, "@<") {
		typ, addr = "", v
	}
	addr = strings.TrimSpace(addr)
	if i := strings.IndexByte(addr, '<'); i >= 0 {
		addr = addr[i+1:]
		if k := strings.LastIndexByte(addr, '>'); k >= 0 {
			addr = addr[:k]
		}
	} else if i := strings.IndexAny(addr, " \t"); i > 0 && !strings.HasPrefix(addr, `"`) {
		addr = addr[:i]
	}
	addr = strings.TrimSpace(strings.TrimSuffix(addr, ">"))
	if strings.EqualFold(strings.TrimSpace(typ), "utf-8") {
		return decodeUTF8Addr(addr)
	}
	return decodeXText(addr)
}

// decodeXText undoes xtext (RFC 3461 section 4) for the two characters that
// encoders must escape. Others stay: "+AB" may be part of an address as well.
func decodeXText(s string) string {
	if strings.IndexByte(s, '+') < 0 {
		return s
	}
	return strings.NewReplacer("+2B", "+", "+3D", "=").Replace(s)
}

// decodeUTF8Addr undoes the \x{HEX} of utf-8-addr-xtext and
// utf-8-addr-unitext (RFC 6533 section 3).
func decodeUTF8Addr(s string) string {
	if !strings.Contains(s, `\x{`) {
		return s
	}
	var out strings.Builder
	for {
		i := strings.Index(s, `\x{`)
		if i < 0 {
			break
		}
		end := strings.IndexByte(s[i:min(len(s), i+10)], '}')
		if end < 0 {
			out.WriteString(s[:i+3])
			s = s[i+3:]
			continue
		}
		out.WriteString(s[:i])
		r, err := strconv.ParseUint(s[i+3:i+end], 16, 32)
		if err != nil || !utf8.ValidRune(rune(r)) {
			out.WriteString(s[i : i+end+1])
		} else {
			out.WriteRune(rune(r))
		}
		s = s[i+end+1:]
	}
	out.WriteString(s)
	return out.String()
}

// statusOf reads a Status field (RFC 3464 section 2.3.4): the code without its
// comment, "" when there is none.
func statusOf(v string) string {
	for i := range v {
		if n := enhancedAt(v, i); n > 0 {
			return v[i : i+n]
		}
	}
	return ""
}

func firstWord(v string) string {
	if i := strings.IndexAny(v, " \t(;"); i >= 0 {
		v = v[:i]
	}
	return v
}

// inlineDelivery finds delivery-status fields in a text: a notice that has no
// part for them, or whose parts were flattened.
func inlineDelivery(text []byte) []byte {
	for pos := 0; pos < len(text); {
		end := pos + bytes.IndexByte(text[pos:], '\n') + 1
		if end == pos {
			end = len(text)
		}
		line := text[pos:end]
		if hasFold(line, "reporting-mta:") || hasFold(line, "final-recipient:") || hasFold(line, "original-recipient:") {
			return text[pos:]
		}
		pos = end
	}
	return nil
}

// hasFold tells whether line starts with prefix, which is in lower case.
func hasFold(line []byte, prefix string) bool {
	return len(line) >= len(prefix) && strings.EqualFold(string(line[:len(prefix)]), prefix)
}
