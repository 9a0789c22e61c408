package plan

import (
	"context"
	"slices"

	"unspoof/dmarc"
	"unspoof/dns"
	"unspoof/orgdomain"
)

// RungState is where a domain stands on the ladder.
type RungState string

// The states of a rung: at most one is Next.
const (
	RungDone  RungState = "done"  // today's record, or a rung before it, asks for this or for more
	RungNext  RungState = "next"  // the one to go to
	RungLater RungState = "later" // after that
)

// Rung is one step of the way to p=reject (RFC 9989 section 4.7).
type Rung struct {
	// ID is stable: "watch", "missing-subdomains", "subdomains",
	// "quarantine-test", "quarantine", "subdomains-reject", "reject-test",
	// "reject".
	ID    string    `json:"id"`
	State RungState `json:"state"`
	Text  string    `json:"text"` // what it does, a sentence or two
	// What the rung's record asks for.
	Policy      dmarc.Policy `json:"p"`
	Subdomain   dmarc.Policy `json:"sp"`
	NonExistent dmarc.Policy `json:"np"`
	Test        bool         `json:"t"`
	// Record is the exact record of the rung for this domain: whatever else is in
	// today's record stays, and no policy is weaker than today's, but for what a
	// test takes back while it lasts. Empty for a rung that is done.
	Record Record      `json:"record"`
	Before []Condition `json:"before"` // what must be true before it is published
}

// asked is what a record asks of receivers, defaults filled in.
type asked struct {
	p, sp, np dmarc.Policy
	test      bool
}

// filled puts in the defaults: sp follows p, np follows sp (RFC 9989 section
// 4.7).
func (a asked) filled() asked {
	if a.p == "" {
		a.p = dmarc.None
	}
	if a.sp == "" {
		a.sp = a.p
	}
	if a.np == "" {
		a.np = a.sp
	}
	return a
}

// reaches reports that a asks for no less than b anywhere. A test counts as not
// reached only where b asks for that very policy without one.
func (a asked) reaches(b asked) bool {
	if a.p.Weaker(b.p) || a.sp.Weaker(b.sp) || a.np.Weaker(b.np) {
		return false
	}
	return b.test || !a.test || b.p.Weaker(a.p)
}

// joined asks for the stronger of both everywhere.
func (a asked) joined(b asked) asked {
	out := asked{stronger(a.p, b.p), stronger(a.sp, b.sp), stronger(a.np, b.np), b.test}
	if b.p.Weaker(a.p) {
		out.test = a.test // the rung says nothing of a policy beyond it
	}
	return out
}

// effective is what receivers apply: a test takes each policy down by one level
// (RFC 9989 section 4.7).
func (a asked) effective() asked {
	if a.test {
		a = asked{p: lower(a.p), sp: lower(a.sp), np: lower(a.np)}
	}
	return a
}

func lower(p dmarc.Policy) dmarc.Policy {
	if p == dmarc.Reject {
		return dmarc.Quarantine
	}
	return dmarc.None
}

func stronger(p, q dmarc.Policy) dmarc.Policy {
	if p.Weaker(q) {
		return q
	}
	return p
}

// rungs are the ladder. Names that don't exist come first, since no mail of one's
// own comes from there; then existing subdomains, whose mail is little; then the
// domain, each time with a test before (t=y, RFC 9989 section 4.7). There is no
// pct: it is gone, and receivers read it differently (RFC 9989 appendix A.6).
var rungs = []struct {
	id   string
	want asked
	org  bool // only at an organisational domain: sp and np do nothing below it (RFC 9989 section 4.7)
	text string
	need []need
}{
	{"watch", asked{p: dmarc.None}, false,
		"Watch first: p=none refuses nothing, and asks for daily reports that show everybody who sends as the domain.",
		[]need{needReportsWanted}},
	{"missing-subdomains", asked{p: dmarc.None, sp: dmarc.None, np: dmarc.Reject}, true,
		"Refuse names that don't exist: np=reject is for subdomains that are not in DNS, from which nothing of yours can come. Receivers of the older standard do not know np and go on as before.",
		[]need{needReportsArrive, needNoMissingSubdomain}},
	{"subdomains", asked{p: dmarc.None, sp: dmarc.Quarantine, np: dmarc.Reject}, true,
		"Subdomains before the domain: mail that forges one is put aside as suspicious, and little of yours comes from there.",
		[]need{needReportsArrive, needSubdomainsAligned, needCleanReports}},
	{"quarantine-test", asked{p: dmarc.Quarantine, sp: dmarc.Quarantine, np: dmarc.Reject, test: true}, false,
		"Try quarantine: with t=y receivers apply one level less, and mailing lists already treat the mail as they will later. Receivers of the older standard do not know t and put forged mail aside at once; while the test lasts, subdomains are one level less protected, too.",
		[]need{needReportsArrive, needAllNamed, needAligned, needSPFValid, needCleanReports}},
	{"quarantine", asked{p: dmarc.Quarantine, sp: dmarc.Quarantine, np: dmarc.Reject}, false,
		"Have forged mail put aside as suspicious.",
		[]need{needReportsArrive, needAllNamed, needAligned, needSPFValid, needCleanReports, needTestCalm}},
	{"subdomains-reject", asked{p: dmarc.Quarantine, sp: dmarc.Reject, np: dmarc.Reject}, true,
		"Have mail refused that forges a subdomain.",
		[]need{needReportsArrive, needSubdomainsAligned, needCleanReports}},
	{"reject-test", asked{p: dmarc.Reject, sp: dmarc.Reject, np: dmarc.Reject, test: true}, false,
		"Try reject: with t=y receivers still put forged mail aside only. Receivers of the older standard refuse it at once; while the test lasts, subdomains are one level less protected, too.",
		[]need{needReportsArrive, needAllNamed, needAligned, needSigned, needSPFValid, needNoListPosters, needCleanReports}},
	{"reject", asked{p: dmarc.Reject, sp: dmarc.Reject, np: dmarc.Reject}, false,
		"Have forged mail refused. This is the goal for domains whose people write to no mailing lists; for others quarantine is a good end.",
		[]need{needReportsArrive, needAllNamed, needAligned, needSigned, needSPFValid, needNoListPosters, needCleanReports, needTestCalm}},
}

