package lint

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"unspoof/dmarc"
	"unspoof/dns"
	"unspoof/finding"
	"unspoof/orgdomain"
)

// DMARC lints the DMARC policy record of a domain (RFC 9989 section 4.7). With a
// resolver it also asks whether those who are to get reports agree.
func DMARC(ctx context.Context, a Args) Report {
	j := newJob(ctx, KindDMARC, a)
	if j.args.Domain != "" {
		j.report.Name = "_dmarc." + j.args.Domain
	}
	if j.args.Strings == nil && !j.lookupDMARC() {
		return j.done("")
	}
	var counted, meant []string
	for _, strs := range j.args.Strings {
		text := joined(strs)
		switch {
		case len(j.report.Records) == maxRecords:
			continue
		case orgdomain.IsPolicyRecord(text):
			counted = append(counted, text)
		case meantAsDMARC(text):
			meant = append(meant, text)
		default:
			continue
		}
		j.report.Records = append(j.report.Records, text)
	}
	if len(counted)+len(meant) == 0 {
		j.note("DMARC-001", nil)
		return j.done("")
	}
	j.misplacedDMARC()
	if len(counted) == 1 { // the others do no harm, and no good
		for _, text := range meant {
			j.find("DMARC-017", text, finding.Span{End: len(text)}, false, vars{"fault": "beside it stands a record that is none, since " + faultOf(text)})
		}
		meant = nil
	}
	return j.done(j.dmarcRecords(append(counted, meant...)))
}

// misplacedDMARC judges the name that the record stands at.
func (j *job) misplacedDMARC() {
	text := j.report.Records[0]
	whole := finding.Span{End: len(text)}
	switch j.args.Name {
	case "", j.report.Name:
	case j.args.Domain:
		j.find("DMARC-015", text, whole, true, nil)
	default:
		if j.report.Name != "" {
			j.find("DMARC-021", text, whole, true, vars{"host": j.args.Name})
		}
	}
}

func (j *job) dmarcRecords(texts []string) string {
	var all []string
	good := true
	for _, text := range texts {
		l := &dmarcLint{job: j, text: text}
		l.lint()
		out := writeTags(l.tags)
		if r, err := dmarc.Parse(out); l.unclear || err != nil || r.Policy == "" {
			good = false
		}
		all = append(all, out)
	}
	if len(all) > 1 {
		// Which policy is meant, only the owner knows.
		same := !slices.ContainsFunc(all, func(s string) bool { return s != all[0] })
		good = good && same
		j.find("DMARC-002", texts[1], finding.Span{End: len(texts[1])}, same, vars{"count": fmt.Sprint(len(all))})
	}
	if !good {
		return ""
	}
	return all[0]
}

// Openings by which a record is known that is meant as DMARC and does not count as
// such.
var (
	dmarcOpening = regexp.MustCompile(`(?i)\bv\s{0,3}[=:]\s{0,3}"?D-?MARC(?:[lI]\b|\s?\d*)`)
	dmarcBare    = regexp.MustCompile(`(?i)^[\s"']*D-?MARC\s?1?\b[\s;:,]`)
	dmarcPolicy  = regexp.MustCompile(`(?i)^[\s"']*p\s*=\s*(none|quarantine|reject)\b`)
)

func meantAsDMARC(text string) bool {
	if len(text) > maxText {
		return false
	}
	t, _ := trace(text).clean("\t")
	return dmarcOpening.MatchString(t.text) || dmarcBare.MatchString(t.text) || dmarcPolicy.MatchString(t.text)
}

// otherEnd matches a version with another mark behind it than a semicolon.
var otherEnd = regexp.MustCompile(`^v=DMARC1([:.,])`)

// faultOf words why a text is no policy record.
func faultOf(text string) string {
	if m := otherEnd.FindStringSubmatch(text); m != nil {
		return "behind v=DMARC1 stands " + m[1] + " where a semicolon belongs"
	}
	var e *dmarc.SyntaxError
	if _, err := dmarc.Parse(text); errors.As(err, &e) {
		return e.Text
	}
	return "it does not start with v=DMARC1"
}

