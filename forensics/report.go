package forensics

import (
	"net/netip"
	"time"
)

// MailboxReport is the answer for a whole mailbox.
type MailboxReport struct {
	Verdict    Verdict    `json:"verdict"`
	Confidence Confidence `json:"confidence"`
	Sentence   string     `json:"sentence"`
	// Missing names the one input that would decide; "" when decided.
	Missing string `json:"missing,omitempty"`
	// Alarms come before everything else: "still inside" after a password change.
	Alarms []string `json:"alarms"`
	// NotProven says what the verdict does not show; Advice what to do, the
	// first one first.
	NotProven []string `json:"not_proven"`
	Advice    []string `json:"advice"`

	Read     int            `json:"read"`     // messages read
	Notices  int            `json:"notices"`  // of these, bounces and delay warnings
	Messages int            `json:"messages"` // different originals
	Kinds    map[string]int `json:"kinds"`    // bounce.Kind → count
	// PerNotice counts each notice, PerMessage each original once, by Verdict.
	PerNotice  map[Verdict]int `json:"per_notice"`
	PerMessage map[Verdict]int `json:"per_message"`
	Classes    map[string]int  `json:"classes"` // bounce.Class → count

	From, To       time.Time      `json:"-"` // first and last hand-over
	Campaigns      []Campaign     `json:"campaigns"`
	Handoffs       []Handoff      `json:"handoffs"`
	UnknownSenders []Count        `json:"unknown_senders"` // local parts that don't exist
	AbusedSenders  []Count        `json:"abused_senders"`  // own addresses in From
	CatchAll       string         `json:"catch_all"`       // a sentence, "" when there is no sign of one
	ToYouFromYou   int            `json:"to_you_from_you"`
	Timeline       []Bucket       `json:"timeline"`
	RateTests      []RateTest     `json:"rate_tests"`
	Events         []Event        `json:"events"`
	Warnings       []string       `json:"warnings"`
	Accounts       []Count        `json:"accounts"` // what compromised messages named
	Origin         string         `json:"origin"`   // probable source of the address, in words
	Languages      map[string]int `json:"languages"`
}

// Count is a value and how often it was seen.
type Count struct {
	Value string `json:"value"`
	Count int    `json:"count"`
}

// Campaign is a group of originals that one sender made.
type Campaign struct {
	Subject   string    `json:"subject"` // decoded, of its first message
	From      string    `json:"from"`    // display name
	Verdict   Verdict   `json:"verdict"`
	Messages  int       `json:"messages"`
	Notices   int       `json:"notices"`
	Senders   []Count   `json:"senders"` // own addresses used, most used first, at most 20
	NSenders  int       `json:"n_senders"`
	Brands    []string  `json:"brands"` // imitated
	Links     []string  `json:"links"`  // defanged, at most 10
	Excerpt   string    `json:"excerpt"`
	First     time.Time `json:"first"`
	Last      time.Time `json:"last"`
	Handoffs  []string  `json:"handoffs"`
	Estimate  string    `json:"estimate"` // of the whole volume, in words with its basis
	EstimateN int       `json:"estimate_low"`
}

// Handoff is one address that handed mail over in our name.
type Handoff struct {
	IP      netip.Addr `json:"ip"`
	Count   int        `json:"count"`
	Name    string     `json:"name,omitempty"`    // reverse name
	Network string     `json:"network,omitempty"` // "AS64500 EXAMPLE-NET"
	Country string     `json:"country,omitempty"` // ISO 3166
	Verdict Verdict    `json:"verdict"`
}

// Bucket is one bar of the timeline.
type Bucket struct {
	Start  time.Time       `json:"start"`
	Hours  int             `json:"hours"`
	Counts map[Verdict]int `json:"counts"`
}

// Say is the outcome of a rate test.
type Say string

const (
	Stopped    Say = "stopped"
	Dropped    Say = "dropped"
	CannotTell Say = "cannot-tell"
)

// RateTest tells whether an event changed the rate of a class (section 7 of the
// evidence model).
type RateTest struct {
	Event       Event   `json:"event"`
	Class       Verdict `json:"class"`
	HoursBefore float64 `json:"hours_before"`
	HoursAfter  float64 `json:"hours_after"`
	NBefore     int     `json:"n_before"`
	NAfter      int     `json:"n_after"`
	RR          float64 `json:"rr"`
	RRLower     float64 `json:"rr_lower95"`
	RRUpper     float64 `json:"rr_upper95"` // +Inf is given as -1 in JSON
	P           float64 `json:"p_one_sided"`
	Phi         float64 `json:"phi"` // dispersion of the before-window
	Say         Say     `json:"say"`
	Sentence    string  `json:"sentence"`
}
