// Package dns asks the Domain Name System, and keeps with every answer what a
// verdict may later have to prove: records, TTL, response code, the chain of
// aliases followed and the server that spoke (RFC 1034, RFC 1035, RFC 2308).
//
// Everything else in unspoof sees DNS through the [Resolver] interface, so that
// the same verdict can be had from the network, from a zone file or from a
// recording of earlier answers (package dns/dnsfile).
//
// It is a stub: it asks recursive servers. It does not validate DNSSEC, but says
// what the server claims of it, and does not recurse from the root.
package dns

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"time"
)

// Type is a record type (RFC 1035 section 3.2.2).
type Type uint16

// The types that unspoof asks for.
const (
	TypeA     Type = 1
	TypeNS    Type = 2
	TypeCNAME Type = 5
	TypeSOA   Type = 6
	TypePTR   Type = 12
	TypeMX    Type = 15
	TypeTXT   Type = 16
	TypeAAAA  Type = 28

	TypeDS     Type = 43  // RFC 4034
	TypeDNSKEY Type = 48  // RFC 4034
	TypeTLSA   Type = 52  // RFC 6698
	TypeCAA    Type = 257 // RFC 8659
)

// RCode is a response code (RFC 1035 section 4.1.1). Only NoError and NXDomain
// ever stand in an Answer; every other code is an [Error].
type RCode uint8

const (
	NoError  RCode = 0 // the name exists; Records may still be empty (NODATA)
	ServFail RCode = 2
	NXDomain RCode = 3 // the name does not exist
	Refused  RCode = 5
)

// Question is what is asked.
type Question struct {
	// Name is the owner name as raw octets, labels separated by dots, in any
	// case, with or without the final dot, no escapes.
	Name string
	Type Type
}

// Record is one resource record, its data in the field that fits its type.
type Record struct {
	Name string // owner, lower case, no final dot
	Type Type
	TTL  time.Duration // what was left of it when the answer was given

	Addr netip.Addr // A, AAAA
	Host string     // CNAME, NS, PTR, and the exchange of MX; lower case, no final dot; "" is the root (null MX, RFC 7505)
	Pref uint16     // MX
	// Text holds the character-strings of a TXT record in order, raw octets,
	// not joined. It is shared: read it, never write to it.
	Text []string

	// The data of the types of these names, nil in every other. Shared as Text is.
	SOA    *SOA
	DS     *DS
	DNSKEY *DNSKEY
	TLSA   *TLSA
	CAA    *CAA
}

// Answer is a server's word on a Question: records, or the proof that there
// are none. Slices are shared between callers and must not be changed.
type Answer struct {
	RCode RCode
	// Records are those of the asked type at the end of the chain of aliases.
	Records []Record
	// Chain lists the alias targets in the order followed; empty where the
	// name asked is the owner.
	Chain []string
	// TTL is the smallest of chain and records; for a negative answer that of
	// RFC 2308 section 5. Zero: unknown, or not to be kept.
	TTL time.Duration
	// Server is who answered: "192.0.2.1:53", or "file zone.yml" offline.
	Server string
	// Authenticated says that the server claims to have checked the answer, its
	// aliases and its "no" by DNSSEC (the AD bit, RFC 4035 section 3.2.3). That is
	// worth as much as the server and the way to it: believe it only of a
	// validating resolver of one's own, on the same machine or network (RFC 6840
	// section 5.8). False says nothing: the server may not validate.
	Authenticated bool
}

// NoData reports that the name exists but has no record of the type.
func (a Answer) NoData() bool { return a.RCode == NoError && len(a.Records) == 0 }

// Void reports an answer without records, NXDOMAIN or NODATA, as counted by
// RFC 7208 section 4.6.4.
func (a Answer) Void() bool { return len(a.Records) == 0 }

// Resolver answers questions.
//
// A returned error is always a fault, never a "no": it is an [*Error], or wraps
// one, and says nothing about what exists. That a name or a record does not
// exist is an Answer. Implementations are safe for concurrent use and honour
// ctx.
type Resolver interface {
	Lookup(ctx context.Context, q Question) (Answer, error)
}

// FaultKind says why there is no answer.
type FaultKind string

const (
	FaultTimeout   FaultKind = "timeout"   // nobody answered in time
	FaultServFail  FaultKind = "servfail"  // the server could not answer
	FaultRefused   FaultKind = "refused"   // the server would not answer
	FaultMalformed FaultKind = "malformed" // an answer that cannot be read or does not fit the question
	FaultNetwork   FaultKind = "network"   // no server could be reached
	FaultName      FaultKind = "name"      // the name cannot be put in a question (label over 63 octets, name over 253, empty label)
	FaultOffline   FaultKind = "offline"   // an offline view does not hold the answer
	FaultCanceled  FaultKind = "canceled"  // the caller gave up
)

// Error is a fault: the question stays open.
type Error struct {
	Question Question
	Kind     FaultKind
	Server   string // may be empty
	Err      error  // cause, may be nil
}

func (e *Error) Error() string {
	s := fmt.Sprintf("dns: %s %q: %s", e.Question.Type, e.Question.Name, e.Kind)
	if e.Server != "" {
		s += " (asked " + e.Server + ")"
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

var typeNames = map[Type]string{
	TypeA: "A", TypeNS: "NS", TypeCNAME: "CNAME", TypeSOA: "SOA", TypePTR: "PTR",
	TypeMX: "MX", TypeTXT: "TXT", TypeAAAA: "AAAA",
	TypeDS: "DS", TypeDNSKEY: "DNSKEY", TypeTLSA: "TLSA", TypeCAA: "CAA",
}

// String gives the mnemonic, or TYPEnnn (RFC 3597).
func (t Type) String() string {
	if s, ok := typeNames[t]; ok {
		return s
	}
	return fmt.Sprintf("TYPE%d", uint16(t))
}

// ParseType reads a mnemonic in any case.
func ParseType(s string) (Type, bool) {
	for t, n := range typeNames {
		if strings.EqualFold(n, s) {
			return t, true
		}
	}
	return 0, false
}

// String gives the mnemonic of RFC 1035 or 2136.
func (r RCode) String() string {
	switch r {
	case NoError:
		return "NOERROR"
	case ServFail:
		return "SERVFAIL"
	case NXDomain:
		return "NXDOMAIN"
	case Refused:
		return "REFUSED"
	}
	return fmt.Sprintf("RCODE%d", uint8(r))
}
