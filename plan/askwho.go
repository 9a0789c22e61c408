package plan

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"unspoof/dns"
	"unspoof/sender"
	"unspoof/spf"
)

// askWho is the plan of a domain without SPF for which nobody is named who sends, and
// whose mail is received somewhere: whoever receives it very likely sends it, too, so
// that is asked, and the rest of the plan is made. Not ok where DNS gives nobody to ask
// about.
func askWho(ctx context.Context, req Request, resolver dns.Resolver) (a Authoring, ok bool, err error) {
	domain, err := domainName("domain", req.SPF.Domain)
	if err != nil {
		return a, false, err
	}
	if _, _, err := spf.Discover(ctx, resolver, domain); !errors.Is(err, spf.ErrNoRecord) {
		return a, false, nil // today's record says more than a guess does
	}
	hosts, _, err := exchangers(ctx, resolver, domain)
	if err != nil {
		return a, false, nil
	}
	var who, flags []string
	for _, h := range hosts {
		service, known := mailboxes(h)
		name, flag := h, "--mx"
		switch {
		case known:
			name, flag = service.Name, "--service "+service.ID
		case len(sender.ByMX(h)) > 0:
			continue // a filter before the mailboxes says nothing of who sends
		}
		if !slices.Contains(flags, flag) {
			who, flags = append(who, name), append(flags, flag)
		}
	}
	if len(flags) == 0 {
		return a, false, nil
	}
	a = newAuthoring(ctx, emptySPF(domain), resolver)
	step := newStep("spf", spfTitle, Record{})
	step.Change = Ask
	step.Do = append(step.Do,
		fmt.Sprintf("unspoof plan %s %s says that you send from %s, where your mail is received. That is very likely so: people write from where they read.", domain, strings.Join(flags, " "), strings.Join(who, " and ")),
		"Name beside it whatever else sends, with --service, --host and --ip, and --inventory where you have one.")
	step.Why = append(step.Why, domain+" has no SPF record, and nobody was named who sends for it.")
	if err := a.rest(ctx, req, resolver); err != nil {
		return a, false, err
	}
	a.order(step)
	a.take(step)
	return a, true, nil
}
