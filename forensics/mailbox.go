package forensics

import (
	"cmp"
	"hash/maphash"
	"net/netip"
	"slices"
	"time"

	"unspoof/bounce"
)

// Memory. A mailbox of 2 GB holds 600,000 messages and more, and whoever sends
// bounces chooses what stands in them. So nothing of a message is kept but a
// row of 48 octets and its place in an index (at most 39); [Mailbox.Report]
// borrows some 20 more, and 24 for each message near an event. Everything that
// is text goes into tables whose room is a constant and an allowance a message;
// what finds no room is counted, not kept, and the report says so. All together
// stay below 200 octets a message and 4 MiB (TestMemoryStaysInBounds). The
// recipients remembered from the profile's outbound log come on top.
const (
	shapeRoom, shapeAllowance   = 2 << 20, 40
	senderRoom, senderAllowance = 256 << 10, 8
	accountRoom, missingRoom    = 64 << 10, 16 << 10
	// maxKnownRecipients bounds the recipients remembered from the outbound log.
	maxKnownRecipients = 2_000_000
	// maxKinds bounds the kinds and classes counted; there are fewer.
	maxKinds = 32
)

// MailboxArgs is what [NewMailbox] works with.
type MailboxArgs struct {
	Profile *Profile // nil: nothing is known
	// Now is until when the mailbox was filled: the moment of its export. It
	// bounds the windows of the rate tests. Zero: long after its last message.
	Now time.Time
}

// Mailbox gathers judged notices into one answer, in bounded memory. Make it
// with [NewMailbox]; it is for one goroutine.
type Mailbox struct {
	profile Profile
	own     []string // domains that count as the owner's
	now     time.Time
	seed    maphash.Seed

	rows      chunks[mailRow]
	index     map[uint64]uint32 // key of an original → its row
	shapes    shapeTable
	senders   wordTable // own addresses in From
	accounts  wordTable // what compromised and unexplained messages named
	missing   wordTable // what undecided ones lacked; counts
	lacking   map[uint32]int
	reporters reporterTable
	brands    *brandMatcher
	// known maps a recipient of the outbound log to the one message that went
	// there, or to several.
	known map[uint64]uint64

	read, notices   int
	kinds, classes  map[string]int
	perNotice       [verdictCount]int
	scripts         [16]int
	toYouFromYou    int // of messages that are no notice
	complaints      int
	noSuchRecipient int       // notices that came for a name that doesn't exist (E12)
	first, last     time.Time // of everything read, by arrival or else hand-over
	lastArrival     time.Time
}

// NewMailbox prepares for a mailbox. The Profile is read now and while the
// Mailbox lives, and never written to.
func NewMailbox(a MailboxArgs) *Mailbox {
	m := &Mailbox{now: a.Now, seed: maphash.MakeSeed(), index: map[uint64]uint32{}, kinds: map[string]int{}, classes: map[string]int{}, lacking: map[uint32]int{}, reporters: reporterTable{numbers: map[string]uint32{}}}
	if a.Profile != nil {
		m.profile = *a.Profile
	}
	m.own = lowerAll(m.profile.Domains)
	m.brands = newBrandMatcher(m.own)
	m.shapes = newShapeTable(m.seed)
	m.senders = newWordTable(senderRoom, senderAllowance)
	m.accounts = newWordTable(accountRoom, 0)
	m.missing = newWordTable(missingRoom, 0)
	m.remember(m.profile.Log)
	return m
}

// Add takes one message and the judgement on it. Neither is kept. A nil notice
// is left out.
func (m *Mailbox) Add(n *bounce.Notice, j Judgement) {
	if n == nil {
		return
	}
	m.read++
	count(m.kinds, string(n.Kind))
	arrived := j.Arrived
	if arrived.IsZero() {
		arrived = n.Date
	}
	m.saw(arrived, j.T0)
	if n.Bounce || n.Kind == bounce.DSNDelayed || n.Kind == bounce.NonstandardDelayed {
		m.notices++
	}
	if n.Kind == bounce.ARFAbuse {
		m.complaints++
	}
	if n.Refusal != nil {
		count(m.classes, string(n.Refusal.Class))
	}
	if slices.ContainsFunc(j.Reasons, func(r Reason) bool { return r.Code == "E12" }) {
		m.noSuchRecipient++
	}
	if !countsAsMail(n, j) {
		if m.ownToOwn(n.Header.Value("From"), n.Header.Value("To")) {
			m.toYouFromYou++
		}
		return
	}
	r := m.newRow(n, j, arrived)
	m.perNotice[r.verdict()]++
	if r.verdict() == unknownVerdict && j.Missing != "" {
		if i := m.missing.intern(plainText(j.Missing, maxExcerptText), 0); i > 0 {
			m.lacking[i]++
		}
	}
	key, keyed := m.keyOf(n)
	if keyed {
		if at, ok := m.index[key]; ok {
			if m.rows.at(at).merge(r) {
				return
			}
			// One's own message, and the same replayed by somebody else, are two.
			key ^= otherSide
			if at, ok := m.index[key]; ok && m.rows.at(at).merge(r) {
				return
			}
		}
	}
	m.describe(&r, n)
	at := m.rows.add(r)
	if keyed {
		m.index[key] = at
	}
}

