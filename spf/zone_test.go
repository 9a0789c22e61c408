package spf_test

import (
	"context"
	"net/netip"
	"strconv"
	"strings"
	"testing"

	"unspoof/dns"
)

// zone is DNS as data: what each name has. A name that is not there is NXDOMAIN.
type zone map[string]*node

type node struct {
	records map[dns.Type][]dns.Record
	alias   string
	fault   map[dns.Type]dns.FaultKind
	rest    dns.FaultKind // of types without records; "": none
}

func (z zone) at(name string) *node {
	name = key(name)
	n := z[name]
	if n == nil {
		n = &node{records: map[dns.Type][]dns.Record{}, fault: map[dns.Type]dns.FaultKind{}}
		z[name] = n
	}
	return n
}

func key(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }

func (n *node) add(name string, r dns.Record) {
	r.Name = key(name)
	n.records[r.Type] = append(n.records[r.Type], r)
}

// Lookup implements dns.Resolver.
func (z zone) Lookup(ctx context.Context, q dns.Question) (dns.Answer, error) {
	fault := func(kind dns.FaultKind) (dns.Answer, error) {
		return dns.Answer{}, &dns.Error{Question: q, Kind: kind}
	}
	if ctx.Err() != nil {
		return fault(dns.FaultCanceled)
	}
	a := dns.Answer{}
	name := key(q.Name)
	for range 8 {
		n := z[name]
		switch {
		case n == nil:
			a.RCode = dns.NXDomain
			return a, nil
		case n.alias != "":
			name = n.alias
			a.Chain = append(a.Chain, name)
			continue
		case n.fault[q.Type] != "":
			return fault(n.fault[q.Type])
		case len(n.records[q.Type]) == 0 && n.rest != "":
			return fault(n.rest)
		}
		a.Records = n.records[q.Type]
		return a, nil
	}
	return fault(dns.FaultServFail)
}

// parseZone reads lines of "name TYPE data"; a TXT record is the rest of the line,
// its character-strings parted by "|". "name FAULT kind" makes all types fail.
func parseZone(t testing.TB, text string) zone {
	t.Helper()
	z := zone{}
	for line := range strings.Lines(text) {
		name, rest, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok {
			continue
		}
		typ, data, _ := strings.Cut(rest, " ")
		switch n := z.at(name); typ {
		case "A", "AAAA":
			rt, _ := dns.ParseType(typ)
			n.add(name, dns.Record{Type: rt, Addr: netip.MustParseAddr(data)})
		case "MX":
			n.add(name, mx(data))
		case "PTR":
			n.add(name, dns.Record{Type: dns.TypePTR, Host: key(data)})
		case "TXT":
			n.add(name, dns.Record{Type: dns.TypeTXT, Text: strings.Split(data, "|")})
		case "CNAME":
			n.alias = key(data)
		case "FAULT":
			n.rest = dns.FaultKind(data)
		default:
			t.Fatalf("zone line %q: unknown type", line)
		}
	}
	return z
}

func mx(data string) dns.Record {
	pref, host, _ := strings.Cut(data, " ")
	n, _ := strconv.Atoi(pref)
	return dns.Record{Type: dns.TypeMX, Pref: uint16(n), Host: key(host)}
}
