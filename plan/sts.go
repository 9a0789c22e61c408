package plan

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"unspoof/dns"
	"unspoof/tlspolicy"
)

// STSRequest asks for an MTA-STS policy (RFC 8461).
type STSRequest struct {
	Domain string
	// Mode is that of the policy; "" is testing for a domain without a record, and
	// leaves a policy that is announced as it is: DNS does not show its mode.
	Mode tlspolicy.Mode
	// ID of the policy, 1 to 32 letters and digits, another for each change (RFC
	// 8461 section 3.1); the time in digits is usual. Required.
	ID string
	// MX are the patterns of the policy; nil takes the names of today's MX
	// records.
	MX []string
	// MaxAge is how long senders keep the policy, in whole seconds, at most a year;
	// 0: a day while testing, else a month.
	MaxAge time.Duration
}

// STSPlan is the answer to an STSRequest.
type STSPlan struct {
	Domain  string         `json:"domain"`  // in A-labels
	Missing bool           `json:"missing"` // DNS has no such name: misspelt, very likely
	Mode    tlspolicy.Mode `json:"mode"`    // "" where today's policy is to stay
	Step    Step           `json:"step"`    // the TXT record at _mta-sts
	Host    string         `json:"host"`    // "mta-sts.example.com", which has to serve the policy
	URL     string         `json:"url"`     // where it is fetched
	Policy  string         `json:"policy"`  // the text of the file, lines ended by CRLF
	MX      []string       `json:"mx"`      // its patterns
	// Exchangers are the hosts of today's MX records.
	Exchangers []string `json:"exchangers"`
	Unsure     bool     `json:"unsure"` // DNS did not answer everything
}

// How long senders are to keep a policy: short while a mistake may still be in it
// (RFC 8461 section 3.2 asks for weeks once it is enforced).
const (
	testingAge = 24 * time.Hour
	enforceAge = 30 * 24 * time.Hour
)

// maxPatterns is how many patterns a policy is made with; a policy may have more,
// and nobody has as many exchangers.
const maxPatterns = 100

// ErrNoExchanger is wrapped where a domain has no mail exchanger that a policy
// could name.
var ErrNoExchanger = errors.New("MTA-STS is for domains that receive mail")

const stsTitle = "MTA-STS: no mail to you without encryption"

// errManyPatterns is wrapped where a policy would have more than maxPatterns.
var errManyPatterns = errors.New("patterns")

// BuildSTS makes the policy file and the record that announces it. A nil
// resolver asks nothing of DNS, and then MX has to be given. Errors name what is
// wrong in the request; ErrNoExchanger is wrapped.
func BuildSTS(ctx context.Context, req STSRequest, resolver dns.Resolver) (STSPlan, error) {
	domain, err := domainName("domain", req.Domain)
	if err != nil {
		return STSPlan{}, err
	}
	if resolver == nil {
		resolver = silent{}
	}
	if back, err := tlspolicy.ParseSTS(tlspolicy.STS{ID: req.ID}.String()); err != nil || back.ID != req.ID || len(back.Extensions) > 0 {
		return STSPlan{}, fmt.Errorf("plan: id %q of the policy: give 1 to 32 letters and digits, others than last time", clip(req.ID))
	}
	if req.MaxAge < 0 || req.MaxAge > tlspolicy.MaxAge || req.MaxAge%time.Second != 0 {
		return STSPlan{}, fmt.Errorf("plan: a policy is kept for whole seconds, a year at most")
	}
	switch req.Mode {
	case "", tlspolicy.Testing, tlspolicy.Enforce, tlspolicy.None:
	default:
		return STSPlan{}, fmt.Errorf("plan: mode %q is none of testing, enforce, none", clip(string(req.Mode)))
	}
	s := &stsMaker{ctx: ctx, resolver: resolver, req: req}
	s.plan = STSPlan{Domain: domain, Missing: missing(ctx, resolver, domain), Mode: req.Mode, Host: tlspolicy.STSHost(domain), URL: tlspolicy.STSURL(domain), MX: []string{}, Exchangers: []string{}}
	if err := s.make(); err != nil {
		return STSPlan{}, err
	}
	return s.plan, nil
}

// clip keeps an entry that is at fault short in an error.
func clip(s string) string { return s[:min(len(s), 60)] }

type stsMaker struct {
	ctx      context.Context
	resolver dns.Resolver
	req      STSRequest
	plan     STSPlan
	broken   bool // today's record cannot be read
}

