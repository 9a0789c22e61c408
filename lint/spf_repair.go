package lint

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"unspoof/orgdomain"
	"unspoof/sender"
	"unspoof/spf"
)

// fault is one mistake in a word, and the words that are meant. nil: only the
// owner knows; none at all: the word is to go.
type fault struct {
	id     string
	v      vars
	mended []string
	known  bool // mended is what is meant
}

func meant(id string, v vars, mended ...string) (fault, bool) {
	if v["mended"] == "" && len(mended) > 0 {
		v["mended"] = strings.Join(mended, " ")
	}
	return fault{id: id, v: v, mended: mended, known: true}, true
}

func unclear(id string, v vars) (fault, bool) {
	return fault{id: id, v: v}, true
}

// maxRepairs bounds the mistakes that are put right in one word, and with it the
// words that one can become.
const maxRepairs = 12

// repair puts words right until each is a term, or only the owner can.
func (l *spfLint) repair(words []word) []word {
	var out []word
	for _, w := range words {
		if w.broken {
			out = append(out, w)
			continue
		}
		out = append(out, l.repairOne(w)...)
	}
	return out
}

func (l *spfLint) repairOne(w word) []word {
	var out []word
	todo := []word{w}
	told := map[string]bool{} // one finding of a kind for a word as published
	for tries := 0; len(todo) > 0; tries++ {
		w, todo = todo[0], todo[1:]
		f, wrong := l.faultOf(w.text)
		if !wrong {
			out = append(out, w)
			continue
		}
		if tries >= maxRepairs {
			f.known = false
		}
		if f.id == "SPF-027" && f.known && len(f.mended) == 0 {
			w.empty = true // whether it can go is judged beside the others
			out = append(out, w)
			continue
		}
		if !told[f.id] {
			told[f.id] = true
			if f.v["term"] == "" {
				f.v["term"] = w.text
			}
			l.find(f.id, l.text, w.at, f.known, f.v)
		}
		if !f.known {
			w.broken = true
			out = append(out, w)
			continue
		}
		next := make([]word, len(f.mended))
		for i, text := range f.mended {
			next[i] = word{text: text, at: w.at}
		}
		todo = append(next, todo...)
	}
	return out
}

// empties takes out the words that name nothing, where others let somebody in: the
// name that was forgotten may have been the only sender.
func (l *spfLint) empties() {
	for i := range l.words {
		w := &l.words[i]
		if !w.empty {
			continue
		}
		w.gone = l.expendable(i)
		w.broken = !w.gone
		l.find("SPF-027", l.text, w.at, w.gone, vars{"term": w.text})
	}
}

// mechanisms and modifiers of RFC 7208 sections 5 and 6.
var termNames = map[string]byte{
	"all": 0, "include": ':', "a": ':', "mx": ':', "ptr": ':', "ip4": ':', "ip6": ':', "exists": ':', "redirect": '=', "exp": '=',
}

// Parts of a word.
var (
	termShape = regexp.MustCompile(`(?s)^([-~?+]*)([A-Za-z0-9._-]*)([:=/]?)(.*)$`)
	signEnd   = regexp.MustCompile(`(?i)^(all)([-~?+])$`)
	innerTerm = regexp.MustCompile(`(?i)[^:%{-](([-~?+]?(include:|ip4:|ip6:|exists:)|redirect=)[^,;]|[-~?+]all$)`)
)

