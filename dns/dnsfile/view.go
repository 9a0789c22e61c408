package dnsfile

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"unspoof/dns"
)

// maxChain bounds how many aliases are followed for one question, as recursive
// servers do; a longer chain, or a loop, is a fault (RFC 1034 section 3.6.2).
const maxChain = 16

var (
	errChain  = errors.New("the aliases form a loop or a chain of more than 16")
	errStated = errors.New("the file says so")
	errAbsent = errors.New("this question is not in the recording; record again with the present inputs")
)

// View answers from what a file holds, and from nothing else: it never goes to
// the network. It is a [dns.Resolver], immutable and safe for concurrent use.
type View struct {
	server string // Answer.Server
	nodes  map[string]*node

	wild    bool            // some owner starts with "*." (RFC 4592)
	cuts    bool            // some name is delegated away, or renamed by DNAME
	signed  map[string]bool // names at and below which answers are authenticated
	literal bool            // a recording: what is not in it is not known
}

// node is a name that exists.
type node struct {
	sets []set
	// fault stands for every type without a set; empty: NODATA.
	fault dns.FaultKind
	// cut tells that names below, and the types missing here, are the business
	// of another zone.
	cut bool
}

// set is the answer for one type: records, or a fault.
type set struct {
	typ    dns.Type
	answer dns.Answer
	fault  dns.FaultKind
	server string // whom a recorded fault names
	cause  error  // of a recorded fault
}

func (n *node) find(t dns.Type) *set {
	for i := range n.sets {
		if n.sets[i].typ == t {
			return &n.sets[i]
		}
	}
	return nil
}

// Lookup implements [dns.Resolver]. In a recording a question that was not
// asked then is a fault of kind [dns.FaultOffline]; in every other form a name
// that is not in the file, nor above or below a wildcard of it, does not exist.
func (v *View) Lookup(ctx context.Context, q dns.Question) (dns.Answer, error) {
	if err := ctx.Err(); err != nil {
		kind := dns.FaultCanceled
		if errors.Is(err, context.DeadlineExceeded) {
			kind = dns.FaultTimeout
		}
		return dns.Answer{}, v.fail(q, kind, err)
	}
	name := dns.Canonical(q.Name)
	n := v.nodes[name]
	if n == nil { // the names in the file were checked when it was read
		if err := dns.CheckName(q.Name); err != nil {
			return dns.Answer{}, v.fail(q, dns.FaultName, err)
		}
	}
	if v.literal {
		return v.replay(n, q)
	}
	a, err := v.step(name, n, q)
	if err == nil && len(a.Records) == 0 && a.Chain != nil {
		a, err = v.follow(a, q)
	}
	if err == nil && v.signed != nil {
		a.Authenticated = v.isSigned(name)
		for _, alias := range a.Chain {
			a.Authenticated = a.Authenticated && v.isSigned(alias)
		}
	}
	return a, err
}

// isSigned reports whether the file says that the name's zone is signed.
func (v *View) isSigned(name string) bool {
	for up, ok := name, true; ok; up, ok = parent(up) {
		if v.signed[up] {
			return true
		}
	}
	return false
}

// replay gives what was recorded for the question, aliases included.
func (v *View) replay(n *node, q dns.Question) (dns.Answer, error) {
	if n == nil {
		return dns.Answer{}, v.fail(q, dns.FaultOffline, errAbsent)
	}
	s := n.find(q.Type)
	if s == nil {
		return dns.Answer{}, v.fail(q, dns.FaultOffline, errAbsent)
	}
	if s.fault != "" {
		return dns.Answer{}, &dns.Error{Question: q, Kind: s.fault, Server: s.server, Err: s.cause}
	}
	return s.answer, nil
}

// step answers for one name, whose node n is nil where the file does not have
// it, without going along an alias. Where there is an
// alias instead of the type, the answer has no records and the target in Chain.
func (v *View) step(name string, n *node, q dns.Question) (dns.Answer, error) {
	if v.cuts && (n == nil || n.find(q.Type) == nil) {
		if cut := v.cutAbove(name, q.Type); cut != "" {
			return dns.Answer{}, v.fail(q, dns.FaultOffline,
				fmt.Errorf("%s is delegated or renamed; add the zone behind it to the file", cut))
		}
	}
	synthesised := n == nil && v.wild
	if synthesised {
		n = v.wildcard(name)
	}
	if n == nil {
		return dns.Answer{RCode: dns.NXDomain, Server: v.server}, nil
	}
	s := n.find(q.Type)
	if s == nil {
		s = n.find(dns.TypeCNAME) // RFC 1034 section 3.6.2
	}
	kind := n.fault
	if s != nil {
		kind = s.fault
	}
	if kind != "" {
		return dns.Answer{}, v.fail(q, kind, errStated)
	}
	if s == nil {
		return dns.Answer{Server: v.server}, nil
	}
	a := s.answer
	if synthesised {
		a.Records = rename(a.Records, name)
	}
	if s.typ != q.Type && len(a.Records) > 0 {
		a.Chain, a.Records = []string{a.Records[0].Host}, nil
	}
	return a, nil
}

// follow goes along the alias in a.Chain to the end.
func (v *View) follow(a dns.Answer, q dns.Question) (dns.Answer, error) {
	chain, ttl := a.Chain, a.TTL
	for {
		if len(chain) > maxChain {
			return dns.Answer{}, v.fail(q, dns.FaultMalformed, errChain)
		}
		name := chain[len(chain)-1]
		next, err := v.step(name, v.nodes[name], q)
		if err != nil {
			return dns.Answer{}, err
		}
		ttl = min(ttl, next.TTL)
		if next.Chain == nil {
			next.Chain, next.TTL = chain, ttl
			return next, nil
		}
		chain = append(chain, next.Chain...)
	}
}

func (v *View) fail(q dns.Question, kind dns.FaultKind, cause error) error {
	return &dns.Error{Question: q, Kind: kind, Server: v.server, Err: cause}
}

// rename gives copies of the records with another owner (RFC 4592 section
// 3.3.1: synthesis).
func rename(records []dns.Record, owner string) []dns.Record {
	out := make([]dns.Record, len(records))
	for i, r := range records {
		r.Name = owner
		out[i] = r
	}
	return out
}

// parent gives the name above; ok is false for the root.
func parent(name string) (up string, ok bool) {
	if name == "" {
		return "", false
	}
	_, up, _ = strings.Cut(name, ".")
	return up, true
}
