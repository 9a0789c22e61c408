package spf

import (
	"strings"

	"unspoof/dns"
)

// maxExplanation is the length at which an explanation is cut, since it goes into
// an SMTP reply, whose lines have 512 octets (RFC 5321 section 4.5.3.1.5), with
// other words. RFC 7208 section 6.2 leaves the limit to us.
const maxExplanation = 400

// explain sets the explanation of a fail from the exp modifier of the record that
// gave it (section 6.2). Any fault leaves the result as if there were none.
func (e *evaluation) explain(rec *record) {
	if rec.exp < 0 {
		return
	}
	e.explaining = true
	t := &rec.terms[rec.exp]
	if e.tracing {
		e.traceTerm(rec.text, t)
	}
	name, ok, w := e.target(rec.text, t)
	if w != "" || !ok {
		return
	}
	answer, fault := e.ask(name, dns.TypeTXT)
	if e.tracing {
		e.traceQuestion(name, dns.TypeTXT, answer, fault, "")
	}
	if fault != faultNone || len(answer.records) != 1 {
		return
	}
	text := strings.Join(answer.records[0].Text, "")
	if err := scanExplanation(text); err != nil {
		if e.tracing {
			e.traceNote("not used: " + err.Error())
		}
		return
	}
	b := e.scratch().buf[:0]
	for text != "" && len(b) < maxExplanation {
		literal, m, rest := nextMacro(text)
		b = append(b, literal...)
		if m.letter != 0 {
			var w Word
			if b, w = e.appendMacro(b, m); w != "" {
				return
			}
		}
		text = rest
	}
	e.space.buf = b
	b = b[:min(len(b), maxExplanation)]
	// Macros carry what the client said; it must not break a reply's line.
	for i, c := range b {
		if c < ' ' || c > '~' {
			b[i] = '?'
		}
	}
	e.explanation = string(b)
}

// scanExplanation checks the text of an explanation.
//
//	explain-string = *( macro-string / SP )
func scanExplanation(text string) *SyntaxError {
	fault := func(from, to int, expected string) *SyntaxError {
		return &SyntaxError{Term: clip(text), Span: Span{from, to}, Expected: expected, Section: "7.1"}
	}
	if len(text) > maxRecord {
		return fault(maxRecord, len(text), "at most 65535 octets")
	}
	for i := 0; i < len(text); {
		if text[i] == '%' {
			_, next, expected := scanMacro(text, i, len(text))
			if expected != "" {
				return fault(i, min(next+1, len(text)), expected)
			}
			i = next
			continue
		}
		if text[i] != ' ' && class[text[i]]&classLiteral == 0 {
			return fault(i, i+1, "spaces and visible ASCII characters")
		}
		i++
	}
	return nil
}
