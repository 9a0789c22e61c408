package message

import (
	"net/netip"
	"strings"
)

// maxReceived bounds what is read of one Received field; real ones have under
// 1 KB. It also bounds the work for a line made of brackets.
const maxReceived = 8 << 10

// ParseReceived reads a Received field (RFC 5321 section 4.4) in the dialects of
// Sendmail, Postfix, Exim, qmail, Exchange, Domino, Courier, web mail and their
// kin. What it can't find stays empty; it never fails.
func ParseReceived(f Field) Hop {
	h := Hop{Field: f}
	v := f.Value()
	if len(v) > maxReceived {
		v = v[:maxReceived]
	}
	p := receivedParser{hop: &h, s: cutDate(v, &h)}
	p.read()
	p.finish()
	return h
}

// cutDate takes the date from the end of a Received value and gives the rest.
func cutDate(v string, h *Hop) string {
	if i := strings.LastIndexByte(v, ';'); i >= 0 {
		if t, ok := ParseDate(v[i+1:]); ok {
			h.Time = t
			return v[:i]
		}
		// A comment with a semicolon may follow the date.
		if k := strings.IndexByte(v, ';'); k != i {
			if t, ok := ParseDate(v[k+1:]); ok {
				h.Time = t
				return v[:k]
			}
		}
	}
	for _, day := range [...]string{"Mon, ", "Tue, ", "Wed, ", "Thu, ", "Fri, ", "Sat, ", "Sun, "} {
		if i := strings.LastIndex(v, day); i >= 0 {
			if t, ok := ParseDate(v[i:]); ok {
				h.Time = t
				return v[:i]
			}
		}
	}
	return v
}

// clause is the part of a Received field that is being read.
type clause byte

const (
	clauseNone clause = iota
	clauseFrom
	clauseBy
	clauseWith
	clauseID
	clauseFor
	clauseVia
)

// receivedParser reads the clauses of one field from left to right.
type receivedParser struct {
	hop *Hop
	s   string
	at  clause
	// from is the word after "from", literal the bracketed word after it.
	from, literal string
	// helo is the name that a comment says was given with HELO.
	helo, via    string
	words        int // in the current clause
	fromComments int
	open         bool // a comment that never closes was met
	// unread: a comment about the client gave no address that can be read, so a
	// literal outside it may be the client's word. several: they gave different
	// ones.
	unread, several bool
	bys             int // by clauses; a second one may be the client's word
	// inOrder: the protocol stands behind the one by clause (RFC 5321 section 4.4),
	// where a name in HELO cannot put it.
	inOrder bool
}

// read goes over the words and comments of the field.
func (p *receivedParser) read() {
	s := p.s
	for i := 0; i < len(s); {
		c := s[i]
		if c == ' ' || c == '\t' || c == ';' || c == ',' || c == ')' {
			i++
			continue
		}
		if c == '(' {
			if p.open { // one comment never closes: brackets tell nothing more
				i++
				continue
			}
			end := p.commentEnd(i)
			p.comment(strings.TrimSuffix(s[i+1:end], ")"))
			i = end
			continue
		}
		end := p.wordEnd(i)
		p.word(s[i:end])
		i = end
	}
}

// wordEnd gives the end of the word at i. Angle brackets hold an address together,
// which may have blanks in quotes; nothing else of the field may.
func (p *receivedParser) wordEnd(i int) int {
	s := p.s
	if s[i] == '<' && p.at == clauseFor {
		if n := strings.IndexByte(s[i:], '>'); n > 0 {
			return i + n + 1
		}
	}
	end := i + 1
	for end < len(s) && s[end] != ' ' && s[end] != '\t' && s[end] != '(' && s[end] != ';' {
		end++
	}
	return end
}

// commentEnd gives the end of the comment at i. One that never closes ends
// before the next clause.
func (p *receivedParser) commentEnd(i int) int {
	end, closed := skipComment(p.s, i)
	if closed {
		return end
	}
	p.open = true
	for _, word := range [...]string{" by ", " with ", " id ", " for "} {
		if n := strings.Index(p.s[i:end], word); n > 0 {
			end = i + n
		}
	}
	return end
}