// lookupDMARC asks for the records, at their place and where people put them by
// mistake; false where nothing can be judged.
func (j *job) lookupDMARC() bool {
	answered := func(name string, a dns.Answer) {
		j.args.Evidence = append(j.args.Evidence[:len(j.args.Evidence):len(j.args.Evidence)], evidence(name, dns.TypeTXT, a))
	}
	a, ok := j.askRecord(j.report.Name)
	if !ok {
		return false
	}
	answered(j.report.Name, a)
	j.args.Name, j.args.Strings = j.report.Name, txt(a)
	if anyDMARC(j.args.Strings) {
		j.wildcardTXT(anyDMARC)
		return true
	}
	for _, name := range []string{j.args.Domain, "dmarc." + j.args.Domain, "_dmarc." + j.report.Name, j.report.Name + "." + j.args.Domain} {
		if a, ok := j.ask(name, dns.TypeTXT); ok && anyDMARC(txt(a)) {
			answered(name, a)
			j.args.Name, j.args.Strings = name, txt(a)
			return true
		}
	}
	return true
}

func anyDMARC(records [][]string) bool {
	return slices.ContainsFunc(records, func(strs []string) bool {
		return orgdomain.IsPolicyRecord(joined(strs)) || meantAsDMARC(joined(strs))
	})
}

// dmarcLint is the lint of one record.
type dmarcLint struct {
	*job
	text string
	tags []tag
	// unclear is true where only the owner knows which policy is meant.
	unclear bool
}

func (l *dmarcLint) lint() {
	t, found := trace(l.text).clean("\t")
	for _, f := range found {
		l.find("DMARC-020", l.text, f.at, true, vars{"what": f.what})
	}
	counts := orgdomain.IsPolicyRecord(t.text)
	escaped, at, ok := t.unescape()
	if ok && counts {
		l.find("DMARC-023", l.text, at, true, vars{"fault": "the backslashes of a zone file were published too"})
	}
	t, at, ok = escaped.withoutMarks()
	if ok && counts && l.text[at.Start] < 0x80 {
		l.find("DMARC-020", l.text, at, true, vars{"what": markName(l.text[at.Start])})
	}
	t = l.opening(t, counts, len(found) > 0)
	l.read(t)
	l.rename()
	l.twice()
	l.policies()
	l.words()
	for _, name := range []string{"rua", "ruf"} {
		if tag := find(l.tags, name); tag != nil {
			l.uris(tag)
		}
	}
	l.weigh()
	l.sort()
	if l.args.Resolver != nil {
		l.consent()
	}
}

// opening judges the version and gives what stands behind it, or before.
func (l *dmarcLint) opening(t traced, counts, cleaned bool) traced {
	l.tags = []tag{{name: "v", value: "DMARC1"}}
	if counts {
		first := t.segments()[0]
		l.tags[0].at = first.span(0, len(first.text))
		return t.cut(min(len(t.text), strings.IndexByte(t.text+";", ';')+1), len(t.text))
	}
	m := dmarcOpening.FindStringIndex(t.text)
	if m == nil {
		m = dmarcBare.FindStringIndex(t.text)
	}
	if m == nil {
		m = []int{0, 0}
	}
	to := m[1]
	for to < len(t.text) && strings.IndexByte(" \t;,:.", t.text[to]) >= 0 {
		to++
	}
	if !cleaned || !orgdomain.IsPolicyRecord(strings.TrimSpace(t.text)) {
		l.find("DMARC-004", l.text, t.span(0, m[1]), true, vars{"fault": faultOf(l.text)})
	}
	rest := t.cut(to, len(t.text))
	before := t.cut(0, m[0])
	if i := tagStart.FindStringIndex(before.text); i != nil { // p=none; v=DMARC1
		var w tracer
		before = before.cut(i[0], len(strings.TrimRight(before.text, " \t;")))
		for i := range len(before.text) {
			w.add(before.text[i:i+1], before.at[i])
		}
		if strings.TrimSpace(rest.text) != "" {
			w.add(";", rest.span(0, 0))
		}
		for i := range len(rest.text) {
			w.add(rest.text[i:i+1], rest.at[i])
		}
		return w.done()
	}
	return rest
}

// tagStart matches where tags begin in text before the version.
var tagStart = regexp.MustCompile(`(?i)\b(p|sp|np|rua|ruf|adkim|aspf|fo|pct)\s*=`)
