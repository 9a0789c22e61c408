package census

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"time"

	"unspoof/authres"
	"unspoof/dkim"
	"unspoof/dns"
	"unspoof/internal/inspect"
	"unspoof/inventory"
	"unspoof/message"
	"unspoof/orgdomain"
	"unspoof/sender"
	"unspoof/spf"
)

// maxRemembered bounds the answers kept about (address, name) pairs. Beyond, they
// are made anew: the resolver has a cache of its own.
const maxRemembered = 20_000

// claim is an address and a name that it goes by.
type claim struct {
	address netip.Addr
	name    string
}

// mail turns the messages of the mailboxes into sightings.
func (r *reader) mail(ctx context.Context, yield func(inventory.Sighting) bool) bool {
	if r.args.Mail == nil {
		return true
	}
	for item, err := range r.args.Mail {
		if err != nil {
			if !r.note(err) {
				return false
			}
			continue
		}
		r.read.Messages++
		s, ok := r.message(ctx, item.Data)
		s.Where = item.File
		if ok && !yield(s) {
			return false
		}
	}
	return ctx.Err() == nil
}

// message reads one; false where it is none of the domain's, or tells nothing.
func (r *reader) message(ctx context.Context, data []byte) (inventory.Sighting, bool) {
	header, _, _ := message.ReadHeader(data)
	from, clear := author(header, r.domain)
	if from == "" {
		return inventory.Sighting{}, false
	}
	r.read.Own++
	if _, ok := header.First("Received"); !ok {
		r.read.Copies++
		return inventory.Sighting{}, false
	}
	s := inventory.Sighting{Source: inventory.FromMailbox, From: from}
	path := inspect.ReadPath(ctx, inspect.PathArgs{Header: header, Resolver: r.args.Resolver})
	trusted := header.Fields[:path.Boundary]
	s.MailFrom = returnPath(trusted)
	moment := r.args.Now
	if path.Border >= 0 {
		hop := path.Hops[path.Border]
		s.First = hop.Time
		if !hop.Time.IsZero() && hop.Time.Before(moment) {
			moment = hop.Time
		}
		by := orgdomain.Tidy(hop.By)
		switch {
		case hop.LoggedIn && message.LoginProtocol(hop.With) && orgdomain.Below(r.domain, by):
			// One's own server let a user of one's own in, says its protocol word, where a
			// client has none. At a provider's, the user may be anybody.
			s.Genuine, s.Trusted, s.Host = clear, true, by
		case hop.IP.IsValid() && !hop.LoggedIn && !inside(hop.IP):
			s.Trusted, s.Address, s.HELO = true, hop.IP, hop.HELO
			s.ReverseName, s.Confirmed = r.confirm(ctx, hop)
		}
	}
	if !clear {
		// Programs differ in who the author is, so nothing proves that it is the domain.
		return s, true
	}
	said := results(trusted)
	s.DKIM = r.signatures(ctx, header, data, said, moment)
	s.SPF = r.spf(ctx, s, said)
	return s, true
}

// author gives the domain of the author where it is the domain or below it. clear
// says that there is one author only.
func author(h message.Header, domain string) (from string, clear bool) {
	fields := h.All("From")
	n := 0
	for _, f := range fields {
		for _, a := range message.ParseAddresses(f.Value()) {
			n++
			if d := orgdomain.Tidy(a.Domain); from == "" && orgdomain.Below(domain, d) {
				from = d
			}
		}
	}
	return from, len(fields) == 1 && n == 1
}

// returnPath gives the domain of the Return-Path that the owner's server wrote.
func returnPath(trusted []message.Field) string {
	for _, f := range trusted {
		if !strings.EqualFold(f.Name, "Return-Path") {
			continue
		}
		if list := message.ParseAddresses(f.Value()); len(list) > 0 {
			return orgdomain.Tidy(list[0].Domain)
		}
		return ""
	}
	return ""
}

// results gives what the owner's servers wrote of their checks.
func results(trusted []message.Field) []authres.Result {
	var out []authres.Result
	for _, f := range trusted {
		if !strings.EqualFold(f.Name, authres.Name) {
			continue
		}
		if field, err := authres.Parse(f.Value()); err == nil {
			out = append(out, field.Results...)
		}
	}
	return out
}

