package dns

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
)

// FromNet asks through a resolver of package net, for programs that must use
// the machine's own way (hosts file, mDNS, cgo). It knows less than a [Client]:
//
//   - it cannot tell NXDOMAIN from NODATA: what is not found is NODATA, so that
//     it never claims that a name does not exist;
//   - there is no TTL, so that [Cached] keeps nothing, no chain and no server;
//   - the character-strings of a TXT record come joined, as one;
//   - types A, AAAA, CNAME, MX, NS, PTR and TXT only; names of letters, digits,
//     hyphens and underscores only, others are a fault of kind [FaultName].
func FromNet(r *net.Resolver) Resolver { return netResolver{r} }

type netResolver struct{ r *net.Resolver }

var (
	errNetName = errors.New("package net asks only for names of letters, digits, hyphens and underscores")
	errNetType = errors.New("package net cannot ask for this type")
	errNetPTR  = errors.New("package net asks for PTR records of whole addresses only")
)

func (n netResolver) Lookup(ctx context.Context, q Question) (Answer, error) {
	fail := func(kind FaultKind, err error) (Answer, error) {
		return Answer{}, &Error{Question: q, Kind: kind, Err: err}
	}
	name := Canonical(q.Name)
	if err := CheckName(q.Name); err != nil {
		return fail(FaultName, err)
	}
	if name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-_.") != "" {
		return fail(FaultName, errNetName)
	}
	records, err := n.records(ctx, name, q.Type)
	var unknown *net.DNSError
	switch {
	case len(records) > 0: // with an error beside them, others were unreadable
	case errors.Is(err, errNetType), errors.Is(err, errNetPTR):
		return fail(FaultName, err)
	case errors.As(err, &unknown) && unknown.IsNotFound:
	case ctx.Err() != nil:
		return fail(contextFault(ctx), err)
	case errors.As(err, &unknown) && unknown.IsTimeout:
		return fail(FaultTimeout, err)
	case errors.As(err, &unknown) && unknown.IsTemporary:
		return fail(FaultServFail, err)
	case err != nil:
		return fail(FaultNetwork, err)
	}
	for i := range records {
		records[i].Name, records[i].Type = name, q.Type
	}
	return Answer{Records: records}, nil
}

// records asks for one type. The final dot keeps search lists out.
func (n netResolver) records(ctx context.Context, name string, t Type) (out []Record, err error) {
	fqdn := name + "."
	switch t {
	case TypeA, TypeAAAA:
		network := "ip4"
		if t == TypeAAAA {
			network = "ip6"
		}
		var addrs []netip.Addr
		addrs, err = n.r.LookupNetIP(ctx, network, fqdn)
		for _, a := range addrs {
			if t == TypeA {
				a = a.Unmap()
			}
			out = append(out, Record{Addr: a})
		}
	case TypeCNAME:
		var host string
		host, err = n.r.LookupCNAME(ctx, fqdn)
		if host = Canonical(host); host != "" && host != name {
			out = append(out, Record{Host: host})
		}
	case TypeMX:
		var mxs []*net.MX
		mxs, err = n.r.LookupMX(ctx, fqdn)
		for _, mx := range mxs {
			out = append(out, Record{Host: Canonical(mx.Host), Pref: mx.Pref})
		}
	case TypeNS:
		var nss []*net.NS
		nss, err = n.r.LookupNS(ctx, fqdn)
		for _, ns := range nss {
			out = append(out, Record{Host: Canonical(ns.Host)})
		}
	case TypePTR:
		addr, ok := reverseAddr(name)
		if !ok {
			return nil, errNetPTR
		}
		var hosts []string
		hosts, err = n.r.LookupAddr(ctx, addr.String())
		for _, h := range hosts {
			out = append(out, Record{Host: Canonical(h)})
		}
	case TypeTXT:
		var texts []string
		texts, err = n.r.LookupTXT(ctx, fqdn)
		for _, s := range texts {
			out = append(out, Record{Text: []string{s}})
		}
	default:
		err = fmt.Errorf("%w: %s", errNetType, t)
	}
	return out, err
}
