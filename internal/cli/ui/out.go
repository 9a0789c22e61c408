package ui

import (
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// Out prints to one stream. Every argument is cleaned, but for numbers and what
// a style method of the same Out returned; formats are the program's own words.
// The first error of the stream is kept and ends the output quietly.
type Out struct {
	w      io.Writer
	colour bool
	width  int
	err    error
}

// Widths of a line: what is read with ease, and what is assumed of a pipe.
const (
	maxWidth  = 100
	pipeWidth = 80
	minWidth  = 40
	minRoom   = 20 // for text, however deep its indent
)

// NewOut prints to w, in colour on a terminal, unless NO_COLOR is set or TERM is
// "dumb".
func NewOut(w io.Writer, getenv func(string) string) *Out {
	o := &Out{w: w, width: pipeWidth}
	if fd, ok := terminal(w); ok {
		o.colour = getenv("NO_COLOR") == "" && getenv("TERM") != "dumb"
		if columns, _, err := term.GetSize(fd); err == nil && columns > 0 {
			o.width = max(minWidth, min(maxWidth, columns-1))
		}
	}
	return o
}

// IsTerminal reports whether a reader or writer is a terminal.
func IsTerminal(stream any) bool {
	_, ok := terminal(stream)
	return ok
}

func terminal(stream any) (fd int, ok bool) {
	f, ok := stream.(*os.File)
	if !ok {
		return 0, false
	}
	return int(f.Fd()), term.IsTerminal(int(f.Fd()))
}

// Styled is text that has been cleaned and may hold colour.
type Styled string

// Style is how a word stands out.
type Style string

// The styles, as SGR parameters (ECMA-48 section 8.3.117).
const (
	Bold   Style = "1"
	Dim    Style = "2"
	Red    Style = "1;31"
	Green  Style = "1;32"
	Yellow Style = "1;33"
	Blue   Style = "34"
)

// As gives the cleaned text in a style, plain where there is no colour.
func (o *Out) As(style Style, text string) Styled {
	text = Clean(text)
	if !o.colour || text == "" {
		return Styled(text)
	}
	return Styled("\x1b[" + string(style) + "m" + text + "\x1b[0m")
}

// Err is the first error of the stream.
func (o *Out) Err() error { return o.err }

// Line prints one line.
func (o *Out) Line(format string, args ...any) {
	o.write(strings.TrimRight(sprintf(format, args), " ") + "\n")
}

// Prompt prints a question and stays on its line for the answer.
func (o *Out) Prompt(format string, args ...any) {
	o.write(sprintf(format, args) + " ")
}

// Text prints a paragraph folded to the width, its first line after the lead,
// the others indented as far. The lead is the program's own or [Styled].
func (o *Out) Text(lead string, format string, args ...any) {
	o.fold(lead, sprintf(format, args))
}

func (o *Out) fold(lead, text string) {
	indent := strings.Repeat(" ", columns(lead))
	line := lead
	room := max(o.width-columns(lead), minRoom)
	used := 0
	for _, word := range strings.Fields(text) {
		w := columns(word)
		if used > 0 && used+1+w > room {
			o.write(strings.TrimRight(line, " ") + "\n")
			line, used = indent, 0
		}
		if used > 0 {
			line += " "
			used++
		}
		line += word
		used += w
	}
	o.write(strings.TrimRight(line, " ") + "\n")
}

// Heading prints a title with an empty line before it.
func (o *Out) Heading(format string, args ...any) {
	o.write("\n" + string(o.As(Bold, sprintf(format, args))) + "\n")
}

// Raw prints a record or the like that people copy, cleaned, on a line of its
// own and never folded.
func (o *Out) Raw(indent int, text string) {
	o.write(strings.Repeat(" ", indent) + Clean(text) + "\n")
}

func (o *Out) write(s string) {
	if o.err == nil {
		_, o.err = io.WriteString(o.w, s)
	}
}

// sprintf is fmt.Sprintf over cleaned arguments.
func sprintf(format string, args []any) string {
	if len(args) == 0 {
		return format
	}
	safe := make([]any, len(args))
	for i, arg := range args {
		switch v := arg.(type) {
		case Styled, int, int64, uint8, uint16, float64:
			safe[i] = v
		case string:
			safe[i] = Clean(v)
		default:
			safe[i] = Clean(fmt.Sprint(v))
		}
	}
	return fmt.Sprintf(format, safe...)
}
