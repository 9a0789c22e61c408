package intake

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
)

// read gives the messages of an input that somebody named; what it is not gets
// an error of its own.
func (s *source) read(in input) bool { return s.readPart(in, nil) }

// readPart is read for one part of a folder or archive: a part that is no mail,
// and does not claim to be, is added to others instead.
func (s *source) readPart(in input, others *leftOut) bool {
	if err := s.ctx.Err(); err != nil {
		s.yield(Item{}, err)
		return false
	}
	r := s.buffered(in)
	head, err := r.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) && len(head) == 0 {
		return s.fail(unread(in.name, err))
	}
	k := kindOf(head)
	if k == maybe {
		// Text around a quoted header is a message only where somebody says so.
		if k = notMail; in.asked || in.single {
			k = oneMessage
		}
	}
	switch k {
	case zipped:
		return s.zipped(in, r, others)
	case gzipped:
		return s.gzipped(in, r, others)
	case mailbox:
		if in.single {
			return s.perhapsOne(in.name, r)
		}
		return s.mailbox(in.name, r)
	case oneMessage:
		return s.single(in.name, r)
	}
	if others != nil && !claimsMail(in.name) {
		others.add(in.name)
		return true
	}
	return s.fail(refusal(in.name, head, k))
}

// buffered gives a buffer over the input. Those of one depth are read one after
// the other, so they share it.
func (s *source) buffered(in input) *bufio.Reader {
	if s.buffers[in.depth] == nil {
		s.buffers[in.depth] = bufio.NewReaderSize(nil, bufferSize)
	}
	s.buffers[in.depth].Reset(in.r)
	return s.buffers[in.depth]
}

// bufferSize is that of package mbox, which then needs none of its own.
const bufferSize = 64 << 10

// single gives a file that is one message.
func (s *source) single(name string, r io.Reader) bool {
	data, err := s.slurp(r)
	if err != nil && len(data) == 0 {
		return s.fail(unread(name, err))
	}
	return s.one(name, data, err)
}

// one gives a message of which data could be read before err; err may be nil.
func (s *source) one(name string, data []byte, err error) bool {
	item := Item{File: name, Data: data}
	if len(data) > MaxMessage {
		item.Data = data[:MaxMessage]
		item.Warnings = append(item.Warnings, tooLong)
	}
	if err != nil {
		item.Warnings = append(item.Warnings, "the message breaks off: "+cause(err))
	}
	return s.give(item)
}

var tooLong = fmt.Sprintf("only the first %d MiB of the message were read", MaxMessage>>20)

// slurp reads at most one octet more than MaxMessage into the shared storage.
// With an error, the data that came before it is good.
func (s *source) slurp(r io.Reader) ([]byte, error) {
	buf := bytes.NewBuffer(s.message[:0])
	_, err := io.Copy(buf, io.LimitReader(r, MaxMessage+1))
	if s.message = buf.Bytes(); cap(s.message) > keptStorage {
		s.message = nil
	}
	return buf.Bytes(), err
}

// keptStorage is the largest storage held on to between messages.
const keptStorage = 1 << 20

// perhapsOne tells a message with a From_ line before it, as some programs save
// them, from a mailbox that is named like a message.
func (s *source) perhapsOne(name string, r io.Reader) bool {
	data, err := s.slurp(r)
	if len(data) > MaxMessage || severalMessages(data) {
		s.message = nil // still being read
		return s.mailbox(name, io.MultiReader(bytes.NewReader(data), r))
	}
	return s.one(name, data, err)
}

// gzipped unpacks a stream and looks at it again.
func (s *source) gzipped(in input, r io.Reader, others *leftOut) bool {
	if in.depth >= MaxNesting {
		return s.fail(tooDeep(in.name))
	}
	z, err := gzip.NewReader(r)
	if err != nil {
		return s.fail(damaged(in.name, "gzip", err))
	}
	b := in.budget
	if b == nil {
		b = newBudget(in.size)
	}
	return s.readPart(input{
		name: in.name, r: b.reader(z), asked: in.asked, single: singleName(trimGzip(in.name)),
		depth: in.depth + 1, budget: b,
	}, others)
}

// spool puts a stream into a file without a name, for the formats that are read
// from their end. The caller closes it.
func spool(r io.Reader) (f *os.File, size int64, err error) {
	f, err = os.CreateTemp("", "unspoof-*")
	if err != nil {
		return nil, 0, err
	}
	os.Remove(f.Name()) // mail is private: no name, nothing left behind
	size, err = io.Copy(f, io.LimitReader(r, MaxUnpacked+1))
	if err == nil && size > MaxUnpacked {
		err = errBudget
	}
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, size, nil
}

// unread explains a fault while reading.
func unread(name string, err error) *Error {
	if errors.Is(err, errBudget) {
		return &Error{File: name, Err: err, Problem: "unpacks to far more than mail does, and was given up", Fix: unpack}
	}
	return &Error{File: name, Err: err, Problem: "cannot be read: " + cause(err), Fix: "try a copy of it"}
}

func damaged(name, kind string, err error) *Error {
	return &Error{File: name, Err: err, Problem: "is a damaged " + kind + " archive", Fix: "make or fetch it again"}
}

func tooDeep(name string) *Error {
	return &Error{File: name, Problem: "is an archive too deep inside another", Fix: unpack}
}
