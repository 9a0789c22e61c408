package plan

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"unspoof/dns"
	"unspoof/sender"
)

// Request is everything said about one domain: who sends, and what is wanted.
type Request struct {
	// SPF says who sends; its Domain is the domain, its Drop who may be shut out.
	SPF     SPFRequest
	Reports []string // mail addresses for reports; see DMARCRequest
	// STSID is the id of a new MTA-STS policy; "" leaves MTA-STS out. See
	// STSRequest.
	STSID string
}

// Authoring is the whole plan for one domain: its records in the order in which
// to publish them, each compared with what is there, and the single next step.
type Authoring struct {
	Domain string `json:"domain"` // in A-labels
	// Missing says that DNS has no such name: it is misspelt, very likely.
	Missing bool   `json:"missing"`
	Zone    string `json:"zone"` // to which the names in the forms are relative
	Parked  bool   `json:"parked"`
	Steps   []Step `json:"steps"`
	// Next is the ID of the single next step, "" where nothing is left to do;
	// NextWhy says why it is this one.
	Next    string `json:"next"`
	NextWhy string `json:"next_why"`
	Unsure  bool   `json:"unsure"` // DNS did not answer everything

	SPF    SPFPlan     `json:"spf"`
	DKIM   DKIMPlan    `json:"dkim"`
	DMARC  DMARCPlan   `json:"dmarc"`
	STS    *STSPlan    `json:"mta_sts,omitempty"`
	TLSRPT *TLSRPTPlan `json:"tls_rpt,omitempty"`
	Pack   *ParkedPlan `json:"parked_pack,omitempty"` // of a parked domain

	patterns *Step // in the place of STS, where too many hosts receive
}

// Step gives the step of an ID.
func (a Authoring) Step(id string) (Step, bool) {
	i := slices.IndexFunc(a.Steps, func(s Step) bool { return s.ID == id })
	if i < 0 {
		return Step{}, false
	}
	return a.Steps[i], true
}

// Author makes the whole plan. The errors are those of BuildSPF: with ErrLockOut,
// ErrTooManyLookups and ErrInUse the plan is filled, and its next step is to settle
// that. Where nobody is named who sends, and DNS shows who receives and no SPF record,
// the next step is to tell whether they send, too; SPF is empty then. A nil resolver asks nothing of DNS.
func Author(ctx context.Context, req Request, resolver dns.Resolver) (Authoring, error) {
	if resolver == nil {
		resolver = silent{}
	}
	made, err := BuildSPF(ctx, req.SPF, resolver)
	if errors.Is(err, ErrNoSender) {
		if a, ok, failed := askWho(ctx, req, resolver); ok || failed != nil {
			return a, failed
		}
	}
	if err != nil && !errors.Is(err, ErrLockOut) && !errors.Is(err, ErrTooManyLookups) && !errors.Is(err, ErrInUse) {
		return Authoring{}, err
	}
	a := newAuthoring(ctx, made, resolver)
	if a.Parked {
		if perr := a.park(ctx, req, resolver); perr != nil {
			err = perr
		}
		return a, err
	}
	if err := a.rest(ctx, req, resolver); err != nil {
		return Authoring{}, err
	}
	a.order(spfStep(made, err))
	a.choose()
	return a, err
}

// newAuthoring is a plan with nothing but its SPF in it.
func newAuthoring(ctx context.Context, made SPFPlan, resolver dns.Resolver) Authoring {
	return Authoring{
		Domain: made.Domain, Missing: made.Missing, Zone: Zone(ctx, resolver, made.Domain), Parked: made.Parked, Steps: []Step{},
		SPF: made, Unsure: made.Unsure,
		DKIM: DKIMPlan{Domain: made.Domain, Setups: []DKIMSetup{}, Warnings: []string{}}, DMARC: noDMARC(made.Domain),
	}
}

