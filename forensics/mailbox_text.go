package forensics

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// maxNameText bounds a display name or an account, maxSubjectText a subject
	// and maxExcerptText an excerpt, in octets: what a reader takes in at once.
	maxNameText    = 80
	maxSubjectText = 160
	maxExcerptText = 280
	// maxMarks is how many combining marks may follow each other: no script
	// needs more, and a pile of them covers the lines around it.
	maxMarks = 3
	// cleanAhead is how many octets are read for each one kept, so that text
	// made of dropped characters costs no more than any other.
	cleanAhead = 8
)

// plainText makes text from mail harmless to show: valid UTF-8 on one line,
// blanks joined, without control, bidirectional and other invisible characters,
// at most limit octets, an ellipsis where it was cut.
func plainText(s string, limit int) string {
	cut := false
	if len(s) > limit*cleanAhead {
		s, cut = s[:limit*cleanAhead], true
	}
	var b strings.Builder
	marks, blank := 0, false
	for _, r := range s {
		switch {
		case isBlankRune(r):
			blank = b.Len() > 0
			marks = 0
			continue
		case isHiddenRune(r):
			continue
		case unicode.Is(unicode.Mn, r):
			if marks++; marks > maxMarks || b.Len() == 0 {
				continue
			}
		default:
			marks = 0
		}
		size := utf8.RuneLen(r)
		if blank {
			size++
		}
		if b.Len()+size > limit {
			cut = true
			break
		}
		if blank {
			b.WriteByte(' ')
			blank = false
		}
		b.WriteRune(r)
	}
	if cut && b.Len() > 0 {
		return shorten(b.String(), limit-len("…")) + "…"
	}
	return b.String()
}

// shorten cuts s to at most limit octets, between characters.
func shorten(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}

func isBlankRune(r rune) bool {
	if r < 0x80 {
		return r == ' ' || '\t' <= r && r <= '\r'
	}
	switch r {
	case 0x115F, 0x1160, 0x3164, 0xFFA0, 0x2800: // fillers that show as blanks
		return true
	}
	return unicode.IsSpace(r) || unicode.Is(unicode.Z, r)
}

// isHiddenRune tells characters that show as nothing or change their
// neighbours: controls, format characters (bidirectional ones, zero-width ones,
// tags), variation selectors, private use, surrogates.
func isHiddenRune(r rune) bool {
	if r < 0x80 {
		return r < ' ' || r == 0x7F
	}
	return unicode.Is(unicode.C, r) || unicode.Is(unicode.Variation_Selector, r) || r == 0x034F
}

// scripts are those told apart, most frequent in mail first.
var scripts = []struct {
	name  string
	table *unicode.RangeTable
}{
	{"Latin", unicode.Latin}, {"Cyrillic", unicode.Cyrillic}, {"Han", unicode.Han}, {"Kana", unicode.Hiragana}, {"Kana", unicode.Katakana},
	{"Hangul", unicode.Hangul}, {"Arabic", unicode.Arabic}, {"Greek", unicode.Greek}, {"Hebrew", unicode.Hebrew}, {"Thai", unicode.Thai},
	{"Devanagari", unicode.Devanagari},
}

// maxScriptText bounds the text that is looked at for its script.
const maxScriptText = 600

// scriptOf gives the index in scripts of the script that most letters of a text
// are in, or -1: the script is seen, a language would be guessed.
func scriptOf(s string) int {
	s = shorten(s, maxScriptText)
	var counts [16]int
	best := -1
	for _, r := range s {
		if !unicode.IsLetter(r) {
			continue
		}
		for i, sc := range scripts {
			if unicode.Is(sc.table, r) {
				counts[i]++
				break
			}
		}
	}
	for i, n := range counts {
		// Links and names are Latin in any mail: another script wins at a third.
		if n > 0 && (best < 0 || n > counts[best] || best == 0 && 2*n > counts[0]) {
			best = i
		}
	}
	return best
}
