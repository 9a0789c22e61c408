package lint

import (
	"regexp"
	"strings"

	"unspoof/finding"
	"unspoof/spf"
)

// word is one term as it is after mending, and where in the record it stood.
type word struct {
	text   string
	at     finding.Span
	broken bool // it is no term, and nobody but the owner knows what was meant
	gone   bool // it is not in the mended record
	letsIn bool // it lets somebody send, as far as the text tells
}

// validTerm reports whether text alone is a term of SPF.
func validTerm(text string) bool {
	_, err := spf.Parse(spfVersion + " " + text)
	return err == nil && text != ""
}

// unquote takes quotation marks and backslashes out, which belong to the files and
// panels in which records are typed. Between two strings a space is put where their
// joining would make one term of two.
func (l *spfLint) unquote(t traced) traced {
	const marks = "\"'`\\()<>"
	if !strings.ContainsAny(t.text, marks) {
		return t
	}
	var w tracer
	var at finding.Span
	found := false
	for i := 0; i < len(t.text); i++ {
		if strings.IndexByte(marks, t.text[i]) < 0 {
			w.add(t.text[i:i+1], t.at[i])
			continue
		}
		if !found {
			at, found = t.at[i], true
		}
		first := i
		for i+1 < len(t.text) && strings.IndexByte(marks+" ", t.text[i+1]) >= 0 {
			i++
		}
		rest := t.text[i+1:]
		if rest != "" && first > 0 && (startsTerm.MatchString(rest) || strings.HasPrefix(rest, "a ") || strings.HasPrefix(rest, "mx ") || strings.HasSuffix(t.text[:first], " ") || t.text[i] == ' ') {
			w.add(" ", t.at[i])
		}
	}
	if !l.found("SPF-014") && strings.IndexByte(marks, l.text[at.Start]) >= 0 {
		l.find("SPF-032", l.text, at, true, vars{"what": "quotation marks or brackets", "term": strings.TrimSpace(t.text)})
	}
	return w.done()
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
		end := i + strings.IndexByte(t.text[i:]+" ", ' ')
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
