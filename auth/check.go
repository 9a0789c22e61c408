package auth

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"unspoof/arc"
	"unspoof/authres"
	"unspoof/dkim"
	"unspoof/dmarc"
	"unspoof/spf"
)

// maxTime bounds one check; the context's own deadline may be sooner. RFC 7208
// section 4.6.4 asks for 20 seconds at least, senders wait for minutes (RFC 5321
// section 4.5.3.2.6).
const maxTime = 30 * time.Second

// Check judges one transaction. The error is one of Args; whatever is wrong with
// the message, its sender or DNS is a Result. It asks DNS for everything that does
// not hang on other answers at the same time, and is safe for concurrent use as
// far as the Resolver is.
func Check(ctx context.Context, args Args) (Result, error) {
	switch {
	case args.Resolver == nil:
		return Result{}, errors.New("auth: Args.Resolver is not set, so that DNS can't be asked")
	case args.Now.IsZero():
		return Result{}, errors.New("auth: Args.Now is not set, so that no x= can be judged")
	}
	ctx, cancel := context.WithTimeout(ctx, maxTime)
	defer cancel()
	c := check{args: args, budget: newBudget(args.Resolver), author: readAuthor(args.Message)}
	c.result = Result{IP: args.IP.Unmap(), HELO: args.HELO, MailFrom: args.MailFrom, Notes: []string{}}
	if err := c.gather(ctx); err != nil {
		return Result{}, err
	}
	c.conclude(ctx)
	return c.result, nil
}

// check is the work on one transaction.
type check struct {
	args   Args
	budget *budget
	author author
	result Result
}

// gather runs the methods, all at once.
func (c *check) gather(ctx context.Context) error {
	var group sync.WaitGroup
	var dkimErr, arcErr error
	r := &c.result
	group.Go(func() {
		r.SPF.Result = c.spf(ctx, c.args.MailFrom, c.budget.share(spfQuestions))
	})
	if c.args.MailFrom != "" {
		group.Go(func() { r.SPF.HELO = c.spf(ctx, "", c.budget.share(0)) })
	}
	group.Go(func() {
		v := dkim.Verifier{Resolver: c.budget.share(dkim.DefaultSignatures)}
		r.DKIM, dkimErr = v.Verify(ctx, dkim.Args{Message: c.args.Message, Now: c.args.Now})
	})
	group.Go(func() {
		r.ARC, arcErr = arc.Verify(ctx, arc.Args{
			Message: c.args.Message, Resolver: c.budget.share(0), Now: c.args.Now, TrustedSealers: c.args.TrustedSealers,
		})
	})
	// What Evaluate will ask for each author is asked now: it finds the answers
	// in the budget, whatever the other methods use up.
	for _, domain := range c.author.domains {
		group.Go(func() { dmarc.Discover(ctx, c.budget.share(discoverQuestions), domain) })
	}
	group.Wait()
	r.SPF.Identity = "mailfrom"
	if c.args.MailFrom == "" {
		r.SPF.Identity, r.SPF.HELO = "helo", r.SPF.Result
	}
	return errors.Join(dkimErr, arcErr)
}

// spf checks one identity.
func (c *check) spf(ctx context.Context, mailFrom string, r *share) spf.Result {
	checker := spf.Checker{Resolver: r}
	return checker.Check(ctx, spf.Args{
		IP: c.args.IP, HELO: c.args.HELO, MailFrom: mailFrom, Receiver: c.args.Receiver, Time: c.args.Now,
	})
}

// conclude evaluates DMARC and draws the verdict.
func (c *check) conclude(ctx context.Context) {
	r := &c.result
	args := dmarc.Args{
		From: c.author.values, Resolver: c.budget.share(0), Standard: c.args.Standard, Sample: c.args.Sample,
	}
	if c.args.IP.IsValid() { // else there was no check
		args.SPF = dmarc.SPF{Domain: r.SPF.Domain, Result: string(r.SPF.Result.Result)}
	}
	for _, s := range r.DKIM.Results {
		args.DKIM = append(args.DKIM, dmarc.DKIM{Domain: s.Domain, Selector: s.Selector, Result: string(s.Result)})
	}
	r.DMARC = dmarc.Evaluate(ctx, args)
	r.Verdict, r.Disposition = r.DMARC.Verdict, dmarc.None
	if r.Verdict == dmarc.VerdictFail {
		r.Disposition = r.DMARC.Applied
	}
	if c.author.unclear == "" && r.Verdict != dmarc.VerdictPermError {
		r.Domain, r.Policy = r.DMARC.Domain, r.DMARC.Policy
		r.Alignment = Alignment{SPF: r.DMARC.SPFAligned, DKIM: r.DMARC.DKIMAligned}
	} else {
		r.Verdict = dmarc.VerdictPermError
	}
	r.Reason = c.reason()
	r.Questions = int(c.budget.asked.Load())
	c.notes()
}

// reason says the verdict in a sentence.
func (c *check) reason() string {
	r := &c.result
	switch r.Verdict {
	case dmarc.VerdictPass:
		how := map[Alignment]string{
			{SPF: true, DKIM: true}: "SPF and a signature both speak", {DKIM: true}: "a signature speaks", {SPF: true}: "SPF speaks",
		}[r.Alignment]
		return fmt.Sprintf("%s for %s.", how, r.Domain)
	case dmarc.VerdictFail:
		return fmt.Sprintf("Nothing that passes speaks for %s, which asks for %s.", r.Domain, r.Policy)
	case dmarc.VerdictNone:
		return fmt.Sprintf("%s publishes no policy that applies.", r.Domain)
	case dmarc.VerdictTempError:
		return fmt.Sprintf("DNS did not answer all that has to be known about %s; another try may tell.", r.Domain)
	}
	if c.author.unclear != "" {
		return "No author can be named: " + c.author.unclear + "."
	}
	if len(r.DMARC.Reasons) > 0 {
		return "No author can be named: " + r.DMARC.Reasons[0].Text + "."
	}
	return "No author can be named."
}

// sealed says what a sealer found.
func sealed(s *arc.Set) string {
	field, err := authres.Parse(s.Results)
	for _, r := range field.Results {
		if err == nil && r.Method == "dmarc" {
			return fmt.Sprintf("and says that it came with dmarc=%.20s", r.Result)
		}
	}
	return "and says nothing about dmarc"
}

// notes says what the verdict does not show.
func (c *check) notes() {
	r := &c.result
	note := func(format string, a ...any) { r.Notes = append(r.Notes, fmt.Sprintf(format, a...)) }
	if n := c.budget.refused.Load(); n > 0 {
		note("The message wanted more DNS questions than are asked for one; %d were not asked.", n)
	}
	if c.author.unclear != "" && r.Disposition != dmarc.None {
		note("One of the domains that it names as author asks for %s.", r.Disposition)
	}
	if r.Verdict == dmarc.VerdictPass {
		return
	}
	for i := range r.ARC.Sets {
		if s := &r.ARC.Sets[i]; s.Reliable {
			note("%s, a trusted sealer, passed it on, %s (ARC set %d).", s.Sealer, sealed(s), s.Instance)
		}
	}
}
