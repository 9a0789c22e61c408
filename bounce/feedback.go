package bounce

import (
	"strings"

	"unspoof/message"
)

// parseFeedback reads the fields of a feedback report (RFC 5965 section 3, RFC
// 6591 section 3).
func parseFeedback(p *message.Part) *Feedback {
	b, _, _ := p.Decode(maxReport)
	f := new(Feedback)
	set := func(dst *string, v string) {
		if *dst == "" {
			*dst = v
		}
	}
	eachField(b, func(name, v string) {
		var buf [40]byte
		switch string(lowerName(&buf, name)) {
		case "feedback-type":
			set(&f.Type, strings.ToLower(v))
		case "source-ip":
			set(&f.SourceIP, strings.Trim(firstWord(v), "[]"))
		case "original-mail-from":
			set(&f.OriginalMailFrom, bare(v))
		case "original-rcpt-to":
			set(&f.OriginalRcptTo, bare(v))
		case "reported-domain":
			set(&f.ReportedDomain, v)
		}
	})
	return f
}

// parseDisposition gives the recipient that a disposition notification is about
// (RFC 8098 section 3.2).
func parseDisposition(p *message.Part) string {
	b, _, _ := p.Decode(maxReport)
	recipient, original := "", ""
	eachField(b, func(name, v string) {
		var buf [40]byte
		switch string(lowerName(&buf, name)) {
		case "final-recipient":
			recipient = recipientOf(v)
		case "original-recipient":
			original = recipientOf(v)
		}
	})
	if recipient == "" {
		return original
	}
	return recipient
}

// eachField calls fn for each field of a machine-readable part, blank lines
// passed over.
func eachField(b []byte, fn func(name, value string)) {
	for range maxHops {
		for len(b) > 0 && (b[0] == '\r' || b[0] == '\n') {
			b = b[1:]
		}
		if len(b) == 0 {
			return
		}
		h, n, _ := message.ReadHeader(b)
		for _, f := range h.Fields {
			fn(f.Name, f.Value())
		}
		if n == 0 {
			n = lineEnd(b, 0)
		}
		b = b[n:]
	}
}

// bare removes angle brackets.
func bare(v string) string {
	v = strings.TrimSpace(v)
	if strings.HasPrefix(v, "<") && strings.HasSuffix(v, ">") {
		v = v[1 : len(v)-1]
	}
	return v
}
