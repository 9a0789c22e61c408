package ui

import (
	"bytes"
	"io"
)

// Data gives a writer for octets that are the answer themselves, such as a
// message: as they are into a file or pipe, cleaned line by line on a terminal.
func Data(w io.Writer) io.Writer {
	if !IsTerminal(w) {
		return w
	}
	return &cleaner{w}
}

// cleaner takes whole lines in each Write, or their last part.
type cleaner struct{ w io.Writer }

func (c *cleaner) Write(p []byte) (int, error) {
	var out []byte
	for line := range bytes.Lines(p) {
		text, ended := bytes.CutSuffix(line, []byte("\n"))
		out = append(out, Clean(string(bytes.TrimSuffix(text, []byte("\r"))))...)
		if ended {
			out = append(out, '\n')
		}
	}
	if _, err := c.w.Write(out); err != nil {
		return 0, err
	}
	return len(p), nil
}
