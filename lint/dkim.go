package lint

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"unspoof/dkim"
	"unspoof/dns"
	"unspoof/finding"
	"unspoof/orgdomain"
)

// DKIM lints the key record of a selector (RFC 6376 section 3.6.1).
func DKIM(ctx context.Context, a Args) Report {
	j := newJob(ctx, KindDKIM, a)
	if j.args.Domain != "" && j.args.Selector != "" {
		j.report.Name = j.args.Selector + keyBranch + j.args.Domain
	}
	if j.args.Strings == nil && !j.lookupDKIM() {
		return j.done("")
	}
	var records [][]string
	for _, strs := range j.args.Strings {
		text := joined(strs)
		if len(records) == maxRecords || isSPF(text) || orgdomain.IsPolicyRecord(text) || len(text) > maxText {
			continue // a wildcard brings them
		}
		records = append(records, strs)
		j.report.Records = append(j.report.Records, text)
	}
	if len(records) == 0 {
		j.note("DKIM-001", vars{"name": j.where()})
		return j.done("")
	}
	whole := func(i int) finding.Span { return finding.Span{End: len(j.report.Records[i])} }
	if j.args.Name != "" && j.report.Name != "" && j.args.Name != j.report.Name {
		j.find("DKIM-024", j.report.Records[0], whole(0), true, vars{"host": j.args.Name})
	}
	if date := selectorDate(j.args.Selector, j.args.Time); date != "" {
		j.note("DKIM-029", vars{"date": date})
	}
	var out []string
	good := true
	for _, strs := range records {
		l := &dkimLint{job: j, text: joined(strs)}
		mended := l.lint(strs)
		if k, err := dkim.ParseKey(mended); err != nil && !k.Revoked {
			good = false
		}
		out = append(out, mended)
	}
	if len(out) > 1 {
		same := !slices.ContainsFunc(out, func(s string) bool { return s != out[0] })
		good = good && same // which key is in use, only the owner knows
		j.find("DKIM-002", j.report.Records[1], whole(1), same, vars{"count": fmt.Sprint(len(out)), "name": j.where()})
	}
	if !good {
		return j.done("")
	}
	return j.done(out[0])
}

const keyBranch = "._domainkey."

// where words the place of the record.
func (j *job) where() string {
	if j.report.Name == "" {
		return "the selector's name"
	}
	return j.report.Name
}

// lookupDKIM asks for the key record, at its place and where people put it by
// mistake; false where nothing can be judged.
func (j *job) lookupDKIM() bool {
	d, s := j.args.Domain, j.args.Selector
	a, ok := j.askRecord(j.report.Name)
	if !ok {
		return false
	}
	own := append(j.args.Evidence[:len(j.args.Evidence):len(j.args.Evidence)], evidence(j.report.Name, dns.TypeTXT, a))
	j.args.Name, j.args.Strings, j.args.Evidence = j.report.Name, txt(a), own
	if a.Void() {
		for _, name := range []string{j.report.Name + "." + d, s + "._domainkey." + j.report.Name, s + "." + d, s + ".domainkey." + d} {
			if a, ok := j.ask(name, dns.TypeTXT); ok && slices.ContainsFunc(txt(a), func(t []string) bool { return keyTag.MatchString(joined(t)) }) {
				j.args.Name, j.args.Strings = name, txt(a)
				j.args.Evidence = append(own, evidence(name, dns.TypeTXT, a))
				break
			}
		}
		return true
	}
	made := madeUp + keyBranch + d
	if w, ok := j.ask(made, dns.TypeTXT); ok && !w.Void() && !allRevoked(w) {
		j.note("DKIM-023", nil, evidence(made, dns.TypeTXT, w))
	}
	return true
}

// allRevoked reports a wildcard that says that there are no keys.
func allRevoked(a dns.Answer) bool {
	return !slices.ContainsFunc(a.Records, func(r dns.Record) bool {
		k, _ := dkim.ParseKey(joined(r.Text))
		return !k.Revoked
	})
}

// dkimLint is the lint of one record.
type dkimLint struct {
	*job
	text string
	tags []tag
}

// Parts of key records.
var (
	keyTag       = regexp.MustCompile(`(?i)(^|[;\s"])p\s*=`)
	keyStart     = regexp.MustCompile(`(?i)\bv\s*=\s*D-?KIM\s*\d*`)
	keyText      = regexp.MustCompile(`^[A-Za-z0-9+/\s]{40,}=*$`)
	armour       = regexp.MustCompile(`-{2,}\s*(BEGIN|END)[A-Z0-9 ]*-{2,}|\b(BEGIN|END) (RSA )?PUBLIC KEY\b`)
	escapedBreak = regexp.MustCompile(`\\(r|n|010|013)`)
	genkeyTail   = regexp.MustCompile(`\)?\s*;\s*-{4,}.*$`) // opendkim-genkey's comment
	lostMark     = regexp.MustCompile(`[\s,]+(v|k|h|s|t|n|g|p)\s*=\s*[A-Za-z0-9*]`)
)

