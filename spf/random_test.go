package spf_test

import (
	"context"
	"math/rand/v2"
	"net/netip"
	"strconv"
	"strings"

	"unspoof/dns"
)

// world makes random records over a few addresses and names, with all that can
// go wrong in them. Whatever hangs on the message is asked below sym.test, so
// that answers can be made up for it.
type world struct {
	*rand.Rand
	zone  zone
	plain bool // no symbolic terms
	calm  bool // no faults of DNS, and nothing that breaks a record
}

// The names of a world. Some have no record, some no addresses, some are not
// there.
var (
	worldDomains = []string{"example.test", "b.test", "c.test", "d.test", "e.test", "f.test"}
	worldHosts   = []string{"h1.test", "h2.test", "h3.test", "h.example.test", "v4.test", "empty.test", "nx.test", "fault.test"}
)

// smallSpace is the addresses that a world is about, and one of each family that
// lies outside.
var smallSpace = func() (list []netip.Addr) {
	for i := range 8 {
		list = append(list, netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}))
	}
	for i := range 4 {
		list = append(list, netip.AddrFrom16([16]byte{0: 0x20, 1: 1, 2: 0xd, 3: 0xb8, 15: byte(i)}))
	}
	return append(list, netip.MustParseAddr("203.0.113.1"), netip.MustParseAddr("2001:db9::1"))
}()

func (w *world) oneIn(n int) bool { return w.IntN(n) == 0 }

func pick[T any](w *world, list ...T) T { return list[w.IntN(len(list))] }

// fill makes the zone, records of all domains included.
func (w *world) fill() {
	w.zone = zone{}
	for _, h := range worldHosts[:4] {
		w.host(h)
	}
	w.zone.at("v4.test").add("v4.test", dns.Record{Type: dns.TypeA, Addr: w.ip4()})
	w.zone.at("empty.test")
	if !w.calm {
		w.zone.at("fault.test").rest = dns.FaultServFail
	}
	for _, d := range worldDomains {
		n := w.zone.at(d)
		if w.oneIn(3) {
			w.host(d)
		}
		for range w.IntN(3) {
			n.add(d, dns.Record{Type: dns.TypeMX, Host: pick(w, worldHosts...)})
		}
		if w.oneIn(40) && !w.calm {
			for range 11 {
				n.add(d, dns.Record{Type: dns.TypeMX, Host: pick(w, worldHosts[:6]...)})
			}
		}
		w.publish(d, w.record())
		switch {
		case d == "example.test":
		case w.oneIn(20) && !w.calm:
			w.publish(d, "v=spf1 -all")
		case w.oneIn(20) && !w.calm:
			n.fault[dns.TypeTXT] = dns.FaultTimeout
		case w.oneIn(20):
			delete(n.records, dns.TypeTXT)
		}
	}
	for _, d := range []string{"in-addr.test", "ip6.test"} {
		w.publish(d, "v=spf1 "+w.term()+" "+pick(w, "-all", "?all", "+all"))
	}
}

func (w *world) publish(domain, text string) {
	w.zone.at(domain).add(domain, dns.Record{Type: dns.TypeTXT, Text: []string{text}})
}

func (w *world) host(name string) {
	n := w.zone.at(name)
	for range w.IntN(3) {
		n.add(name, dns.Record{Type: dns.TypeA, Addr: w.ip4()})
	}
	for range w.IntN(2) {
		n.add(name, dns.Record{Type: dns.TypeAAAA, Addr: w.ip6()})
	}
}

func (w *world) ip4() netip.Addr { return smallSpace[w.IntN(8)] }
func (w *world) ip6() netip.Addr { return smallSpace[8+w.IntN(4)] }

// record makes the text of a record.
func (w *world) record() string {
	terms := []string{"v=spf1"}
	n := w.IntN(6)
	if w.oneIn(12) {
		n += 8 // past the limits
	}
	for range n {
		terms = append(terms, w.term())
	}
	switch w.IntN(8) {
	case 0, 1, 2, 3:
		terms = append(terms, pick(w, "-all", "~all", "?all", "all"))
	case 4:
		terms = append(terms, w.redirect())
	case 5:
		terms = append(terms[:1:1], append([]string{w.redirect()}, terms[1:]...)...)
	}
	if !w.calm && w.oneIn(60) {
		terms = append(terms, "ip4:10.0.0.300")
	}
	return strings.Join(terms, " ")
}

func (w *world) redirect() string {
	if w.oneIn(10) && !w.plain {
		return "redirect=" + w.symbol("inc")
	}
	return "redirect=" + w.domain()
}

// domain names one of the records, or something that is none.
func (w *world) domain() string {
	if w.calm {
		return pick(w, worldDomains[1:]...)
	}
	switch w.IntN(16) {
	case 0:
		return pick(w, "nx.test", "empty.test", "fault.test", "a..b.test", "example.test.", "%{d}", "%{o}")
	case 1:
		return "%{v}.test"
	}
	return pick(w, worldDomains[1:]...)
}

func (w *world) name() string {
	switch w.IntN(12) {
	case 0:
		return pick(w, "h.%{d}", "%{d1}", "%{o}", "%{dr}.test", "a..b.test", "x%%.test", "H1.TEST.")
	}
	return pick(w, worldHosts...)
}

// symbol makes a name that hangs on the message; kind is its first label.
func (w *world) symbol(kind string) string {
	return kind + "." + pick(w, "%{i}", "%{ir}.%{v}", "%{l}", "%{s}", "%{h}", "%{p}", "%{lr-}.%{d}") + ".sym.test"
}

