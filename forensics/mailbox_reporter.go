package forensics

import (
	"math/bits"
	"slices"
	"strings"

	"unspoof/bounce"
	"unspoof/orgdomain"
	"unspoof/sender"
)

// Who reported an original stands in seven bits of its row: nothing, one of so
// many organisations, one of those beyond, or "several", which stands for one's
// own server, too: nobody else writes in its name.
const (
	reporterShift    = 24
	reporterMask     = 1<<31 - 1<<reporterShift
	severalReporters = 127
	otherReporter    = 126
)

// enoughReporters is how many organisations must have reported forged mail
// before it decides: whoever runs one server can invent as many notices as he
// likes, and their evidence with them.
const enoughReporters = 2

// reporterTable numbers organisations from 1.
type reporterTable struct {
	numbers map[string]uint32
	names   []string
}

func (t *reporterTable) number(org string) uint32 {
	if org == "" {
		return 0
	}
	if n, ok := t.numbers[org]; ok {
		return n
	}
	if len(t.names)+1 == otherReporter {
		return otherReporter
	}
	t.names = append(t.names, org)
	t.numbers[org] = uint32(len(t.names))
	return t.numbers[org]
}

// reporterOf gives the number of the organisation that made a notice: by its
// Reporting-MTA, else by who wrote the original's topmost line. A judgement that
// rests on more than hints has checked that name.
func (m *Mailbox) reporterOf(n *bounce.Notice) uint32 {
	name := canonical(n.ReportingMTA)
	if !isHostName(name) && len(n.Original.Hops) > 0 {
		name = canonical(n.Original.Hops[0].By)
	}
	if !isHostName(name) {
		return 0
	}
	if isUnder(name, m.own) || slices.ContainsFunc(m.profile.OwnHosts, func(h Host) bool { return canonical(h.Name) == name }) {
		return severalReporters
	}
	// Some services go by several domains.
	for _, s := range sender.ByHost(name) {
		if s.Confidence != sender.Low {
			return m.reporters.number(s.Service.Name)
		}
	}
	return m.reporters.number(strings.ToLower(orgdomain.OfPSL(name)))
}

func (r *mailRow) reporter() uint32 { return r.bits & reporterMask >> reporterShift }

func (r *mailRow) setReporter(n uint32) { r.bits = r.bits&^reporterMask | n<<reporterShift }

// addReporter notes that somebody says the same of an original.
func (r *mailRow) addReporter(n uint32) {
	switch old := r.reporter(); {
	case old == 0:
		r.setReporter(n)
	case n != 0 && n != old:
		r.setReporter(severalReporters)
	}
}

// reporterSet is a set of such numbers.
type reporterSet [2]uint64

func (s *reporterSet) add(n uint32) { s[n/64] |= 1 << (n % 64) }

func (s *reporterSet) has(n uint32) bool { return s[n/64]&(1<<(n%64)) != 0 }

// enough tells that no single server can have invented it all.
func (s *reporterSet) enough() bool {
	if s.has(severalReporters) {
		return true
	}
	return bits.OnesCount64(s[0]&^1)+bits.OnesCount64(s[1]) >= enoughReporters // bit 0: nobody named
}

// only names the single reporter, "" when it has no name.
func (t *reporterTable) only(s *reporterSet) string {
	for i, name := range t.names {
		if s.has(uint32(i + 1)) {
			return plainText(name, maxNameText)
		}
	}
	return ""
}
