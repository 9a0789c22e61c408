package dkim

import (
	"bytes"
	"crypto/sha256"
)

// AppendField appends a header field in canonical form, with its CRLF (RFC 6376
// sections 3.4.1 and 3.4.2). raw is the whole field as it stands.
func AppendField(dst, raw []byte, c Canonicalization) []byte {
	if c == Relaxed {
		return append(appendRelaxed(dst, raw), '\r', '\n')
	}
	return append(appendSimple(dst, raw), '\r', '\n')
}

// AppendUnsigned appends the signature's own field as it was hashed: canonical,
// the value of b= taken out, without the CRLF (RFC 6376 section 3.7).
func (s Signature) AppendUnsigned(dst []byte) []byte { return s.appendUnsigned(dst) }

func (s *Signature) appendUnsigned(dst []byte) []byte {
	b, ok := s.Tags.find("b")
	if !ok {
		return dst
	}
	var tmp [2048]byte
	raw := append(append(tmp[:0], s.raw[:b.start]...), s.raw[b.end:]...)
	if s.HeaderCanon == Relaxed {
		return appendRelaxed(dst, raw)
	}
	return appendSimple(dst, raw)
}

// HeaderDigest gives the SHA-256 that the signature value must fit: the fields
// of h=, from the bottom up, then the signature's own field (RFC 6376 sections
// 3.7 and 5.4.2). index is the signature's own field in h, -1 if it is not in.
func (s Signature) HeaderDigest(h *Header, index int) [32]byte {
	return s.headerDigest(h, index)
}

func (s *Signature) headerDigest(h *Header, index int) [32]byte {
	var tmp [2048]byte // most headers
	buf := tmp[:0]
	if len(h.data) > len(tmp) {
		buf = make([]byte, 0, len(h.data)+len(s.raw))
	}
	h.startSelection()
	for _, name := range s.Signed {
		if i := h.take(name, index); i >= 0 { // a field that is not there is nothing
			buf = AppendField(buf, h.Raw(i), s.HeaderCanon)
		}
	}
	return sha256.Sum256(s.appendUnsigned(buf))
}

// appendSimple appends a field unchanged, without its line end, bare LF as CRLF.
func appendSimple(dst, raw []byte) []byte {
	raw = cutLineEnd(raw)
	for {
		n := bytes.IndexByte(raw, '\n')
		if n < 0 {
			return append(dst, raw...)
		}
		line := raw[:n]
		if n > 0 && raw[n-1] == '\r' {
			line = raw[:n-1]
		}
		dst = append(append(dst, line...), '\r', '\n')
		raw = raw[n+1:]
	}
}

// appendRelaxed appends a field in relaxed form, without its line end: name in
// lower case, unfolded, runs of white space as one space, none at the ends nor
// around the colon.
func appendRelaxed(dst, raw []byte) []byte {
	raw = cutLineEnd(raw)
	colon := bytes.IndexByte(raw, ':')
	if colon < 0 {
		colon = len(raw)
	}
	for _, c := range bytes.TrimRight(raw[:colon], " \t") {
		dst = append(dst, lower(c))
	}
	if colon == len(raw) {
		return dst
	}
	dst = append(dst, ':')
	value := raw[colon+1:]
	space, start := true, 0 // white space at the start is dropped
	for i := 0; i < len(value); i++ {
		c := value[i]
		if c > ' ' {
			space = false
			continue
		}
		fold := c == '\n' || c == '\r' && i+1 < len(value) && value[i+1] == '\n'
		if c == ' ' && !space {
			space = true // the one space that stays
			continue
		}
		if !fold && !isWSP(c) { // a control octet, or a bare CR
			space = false
			continue
		}
		dst = append(dst, value[start:i]...)
		if !space && !fold {
			dst = append(dst, ' ')
			space = true
		}
		start = i + 1
	}
	dst = append(dst, value[start:]...)
	if space && len(dst) > 0 && dst[len(dst)-1] == ' ' {
		dst = dst[:len(dst)-1]
	}
	return dst
}

// cutLineEnd removes one line end. A CR without LF is none.
func cutLineEnd(raw []byte) []byte {
	if n := len(raw); n > 0 && raw[n-1] == '\n' {
		return bytes.TrimSuffix(raw[:n-1], []byte{'\r'})
	}
	return raw
}
