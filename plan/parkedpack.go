package plan

import (
	"context"
	"fmt"
	"strings"

	"unspoof/dns"
)

// ParkedRequest names a domain that sends and receives no mail.
type ParkedRequest struct {
	Domain string
	// Confirmed says that the domain is unused, whatever DNS shows.
	Confirmed bool
	// Reports are mail addresses for DMARC reports; nil keeps those of today.
	Reports []string
}

// ParkedPlan is the pack of records that locks a domain: SPF -all, DMARC
// p=reject, null MX (RFC 7505) and a revoked wildcard key (RFC 6376 section
// 3.6.1).
type ParkedPlan struct {
	Domain  string `json:"domain"`  // in A-labels
	Missing bool   `json:"missing"` // DNS has no such name: misspelt, very likely
	Zone    string `json:"zone"`    // to which the names in the forms are relative
	Steps   []Step `json:"steps"`
	// Use is what in DNS shows that the domain is, or was, in use; each a
	// sentence.
	Use      []string `json:"use"`
	Unsure   bool     `json:"unsure"` // DNS did not answer everything
	Warnings []string `json:"warnings"`
}

// revoked is the text of a key record that takes back every key: an empty p (RFC
// 6376 section 3.6.1).
const revoked = "v=DKIM1; p="

// BuildParked makes the pack. ErrInUse is wrapped, and the plan given with it to
// show what would be lost, where DNS shows use, or does not tell, and the request
// does not confirm. A nil resolver asks nothing of DNS.
func BuildParked(ctx context.Context, req ParkedRequest, resolver dns.Resolver) (ParkedPlan, error) {
	domain, err := domainName("domain", req.Domain)
	if err != nil {
		return ParkedPlan{}, err
	}
	if resolver == nil {
		resolver = silent{}
	}
	k := &parker{resolver: resolver, plan: ParkedPlan{Domain: domain, Missing: missing(ctx, resolver, domain), Zone: Zone(ctx, resolver, domain), Steps: []Step{}, Warnings: []string{}}}
	u := inUse(ctx, resolver, domain)
	k.plan.Use, k.plan.Unsure = u.shows, u.fault != nil
	if err := k.steps(ctx, req); err != nil {
		return ParkedPlan{}, err
	}
	for i := range k.plan.Steps {
		k.plan.Steps[i].Before = append(k.plan.Steps[i].Before, k.unused(req.Confirmed))
	}
	if len(k.plan.Use) > 0 {
		k.warn("What is in use today stops: %s", strings.Join(k.plan.Use, " "))
	}
	k.warn("Names below %s that send mail are refused with it, unless they have records of their own.", domain)
	return k.plan, u.refusal(domain, req.Confirmed)
}

// unused is the condition of the whole pack.
func (k *parker) unused(confirmed bool) Condition {
	c := Condition{ID: "unused", Text: k.plan.Domain + " sends and receives no mail.", State: Met, Basis: "Nothing in DNS shows use.", Check: "Ask whoever ran the domain, and confirm it."}
	switch {
	case confirmed:
		c.Basis = "So it was confirmed."
	case len(k.plan.Use) > 0:
		c.State, c.Basis = NotMet, strings.Join(k.plan.Use, " ")
	case k.plan.Unsure:
		c.State, c.Basis = NotKnown, "DNS did not answer everything."
	}
	return c
}

type parker struct {
	resolver dns.Resolver
	plan     ParkedPlan
}

func (k *parker) warn(format string, a ...any) {
	k.plan.Warnings = append(k.plan.Warnings, fmt.Sprintf(format, a...))
}

// steps makes the records, strongest protection first.
func (k *parker) steps(ctx context.Context, req ParkedRequest) error {
	for _, make := range []func(context.Context, ParkedRequest) (Step, error){k.dmarc, k.spf, k.wildcard, k.nullMX} {
		step, err := make(ctx, req)
		if err != nil {
			return err
		}
		step.Record = step.Record.In(Zone(ctx, k.resolver, strings.TrimPrefix(step.Record.Name, "*.")))
		k.plan.Steps = append(k.plan.Steps, step)
	}
	return nil
}

func (k *parker) dmarc(ctx context.Context, req ParkedRequest) (Step, error) {
	made, err := BuildDMARC(ctx, DMARCRequest{Domain: k.plan.Domain, Reports: req.Reports, Parked: true, Confirmed: true}, k.resolver)
	if err != nil {
		return Step{}, err
	}
	k.plan.Unsure = k.plan.Unsure || made.Unsure
	return dmarcStep(made), nil
}

func (k *parker) spf(ctx context.Context, _ ParkedRequest) (Step, error) {
	made, err := BuildSPF(ctx, SPFRequest{Domain: k.plan.Domain, Parked: true, Confirmed: true}, k.resolver)
	if err != nil {
		return Step{}, err
	}
	k.plan.Unsure = k.plan.Unsure || made.Unsure
	step := spfStep(made, nil)
	step.Title, step.Before = "SPF: nobody sends", []Condition{}
	return step, nil
}

func (k *parker) wildcard(ctx context.Context, _ ParkedRequest) (Step, error) {
	name := "*._domainkey." + k.plan.Domain
	record, err := TXT(name, revoked)
	if err != nil {
		return Step{}, err
	}
	step := newStep("dkim-wildcard", "DKIM: no key is valid", record)
	step.Why = append(step.Why, "Says for every selector that its key was taken back, so that no signature in the name of "+k.plan.Domain+" counts. A selector that has a record of its own keeps it (RFC 4592 section 2.2.1).")
	k.published(ctx, &step, dns.TypeTXT, func(r dns.Record) string { return strings.Join(r.Text, "") })
	return step, nil
}

func (k *parker) nullMX(ctx context.Context, _ ParkedRequest) (Step, error) {
	record, err := NullMX(k.plan.Domain)
	if err != nil {
		return Step{}, err
	}
	step := newStep("null-mx", "MX: takes no mail", record)
	step.Why = append(step.Why, "Says that nothing can be delivered to "+k.plan.Domain+" (RFC 7505), so that bounces of forged mail end at once, and receivers that look for it see that the sender cannot be answered.")
	k.published(ctx, &step, dns.TypeMX, func(r dns.Record) string { return fmt.Sprintf("%d %s.", r.Pref, r.Host) })
	if len(step.Today) > 0 && step.Change == Replace {
		step.Do = append(step.Do, "Take away all other MX records: a null MX stands alone (RFC 7505 section 3).")
	}
	return step, nil
}

// published fills in what stands at the name and type of the step's record.
func (k *parker) published(ctx context.Context, step *Step, typ dns.Type, text func(dns.Record) string) {
	answer, err := k.resolver.Lookup(ctx, dns.Question{Name: step.Record.Name, Type: typ})
	if err != nil {
		k.plan.Unsure = true
		step.Change = Unknown
		return
	}
	for _, r := range answer.Records {
		step.Today = append(step.Today, text(r))
	}
	switch {
	case len(step.Today) == 0:
		step.Change = Add
	case len(step.Today) == 1 && step.Today[0] == step.Record.Value:
		step.Change = Keep
	default:
		step.Change = Replace
	}
}
