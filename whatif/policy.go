package whatif

import (
	"context"
	"net/netip"

	"unspoof/dmarc"
	"unspoof/dns"
)

// PolicyChange is what changes in the policy that the domain asks for.
type PolicyChange struct {
	Before PolicyState `json:"before"`
	After  PolicyState `json:"after"`
	// Weaker: forged mail that was to be put aside or refused would not be, or less
	// so, or no reports would come any more.
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
			Weaker:   after.Policy.Weaker(before.Policy) || before.Record != "" && after.Record == "",
			Stricter: before.Policy.Weaker(after.Policy) && after.Policy != dmarc.None,
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
	if d.Record.Test {
		p.Policy = p.Policy.Softer()
	}
	return p, true
}
