package forensics

import (
	"net/netip"
	"slices"
	"strings"
	"time"
)

const (
	// habitAge is how long before a session its network must have been in use by
	// the same user to count as a habit. Intruders are seldom quiet so long.
	habitAge = 14 * 24 * time.Hour
	// habitSize is how many messages from other networks a user must have sent
	// before a new network is remarkable, where no networks are declared.
	habitSize = 5
	// prompt is how soon after its log entry a message is handed on when nothing
	// is wrong; a replay comes later (section 6, rule 3a).
	prompt = time.Hour
	// clockSkew between two servers' clocks that is still normal.
	clockSkew = 5 * time.Minute
)

// logIndex finds log entries by Message-ID, and knows each user's habits.
type logIndex struct {
	sent   []Sent
	byID   map[string][]int32
	habits map[string]map[netip.Prefix]habit
}

// habit is one user's use of one network.
type habit struct {
	first time.Time
	count int
}

func newLogIndex(p *Profile, own *ownership) *logIndex {
	x := &logIndex{}
	if p.Log == nil {
		return x
	}
	x.sent = p.Log.Entries
	x.byID = make(map[string][]int32, len(x.sent))
	x.habits = make(map[string]map[netip.Prefix]habit)
	for i, s := range x.sent {
		if id := messageID(s.MessageID); id != "" {
			x.byID[id] = append(x.byID[id], int32(i))
		}
		if !s.ClientIP.IsValid() || s.User == "" {
			continue
		}
		user := own.account(s.User)
		nets := x.habits[user]
		if nets == nil {
			nets = make(map[netip.Prefix]habit)
			x.habits[user] = nets
		}
		net := network(s.ClientIP)
		h := nets[net]
		if h.count == 0 || s.Time.Before(h.first) {
			h.first = s.Time
		}
		h.count++
		nets[net] = h
	}
	return x
}

// messageID brings an ID to the form in which it is compared, without brackets.
func messageID(s string) string {
	return strings.Trim(strings.TrimSpace(s), "<>")
}

// network is what one connection's address usually stays in: /24, in IPv6 /48.
func network(a netip.Addr) netip.Prefix {
	bits := 24
	if a.Is6() {
		bits = 48
	}
	p, _ := a.Prefix(bits) // the length fits the family, no error is possible
	return p
}

// session says whose a login looks.
type session int

const (
	sessionOpen    session = iota // nothing to go by
	sessionOwn                    // from a network of the owner's
	sessionForeign                // from outside the networks that the owner declared
	sessionNew                    // from a network that the log has never seen for this user
)

// session compares an address with what is known of the user.
func (j *Judge) session(user string, ip netip.Addr, at time.Time) session {
	switch {
	case !ip.IsValid():
		return sessionOpen
	case inAny(j.own.clients, ip) || j.own.ip(ip):
		return sessionOwn
	case isPrivate(ip):
		return sessionOpen // inside one's own network; anybody's machine there
	}
	nets := j.log.habits[user]
	if h, ok := nets[network(ip)]; ok && !at.IsZero() && at.Sub(h.first) >= habitAge {
		return sessionOwn
	}
	if len(j.own.clients) > 0 {
		return sessionForeign
	}
	other := 0
	for net, h := range nets {
		if !net.Contains(ip) && h.first.Before(at) {
			other += h.count
		}
	}
	if other >= habitSize {
		return sessionNew
	}
	return sessionOpen
}

// covers reports whether the log is complete for the path at that time.
func (l *OutboundLog) covers(path string, t time.Time) bool {
	return l != nil && !t.IsZero() && !t.Before(l.From) && t.Before(l.To) && slices.Contains(l.Paths, path)
}

// logged is what the log knows of the notice's original.
type logged struct {
	found     bool // its Message-ID stands in the log
	recipient bool // and the recipient that the notice reports, too
	Sent
}

// logEntry looks the original up. Where an ID was logged several times, the line
// with the recipient wins, then the earliest.
func (q *inquiry) logEntry() logged {
	var e logged
	if !q.n.Original.HasMessageID {
		return e
	}
	id := messageID(q.n.Original.MessageID)
	if id == "" {
		return e
	}
	rcpts := q.recipients()
	entries := q.log.byID[id]
	for _, i := range entries[:min(len(entries), maxEntries)] {
		s := q.log.sent[i]
		hit := slices.ContainsFunc(s.Recipients, func(r string) bool {
			return slices.ContainsFunc(rcpts, func(x string) bool { return strings.EqualFold(x, r) })
		})
		if !e.found || hit && !e.recipient {
			e = logged{found: true, recipient: hit, Sent: s}
			e.User = q.own.account(s.User)
		}
	}
	return e
}

// loggedRecipients are all that the log has under the original's Message-ID, in
// lower case.
func (q *inquiry) loggedRecipients() map[string]bool {
	out := make(map[string]bool)
	entries := q.log.byID[messageID(q.n.Original.MessageID)]
	for _, i := range entries[:min(len(entries), maxEntries)] {
		for _, r := range q.log.sent[i].Recipients {
			out[strings.ToLower(r)] = true
		}
	}
	return out
}

// maxEntries of the log with one Message-ID, or from one client, that are looked
// at: a list can have thousands of recipients, one line each.
const maxEntries = 2000

// maxRecipients of one notice that are compared with the log.
const maxRecipients = 200

// recipients of the original that the notice names, as reported and as first
// given (ORCPT).
func (q *inquiry) recipients() []string {
	out := slices.Clone(q.n.Recipients[:min(len(q.n.Recipients), maxRecipients)])
	if d := q.n.Delivery; d != nil {
		for _, r := range d.Recipients[:min(len(d.Recipients), maxRecipients)] {
			for _, a := range []string{r.Original, r.Final} {
				if a != "" && !slices.Contains(out, a) {
					out = append(out, a)
				}
			}
		}
	}
	return out
}
