package inspect

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"time"

	"unspoof/dns"
	"unspoof/message"
	"unspoof/orgdomain"
)

// Bounds on the way of a message; ordinary mail has under ten lines.
const (
	maxHops      = 100
	maxConfirmed = 10 // names that DNS is asked about
)

// Trust is who wrote a Received line.
type Trust string

const (
	// Own lines were written by the servers behind which the mailbox lies.
	Own Trust = "own"
	// Border is the lowest of them: it saw who handed the message over.
	Border Trust = "border"
	// Claimed lines stand below: whoever sent the message may have written them.
	Claimed Trust = "claimed"
)

// Hop is one Received line, and what it is worth.
type Hop struct {
	Trust Trust      `json:"trust"`
	Why   string     `json:"why"` // a sentence for people
	Line  int        `json:"line"`
	By    string     `json:"by"`
	IP    netip.Addr `json:"ip"`   // of the client; "" without
	Name  string     `json:"name"` // that the writer looked up for it
	HELO  string     `json:"helo"` // as the client called itself
	With  string     `json:"with,omitempty"`
	// User logged in, says the line; LoggedIn where it names nobody.
	LoggedIn bool      `json:"logged_in,omitempty"`
	User     string    `json:"user,omitempty"`
	Time     time.Time `json:"time,omitzero"`

	field int // index in the header
	local bool
}

// Path is the way that a message took, its last step first.
type Path struct {
	Hops []Hop
	// Border is the index in Hops of the line with Trust Border, -1 without one.
	Border int
	// Boundary is how many fields, from the top, the mailbox's own servers wrote:
	// the boundary of authres.SelectArgs.
	Boundary int
}

// PathArgs are the arguments of ReadPath.
type PathArgs struct {
	Header message.Header
	// IP of the client that handed the message over, where it is known: the line
	// that recorded it is the border. The zero Addr: find it.
	IP netip.Addr
	// Resolver tells whether a client belongs to the server that recorded it; nil
	// asks nobody, so that only private addresses do.
	Resolver dns.Resolver
}

// ReadPath reads the Received lines of a message as its mailbox keeps it, and
// finds the last that can be trusted. The topmost line was written by the server
// that delivered the message. Each line below is as good where the line above says
// that it came from inside: from the same machine, a private address, a server that
// hands mail to the store of the mailboxes (LMTP), or a client whose name is of the
// same organisation as the server and leads back to its address in DNS. The first
// client from outside ends that; what stands below its line it may have written itself.
func ReadPath(ctx context.Context, args PathArgs) Path {
	p := Path{Border: -1, Hops: readHops(args.Header)}
	if args.IP.IsValid() {
		p.fromKnown(args.IP.Unmap())
		return p
	}
	w := walker{ctx: ctx, resolver: args.Resolver}
	for i := range p.Hops {
		h := &p.Hops[i]
		p.Border, p.Boundary = i, h.field+1
		inside := ""
		if i+1 < len(p.Hops) {
			inside = w.inside(h, &p.Hops[i+1])
		}
		if inside == "" {
			break
		}
		h.Trust, h.Why = Own, inside
	}
	if p.Border >= 0 {
		h := &p.Hops[p.Border]
		h.Trust, h.Why = Border, borderWords(h)
	}
	return p
}

func readHops(header message.Header) []Hop {
	hops := []Hop{}
	for i, f := range header.Fields {
		if !strings.EqualFold(f.Name, "Received") {
			continue
		}
		if len(hops) == maxHops {
			break
		}
		r := message.ParseReceived(f)
		hops = append(hops, Hop{
			Trust: Claimed, Why: "Whoever handed the message over may have written this line.",
			Line: f.Line, By: r.By, IP: r.FromIP.Unmap(), Name: r.FromName, HELO: r.HELO, With: r.With,
			LoggedIn: r.Authenticated && !toStore(r.With), User: r.AuthUser, Time: r.Time, field: i, local: r.Local,
		})
	}
	return hops
}

