package census

import (
	"context"
	"errors"

	"unspoof/bounce"
	"unspoof/dkim"
	"unspoof/dns"
	"unspoof/forensics"
	"unspoof/inventory"
	"unspoof/message"
	"unspoof/orgdomain"
)

// bounces turns the messages that came back into sightings, those that forensics
// judges genuine. A forged one says nothing of who sends: that is its whole point.
func (r *reader) bounces(ctx context.Context, yield func(inventory.Sighting) bool) bool {
	if r.args.Bounces == nil {
		return true
	}
	if !r.prepare(ctx) {
		return false
	}
	for item, err := range r.args.Bounces {
		if err != nil {
			if !r.note(err) {
				return false
			}
			continue
		}
		r.read.Notices++
		n := bounce.Parse(item.Data)
		from, clear := author(n.Original.Header, r.domain)
		if from == "" || !clear {
			continue
		}
		j := r.judge.Judge(ctx, n)
		if j.Verdict != forensics.Genuine {
			continue
		}
		r.read.Genuine++
		s := inventory.Sighting{
			Source: inventory.FromBounce, Genuine: true, First: j.T0, From: from, Address: j.HandoffIP, Where: item.File,
			DKIM: r.returned(ctx, n),
		}
		if list := message.ParseAddresses(n.Original.ReturnPath); len(list) > 0 {
			s.MailFrom = orgdomain.Tidy(list[0].Domain)
		}
		if !yield(s) {
			return false
		}
	}
	return ctx.Err() == nil
}

// prepare makes the judge: of the profile given, or of what DNS tells.
func (r *reader) prepare(ctx context.Context) bool {
	p := r.args.Profile
	if p == nil {
		var err error
		p, _, err = forensics.ProfileFromDNS(ctx, r.args.Resolver, r.domain)
		var fault *dns.Error
		if err != nil && !errors.As(err, &fault) && !errors.Is(err, forensics.ErrNoDomain) {
			r.failed = err
			return false
		}
		if err != nil {
			r.warn("DNS did not tell enough of %s to judge every bounce, so fewer of them count.", r.domain)
		}
	}
	if p.Log == nil && len(r.args.Logs) == 1 {
		// The log knows what was really sent.
		with := *p
		with.Log = &r.args.Logs[0].Outbound
		p = &with
	}
	r.judge = forensics.NewJudge(p, r.args.Resolver)
	return true
}

// returned gives the domain's signatures on what came back, verified as far as that
// can be: the header alone proves the key.
func (r *reader) returned(ctx context.Context, n *bounce.Notice) []inventory.Signature {
	args := dkim.ForensicArgs{Message: n.Original.Raw, Domains: []string{r.org}, Resolver: known{r.args.Resolver, r.org}, Returned: dkim.NoBody}
	switch n.Original.Returned {
	case bounce.ReturnedFull:
		args.Returned = dkim.WholeBody
	case bounce.ReturnedEmbedded:
		args.Returned = dkim.CutBody
	}
	if len(args.Message) == 0 {
		return nil
	}
	res, err := dkim.Forensic(ctx, args)
	if err != nil {
		return nil
	}
	var list []inventory.Signature
	for _, s := range res.Results {
		sig := inventory.Signature{Domain: orgdomain.Tidy(s.Signature.Domain), Selector: orgdomain.Tidy(s.Signature.Selector)}
		if s.Evidence == dkim.EvidenceFull || s.Evidence == dkim.EvidenceHeader {
			sig.Result = "pass"
		}
		list = append(list, sig)
	}
	return list
}
