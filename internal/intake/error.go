package intake

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// Error says what was not read as mail, why, and what to do about it.
type Error struct {
	File    string // as in Item.File
	Problem string // follows the file's name: "is a PDF document, not mail"
	Fix     string // what to do: "save the message as .eml"
	// Minor marks what nobody asked for by name, a picture in a folder of mail,
	// say: worth telling, no reason to doubt the result.
	Minor bool
	Err   error // cause; may be nil
}

func (e *Error) Error() string { return "intake: " + e.Sentence() }

// Sentence is the error for people, file first. It may hold any octets of the
// file's name.
func (e *Error) Sentence() string {
	name := e.File
	if name == "-" {
		name = "standard input"
	}
	s := name + " " + e.Problem
	if e.Fix != "" {
		s += "; " + e.Fix
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

// unopened explains a fault of the file system.
func unopened(file string, err error) *Error {
	e := &Error{File: file, Err: err}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		e.Problem, e.Fix = "does not exist", "check the name and the folder that you are in"
	case errors.Is(err, fs.ErrPermission):
		e.Problem, e.Fix = "may not be read by you", "ask its owner, or change its rights (chmod u+r)"
	default:
		e.Problem, e.Fix = "cannot be opened: "+cause(err), "try a copy of it"
	}
	return e
}

// cause is the innermost words of a file-system error, without the path, which
// the sentence names already.
func cause(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}

// leftOut counts files that are no mail, where nobody asked for them by name.
type leftOut struct {
	n     int
	first []string // a few, as examples
}

// leftOutNamed is how many files are named in the report.
const leftOutNamed = 3

func (l *leftOut) add(name string) {
	l.n++
	if len(l.first) < leftOutNamed {
		l.first = append(l.first, name)
	}
}

// names gives the examples.
func (l *leftOut) names() string {
	s := strings.Join(l.first, ", ")
	if l.n > len(l.first) {
		s += ", …"
	}
	return s
}

// looked says in brackets what was looked at in vain.
func (l *leftOut) looked() string {
	if l.n == 0 {
		return ""
	}
	return fmt.Sprintf(" (%d looked at: %s)", l.n, l.names())
}

// report says once, at the end, what was left out of the folder or archive.
func (l *leftOut) report(s *source, where string) bool {
	if l.n == 0 {
		return true
	}
	files := "files that are"
	if l.n == 1 {
		files = "file that is"
	}
	return s.fail(&Error{
		File: where, Minor: true, Problem: fmt.Sprintf("holds %d %s no mail, left out (%s)", l.n, files, l.names()),
	})
}
