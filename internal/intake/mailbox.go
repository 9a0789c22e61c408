package intake

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"

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

// severalMessages reports whether data is a mailbox of more than one message.
func severalMessages(data []byte) bool {
	m := mbox.NewReader(bytes.NewReader(data))
	m.Next()
	_, err := m.Next()
	return err == nil
}