// spf gives the result for the return path: as the owner's server wrote it, else as
// today's record says. Only names of the domain's own, or of services known, are
// asked about.
func (r *reader) spf(ctx context.Context, s inventory.Sighting, said []authres.Result) string {
	if s.MailFrom == "" {
		return ""
	}
	for _, res := range said {
		if from, ok := res.Prop("smtp", "mailfrom"); ok && res.Method == "spf" {
			if orgdomain.Tidy(from[strings.LastIndexByte(from, '@')+1:]) == s.MailFrom {
				return res.Result
			}
		}
	}
	if !s.Address.IsValid() || !orgdomain.Below(r.org, s.MailFrom) && len(sender.ByHost(s.MailFrom)) == 0 {
		return ""
	}
	k := claim{s.Address, s.MailFrom}
	word, known := r.checked[k]
	if !known {
		c := spf.Checker{Resolver: r.args.Resolver}
		word = string(c.Check(ctx, spf.Args{IP: s.Address, HELO: s.HELO, MailFrom: "postmaster@" + s.MailFrom}).Result)
		if len(r.checked) < maxRemembered {
			r.checked[k] = word
		}
	}
	return word
}

// signatures gives the signatures with their results: verified here, or as the
// owner's server found them when the message came, since keys go.
func (r *reader) signatures(ctx context.Context, h message.Header, data []byte, said []authres.Result, moment time.Time) []inventory.Signature {
	var list []inventory.Signature
	for _, res := range said {
		d, ok := res.Prop("header", "d")
		sel, ok2 := res.Prop("header", "s")
		if res.Method == "dkim" && res.Result == "pass" && ok && ok2 {
			list = append(list, inventory.Signature{Domain: orgdomain.Tidy(d), Selector: orgdomain.Tidy(sel), Result: "pass"})
		}
	}
	if _, ok := h.First("DKIM-Signature"); !ok {
		return list
	}
	v := dkim.Verifier{Resolver: known{r.args.Resolver, r.org}}
	res, err := v.Verify(ctx, dkim.Args{Message: data, Now: moment})
	if err != nil {
		return list
	}
	for _, s := range res.Results {
		sig := inventory.Signature{Domain: orgdomain.Tidy(s.Domain), Selector: orgdomain.Tidy(s.Selector)}
		if s.Result == dkim.Pass || passed(said, s) {
			sig.Result = "pass"
		}
		if !slices.Contains(list, inventory.Signature{Domain: sig.Domain, Selector: sig.Selector, Result: "pass"}) {
			list = append(list, sig)
		}
	}
	return list
}

// passed reports that the owner's server found a signature good that it names by i=
// and s= only, as Gmail does: d= is the signature's.
func passed(said []authres.Result, s dkim.SignatureResult) bool {
	identity := s.Identity
	if identity == "" {
		identity = "@" + s.Domain // RFC 6376 section 3.5
	}
	return slices.ContainsFunc(said, func(r authres.Result) bool {
		i, hasI := r.Prop("header", "i")
		selector, hasS := r.Prop("header", "s")
		return r.Method == "dkim" && r.Result == "pass" && hasI && hasS && strings.EqualFold(i, identity) && strings.EqualFold(selector, s.Selector)
	})
}

// known lets only questions about the domain's own names and those of services of
// the catalogue through: a stranger who put another name into a message learns
// nothing.
type known struct {
	inner dns.Resolver
	org   string
}

// Lookup implements dns.Resolver.
func (k known) Lookup(ctx context.Context, q dns.Question) (dns.Answer, error) {
	_, domain, ok := strings.Cut(dns.Canonical(q.Name), "._domainkey.")
	if ok && (orgdomain.Below(k.org, domain) || len(sender.ByHost(domain)) > 0 || len(sender.ByDKIM(domain)) > 0) {
		return k.inner.Lookup(ctx, q)
	}
	return dns.Answer{}, &dns.Error{Question: q, Kind: dns.FaultOffline}
}

// confirm gives the client's name, where it is the domain's own or of a service
// known and leads to the address in DNS: it proves itself, whoever said it first.
func (r *reader) confirm(ctx context.Context, hop inspect.Hop) (string, bool) {
	for _, text := range []string{hop.Name, hop.HELO} {
		n := orgdomain.Tidy(text)
		if n == "" || !orgdomain.Below(r.org, n) && len(sender.ByHost(n)) == 0 {
			continue
		}
		k := claim{hop.IP, n}
		yes, asked := r.confirmed[k]
		if !asked {
			yes = r.leads(ctx, n, hop.IP)
			if len(r.confirmed) < maxRemembered {
				r.confirmed[k] = yes
			}
		}
		if yes {
			return n, true
		}
	}
	return orgdomain.Tidy(hop.Name), false
}

func (r *reader) leads(ctx context.Context, host string, ip netip.Addr) bool {
	kind := dns.TypeAAAA
	if ip.Is4() {
		kind = dns.TypeA
	}
	a, err := r.args.Resolver.Lookup(ctx, dns.Question{Name: host, Type: kind})
	return err == nil && slices.ContainsFunc(a.Records, func(rec dns.Record) bool { return rec.Addr.Unmap() == ip })
}

func inside(a netip.Addr) bool {
	return a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast()
}