// otherSide sets the key of a second original under the same Message-ID apart.
const otherSide = 0x5bd1e995a5a5a5a5

// countsAsMail tells what says something about a message in the owner's name:
// notices, whatever returns an original, and whatever was decided.
func countsAsMail(n *bounce.Notice, j Judgement) bool {
	if n.Bounce || verdictOf(j.Verdict) != unknownVerdict {
		return true
	}
	switch n.Kind {
	case bounce.Ordinary, bounce.ReportAggregate, bounce.PostmasterNotice, bounce.ForwardedMessage:
		return false
	case bounce.DSNDelayed, bounce.NonstandardDelayed:
		return true
	}
	return n.Original.Returned != "" && n.Original.Returned != bounce.ReturnedNone
}

// newRow puts into a row what every notice of an original adds.
func (m *Mailbox) newRow(n *bounce.Notice, j Judgement, arrived time.Time) mailRow {
	r := mailRow{t0: stamp(j.T0), arrived: stamp(arrived), notices: 1}
	if j.HandoffIP.IsValid() {
		r.handoff = j.HandoffIP.As16()
	}
	r.judge(j)
	r.setReporter(m.reporterOf(n))
	account := ""
	if leftUnexplained(&j) {
		r.set(bitOurs, true)
		account = cmp.Or(j.Account, loginOf(n, &j))
	} else if r.verdict() == compromisedVerdict {
		account = j.Account
	}
	if account != "" {
		r.account = m.accounts.intern(plainText(account, maxNameText), 0)
	}
	if n.Bounce {
		r.refused = uint32(min(max(1, len(n.Recipients)), 1<<20))
	}
	if n.Refusal != nil {
		r.set(bitRefused, true)
		r.set(bitNamed, namesAuthentication(n.Refusal))
	}
	if m.known != nil && len(n.Recipients) > 0 {
		familiar := m.familiar(n)
		r.set(bitFamiliar, familiar)
		r.set(bitStrangers, !familiar)
	}
	return r
}

// describe adds what only the first notice of an original is asked for.
func (m *Mailbox) describe(r *mailRow, n *bounce.Notice) {
	display, address := splitAddress(n.Original.From)
	sender := ""
	switch _, path := splitAddress(n.Original.ReturnPath); {
	case m.isOwn(address):
		sender = address
	case m.isOwn(path):
		sender = path
	}
	if sender != "" {
		r.sender = m.senders.intern(sender, m.rows.len())
	}
	r.set(bitToYou, m.ownToOwn(n.Original.From, n.Original.Header.Value("To")))
	var script int
	r.shape, script = m.shapeOf(n, display, address, sender, r.verdict())
	if script >= 0 {
		m.scripts[script]++
	}
}

// saw widens the time that the mailbox covers.
func (m *Mailbox) saw(arrived, t0 time.Time) {
	if arrived.After(m.lastArrival) {
		m.lastArrival = arrived
	}
	for _, t := range []time.Time{arrived, t0} {
		if stamp(t) == 0 {
			continue
		}
		if m.first.IsZero() || t.Before(m.first) {
			m.first = t
		}
		if t.After(m.last) {
			m.last = t
		}
	}
}

func count(m map[string]int, key string) {
	if _, ok := m[key]; ok || len(m) < maxKinds {
		m[key]++
	}
}

// stamp gives the seconds since 1970, 0 for a time that can't be one of mail.
func stamp(t time.Time) uint32 {
	s := t.Unix()
	if s <= 0 || s >= 1<<32 {
		return 0
	}
	return uint32(s)
}

func fromStamp(s uint32) time.Time {
	if s == 0 {
		return time.Time{}
	}
	return time.Unix(int64(s), 0).UTC()
}

func fromBytes(b [16]byte) netip.Addr {
	if b == ([16]byte{}) {
		return netip.Addr{}
	}
	return netip.AddrFrom16(b).Unmap()
}
