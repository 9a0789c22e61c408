package forensics

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"unspoof/bounce"
	"unspoof/message"
	"unspoof/sender"
	"unspoof/spf"
)

// standing says whether a notice is what it claims to be.
type standing int

const (
	undecided    standing = iota // what it says may be true: weak evidence
	authentic                    // it came from the organisation that it names
	contradicted                 // it came from elsewhere: nothing in it counts
)

// authentication of a notice (section 4 of the evidence model).
type authentication struct {
	standing
	why string // a sentence for people

	peer      netip.Addr   // A: what connected to my own mail exchanger
	peerHop   *message.Hop // the line that recorded it, written by my own host
	peerNames []string     // forward-confirmed
	ownLines  int          // the first lines of the notice that my own hosts wrote
	inside    bool         // no peer: the notice never came from outside
	mine      bool         // and my own mail server generated it

	proof *message.Field // a signature that made it authentic

	reporter string // R: who says that he could not deliver; "" when nobody does
	inferred bool   // the reporter was taken from the original's topmost hop
}

// maxHops bounds how many Received lines of one chain are followed. RFC 5321
// section 6.3 asks servers to stop a loop at 100.
const maxHops = 100

// authenticate decides whether the notice is what it claims to be, by who handed
// it to my own mail exchanger, else by a signature of who reports.
func (q *inquiry) authenticate(ctx context.Context) authentication {
	a := q.outer(ctx)
	a.reporter, a.inferred = q.reporter()
	switch {
	case q.n.Kind == bounce.FakeBounce:
		a.standing = contradicted
		a.why = "this message only looks like a notice: it wants you to do something, and reports no failure as a mail server does"
	case a.mine:
		a.standing = authentic
		a.why = "your own mail server made this notice: no other server handed it in"
	case a.inside && q.own.provider(a.reporter):
		a.standing = authentic
		a.why = "your mailbox provider made this notice: nobody else handed it in"
	case a.reporter == "":
		a.why = "the notice names no server that reports, so it could not be checked"
	case !a.peer.IsValid():
		a.why = "no line of your own mail server says who handed this notice in, so it could not be checked"
		q.vouchedFor(ctx, &a)
	case q.own.host(a.reporter) && a.inferred:
		a.why = "the notice names no server that reports; its original was last seen on a server of yours, so it could not be checked"
	case q.own.host(a.reporter):
		q.claimsToBeMine(&a)
	default:
		q.compare(ctx, &a)
		if a.standing != authentic {
			q.vouchedFor(ctx, &a)
		}
	}
	return a
}

// outer reads the notice's own Received lines from the top, as far as own hosts
// wrote them: nobody else can write above these.
func (q *inquiry) outer(ctx context.Context) authentication {
	var a authentication
	hops := q.n.Hops[:min(len(q.n.Hops), maxHops)]
	wroteMine := false
	for i := range hops {
		h := &hops[i]
		switch {
		case q.wroteFor(h.By) || i == 0 && h.By != "" && !q.own.knowsInbound():
			wroteMine = wroteMine || q.own.host(h.By)
		case !h.FromIP.IsValid() && (h.By == "" || !strings.Contains(h.By, ".") || isPrivateLiteral(h.By)):
			// A hand-over inside one machine, which gives no name of its own.
		default:
			return a // somebody else's line: the peer stays unknown
		}
		a.ownLines = h.Field.Line
		if !h.FromIP.IsValid() && !h.Local && giver(h) != "" && (i+1 == len(hops) || !q.wroteFor(hops[i+1].By)) {
			return a // somebody handed it in, and the line does not say from where
		}
		if isPrivate(h.FromIP) && !h.FromIP.IsLoopback() && (i+1 == len(hops) || !consistent(h, &hops[i+1])) {
			// A machine inside, or anybody at all, seen through a translated
			// address as a container's server sees every client.
			return a
		}
		if !h.FromIP.IsValid() || isPrivate(h.FromIP) || q.own.ip(h.FromIP) ||
			q.own.provider(h.By) && q.insideOf(h.By, giver(h), h.FromIP) {
			continue
		}
		a.peer, a.peerHop = h.FromIP, h
		if i+1 == len(hops) || !q.wroteFor(hops[i+1].By) {
			return a
		}
		// The next line claims to be of my own side, too: true for the inside of
		// a mailbox provider or a filter, forged if the peer is not one of them.
		inside := slices.ContainsFunc(q.confirmed(ctx, a.peer).names, q.wroteFor)
		if !inside {
			return a
		}
		a.peer, a.peerHop = netip.Addr{}, nil
	}
	a.inside = len(hops) > 0 && !a.peer.IsValid()
	a.mine = a.inside && wroteMine
	return a
}

// wroteFor reports whether a line by this host is as good as my own.
func (q *inquiry) wroteFor(by string) bool {
	return by != "" && (q.own.host(by) || q.own.provider(by))
}

// isPrivateLiteral tells "10.1.2.3" and the like from a host name.
func isPrivateLiteral(s string) bool {
	ip, err := netip.ParseAddr(strings.Trim(strings.TrimPrefix(s, "IPv6:"), "[]"))
	return err == nil && isPrivate(ip)
}