// faultOf gives the first mistake of a word, false where it is a term.
func (l *spfLint) faultOf(text string) (fault, bool) {
	if !isASCII(text) {
		return foreignWord(text)
	}
	if f, ok := punctuation(text); ok {
		return f, true
	}
	if strings.ContainsAny(text, marks) {
		if f, ok := macro(text, "a macro in braces"); ok && f.known {
			return f, true
		}
		return inMarks(text)
	}
	if m := innerTerm.FindStringSubmatchIndex(text); m != nil {
		if left := text[:m[2]]; validTerm(left) || strings.Contains(left, ":") {
			return meant("SPF-034", vars{}, left, text[m[2]:])
		}
	}
	m := termShape.FindStringSubmatch(text)
	sign, name, mark, value := m[1], strings.ToLower(m[2]), m[3], m[4]
	if mark == "=" && name != "" {
		if _, known := termNames[name]; !known {
			return modifier(text, sign, name, value)
		}
	}
	want, known := termNames[name]
	switch {
	case strings.EqualFold(text, spfVersion):
		return meant("SPF-046", vars{})
	case len(sign) > 1 && strings.Contains(sign, "-") && name != "all":
		return unclear("SPF-031", vars{"hint": "; is the - the bullet of a list, or is this to be refused?"})
	case len(sign) > 1:
		return meant("SPF-031", vars{}, oneSign(sign)+text[len(sign):])
	case signEnd.MatchString(text):
		end := len(text) - 1
		return meant("SPF-031", vars{"hint": "; the sign stands before it: " + text[end:] + text[:end]}, text[end:]+text[:end])
	case !known:
		return unknownTerm(text, sign, name, mark, value)
	case name == "all" && mark != "" && strings.Trim(mark+value, ":=./") == "":
		return meant("SPF-031", vars{"hint": "; all takes nothing behind it"}, sign+name)
	case want == ':' && mark == "=" && value != "":
		return meant("SPF-025", vars{"wrong": "=", "right": ":"}, sign+name+":"+value)
	case want == '=' && mark == ":" && value != "":
		return meant("SPF-025", vars{"wrong": ":", "right": "="}, name+"="+value)
	case want == ':' && mark == ":" && value == "" && (name == "a" || name == "mx"):
		return meant("SPF-027", vars{}, sign+name)
	case want != 0 && mark != "/" && value == "" && (mark != "" || name != "a" && name != "mx" && name != "ptr"):
		return meant("SPF-027", vars{})
	case want == '=' && sign != "":
		return meant("SPF-031", vars{"hint": "; a sign does not belong before it"}, text[len(sign):])
	}
	if strings.HasPrefix(value, mark) && mark != "" && mark != "/" && name != "ip6" {
		return meant("SPF-031", vars{}, sign+name+mark+strings.TrimLeft(value, mark))
	}
	if doubled := termShape.FindStringSubmatch(value); mark == ":" && doubled[3] == ":" && name != "ip6" {
		if _, ok := termNames[strings.ToLower(doubled[2])]; ok && validTerm(sign+value) {
			return meant("SPF-031", vars{}, sign+value)
		}
	}
	if f, ok := network(text, sign, name, value); ok {
		return f, true
	}
	_, err := spf.Parse(spfVersion + " " + text)
	if err != nil {
		return refused(text, err)
	}
	if otherMacro.MatchString(text) { // plain text to SPF, and never meant so
		return macro(text, "% before the brace")
	}
	return fault{}, false
}

// refused is what only the parser sees.
func refused(text string, err error) (fault, bool) {
	e, ok := err.(*spf.SyntaxError)
	if !ok {
		return unclear("SPF-003", vars{"fault": "it cannot be read", "term": text})
	}
	if e.Section == "7.1" && strings.ContainsAny(text, "%{$") {
		return macro(text, e.Expected)
	}
	if m := termShape.FindStringSubmatch(text); (m[3] == ":" || m[3] == "=") && oneWord.MatchString(m[4]) {
		return unclear("SPF-003", vars{"fault": m[4] + " is one word, and a name in DNS has two or more, parted by dots", "term": text, "hint": suggestion(m[4] + ".com")})
	}
	v := vars{"fault": "expected " + e.Expected, "term": text}
	if e.Hint != "" {
		v["hint"] = " (" + e.Hint + ")"
	}
	return unclear("SPF-003", v)
}

