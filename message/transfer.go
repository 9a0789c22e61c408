package message

import "bytes"

// appendBase64 appends what src encodes (RFC 2045 section 6.8). Octets outside
// the alphabet are passed over, padding ends a group wherever it stands, an
// incomplete last group gives the octets that it has.
func appendBase64(dst, src []byte) []byte {
	var acc uint32
	n := 0
	for _, c := range src {
		v := base64Value[c]
		if v < 64 {
			acc = acc<<6 | uint32(v)
			if n++; n == 4 {
				dst = append(dst, byte(acc>>16), byte(acc>>8), byte(acc))
				acc, n = 0, 0
			}
			continue
		}
		if c == '=' {
			dst = flushBase64(dst, acc, n)
			acc, n = 0, 0
		}
	}
	return flushBase64(dst, acc, n)
}

func flushBase64(dst []byte, acc uint32, n int) []byte {
	switch n {
	case 2:
		return append(dst, byte(acc>>4))
	case 3:
		return append(dst, byte(acc>>10), byte(acc>>2))
	}
	return dst
}

// base64Value maps an octet to its six bits, 255 outside the alphabet.
var base64Value = func() (t [256]byte) {
	for i := range t {
		t[i] = 255
	}
	for i, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") {
		t[c] = byte(i)
	}
	return t
}()

// appendQuotedPrintable appends what src encodes (RFC 2045 section 6.7). An
// equals sign that starts no octet stays as it is.
func appendQuotedPrintable(dst, src []byte) []byte {
	for len(src) > 0 {
		i := bytes.IndexByte(src, '=')
		if i < 0 {
			return append(dst, src...)
		}
		dst = append(dst, src[:i]...)
		src = src[i+1:]
		switch {
		case len(src) >= 2 && isHex(src[0]) && isHex(src[1]):
			dst = append(dst, unhex(src[0])<<4|unhex(src[1]))
			src = src[2:]
		default:
			n := softBreak(src)
			if n < 0 {
				dst = append(dst, '=')
				n = 0
			}
			src = src[n:]
		}
	}
	return dst
}

// softBreak gives the length of a soft line break after its equals sign, -1
// when there is none. White space before the line end was added on the way
// (rule 3); more than a line of it is none.
func softBreak(src []byte) int {
	for i, c := range src[:min(len(src), 80)] {
		switch c {
		case '\n':
			return i + 1
		case ' ', '\t', '\r':
		default:
			return -1
		}
	}
	if len(src) < 80 {
		return len(src) // the body ends here
	}
	return -1
}
