// Package inventory makes one list of who sends mail for a domain, merged from
// every source there is: the terms of its SPF record, its mail exchangers, the
// DKIM selectors that answer in DNS, what the owner names, his own mail, the logs
// of his servers, and the bounces of mail that was really his.
//
// A sender is named by the strongest sign there is for it, and every sign stands
// with its evidence. Whether its mail counts as the domain's own by SPF and by
// DKIM is told with the strict or relaxed alignment that the domain's DMARC record
// asks for (RFC 9989 section 4.4).
//
// Words that a stranger can write never make a sender. A HELO, a Received line
// that nobody of one's own wrote, a From or a signature that was not verified: what
// only such words speak of stands apart, under [Inventory.Claims], with what would
// prove it.
//
// It reads no files and has no clock: package internal/census of the program turns
// mail and logs into [Sighting] values. It does not decide what to publish: that is
// the work of package plan. Aggregate reports (RFC 9990) are to become one more
// source of sightings, for which [FromReport] keeps the place.
package inventory

import (
	"net/netip"
	"time"
)

// Schema is the number of the JSON form of an Inventory. It grows when a field
// changes its meaning or goes, not when one is added.
const Schema = 1

// Inventory is the list of who sends for a domain. It is the same for the same
// sightings and answers of DNS, in whatever order they came.
type Inventory struct {
	Schema int    `json:"schema"` // always Schema
	Domain string `json:"domain"` // in A-labels, lower case
	// Absent: DNS says that there is no such domain (NXDOMAIN), so that whatever
	// stands here is not of use, or the name is misspelt.
	Absent bool `json:"absent,omitempty"`

	// Senders send for the domain, or may: they are allowed to today, were seen in
	// mail that was surely the domain's, or were named by its owner. Those that
	// need something done come first. Never nil.
	Senders []Sender `json:"senders"`
	// Claims were seen in mail that says it is the domain's and that nothing
	// proves: forged mail looks like this, and so does a forgotten web shop. None of
	// them may be put into a record before the owner has said that it is his: name it
	// by hand and it becomes a sender. Most seen first. Never nil.
	Claims []Sender `json:"claims"`

	SPF   SPFState   `json:"spf"`
	DMARC DMARCState `json:"dmarc"`
	DKIM  DKIMState  `json:"dkim"`

	// Sources counts what was read, by where it is from, in the order of the Source
	// constants. Where no source of mail is among them, that a sender was "never
	// seen" says nothing. Never nil.
	Sources []SourceCount `json:"sources"`
	// Vouched are the addresses that the owner named, by themselves or as those of
	// his hosts: mail that comes from there is his, whatever it carries. Networks
	// wider than /16 (IPv4) or /32 (IPv6) are not among them. In order, none inside
	// another. Never nil.
	Vouched []netip.Prefix `json:"vouched"`
	// Unknown are the questions that DNS did not answer, as sentences: what rests
	// on them is not known, and was not taken for a "no". Never nil.
	Unknown []string `json:"unknown"`
	// Warnings are sentences about the whole: limits met, sources left out. Never
	// nil.
	Warnings []string `json:"warnings"`
}

// SourceCount says how much one source told.
type SourceCount struct {
	Source Source `json:"source"`
	// Sightings counts messages or log entries (a sighting's Count), and for the
	// sources in DNS what was found there.
	Sightings int `json:"sightings"`
	// Own are those of them that were surely the domain's.
	Own   int       `json:"own"`
	First time.Time `json:"first,omitzero"`
	Last  time.Time `json:"last,omitzero"`
}

// SPFState is the SPF record of today.
type SPFState struct {
	// Record is its text; "" without one, or where Problem says why it is not known.
	Record string `json:"record"`
	// Problem is a sentence: several records, a broken one, DNS did not answer.
	Problem string `json:"problem,omitempty"`
	// Open says that DNS did not answer, for the record or some of what it includes.
	Open bool `json:"open,omitempty"`
	// Broken says that receivers take none of the record, or only what stands before
	// a fault: there are several, one is not valid, or it needs more look-ups than
	// the ten of RFC 7208 section 4.6.4.
	Broken bool `json:"broken,omitempty"`
	// Everybody says that the record lets every address in ("+all").
	Everybody bool `json:"everybody,omitempty"`
	// ReturnPaths are the domains, at most 200, whose records were asked whether they
	// let everybody in: this one, and those of return paths in mail. Never nil.
	ReturnPaths []ReturnPath `json:"return_paths"`
}

// ReturnPath is the domain of a return path.
type ReturnPath struct {
	Domain string `json:"domain"`
	// Open: its SPF record lets everybody in, so that a pass for it proves nothing.
	Open bool `json:"open"`
}

// DMARCState is what of the domain's DMARC record decides alignment.
type DMARCState struct {
	// At is the domain that publishes the record, "" where there is none.
	At string `json:"at"`
	// StrictSPF and StrictDKIM: only the very same name aligns (aspf=s, adkim=s).
	// Without a record both are relaxed, as it would be by default.
	StrictSPF  bool `json:"strict_spf"`
	StrictDKIM bool `json:"strict_dkim"`
	// OrgDomain is the organisational domain, by the tree walk or, where DNS did not
	// answer, by the public suffix list.
	OrgDomain string `json:"org_domain"`
	Open      bool   `json:"open,omitempty"` // DNS did not answer
}

// DKIMState is what the probing of selectors gave.
type DKIMState struct {
	// Probed is how many selectors were asked for.
	Probed int `json:"probed"`
	// Wildcard: a selector that nobody has answers too, so that an answer says
	// nothing; only selectors seen in verified mail were asked for then.
	Wildcard bool `json:"wildcard"`
	// Keys are the selectors that answered, by name. Never nil.
	Keys []Key `json:"keys"`
}

// Key is a DKIM selector of the domain that answers in DNS (RFC 6376 section
// 3.6.1).
type Key struct {
	Domain   string `json:"domain"` // d=: the domain, or one below it
	Selector string `json:"selector"`
	// Target is where its CNAME leads in the end, "" without one.
	Target string   `json:"target,omitempty"`
	State  KeyState `json:"state"`
	Type   string   `json:"type,omitempty"` // "rsa", "ed25519"
	Bits   int      `json:"bits,omitempty"`
	// Sender is the key of the Sender that it was counted to.
	Sender string `json:"sender"`
	// Problem says what is wrong with it, for people; "" where nothing is.
	Problem string `json:"problem,omitempty"`
}

// KeyState says what became of a selector.
type KeyState string

const (
	KeyWorks    KeyState = "works"
	KeyRevoked  KeyState = "revoked"  // p= is empty: no signature with it verifies
	KeyBroken   KeyState = "broken"   // there is a record, and it cannot be read
	KeyDangling KeyState = "dangling" // its CNAME leads to where nothing is, or it is gone
	KeyUnknown  KeyState = "unknown"  // DNS did not answer; it was seen in mail
)
