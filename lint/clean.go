package lint

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"unspoof/finding"
)

// foreign is a kind of character that no record may hold, and where it stands
// first.
type foreign struct {
	what string // "a no-break space (U+00A0)"
	at   finding.Span
}

// clean writes what word processors, web pages and keyboards of other scripts make
// of ASCII as ASCII again. keep names control characters that the record may hold.
// What has no ASCII counterpart stays, and is no foreign.
func (t traced) clean(keep string) (traced, []foreign) { return t.cleaned(keep, false) }

// cleaned is clean. With edges, what nobody sees is taken out only where a word
// begins or ends: within one it may hold two numbers or names apart, and then stays.
func (t traced) cleaned(keep string, edges bool) (traced, []foreign) {
	var w tracer
	var found []foreign
	run, edge := -1, false
	seen := map[string]bool{}
	for i := 0; i < len(t.text); {
		r, n := utf8.DecodeRuneInString(t.text[i:])
		at := t.span(i, i+n)
		ascii, what := counterpart(r, t.text[i], n == 1 && r == utf8.RuneError)
		i += n
		if what == "" || r < 0x80 && strings.ContainsRune(keep, r) {
			w.add(t.text[i-n:i], at)
			continue
		}
		if ascii == "" && edges && i > run { // once for a run of them: it may be long
			run, edge = t.edge(i)
			edge = edge || len(w.text) == 0 || isMark(w.text[len(w.text)-1])
		}
		if ascii == "" && edges && !edge {
			w.add(t.text[i-n:i], at)
			continue
		}
		w.add(ascii, at)
		if kind, _, _ := strings.Cut(what, " ("); !seen[kind] {
			seen[kind] = true
			found = append(found, foreign{what, at})
		}
	}
	return w.done(), found
}

// edge reports where the characters that nobody sees end that stand at text[i:], and
// whether a word ends or begins there.
func (t traced) edge(i int) (end int, edge bool) {
	for i < len(t.text) {
		r, n := utf8.DecodeRuneInString(t.text[i:])
		ascii, what := counterpart(r, t.text[i], n == 1 && r == utf8.RuneError)
		switch {
		case what != "" && ascii == "": // another one that nobody sees
			i += n
			continue
		case what != "":
			return i, isMark(ascii[0])
		}
		return i, isMark(t.text[i]) || startsTerm.MatchString(t.text[i:])
	}
	return i, true
}

// isMark reports a space, or a mark that words are put in.
func isMark(c byte) bool { return c == ' ' || strings.IndexByte(marks, c) >= 0 }

// counterpart gives the ASCII text that is meant by a character, and what to call
// the character; "" where it is as it may be, or nobody can say what is meant.
func counterpart(r rune, octet byte, broken bool) (ascii, what string) {
	if broken { // Windows-1252 and Latin-1, pasted as octets
		if s, ok := windows[octet]; ok {
			return s, fmt.Sprintf("%s (octet 0x%02X)", names[s], octet)
		}
		return "", ""
	}
	code := fmt.Sprintf(" (U+%04X)", r)
	switch {
	case r >= ' ' && r < 0x7f:
		return "", ""
	case r == '\t':
		return " ", "a tab"
	case r == '\r' || r == '\n' || r == 0x2028 || r == 0x2029 || r == 0x85:
		return " ", "a line break"
	case r < ' ' || r == 0x7f:
		return "", "a control character" + code
	case r == 0xa0 || r == 0x202f || r == 0x2007:
		return " ", "a no-break space" + code
	case unicode.Is(unicode.Zs, r):
		return " ", "a space that is not the plain one" + code
	case r >= 0xff01 && r <= 0xff5e: // the full-width forms, in the order of ASCII
		return string(r - 0xfee0), "a full-width character" + code
	case unicode.In(r, unicode.Cf, unicode.Variation_Selector):
		return "", "an invisible character" + code
	}
	for ascii, list := range alike {
		if strings.ContainsRune(list, r) {
			return ascii, names[ascii] + code
		}
	}
	return "", ""
}

// alike are characters that are written in place of an ASCII one.
var alike = map[string]string{
	`"`: "\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033",
	"'": "\u2018\u2019\u201a\u201b\u2032\u00b4\u2039\u203a",
	"-": "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63",
	"~": "\u02dc\u223c\u301c\u223d",
	".": "\u3002\uff61\u2024",
	":": "\u2236\ua789\ufe55\u02d0",
	";": "\u037e\ufe54\u061b",
	",": "\ufe50\u3001\uff64",
	"/": "\u2044\u2215\u29f8",
	"=": "\ua78a\ufe66\u1400",
	"_": "\u2017\ufe4d",
}

// names says what the characters of alike and windows are called.
var names = map[string]string{
	`"`: "typographic quotation marks", "'": "a typographic apostrophe", "-": "a dash that is no hyphen",
	"~": "a tilde that is not the plain one", ".": "a full stop that is not the plain one",
	":": "a colon that is not the plain one", ";": "a semicolon that is not the plain one",
	",": "a comma that is not the plain one", "/": "a slash that is not the plain one",
	"=": "an equals sign that is not the plain one", "_": "an underscore that is not the plain one",
	" ": "a no-break space",
}

// windows are octets of Windows-1252 that are written in place of ASCII.
var windows = map[byte]string{
	0x91: "'", 0x92: "'", 0x93: `"`, 0x94: `"`, 0x96: "-", 0x97: "-", 0x98: "~", 0xa0: " ",
}

// lookAlikes are letters of other scripts that look as Latin ones do.
var lookAlikes = strings.NewReplacer(
	"а", "a", "е", "e", "о", "o", "р", "p", "с", "c", "у", "y", "х", "x", "і", "i", "ѕ", "s", "ј", "j", "ԁ", "d", "ո", "n",
	"ӏ", "l", "ɑ", "a", "ı", "i", "ο", "o", "ν", "v", "ι", "i", "α", "a", "А", "A", "В", "B", "Е", "E", "К", "K", "М", "M",
	"Н", "H", "О", "O", "Р", "P", "С", "C", "Т", "T", "Х", "X", "І", "I", "Α", "A", "Β", "B", "Ε", "E", "Ι", "I", "Κ", "K",
	"Μ", "M", "Ν", "N", "Ο", "O", "Ρ", "P", "Τ", "T", "Χ", "X",
)

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
