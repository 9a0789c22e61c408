package plan

import (
	"context"
	"slices"

	"strings"

	"unspoof/inventory"
	"unspoof/orgdomain"
	"unspoof/sender"
	"unspoof/spf"
)

// needless says why a service needs no term in a domain's own record by what the
// catalogue knows, "" where it does. Mailboxes and the like send with the
// customer's own envelope address, so theirs is always needed.
func needless(s sender.Service) string {
	own := s.Category == "mailbox" || s.Category == "hosting" || s.Category == "forwarding"
	switch {
	case strings.HasPrefix(s.SPFStatus, "not_needed"):
		return "its return path is set up by CNAME records, and SPF is checked there"
	case s.SPFStatus == "on_subdomain":
		return "its SPF record belongs on the subdomain that it sends from, not here"
	case s.SPFStatus == "legacy" && !own, s.ReturnPath == "no" && !own:
		return "its mail leaves with an envelope address of its own, so your SPF record is not even asked, and cannot make DMARC pass"
	}
	return ""
}

// ignored reports that it is sure that a service's mail never asks the customer's
// record: only then may a published term go on the catalogue's word.
func ignored(s sender.Service) bool {
	return s.ReturnPath == "no" && needless(s) != "" && s.Confidence == sender.High &&
		!slices.Contains(s.Unverified, "return_path") && !slices.Contains(s.Unverified, "all")
}

// leftOut says why a service gets no term here, "" where it gets one: where the
// catalogue says so, and neither today's record nor mail that was seen speaks
// against it.
func (b *builder) leftOut(s sender.Service) string {
	why := needless(s)
	switch {
	case why == "", b.needed[s.ID]:
		return ""
	case s.SPFStatus == "on_subdomain" && orgdomain.OfPSL(b.plan.Domain) != b.plan.Domain:
		return "" // here may well be that subdomain
	case !ignored(s) && len(b.todays(s)) > 0:
		return ""
	}
	return why
}

// proven notes which services of the inventory were seen to pass by this very
// record: whatever the catalogue says, they need it.
func (b *builder) proven(list *inventory.Inventory) {
	if list == nil {
		return
	}
	for i := range list.Senders {
		if s := &list.Senders[i]; s.Catalogue != nil && s.SPF.Aligned == inventory.Yes && s.SPF.Basis == inventory.Observed && !elsewhere(s, b.plan.Domain) {
			b.needed[s.Catalogue.ID] = true
		}
	}
}

// published keeps the terms by which today's record lets a service in, where the
// catalogue cannot say which it needs, or says that it needs none. Not ok where
// there are none.
func (b *builder) published(ctx context.Context, s sender.Service) bool {
	terms := b.todays(s)
	if len(terms) == 0 {
		return false
	}
	var kept []string
	for _, t := range terms {
		name, plain := t.Domain.Name()
		switch {
		case t.Kind != spf.KindInclude && t.Kind != spf.KindRedirect:
			b.term(t.String())
		case b.missing(ctx, t):
			continue // explained where today's record is compared
		case plain:
			b.term("include:" + name)
		default:
			b.term("include:" + t.Domain.Text)
		}
		kept = append(kept, t.Text)
	}
	if why := needless(s); why != "" && len(kept) > 0 {
		b.why("%s stays, because today's record has it. The catalogue says of %s that %s: when its DKIM is set up%s and the reports show that its mail passes by that, it can go.", strings.Join(kept, " "), s.Name, why, dkimAdvice(s))
	}
	return true
}
