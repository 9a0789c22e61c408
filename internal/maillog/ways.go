package maillog

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
	"time"
)

const (
	// maxWays bounds the (server, sender's domain) pairs counted, maxRelays the hosts
	// that mail was handed to. A server that relays for others may have many.
	maxWays, maxRelays = 100_000, 10_000
	// A smart host takes nearly all mail, whomever it is for: fewer messages, or
	// recipients of fewer domains, may be chance.
	smartShare, smartMessages, smartDomains = 0.9, 10, 3
	// keptDomains is how many domains of recipients are kept of a host: their
	// exchangers tell a smart host from one exchanger of many customers.
	keptDomains = 5
)

// Way is mail of users that left a server in the name of one domain.
type Way struct {
	// Host is the server as syslog calls it, often without its domain; "" where the
	// log does not say (Exim's own).
	Host string
	// Sender is the domain of the return path, lower case; "" where that is empty.
	Sender      string
	Count       int
	First, Last time.Time
}

// wayCount gathers ways, and where mail was handed to.
type wayCount struct {
	host   string // of the line being read
	ways   map[[2]string]*Way
	relays map[string]*relayCount
	handed int
	// uncounted messages left in ways that are too many.
	uncounted int
}

type relayCount struct {
	n       int
	inside  bool     // it has a private address
	domains []string // of recipients, the first keptDomains
}

// left counts a message that left for a user.
func (w *wayCount) left(o *open) {
	_, domain, _ := strings.Cut(o.sender[max(0, strings.LastIndexByte(o.sender, '@')):], "@")
	k := [2]string{o.host, strings.ToLower(domain)}
	v := w.ways[k]
	if v == nil {
		if len(w.ways) == maxWays {
			w.uncounted++
			return
		}
		if w.ways == nil {
			w.ways = map[[2]string]*Way{}
		}
		v = &Way{Host: k[0], Sender: k[1], First: o.at.UTC(), Last: o.at.UTC()}
		w.ways[k] = v
	}
	v.Count++
	if o.at.Before(v.First) {
		v.First = o.at.UTC()
	}
	v.Last = later(v.Last, o.at.UTC())
}

// relay counts a delivery of a user's mail to another host.
func (w *wayCount) relay(o *open, name string, ip netip.Addr, to string) {
	if o.origin == fromNowhere || o.origin == fromOutside {
		return
	}
	w.handed++
	r := w.relays[name]
	if r == nil {
		if len(w.relays) == maxRelays {
			return
		}
		if w.relays == nil {
			w.relays = map[string]*relayCount{}
		}
		r = &relayCount{inside: isInside(ip)}
		w.relays[strings.Clone(name)] = r
	}
	r.n++
	if len(r.domains) < keptDomains {
		if d := strings.ToLower(to[strings.LastIndexByte(to, '@')+1:]); !slices.Contains(r.domains, d) {
			r.domains = append(r.domains, d)
		}
	}
}

// list gives the ways by server and domain.
func (w *wayCount) list() []Way {
	list := make([]Way, 0, len(w.ways))
	for _, v := range w.ways {
		list = append(list, *v)
	}
	slices.SortFunc(list, func(a, b Way) int { return cmp.Or(cmp.Compare(a.Host, b.Host), cmp.Compare(a.Sender, b.Sender)) })
	return list
}

// smartHost names the host that took nearly all of the mail, "" where none did, and
// some domains of those that it was for.
func (w *wayCount) smartHost() (host string, domains []string) {
	handed := w.handed
	for _, r := range w.relays {
		if r.inside && len(r.domains) < smartDomains {
			handed -= r.n // one's own mailboxes are there
		}
	}
	for name, r := range w.relays {
		if name != "" && r.n >= smartMessages && float64(r.n) >= smartShare*float64(handed) && len(r.domains) >= smartDomains {
			return strings.ToLower(name), r.domains
		}
	}
	return "", nil
}
