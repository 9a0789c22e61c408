package mbox

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"unspoof/message"
)

var from = []byte("From ")

// scan is the reading of one message.
type scan struct {
	*Reader
	blank  bool // the line before was blank
	inLine bool // the piece goes on with a line
	header bool // in the header

	length int64 // Content-Length, -1 without one
	body   int   // where the body starts in msg
	taken  int64 // octets of the body taken
	first  mark  // the first separator inside the length
	marked bool
}

// mark is a place to go back to.
type mark struct {
	msg int   // length of msg there
	pos int64 // offset in the mailbox
}

// read takes lines into msg until the next separator.
func (s *scan) read() {
	for {
		if s.atLength() {
			return
		}
		piece, err := s.src.ReadSlice('\n')
		if len(piece) > 0 && s.piece(piece, err == nil) {
			return
		}
		switch {
		case err == nil, errors.Is(err, bufio.ErrBufferFull):
		default:
			if !errors.Is(err, io.EOF) {
				err = fmt.Errorf("mbox: reading at octet %d: %w", s.pos, err)
			}
			s.err = err
			if s.length >= 0 && s.taken != s.length && s.marked {
				s.goBack() // the length is wrong: what looked like a separator is one
				return
			}
			s.trim()
			return
		}
	}
}

// piece takes a line or a part of one; true when it is the separator of the next
// message.
func (s *scan) piece(b []byte, whole bool) bool {
	begins := !s.inLine
	s.inLine = !whole
	if begins && s.blank && !s.header && bytes.HasPrefix(b, from) {
		b = bytes.Clone(b) // a look ahead moves the buffer
	}
	if begins && s.blank && !s.header && bytes.HasPrefix(b, from) && s.separates(b) {
		if s.length < 0 || s.taken >= s.length || s.noLengths {
			s.separator = s.pos
			s.pos += int64(len(b))
			s.open = true
			if !whole && s.skipLine() != nil {
				s.open = false
			}
			s.trim()
			return true
		}
		if !s.marked {
			s.marked, s.first = true, mark{len(s.msg), s.pos}
		}
	}
	s.pos += int64(len(b))
	if !s.header {
		s.taken += int64(len(b))
	}
	if begins && whole {
		s.blank = len(b) == 1 || len(b) == 2 && b[0] == '\r'
		if s.header {
			s.headerLine(b)
			s.body = len(s.msg) + len(b)
		}
	} else {
		s.blank = false
	}
	s.keep(b)
	return false
}

// keep appends b to the message up to the limit.
func (s *scan) keep(b []byte) {
	if room := s.limit() - len(s.msg); len(b) > room {
		s.lost += int64(len(b) - room)
		b = b[:room]
	}
	s.msg = append(s.msg, b...)
}

// separates tells whether a line separates: it has a date, or it is an address
// alone with a header behind it.
func (s *scan) separates(line []byte) bool {
	if isSeparator(line) {
		return true
	}
	if addr := bytes.TrimSpace(line[len(from):]); bytes.IndexByte(addr, '@') <= 0 || bytes.IndexByte(addr, ' ') >= 0 {
		return false
	}
	next, _ := s.src.Peek(1024)
	return bytes.HasSuffix(line, []byte("\n")) && headerFollows(append([]byte("\n"), next...))
}

// headerLine looks at a line of the header: its end, and a Content-Length.
func (s *scan) headerLine(b []byte) {
	if s.blank {
		s.header = false
		// What a length covers must be kept, to go back if it is wrong.
		if int64(len(s.msg)+chunk)+s.length > int64(s.limit()) {
			s.length = -1
		}
		return
	}
	const name = "content-length:"
	if s.Variant == MboxO || s.Variant == MboxRD || s.noLengths || len(b) < len(name) || !strings.EqualFold(string(b[:len(name)]), name) {
		return
	}
	n, err := strconv.ParseInt(string(bytes.TrimSpace(b[len(name):])), 10, 64)
	if err == nil && n >= 0 && n < int64(s.limit()) {
		s.length = n
	}
}

