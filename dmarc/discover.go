package dmarc

import (
	"context"
	"errors"
	"fmt"

	"unspoof/dns"
	"unspoof/orgdomain"
)

// Discovery is the policy that applies to a domain, and how it was found.
type Discovery struct {
	Domain string  `json:"domain"` // as Domain gives it
	Record *Record `json:"record"` // nil: none applies
	At     string  `json:"at"`     // the domain that published it; "" without one
	// Relation of Domain to At, and the policy for it before t=y; "" where no
	// policy applies.
	Relation Relation `json:"relation"`
	Policy   Policy   `json:"policy"`
	Tag      string   `json:"tag"` // where Policy comes from: "p", "sp", "np"; "" by default
	// OrgDomain is Domain's organisational domain, "" where a fault of DNS left it
	// open; Fault then says which. Suffix is the public suffix domain met.
	OrgDomain string `json:"org_domain"`
	Suffix    string `json:"suffix,omitempty"`
	Fault     error  `json:"-"`
	// Listed is the organisational domain by the public suffix list, which readers
	// of RFC 7489 use; IsSuffix says that Domain is on that list itself.
	Listed   string `json:"listed"`
	IsSuffix bool   `json:"is_suffix"`

	Steps []orgdomain.Step `json:"steps"`
}

// Discover finds the policy record for an author domain, and its organisational
// domain (RFC 9989 sections 4.10 and 4.10.1). At most nine questions are asked:
// those of the walk, and whether Domain exists, where np differs from sp.
//
// An error wraps orgdomain.ErrName, or a fault of DNS that leaves the policy
// open; the steps made before it are still given. That there is no record is no
// error.
func Discover(ctx context.Context, r dns.Resolver, domain string) (Discovery, error) {
	walk, err := orgdomain.Walk(ctx, r, domain)
	d := Discovery{
		Domain: walk.Name, OrgDomain: walk.OrgDomain, Suffix: walk.Suffix, Steps: walk.Steps,
	}
	d.Listed = orgdomain.OfPSL(d.Domain)
	d.IsSuffix = d.Domain != "" && orgdomain.OfPSL("below."+d.Domain) != orgdomain.OfPSL(d.Domain)
	own := len(walk.Steps) > 0 && walk.Steps[0].Valid() != ""
	if err != nil && !own {
		return d, discoveryError(domain, err)
	}
	d.Fault = err // the policy is known, the organisational domain is not
	text := d.find()
	if text == "" {
		return d, nil
	}
	if d.Record, err = Parse(text); err != nil {
		return d, discoveryError(domain, err)
	}
	if d.Relation, err = d.relate(ctx, r); err != nil {
		return d, discoveryError(domain, err)
	}
	if p, tag, ok := d.Record.For(d.Relation); ok {
		d.Policy, d.Tag = p, tag
	}
	return d, nil
}

// find gives the record to apply: of the author domain, else of its
// organisational domain, else of its public suffix domain (section 4.10.1).
func (d *Discovery) find() string {
	for _, at := range []string{d.Domain, d.OrgDomain, d.Suffix} {
		for _, step := range d.Steps {
			if at != "" && step.Domain == at && step.Valid() != "" {
				d.At = at
				return step.Valid()
			}
		}
	}
	return ""
}

// relate finds out which of p, sp and np is asked for; whether the domain exists
// is only asked where that matters.
func (d *Discovery) relate(ctx context.Context, r dns.Resolver) (Relation, error) {
	if d.At == d.Domain {
		return Itself, nil
	}
	below, _, _ := d.Record.For(Below)
	missing, _, _ := d.Record.For(NonExistent)
	if below == missing || !d.Steps[0].NXDomain {
		// The answer for _dmarc.Domain was no NXDOMAIN, so all names above it exist
		// (RFC 8020).
		return Below, nil
	}
	answer, err := r.Lookup(ctx, dns.Question{Name: d.Domain, Type: dns.TypeA})
	if err != nil {
		return "", err
	}
	if answer.RCode == dns.NXDomain {
		return NonExistent, nil // section 3.2.13
	}
	return Below, nil
}

func discoveryError(domain string, err error) error {
	if errors.Is(err, orgdomain.ErrName) {
		return fmt.Errorf("dmarc: %w", err)
	}
	return fmt.Errorf("dmarc: policy of %s: %w", domain, err)
}