// park takes the pack of a parked domain.
func (a *Authoring) park(ctx context.Context, req Request, resolver dns.Resolver) error {
	pack, err := BuildParked(ctx, ParkedRequest{Domain: a.Domain, Confirmed: req.SPF.Confirmed, Reports: req.Reports}, resolver)
	if err != nil && !errors.Is(err, ErrInUse) {
		return err
	}
	a.Pack, a.Steps, a.Unsure = &pack, pack.Steps, a.Unsure || pack.Unsure
	a.choose()
	if err != nil {
		a.NextWhy = "First confirm that the domain sends and receives no mail: " + strings.Join(pack.Use, " ")
	}
	return err
}

// rest makes what goes with SPF.
func (a *Authoring) rest(ctx context.Context, req Request, resolver dns.Resolver) (err error) {
	hosts, _, mxErr := exchangers(ctx, resolver, a.Domain)
	if a.DKIM, err = SetUpDKIM(ctx, a.signers(req, hosts), resolver); err != nil {
		return err
	}
	a.DMARC, err = BuildDMARC(ctx, DMARCRequest{Domain: a.Domain, Reports: req.Reports, Inventory: req.SPF.Inventory}, resolver)
	if err != nil {
		return err
	}
	a.Unsure = a.Unsure || a.DKIM.Unsure || a.DMARC.Unsure
	if mxErr != nil {
		a.Unsure = true
		return nil // whether it receives mail is not known: nothing is said of TLS
	}
	if len(hosts) == 0 {
		return nil
	}
	report, err := BuildTLSRPT(ctx, TLSRPTRequest{Domain: a.Domain}, resolver)
	if err != nil {
		return err
	}
	a.TLSRPT, a.Unsure = &report, a.Unsure || report.Unsure
	if req.STSID == "" {
		return nil
	}
	sts, err := BuildSTS(ctx, STSRequest{Domain: a.Domain, ID: req.STSID}, resolver)
	if errors.Is(err, errManyPatterns) {
		step := newStep("mta-sts", stsTitle, Record{})
		step.Change = Ask
		step.Do = append(step.Do, fmt.Sprintf("Name the servers that receive by patterns: unspoof mta-sts build --domain %s --mx '*.NAME'. %d of them are too many to be named one by one.", a.Domain, len(hosts)))
		a.patterns = &step
		return nil
	}
	if err != nil {
		return err
	}
	a.STS, a.Unsure = &sts, a.Unsure || sts.Unsure
	return nil
}

// signers are those named that are to sign: services, and own servers, be they
// named by host, address, or as exchangers.
func (a *Authoring) signers(req Request, exchangers []string) DKIMRequest {
	wanted := DKIMRequest{Domain: a.Domain, OwnServers: slices.Clone(req.SPF.Hosts)}
	for _, typed := range req.SPF.Services {
		host, _ := cutFold(strings.TrimSpace(typed), "include:")
		if s, err := service(host); err == nil { // an include host of nobody known says nothing of keys
			wanted.Services = append(wanted.Services, s.ID)
		}
	}
	if req.SPF.A {
		wanted.OwnServers = append(wanted.OwnServers, a.Domain)
	}
	if req.SPF.MX {
		for _, h := range exchangers {
			if hits := sender.ByMX(h); len(hits) > 0 {
				wanted.Services = append(wanted.Services, hits[0].Service.ID)
			} else {
				wanted.OwnServers = append(wanted.OwnServers, h)
			}
		}
	}
	wanted.OwnServers = append(wanted.OwnServers, req.SPF.Addresses...)
	for _, p := range req.SPF.Prefixes {
		wanted.OwnServers = append(wanted.OwnServers, p.String())
	}
	wanted.Services = wanted.first(wanted.Services, maxServices, "services")
	wanted.OwnServers = wanted.first(wanted.OwnServers, maxHosts, "servers")
	return wanted.With(req.SPF.Inventory, req.SPF.Drop...)
}

// order puts the steps in the order in which to publish them: a DMARC record that
// only watches goes first, since it risks nothing and the reports that it brings
// take days; one that enforces goes after SPF and DKIM, on which it rests.
func (a *Authoring) order(spf Step) {
	dmarc := dmarcStep(a.DMARC)
	next, _ := a.DMARC.Next()
	watch := next.ID == "watch"
	if watch {
		a.Steps = append(a.Steps, dmarc)
	}
	a.Steps = append(a.Steps, spf)
	for _, s := range a.DKIM.Setups {
		a.Steps = append(a.Steps, dkimStep(s))
	}
	if !watch {
		a.Steps = append(a.Steps, dmarc)
	}
	if a.TLSRPT != nil {
		a.Steps = append(a.Steps, a.TLSRPT.Step)
	}
	if a.STS != nil {
		a.Steps = append(a.Steps, a.STS.Step)
	}
	if a.patterns != nil {
		a.Steps = append(a.Steps, *a.patterns)
	}
}