// reporter is the Reporting-MTA; where there is none, the host that wrote the
// topmost line of the original.
func (q *inquiry) reporter() (name string, inferred bool) {
	if q.org(q.n.ReportingMTA) != "" {
		return canonical(q.n.ReportingMTA), false
	}
	for _, h := range q.n.Original.Hops[:min(len(q.n.Original.Hops), maxHops)] {
		if q.org(h.By) != "" {
			return canonical(h.By), true
		}
		if h.FromIP.IsValid() && !isPrivate(h.FromIP) {
			break // below this line the sender may have written
		}
	}
	return "", false
}

// claimsToBeMine judges a notice that names one of my own hosts as reporter but
// was handed in from outside.
func (q *inquiry) claimsToBeMine(a *authentication) {
	if _, shared := q.own.service(a.peer); shared || !q.profile.Complete || len(q.own.hosts)+len(q.own.ranges) == 0 {
		a.why = "the notice says that your own server made it, but it was handed in from outside; perhaps through a service of yours"
		return
	}
	a.standing = contradicted
	a.why = "the notice says that your own server made it, but " + a.peer.String() + ", which is not yours, handed it in"
}

// compare holds the reporter against the address that handed the notice in.
func (q *inquiry) compare(ctx context.Context, a *authentication) {
	q.guard.tree(q.org(a.reporter))
	names := q.confirmed(ctx, a.peer)
	a.peerNames = names.names
	fault := names.fault
	for _, name := range names.names {
		if q.sameOrg(name, a.reporter) {
			a.standing = authentic
			a.why = "the notice was handed in by " + name
			if name != a.reporter {
				a.why += ", of the same organisation as " + a.reporter + ", which reports"
			} else {
				a.why += ", the server that reports"
			}
			return
		}
	}
	if helo := canonical(a.peerHop.HELO); q.org(helo) != "" && q.org(helo) == q.org(a.reporter) {
		switch q.sendsFor(ctx, a.peer, helo).word {
		case spf.Pass:
			a.standing = authentic
			a.why = "the notice was handed in by " + a.peer.String() + ", which may send for " + helo + ", of the organisation that reports"
			return
		case spf.TempError:
			fault = true
		}
	}
	catalogued := false
	for _, host := range q.publishedRanges(a.reporter) {
		catalogued = true
		switch q.sendsFor(ctx, a.peer, host).word {
		case spf.Pass:
			a.standing = authentic
			a.why = "the notice was handed in by " + a.peer.String() + ", which is in the published networks of " + a.reporter
			return
		case spf.TempError:
			fault = true
		}
	}
	org := q.org(a.reporter)
	own := q.sendsFor(ctx, a.peer, org)
	word := own.word
	if word == spf.Pass && own.direct && !a.inferred {
		a.standing = authentic
		a.why = "the notice was handed in by " + a.peer.String() + ", which " + org + " itself lists as its sender"
		return
	}
	known := catalogued || len(q.services(a.reporter)) > 0 || word == spf.Fail || word == spf.SoftFail
	switch {
	case fault || word == spf.TempError:
		a.why = "DNS gave no answer about " + a.peer.String() + ", which handed the notice in, or " + a.reporter + ", which reports; so the notice could not be checked"
	case len(names.names) == 0:
		a.why = "the notice was handed in by " + a.peer.String() + ", which has no confirmed name to hold against " + a.reporter + ", which reports"
	case word == spf.Pass || !known || a.inferred: // an inferred name may be the sender's invention
		a.why = "the notice was handed in by " + names.names[0] + ", and " + a.reporter + " reports; whether they belong together is not known"
	default:
		a.standing = contradicted
		a.why = "the notice says that it comes from " + a.reporter + ", but " + names.names[0] + " [" + a.peer.String() +
			"] handed it in, which does not belong there"
	}
}

// publishedRanges are the SPF hosts under which the provider of that name, if
// the catalogue has it, publishes where it sends from.
func (q *inquiry) publishedRanges(host string) []string {
	var out []string
	ids := q.services(host)
	if len(ids) == 0 {
		return nil
	}
	for _, m := range slices.Concat(sender.ByHost(host), sender.ByMX(host)) {
		if !slices.Contains(ids, m.Service.ID) {
			continue
		}
		for _, include := range m.Service.Includes {
			if isHostName(include) && !slices.Contains(out, include) {
				q.guard.name(include)
				out = append(out, include)
			}
		}
	}
	return out
}

// heading names the notice in a sentence, by its kind.
func (q *inquiry) heading() string {
	switch q.n.Kind {
	case bounce.DSNDelayed, bounce.NonstandardDelayed:
		return "delay warning"
	case bounce.AutoReply:
		return "automatic reply"
	case bounce.ChallengeResponse:
		return "request to confirm"
	case bounce.MDN:
		return "read receipt"
	case bounce.ARFAbuse, bounce.ARFAuthFailure, bounce.ReportAggregate:
		return "report"
	case bounce.Ordinary, bounce.ForwardedMessage, bounce.PostmasterNotice:
		return "message"
	}
	return "notice"
}
