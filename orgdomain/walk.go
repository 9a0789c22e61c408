package orgdomain

import (
	"context"
	"fmt"
	"strings"

	"unspoof/dns"
)

// MaxQueries is the most that one walk asks (RFC 9989 section 4.10).
const MaxQueries = 8

// afterFirst is how many labels the second name asked has at most, so that a
// forger's name of a hundred labels costs no more than MaxQueries.
const afterFirst = 7

// Step is one query of a walk.
type Step struct {
	Domain string `json:"domain"` // asked as _dmarc.Domain
	// Records are the DMARC policy records found, their character-strings joined.
	// One counts; several count as none.
	Records  []string `json:"records"`
	Others   []string `json:"others,omitempty"` // TXT records found there that are no policy records
	PSD      PSD      `json:"psd"`              // of the record that counts; PSDUnknown where none does
	NXDomain bool     `json:"nxdomain"`         // _dmarc.Domain does not exist
	Server   string   `json:"server"`           // who answered
}

// Valid gives the record that counts, "" where there is none or more than one.
func (s Step) Valid() string {
	if len(s.Records) == 1 {
		return s.Records[0]
	}
	return ""
}

// Result of a walk.
type Result struct {
	Name      string `json:"name"` // where it started, as Name gives it
	Steps     []Step `json:"steps"`
	OrgDomain string `json:"org_domain"` // "" where a fault left it open
	// Suffix is the public suffix domain met, the name with psd=y above Name; ""
	// where there is none.
	Suffix string `json:"suffix"`
}

// Walk asks DNS for DMARC policy records at name and its parents, and selects
// the organisational domain from them (RFC 9989 sections 4.10 and 4.10.2). At
// most MaxQueries questions are asked, one after another.
//
// An error wraps ErrName, or the resolver's error, which is a fault and not a
// "no"; the steps made before it are still given.
func Walk(ctx context.Context, r dns.Resolver, name string) (Result, error) {
	name, err := Name(name)
	if err != nil {
		return Result{}, err
	}
	res := Result{Name: name, Steps: []Step{}}
	for target := name; target != ""; target = next(target, len(res.Steps)) {
		step, err := ask(ctx, r, target)
		if err != nil {
			return res, fmt.Errorf("orgdomain: walk from %s: %w", name, err)
		}
		res.Steps = append(res.Steps, step)
		if step.PSD == PSDYes || step.PSD == PSDNo {
			break // section 4.10 steps 2 and 6
		}
	}
	res.choose()
	return res, nil
}

// next gives the name asked after target; asked counts the queries so far.
func next(target string, asked int) string {
	labels := strings.Count(target, ".") + 1
	drop := 1
	if asked == 1 && labels > afterFirst {
		drop = labels - afterFirst // section 4.10 step 4
	}
	for range drop {
		_, parent, ok := strings.Cut(target, ".")
		if !ok {
			return ""
		}
		target = parent
	}
	return target
}

func ask(ctx context.Context, r dns.Resolver, domain string) (Step, error) {
	step := Step{Domain: domain, Records: []string{}, PSD: PSDUnknown}
	query := "_dmarc." + domain
	if len(query) > maxName {
		// No such name can be published, so nothing is there.
		step.NXDomain = true
		return step, nil
	}
	answer, err := r.Lookup(ctx, dns.Question{Name: query, Type: dns.TypeTXT})
	if err != nil {
		return step, err
	}
	step.Server, step.NXDomain = answer.Server, answer.RCode == dns.NXDomain
	for _, record := range answer.Records {
		// Section 4.5: the strings are joined with nothing between.
		if text := strings.Join(record.Text, ""); IsPolicyRecord(text) {
			step.Records = append(step.Records, text)
		} else {
			step.Others = append(step.Others, text)
		}
	}
	if text := step.Valid(); text != "" {
		step.PSD = psdOf(text)
	}
	return step, nil
}

// choose selects the organisational domain, from the longest name to the
// shortest (section 4.10.2).
func (r *Result) choose() {
	for i, step := range r.Steps {
		switch {
		case step.Valid() == "":
		case step.PSD == PSDNo: // rule 1
			r.OrgDomain = step.Domain
			return
		case step.PSD == PSDYes && i > 0: // rule 2
			r.Suffix = step.Domain
			r.OrgDomain = oneBelow(r.Name, step.Domain)
			return
		default: // rule 3: the last one found has the fewest labels
			r.OrgDomain = step.Domain
		}
	}
	if r.OrgDomain == "" {
		r.OrgDomain = r.Name
	}
}

// oneBelow gives the name one label longer than parent on the way to name.
func oneBelow(name, parent string) string {
	below := strings.TrimSuffix(name, "."+parent)
	return below[strings.LastIndexByte(below, '.')+1:] + "." + parent
}