// oneWord matches a value that may be the first part of a name.
var oneWord = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_-]*$`)

// Macros as other languages write variables.
var (
	loneMacro = regexp.MustCompile(`%([slodipvhSLODIPVH])([^A-Za-z0-9]|$)`)
	odd       = regexp.MustCompile(`[%$]*[({]\s*([slodipvhSLODIPVH][0-9]*r?[-.+,/_=]*)\s*[)}]`)
)

// otherMacro matches braces that no percent sign stands before.
var otherMacro = regexp.MustCompile(`(^|[^%])[{][slodipvhSLODIPVH][0-9]*r?[-.+,/_=]*[}]`)

func macro(text, expected string) (fault, bool) {
	v := vars{"fault": "expected " + expected, "term": text}
	try := odd.ReplaceAllString(text, "%{$1}")
	try = loneMacro.ReplaceAllString(try, "%{$1}$2")
	try = loneMacro.ReplaceAllString(try, "%{$1}$2")
	if try != text && validTerm(try) {
		v["hint"] = ": " + try
		return meant("SPF-040", v, try)
	}
	return unclear("SPF-040", v)
}

// foreignWord judges what is still not ASCII: a name in its own script is meant as
// its A-label (RFC 8616 section 4), letters in the name of a term as those that look
// alike. A label of several scripts is what forgers use: only the owner knows.
func foreignWord(text string) (fault, bool) {
	v := vars{"what": "letters that are not ASCII: " + text}
	name, value := text, ""
	if i := strings.IndexAny(text, ":="); i >= 0 {
		name, value = text[:i], text[i:]
	}
	if try := lookAlikes.Replace(name); !isASCII(name) && isASCII(try) {
		if _, known := termNames[strings.ToLower(strings.TrimLeft(try, "-~?+"))]; known {
			return meant("SPF-024", v, try+value)
		}
	}
	switch {
	case unseen(text):
		v["what"] = "a character within " + visible(text) + " that nobody sees"
	case mixed(value):
		v["what"] += ", of another script than the letters beside them"
	case isASCII(name) && value != "":
		if host, err := orgdomain.Name(value[1:]); err == nil && isASCII(host) {
			return meant("SPF-024", v, name+value[:1]+host)
		}
	}
	return unclear("SPF-024", v)
}

// unseen reports characters that show nothing.
func unseen(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.In(r, unicode.Cf, unicode.Variation_Selector) })
}

// visible shows them.
func visible(text string) string { return strings.Trim(strconv.QuoteToASCII(text), `"`) }

// mixed reports a label with Latin letters and such of another script.
func mixed(name string) bool {
	for label := range strings.FieldsFuncSeq(name, func(r rune) bool { return r == '.' || r == ':' || r == '=' || r == 0x3002 }) {
		latin, other := false, false
		for _, r := range label {
			switch {
			case unicode.Is(unicode.Latin, r):
				latin = true
			case unicode.IsLetter(r):
				other = true
			}
		}
		if latin && other {
			return true
		}
	}
	return false
}

// punctuation finds commas and semicolons between terms, and what sentences end in.
func punctuation(text string) (fault, bool) {
	var parts []string
	depth, from := 0, 0
	for i := range len(text) {
		switch text[i] {
		case '{':
			depth++
		case '}':
			depth--
		case ',', ';', '|':
			if depth <= 0 {
				parts = append(parts, text[from:i])
				from = i + 1
			}
		}
	}
	rest := text[from:]
	if len(rest) > 3 && strings.EqualFold(rest[len(rest)-4:], "all.") {
		rest = rest[:len(rest)-1]
	}
	if parts = append(parts, rest); len(parts) == 1 && parts[0] == text {
		return fault{}, false
	}
	if len(parts) > maxWords {
		return unclear("SPF-032", vars{"what": "commas, semicolons or full stops"})
	}
	var words []string
	name := ""
	for _, p := range parts {
		if p == "" {
			continue
		}
		// ip4:192.0.2.1,192.0.2.2: what the first says is meant of all.
		if (address.MatchString(p) || namesHost.MatchString(p)) && name != "" && !validTerm(p) {
			p = name + p
		} else if i := strings.IndexByte(p, ':'); i > 0 && !address.MatchString(p) {
			name = p[:i+1]
		}
		words = append(words, p)
	}
	return meant("SPF-032", vars{"what": "commas, semicolons or full stops"}, words...)
}

// oneSign gives the one of several signs that is meant: the strictest but for the
// fail that a list's dash makes of all that follows it.
func oneSign(signs string) string {
	for _, s := range "~-?" {
		if strings.ContainsRune(signs, s) {
			return string(s)
		}
	}
	return "+"
}

// suggestion words the services near a host.
func suggestion(host string) string {
	near := sender.SuggestHosts(host)
	if len(near) == 0 {
		return ""
	}
	return " (did you mean " + strings.Join(near, " or ") + "?)"
}
