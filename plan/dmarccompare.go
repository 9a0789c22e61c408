package plan

import (
	"strings"

	"unspoof/dmarc"
)

// compare says what the new record changes.
func (m *dmarcMaker) compare(rec *dmarc.Record) {
	if rua := m.rua(); len(m.reports) == 0 && (m.refused || rua == "mailto:"+usualReports+m.plan.Domain && (m.present == nil || len(m.present.RUA) == 0)) {
		m.warn("Make sure that the address %s%s exists, or name another: reports come there daily.", usualReports, m.plan.Domain)
	}
	if strings.EqualFold(m.plan.Today, m.plan.Record.Value) {
		m.warn("The record published today is the same: nothing needs to change.")
		return
	}
	now := asked{rec.Policy, rec.Subdomain, rec.NonExistent, rec.Test}.filled()
	m.compareEffect(now)
	today := m.present
	if today == nil {
		return
	}
	m.warn("Put it in the place of today's record, not beside it: a domain with two DMARC records has none (RFC 9989 section 4.10).")
	for _, t := range today.Tags {
		if _, kept := rec.Tag(t.Name); kept {
			if t.Name == "adkim" || t.Name == "aspf" || t.Name == "psd" || t.Name == "ruf" {
				m.why("%s=%s stays as today's record has it.", t.Name, t.Value)
			}
			continue
		}
		if t.Name == "pct" && t.Value != "100" && (now.p != dmarc.None || now.sp != dmarc.None) {
			m.warn("Today's record has pct=%s, by which receivers of the older standard apply the policy to so many of 100 messages only. The standard no longer has it, nor has this record: they will apply it to all. Go on only when the reports show nobody of yours that fails.", t.Value)
			continue
		}
		switch t.Name {
		case "pct", "rf", "ri":
			m.why("%s=%s goes: the standard no longer has it (RFC 9989 appendix A.6).", t.Name, t.Value)
		case "sp", "np", "t", "adkim", "aspf", "fo":
			// The default that holds without it, or part of the policy, see below.
		default:
			m.warn("Today's record also has %s=%s, which this one has not.", t.Name, t.Value)
		}
	}
}

// compareEffect says where less or more is asked for than today, as receivers
// apply it: a test takes every policy down by one level (RFC 9989 section 4.7).
func (m *dmarcMaker) compareEffect(now asked) {
	covered := m.covered()
	if covered == nil {
		return
	}
	whose := "Today's record"
	if m.present == nil {
		whose = "The record of " + m.today.At + ", which covers this name today,"
	}
	old, test := covered.effective(), ""
	if now.test {
		test = ", while the test lasts"
	}
	now = now.effective()
	switch {
	case now.p.Weaker(old.p):
		m.warn("%s asks for more (p=%s): this one would take protection away%s, down to %s.", whose, old.p, test, now.p)
	case old.p.Weaker(now.p):
		m.warn("%s asks for less (p=%s). Go on only when the reports of the last weeks show nobody of yours that fails.", whose, old.p)
	}
	if !m.organisational() {
		return // nothing below asks for this record
	}
	switch {
	case now.sp.Weaker(old.sp):
		m.warn("%s asks for more of subdomains (%s): this one asks for %s%s.", whose, old.sp, now.sp, test)
	case old.sp.Weaker(now.sp) && !old.p.Weaker(now.p):
		m.warn("%s asks for less of subdomains (%s): this one asks for %s.", whose, old.sp, now.sp)
	}
	if now.np.Weaker(old.np) {
		m.warn("%s asks for more of subdomains that don't exist (%s): this one asks for %s%s.", whose, old.np, now.np, test)
	}
}

// partial reports that receivers of the older standard apply today's policy to a part
// of the messages only (RFC 7489 section 6.3).
func (m *dmarcMaker) partial() bool {
	if m.present == nil {
		return false
	}
	t, ok := m.present.Tag("pct")
	return ok && t.Value != "100"
}
