package whatif

import (
	"context"
	"net/netip"
	"strconv"

	"unspoof/dmarc"
	"unspoof/dns"
)

// PolicyChange is what changes in the policy that the domain asks for.
type PolicyChange struct {
	Before PolicyState `json:"before"`
	After  PolicyState `json:"after"`
	// Weaker: forged mail that was to be put aside or refused would not be, or less
	// so, or there would be no policy record any more.
	Weaker bool `json:"weaker"`
	// Stricter: mail that fails would be treated more harshly, yours too.
	Stricter bool `json:"stricter"`
}

// PolicyState is the DMARC policy at one time.
type PolicyState struct {
	Record string `json:"record"` // "" where none applies
	At     string `json:"at"`     // the domain that publishes it
	// Policy that receivers by RFC 9989 are to apply, t=y included; "" for nothing.
	Policy dmarc.Policy `json:"policy"`
	// Subdomains and NonExistent are those for names below, where the record is the
	// domain's own.
	Subdomains  dmarc.Policy `json:"subdomains,omitempty"`
	NonExistent dmarc.Policy `json:"non_existent,omitempty"`
	// Strict is whether SPF or DKIM align only with the very same name.
	StrictSPF  bool `json:"strict_spf"`
	StrictDKIM bool `json:"strict_dkim"`
	// Percent is of how many of a hundred messages receivers by RFC 7489 ask the policy,
	// of the rest one level less (pct); 0 without a record. RFC 9989 has no such tag.
	Percent int `json:"percent"`
	// Reports: the record names somebody who gets aggregate reports (rua).
	Reports bool `json:"reports"`
}

// weaker reports whether s asks for less than other for some name or, of the same
// policy and by RFC 7489, for fewer messages.
func (s PolicyState) weaker(other PolicyState) bool {
	if s.Policy == other.Policy && s.Subdomains == other.Subdomains && s.NonExistent == other.NonExistent {
		return s.refuses() && s.Percent < other.Percent
	}
	return s.Policy.Weaker(other.Policy) || s.Subdomains.Weaker(other.Subdomains) || s.NonExistent.Weaker(other.NonExistent)
}

// refuses reports whether anything is to be put aside or refused.
func (s PolicyState) refuses() bool {
	for _, p := range []dmarc.Policy{s.Policy, s.Subdomains, s.NonExistent} {
		if p != "" && p != dmarc.None {
			return true
		}
	}
	return false
}

// nobody is an address that nobody sends from (RFC 1112 section 4): what passes
// from there passes from everywhere.
var nobody = netip.MustParseAddr("240.0.0.1")

// comparePolicy finds what the planned records change for DMARC, and for a
// stranger who forges the domain in envelope and From line.
func (r *replayer) comparePolicy(ctx context.Context) {
	before, okBefore := r.policy(ctx, r.today)
	after, okAfter := r.policy(ctx, r.planned)
	if !okBefore || !okAfter {
		r.notes["DNS did not answer for the DMARC policy."] = true
	} else if before != after {
		r.dmarc = &PolicyChange{
			Before: before, After: after,
			Weaker: after.weaker(before) || before.Record != "" && after.Record == "",
			Stricter: after.refuses() && (before.weaker(after) ||
				after.StrictSPF && !before.StrictSPF || after.StrictDKIM && !before.StrictDKIM),
		}
	}
	stranger := Message{IP: nobody, HELO: r.domain, MailFrom: "postmaster@" + r.domain, From: r.domain}
	was, is := cells(ctx, r.today, r.cache, stranger), cells(ctx, r.planned, r.cache, stranger)
	for i, rec := range receivers {
		r.stranger = append(r.stranger, Row{Receiver: rec, Before: was[i], After: is[i]})
	}
}

func (r *replayer) policy(ctx context.Context, resolver dns.Resolver) (PolicyState, bool) {
	d, err := dmarc.Discover(ctx, resolver, r.domain)
	if err != nil {
		return PolicyState{}, false
	}
	p := PolicyState{Policy: d.Policy}
	if d.Record == nil || d.Policy == "" {
		return PolicyState{}, true
	}
	p.Record, p.At = d.Record.Text, d.At
	p.StrictSPF, p.StrictDKIM = d.Record.ASPF == dmarc.Strict, d.Record.ADKIM == dmarc.Strict
	p.Percent, p.Reports = percent(d.Record), len(d.Record.RUA) > 0
	if d.Relation == dmarc.Itself {
		p.Subdomains, _, _ = d.Record.For(dmarc.Below)
		p.NonExistent, _, _ = d.Record.For(dmarc.NonExistent)
	}
	if d.Record.Test {
		p.Policy, p.Subdomains, p.NonExistent = p.Policy.Softer(), p.Subdomains.Softer(), p.NonExistent.Softer()
	}
	return p, true
}

// percent is pct as receivers by RFC 7489 read it (section 6.3).
func percent(r *dmarc.Record) int {
	if t, ok := r.Tag("pct"); ok {
		if n, err := strconv.ParseUint(t.Value, 10, 8); err == nil && n < 100 && len(t.Value) <= 3 {
			return int(n)
		}
	}
	return 100
}
