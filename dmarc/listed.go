package dmarc

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"unspoof/dns"
	"unspoof/orgdomain"
)

// discoverListed finds the policy as readers of RFC 7489 do (section 6.6.3): at
// the domain itself, else at its organisational domain by the public suffix list,
// nowhere between. At most two questions are asked.
func discoverListed(ctx context.Context, r dns.Resolver, domain string) (Discovery, error) {
	name, err := Domain(domain)
	if err != nil {
		return Discovery{}, discoveryError(domain, err)
	}
	org := orgdomain.OfPSL(name)
	d := Discovery{Domain: name, OrgDomain: org, Listed: org, IsSuffix: orgdomain.OfPSL("below."+name) != org}
	for _, at := range []string{name, org} {
		step, err := askRecords(ctx, r, at)
		if err != nil {
			return d, discoveryError(domain, err)
		}
		d.Steps = append(d.Steps, step)
		if len(step.Records) > 1 { // step 5: no DMARC is applied
			return d, nil
		}
		if len(step.Records) == 1 {
			d.At = at
			break
		}
		if at == org {
			return d, nil
		}
	}
	if d.Record, err = Parse(d.Steps[len(d.Steps)-1].Valid()); err != nil {
		return d, discoveryError(domain, err)
	}
	d.Relation = Itself
	if d.At != name {
		d.Relation = Below
	}
	d.Policy, d.Tag = d.Record.listedPolicy(d.Relation)
	return d, nil
}

// askRecords asks one name for policy records.
func askRecords(ctx context.Context, r dns.Resolver, domain string) (orgdomain.Step, error) {
	step := orgdomain.Step{Domain: domain, Records: []string{}, PSD: orgdomain.PSDUnknown}
	query := "_dmarc." + domain
	if _, err := orgdomain.Name(query); err != nil {
		step.NXDomain = true // too long a name: nobody can have published there
		return step, nil
	}
	answer, err := r.Lookup(ctx, dns.Question{Name: query, Type: dns.TypeTXT})
	if err != nil {
		return step, fmt.Errorf("records of %s: %w", domain, err)
	}
	step.Server, step.NXDomain = answer.Server, answer.RCode == dns.NXDomain
	for _, record := range answer.Records {
		if text := strings.Join(record.Text, ""); orgdomain.IsPolicyRecord(text) {
			step.Records = append(step.Records, text)
		} else {
			step.Others = append(step.Others, text)
		}
	}
	return step, nil
}

// listedPolicy is For as RFC 7489 section 6.6.3 step 6 has it: np is unknown.
func (r *Record) listedPolicy(rel Relation) (Policy, string) {
	_, sp := r.Tag("sp")
	switch {
	case r.Policy == "" || sp && r.Subdomain == "":
		if len(r.RUA) == 0 {
			return "", ""
		}
		return None, ""
	case rel != Itself && r.Subdomain != "":
		return r.Subdomain, "sp"
	}
	return r.Policy, "p"
}

// percent gives pct (RFC 7489 section 6.3), 100 where it is absent or not valid.
func (r *Record) percent() int {
	t, ok := r.Tag("pct")
	if !ok || t.Value == "" || len(t.Value) > 3 || strings.Trim(t.Value, "0123456789") != "" {
		return 100
	}
	n, err := strconv.Atoi(t.Value)
	if err != nil || n > 100 {
		return 100
	}
	return n
}