// fromKnown takes the topmost line that recorded the client as the border; without
// one, the message is as the client gave it, and no line is ours.
func (p *Path) fromKnown(ip netip.Addr) {
	at := slices.IndexFunc(p.Hops, func(h Hop) bool { return h.IP == ip })
	if at < 0 {
		return
	}
	p.Border, p.Boundary = at, p.Hops[at].field+1
	for i := range p.Hops[:at] {
		p.Hops[i].Trust, p.Hops[i].Why = Own, "It stands above the line that recorded "+ip.String()+"."
	}
	p.Hops[at].Trust, p.Hops[at].Why = Border, borderWords(&p.Hops[at])
}

func borderWords(h *Hop) string {
	switch {
	case h.local:
		return "The message was made on this server itself."
	case h.LoggedIn && h.User != "":
		return "Here it was handed in by somebody who had logged in as " + h.User + "."
	case h.LoggedIn:
		return "Here it was handed in by somebody who had logged in."
	case !h.IP.IsValid():
		return "Here it came in, but the line does not say from where."
	case private(h.IP):
		return "Here it came in from a private address, and nothing shows that the line below is of a server inside."
	}
	return "Here it came in from outside: the address was seen, the name in HELO is the client's own word."
}

// walker decides how far down lines are good.
type walker struct {
	ctx      context.Context
	resolver dns.Resolver
	asked    int
}

// inside says why the client of a line is one of the servers that the mailbox lies
// behind, so that its line, next, is good; "" if it is not.
func (w *walker) inside(h, next *Hop) string {
	switch {
	case h.local || h.LoggedIn:
		return "" // somebody's program handed it in
	case !h.IP.IsValid() && h.Name == "" && h.HELO == "":
		return "A step inside the server that delivered it."
	case toStore(h.With) && (!h.IP.IsValid() || private(h.IP)) && beside(h, next):
		return "It was handed to the mailbox's store (LMTP), which takes mail from servers inside only."
	case !h.IP.IsValid():
		return ""
	case private(h.IP) && follows(h, next):
		return "It came from a private address, that is, from inside."
	}
	for _, name := range []string{h.Name, h.HELO} {
		if name != "" && orgdomain.SameOrg(name, h.By) && w.leadsTo(name, h.IP) {
			return "It came from " + name + ", which DNS confirms and which belongs with " + h.By + "."
		}
	}
	return ""
}

// toStore tells LMTP, by which a server hands mail to the store of the mailboxes
// behind it (RFC 2033). Strangers don't speak it, and its word for a login (LMTPA) is
// about that server, and no user.
func toStore(with string) bool { return strings.Contains(with, "LMTP") }

// beside reports whether the line below is of the server that handed over: of its
// name, or of the store's organisation.
func beside(h, next *Hop) bool {
	by := dns.Canonical(next.By)
	return next.By != "" && (by == dns.Canonical(h.Name) || by == dns.Canonical(h.HELO) || orgdomain.SameOrg(next.By, h.By))
}

// follows reports whether the line below is of the host that handed over. The name
// that it gave for itself does not count: to a server behind a translated address
// every client looks private, and may call itself as it likes.
func follows(h, next *Hop) bool {
	if next.By == "" {
		return false
	}
	by := dns.Canonical(next.By)
	if h.IP.IsLoopback() {
		return by == "localhost" || by == dns.Canonical(h.By) || orgdomain.SameOrg(next.By, h.By)
	}
	return h.Name != "" && (by == dns.Canonical(h.Name) || orgdomain.SameOrg(h.Name, h.By) && orgdomain.SameOrg(next.By, h.By))
}

func private(ip netip.Addr) bool {
	return ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast()
}

// leadsTo reports whether a name has the address in DNS: anybody may take a name
// for himself, but not make it lead to him.
func (w *walker) leadsTo(name string, ip netip.Addr) bool {
	if w.resolver == nil || w.asked == maxConfirmed {
		return false
	}
	w.asked++
	kind := dns.TypeA
	if ip.Is6() {
		kind = dns.TypeAAAA
	}
	answer, err := w.resolver.Lookup(w.ctx, dns.Question{Name: name, Type: kind})
	return err == nil && slices.ContainsFunc(answer.Records, func(r dns.Record) bool { return r.Addr == ip })
}
