package plan

import (
	"context"

	"unspoof/dmarc"
)

// next is the DMARC record that comes after SPF: watching first for a domain
// that sends, refusing at once for one that does not. A policy that is there
// already is never weakened.
func (b *builder) next(ctx context.Context) {
	d := b.plan.Domain
	today, err := dmarc.Discover(ctx, b.resolver, d)
	if err != nil {
		b.warn("DNS did not answer which DMARC policy %s has today. If there is one, don't replace it by a weaker one.", d)
	}
	value := "v=DMARC1; p=none; rua=mailto:dmarc@" + d
	b.plan.DMARCWhy = "SPF looks at the envelope only; DMARC protects the From line that people see. p=none refuses nothing yet: it asks for daily reports, which show everybody who sends as " + d + ". When they show only what is yours, go on to p=quarantine and then p=reject. Make sure that the address exists."
	if b.plan.Parked {
		value = "v=DMARC1; p=reject"
		b.plan.DMARCWhy = d + " sends nothing, so receivers can be told at once to refuse whatever claims to come from it, subdomains included."
	}
	switch {
	case today.At == d && (today.Policy == dmarc.Reject || today.Policy != "" && !b.plan.Parked):
		b.plan.DMARCWhy = "The domain has a DMARC policy already (p=" + string(today.Policy) + "): keep it."
		if today.Policy != dmarc.Reject {
			b.plan.DMARCWhy += " When its reports show only what is yours, go one step further, to p=" + string(stricter(today.Policy)) + "."
		}
		return
	case today.At != d && today.Policy == dmarc.Reject:
		b.plan.DMARCWhy = "The policy of " + today.At + " (reject) covers this name already: publish none here, or it would take its place."
		return
	case today.At != d && today.Policy != "" && !b.plan.Parked:
		b.plan.DMARCWhy = "The policy of " + today.At + " (" + string(today.Policy) + ") covers this name already. Publish one here only if this name should have another; it would take its place."
		return
	}
	if today.At == d && b.plan.Parked {
		if rua, ok := today.Record.Tag("rua"); ok {
			value += "; rua=" + rua.Value // whoever reads the reports goes on doing so
		}
	}
	record, err := TXT("_dmarc."+d, value)
	if err != nil {
		b.warn("The DMARC record cannot be made: %v", err)
		return
	}
	b.plan.DMARC = record.In(b.keys.zone)
}

func stricter(p dmarc.Policy) dmarc.Policy {
	if p == dmarc.None {
		return dmarc.Quarantine
	}
	return dmarc.Reject
}
