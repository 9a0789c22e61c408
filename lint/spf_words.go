package lint

import (
	"regexp"
	"strconv"
	"strings"

	"unspoof/finding"
	"unspoof/spf"
)

// word is one term as it is after mending, and where in the record it stood.
type word struct {
	text    string
	at      finding.Span
	broken  bool // it is no term, and nobody but the owner knows what was meant
	gone    bool // it is not in the mended record
	letsIn  bool // it lets somebody send, as far as the text tells
	empty   bool // it names nothing, and goes where others let somebody in
	idle    bool // it stands behind all, and would break the record before it
	covered bool // it was said already that others decide in its place
}

// validTerm reports whether text alone is a term of SPF.
func validTerm(text string) bool {
	_, err := spf.Parse(spfVersion + " " + text)
	return err == nil && text != ""
}

// marks are what belongs to the files and panels in which records are typed, and
// to the sentences around them.
const marks = "\"'`\\()<>"

// markName says what a mark is called.
func markName(c byte) string {
	switch c {
	case '\\':
		return "backslashes"
	case '(', ')', '<', '>':
		return "brackets"
	}
	return "quotation marks"
}

// unescapeOctets reads the escapes of zone files (RFC 1035 section 5.1), a
// backslash and three digits or another character. A backslash before fewer digits
// is none: \24 was hardly meant as 24.
func (l *spfLint) unescapeOctets(t traced) traced {
	if !strings.Contains(t.text, `\`) {
		return t
	}
	var w tracer
	var at finding.Span
	found := false
	for i := 0; i < len(t.text); i++ {
		n := 0
		var octet byte
		switch {
		case t.text[i] != '\\' || i+1 == len(t.text):
		case t.text[i+1] < '0' || t.text[i+1] > '9':
			n, octet = 2, t.text[i+1]
		case i+3 < len(t.text):
			if v, err := strconv.ParseUint(t.text[i+1:i+4], 10, 8); err == nil {
				n, octet = 4, byte(v)
			}
		}
		if n == 0 {
			w.add(t.text[i:i+1], t.at[i])
			continue
		}
		if !found {
			at, found = t.span(i, i+n), true
		}
		w.add(string([]byte{octet}), t.span(i, i+n))
		i += n - 1
	}
	if found && isSPF(t.text) {
		l.find("SPF-032", l.text, at, true, vars{"what": "backslashes", "term": l.wordAt(at)})
	}
	return w.done()
}

// wordAt gives the word of the published text that a place is in.
func (l *spfLint) wordAt(at finding.Span) string {
	from := strings.LastIndexByte(l.text[:at.Start], ' ') + 1
	word, _, _ := strings.Cut(l.text[from:], " ")
	return word
}

// unquote takes marks out around words and around their values. Between two strings
// a space is put where their joining would make one term of two. Inside a value they
// stay: nobody can tell what they stand for.
func (l *spfLint) unquote(t traced) traced {
	if !strings.ContainsAny(t.text, marks) {
		return t
	}
	var w tracer
	var at finding.Span
	found := false
	for i := 0; i < len(t.text); {
		if strings.IndexByte(marks, t.text[i]) < 0 {
			w.add(t.text[i:i+1], t.at[i])
			i++
			continue
		}
		to := i
		for to < len(t.text) && isMark(t.text[to]) {
			to++
		}
		before, rest := t.text[:i], t.text[to:]
		run := t.text[i:to]
		within := i > 0 && t.text[i-1] != ' ' && rest != "" && !strings.Contains(run, " ")
		if within && !startsTerm.MatchString(rest) && !l.valueIn(before, run, rest) || run[0] == '>' && placeholder.MatchString(before) {
			for k := i; k < to; k++ {
				w.add(t.text[k:k+1], t.at[k])
			}
			i = to
			continue
		}
		if !found {
			at, found = t.at[i], true
		}
		if before != "" && rest != "" && (strings.Contains(run, " ") || within && startsTerm.MatchString(rest) || strings.HasSuffix(before, " ")) {
			w.add(" ", t.at[to-1])
		}
		i = to
	}
	if found && !l.found("SPF-014") && !l.found("SPF-032") && strings.IndexByte(marks, l.text[at.Start]) >= 0 {
		l.find("SPF-032", l.text, at, true, vars{"what": markName(l.text[at.Start]), "term": l.wordAt(at)})
	}
	return w.done()
}

// placeholder matches text up to the end of what an example asks to be filled in:
// include:<your domain>.
var placeholder = regexp.MustCompile(`[:=]<[^ >]*$`)

// valueIn reports whether marks open a value that others close at its end:
// include:"a.example".
func (l *spfLint) valueIn(before, run, rest string) bool {
	word, _, _ := strings.Cut(rest, " ")
	end := len(word)
	for end > 0 && strings.IndexByte("\"'`)", word[end-1]) >= 0 {
		end--
	}
	return strings.ContainsAny(before[len(before)-1:], ":=") && end < len(word) && !strings.ContainsAny(run, `\<>`) && !strings.ContainsAny(word[:end], marks)
}

