package plan

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"unspoof/dmarc"
	"unspoof/dns"
	"unspoof/inventory"
	"unspoof/spf"
)

// calmDays is how many days of reports without a failure of one's own are asked
// for: monthly mail (invoices, newsletters) has come round once.
const calmDays = 28

// facts are what the conditions of the ladder are judged by.
type facts struct {
	domain    string
	inventory *inventory.Inventory // nil: nobody looked
	reports   State                // reports are asked for, and sent where they go
	reportsBy string               // the Basis of that
	spf       State
	spfBasis  string
}

// need is a condition of a rung, judged by the facts.
type need func(facts) Condition

// judged gives the facts, gathered once.
func (m *dmarcMaker) judged(ctx context.Context, resolver dns.Resolver) facts {
	if m.known == nil {
		f := m.facts(ctx, resolver)
		m.known = &f
	}
	return *m.known
}

// facts gathers what DNS tells.
func (m *dmarcMaker) facts(ctx context.Context, resolver dns.Resolver) facts {
	f := facts{domain: m.plan.Domain, inventory: m.req.Inventory}
	f.reports, f.reportsBy = m.reporting(ctx, resolver)
	f.spf, f.spfBasis = spfState(ctx, resolver, m.plan.Domain)
	return f
}

// reporting tells whether reports go out today. That somebody reads them is
// nothing that DNS shows.
func (m *dmarcMaker) reporting(ctx context.Context, resolver dns.Resolver) (State, string) {
	if m.plan.Unsure {
		return NotKnown, "DNS did not answer which DMARC record there is today."
	}
	record := m.present
	if record == nil {
		record = m.today.Record
	}
	if record == nil || len(record.RUA) == 0 {
		return NotMet, "No DMARC record asks for reports today."
	}
	silent, refused := "", ""
	for _, u := range record.RUA[:min(len(record.RUA), maxReports)] {
		d, err := dmarc.CheckDestination(ctx, resolver, m.today.At, u)
		switch {
		case err != nil:
			silent = fmt.Sprintf("DNS did not answer whether %s accepts reports on %s.", u.Host, m.plan.Domain)
		case !d.Agreed:
			refused = fmt.Sprintf("%s does not say that it wants your reports, so receivers send none there.", u.Host)
		default: // one is enough
			return NotKnown, "Reports are asked for; whether they come, and somebody reads them, is not seen in DNS."
		}
	}
	if silent != "" {
		return NotKnown, silent
	}
	return NotMet, refused
}

// spfState tells whether the domain has one valid SPF record within the limits.
func spfState(ctx context.Context, resolver dns.Resolver, domain string) (State, string) {
	text, _, err := spf.Discover(ctx, resolver, domain)
	var fault *dns.Error
	switch {
	case errors.As(err, &fault):
		return NotKnown, "DNS did not answer which SPF record the domain has."
	case errors.Is(err, spf.ErrSeveralRecords):
		return NotMet, "The domain has several SPF records, which makes all of them invalid."
	case err != nil:
		return NotMet, "The domain has no SPF record."
	}
	cost, err := spf.Measure(ctx, resolver, domain, text)
	switch {
	case err != nil:
		return NotMet, "The SPF record of today is not valid: " + strings.TrimPrefix(err.Error(), "spf: ") + "."
	case !cost.Within():
		return NotMet, fmt.Sprintf("The SPF record of today costs %d look-ups of 10, and %d empty ones of 2.", cost.Lookups, cost.Voids)
	case cost.Broken > 0:
		return NotMet, "The SPF record of today leads to an include without a record, or with one that can't be read."
	case cost.Incomplete:
		return NotKnown, "DNS did not answer for all that the SPF record includes."
	}
	return Met, fmt.Sprintf("The SPF record of today is valid and costs %d look-ups of 10.", cost.Lookups)
}

// ReportsWanted is the ID of the condition that DNS never shows to be met: the first
// record is published all the same.
const ReportsWanted = "reports-wanted"

func needReportsWanted(facts) Condition {
	return Condition{
		ID: ReportsWanted, Text: "The mailbox that the reports go to exists, and somebody is to read it.",
		State: NotKnown, Basis: "DNS shows no mailboxes.",
		Check: "Send a message to the address in rua.",
	}
}

func needReportsArrive(f facts) Condition {
	return Condition{
		ID: "reports-arrive", Text: "Daily reports arrive, and somebody reads them.", State: f.reports, Basis: f.reportsBy,
		Check: "Look into the mailbox: large receivers send one report a day. unspoof dmarc check " + f.domain + " shows whether they are sent.",
	}
}

func needCleanReports(f facts) Condition {
	return Condition{
		ID: "clean-reports", Text: fmt.Sprintf("The reports of the last %d days, since the last change, show nothing of yours that fails.", calmDays),
		State: NotKnown, Basis: "No reports were read.",
		Check: "Go through the reports: every address of yours has to pass by SPF or DKIM with the domain of the From line.",
	}
}

func needTestCalm(facts) Condition {
	return Condition{
		ID: "test-calm", Text: "The test (t=y) ran for two weeks, and nobody missed mail.",
		State: NotKnown, Basis: "Nobody was asked.",
		Check: "Ask those who send newsletters and invoices, and who write to mailing lists; look into the reports.",
	}
}