// ladder fills in where the domain stands, and the record of each rung to come.
func (m *dmarcMaker) ladder(ctx context.Context, resolver dns.Resolver) error {
	reached := m.covered() // today's, and the rungs so far
	organisational := m.organisational()
	known := m.judged(ctx, resolver)
	// At the top nothing is left for which reports would be needed.
	deaf := reached != nil && known.reports == NotMet && !reached.reaches(asked{p: dmarc.Reject}.filled())
	m.refused = deaf && m.present != nil && len(m.present.RUA) > 0
	next := RungNext
	for _, r := range rungs {
		if r.org && !organisational {
			continue
		}
		want := r.want.filled()
		if !organisational {
			want.sp, want.np = want.p, want.p // they would do nothing here
		}
		rung := Rung{ID: r.id, State: RungDone, Text: r.text, Policy: want.p, Subdomain: want.sp, NonExistent: want.np, Test: want.test, Before: []Condition{}}
		if watch := r.id == "watch"; reached == nil || !reached.reaches(want) || watch && deaf {
			rung.State, next = next, RungLater
			if reached != nil {
				want = reached.joined(want)
			}
			if watch && deaf {
				rung.Text = "Watch first: today's record asks nobody for reports, so that nobody learns what fails. This one asks for them every day, and refuses no more than today's."
				if m.refused {
					rung.Text = "Watch first: today's record asks for reports only where nobody takes them, so that nobody learns what fails. This one asks for them where they come, too, and refuses no more than today's."
				}
			}
			reached = &want
			rung.Policy, rung.Subdomain, rung.NonExistent, rung.Test = want.p, want.sp, want.np, want.test
			record, _, err := m.record(want)
			if err != nil {
				return err
			}
			rung.Record = record
			for _, n := range r.need {
				rung.Before = append(rung.Before, n(known))
			}
		}
		m.plan.Ladder = append(m.plan.Ladder, rung)
	}
	return nil
}

// conditions fills in what must be true before the record is published that was
// asked for: of each policy that it raises, what the rung asks that does so.
func (m *dmarcMaker) conditions(ctx context.Context, resolver dns.Resolver, want asked) {
	if m.req.Parked {
		return // whether it is in use is asked instead
	}
	ids := []string{}
	was := asked{}.filled()
	if covered := m.covered(); covered != nil {
		was = *covered
	} else {
		ids = append(ids, "watch")
	}
	if m.organisational() {
		if was.np.Weaker(want.np) {
			ids = append(ids, "missing-subdomains")
		}
		if was.sp.Weaker(want.sp) {
			ids = append(ids, map[dmarc.Policy]string{dmarc.Quarantine: "subdomains", dmarc.Reject: "subdomains-reject"}[want.sp])
		}
	}
	if was.p.Weaker(want.p) || (was.test && !want.test || m.partial()) && want.p != dmarc.None {
		id := string(want.p)
		if want.test {
			id += "-test"
		}
		ids = append(ids, id)
	}
	if next, ok := m.plan.Next(); ok && (asked{next.Policy, next.Subdomain, next.NonExistent, next.Test}) == want {
		ids = []string{next.ID}
	}
	known := m.judged(ctx, resolver)
	for _, r := range rungs {
		if !slices.Contains(ids, r.id) {
			continue
		}
		for _, n := range r.need {
			c := n(known)
			if !slices.ContainsFunc(m.plan.Before, func(o Condition) bool { return o.ID == c.ID }) {
				m.plan.Before = append(m.plan.Before, c)
			}
		}
	}
}

// covered is what is asked of receivers for the domain today, by its own record
// or by one above it; nil where no policy applies.
func (m *dmarcMaker) covered() *asked {
	var a asked
	switch {
	case m.present != nil:
		// As receivers read it: what is not valid counts as p=none, or as no record at
		// all (RFC 9989 section 4.10.1).
		p, _, ok := m.present.For(dmarc.Itself)
		if !ok {
			return nil
		}
		sp, _, _ := m.present.For(dmarc.Below)
		np, _, _ := m.present.For(dmarc.NonExistent)
		a = asked{p, sp, np, m.present.Test}.filled()
		if !m.organisational() {
			a.sp, a.np = a.p, a.p
		}
	case m.today.Policy != "":
		a = asked{p: m.today.Policy, test: m.today.Record.Test}.filled()
	default:
		return nil
	}
	return &a
}

// organisational reports whether records at names below look for this domain's.
func (m *dmarcMaker) organisational() bool {
	if m.today.OrgDomain != "" {
		return m.today.OrgDomain == m.plan.Domain
	}
	return orgdomain.OfPSL(m.plan.Domain) == m.plan.Domain
}
