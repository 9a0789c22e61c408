// Package auth judges one SMTP transaction: who sent this message, and does the
// author's domain stand by it? It runs SPF, DKIM, ARC and DMARC over the same
// bytes and answers with one verdict, that of DMARC (RFC 9989), beside everything
// that led to it.
//
// It closes the gaps between its parts, where most forgeries pass:
//
//   - All parts see the same author. What package message reads as From must be,
//     octet for octet, what package dkim hashes; anything that some program might
//     take for another From leaves the message without an author.
//   - Exactly one From, or none: a message with two is nobody's, though the
//     strictest policy of those it names still decides what becomes of it.
//   - SPF and DMARC use the one domain that SPF asked about.
//   - DNS is asked at most 300 times and for at most 30 seconds. Every part has
//     a share that the others can't use up, and the authors' policies are asked
//     for at once, so that a sender's slow or costly records cannot keep the
//     policy of the domain that it forges from being known.
//   - Nothing that the message says of itself counts: no Authentication-Results,
//     no Received-SPF, no address of a relay. ARC is a signal and changes neither
//     verdict nor disposition.
//
// It does not know who is logged in: that an account may use an author's address
// is for the submission server to check, before it signs.
package auth

import (
	"net/netip"
	"time"

	"unspoof/arc"
	"unspoof/dkim"
	"unspoof/dmarc"
	"unspoof/dns"
	"unspoof/spf"
)

// Args is one transaction, and how to judge it.
type Args struct {
	IP netip.Addr // of the client; the zero Addr: SPF is not checked
	// HELO and MailFrom are what the client gave, MailFrom without angle brackets,
	// empty for a bounce.
	HELO, MailFrom string
	// Message is the whole message. It is neither changed nor kept.
	Message []byte

	Resolver dns.Resolver // needed; a cache in front of it is of use
	// Now decides whether signatures have expired. It must be set.
	Now time.Time
	// Receiver is the name of this server, for SPF explanations; may be empty.
	Receiver string
	// TrustedSealers are the domains whose ARC sets count as a signal.
	TrustedSealers []string
	Standard       dmarc.Standard // "" is RFC9989
	// Sample is drawn from 0 to 99 for each message; only RFC7489 uses it.
	Sample int
}

// Result is the judgement of a transaction. Its JSON form is stable: fields may
// be added, none changes its name or meaning.
type Result struct {
	// Verdict is DMARC's: "pass", the author's domain stands by the message;
	// "fail", it does not; "none", it says nothing about such mail; "temperror",
	// DNS left it open; "permerror", the message names no author, or not clearly
	// one, and should be shown as coming from nobody.
	Verdict dmarc.Verdict `json:"result"`
	Reason  string        `json:"reason"` // a sentence for people
	// Domain is the author's, "" where there is not exactly one From to be read in
	// one way only.
	Domain string `json:"domain"`
	// Policy is what the author's domain publishes for such mail, "" for nothing.
	Policy dmarc.Policy `json:"policy"`
	// Disposition is what is asked for this very message: "none" unless it fails.
	// A message with several authors gets the strictest policy that it fails.
	Disposition dmarc.Policy `json:"disposition"`
	Alignment   Alignment    `json:"alignment"`

	IP       netip.Addr `json:"ip"` // "" where none was given
	HELO     string     `json:"helo"`
	MailFrom string     `json:"mail_from"`

	SPF   SPF          `json:"spf"`
	DKIM  dkim.Result  `json:"dkim"`
	ARC   arc.Result   `json:"arc"`
	DMARC dmarc.Result `json:"dmarc"` // every step; of all authors, if there are several

	// Questions is how many DNS questions were asked.
	Questions int `json:"questions"`
	// Notes are sentences about what a reader should know besides.
	Notes []string `json:"notes"`
}

// Alignment says by what the author's domain stands by the message.
type Alignment struct {
	SPF  bool `json:"spf"`  // SPF passed for an aligned domain
	DKIM bool `json:"dkim"` // a signature of an aligned domain passed
}

// SPF is the result for the identity that DMARC looks at, and that for HELO.
type SPF struct {
	// Result is of MAIL FROM, or of HELO where MAIL FROM is empty (RFC 7208
	// section 2.4).
	spf.Result
	Identity string     `json:"identity"` // "mailfrom" or "helo": whose the result is
	HELO     spf.Result `json:"helo"`     // section 2.3
}