// needNoListPosters: mailing lists change mail, so that its signature breaks (RFC
// 9989 section 7.4).
func needNoListPosters(f facts) Condition {
	return Condition{
		ID: "no-list-posters", Text: "Nobody writes to mailing lists with an address of " + f.domain + ", or those who do know that such mail may be refused (RFC 9989 section 7.4).",
		State: NotKnown, Basis: "DNS does not show who writes where.",
		Check: "Ask; and look in the reports for mail that passes neither by SPF nor by DKIM and comes from hosts of lists. If there is much, stay at quarantine.",
	}
}

func needSPFValid(f facts) Condition {
	return Condition{
		ID: "spf-valid", Text: "The SPF record is valid and within its limits.", State: f.spf, Basis: f.spfBasis,
		Check: "unspoof spf explain " + f.domain,
	}
}

func needAllNamed(f facts) Condition {
	c := Condition{
		ID: "senders-named", Text: "Everything that sends as the domain is known, and nothing is left open.",
		Check: "unspoof inventory " + f.domain + " with your sent mail and the logs of your servers; then ask who uses website forms, invoices, newsletters, printers, monitoring.",
	}
	c.State, c.Basis = f.named()
	return c
}

func (f facts) named() (State, string) {
	if f.inventory == nil {
		return NotKnown, "No inventory of senders was given."
	}
	if len(f.inventory.Claims) > 0 {
		var names []string
		for _, s := range f.inventory.Claims {
			names = append(names, s.Name)
		}
		return NotMet, "Seen, and not yet said to be yours or not: " + few(names) + "."
	}
	if !mailRead(f.inventory) {
		return NotKnown, "The inventory comes from DNS alone: no mail and no log was read."
	}
	return NotKnown, fmt.Sprintf("%d senders are known from DNS and mail; only you can say whether that is all.", len(f.inventory.Senders))
}

// mailRead reports whether any source of mail stands behind an inventory.
func mailRead(i *inventory.Inventory) bool {
	return slices.ContainsFunc(i.Sources, func(s inventory.SourceCount) bool {
		switch s.Source {
		case inventory.FromMailbox, inventory.FromLog, inventory.FromReport, inventory.FromBounce:
			return s.Own > 0
		}
		return false
	})
}

func needAligned(f facts) Condition {
	c := Condition{
		ID: "senders-aligned", Text: "All mail of each sender passes by SPF or DKIM with the domain of the From line.",
		Check: "Send a message from each to yourself and read it with unspoof inspect.",
	}
	c.State, c.Basis = f.aligned(func(inventory.Sender) bool { return true }, eitherAligned)
	return c
}

func needSigned(f facts) Condition {
	c := Condition{
		ID: "senders-signed", Text: "Every sender signs with DKIM for the domain: forwarded mail and mailing lists break SPF, and then only the signature is left.",
		Check: "unspoof dkim setup --domain " + f.domain + " says how, for each service.",
	}
	c.State, c.Basis = f.aligned(func(inventory.Sender) bool { return true }, func(s inventory.Sender) inventory.Answer { return s.DKIM.Aligned })
	return c
}

func needSubdomainsAligned(f facts) Condition {
	c := Condition{
		ID: "subdomains-aligned", Text: "What sends with a subdomain in the From line passes by SPF or DKIM.",
		Check: "Ask who sends from names below " + f.domain + "; look for them in the reports.",
	}
	c.State, c.Basis = f.aligned(func(s inventory.Sender) bool {
		return slices.ContainsFunc(s.From, func(d string) bool { return d != f.domain })
	}, eitherAligned)
	if c.State == Met && strings.HasPrefix(c.Basis, nobody) {
		// That none was seen below the domain is no proof that there is none.
		c.State, c.Basis = NotKnown, "No mail from a subdomain was seen in what was read."
	}
	return c
}

func needNoMissingSubdomain(f facts) Condition {
	return Condition{
		ID: "no-missing-subdomain", Text: "Nothing of yours writes a From line with a subdomain that is not in DNS.",
		State: NotKnown, Basis: "Only reports and your own mail show it.",
		Check: "Look through the reports for names below " + f.domain + " that are yours, and give each an address or a TXT record.",
	}
}

// nobody begins the basis where no sender is concerned.
const nobody = "No sender"

func eitherAligned(s inventory.Sender) inventory.Answer {
	switch {
	case s.SPF.Aligned == inventory.Yes || s.DKIM.Aligned == inventory.Yes:
		return inventory.Yes
	case s.SPF.Aligned == inventory.Unknown || s.DKIM.Aligned == inventory.Unknown:
		return inventory.Unknown
	}
	return inventory.No
}

// aligned judges the senders concerned: one that fails decides, and one that is
// not known leaves it open.
func (f facts) aligned(concerned func(inventory.Sender) bool, ask func(inventory.Sender) inventory.Answer) (State, string) {
	if f.inventory == nil {
		return NotKnown, "No inventory of senders was given."
	}
	var fail, open []string
	n := 0
	for _, s := range f.inventory.Senders {
		if s.Status == inventory.Hinted || !concerned(s) {
			continue
		}
		n++
		switch ask(s) {
		case inventory.No:
			fail = append(fail, s.Name)
		case inventory.Unknown:
			open = append(open, s.Name)
		}
	}
	switch {
	case len(fail) > 0:
		return NotMet, "Not so for " + few(fail) + "."
	case len(open) > 0:
		return NotKnown, "Not known of " + few(open) + "."
	case n == 0:
		return Met, nobody + " in the inventory is concerned."
	case len(f.inventory.Unknown) > 0:
		return NotKnown, "So for all senders known, but DNS did not answer everything."
	}
	return Met, fmt.Sprintf("So for all %d senders in the inventory.", n)
}