// term makes a mechanism.
func (w *world) term() string {
	q := pick(w, "", "", "", "+", "-", "~", "?")
	kind := w.IntN(20)
	if w.plain && kind >= 17 {
		kind = w.IntN(17)
	}
	switch kind {
	case 0, 1, 2, 3, 4:
		return q + pick(w, "ip4:", "IP4:") + w.ip4().String() + pick(w, "", "", "", "/32", "/31", "/30", "/30", "/29", "/29", "/24", "/0")
	case 5, 6:
		return q + "ip6:" + w.ip6().String() + pick(w, "", "/128", "/127", "/126", "/64", "/0")
	case 7, 8:
		return q + pick(w, "a", "a:"+w.name(), "a:"+w.name()) + w.lengths()
	case 9, 10:
		return q + pick(w, "mx", "mx:"+w.domain()) + w.lengths()
	case 11, 12, 13, 14:
		return q + "include:" + w.domain()
	case 15:
		return q + "exists:" + w.name()
	case 16:
		if w.oneIn(4) {
			return q + "all"
		}
		return pick(w, "unknown=1", "x.y=%{s}", q+"exists:"+w.name())
	case 17:
		return q + pick(w, "ptr", "ptr:"+pick(w, worldDomains...))
	case 18:
		return q + "exists:" + w.symbol("ex")
	}
	return q + pick(w, "a:"+w.symbol("a"), "mx:"+w.symbol("mx"), "include:"+w.symbol("inc"), "a:"+w.symbol("zero")+"/0//0", "exists:"+w.symbol("ex"))
}

func (w *world) lengths() string {
	return pick(w, "", "", "/31", "/30//127", "//126", "/0", "//0")
}

// message is a sender and what DNS says of names that hang on it: nothing that
// matches, or with a seed other than 0 whatever a hash of the name makes it.
type message struct {
	dns.Resolver
	ip   netip.Addr
	seed uint64
}

func (m message) Lookup(ctx context.Context, q dns.Question) (dns.Answer, error) {
	name := key(q.Name)
	switch {
	case q.Type == dns.TypePTR:
		return m.names(), nil
	case strings.HasSuffix(name, "client.test"):
		return addresses(q, m.ip, netip.Addr{}), nil
	case strings.HasSuffix(name, ".sym.test"):
		return m.symbol(name, q), nil
	case m.seed != 0 && m.hash(name)%2 == 0 && q.Type != dns.TypeTXT && strings.HasSuffix(name, "client."+worldDomains[0]):
		return addresses(q, m.ip, netip.Addr{}), nil
	}
	return m.Resolver.Lookup(ctx, q)
}

func (m message) hash(s string) uint64 {
	h := m.seed ^ 14695981039346656037
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h ^ h>>29
}

// names answers for the client's address.
func (m message) names() dns.Answer {
	hosts := []string{"a.client.test"}
	if m.seed != 0 {
		switch m.hash(m.ip.String()) % 5 {
		case 0:
			hosts = nil
		case 1:
			hosts = append(hosts, "client.example.test", "client.b.test", "h.example.test")
		case 2:
			hosts = []string{"h1.test", "h.example.test", "nx.test"}
		}
	}
	a := dns.Answer{}
	for _, h := range hosts {
		a.Records = append(a.Records, dns.Record{Type: dns.TypePTR, Host: h})
	}
	return a
}

// addresses answers with the one of the type asked that is valid.
func addresses(q dns.Question, list ...netip.Addr) dns.Answer {
	a := dns.Answer{}
	for _, ip := range list {
		if ip.Is4() && q.Type == dns.TypeA || ip.Is6() && q.Type == dns.TypeAAAA {
			a.Records = append(a.Records, dns.Record{Type: q.Type, Addr: ip})
		}
	}
	return a
}

// symbol answers for a name below sym.test.
func (m message) symbol(name string, q dns.Question) dns.Answer {
	far := []netip.Addr{netip.MustParseAddr("198.51.100.7"), netip.MustParseAddr("2001:dba::7")}
	kind, _, _ := strings.Cut(name, ".")
	h := uint64(0)
	if m.seed != 0 {
		h = m.hash(name)
	}
	none := dns.Answer{RCode: dns.NXDomain}
	text := func(s ...string) (a dns.Answer) {
		for _, s := range s {
			a.Records = append(a.Records, dns.Record{Type: dns.TypeTXT, Text: []string{s}})
		}
		return a
	}
	switch q.Type {
	case dns.TypeTXT:
		switch h % 7 {
		case 1:
			return none
		case 2:
			return text("v=spf1 +all")
		case 3:
			return text("v=spf1 -all")
		case 4:
			return text("v=spf1 a:nx.test a:empty.test a:h1.test mx ptr ~all")
		case 5:
			return text("v=spf1 ?all", "v=spf1 ?all")
		}
		return text("v=spf1 ?all")
	case dns.TypeMX:
		a := dns.Answer{}
		n := 1
		switch h % 6 {
		case 1:
			return none
		case 2:
			n = 11
		case 3:
			n = 2
		}
		for i := range n {
			a.Records = append(a.Records, dns.Record{Type: dns.TypeMX, Host: "a" + strconv.Itoa(i) + "." + name})
		}
		return a
	}
	switch {
	case (kind == "ex" || kind == "zero") && h%2 == 0, h%4 == 1:
		return none
	case kind == "ex":
		return addresses(q, netip.MustParseAddr("127.0.0.2"))
	case h%4 == 2:
		return addresses(q, m.ip)
	}
	return addresses(q, far...)
}
