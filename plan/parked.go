package plan

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"unspoof/dns"
	"unspoof/spf"
)

// ErrNoSender is wrapped where a request names nobody who sends, and neither the
// request nor DNS says that the domain sends nothing. The record would shut out
// all of its mail.
var ErrNoSender = errors.New("list what sends, or confirm that the domain sends nothing")

// maxNamed is how many servers and terms the refusal repeats.
const maxNamed = 10

// empty decides about a request that names nobody. A wrong guess here costs all
// mail of the domain, so it takes a word of the request or a DNS that shows it:
// no mail exchanger, or a null MX (RFC 7505), and nobody in today's record.
func (b *builder) empty(ctx context.Context, parked bool) error {
	d := b.plan.Domain
	if b.named && parked {
		return fmt.Errorf("plan: the request says that %s sends nothing, and names senders: leave out one or the other", d)
	}
	if b.named || parked {
		return nil
	}
	exchangers, err := b.exchangers(ctx)
	if err != nil {
		return fmt.Errorf("plan: nobody is named who sends for %s, and DNS does not show whether it is in use: %w", d, ErrNoSender)
	}
	senders, err := b.sendersOfToday(ctx)
	if err != nil {
		return fmt.Errorf("plan: nobody is named who sends for %s, and its SPF record of today cannot be made out (%s): %w", d, strings.TrimPrefix(err.Error(), "spf: "), ErrNoSender)
	}
	var use []string
	if len(exchangers) > 0 {
		use = append(use, "mail exchanger "+few(exchangers))
	}
	if len(senders) > 0 {
		use = append(use, "today's record lets in "+few(senders))
	}
	if len(use) == 0 {
		return nil
	}
	return fmt.Errorf("plan: nobody is named who sends for %s, and DNS shows it in use (%s): %w", d, strings.Join(use, "; "), ErrNoSender)
}

// exchangers gives the hosts that take mail for the domain; none for a null MX.
func (b *builder) exchangers(ctx context.Context) ([]string, error) {
	answer, err := b.resolver.Lookup(ctx, dns.Question{Name: b.plan.Domain, Type: dns.TypeMX})
	if err != nil {
		return nil, err
	}
	var hosts []string
	for _, r := range answer.Records {
		if h := strings.TrimSuffix(r.Host, "."); h != "" {
			hosts = append(hosts, h)
		}
	}
	return hosts, nil
}

// sendersOfToday gives the terms of today's record that let somebody in.
func (b *builder) sendersOfToday(ctx context.Context) ([]string, error) {
	text, _, err := spf.Discover(ctx, b.resolver, b.plan.Domain)
	if errors.Is(err, spf.ErrNoRecord) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	record, err := spf.Parse(text)
	if err != nil {
		return nil, err
	}
	return b.lost(record), nil
}

// few joins a list, of which the first are enough.
func few(list []string) string {
	if n := len(list) - maxNamed; n > 0 {
		return strings.Join(list[:maxNamed], ", ") + fmt.Sprintf(" and %d more", n)
	}
	return strings.Join(list, ", ")
}