// atLength checks, where the Content-Length says that the body ends, that it
// does: the mailbox ends there, or a blank line and a separator follow. True when
// the message is over.
func (s *scan) atLength() bool {
	if s.length < 0 || s.header || s.noLengths || s.taken < s.length {
		return false
	}
	next, _ := s.src.Peek(1024)
	skip := 0
	for skip < len(next) && skip < 4 && (next[skip] == '\n' || next[skip] == '\r') {
		skip++
	}
	switch rest := next[skip:]; {
	case s.taken == s.length && len(rest) == 0: // the end
		s.open = false
	case s.taken == s.length && isSeparator(rest):
		s.separator = s.pos + int64(skip)
		s.open = true
	default:
		s.noLengths = true
		if s.marked {
			s.goBack()
			return true
		}
		return false
	}
	if s.marked {
		s.raw = true
	}
	if _, err := s.src.Discard(skip); err != nil {
		s.err = err
	}
	s.pos += int64(skip)
	if s.open {
		if err := s.skipLine(); err != nil {
			s.err, s.open = err, false
		}
	}
	return true
}

// goBack ends the message at the first separator inside a Content-Length that
// proved wrong, and puts what was read behind it before the rest of the mailbox.
// It happens once a mailbox: no length is believed afterwards.
func (s *scan) goBack() {
	s.noLengths = true
	s.err = nil
	tail := bytes.Clone(s.msg[s.first.msg:])
	s.msg = s.msg[:s.first.msg]
	s.src = bufio.NewReaderSize(io.MultiReader(bytes.NewReader(tail), s.src), chunk)
	s.pos = s.first.pos
	s.lost = 0
	s.separator = s.pos
	s.open = true
	if err := s.skipLine(); err != nil {
		s.err, s.open = err, false
	}
	s.trim()
}

// trim removes the blank line that stands before a separator and at the end of a
// mailbox: it is not part of the message.
func (s *scan) trim() {
	if s.lost > 0 || s.header {
		return
	}
	switch b := s.msg; {
	case len(b) <= s.body: // the blank line behind the header is the message's
	case bytes.HasSuffix(b, []byte("\r\n\r\n")):
		s.msg = b[:len(b)-2]
	case bytes.HasSuffix(b, []byte("\n\n")):
		s.msg = b[:len(b)-1]
	}
}

// isSeparator tells a line "From sender date", the date as asctime or RFC 5322
// writes it.
func isSeparator(b []byte) bool {
	if i := bytes.IndexByte(b, '\n'); i >= 0 {
		b = b[:i]
	}
	if len(b) > 512 || !bytes.HasPrefix(b, from) {
		return false
	}
	rest := string(bytes.TrimSpace(b[len(from):]))
	// The sender may have spaces; the date begins with a weekday or stands
	// behind the first word.
	date := ""
	for _, day := range [...]string{" Mon", " Tue", " Wed", " Thu", " Fri", " Sat", " Sun"} {
		if i := strings.LastIndex(rest, day); i >= 0 {
			date = rest[i+1:]
			break
		}
	}
	if date == "" {
		if _, after, ok := strings.Cut(rest, " "); ok {
			date = strings.TrimSpace(after)
		}
	}
	// "From Monday Jan 5 10:00 2015 we were there" is a sentence.
	if strings.IndexByte(date, ':') < 0 || len(strings.Fields(date)) > 7 {
		return false
	}
	_, ok := message.ParseDate(date)
	return ok
}

// headerFollows tells whether the line behind the first of b is a header field.
func headerFollows(b []byte) bool {
	i := bytes.IndexByte(b, '\n')
	if i < 0 {
		return false
	}
	rest := b[i+1:]
	k := bytes.IndexByte(rest, ':')
	if k <= 0 {
		return false
	}
	for _, c := range rest[:k] {
		if c <= ' ' || c >= 0x7f {
			return false
		}
	}
	return true
}

// unmark removes the ">" that the variant put before lines of b, in place.
func (r *Reader) unmark(b []byte) []byte {
	deep := r.Variant == MboxRD || r.Variant == Auto // ">>From " too
	if r.Variant == MboxCL2 || r.Variant == Auto && r.raw {
		return b
	}
	out := 0
	for pos := 0; pos < len(b); {
		i := bytes.Index(b[pos:], []byte("\n>"))
		if i < 0 {
			out += copy(b[out:], b[pos:])
			break
		}
		line := pos + i + 1
		out += copy(b[out:], b[pos:line])
		end := line + 1
		for deep && end < len(b) && b[end] == '>' {
			end++
		}
		pos = line
		if bytes.HasPrefix(b[end:], from) {
			pos++
		}
		// Copy the marks, so that the search goes on behind them.
		out += copy(b[out:], b[pos:end])
		pos = end
	}
	return b[:out]
}
