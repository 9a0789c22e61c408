package dmarc

import (
	"strings"

	"unspoof/orgdomain"
)

// maxRecord is the most that the data of one DNS record can hold (RFC 1035
// section 3.2.1, RDLENGTH).
const maxRecord = 65535

const wsp = " \t" // RFC 5234 appendix B.1

// Parse reads a TXT record, its character-strings joined. A record that is no
// DMARC policy record gives a *SyntaxError; one that is, but not in all parts
// valid, gives a Record whose Notes say so.
func Parse(text string) (*Record, error) {
	if len(text) > maxRecord {
		return nil, &SyntaxError{TooLong, Span{maxRecord, len(text)}, "it is longer than a DNS record can be"}
	}
	if err := checkVersion(text); err != nil {
		return nil, err
	}
	r := &Record{
		Text: text, Tags: []Tag{}, RUA: []URI{}, RUF: []URI{}, Notes: []Note{},
		ADKIM: Relaxed, ASPF: Relaxed, PSD: orgdomain.PSDUnknown, FO: []string{"0"},
	}
	r.scan()
	r.interpret()
	r.lint()
	return r, nil
}

// scan cuts the text into tags (RFC 9989 section 4.8).
func (r *Record) scan() {
	seen := map[string]bool{}
	for start := 0; start <= len(r.Text); {
		end := start + strings.IndexByte(r.Text[start:]+";", ';')
		at := trim(r.Text, Span{start, end})
		start = end + 1
		if at.Start == at.End {
			if end < len(r.Text) {
				r.note(StrayText, Span{at.Start, end + 1}, "4.8", "two semicolons have nothing between them")
			}
			continue
		}
		tag, ok := r.scanTag(at)
		if !ok {
			continue
		}
		if seen[tag.Name] {
			r.note(TagTwice, tag.Span, "4.8", "%s is given twice; readers differ in which one they take", tag.Name)
		}
		seen[tag.Name] = true
		r.Tags = append(r.Tags, tag)
	}
}

func (r *Record) scanTag(at Span) (Tag, bool) {
	text := r.Text[at.Start:at.End]
	if i := strings.IndexFunc(text, func(c rune) bool { return c != '\t' && (c < 0x20 || c > 0x7e) }); i >= 0 {
		r.note(BadOctet, Span{at.Start + i, at.Start + i + 1}, "4.8", "an octet that is no printable ASCII character; the tag is ignored")
		return Tag{}, false
	}
	eq := strings.IndexByte(text, '=')
	name := strings.TrimRight(text[:max(eq, 0)], wsp)
	if eq < 0 || !isAlpha(name) {
		r.note(StrayText, at, "4.8", "%q is no tag; inside a list of addresses the separator is a comma", text)
		return Tag{}, false
	}
	tag := Tag{Name: strings.ToLower(name), Span: at, At: trim(r.Text, Span{at.Start + eq + 1, at.End})}
	tag.Value = r.Text[tag.At.Start:tag.At.End]
	if tag.Name != name {
		r.note(TagCase, Span{at.Start, at.Start + len(name)}, "4.8", "tag names are lower case; some readers do not know %q", name)
	}
	return tag, true
}

// checkVersion says whether text is a policy record: v first, and DMARC1 exactly
// (RFC 9989 section 4.7). It agrees with orgdomain.IsPolicyRecord.
func checkVersion(text string) error {
	if orgdomain.IsPolicyRecord(text) {
		return nil
	}
	first, _, _ := strings.Cut(text, ";")
	at := Span{0, len(first)}
	name, value, _ := strings.Cut(first, "=")
	value = strings.Trim(value, wsp)
	isV := strings.EqualFold(strings.Trim(name, wsp), "v")
	lower := strings.ToLower(text)
	bad := func(code Code, why string) error { return &SyntaxError{code, at, why} }
	switch {
	case isV && value == "DMARC1":
		return bad(LeadingSpace, "white space stands before v=DMARC1")
	case isV && strings.EqualFold(value, "DMARC1"):
		return bad(VersionCase, "DMARC1 has to be in capitals")
	case isV && hasPrefixFold(value, `DMARC1\`):
		return bad(ZoneFileEscape, "the backslash of a zone file was published too")
	case isV && hasPrefixFold(value, "DMARC1 "), isV && hasPrefixFold(value, "DMARC1\t"), isV && hasPrefixFold(value, "DMARC1,"):
		return bad(MissingSemicolon, "no semicolon stands after v=DMARC1")
	case isV && hasPrefixFold(value, "DMARC"):
		return bad(VersionWrong, "the only version is DMARC1")
	case strings.HasPrefix(text, `"`) && strings.Contains(lower, "v=dmarc1"):
		return bad(QuotedText, "the quotes were published too")
	case strings.Contains(lower, "v=dmarc1"):
		return bad(VersionNotFirst, "v=DMARC1 has to come first")
	}
	return bad(NotDMARC, "it does not start with v=DMARC1")
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// trim takes white space off both ends of a span.
func trim(text string, at Span) Span {
	s := text[at.Start:at.End]
	at.Start += len(s) - len(strings.TrimLeft(s, wsp))
	if s = strings.Trim(s, wsp); s == "" {
		return Span{at.End, at.End}
	}
	at.End = at.Start + len(s)
	return at
}

func isAlpha(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(c rune) bool { return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z') })
}
