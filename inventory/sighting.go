package inventory

import (
	"net/netip"
	"time"
)

// Source says where a sighting is from.
type Source string

const (
	FromSPF     Source = "spf"     // a term of the domain's record
	FromMX      Source = "mx"      // a mail exchanger
	FromDKIM    Source = "dkim"    // a selector in DNS
	FromOwner   Source = "owner"   // named by hand
	FromMailbox Source = "mailbox" // a message in the owner's mailbox
	FromLog     Source = "log"     // the outbound log of one's own server
	FromBounce  Source = "bounce"  // a message that came back, see Sighting.Genuine
	// FromReport is a row of an aggregate report (RFC 9990): Address, From, MailFrom,
	// SPF and DKIM as the reporter evaluated them, Count, First and Last of the
	// period, and Trusted where the report itself was authenticated. Build counts it
	// like a message; nothing of this module makes such sightings so far.
	FromReport Source = "report"
)

// Sighting is what one source says about mail of the domain that left once, or
// many times in the same way: a plain value, that every source can fill.
//
// Whoever makes one answers for the provenance of its parts, as each field says.
// What a stranger could have written goes nowhere, or into Claimed fields: it is
// used to describe, never to decide.
type Sighting struct {
	Source Source
	// First and Last are when; Last zero: as First. Both zero: not known.
	First, Last time.Time
	// Count of messages; 0 counts as 1.
	Count int

	// Trusted says that Address, ReverseName and SPF are the word of a server of
	// one's own, or of a receiver whose report was authenticated. Without it they are
	// hearsay, and not looked at.
	Trusted bool
	// Genuine says that somebody has proven the whole message to be the domain's
	// own: the log of the owner's server holds it, or package forensics judged it
	// genuine. Only that makes a bounce count.
	Genuine bool

	// Address that handed the message over to the server that reports it; the zero
	// value where that is not known. It may be a forwarder's.
	Address netip.Addr
	// ReverseName of Address, and whether it leads back to it in DNS. An
	// unconfirmed name is whatever the address's owner writes.
	ReverseName string
	Confirmed   bool
	// HELO is the client's own word for itself. Build does not look at it.
	HELO string

	// From is the domain of the author's address (header From).
	From string
	// MailFrom is the domain of the return path, "" where it is empty or not known.
	MailFrom string
	// SPF is the result for MailFrom at the server that reports: "pass", "fail" …
	// (RFC 8601 section 2.7.2), "" where none is known.
	SPF string
	// DKIM are the signatures, each with its result.
	DKIM []Signature

	// Host is the name of the server that sent, where its owner's log or own trace
	// lines name it.
	Host string
	// Via is the name, or the address, of the host to which one's own server handed the message, as
	// its log says: a relay service, or the recipient's exchanger. Only the former
	// says who sends, see Relay.
	Via string
	// Relay says that Via takes all outgoing mail (a smart host), so that it is the
	// one that the world sees.
	Relay bool

	// Where it was found, for people: "sent.mbox#12", "mail.log". May hold any
	// octets.
	Where string
}

// Signature is one DKIM signature of a message.
type Signature struct {
	Domain   string // d=
	Selector string // s=
	// Result is "pass" only where the signature was verified (package dkim), or a
	// trusted server says so; "" is what the message merely claims.
	Result string
}

// Given is what the owner names by hand as sending for him. Each entry is a
// sender, whatever else is known of it.
type Given struct {
	Services []string       // catalogue names or ids, or include hosts
	Hosts    []string       // names of own servers
	Networks []netip.Prefix // own addresses
}