// lint finds what is wrong and gives the mended record.
func (l *dkimLint) lint(strs []string) string {
	before := len(l.drafts)
	for _, s := range strs {
		if len(s) > maxString {
			at := strings.Index(l.text, s)
			l.find("DKIM-031", l.text, finding.Span{Start: at + maxString, End: at + len(s)}, false, vars{"count": fmt.Sprint(len(s))})
		}
	}
	if isPrivate(l.text) {
		l.find("DKIM-010", l.text, finding.Span{End: len(l.text)}, true, nil)
		return dkim.RevokedRecord
	}
	t, found := trace(l.text).clean("\t\r\n")
	for _, f := range found {
		l.find("DKIM-022", l.text, f.at, true, vars{"what": f.what})
	}
	if m := genkeyTail.FindStringIndex(t.text); m != nil {
		l.find("DKIM-022", l.text, t.span(m[0], m[1]), true, vars{"what": "the comment of a zone file"})
		t = t.cut(0, m[0])
	}
	t, at, ok := t.unescape()
	if ok {
		l.find("DKIM-021", l.text, at, true, vars{"fault": "the backslashes of a zone file were published too"})
	}
	if m := escapedBreak.FindStringIndex(t.text); m != nil {
		l.find("DKIM-022", l.text, t.span(m[0], m[1]), true, vars{"what": "line breaks as programs write them"})
		t = t.cutAll(escapedBreak)
	}
	if t, at, ok = t.without("\"'\\`()<>"); ok && l.text[at.Start] < 0x80 {
		l.find("DKIM-022", l.text, at, true, vars{"what": markName(l.text[at.Start])})
	}
	if m := armour.FindStringIndex(t.text); m != nil {
		l.find("DKIM-008", l.text, t.span(m[0], m[1]), true, vars{"fault": t.text[m[0]:m[1]]})
		t = t.cutAll(armour)
	}
	l.read(l.opening(t))
	l.version()
	l.twice()
	l.values()
	l.key()
	out := writeTags(l.tags)
	if _, err := dkim.ParseKey(l.text); err != nil && !slices.ContainsFunc(l.drafts[before:], func(d draft) bool { return d.Severity.AtLeast(finding.Serious) || d.ID == "DKIM-006" }) {
		var f *dkim.Fault
		reason := err.Error()
		if errors.As(err, &f) {
			reason = strings.TrimPrefix(f.Reason, "key record: ")
		}
		l.find("DKIM-003", l.text, finding.Span{End: len(l.text)}, out != l.text, vars{"fault": reason})
	}
	return out
}

// opening takes off what stands before the version: the name and type of a line of
// a zone file.
func (l *dkimLint) opening(t traced) traced {
	t = t.trimmed()
	if m := keyStart.FindStringIndex(t.text); m != nil && m[0] > 0 && !keyTag.MatchString(t.text[:m[0]]) && !strings.Contains(t.text[:m[0]], ";") {
		l.find("DKIM-004", l.text, t.span(0, m[0]), true, vars{"fault": "text stands before it"})
		t = t.cut(m[0], len(t.text))
	}
	if keyText.MatchString(t.text) {
		l.find("DKIM-005", l.text, t.span(0, len(t.text)), true, nil)
		l.tags = []tag{{name: "v", value: "DKIM1"}, {name: "k", value: "rsa"}, {name: "p", value: t.text, at: t.span(0, len(t.text))}}
		return traced{}
	}
	return t
}

// read cuts the text into tags.
func (l *dkimLint) read(t traced) {
	segs := t.segments()
	for i := 0; i < len(segs); i++ {
		s := segs[i]
		if s.text == "" {
			continue
		}
		if m := lostMark.FindStringIndex(s.text); m != nil && m[0] > 0 && strings.ContainsAny(s.text[:m[0]], "=:") && !strings.HasPrefix(strings.TrimSpace(s.text), "n=") {
			name := m[0]
			for strings.IndexByte(white+",", s.text[name]) >= 0 {
				name++
			}
			l.find("DKIM-021", l.text, s.span(m[0], m[1]), true, vars{"fault": "none stands before " + s.text[name:name+1] + "="})
			segs = slices.Insert(segs, i+1, s.cut(name, len(s.text)))
			s = s.cut(0, m[0]).trimmed()
		}
		tag := cutTag(s)
		if m := colonTag.FindStringSubmatch(s.text); tag.stray && m != nil {
			l.find("DKIM-021", l.text, tag.at, true, vars{"fault": m[1] + " is parted from its value by " + describe(m[2])})
			tag.stray, tag.name, tag.value = false, strings.ToLower(m[1]), m[3]
		}
		if tag.stray && isVersion(s.text) && len(l.tags) == 0 {
			l.find("DKIM-004", l.text, tag.at, true, vars{"fault": s.text})
			tag.stray, tag.name, tag.value = false, "v", "DKIM1"
		}
		if tag.stray && keyText.MatchString(s.text) && !strings.Contains(t.text, "p=") {
			l.find("DKIM-005", l.text, tag.at, true, nil)
			tag.stray, tag.name = false, "p"
		}
		if tag.stray {
			l.find("DKIM-003", l.text, tag.at, true, vars{"fault": s.text + " is no tag"})
			continue
		}
		l.tags = append(l.tags, tag)
	}
}

var colonTag = regexp.MustCompile(`(?i)^([vkhstnp])(\s*:\s*|\s+)(\S.*)$`)

func describe(mark string) string {
	if strings.TrimSpace(mark) == "" {
		return "a space"
	}
	return "a colon"
}

func isVersion(s string) bool {
	return strings.EqualFold(s, "DKIM1") || strings.EqualFold(s, "vDKIM1") || strings.EqualFold(s, "DKIM")
}
