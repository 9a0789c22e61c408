// Package mbox reads mailboxes of the mbox family (RFC 4155 appendix A, and the
// four variants that programs write: mboxo, mboxrd, mboxcl, mboxcl2), one message
// at a time and in constant memory.
//
// It does not write or lock mailboxes.
package mbox

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// ErrNotMbox says that what is read does not start as an mbox does. Errors wrap
// it with what stood there.
var ErrNotMbox = errors.New("mbox: not an mbox")

// Variant is how a mailbox marks the lines of messages that look like the start
// of the next one.
type Variant int

const (
	// Auto takes a valid Content-Length for mboxcl or mboxcl2, and anything else
	// for mboxrd.
	Auto Variant = iota
	// MboxO puts ">" before "From ".
	MboxO
	// MboxRD puts ">" before "From ", ">From ", ">>From " and so on.
	MboxRD
	// MboxCL has a Content-Length in each header, and ">" as in MboxO.
	MboxCL
	// MboxCL2 has a Content-Length and marks nothing.
	MboxCL2
)

const (
	// DefaultLimit is how much of one message is kept when Reader.Limit is 0:
	// more than what servers accept.
	DefaultLimit = 64 << 20
	// chunk is the size of the read buffer; longer lines come in pieces.
	chunk = 64 << 10
	// maxLead is how many blank octets may stand before the first message.
	maxLead = 4 << 10
)

// Reader reads the messages of one mailbox. Set its fields before the first Next.
type Reader struct {
	// Variant says how the mailbox is written; the zero value finds out.
	Variant Variant
	// Limit is the number of octets kept of one message; 0 is DefaultLimit.
	// What is longer is cut, and Lost tells by how much.
	Limit int

	src *bufio.Reader
	pos int64 // octets taken from src
	err error // what ends the mailbox

	started   bool
	open      bool  // a separator was read, its message was not
	separator int64 // offset of that separator

	msg    []byte
	number int
	offset int64
	lost   int64

	noLengths bool // a Content-Length was wrong: none is believed any more
	raw       bool // unmarked "From " lines stand inside a length: mboxcl2
}

// NewReader gives a reader of the mailbox that r holds.
func NewReader(r io.Reader) *Reader {
	return &Reader{src: bufio.NewReaderSize(r, chunk)}
}

// Number gives the number of the last message, from 1.
func (r *Reader) Number() int { return r.number }

// Offset gives where the last message starts, in octets from the start of the
// mailbox: that of its separator line.
func (r *Reader) Offset() int64 { return r.offset }

// Lost gives how many octets of the last message were skipped because it is
// longer than the limit; 0 means that it is whole.
func (r *Reader) Lost() int64 { return r.lost }

// Next gives the next message without its separator line, the marks of its
// variant removed. The bytes are the reader's: they are good until the next call.
// At the end it gives io.EOF; a mailbox that is none gives an error that wraps
// ErrNotMbox, once; any other error comes from the underlying reader, after the
// message that it cut.
//
// A separator is a line "From " with a date behind a blank line, or at the start.
// It takes time linear in the mailbox and memory for one message up to the limit.
func (r *Reader) Next() ([]byte, error) {
	if !r.started {
		r.started = true
		if err := r.start(); err != nil {
			r.err = err
			return nil, err
		}
	}
	if !r.open {
		if r.err == nil {
			r.err = io.EOF
		}
		return nil, r.err
	}
	r.open = false
	r.number++
	r.offset = r.separator
	r.lost = 0
	r.msg = r.msg[:0]
	m := scan{Reader: r, length: -1, blank: true, header: true}
	m.read()
	r.msg = r.unmark(r.msg)
	return r.msg, nil
}

// start reads up to the end of the first separator line.
func (r *Reader) start() error {
	for r.pos < maxLead {
		b, err := r.src.Peek(1)
		if err != nil {
			return err
		}
		if b[0] != '\n' && b[0] != '\r' && b[0] != ' ' && b[0] != 0xef && b[0] != 0xbb && b[0] != 0xbf {
			break
		}
		if _, err := r.src.Discard(1); err != nil {
			return err
		}
		r.pos++
	}
	// Only at the start a separator needs no date: what follows must be a header.
	head, _ := r.src.Peek(1024)
	if !bytes.HasPrefix(head, from) || !isSeparator(head) && !headerFollows(head) {
		return fmt.Errorf("%w: it starts with %s, not with a line \"From \" and a header", ErrNotMbox, quoteStart(head))
	}
	r.separator = r.pos
	r.open = true
	return r.skipLine()
}

// quoteStart shows the first octets of what is no mailbox.
func quoteStart(b []byte) string {
	if i := bytes.IndexByte(b, '\n'); i >= 0 {
		b = b[:i]
	}
	return strconv.QuoteToASCII(string(b[:min(len(b), 40)]))
}

// skipLine passes over the rest of a line.
func (r *Reader) skipLine() error {
	for {
		piece, err := r.src.ReadSlice('\n')
		r.pos += int64(len(piece))
		switch {
		case err == nil:
			return nil
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF):
			return nil
		default:
			return fmt.Errorf("mbox: reading at octet %d: %w", r.pos, err)
		}
	}
}

func (r *Reader) limit() int {
	if r.Limit > 0 {
		return r.Limit
	}
	return DefaultLimit
}
