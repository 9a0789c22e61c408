package plan

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// ErrNoSender is wrapped where a request names nobody who sends, and neither the
// request nor DNS says that the domain sends nothing. The record would shut out
// all of its mail.
var ErrNoSender = errors.New("list what sends, or confirm that the domain sends nothing")

// maxNamed is how many servers and terms the refusal repeats.
const maxNamed = 10

// empty decides about a request that names nobody. A wrong guess here costs all
// mail of the domain, so it takes a word of the request, or a DNS in which nothing
// speaks for use; and against a DNS that shows use, a confirmation.
func (b *builder) empty(ctx context.Context, req SPFRequest) error {
	d := b.plan.Domain
	if b.named && req.Parked {
		return fmt.Errorf("plan: the request says that %s sends nothing, and names senders: leave out one or the other", d)
	}
	if b.named {
		return nil
	}
	u := inUse(ctx, b.resolver, d)
	b.plan.Use = u.shows
	switch {
	case req.Parked:
		b.refused = u.refusal(d, req.Confirmed)
		return nil
	case u.none():
		return nil
	case len(u.all()) == 0:
		return fmt.Errorf("plan: nobody is named who sends for %s, and DNS did not answer whether it is in use (%w): %w", d, u.fault, ErrNoSender)
	}
	return fmt.Errorf("plan: nobody is named who sends for %s, and DNS shows it in use (%s): %w", d, inside(u.all()), ErrNoSender)
}

// few joins a list, of which the first are enough.
func few(list []string) string {
	if n := len(list) - maxNamed; n > 0 {
		return strings.Join(list[:maxNamed], ", ") + fmt.Sprintf(" and %d more", n)
	}
	return strings.Join(list, ", ")
}