func (s *stsMaker) make() error {
	record, err := TXT(tlspolicy.STSName(s.plan.Domain), tlspolicy.STS{ID: s.req.ID}.String())
	if err != nil {
		return err
	}
	name := tlspolicy.STSName(s.plan.Domain)
	s.plan.Step = newStep("mta-sts", stsTitle, record.In(Zone(s.ctx, s.resolver, name)))
	if text := aliased(s.ctx, s.resolver, name); text != "" {
		s.plan.Step.Warnings = append(s.plan.Step.Warnings, text)
	}
	s.today()
	if s.plan.Mode == "" {
		return nil
	}
	if err := s.exchangers(); err != nil {
		return err
	}
	if err := s.policy(); err != nil {
		return err
	}
	s.explain()
	return nil
}

// today compares with the record that is published.
func (s *stsMaker) today() {
	step := &s.plan.Step
	text, _, err := tlspolicy.DiscoverSTS(s.ctx, s.resolver, s.plan.Domain)
	var fault *dns.Error
	switch {
	case errors.As(err, &fault):
		s.plan.Unsure, step.Change = true, Unknown
		step.Warnings = append(step.Warnings, fmt.Sprintf("DNS did not answer whether %s has an MTA-STS record today. If it has, replace it; two count as none.", s.plan.Domain))
	case errors.Is(err, tlspolicy.ErrSeveralRecords):
		step.Change = Replace
		step.Warnings = append(step.Warnings, "There are several MTA-STS records today, which count as none (RFC 8461 section 3.1). Put this one in the place of all of them.")
	case err == nil:
		step.Today, step.Change = []string{text}, Replace
		switch old, err := tlspolicy.ParseSTS(text); {
		case err != nil:
			s.broken = true
			step.Why = append(step.Why, "Today's record counts as none: "+strings.TrimPrefix(err.Error(), "tlspolicy: ")+".")
		case old.ID == s.req.ID:
			step.Warnings = append(step.Warnings, "The id is that of today's record: senders that know it will not fetch the new policy. Take another.")
		}
	}
	if s.plan.Mode != "" {
		return
	}
	if step.Change == Replace && len(step.Today) == 1 && !s.broken {
		s.plan.Step.Change = Keep
		s.plan.Step.Record = Record{}
		step.Why = append(step.Why, "A policy is announced already. Its mode is in the file at "+s.plan.URL+": when it says testing, and the TLS reports show no failures, go on to enforce.")
		return
	}
	s.plan.Mode = tlspolicy.Testing
}

// exchangers asks where mail to the domain goes.
func (s *stsMaker) exchangers() error {
	answer, err := s.resolver.Lookup(s.ctx, dns.Question{Name: s.plan.Domain, Type: dns.TypeMX})
	if err != nil {
		s.plan.Unsure = true
		if len(s.req.MX) == 0 {
			return fmt.Errorf("plan: DNS did not answer which mail exchangers %s has: name them, or ask again: %w", s.plan.Domain, err)
		}
		return nil
	}
	for _, r := range answer.Records {
		if h := dns.Canonical(r.Host); h != "" && !slices.Contains(s.plan.Exchangers, h) {
			s.plan.Exchangers = append(s.plan.Exchangers, h)
		}
	}
	if s.plan.Missing && len(s.req.MX) == 0 {
		return fmt.Errorf("plan: %s does not exist in DNS; is it spelt right? %w", s.plan.Domain, ErrNoExchanger)
	}
	if len(s.plan.Exchangers) == 0 && s.plan.Mode != tlspolicy.None {
		return fmt.Errorf("plan: %s has no mail exchanger: %w", s.plan.Domain, ErrNoExchanger)
	}
	slices.Sort(s.plan.Exchangers)
	return nil
}

