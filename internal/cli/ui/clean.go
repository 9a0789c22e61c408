// Package ui is the program's face on a terminal: text, tables, bars, progress
// and colour.
//
// Nearly everything shown comes from mail, DNS or file names, that is, from
// anybody. A terminal obeys control characters, and bidirectional ones make a
// line read as something else, so that text goes through one place: [Clean],
// which every printing method of [Out] applies to its arguments, and [JSON],
// which escapes the same characters. Nothing else in the program writes to a
// terminal.
package ui

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// Clean makes text from outside harmless on one line of a terminal: line ends
// and blanks of any kind become a space, and every other rune that is no
// letter, mark, number, punctuation or symbol, control, bidirectional and
// invisible ones above all, becomes U+FFFD, as do octets that are not UTF-8.
func Clean(s string) string {
	if clean(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s { // an octet that is not UTF-8 ranges as U+FFFD
		switch {
		case printable(r):
			b.WriteRune(r)
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		default:
			b.WriteRune(utf8.RuneError)
		}
	}
	return b.String()
}

func clean(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// printable is a list of what is safe, so that what Unicode adds tomorrow is not.
func printable(r rune) bool { return unicode.IsPrint(r) && r != utf8.RuneError }

// Cut shortens s to at most n columns, with an ellipsis where it was longer.
// Clean it first.
func Cut(s string, n int) string {
	if columns(s) <= n {
		return s
	}
	w := 0
	for i, r := range s {
		if w += runeColumns(r); w > n-1 {
			return s[:i] + "…"
		}
	}
	return s
}

// columns is how wide s stands on a terminal, escapes of [Out] not counted.
func columns(s string) int {
	n, escape := 0, false
	for _, r := range s {
		switch {
		case escape:
			escape = r != 'm'
		case r == '\x1b':
			escape = true
		default:
			n += runeColumns(r)
		}
	}
	return n
}

func runeColumns(r rune) int {
	if r < 0x300 {
		return 1
	}
	if unicode.In(r, unicode.Mn, unicode.Me) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}
