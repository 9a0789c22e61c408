package forensics

import (
	"context"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"unspoof/message"
	"unspoof/sender"
)

// path is what the original's Received lines tell that counts: the hand-off to
// the first host whose word is good, and below it, where that leads into my own
// hosts, the way inside (section 4 of the evidence model).
type path struct {
	found bool
	hop   *message.Hop // the boundary hop
	index int          // of it
	ip    netip.Addr   // that handed over; invalid when the line names none
	t0    time.Time    // of the hand-over

	// doubts lower the confidence by one step each.
	doubts []string

	// The way through my own hosts; nil when there is none.
	own    []*message.Hop // every line that my hosts wrote, top to bottom
	client netip.Addr     // who handed the message to the lowest of them
	entry  *message.Hop   // the line that recorded the client, or the local submission
	login  *message.Hop   // the line with words of authentication
}

// walk finds the boundary in the original's chain. A host's line counts if the
// host is of the organisation that reports, and every line above it is, too.
func (q *inquiry) walk(ctx context.Context) path {
	var p path
	hops := q.n.Original.Hops[:min(len(q.n.Original.Hops), maxHops)]
	t := q.trusted(hops)
	p.doubts = t.doubts
	for i := range hops {
		h := &hops[i]
		if !t.wrote(h.By) {
			if h.By == "" && !h.FromIP.IsValid() && i+1 < len(hops) {
				continue // a hand-over inside the reporting host
			}
			return path{}
		}
		if q.passes(ctx, &t, hops, i, &p) {
			continue
		}
		p.found, p.hop, p.index = true, h, i
		if !isPrivate(h.FromIP) {
			p.ip = h.FromIP
		}
		break
	}
	if !p.found {
		return path{}
	}
	p.t0 = q.handoverTime(p.hop)
	q.descend(&p, hops)
	return p
}

// passes reports whether the chain goes on below hop i: the line names no
// address outside the trusted hosts.
func (q *inquiry) passes(ctx context.Context, t *trust, hops []message.Hop, i int, p *path) bool {
	h := &hops[i]
	if i+1 == len(hops) {
		return false
	}
	next := &hops[i+1]
	switch {
	case !h.FromIP.IsValid() && h.Local:
		// A submission on the host itself is the start: what stands below was
		// written by the submitting program.
		return false
	case !h.FromIP.IsValid() && giver(h) != "":
		// A name without an address is the client's own word. One from outside is
		// where the chain ends, though nobody knows the address.
		if strings.Contains(giver(h), ".") && !t.wrote(giver(h)) {
			return false
		}
		p.doubts = append(p.doubts, "line "+strconv.Itoa(h.Field.Line)+" of the original names no address")
		return true
	case !h.FromIP.IsValid():
		return true
	case isPrivate(h.FromIP):
		if t.mine && (h.Authenticated || !t.wrote(next.By)) {
			return false // a client in my own network
		}
		if !consistent(h, next) {
			p.doubts = append(p.doubts, "line "+strconv.Itoa(h.Field.Line)+
				" of the original names a private address that does not fit the line below it")
		}
		return true
	case t.mine && q.own.ip(h.FromIP):
		return true
	case q.insideOf(h.By, giver(h), h.FromIP):
		return true
	case t.wrote(h.FromName) && slices.ContainsFunc(q.confirmed(ctx, h.FromIP).names, t.wrote):
		return true
	}
	return q.throughFilter(ctx, t, h, next, p)
}

// consistent reports whether a private hand-over fits the line below it: it names
// that line's host, or is the same host talking to itself, and times do not rise.
func consistent(h, next *message.Hop) bool {
	if !h.Time.IsZero() && !next.Time.IsZero() && next.Time.After(h.Time.Add(clockSkew)) {
		return false
	}
	by := canonical(next.By)
	if by == "" {
		return false
	}
	if h.FromIP.IsLoopback() && by == canonical(h.By) {
		return true
	}
	// Behind a translated address every client looks private and "unknown", and
	// its HELO is its own choice.
	if h.FromName != "" {
		return by == canonical(h.FromName)
	}
	return by == canonical(h.HELO)
}

// giver is the name of the host that handed over: as the writer looked it up,
// else as it introduced itself.
func giver(h *message.Hop) string {
	if h.FromName != "" {
		return h.FromName
	}
	return h.HELO
}

