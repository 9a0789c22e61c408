package forensics

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"unspoof/dns"
	"unspoof/orgdomain"
	"unspoof/sender"
	"unspoof/spf"
)

const (
	// maxReverse is how many reverse names of one address are confirmed, as in
	// RFC 7208 section 5.5.
	maxReverse = 10
	// maxConfirmed is how many addresses of one notice are asked about. Honest
	// mail has two or three that matter; an invented chain can have a hundred.
	maxConfirmed = 8
)

// nameAnswer is what DNS says an address is called.
type nameAnswer struct {
	names []string // forward-confirmed
	fault bool     // a question stayed open
}

// confirmed gives the names of an address that resolve back to it. It asks about
// the address, so the caller must have it from a line that counts.
func (q *inquiry) confirmed(ctx context.Context, ip netip.Addr) nameAnswer {
	if a, ok := q.names.get(ip); ok {
		return a
	}
	if q.confirmations++; q.confirmations > maxConfirmed {
		return nameAnswer{fault: true}
	}
	var out nameAnswer
	reverse := dns.ReverseName(ip)
	q.guard.name(reverse)
	ptr, err := q.guard.Lookup(ctx, dns.Question{Name: reverse, Type: dns.TypePTR})
	out.fault = err != nil
	forward := dns.TypeA
	if ip.Is6() {
		forward = dns.TypeAAAA
	}
	for _, r := range ptr.Records[:min(len(ptr.Records), maxReverse)] {
		a, err := q.guard.Lookup(ctx, dns.Question{Name: r.Host, Type: forward})
		if err != nil {
			out.fault = true
			continue
		}
		if slices.ContainsFunc(a.Records, func(f dns.Record) bool { return f.Addr.Unmap() == ip }) {
			out.names = append(out.names, canonical(r.Host))
		}
	}
	if ctx.Err() == nil {
		q.names.put(ip, out)
	}
	return out
}

// spfKey is one evaluation; record is "" for the one in DNS now.
type spfKey struct {
	ip     netip.Addr
	domain string
	record string
}

type spfAnswer struct {
	word      spf.Word
	mechanism string
	// direct says that the domain's own record names the address, not one that
	// it includes or redirects to.
	direct bool
}

// sendsFor evaluates the SPF record that domain has now. The domain must have
// been granted.
func (q *inquiry) sendsFor(ctx context.Context, ip netip.Addr, domain string) spfAnswer {
	return q.evaluate(ctx, spfKey{ip: ip, domain: domain}, q.guard)
}

// sentFor evaluates a record that the own domain had at another time. What it
// includes is taken as it is now.
func (q *inquiry) sentFor(ctx context.Context, ip netip.Addr, domain, record string) spfAnswer {
	q.guard.learnSPF(record)
	return q.evaluate(ctx, spfKey{ip, domain, record}, overlay{q.guard, domain, record})
}

func (q *inquiry) evaluate(ctx context.Context, key spfKey, r dns.Resolver) spfAnswer {
	if a, ok := q.spf.get(key); ok {
		return a
	}
	// A made-up local part: that of the mail would reach the name servers of a
	// record with macros.
	checker := spf.Checker{Resolver: r, Cache: q.records}
	res := checker.Check(ctx, spf.Args{
		IP: key.ip, HELO: key.domain, MailFrom: "postmaster@" + key.domain,
	})
	a := spfAnswer{word: res.Result, mechanism: res.Mechanism}
	a.direct = !strings.HasPrefix(strings.TrimLeft(strings.ToLower(res.Mechanism), "+"), "include:") &&
		slices.Contains(strings.Fields(res.Record), res.Mechanism)
	if ctx.Err() == nil {
		q.spf.put(key, a)
	}
	return a
}

// overlay answers for the TXT records of one name with a text of its own.
type overlay struct {
	next   dns.Resolver
	name   string
	record string
}

func (o overlay) Lookup(ctx context.Context, q dns.Question) (dns.Answer, error) {
	if q.Type != dns.TypeTXT || canonical(q.Name) != o.name {
		return o.next.Lookup(ctx, q)
	}
	return dns.Answer{Server: "profile", Records: []dns.Record{
		{Name: o.name, Type: dns.TypeTXT, Text: []string{o.record}},
	}}, nil
}

// org gives the organisational domain of a host name by the public suffix list,
// "" for what has none: a single word, an address.
func (j *Judge) org(host string) string {
	host = canonical(host)
	if o, ok := j.orgs.get(host); ok {
		return o
	}
	o := ""
	if isHostName(host) {
		o = orgdomain.OfPSL(host)
	}
	j.orgs.put(host, o)
	return o
}

// isHostName asks for two labels at least, and that it is no address.
func isHostName(s string) bool {
	if len(s) > 253 {
		return false
	}
	dots := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '.':
			if i == 0 || s[i-1] == '.' || i == len(s)-1 {
				return false
			}
			dots++
		case c == '-' || c == '_' || c >= 0x80 || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z':
		default:
			return false
		}
	}
	if dots == 0 {
		return false
	}
	_, err := netip.ParseAddr(s)
	return err != nil
}

// services gives the IDs of the catalogue's entries that a host name belongs to.
// Hits without a published source don't count.
func (j *Judge) services(host string) []string {
	host = canonical(host)
	if ids, ok := j.shared.get(host); ok {
		return ids
	}
	ids := insideNames(host)
	if isHostName(host) {
		for _, m := range slices.Concat(sender.ByHost(host), sender.ByMX(host)) {
			if m.Confidence != sender.Low && !slices.Contains(ids, m.Service.ID) {
				ids = append(ids, m.Service.ID)
			}
		}
	}
	j.shared.put(host, ids)
	return ids
}

// sameOrg reports whether two hosts are of one organisation: the same
// organisational domain, names of my mailbox provider, or of one entry of the
// service catalogue.
func (j *Judge) sameOrg(a, b string) bool {
	if o := j.org(a); o != "" && o == j.org(b) || j.own.provider(a) && j.own.provider(b) {
		return true
	}
	ids := j.services(a)
	return len(ids) > 0 && slices.ContainsFunc(j.services(b), func(id string) bool { return slices.Contains(ids, id) })
}