// word takes a word outside comments.
func (p *receivedParser) word(w string) {
	if next := clauseOf(w); next != clauseNone && !(next == p.at && p.words == 0) {
		p.at, p.words = next, 0
		if next == clauseBy {
			p.bys++
		}
		return
	}
	p.words++
	switch p.at {
	case clauseFrom:
		if p.words == 1 {
			p.from = w
		} else if p.literal == "" && w[0] == '[' {
			p.literal = w
		}
	case clauseBy:
		if p.words == 1 || p.words == 2 && p.hop.By == "host" { // indimail: "by host NAME"
			p.hop.By = strings.Trim(w, "[].,")
		}
	case clauseWith:
		// "Microsoft SMTP Server", "MailEnable ESMTP": the protocol is the word
		// that has a known ending.
		if up := upperASCII(w); p.words == 1 || p.words <= 3 && !isProtocol(p.hop.With) && isProtocol(up) {
			p.hop.With, p.inOrder = up, p.bys == 1
		}
	case clauseID:
		if p.words == 1 {
			p.hop.ID = w
		}
	case clauseFor:
		if p.words == 1 {
			p.hop.For = strings.Trim(w, "<>")
		}
	case clauseVia:
		if p.words == 1 {
			p.via = strings.ToUpper(w)
		}
	}
}

func clauseOf(w string) clause {
	if len(w) < 2 || len(w) > 4 {
		return clauseNone
	}
	switch w {
	case "from", "From", "FROM":
		return clauseFrom
	case "by", "By", "BY":
		return clauseBy
	case "with", "With", "WITH":
		return clauseWith
	case "id", "Id", "ID":
		return clauseID
	case "for", "For", "FOR":
		return clauseFor
	case "via", "Via", "VIA":
		return clauseVia
	}
	return clauseNone
}

// isProtocol tells the words of RFC 3848, RFC 6531 section 4.3 and of practice.
func isProtocol(w string) bool {
	switch w {
	case "LOCAL", "HTTP", "HTTPS", "UUCP", "NNFMP", "MAPI", "ASMTP", "QMQP", "QMTP", "BSMTP":
		return true
	}
	return strings.Contains(w, "SMTP") || strings.Contains(w, "LMTP")
}

// finish derives what rests on several clauses.
func (p *receivedParser) finish() {
	h := p.hop
	if h.With == "" {
		h.With = p.via
	}
	bare := parseIP(p.from)
	if p.helo != "" {
		h.HELO = p.helo
		if h.FromName == "" && !bare.IsValid() && p.from != "" {
			h.FromName = hostName(p.from)
		}
	} else {
		h.HELO = strings.Trim(p.from, "?")
	}
	switch {
	case p.several:
		h.FromIP, h.Ambiguous = netip.Addr{}, true
	case h.FromIP.IsValid():
	case p.unread || p.bys > 1:
		h.Ambiguous = parseIP(p.literal).IsValid() || bare.IsValid()
	default:
		if ip := parseIP(p.literal); ip.IsValid() {
			h.FromIP = ip
		} else if p.fromIsAddress() {
			h.FromIP = bare
		}
	}
	switch {
	case LoginProtocol(h.With):
		h.Authenticated = h.Authenticated || p.inOrder && p.bys == 1
	case h.With == "LOCAL", h.With == "UUCP":
		h.Local = true
		if h.LocalUser == "" {
			h.LocalUser = p.from
		}
	}
}

// LoginProtocol tells the protocol words of a Received field, as [Hop.With] has
// them, that stand for a session in which the client had logged in (RFC 3848, RFC
// 6531 section 4.3, and "ASMTP" of practice). The receiving host chooses that word,
// and the client has none in it.
func LoginProtocol(with string) bool {
	switch with {
	case "ESMTPA", "ESMTPSA", "LMTPA", "LMTPSA", "SMTPA", "SMTPSA", // RFC 3848
		"UTF8SMTPA", "UTF8SMTPSA", "UTF8LMTPA", "UTF8LMTPSA", // RFC 6531 section 4.3
		"ASMTP", "ASMTPS":
		return true
	}
	return false
}

// fromIsAddress tells whether the word after "from" is an address literal that
// the receiving host wrote: in brackets, or bare in web mail's lines.
func (p *receivedParser) fromIsAddress() bool {
	return strings.HasPrefix(p.from, "[") || p.from != "" && p.fromComments == 0 || strings.HasPrefix(p.hop.With, "HTTP")
}

// hostName gives w when it may be a looked-up name, else "".
func hostName(w string) string {
	w = strings.TrimSuffix(w, ".")
	if w == "" || strings.EqualFold(w, "unknown") || strings.ContainsAny(w, "[]=@:?") || parseIP(w).IsValid() {
		return ""
	}
	return w
}

// upperASCII leaves all but letters of ASCII alone, octets that are no UTF-8 too.
func upperASCII(s string) string {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return s
		}
	}
	return strings.ToUpper(s)
}
