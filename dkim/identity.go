package dkim

import "strings"

// readIdentity reads i= (RFC 6376 section 3.5): of DKIM-Signature an identity
// under d=, of the ARC kinds a number.
func (s *Signature) readIdentity() *Fault {
	v, ok := s.Tags.Get("i")
	if s.Kind != DKIM {
		n, isNumber := digits(v, 2)
		if !isNumber || n < 1 || n > 50 { // RFC 8617 section 4.2.1
			return faultf(PermError, "instance i=%q is not 1 to 50", clip(v))
		}
		s.Identity = v
		return nil
	}
	if !ok {
		s.Identity = "@" + s.Domain
		return nil
	}
	id, ok := decodeQuoted(v)
	if !ok {
		return faultf(PermError, "i= is no quoted-printable text")
	}
	at := strings.LastIndexByte(id, '@')
	switch {
	case control(id) >= 0 || strings.ContainsAny(id, "\r\n\t"):
		return faultf(PermError, "i= has a control octet")
	case at < 0:
		return faultf(PermError, "i=%q has no @", clip(id))
	}
	domain := id[at+1:]
	if why := checkDomain(domain, 1); why != "" {
		return faultf(PermError, "domain of i=%q %s", clip(id), why)
	}
	if inside, _ := within(domain, s.Domain); !inside {
		return faultf(PermError, "i=%q is outside d=%s", clip(id), clip(s.Domain))
	}
	s.Identity = id
	return nil
}

// identityDomain gives the domain of i=.
func (s *Signature) identityDomain() string {
	return s.Identity[strings.LastIndexByte(s.Identity, '@')+1:]
}

// decodeQuoted undoes dkim-quoted-printable (RFC 6376 section 2.11): white space
// counts for nothing, "=XX" is an octet.
func decodeQuoted(s string) (string, bool) {
	s = dropFWS(s)
	if strings.IndexByte(s, '=') < 0 {
		return s, true
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '=' {
			out = append(out, s[i])
			continue
		}
		if i+2 >= len(s) {
			return "", false
		}
		hi, lo := unhex(s[i+1]), unhex(s[i+2])
		if hi < 0 || lo < 0 {
			return "", false
		}
		out = append(out, byte(hi<<4|lo))
		i += 2
	}
	return string(out), true
}

func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f': // the RFC wants upper case
		return int(c|0x20-'a') + 10
	}
	return -1
}