// startsTerm matches text that can only be the start of a term.
var startsTerm = regexp.MustCompile(`(?i)^([-~?+]?((include|ip4|ip6|exists|ptr|a|mx):|all( |$))|[-~?+](a|mx)([ :/]|$)|redirect=|exp=)`)

// split gives the words of a text.
func split(t traced) []word {
	var words []word
	for i := 0; i < len(t.text); {
		if t.text[i] == ' ' {
			i++
			continue
		}
		end := len(t.text)
		if n := strings.IndexByte(t.text[i:], ' '); n >= 0 {
			end = i + n
		}
		words = append(words, word{text: t.text[i:end], at: t.span(i, end)})
		i = end
	}
	return words
}

// Forms of a word that a space has cut off from the next one.
var (
	onlySign  = regexp.MustCompile(`^[-~?+]$`)
	openEnded = regexp.MustCompile(`(?i)^[-~?+]?[a-z][a-z0-9]{0,8}[:=]$`)
	wantsMore = regexp.MustCompile(`(?i)^[-~?+]?(include|ip4|ip6|exists|redirect|exp)$`)
	bareTerm  = regexp.MustCompile(`(?i)^[-~?+]?(include|ip4|ip6|exists|redirect|exp|a|mx|ptr)$`)
	takesHost = regexp.MustCompile(`(?i)^[-~?+]?(a|mx|ptr)$`)
	length    = regexp.MustCompile(`^/{1,2}[0-9]{1,3}$`)
	digits    = regexp.MustCompile(`^[0-9]{1,3}$`)
	namesHost = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+\.?$`)
	address   = regexp.MustCompile(`^([0-9]{1,3}(\.[0-9]{1,3}){3}|[0-9A-Fa-f]{0,4}(:[0-9A-Fa-f]{0,4}){2,7})(/[0-9]{1,3})?$`)
)

// rejoin puts terms together that a space splits.
func (l *spfLint) rejoin(words []word) []word {
	var out []word
	for i := 0; i < len(words); {
		w, n := words[i], 1
		for i+n < len(words) {
			glue, ok := gluing(w.text, words[i+n].text)
			if !ok {
				break
			}
			w.text += glue + words[i+n].text
			w.at.End = words[i+n].at.End
			n++
		}
		if n > 1 {
			parts := make([]string, n)
			for k := range parts {
				parts[k] = words[i+k].text
			}
			l.find("SPF-026", l.text, w.at, true, vars{"term": strings.Join(parts, " "), "mended": w.text})
		}
		out = append(out, w)
		i += n
	}
	return out
}

// gluing tells whether two words are one term, and what has to stand between.
func gluing(w, next string) (glue string, ok bool) {
	bare := strings.TrimRight(next, ",;")
	value := (namesHost.MatchString(bare) || address.MatchString(bare) || strings.HasPrefix(next, "%{")) && !validTerm(bare)
	switch {
	case w == "-" && !strings.EqualFold(next, "all"):
		return "", false // a refusal, or the bullet of a list
	case onlySign.MatchString(w):
		return "", validTerm(next) && strings.IndexByte("-~?+", next[0]) < 0 && !strings.Contains(next, "=")
	case openEnded.MatchString(w):
		return "", value
	case bareTerm.MatchString(w) && len(next) > 1 && (next[0] == ':' || next[0] == '='):
		return "", true
	case bareTerm.MatchString(w) && (next == ":" || next == "="):
		return "", true
	case wantsMore.MatchString(w) && value, takesHost.MatchString(w) && namesHost.MatchString(next) && !address.MatchString(next) && !validTerm(next):
		name := strings.ToLower(strings.TrimLeft(w, "-~?+"))
		if name == "redirect" || name == "exp" {
			return "=", true
		}
		return ":", true
	case length.MatchString(next) && !strings.Contains(w, "/"):
		return "", validTerm(w) && validTerm(w+next)
	case strings.HasSuffix(w, "/") && digits.MatchString(next):
		return "", validTerm(w + next)
	}
	return "", false
}
