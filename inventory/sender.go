package inventory

import (
	"net/netip"
	"time"

	"unspoof/sender"
)

// Sender is one who sends for the domain: a service, a server, a network, or a
// signing key that belongs to nobody known.
type Sender struct {
	// Key names it for good, the same in every inventory: "service:mailchimp",
	// "include:_spf.shop.example", "host:mail.example.com",
	// "net:192.0.2.0/24", "dkim:k1._domainkey.example.com".
	Key  string `json:"key"`
	Name string `json:"name"` // for people: "Mailchimp", "mail.example.com"
	Kind Kind   `json:"kind"`
	// Status says what is known of it today, and Sentence so for people.
	Status   Status `json:"status"`
	Sentence string `json:"sentence"`
	// Confidence in who it is: that of the strongest signal.
	Confidence sender.Confidence `json:"confidence"`
	// Signals are how it was recognised, strongest first. Never empty.
	Signals []Signal `json:"signals"`

	// Given: the owner named it. Authorised: the SPF record lets it send, or a
	// working key of the domain's is its own.
	Given      bool   `json:"given"`
	Authorised Answer `json:"authorised"`
	// Seen is the mail that was surely the domain's.
	Seen Volume `json:"seen"`
	// Claimed is the mail that merely says so; it decides nothing.
	Claimed Volume `json:"claimed"`
	// From are the domains of authors seen in mail that was surely the domain's:
	// the domain, or names below it. At most 20. Never nil.
	From []string `json:"from"`

	// Terms are those of the domain's SPF record that stand for it, as written: that
	// let it in, where Authorised says so, or refuse it ("-ip4:192.0.2.1"). Never
	// nil.
	Terms []string `json:"terms"`
	// Networks are those of its ip4 and ip6 terms, of a and mx terms with a prefix
	// length, and those that the owner gave: in order, none inside another, at most
	// MaxNetworks. What lies behind an include is the service's own business. Never
	// nil.
	Networks []netip.Prefix `json:"networks"`
	// Addresses are those of a host of one's own, and those seen to send; most used
	// first, at most 100. Never nil.
	Addresses []Address `json:"addresses"`
	// Forwarders are addresses that handed over mail that this one had signed, and
	// that are probably those of mailing lists and the like, not its own: never put
	// them into a record. At most 20. Never nil.
	Forwarders []Address `json:"forwarders"`
	// Selectors under which it signs, as "selector._domainkey.domain". Never nil.
	Selectors []string `json:"selectors"`

	// SPF and DKIM say whether its mail counts as the domain's own today.
	SPF  Alignment `json:"spf"`
	DKIM Alignment `json:"dkim"`

	// Setup is what is left to be set up, the most useful first; empty where
	// nothing is. Never nil.
	Setup []Step `json:"setup"`
	// Catalogue is what is known of the service; nil where it is none known.
	Catalogue *Catalogue `json:"catalogue,omitempty"`
	// Proof says what would make a claim a sender; "" for a sender.
	Proof string `json:"proof,omitempty"`
}

// Listed reports that the domain's SPF record names the sender without letting it in
// ("-ip4:…", "?include:…", or behind a fault).
func (s Sender) Listed() bool {
	return len(s.Terms) > 0 && s.Authorised != Yes
}

// Kind says what a Sender is.
type Kind string

const (
	KindService Kind = "service" // of the catalogue
	KindInclude Kind = "include" // a service known by its include host only
	KindHost    Kind = "host"    // a server with a name
	KindNetwork Kind = "network" // addresses without a name
	KindKey     Kind = "key"     // a DKIM key that belongs to nobody known
)

// Status says what is known of a Sender today.
type Status string

const (
	// InUse: it may send, and does.
	InUse Status = "in-use"
	// Unseen: it may send, and was not seen in what was read; see
	// Inventory.Sources for whether that was mail at all.
	Unseen Status = "unseen"
	// Unauthorised: it sends for the domain for sure, and is not allowed to.
	Unauthorised Status = "unauthorised"
	// ByHand: the owner named it; it was neither seen nor is it allowed to send.
	ByHand Status = "by-hand"
	// Hinted: it receives the domain's mail, or stands in its records without being
	// let in, see Listed; nothing shows that it sends.
	Hinted Status = "hinted"
	// Undecided: whether it may send is not known: DNS did not answer, or what is seen
	// of it, such as the log of a server that hands it mail, does not tell.
	Undecided Status = "undecided"
	// Claim: seen only in mail that nothing proves to be the domain's.
	Claim Status = "claim"
)

