package forensics

import (
	"context"
	"slices"
	"strings"

	"unspoof/dkim"
	"unspoof/message"
)

// maxNoticeSignatures of one notice that are looked at.
const maxNoticeSignatures = 5

// vouchedFor lets a signature of the reporting organisation make a notice
// authentic that its path did not.
//
// Of the notice only the header is at hand, so that the signature speaks for the
// header alone. To pass off another text under it, one would need a notice that
// the organisation wrote to me within the last days; it must be that, and no
// customer's mail, which the same key may sign.
func (q *inquiry) vouchedFor(ctx context.Context, a *authentication) {
	var fields []message.Field
	for _, f := range q.n.Header.All("DKIM-Signature") {
		if len(fields) == maxNoticeSignatures {
			break
		}
		domain, selector := canonical(tag(f.Value(), "d")), canonical(tag(f.Value(), "s"))
		if domain == "" || q.own.domain(domain) || !q.sameOrg(domain, a.reporter) {
			continue
		}
		if name, err := dkim.KeyName(selector, domain); err == nil {
			q.guard.name(name)
			fields = append(fields, f)
		}
	}
	if len(fields) == 0 || q.n.Date.IsZero() || !q.writtenByServer(a) {
		return
	}
	v := dkim.Verifier{Resolver: keyResolver{q}, MaxSignatures: maxNoticeSignatures}
	res, err := v.Verify(ctx, dkim.Args{Message: headerBytes(q.n.Header), Now: q.n.Date})
	if err != nil {
		return
	}
	for _, r := range res.Results {
		domain := canonical(r.Domain)
		if r.Header != dkim.Intact || len(r.Unsigned) > 0 || !q.sameOrg(domain, a.reporter) || !signs(r.Signed, "From", "To", "Date") {
			continue
		}
		at := slices.IndexFunc(fields, func(f message.Field) bool { return canonical(tag(f.Value(), "d")) == domain })
		if at < 0 {
			continue
		}
		a.standing, a.proof = authentic, &fields[at]
		a.why = "the notice's header carries a valid signature of " + domain + ", of the same organisation as " + a.reporter + ", which reports"
		return
	}
}

func signs(signed []string, names ...string) bool {
	return !slices.ContainsFunc(names, func(name string) bool {
		return !slices.ContainsFunc(signed, func(s string) bool { return strings.EqualFold(s, name) })
	})
}

// writtenByServer tells that the header is that of a notice which the reporting
// organisation's server wrote to me lately.
func (q *inquiry) writtenByServer(a *authentication) bool {
	h := q.n.Header
	from, to := message.ParseAddresses(h.Value("From")), message.ParseAddresses(h.Value("To"))
	if len(from) != 1 || len(to) != 1 || !q.sameOrg(from[0].Domain, a.reporter) {
		return false
	}
	local := strings.ToLower(from[0].Local)
	if local != "mailer-daemon" && local != "postmaster" && !strings.HasPrefix(local, "microsoftexchange") {
		return false
	}
	me := to[0].Local + "@" + to[0].Domain
	if !q.own.domain(to[0].Domain) && !strings.EqualFold(me, q.profile.Address) {
		return false
	}
	written, ok := message.ParseDate(h.Value("Date"))
	return ok && q.n.Date.Sub(written).Abs() <= maxQueueTime
}
