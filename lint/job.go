package lint

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"unspoof/dns"
	"unspoof/finding"
)

// Bounds on records that are made to be full of mistakes.
const (
	maxFindings = 100 // of one report
	maxAlike    = 30  // of one rule, so that one mistake made often hides no other
	maxRecords  = 20  // looked at under one name
	maxText     = 65535
)

// vars are what stands for the {words} of a rule.
type vars map[string]string

// draft is a finding before it is known what the mended record is.
type draft struct {
	finding.Finding
	mended bool // it is put right in the mended record
}

// job is one run of a linter.
type job struct {
	ctx    context.Context
	args   Args
	report Report
	drafts []draft
	counts map[string]int // of the drafts of a rule, those left out too
	mends  bool           // some finding is put right, be it left out
	left   int            // records that were not looked at
	loose  bool           // the record lets everybody in, and that can't be put right
	wide   bool           // a term of the record lets in a very wide network
}

func newJob(ctx context.Context, kind Kind, a Args) *job {
	if a.Resolver != nil {
		a.Resolver = &memory{Resolver: a.Resolver, answers: map[dns.Question]dns.Answer{}}
	}
	a.Domain, a.Name, a.Selector = dns.Canonical(a.Domain), dns.Canonical(a.Name), dns.Canonical(a.Selector)
	return &job{ctx: ctx, args: a, counts: map[string]int{}, report: Report{
		Kind: kind, Domain: a.Domain, Records: []string{}, Findings: []finding.Finding{}, Skipped: []string{}, Unanswered: []finding.Evidence{},
	}}
}

// find adds a finding about a place in a record.
func (j *job) find(id, text string, at finding.Span, mended bool, v vars, evidence ...finding.Evidence) {
	d := j.add(id, mended, v, evidence)
	if d == nil {
		return
	}
	// A record may be huge, and every finding has it.
	at.Start, at.End = min(max(at.Start, 0), len(text)), min(max(at.End, 0), len(text))
	d.Place = &finding.Place{Text: text, Span: at}
}

// note adds a finding that has no place in a text.
func (j *job) note(id string, v vars, evidence ...finding.Evidence) { j.add(id, false, v, evidence) }

func (j *job) add(id string, mended bool, v vars, evidence []finding.Evidence) *draft {
	j.mends = j.mends || mended
	j.loose = j.loose || !mended && (id == "SPF-004" || id == "SPF-052")
	if j.counts[id]++; j.counts[id] > maxAlike {
		j.report.LeftOut++
		return nil
	}
	domain := j.args.Domain
	if domain == "" {
		domain = "DOMAIN"
	}
	values := vars{"domain": domain, "name": j.report.Name, "hint": ""}
	maps.Copy(values, v)
	f := finding.New(id, values, slices.Concat(j.args.Evidence, evidence)...)
	j.drafts = append(j.drafts, draft{f, mended})
	return &j.drafts[len(j.drafts)-1]
}

// done makes the report. mended is "" where no valid record could be made.
func (j *job) done(mended string) Report {
	if j.mends {
		j.report.Mended = mended
	}
	for _, d := range j.drafts {
		if d.mended {
			d.Finding.Mended = j.report.Mended
		}
		j.report.Findings = append(j.report.Findings, d.Finding)
	}
	finding.Sort(j.report.Findings)
	if left := len(j.report.Findings) - maxFindings; left > 0 {
		j.report.LeftOut += left
		j.report.Findings = j.report.Findings[:maxFindings]
	}
	return j.report
}

// ask puts a question; ok is false where the answer stays open, which is then
// noted.
func (j *job) ask(name string, typ dns.Type) (a dns.Answer, ok bool) {
	if j.args.Resolver == nil || dns.CheckName(name) != nil {
		return a, false
	}
	a, err := j.args.Resolver.Lookup(j.ctx, dns.Question{Name: name, Type: typ})
	if err != nil {
		j.unanswered(name, typ, err)
		return a, false
	}
	return a, true
}

// askRecord asks for the record that is to be judged: without it nothing is known,
// which must not look like a record without a fault.
func (j *job) askRecord(name string) (a dns.Answer, ok bool) {
	switch {
	case name == "":
		j.open(dns.TypeTXT.String(), "not asked: neither a record was given nor where it stands")
	case j.args.Resolver == nil:
		j.open(query(name, dns.TypeTXT), "not asked: there is no resolver")
	case dns.CheckName(name) != nil:
		j.open(query(name, dns.TypeTXT), "not asked: DNS can hold no such name")
	default:
		return j.ask(name, dns.TypeTXT)
	}
	return a, false
}

func (j *job) unanswered(name string, typ dns.Type, err error) {
	e := finding.Evidence{Query: query(name, typ), Answer: "no answer"}
	var fault *dns.Error
	if errors.As(err, &fault) {
		e.Server, e.Answer = fault.Server, string(fault.Kind)
	}
	j.leave(e)
}

// open notes what was not asked, and why.
func (j *job) open(query, why string) { j.leave(finding.Evidence{Query: query, Answer: why}) }

func (j *job) leave(e finding.Evidence) {
	if !slices.Contains(j.report.Unanswered, e) && len(j.report.Unanswered) < maxFindings {
		j.report.Unanswered = append(j.report.Unanswered, e)
	}
}

func query(name string, typ dns.Type) string { return typ.String() + " " + name }

// evidence says what DNS answered.
func evidence(name string, typ dns.Type, a dns.Answer) finding.Evidence {
	e := finding.Evidence{Query: query(name, typ), Server: a.Server}
	var parts []string
	for i, r := range a.Records {
		if i == maxShown {
			parts = append(parts, "…")
			break
		}
		switch typ {
		case dns.TypeTXT:
			parts = append(parts, joined(r.Text))
		case dns.TypeA, dns.TypeAAAA:
			parts = append(parts, r.Addr.String())
		default:
			parts = append(parts, r.Host)
		}
	}
	switch {
	case len(parts) > 0:
		e.Answer = strings.Join(parts, " | ")
	case a.RCode == dns.NXDomain:
		e.Answer = "NXDOMAIN"
	default:
		e.Answer = "NODATA"
	}
	return e
}

// maxShown bounds the records that one piece of evidence repeats.
const maxShown = 10

// txt gives the TXT records of an answer as Args has them.
func txt(a dns.Answer) [][]string {
	all := [][]string{}
	for _, r := range a.Records {
		all = append(all, r.Text)
	}
	return all
}

// found reports whether a finding of that id was added.
func (j *job) found(id string) bool {
	return j.counts[id] > 0
}