// Answer to a question that DNS or missing mail may leave open.
type Answer string

const (
	Yes     Answer = "yes"
	No      Answer = "no"
	Unknown Answer = "unknown"
)

// Volume is how much was seen, and when. A message that two sources tell of (a log,
// and its bounce) counts in both, and for both senders where two had a hand in it
// (one signed, another handed it over).
type Volume struct {
	Count int       `json:"count"`
	First time.Time `json:"first,omitzero"` // zero: not known
	Last  time.Time `json:"last,omitzero"`
}

// Address is one that handed mail over.
type Address struct {
	Address netip.Addr `json:"address"`
	// Name is its reverse name, where that leads back to it in DNS; else "".
	Name string `json:"name,omitempty"`
	// SPF is what the record of today says to it for the domain itself.
	SPF Answer `json:"spf"`
	Volume
}

// Signal is one sign by which a sender was recognised.
type Signal struct {
	Kind SignalKind `json:"kind"`
	// Value is the name or address that speaks: the CNAME's target, the include.
	Value string `json:"value"`
	// Evidence is a sentence for people with where it was found.
	Evidence   string            `json:"evidence"`
	Confidence sender.Confidence `json:"confidence"`
}

// SignalKind is a kind of sign; see [SignalKinds] for their order.
type SignalKind string

const (
	SignalOwner      SignalKind = "owner"       // named by hand
	SignalDKIM       SignalKind = "dkim"        // target of a selector's CNAME, or a verified d=
	SignalReturnPath SignalKind = "return-path" // domain of a MAIL FROM that passed SPF
	SignalSPF        SignalKind = "spf"         // term of the record that covers it
	SignalLog        SignalKind = "log"         // name of the server in its own log
	SignalReceived   SignalKind = "received"    // name of the server in the line that it wrote when a user handed mail in
	SignalReverse    SignalKind = "reverse"     // confirmed reverse name
	SignalMX         SignalKind = "mx"          // exchanger of the domain
	SignalAddress    SignalKind = "address"     // the bare address
)

// SignalKinds gives the kinds, strongest first: what decides the name of a sender
// when signs point to different ones.
func SignalKinds() []SignalKind {
	return []SignalKind{SignalOwner, SignalDKIM, SignalReturnPath, SignalSPF, SignalLog, SignalReceived, SignalReverse, SignalMX, SignalAddress}
}

// Alignment says whether mail of a sender counts as the domain's own by one of the
// two ways of DMARC (RFC 9989 section 4.4).
type Alignment struct {
	Aligned Answer `json:"aligned"`
	// Basis says what the answer rests on.
	Basis Basis `json:"basis"`
	// Domain that authenticates: of the return path, or d=; "" where not known.
	Domain string `json:"domain,omitempty"`
	Why    string `json:"why"` // a sentence for people
}

// Basis of an Alignment: how sure it is.
type Basis string

const (
	Observed   Basis = "observed"  // seen in mail that was checked
	Published  Basis = "published" // follows from records of today; no mail has shown it
	Catalogued Basis = "catalogue" // follows from what is known of the service
	Nothing    Basis = ""          // nothing tells
)

// Catalogue is what package sender knows of a service, and how surely.
type Catalogue struct {
	ID         string            `json:"id"`
	Name       string            `json:"name"`
	Category   string            `json:"category"`
	ReturnPath string            `json:"return_path"` // as in sender.Service
	SPFStatus  string            `json:"spf_status"`  // as in sender.Service
	DKIMRecord string            `json:"dkim_record"` // as in sender.Service
	Notes      string            `json:"notes,omitempty"`
	Confidence sender.Confidence `json:"confidence"`
	Unverified []string          `json:"unverified"` // fields without a published source
	Docs       []string          `json:"docs"`       // the service's own pages
	// Reviewed is the day on which the catalogue was last gone through, as
	// "2006-01-02"; pages change.
	Reviewed string `json:"reviewed"`
}
