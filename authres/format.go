package authres

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ErrWrite is wrapped by the errors of fields that cannot be written.
var ErrWrite = errors.New("cannot be written")

// Limits of what is written.
const (
	lineLength = 78  // RFC 5322 section 2.1.1, recommended
	maxText    = 512 // octets of one value: a path of RFC 5321 section 4.5.3.1.3 has 256
)

// Format gives the value of the field, folded with CRLF and tab, without the
// name and the final line end. Parse reads it back as the same Field, except for
// what is said here.
//
// Values, reasons and comments may come from outside and never make it fail, or
// a sender could do away with the results by an odd address: what needs quotes
// gets them, control characters, line ends and octets that are no UTF-8 become
// "?" or a blank, and text over 512 octets is cut and ends in "...". The other
// parts come from the caller; where they are not in the grammar the error wraps
// ErrWrite.
func (f Field) Format() (string, error) {
	if f.ID == "" || clean(f.ID) != f.ID {
		return "", fmt.Errorf("authres: authserv-id %q: %w", f.ID, ErrWrite)
	}
	l := folder{column: len(Name + ": ")}
	l.add(quote(f.ID, false))
	if f.Version > 1 { // section 2.2: 1 is the default
		l.add(strconv.Itoa(f.Version))
	}
	if len(f.Results) == 0 {
		l.end(";")
		l.add("none")
	}
	for _, r := range f.Results {
		l.end(";")
		if err := r.format(&l); err != nil {
			return "", err
		}
	}
	return l.String(), nil
}

func (r Result) format(l *folder) error {
	method := r.Method
	if r.Version > 0 {
		method += "/" + strconv.Itoa(r.Version)
	}
	if !isWord(r.Method) || !isWord(r.Result) || r.Version < 0 {
		return fmt.Errorf("authres: method %q with result %q: %w", r.Method, r.Result, ErrWrite)
	}
	l.add(method + "=" + r.Result)
	if r.Comment != "" {
		l.add(parenthesise(r.Comment))
	}
	if r.Reason != "" {
		l.add("reason=" + quote(r.Reason, false))
	}
	for _, p := range r.Props {
		name := p.Name
		if p.Type != "" {
			name = p.Type + "." + p.Name
		}
		if !isWord(p.Name) || p.Type != "" && !isWord(p.Type) || name == "reason" {
			return fmt.Errorf("authres: property %q of %s: %w", name, r.Method, ErrWrite)
		}
		l.add(name + "=" + quote(p.Value, true))
	}
	return nil
}

// quote gives a value as a token, or as an address where that is allowed, or else
// as a quoted string.
func quote(value string, address bool) string {
	value = clean(value)
	plain := value != ""
	ats := 0
	for i := 0; i < len(value) && plain; i++ {
		if address && value[i] == '@' && i < len(value)-1 {
			ats++ // section 2.2, pvalue: [ [ local-part ] "@" ] domain-name
			continue
		}
		plain = isToken(value[i])
	}
	if plain && ats < 2 {
		return value
	}
	return `"` + escape(value, `\"`) + `"`
}

func parenthesise(comment string) string {
	return "(" + escape(clean(comment), `\()`) + ")"
}

func escape(s, special string) string {
	if !strings.ContainsAny(s, special) {
		return s
	}
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if strings.IndexByte(special, s[i]) >= 0 {
			out.WriteByte('\\')
		}
		out.WriteByte(s[i])
	}
	return out.String()
}

// clean makes text one line of UTF-8 without control characters, and bounds it.
func clean(s string) string {
	if len(s) > maxText {
		end := maxText - len("...")
		for end > maxText-8 && !utf8.RuneStart(s[end]) {
			end--
		}
		s = s[:end] + "..."
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\r' || r == '\n' || r == '\t':
			return ' '
		case r == utf8.RuneError, unicode.IsControl(r), r == '\u2028', r == '\u2029':
			return '?' // U+0085, U+2028 and U+2029 end lines for some readers
		}
		return r
	}, s)
}

func isWord(s string) bool {
	for i := 0; i < len(s); i++ {
		if !isKeyword(s[i]) {
			return false
		}
	}
	return s != ""
}

// folder joins words with blanks, or with folds where a line gets long.
type folder struct {
	strings.Builder
	column int
}

func (l *folder) add(word string) {
	switch {
	case l.Len() == 0:
	case l.column+1+len(word) > lineLength:
		l.WriteString("\r\n\t")
		l.column = 1
	default:
		l.WriteByte(' ')
		l.column++
	}
	l.end(word)
}

// end puts a sign directly behind the last word.
func (l *folder) end(sign string) {
	l.WriteString(sign)
	l.column += len(sign)
}
