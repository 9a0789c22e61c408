package forensics

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	// maxBrands is how many imitated names are told of one message, maxBrandText
	// how much of its text is read for them: fraud names its pretext early.
	maxBrands    = 4
	maxBrandText = 4096
)

// brandMatcher finds brands by the first word of their phrases.
type brandMatcher struct {
	byWord map[string][]brandPhrase
	byKey  map[string]int // look-alike key, doubled letters once → index in brands
	mine   []string       // own domains: no link to them is a look-alike
}

type brandPhrase struct {
	words []string
	brand int
	whole bool // the display name must be nothing else
}

// newBrandMatcher leaves out the brands whose name the own domains bear.
func newBrandMatcher(domains []string) *brandMatcher {
	m := &brandMatcher{byWord: map[string][]brandPhrase{}, byKey: map[string]int{}, mine: domains}
	for i, b := range brands {
		if slices.ContainsFunc(domains, func(d string) bool { return ownsBrand(d, b) }) {
			continue
		}
		for _, p := range b.phrases {
			words := strings.Fields(p)
			m.byWord[words[0]] = append(m.byWord[words[0]], brandPhrase{words, i, false})
		}
		for _, p := range b.whole {
			words := strings.Fields(p)
			m.byWord[words[0]] = append(m.byWord[words[0]], brandPhrase{words, i, true})
		}
		if b.key != "" {
			m.byKey[undouble(b.key)] = i
		}
	}
	return m
}

func ownsBrand(domain string, b brand) bool {
	name := undouble(strings.ReplaceAll(strings.Join(brandWords(b.name, 64), ""), " ", ""))
	for _, part := range strings.FieldsFunc(domain, func(r rune) bool { return r == '.' || r == '-' }) {
		if p := undouble(part); p == name || b.key != "" && p == undouble(b.key) {
			return true
		}
	}
	joined := undouble(strings.ReplaceAll(domain, "-", ""))
	return strings.HasPrefix(joined, name+".") || isUnder(domain, b.domains)
}

// find gives indexes into brands, at most maxBrands, most telling first: the
// display name, the subject, look-alike hosts, then the text.
func (m *brandMatcher) find(display, subject, text string, hosts []string) []int {
	var found []int
	add := func(i int) {
		if len(found) < maxBrands && !slices.Contains(found, i) {
			found = append(found, i)
		}
	}
	name := brandWords(display, maxSubjectText)
	m.scan(name, func(p brandPhrase) {
		if !p.whole || len(name) == len(p.words) {
			add(p.brand)
		}
	})
	m.scan(brandWords(subject, maxSubjectText*2), func(p brandPhrase) {
		if !p.whole {
			add(p.brand)
		}
	})
	for _, h := range hosts {
		if i, ok := m.lookAlike(h); ok {
			add(i)
		}
	}
	words := brandWords(text, maxBrandText)
	if slices.ContainsFunc(words, func(w string) bool { return baitWords[w] }) {
		m.scan(words, func(p brandPhrase) {
			if !p.whole && !brands[p.brand].everywhere {
				add(p.brand)
			}
		})
	}
	return found
}

func (m *brandMatcher) scan(words []string, hit func(brandPhrase)) {
	for i, w := range words {
		for _, p := range m.byWord[w] {
			if len(words)-i >= len(p.words) && slices.Equal(words[i:i+len(p.words)], p.words) {
				hit(p)
			}
		}
	}
}

// lookAlike tells a host that carries a brand's name between dots or hyphens
// and is not the brand's own.
func (m *brandMatcher) lookAlike(host string) (int, bool) {
	if isUnder(host, m.mine) {
		return 0, false
	}
	parts := hostWords(host)
	bait := slices.ContainsFunc(parts, func(p string) bool { return baitWords[p] })
	try := func(word string) (int, bool) {
		i, ok := m.byKey[undouble(word)]
		return i, ok && !isUnder(host, brands[i].domains) && (!brands[i].common || bait)
	}
	for i, p := range parts {
		if b, ok := try(p); ok {
			return b, true
		}
		if i > 0 { // bank-of-america, wells-fargo
			for n := 2; n <= 3 && i+1 >= n; n++ {
				if b, ok := try(strings.Join(parts[i+1-n:i+1], "")); ok {
					return b, true
				}
			}
		}
	}
	return 0, false
}

// baitWords are what turns a name into bait, in the languages that carry most
// of it.
var baitWords = wordSet(`account accounts password verify verification login signin secure security suspended limited update
	confirm unlock locked billing payment refund invoice delivery parcel tracking support service id online bank wallet
	konto passwort anmeldung sicherheit rechnung zahlung paket sendung bestatigen gesperrt
	compte motdepasse connexion facture colis cuenta contrasena factura paquete conta senha fatura encomenda rekening wachtwoord`)

func wordSet(s string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(s) {
		out[w] = true
	}
	return out
}

// brandWords gives the words of a text in the form of the table: lower case,
// accents off, letters that only look Latin made Latin.
func brandWords(s string, limit int) []string {
	s = foldText(shorten(s, limit))
	words := strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, w := range words {
		words[i] = foldDigits(w)
	}
	return words
}

// hostWords gives the parts of a host's labels in the same form.
func hostWords(host string) []string {
	return brandWords(unpuny(host), 253)
}

// foldText maps letters of other scripts that look like Latin ones to these.
func foldText(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) || isHiddenRune(r) {
			return -1
		}
		r = unicode.ToLower(r)
		if i, ok := looksLike[r]; ok {
			return i
		}
		return r
	}, norm.NFKD.String(s))
}

// looksLike are the letters of Cyrillic and Greek, and some of extended Latin,
// that pass for Latin ones.
var looksLike = map[rune]rune{
	'а': 'a', 'в': 'b', 'с': 'c', 'ԁ': 'd', 'е': 'e', 'ё': 'e', 'һ': 'h', 'і': 'i', 'ї': 'i', 'ј': 'j', 'к': 'k', 'ӏ': 'l', 'м': 'm',
	'н': 'h', 'о': 'o', 'р': 'p', 'ԛ': 'q', 'ѕ': 's', 'т': 't', 'у': 'y', 'х': 'x', 'ԝ': 'w',
	'α': 'a', 'ε': 'e', 'η': 'n', 'ι': 'i', 'κ': 'k', 'ν': 'v', 'ο': 'o', 'ρ': 'p', 'τ': 't', 'υ': 'u', 'χ': 'x',
	'ı': 'i', 'ł': 'l', 'ø': 'o', 'đ': 'd', 'ɑ': 'a', 'ɡ': 'g', 'ß': 's',
}

// foldDigits reads digits inside a word as the letters they stand for: paypa1.
func foldDigits(w string) string {
	digits, letters := 0, 0
	for i := 0; i < len(w); i++ {
		if '0' <= w[i] && w[i] <= '9' {
			digits++
		} else {
			letters++
		}
	}
	if digits == 0 || letters < 3 || digits > 2 {
		return w
	}
	return digitLetters.Replace(w)
}

var digitLetters = strings.NewReplacer("0", "o", "1", "l", "3", "e", "5", "s")

// undouble writes each run of a letter once, and the pairs that look like one
// letter as that: paypall, rnicrosoft.
func undouble(w string) string {
	w = strings.ReplaceAll(strings.ReplaceAll(w, "rn", "m"), "vv", "w")
	out := make([]byte, 0, len(w))
	for i := 0; i < len(w); i++ {
		if i == 0 || w[i] != w[i-1] {
			out = append(out, w[i])
		}
	}
	return string(out)
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
