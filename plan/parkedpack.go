package plan

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"unspoof/dkim"
	"unspoof/dns"
	"unspoof/spf"
)

// ErrInUse is wrapped where a domain that is to be parked shows use in DNS, or
// DNS does not tell, and the request does not confirm that it is unused.
var ErrInUse = errors.New("confirm that the domain sends and receives no mail")

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
	Domain string `json:"domain"` // in A-labels
	Zone   string `json:"zone"`   // to which the names in the forms are relative
	Steps  []Step `json:"steps"`
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
	k := &parker{resolver: resolver, plan: ParkedPlan{Domain: domain, Zone: Zone(ctx, resolver, domain), Steps: []Step{}, Use: []string{}, Warnings: []string{}}}
	if err := k.steps(ctx, req); err != nil {
		return ParkedPlan{}, err
	}
	if len(k.plan.Use) > 0 {
		k.warn("What is in use today stops: %s", strings.Join(k.plan.Use, " "))
	}
	k.warn("Names below %s that send mail are refused with it, unless they have records of their own.", domain)
	switch {
	case req.Confirmed:
		return k.plan, nil
	case len(k.plan.Use) > 0:
		return k.plan, fmt.Errorf("plan: %s shows use in DNS: %s %w", domain, strings.Join(k.plan.Use, " "), ErrInUse)
	case k.plan.Unsure:
		return k.plan, fmt.Errorf("plan: DNS does not show whether %s is in use: %w", domain, ErrInUse)
	}
	return k.plan, nil
}

type parker struct {
	resolver dns.Resolver
	plan     ParkedPlan
}

func (k *parker) use(format string, a ...any) {
	k.plan.Use = append(k.plan.Use, fmt.Sprintf(format, a...))
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
		step.Record = step.Record.In(k.plan.Zone)
		k.plan.Steps = append(k.plan.Steps, step)
	}
	k.signing(ctx)
	return nil
}

func (k *parker) dmarc(ctx context.Context, req ParkedRequest) (Step, error) {
	made, err := BuildDMARC(ctx, DMARCRequest{Domain: k.plan.Domain, Reports: req.Reports, Parked: true}, k.resolver)
	if err != nil {
		return Step{}, err
	}
	k.plan.Unsure = k.plan.Unsure || made.Unsure
	return dmarcStep(made), nil
}

func (k *parker) spf(ctx context.Context, _ ParkedRequest) (Step, error) {
	record, err := TXT(k.plan.Domain, "v=spf1 -all")
	if err != nil {
		return Step{}, err
	}
	step := newStep("spf", "SPF: nobody sends", record)
	step.Why = append(step.Why, "-all, because "+k.plan.Domain+" sends no mail: whatever claims to come from it is forged.")
	text, answer, err := spf.Discover(ctx, k.resolver, k.plan.Domain)
	var fault *dns.Error
	switch {
	case errors.As(err, &fault):
		k.plan.Unsure = true
		step.Change = Unknown
	case errors.Is(err, spf.ErrSeveralRecords):
		for _, r := range answer.Records {
			if t := strings.Join(r.Text, ""); isSPF(t) {
				step.Today = append(step.Today, t)
			}
		}
		step.Change = Replace
		k.use("It has several SPF records, so somebody meant to send.")
	case err != nil:
		step.Change = Add
	default:
		step.Today, step.Change = []string{text}, Replace
		if strings.EqualFold(strings.TrimSpace(text), record.Value) {
			step.Change = Keep
		}
		k.allowed(text)
	}
	return step, nil
}

// isSPF reports whether a TXT record counts as an SPF record (RFC 7208 section
// 4.5).
func isSPF(text string) bool {
	first, _, _ := strings.Cut(text, " ")
	return strings.EqualFold(first, "v=spf1")
}

// allowed notes whom the record of today lets in.
func (k *parker) allowed(text string) {
	record, err := spf.Parse(text)
	if err != nil {
		k.use("Its SPF record of today cannot be made out (%s).", strings.TrimPrefix(err.Error(), "spf: "))
		return
	}
	if senders := (&builder{}).lost(record); len(senders) > 0 {
		k.use("Its SPF record of today lets in %s.", few(senders))
	}
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
	for _, t := range step.Today {
		if !strings.HasSuffix(t, " .") {
			k.use("It takes mail at %s.", strings.TrimSuffix(strings.Fields(t)[1], "."))
		}
	}
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

// usualSelectors are those of the large services and of mail servers as they
// are installed: a domain that signed with any of them was in use.
var usualSelectors = []string{"default", "google", "selector1", "selector2", "k1", "k2", "s1", "s2", "dkim", "mail"}

// signing notes keys that are published.
func (k *parker) signing(ctx context.Context) {
	for _, selector := range usualSelectors {
		key, err := dkim.FetchKey(ctx, k.resolver, k.plan.Domain, selector)
		var fault *dkim.Fault
		switch {
		case err == nil && !key.Revoked:
			k.use("It has a DKIM key, %s._domainkey.", selector)
			return
		case errors.As(err, &fault) && fault.Word == dkim.TempError:
			k.plan.Unsure = true
			return
		}
	}
}
