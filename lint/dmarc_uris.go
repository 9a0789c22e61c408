package lint

import (
	"regexp"
	"slices"
	"strings"

	"unspoof/dmarc"
	"unspoof/finding"
)

// uris reads the list of rua or ruf. An address that only the owner can put right
// stays as it is; what names none goes.
func (l *dmarcLint) uris(t *tag) {
	list := openMailto.ReplaceAllString(t.value, "$1")
	if list != t.value {
		l.find("DMARC-007", l.text, t.at, true, vars{"fault": "a space stands behind mailto:"})
	}
	var keep []string
	spaced := false
	for part := range strings.SplitSeq(list, ",") {
		pieces := addressesIn(part)
		spaced = spaced || len(pieces) > 1
		for _, p := range pieces {
			fix, ok := l.uri(t, p)
			empty := noAddress.MatchString(p)
			switch {
			case empty:
				l.find("DMARC-007", l.text, t.at, true, vars{"fault": "an address in " + t.name + " is empty"})
			case !ok:
				l.find("DMARC-007", l.text, t.at, false, vars{"fault": p})
				fix = p
			}
			if !empty && !slices.Contains(keep, fix) {
				keep = append(keep, fix)
			}
		}
	}
	if spaced {
		l.find("DMARC-022", l.text, t.at, true, vars{"tag": t.name})
	}
	t.value, t.gone = strings.Join(keep, ","), len(keep) == 0
}

// addressesIn gives the addresses of what stands between two commas, parted by
// another mark or by none. A piece that is neither an address nor a word between two
// may belong to one of them: then all of it is one.
func addressesIn(part string) []string {
	part = strings.TrimSpace(part)
	pieces := strings.FieldsFunc(part, func(r rune) bool { return strings.ContainsRune(" \t|", r) })
	if len(pieces) < 2 && strings.Count(part, "@") > 1 {
		pieces = strings.Fields(strings.ReplaceAll(part, "mailto:", " mailto:"))
	}
	pieces = slices.DeleteFunc(pieces, func(p string) bool { return p == "and" || p == "&" || p == "or" })
	if len(pieces) == 0 || slices.ContainsFunc(pieces, func(p string) bool { return !strings.Contains(p, "@") }) {
		return []string{part}
	}
	return pieces
}

var (
	// openMailto matches mailto: that a space parts from its address.
	openMailto = regexp.MustCompile(`(?i)(mailto:)\s+`)
	// noAddress matches what a panel writes where a field was left empty.
	noAddress = regexp.MustCompile(`(?i)^(mailto:?)?$`)
	// otherMailto matches mailto with another mark in the place of its colon, or none.
	otherMailto = regexp.MustCompile(`(?i)^mailto[-=./;]*`)
	// mailAddress matches an address that reports can be sent to: a dot-atom, and a
	// domain of two labels or more (RFC 5322 section 3.4.1).
	mailAddress = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+=?^_`{|}~/-]+([.][A-Za-z0-9!#$%&'*+=?^_`{|}~/-]+)*@([A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?[.]){1,}[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?[.]?$")
)

// withoutMarks takes quotation marks and backslashes out, and gives the place of the
// first. A backslash within an address stays: without it, another one is named.
func (t traced) withoutMarks() (traced, finding.Span, bool) {
	var w tracer
	var at finding.Span
	found := false
	inner := t.insideAddress()
	for i := range len(t.text) {
		if c := t.text[i]; strings.IndexByte("\"\\`", c) < 0 || c == '\\' && inner[i] {
			w.add(t.text[i:i+1], t.at[i])
		} else if !found {
			at, found = t.at[i], true
		}
	}
	return w.done(), at, found
}

// insideAddress gives the octets of mail addresses with such on both sides as
// addresses are made of.
func (t traced) insideAddress() map[int]bool {
	inner := map[int]bool{}
	for _, m := range addressLike.FindAllStringIndex(t.text, -1) {
		for i := m[0] + 1; i < m[1]-1; i++ {
			inner[i] = nameOctet(t.text[i-1]) && nameOctet(t.text[i+1])
		}
	}
	return inner
}

// addressLike matches what is meant as one mail address.
var addressLike = regexp.MustCompile(`[^\s,;:!"=]+@[^\s,;:!"=]+`)

// nameOctet reports an octet of which names in mail addresses are made.
func nameOctet(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || strings.IndexByte("._-\\", c) >= 0
}

// uri reads one address, and puts it right where it is plain how.
func (l *dmarcLint) uri(t *tag, text string) (string, bool) {
	uris, notes := readURI(text)
	if len(uris) == 1 && mailAddress.MatchString(uris[0].Address) && !strings.HasPrefix(uris[0].Address, "/") {
		if uris[0].Size != "" {
			l.find("DMARC-017", l.text, t.at, true, vars{"fault": "the size limit !" + uris[0].Size + " is obsolete and ignored"})
		}
		return uris[0].URI, len(notes) == 0 || uris[0].Size != ""
	}
	fix, _, _ := strings.Cut(text, "!") // a size that is not written as one
	fix = strings.Trim(fix, "<>()[]'\".;:")
	// mailt:od@example.com: the letters are there, the colon slid.
	if whole := strings.ReplaceAll(fix, ":", ""); otherMailto.MatchString(whole) && !strings.HasPrefix(strings.ToLower(fix), "mailto:") {
		fix = whole
	} else if i := strings.LastIndexByte(fix, ':'); i >= 0 && strings.Contains(fix[i:], "@") {
		fix = fix[i+1:]
	}
	fix = "mailto:" + strings.TrimLeft(otherMailto.ReplaceAllString(fix, ""), "/<")
	if uris, notes := readURI(fix); len(uris) == 1 && len(notes) == 0 && mailAddress.MatchString(uris[0].Address) {
		l.find("DMARC-007", l.text, t.at, true, vars{"fault": text})
		return fix, true
	}
	return "", false
}

// readURI reads one address with the parser that receivers' reading is modelled on.
func readURI(text string) ([]dmarc.URI, []dmarc.Note) {
	r, err := dmarc.Parse("v=DMARC1; p=none; rua=" + text)
	if err != nil {
		return nil, nil
	}
	return r.RUA, slices.DeleteFunc(r.Notes, func(n dmarc.Note) bool { return n.Code == dmarc.NoReports })
}
