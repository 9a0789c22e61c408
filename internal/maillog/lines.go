package maillog

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
)

const (
	// maxLine bounds one line. Postfix and Exim write at most a few thousand octets.
	maxLine = 64 << 10
	// maxOctets bounds what a compressed log may become, against a bomb; 64 GB of
	// log is a year of a large server.
	maxOctets = 64 << 30
)

// lines gives the lines of a file one after the other.
type lines struct {
	r        *bufio.Reader
	text     string
	number   int // of the line given
	octets   int64
	err      error
	warnings []string
	tooLong  int
	packed   bool
}

// newLines looks at the beginning of the file: compressed, or no text at all.
func newLines(r io.Reader) (*lines, error) {
	l := &lines{r: bufio.NewReaderSize(r, maxLine)}
	head, err := l.r.Peek(512)
	if err != nil && err != io.EOF {
		return nil, err
	}
	switch {
	case len(head) == 0:
		return nil, errors.New("the file is empty")
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(l.r)
		if err != nil {
			return nil, fmt.Errorf("compressed with gzip, but damaged at its start: %w", err)
		}
		l.r, l.packed = bufio.NewReaderSize(z, maxLine), true
	case bytes.HasPrefix(head, []byte("BZh")), bytes.HasPrefix(head, []byte{0xfd, '7', 'z', 'X', 'Z'}), bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		return nil, errors.New("compressed with bzip2, xz or zstd; uncompress it first")
	case bytes.IndexByte(head, 0) >= 0:
		return nil, errors.New("not a text file")
	}
	return l, nil
}

// next reads a line into text, without its end. It is false at the end.
func (l *lines) next() bool {
	for l.err == nil {
		b, err := l.r.ReadSlice('\n')
		l.octets += int64(len(b))
		if len(b) == 0 && err == io.EOF {
			break
		}
		if len(b) > 0 {
			l.number++
		}
		switch {
		case err == bufio.ErrBufferFull:
			l.tooLong++
			l.skip()
			continue
		case err != nil && err != io.EOF:
			l.fail(err)
			continue
		case l.octets > maxOctets:
			l.warnings = append(l.warnings, fmt.Sprintf("The log is longer than %d GB; what comes after line %d was not read.", maxOctets>>30, l.number))
			return false
		}
		l.text = strings.TrimRight(string(b), "\r\n")
		return true
	}
	if l.tooLong > 0 {
		l.warnings = append(l.warnings, fmt.Sprintf("Lines longer than %d octets were left out: %d.", maxLine, l.tooLong))
		l.tooLong = 0
	}
	return false
}

// skip drops the rest of a line that is too long.
func (l *lines) skip() {
	for {
		b, err := l.r.ReadSlice('\n')
		l.octets += int64(len(b))
		if err == nil || l.octets > maxOctets {
			return
		}
		if err != bufio.ErrBufferFull {
			if err != io.EOF {
				l.fail(err)
			}
			return
		}
	}
}

// fail ends the reading. A compressed file that is cut short still gives what it
// has; a disk that fails does not.
func (l *lines) fail(err error) {
	if l.packed && (errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, gzip.ErrChecksum) || errors.As(err, new(flate.CorruptInputError))) {
		l.warnings = append(l.warnings, fmt.Sprintf("The compressed log is damaged after line %d; the rest was not read.", l.number))
		l.r = bufio.NewReader(strings.NewReader(""))
		return
	}
	l.err = err
}
