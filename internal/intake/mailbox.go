package intake

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"unspoof/message/mbox"
)

// mailbox gives the messages of an mbox as FILE#1, FILE#2, …
func (s *source) mailbox(name string, r io.Reader) bool {
	m := mbox.NewReader(r)
	m.Limit = MaxMessage
	for {
		data, err := m.Next()
		switch {
		case errors.Is(err, io.EOF):
			return true
		case errors.Is(err, mbox.ErrNotMbox):
			return s.fail(&Error{
				File: name, Err: err, Problem: "is not a mailbox, though it begins like one: no header follows its “From ” line",
				Fix: "export the folder again as mbox, or give single messages as .eml",
			})
		case err != nil: // the message that it cut came before it
			return s.fail(unread(name, err))
		}
		item := Item{File: name + "#" + strconv.Itoa(m.Number()), Data: data}
		if lost := m.Lost(); lost > 0 {
			item.Warnings = append(item.Warnings, fmt.Sprintf("%s; %d octets were left out", tooLong, lost))
		}
		if !s.give(item) {
			return false
		}
	}
}

// numbered takes FILE#N apart, as [Item.File] names the N-th message of a
// mailbox, where FILE is a file.
func numbered(path string) (file string, n int, ok bool) {
	i := strings.LastIndexByte(path, '#')
	if i < 1 {
		return "", 0, false
	}
	n, err := strconv.Atoi(path[i+1:])
	if err != nil || n < 1 || path[i+1] == '+' {
		return "", 0, false
	}
	info, err := os.Stat(path[:i])
	return path[:i], n, err == nil && info.Mode().IsRegular()
}

// oneOf gives the message FILE#n alone. A file that is one message is its first.
func (s *source) oneOf(file string, n int) bool {
	want, found, goOn := file+"#"+strconv.Itoa(n), false, true
	count := 0
	inner := &source{ctx: s.ctx, progress: s.progress}
	inner.yield = func(item Item, err error) bool {
		if err != nil {
			// A fault of the file, or the end of patience; a message without its
			// octets still counts.
			found = true
			goOn = s.yield(item, err)
			return goOn
		}
		count++
		if item.File != want && !(n == 1 && item.File == file) {
			return true
		}
		found = true
		goOn = s.give(item)
		return false
	}
	inner.path(file, nil)
	if found || s.ctx.Err() != nil {
		return goOn && s.ctx.Err() == nil
	}
	return s.fail(&Error{
		File: want, Problem: fmt.Sprintf("is not there: %s has %d messages", file, count), Fix: "take a number up to that",
	})
}

// severalMessages reports whether data is a mailbox of more than one message.
func severalMessages(data []byte) bool {
	m := mbox.NewReader(bytes.NewReader(data))
	m.Next()
	_, err := m.Next()
	return err == nil
}
