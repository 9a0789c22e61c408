package spf

import (
	"fmt"
	"strconv"
	"strings"
)

// quote writes a fixed name as a domain-spec that stands for it, whatever octets
// DNS has in it (RFC 7208 section 7.1).
func quote(name string) string { return quoter.Replace(name) }

var quoter = strings.NewReplacer("%", "%%", " ", "%_")

// valid says whether a term written anew is one.
func valid(text string) error {
	if rec, err := Parse(version + " " + text); err != nil || len(rec.Terms) != 1 {
		return fmt.Errorf("%w: %s", errEntangled, clip(text))
	}
	return nil
}

// keep writes a term that hangs on the message so that it means the same in the
// own record as in that where it stands.
func (u *unfolder) keep(read *reading, at *term) (string, error) {
	t := at.tree(read.text)
	t.Qualifier = "+"
	if read.domain == u.domain {
		return strings.TrimPrefix(t.String(), "redirect="), nil
	}
	var spec strings.Builder
	for _, p := range t.Domain.Parts {
		switch {
		case p.Macro == nil:
			spec.WriteString(p.Text)
		case p.Macro.Letter == "p":
			return "", errNameOnly // its choice begins with the current domain: section 7.3
		case p.Macro.Letter == "d":
			_, m, _ := nextMacro(p.Text)
			spec.WriteString(quote(string(appendKnown(nil, read.domain, m))))
		default:
			spec.WriteString(p.Text)
		}
	}
	t.Domain.Text = spec.String()
	if t.Domain.Text == "" {
		t.Domain.Text = quote(read.domain)
	}
	if t.Kind == KindRedirect && u.depth == 0 {
		return "", errEntangled // its other results count, too
	}
	if t.Kind == KindRedirect {
		t.Kind, t.Name = KindInclude, "include" // of an included record: its pass counts, no more
	}
	text := t.String()
	return text, valid(text)
}

// spec gives what a term that needs DNS asks for, in a form that is the same
// wherever it stands: the known macros filled in, those of the message marked with
// an octet that no name has. Two terms with one spec match the same clients of any
// message, or neither does.
func (read *reading) spec(t *term) string {
	kind := t.kind
	if kind == KindRedirect {
		kind = KindInclude // it asks for the same
	}
	b := append([]byte(kind.String()), ':')
	if t.from == t.to {
		b = append(b, strings.ToLower(read.domain)...)
	}
	for rest := read.text[t.from:t.to]; rest != ""; {
		literal, m, after := nextMacro(rest)
		b = append(b, strings.ToLower(literal)...)
		switch m.letter {
		case 0:
		case '%':
			b = append(b, '%')
		case '_':
			b = append(b, ' ')
		case '-':
			b = append(b, "%20"...)
		case 'd':
			b = appendKnown(b, strings.ToLower(read.domain), m)
		default:
			b = append(b, 0)
			b = append(b, rest[len(literal):len(rest)-len(after)]...)
			if m.letter == 'p' { // section 7.3
				b = append(append(b, '@'), strings.ToLower(read.domain)...)
			}
		}
		rest = after
	}
	if b[len(b)-1] == '.' {
		b = b[:len(b)-1]
	}
	if kind == KindA || kind == KindMX {
		b = append(b, '/')
		b = strconv.AppendUint(b, uint64(t.bits[ipv4]), 10)
		b = append(b, '/')
		b = strconv.AppendUint(b, uint64(t.bits[ipv6]), 10)
	}
	return string(b)
}
