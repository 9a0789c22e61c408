package forensics

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"unspoof/dns"
)

const (
	maxCampaignList = 50  // campaigns told in full
	maxSenderList   = 50  // senders, unknown senders, accounts listed
	maxHandoffList  = 100 // hand-off addresses listed
	maxEvents       = 50  // events tested; a profile has a handful
)

// Report gives the answer so far; more may be added and asked afterwards. The
// resolver is asked only about the most frequent hand-off addresses (reverse
// name, network, country); with nil, nothing is asked and these stay empty.
// ctx bounds these questions; a report is given in any case.
func (m *Mailbox) Report(ctx context.Context, resolver dns.Resolver) MailboxReport {
	c := m.cluster()
	r := MailboxReport{
		Alarms: []string{}, NotProven: []string{}, Advice: []string{}, Warnings: []string{}, Reasons: []Reason{},
		Read: m.read, Notices: m.notices, Messages: m.rows.len(),
		Kinds: map[string]int{}, Classes: map[string]int{}, Languages: map[string]int{},
		PerNotice: map[Verdict]int{}, PerMessage: map[Verdict]int{},
		Events: m.events(), RateTests: []RateTest{},
	}
	for k, n := range m.kinds {
		r.Kinds[k] = n
	}
	for k, n := range m.classes {
		r.Classes[k] = n
	}
	for i, n := range m.scripts[:len(scripts)] {
		if n > 0 {
			r.Languages[scripts[i].name] += n
		}
	}
	for v, n := range m.perNotice {
		r.PerNotice[verdictNames[v]] = n
	}
	t := m.tally()
	for v := range verdictNames {
		r.PerMessage[verdictNames[v]] = t.messages[v]
	}
	r.From, r.To = fromStamp(t.first), fromStamp(t.last)
	r.ToYouFromYou = m.toYouFromYou + t.toYou

	var more int
	r.Campaigns, more = m.campaigns(c)
	r.Handoffs = m.handoffs()
	describeHandoffs(ctx, resolver, r.Handoffs, &r.Warnings)
	m.reportSenders(&r, t)
	r.Timeline = m.timeline(c, r.Events, &r.Warnings)
	r.RateTests = m.rateTests(c, r.Events)
	r.Alarms = append(r.Alarms, m.stillInside(r.Events, t)...)
	r.Verdict, r.Confidence = t.aggregate(len(r.Alarms) > 0)
	m.explain(&r, t)
	m.advise(&r, t)
	m.warn(&r, c, more)
	return r
}

// events are the profile's, by time.
func (m *Mailbox) events() []Event {
	out := slices.Clone(m.profile.Events)
	slices.SortStableFunc(out, func(a, b Event) int { return a.Time.Compare(b.Time) })
	if out == nil {
		out = []Event{}
	}
	return out
}

// warn says what was not kept.
func (m *Mailbox) warn(r *MailboxReport, c *clustering, more int) {
	say := func(n int, format string) {
		if n > 0 {
			r.Warnings = append(r.Warnings, fmt.Sprintf(format, n))
		}
	}
	say(m.shapes.missed, "%d originals are counted but in no campaign: more different ones came than are kept apart.")
	say(c.left, "%d originals are counted but in no campaign: more campaigns than are kept apart.")
	say(more, "%d smaller campaigns are counted but not listed.")
	say(m.senders.missed, "%d originals are counted without their sender: more different senders than are kept.")
	say(m.accounts.missed, "%d messages sent from inside are counted without their account: more different accounts than are kept.")
	say(max(0, len(r.Events)-maxEvents), "%d events of the profile are not tested: there are too many.")
	undated := 0
	for i := range m.rows.len() {
		if m.rows.at(uint32(i)).t0 == 0 {
			undated++
		}
	}
	say(undated, "%d originals have no hand-over time that can be relied on; they are missing in the timeline and the rate tests.")
}

// top gives the most frequent of counts, at most limit, equal ones by value.
func top(counts map[string]int, limit int) []Count {
	out := make([]Count, 0, len(counts))
	for v, n := range counts {
		out = append(out, Count{v, n})
	}
	slices.SortFunc(out, func(a, b Count) int {
		if a.Count != b.Count {
			return b.Count - a.Count
		}
		return strings.Compare(a.Value, b.Value)
	})
	return out[:min(len(out), limit)]
}

// share says "31 of 34 messages", "all 34 messages" or "the only message".
func share(n, of int, one string) string {
	switch {
	case n != of:
		return fmt.Sprintf("%d of %s", n, plural(of, one))
	case n == 1:
		return "the only " + one
	}
	return "all " + plural(n, one)
}

// plural gives "1 message" or "3 messages".
func plural(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	if strings.HasSuffix(one, "s") {
		one += "e"
	}
	return fmt.Sprintf("%d %ss", n, one)
}
