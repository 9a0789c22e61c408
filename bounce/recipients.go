package bounce

import (
	"strings"
	"unicode/utf8"
)

// addresses files the addresses of a line of a notice by what the line is.
func (s *said) addresses(line string) {
	if len(s.listed)+len(s.named)+len(s.other) > maxRecipients {
		return
	}
	if addr := wholeLine(line); addr != "" {
		s.listed = appendAddress(s.listed, addr)
		return
	}
	low := string(s.lower)
	if strings.Contains(low, "message-id") || strings.Contains(low, "message id") || strings.Contains(low, "expanded from") && line[0] == '(' {
		return
	}
	for pos := 0; pos < len(line); {
		start, end := nextAddress(line, pos)
		if start < 0 {
			return
		}
		pos = end
		before := strings.TrimRight(low[:min(start, len(low))], " <\"'")
		addr := line[start:end]
		switch {
		case strings.HasSuffix(before, "from:") || strings.HasSuffix(before, "from") || strings.HasSuffix(before, "envelope-from") ||
			strings.HasSuffix(before, "sender:") || strings.HasSuffix(before, "mailto:") || strings.HasSuffix(before, "contact") || strings.HasSuffix(before, "(expanded"):
			// the sender, or whom to ask
		case strings.HasSuffix(before, "rcpt to:"), strings.HasSuffix(before, "rcpt:"), strings.HasSuffix(before, "recipient:"), strings.HasSuffix(before, "recipient"),
			strings.HasSuffix(before, "recipients:"), strings.HasSuffix(before, "address:"), strings.HasSuffix(before, "addressee:"), strings.HasSuffix(before, " to:"),
			start <= 1 && end < len(line), // "<a@b.example>: host said", "a@b.example... User unknown"
			strings.HasPrefix(before, "5") && isReply(line, 0), strings.HasPrefix(before, "4") && isReply(line, 0):
			s.named = appendAddress(s.named, addr)
		default:
			s.other = appendAddress(s.other, addr)
		}
	}
}

// appendAddress appends an address that is not yet there.
func appendAddress(list []string, addr string) []string {
	for _, a := range list {
		if strings.EqualFold(a, addr) {
			return list
		}
	}
	return append(list, addr)
}

// wholeLine gives the address when the line holds one and nothing else but
// brackets, quotes, list marks, a colon behind it, a name or a label before it:
//
//	a@b.example    <a@b.example>:    - a@b.example    Name<mailto:a@b.example>
//	a@b.example<mailto:a@b.example>    To: a@b.example
func wholeLine(line string) string {
	start, end := nextAddress(line, 0)
	if start < 0 {
		return ""
	}
	addr := line[start:end]
	before := strings.Trim(line[:start], " \t<\"'*-•·>[(")
	rest := strings.Trim(line[end:], " \t>:;,.\"')]…")
	if strings.HasPrefix(rest, "<mailto:") || strings.EqualFold(strings.Trim(rest, "< "), addr) {
		rest = "" // the same once more
	}
	if rest != "" {
		return ""
	}
	switch low := strings.ToLower(before); {
	case low == "":
		return addr
	case strings.HasSuffix(low, "mailto:") && strings.Count(low, " ") <= 4: // Name<mailto:…>
		return addr
	}
	for _, label := range [...]string{"to:", "recipient:", "recipient address:", "recipients:", "rcpt to:", "user:", "address:", "empfänger:", "destinataire :", "destinataire:", "destinatario:", "destinatário:", "ontvanger:", "odbiorca:", "получатель:", "宛先:", "收件人:", "收件人："} {
		if strings.EqualFold(before, label) {
			return addr
		}
	}
	return ""
}

// nextAddress finds the next address in s from pos: the offsets of its start and
// end, -1 when there is none.
func nextAddress(s string, pos int) (start, end int) {
	for {
		i := strings.IndexByte(s[pos:], '@')
		if i < 0 {
			return -1, -1
		}
		at := pos + i
		start = at
		for start > 0 && at-start < 256 && isLocal(s[start-1]) {
			start--
		}
		for start < at && strings.IndexByte("'`*=.-/", s[start]) >= 0 && s[start] != '=' {
			start++
		}
		start += wideBefore(s[start:at])
		end = at + 1
		for end < len(s) && end-at < 256 && isDomain(s[end]) {
			end++
		}
		// The text around may touch: "a@b.example." and "a@b.example..."
		domain := strings.TrimRight(s[at+1:end], ".-")
		domain = trimWide(domain)
		end = at + 1 + len(domain)
		if start < at && strings.IndexByte(domain, '.') > 0 && !strings.Contains(domain, "..") && domain[len(domain)-1] > '9' {
			return start, end
		}
		pos = at + 1
	}
}

// trimWide ends a domain at the first full-width punctuation: text in Chinese
// or Japanese has no space behind an address.
func trimWide(domain string) string {
	for i := 0; i < len(domain); {
		if domain[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(domain[i:])
		if r >= 0x2010 && r <= 0x206f || r >= 0x3000 && r <= 0x303f || r >= 0xff00 && r <= 0xffef || r == 0xa0 {
			return domain[:i]
		}
		i += n
	}
	return domain
}

// wideBefore gives the length of text in Chinese, Japanese or Korean that touches
// a local part in ASCII.
func wideBefore(local string) int {
	if local == "" || local[len(local)-1] >= utf8.RuneSelf {
		return 0
	}
	for i := len(local); i > 0; {
		r, n := utf8.DecodeLastRuneInString(local[:i])
		if r >= 0x2e80 && r != utf8.RuneError {
			return i
		}
		i -= n
	}
	return 0
}

// isLocal tells octets of an unquoted local part (RFC 5322 section 3.2.3, RFC
// 6531 section 3.3).
func isLocal(c byte) bool {
	return isAlnum(c) || strings.IndexByte("!#$%&'*+-/=?^_`{|}~.", c) >= 0
}

func isDomain(c byte) bool { return isAlnum(c) || c == '-' || c == '.' || c == '_' }

// failedOf chooses the recipients that a text reports: those with a line for
// themselves, else those that a reply names, else the first other address that
// is not of the notice itself. An owner may have written to himself, so that his
// own address counts where it is the only one listed.
func (s *said) failedOf(self func(addr string) bool) []string {
	for _, list := range [...][]string{s.listed, s.named} {
		if out := without(list, self); len(out) > 0 {
			return out
		}
	}
	if len(s.listed) > 0 {
		return s.listed
	}
	if len(s.named) > 0 {
		return s.named
	}
	if out := without(s.other, self); len(out) > 0 {
		return out[:1]
	}
	return nil
}

func without(list []string, drop func(string) bool) []string {
	var out []string
	for _, a := range list {
		if !drop(a) {
			out = append(out, a)
		}
	}
	return out
}