// choose takes the next step. A name that is not there comes before it.
func (a *Authoring) choose() {
	a.pick()
	if a.Missing {
		a.NextWhy = fmt.Sprintf("First see whether %s is spelt right: DNS has no such name. %s", a.Domain, a.NextWhy)
	}
}

// pick finds the single next step: who is shut out, and a record beyond its
// limits, are settled before anything else; then the first that is open and that
// nothing holds up, then what may be done already, then what is held up.
func (a *Authoring) pick() {
	var maybe, held []Step
	for _, s := range a.Steps {
		stopped := slices.ContainsFunc(s.Before, func(c Condition) bool { return c.State == NotMet })
		if s.Open() && stopped && s.ID == "spf" {
			a.take(s)
			return
		}
	}
	for _, s := range a.Steps {
		switch {
		case !s.Open():
		case slices.ContainsFunc(s.Before, func(c Condition) bool { return c.State == NotMet }):
			held = append(held, s)
		case (s.Change == Unknown || s.maybe) && s.Record.Value == "":
			maybe = append(maybe, s) // something to look into, when nothing is left to publish
		default:
			a.take(s)
			return
		}
	}
	if rest := append(held, maybe...); len(rest) > 0 {
		a.take(rest[0])
		return
	}
	a.NextWhy = "Nothing is left to publish now. Keep reading the reports: they show when something changes."
	if i := slices.IndexFunc(a.Steps, func(s Step) bool { return s.maybe && len(s.Do) > 0 }); i >= 0 {
		a.NextWhy += " " + a.Steps[i].Do[0]
	}
}

// take says why a step is the next one.
func (a *Authoring) take(s Step) {
	a.Next = s.ID
	for _, c := range s.Before {
		if c.State == NotMet {
			a.NextWhy = fmt.Sprintf("First settle what holds it up: %s %s %s", c.Text, c.Basis, c.Check)
			return
		}
	}
	a.NextWhy = a.what(s)
}

// what says what to do for a step that nothing holds up, and why where that is not
// the reason of some part of its record.
func (a *Authoring) what(s Step) string {
	var text, why string
	switch {
	case s.Record.Value == "" && len(s.Do) > 0:
		return s.Do[0]
	case s.Record.Value == "":
		return strings.Join(s.Why, " ")
	case strings.HasPrefix(s.ID, "dkim") && len(s.Do) > 0:
		text = "Go through its list of what to do, and publish the record of this step."
	case s.ID == "spf" && s.Change == Replace && !a.SPF.sound:
		text = "Publish the record of this step in the place of today's, which receivers can't use."
	case s.ID == "spf" && s.Change == Add:
		text = "Publish the record of this step: today none says who may send."
	case s.Change == Replace:
		text = "Publish the record of this step in the place of today's."
	case s.Change == Unknown:
		text = "Look what is there today, then publish the record of this step."
	default:
		text = "Publish the record of this step."
	}
	if len(s.Also) > 0 {
		text = strings.Replace(text, "the record of this step", "the records of this step", 1)
	}
	if len(s.Why) > 0 && s.ID != "spf" {
		why = " " + s.Why[0]
	}
	for _, c := range s.Before {
		if c.State == NotKnown && c.ID != ReportsWanted {
			return "First find out what is marked \"not known\" above; when it is so: " + strings.ToLower(text[:1]) + text[1:] + why
		}
	}
	return text + why
}

// noDMARC is a plan without anything in it.
func noDMARC(domain string) DMARCPlan {
	return DMARCPlan{Domain: domain, Destinations: []Destination{}, Consent: []Record{}, Before: []Condition{}, Use: []string{}, Ladder: []Rung{}, Why: []string{}, Warnings: []string{}}
}
