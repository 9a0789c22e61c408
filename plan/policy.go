package plan

import (
	"context"
	"fmt"
	"slices"

	"unspoof/spf"
)

// policy chooses the all that ends the record and says why: -all can cost
// forwarded mail before DMARC is looked at (RFC 7489 section 10.1).
func (b *builder) policy(ctx context.Context, word string) (string, error) {
	d := b.plan.Domain
	switch {
	case word == "" && b.plan.Parked:
		b.why("-all, because %s sends no mail: whatever claims to come from it is forged.", d)
		return "-all", nil
	case word == "" && b.refusesOthers(ctx):
		// The owner's word: nothing is loosened that nobody asked to loosen.
		b.why(hardText)
		b.lockOut()
		return "-all", nil
	case word == "":
		b.why("~all and not -all, because a forwarded message comes from an address that is not in the record. Some receivers refuse at -all before they look at the DKIM signature that would have shown it to be yours. ~all lets DMARC decide, and DMARC is what protects the From line that people see.")
		b.lockOut()
		return "~all", nil
	case word == "softfail":
		if b.plan.Parked {
			b.why("~all, as asked. %s sends nothing, so -all would be the clearer word.", d)
		} else {
			b.why("~all, as asked: it leaves the decision to DMARC, so forwarded mail with a good DKIM signature gets through.")
			b.lockOut()
		}
		return "~all", nil
	case word == "fail":
		if b.plan.Parked {
			b.why("-all, as asked: %s sends no mail.", d)
		} else {
			b.why("-all, as asked.")
			b.warn("-all: some receivers refuse at once what comes from another address, forwarded mail of yours included, without looking at DKIM and DMARC (RFC 7489 section 10.1). ~all with a DMARC policy protects as well and loses less.")
			b.lockOut()
		}
		return "-all", nil
	case word == "neutral":
		b.why("?all, as asked.")
		b.warn("?all says nothing about mail from other addresses, as if there were no record for them. Use it for a few days of trying at most.")
		return "?all", nil
	case word == "pass":
		return "", fmt.Errorf("plan: policy %q would let anyone send as %s; use softfail", word, d)
	}
	return "", fmt.Errorf("plan: policy %q is none of softfail, fail, neutral", word)
}

const hardText = "-all stays, as today's record has it. ~all with a DMARC policy is safer for forwarded mail: ask for softfail (--policy softfail) to have it."

// refusesOthers reports that today's record, or each where there are several, ends in
// -all, by itself or by the record that it redirects to.
func (b *builder) refusesOthers(ctx context.Context) bool {
	return len(b.records) > 0 && !slices.ContainsFunc(b.records, func(r *spf.Record) bool { return !b.hard(ctx, r) })
}

func (b *builder) hard(ctx context.Context, r *spf.Record) bool {
	for range maxLookups {
		if all := r.Find(spf.KindAll); all != nil {
			return all.Result() == spf.Fail
		}
		next := r.Find(spf.KindRedirect)
		if next == nil {
			return false
		}
		name, plain := next.Domain.Name()
		if !plain {
			return false
		}
		text, _, err := spf.Discover(ctx, b.resolver, name)
		if err != nil {
			return false
		}
		if r, err = spf.Parse(text); err != nil {
			return false
		}
	}
	return false
}

// lockOut warns before a sender is forgotten.
func (b *builder) lockOut() { b.plan.Warnings = append(b.plan.Warnings, lockOutText(b.plan.Domain)) }

func lockOutText(domain string) string {
	return fmt.Sprintf("Everything that sends as %s has to be in the list: website forms, invoices, newsletters, printers, monitoring. What is missing fails SPF, and once DMARC asks for it, may be refused. If in doubt, publish DMARC with p=none first and read its reports.", domain)
}
