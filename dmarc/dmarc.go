// Package dmarc reads DMARC policy records, finds the one that applies to a
// domain, and gives the verdict on a message (RFC 9989). The reading of RFC 7489,
// which many receivers still follow, stands beside it, and Compare tells where
// the two differ.
//
// A record is read as receivers read it: what is not valid falls back to its
// default, and every oddity is kept as a Note with the bytes that it rests on. A
// verdict comes with every reason, and with the records that were asked for.
//
// SPF and DKIM are not checked here: their results are arguments. Nothing is
// drawn by lot, no clock is read and no report is sent.
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