// policy makes the file and reads it back.
func (s *stsMaker) policy() error {
	patterns := s.req.MX
	if len(patterns) == 0 {
		patterns = s.plan.Exchangers
	}
	if len(patterns) > maxPatterns {
		return fmt.Errorf("plan: %d %w, at most %d are taken", len(patterns), errManyPatterns, maxPatterns)
	}
	for _, p := range patterns {
		if p = strings.ToLower(strings.TrimSuffix(strings.TrimSpace(p), ".")); !slices.Contains(s.plan.MX, p) {
			s.plan.MX = append(s.plan.MX, p)
		}
	}
	age := s.req.MaxAge
	switch {
	case age != 0:
	case s.plan.Mode == tlspolicy.Enforce:
		age = enforceAge
	default:
		age = testingAge
	}
	policy := tlspolicy.Policy{Mode: s.plan.Mode, MaxAge: age, MX: s.plan.MX}
	text := policy.String()
	back, err := tlspolicy.ParsePolicy(text)
	if err != nil || len(back.Notes) > 0 || !slices.Equal(back.MX, s.plan.MX) || back.Mode != s.plan.Mode || back.MaxAge != age {
		return fmt.Errorf("plan: the mail exchangers of the policy are host names, or *. and a name: %s", clip(few(s.plan.MX)))
	}
	s.plan.Policy = text
	for _, h := range s.plan.Exchangers {
		if !policy.Allows(h) && s.plan.Mode != tlspolicy.None {
			s.plan.Step.Warnings = append(s.plan.Step.Warnings, fmt.Sprintf("The mail exchanger %s is in no pattern of the policy: mail will not be delivered to it.", h))
		}
	}
	return nil
}

// explain says what to do and what must be true before.
func (s *stsMaker) explain() {
	step := &s.plan.Step
	step.Do = append(step.Do,
		fmt.Sprintf("Serve the policy at %s, as text/plain, with a certificate for %s.", s.plan.URL, s.plan.Host),
		"Publish the record after that: its id tells senders to fetch the policy. Whenever the file changes, change the id.")
	switch s.plan.Mode {
	case tlspolicy.Testing:
		step.Why = append(step.Why, "testing changes nothing in delivery: senders only report what would have failed.")
	case tlspolicy.Enforce:
		step.Why = append(step.Why, "enforce: senders deliver only over encryption, to the exchangers named, with a certificate that is theirs. Nobody on the way can take the encryption off.")
	case tlspolicy.None:
		step.Why = append(step.Why, "none takes the policy back. Keep serving this file until the time for which senders keep the older policy is over; then take file and record away.")
		return
	}
	step.Before = append(step.Before, s.hostCondition(), Condition{
		ID: "mx-certificates", Text: "Every mail exchanger offers STARTTLS with a valid certificate for its own name.",
		State: NotKnown, Basis: "DNS does not show certificates.",
		Check: "unspoof check " + s.plan.Domain + " --probe, or ask who runs the exchangers.",
	})
	if s.plan.Mode == tlspolicy.Enforce {
		step.Before = append(step.Before, s.reportCondition(), Condition{
			ID: "testing-calm", Text: "The policy was in testing for two weeks, and the TLS reports show no failures.",
			State: NotKnown, Basis: "No TLS reports were read.", Check: "Go through the TLS reports.",
		})
	}
}

// hostCondition tells whether the host that serves the policy has an address.
func (s *stsMaker) hostCondition() Condition {
	c := Condition{ID: "policy-served", Text: s.plan.Host + " serves the policy over HTTPS.", State: NotKnown, Check: "Open " + s.plan.URL + " in a browser."}
	for _, typ := range []dns.Type{dns.TypeA, dns.TypeAAAA} {
		answer, err := s.resolver.Lookup(s.ctx, dns.Question{Name: s.plan.Host, Type: typ})
		if err != nil {
			s.plan.Unsure = true
			c.Basis = "DNS did not answer whether it has an address."
			return c
		}
		if len(answer.Records) > 0 {
			c.Basis = "It has an address; what it serves was not asked."
			return c
		}
	}
	c.State, c.Basis = NotMet, "It has no address in DNS."
	return c
}

// reportCondition tells whether failures would be reported.
func (s *stsMaker) reportCondition() Condition {
	c := Condition{ID: "tls-reports", Text: "Failures are reported (TLS-RPT).", Check: "unspoof tls-rpt build --domain " + s.plan.Domain + " makes the record."}
	_, _, err := tlspolicy.DiscoverTLSRPT(s.ctx, s.resolver, s.plan.Domain)
	var fault *dns.Error
	switch {
	case errors.As(err, &fault):
		c.State, c.Basis = NotKnown, "DNS did not answer."
	case err != nil:
		c.State, c.Basis = NotMet, "There is no record that asks for TLS reports, or several."
	default:
		c.State, c.Basis = Met, "A record asks for them."
	}
	return c
}
