package census

import (
	"context"
	"slices"
	"strings"

	"unspoof/dns"
	"unspoof/inventory"
	"unspoof/orgdomain"
	"unspoof/sender"
)

// logs turns what left by the logs into sightings.
func (r *reader) logs(ctx context.Context, yield func(inventory.Sighting) bool) bool {
	for _, l := range r.args.Logs {
		via := l.SmartHost
		if via != "" && r.exchanger(ctx, via, l.SmartFor) {
			via = ""
		}
		all, ours := 0, 0
		for _, w := range l.Ways {
			all += w.Count
			if orgdomain.Below(r.domain, w.Sender) {
				ours += w.Count
			}
		}
		r.read.Logged += all
		switch {
		case all == 0:
			r.warn("%s shows no mail of the server's own users and programs that left it.", l.Name)
		case ours == 0:
			r.warn("%s shows no mail with a return path of %s among what left the server (%d in all).", l.Name, r.domain, all)
		}
		for _, w := range l.Ways {
			s := inventory.Sighting{
				Source: inventory.FromLog, Genuine: true, First: w.First, Last: w.Last, Count: w.Count,
				MailFrom: w.Sender, Host: w.Host, Via: via, Relay: via != "", Where: l.Name,
			}
			if !yield(s) {
				return false
			}
		}
	}
	return true
}

// exchanger tells a host that took all mail because the recipients are customers of
// one provider from a smart host, to which the server hands whatever it sends. The
// exchangers of providers are known; those of others are told by DNS: a smart host
// takes mail for domains whose exchanger it is not. Where DNS is silent it stays
// one: then no address is taken for that of the mail.
func (r *reader) exchanger(ctx context.Context, host string, domains []string) bool {
	if len(sender.ByMX(host)) > 0 {
		// Who has mailboxes at such a provider may hand it all that he sends: to an
		// exchanger that bears his own name.
		first, _, _ := strings.Cut(host, ".")
		return first != strings.ReplaceAll(r.domain, ".", "-") && first != strings.ReplaceAll(r.org, ".", "-")
	}
	if len(sender.ByHost(host)) > 0 {
		return false // a service's submission host: its exchangers are known
	}
	answered := false
	for _, text := range domains {
		domain := orgdomain.Tidy(text)
		if domain == "" {
			continue
		}
		a, err := r.args.Resolver.Lookup(ctx, dns.Question{Name: domain, Type: dns.TypeMX})
		if err != nil {
			continue
		}
		answered = true
		// RFC 5321 section 5.1: without MX records, the domain is its own exchanger.
		its := len(a.Records) == 0 && domain == host
		if !its && !slices.ContainsFunc(a.Records, func(m dns.Record) bool { return orgdomain.Tidy(m.Host) == host }) {
			return false
		}
	}
	return answered
}
