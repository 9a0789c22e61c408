package plan

import (
	"context"
	"fmt"
	"strings"
)

// next is the DMARC record that comes after SPF, as BuildDMARC makes it. Where one
// is published, the ladder says what comes next, and what must be true before.
func (b *builder) next(ctx context.Context) error {
	d := b.plan.Domain
	// Whether the domain is in use was judged already.
	made, err := BuildDMARC(ctx, DMARCRequest{Domain: d, Parked: b.plan.Parked, Confirmed: b.plan.Parked}, b.resolver)
	if err != nil {
		return err
	}
	if made.Today != "" && !b.plan.Parked {
		b.plan.DMARCWhy = fmt.Sprintf("The domain has a DMARC record already: keep it. unspoof dmarc build --domain %s tells the next step from there, and what must be true before.", d)
		return nil
	}
	b.plan.DMARC = made.Record
	b.plan.DMARCWhy = strings.Join(append(made.Why, made.Warnings...), " ")
	return nil
}
