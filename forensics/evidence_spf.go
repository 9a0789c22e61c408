package forensics

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"time"

	"unspoof/spf"
)

// envelopeDomain is the own domain that the message was sent in the name of: that
// of the notice's recipient, which was the envelope sender, else of the original's
// From field; "" when neither is mine.
func (q *inquiry) envelopeDomain() string {
	if q.profile.Address != "" {
		_, domain, _ := strings.Cut(q.profile.Address, "@")
		return canonical(domain)
	}
	for _, name := range []string{q.rcpt.domain, fromDomain(q)} {
		if q.own.domain(name) {
			return canonical(name)
		}
	}
	if len(q.own.domains) > 0 {
		return q.own.domains[0]
	}
	return ""
}

// recordAt gives the record that was in force at t, from the history. Without a
// history for the domain, live says that DNS is to be asked for today's.
func (q *inquiry) recordAt(domain string, t time.Time) (record string, live bool) {
	h := q.profile.SPFHistory
	if len(h) == 0 || len(q.own.domains) == 0 || domain != q.own.domains[0] {
		// A record published after the message was handed over says nothing.
		later := slices.ContainsFunc(q.profile.Events, func(e Event) bool {
			return e.Type == SPFPublished && e.Time.After(t)
		})
		return "", !later
	}
	for _, p := range h {
		if !p.From.After(t) {
			record = p.Record
		}
	}
	return record, false
}

// spfEvidence is E5: may the address that handed the message over send for my
// domain, by the record of that time.
func spfEvidence(q *inquiry, ctx context.Context) {
	ip, where := q.handoffOrHint()
	domain := q.envelopeDomain()
	if !ip.IsValid() || domain == "" || q.auth.standing == contradicted || q.path.hop != nil && q.own.host(q.path.hop.By) {
		return
	}
	record, live := q.recordAt(domain, q.when())
	var a spfAnswer
	var which string
	switch {
	case record != "":
		a, which = q.sentFor(ctx, ip, domain, record), "the SPF record of that day"
	case live:
		q.guard.tree(domain)
		a, which = q.sendsFor(ctx, ip, domain), "today's SPF record"
	default:
		return
	}
	f := finding{Reason: Reason{Forgeable: byReporter, Where: where}}
	switch a.word {
	case spf.Pass:
		f.Code, f.mine, f.Strength = "E5-pass", true, Weak
		f.Text = "By " + which + " of " + domain + ", " + ip.String() + " may send for you"
		if q.own.ip(ip) {
			f.Strength = Strong
			f.Text += ", and it is your own."
		} else {
			f.Text += ", as may other customers of the same service."
		}
	case spf.Fail, spf.SoftFail:
		f.Code, f.For, f.Strength = "E5-"+string(a.word), Spoofed, Weak
		f.Text = "By " + which + " of " + domain + ", " + ip.String() + " may not send for you."
		if q.profile.Complete {
			f.Strength = Strong
		} else {
			f.Text += " Whether the record names everything that sends for you is not known yet."
		}
	default:
		return
	}
	if !q.path.ip.IsValid() {
		f.Strength = Weak // not from the chain
	}
	f.Line = oneLine("SPF " + string(a.word) + " for " + ip.String() + " (" + a.mechanism + ") " + record)
	if h := q.path.hop; h != nil && where == "" {
		f.Reason = q.onOriginal(f.Reason, h.Field)
	}
	q.add(f)
}

// when is the best known time of the hand-over, for evidence that depends on it.
func (q *inquiry) when() time.Time {
	switch {
	case !q.path.t0.IsZero():
		return q.path.t0
	case q.n.Delivery != nil && !q.n.Delivery.ArrivalDate.IsZero():
		return q.n.Delivery.ArrivalDate
	}
	return q.n.Date
}

// handoffOrHint gives the address of the boundary hop; for a notice without a
// usable chain the one that the report itself names, which is a hint only.
func (q *inquiry) handoffOrHint() (ip netip.Addr, where string) {
	if q.path.found {
		return q.path.ip, ""
	}
	if d := q.n.Delivery; d != nil {
		if ip := firstAddress(d.ReceivedFromMTA); ip.IsValid() {
			return ip, "delivery report"
		}
	}
	if ip, _, ok := q.authenticationFailure(); ok && ip.IsValid() {
		return ip, "delivery report"
	}
	if f := q.n.Feedback; f != nil {
		if ip := firstAddress(f.SourceIP); ip.IsValid() {
			return ip, "report"
		}
	}
	return netip.Addr{}, ""
}

// serviceEvidence is E6: the address belongs to a service of mine, which others
// use, too.
func serviceEvidence(q *inquiry, _ context.Context) {
	ip := q.path.ip
	if !ip.IsValid() || q.own.ip(ip) {
		return
	}
	name := ""
	if s, ok := q.own.service(ip); ok {
		name = s.Name
	} else if q.has("E5-pass") {
		name = "a service that your SPF record allows"
	} else {
		return
	}
	q.add(finding{mine: true, Reason: q.onOriginal(Reason{
		Code: "E6", Strength: Weak, Forgeable: byReporter,
		Text: ip.String() + " belongs to " + name + ", which may send for you, but also sends for others.",
	}, q.path.hop.Field)})
}
