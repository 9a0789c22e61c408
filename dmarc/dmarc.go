// Package dmarc reads DMARC policy records and finds the one that applies to a
// domain (RFC 9989; what RFC 7489 had and RFC 9989 removed is noted, not obeyed).
//
// A record is read as receivers read it: what is not valid falls back to its
// default, and every oddity is kept as a Note with the bytes that it rests on.
// The verdict on a message is not here yet: no alignment, no pass or fail.
package dmarc

import "unspoof/orgdomain"

// Policy is what a domain asks receivers to do with mail that fails (RFC 9989
// section 4.7, tags p, sp and np).
type Policy string

const (
	None       Policy = "none"
	Quarantine Policy = "quarantine"
	Reject     Policy = "reject"
)

// Weaker reports whether p asks for less than q. No policy is weakest.
func (p Policy) Weaker(q Policy) bool { return p.rank() < q.rank() }

func (p Policy) rank() int {
	switch p {
	case None:
		return 1
	case Quarantine:
		return 2
	case Reject:
		return 3
	}
	return 0
}

// Softer is the policy one level lower, as t=y asks for (RFC 9989 section 4.7).
func (p Policy) Softer() Policy {
	if p == Reject {
		return Quarantine
	}
	return None
}

// Mode of identifier alignment (RFC 9989 section 4.4).
type Mode string

const (
	Relaxed Mode = "r" // same organisational domain
	Strict  Mode = "s" // same name
)

// Domain gives a domain name as DMARC compares it: A-labels in lower case, no
// final dot (RFC 9989 section 5.3.1). Its error says what is wrong with the name.
func Domain(name string) (string, error) { return orgdomain.Name(name) }