// throughFilter passes a hop that was handed in by a security gateway: its line
// counts as well, with one doubt more.
func (q *inquiry) throughFilter(ctx context.Context, t *trust, h, next *message.Hop, p *path) bool {
	if _, mine := q.own.service(h.FromIP); mine || q.own.ip(h.FromIP) {
		return false
	}
	filter := firstGateway(h.FromName, h.HELO)
	if filter == "" || !q.sameOrg(filter, next.By) {
		return false
	}
	confirmed := q.confirmed(ctx, h.FromIP).names
	if !slices.ContainsFunc(confirmed, func(name string) bool { return q.sameOrg(name, filter) }) {
		return false
	}
	t.orgs = append(t.orgs, filter)
	p.doubts = append(p.doubts, "the message came through the filter "+filter+", whose line was taken on trust")
	return true
}

// firstGateway gives the first name that belongs to a known mail filter.
func firstGateway(names ...string) string {
	for _, name := range names {
		if !isHostName(name) {
			continue
		}
		for _, m := range slices.Concat(sender.ByHost(name), sender.ByMX(name)) {
			if m.Service.Category == "gateway" {
				return name
			}
		}
	}
	return ""
}

// trust is the set T: the hosts whose lines count.
type trust struct {
	q      *inquiry
	mine   bool     // it is my own hosts
	orgs   []string // hosts whose organisations count
	host   string   // one more, by its name alone
	doubts []string
}

// trusted makes T from the reporting host and the writer of the topmost line.
func (q *inquiry) trusted(hops []message.Hop) trust {
	t := trust{q: q, mine: q.auth.mine}
	if q.auth.reporter != "" {
		t.orgs = append(t.orgs, q.auth.reporter)
	}
	t.mine = t.mine || q.own.host(q.auth.reporter)
	if len(hops) == 0 {
		return t
	}
	top := canonical(hops[0].By)
	switch {
	case top == "" || t.wrote(top):
	case q.own.host(top):
		// A foreign server reports, but left no line of its own: the sender can
		// have written this one, and my name is what he would write.
	case t.mine:
		// My own server reports; its mail starts on my own hosts.
	default:
		t.host = top
		if q.org(top) != "" && q.org(q.auth.reporter) != "" {
			t.doubts = append(t.doubts, "the original's topmost line was written by "+top+
				", the report comes from "+q.auth.reporter)
		}
	}
	return t
}

func (t *trust) wrote(name string) bool {
	name = canonical(name)
	if name == "" {
		return false
	}
	if name == t.host || t.mine && t.q.own.host(name) {
		return true
	}
	return slices.ContainsFunc(t.orgs, func(o string) bool { return name == o || t.q.sameOrg(name, o) })
}

// handoverTime is the boundary hop's; where it has none, the next best that the
// notice gives. The last resort is the Date field, which the sender writes.
func (q *inquiry) handoverTime(h *message.Hop) time.Time {
	o := &q.n.Original
	switch {
	case !h.Time.IsZero():
		return h.Time
	case q.n.Delivery != nil && !q.n.Delivery.ArrivalDate.IsZero():
		return q.n.Delivery.ArrivalDate
	case !o.Hops[0].Time.IsZero():
		return o.Hops[0].Time
	}
	t, _ := message.ParseDate(o.Header.Value("Date"))
	return t
}

// descend follows the chain through my own hosts, whose lines are good again: down
// to the client that submitted the message, or to a program on one of them.
func (q *inquiry) descend(p *path, hops []message.Hop) {
	i := p.index
	switch {
	case q.own.host(p.hop.By) && (q.auth.mine || q.own.host(q.auth.reporter)):
		for k := range i { // lines above the boundary are mine, too
			p.own = append(p.own, &hops[k])
		}
	case q.own.ip(p.ip):
		i++
	case p.hop.Authenticated && q.ownProviderLogin(p.hop.AuthUser, p.hop.By):
		p.login, p.entry, p.client = p.hop, p.hop, p.ip
		return
	default:
		return
	}
	for ; i < len(hops) && q.own.host(hops[i].By); i++ {
		h := &hops[i]
		p.own = append(p.own, h)
		if h.Authenticated {
			p.login = h
		}
		outside := h.FromIP.IsValid() && !isPrivate(h.FromIP) && !q.own.ip(h.FromIP)
		if outside || h.FromIP.IsValid() && h.Authenticated {
			p.client = h.FromIP
		}
		if outside || h.Authenticated || h.Local {
			p.entry = h
			return
		}
	}
}

// loginName is the account that my own host's line names.
func (q *inquiry) loginName() string {
	if q.path.login == nil {
		return ""
	}
	return q.own.account(q.path.login.AuthUser)
}
