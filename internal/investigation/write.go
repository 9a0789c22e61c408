package investigation

import (
	"bytes"
	"encoding/json"
	"io"
)

// Schema is the number of the form that Writer writes. It grows when a field
// changes its meaning or goes, not when one is added.
const Schema = 1

// Writer writes {"schema":1,"messages":[…],"mailbox":{…}} as it comes, so that
// a large mailbox is never held in memory.
type Writer struct {
	w    io.Writer
	open bool
}

// NewWriter writes to w, which should be buffered.
func NewWriter(w io.Writer) *Writer { return &Writer{w: w} }

// Message adds one message; it fits Args.Each.
func (w *Writer) Message(m Message) error {
	before := ",\n"
	if !w.open {
		before, w.open = `{"schema":1,"messages":[`+"\n", true
	}
	return w.write(before, m)
}

// Finish adds the answer for the mailbox and what could not be read, and closes
// the object.
func (w *Writer) Finish(r Result) error {
	before := "\n],\"mailbox\":"
	if !w.open {
		before = `{"schema":1,"messages":[],"mailbox":`
	}
	if err := w.write(before, r.Mailbox); err != nil {
		return err
	}
	unread := make([]unreadJSON, 0, len(r.Unread))
	for _, e := range r.Unread {
		unread = append(unread, unreadJSON{e.File, e.Problem, e.Fix, e.Minor})
	}
	if err := w.write(",\"unread\":", unread); err != nil {
		return err
	}
	_, err := io.WriteString(w.w, "}\n")
	return err
}

type unreadJSON struct {
	File    string `json:"file"`
	Problem string `json:"problem"`
	Fix     string `json:"fix"`
	Minor   bool   `json:"minor"`
}

func (w *Writer) write(before string, v any) error {
	text, err := encode(v)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(w.w, before); err != nil {
		return err
	}
	_, err = w.w.Write(text)
	return err
}

// encode is json.Marshal that leaves <, > and & readable: Message-IDs are full of
// them, and nobody takes JSON for HTML.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
