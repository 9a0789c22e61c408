package dkim

import (
	"bytes"
	"encoding/binary"
	"io"
	"math/bits"
)

// stage is how many canonical octets are gathered before they go to the hash;
// longer runs go straight there.
const stage = 512

// bodyCanon brings a body to canonical form as it comes (RFC 6376 sections 3.4.3
// and 3.4.4) and writes it to out. It keeps only what the next octets decide:
// line ends that may be the empty lines at the end, and white space before them.
type bodyCanon struct {
	out     io.Writer // never fails
	relaxed bool

	lines int64 // line ends held back
	wsp   bool  // white space held back, relaxed only
	cr    bool  // a CR held back, which may be half a line end
	some  bool  // text was written

	n   int
	buf [stage]byte
}

// Write takes the next piece of the body.
func (b *bodyCanon) Write(p []byte) (int, error) {
	i := 0
	for i < len(p) && b.holds(p[i]) {
		b.hold(p[i])
		i++
	}
	if i == len(p) {
		return len(p), nil
	}
	b.release()
	end := len(p)
	for b.holds(p[end-1]) {
		end--
	}
	if b.relaxed {
		b.relaxedText(p[i:end])
	} else {
		b.simpleText(p[i:end])
	}
	for _, c := range p[end:] {
		b.hold(c)
	}
	return len(p), nil
}

// holds tells octets that can't be written before the next ones are seen.
func (b *bodyCanon) holds(c byte) bool {
	return c == '\n' || c == '\r' || b.relaxed && (c == ' ' || c == '\t')
}

func (b *bodyCanon) hold(c byte) {
	if c == '\n' {
		b.cr, b.wsp = false, false // white space before it is nothing
		b.lines++
		return
	}
	if b.cr { // the CR held back is an octet like any other
		b.release()
	}
	if c == '\r' {
		b.cr = true
	} else {
		b.wsp = true
	}
}

// release writes what was held back, since text follows.
func (b *bodyCanon) release() {
	for b.lines > 0 {
		n := min(b.lines, int64(len(crlfs)/2))
		b.emit(crlfs[:2*n])
		b.lines -= n
	}
	if b.wsp {
		b.emit(space)
	}
	if b.cr {
		b.emit(carriageReturn)
	}
	b.wsp, b.cr, b.some = false, false, true
}

// finish writes the end: one CRLF where there is text, and in simple form always.
func (b *bodyCanon) finish() {
	if b.cr { // no LF came: it is text
		b.release()
	}
	if b.some || !b.relaxed {
		b.emit(crlfs[:2])
	}
	b.flush()
}

var (
	crlfs          = bytes.Repeat([]byte("\r\n"), 256)
	space          = []byte{' '}
	carriageReturn = []byte{'\r'}
)

// simpleText writes text that neither starts nor ends with a line end.
func (b *bodyCanon) simpleText(p []byte) {
	start := 0
	for i := 0; ; {
		n := bytes.IndexByte(p[i:], '\n')
		if n < 0 {
			break
		}
		i += n
		if p[i-1] != '\r' { // bare LF
			b.emit(p[start:i])
			b.emit(crlfs[:2])
			start = i + 1
		}
		i++
	}
	b.emit(p[start:])
}

// relaxedText writes text that neither starts nor ends with white space or a
// line end. Runs without anything to change are written as they are.
func (b *bodyCanon) relaxedText(p []byte) {
	start := 0
	for i := 0; ; {
		i = nextCandidate(p, i)
		if i == len(p) {
			break
		}
		switch c := p[i]; c {
		case '\r':
			if p[i+1] == '\n' {
				i++
			}
			i++
		case '\n': // bare LF, the others were stepped over with their CR
			b.emit(p[start:i])
			b.emit(crlfs[:2])
			i++
			start = i
		case ' ', '\t':
			j := i + 1
			for isWSP(p[j]) {
				j++
			}
			last := p[j] == '\n' || p[j] == '\r' && p[j+1] == '\n'
			if j == i+1 && c == ' ' && !last {
				i = j
				continue
			}
			b.emit(p[start:i])
			if !last {
				b.emit(space)
			}
			i, start = j, j
		default: // another control octet
			i++
		}
	}
	b.emit(p[start:])
}

// nextCandidate gives the first place from i on at which relaxed form may differ:
// a control octet, or a space followed by a space or a control octet; len(p)
// without one. It looks at eight octets at once, the last of which is the first
// of the next eight, so that every pair is seen. There is no branch for octets
// that are fine: words have any length, and a processor can't foretell them.
func nextCandidate(p []byte, i int) int {
	const (
		low  = 0x7f7f7f7f7f7f7f7f
		high = 0x8080808080808080
		add  = 0x5f5f5f5f5f5f5f5f // 0x7f - ' '
	)
	for ; i+15 <= len(p); i += 14 { // two at a time, which depend on nothing
		q := p[i : i+15 : i+15]
		x, y := binary.LittleEndian.Uint64(q), binary.LittleEndian.Uint64(q[7:])
		// m has the high bit of each octet that is at most a space. Among
		// those a space is the one with the bit 0x20.
		m := ^((x&low + add) | x) & high
		n := ^((y&low + add) | y) & high
		c, d := m&(m>>8|^(x<<2)), n&(n>>8|^(y<<2))
		if c != 0 {
			return i + bits.TrailingZeros64(c)/8
		}
		if d != 0 {
			return i + 7 + bits.TrailingZeros64(d)/8
		}
	}
	for ; i < len(p); i++ {
		c := p[i]
		if c < ' ' || c == ' ' && i+1 < len(p) && p[i+1] <= ' ' {
			return i
		}
	}
	return i
}

// emit writes canonical octets, short ones through the buffer.
func (b *bodyCanon) emit(p []byte) {
	if len(p) <= len(b.buf)-b.n {
		b.n += copy(b.buf[b.n:], p)
		return
	}
	b.flush()
	if len(p) < len(b.buf)/2 {
		b.n = copy(b.buf[:], p)
		return
	}
	b.out.Write(p)
}

func (b *bodyCanon) flush() {
	if b.n > 0 {
		b.out.Write(b.buf[:b.n])
		b.n = 0
	}
}
