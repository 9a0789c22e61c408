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
	// Reasons are what the verdict rests on, over all messages; each message has
	// its own besides. Their codes are those of section 3 of the evidence model, or
	// "hand-off" (whose addresses) and "theme" (what the mail pretends).
	Reasons []Reason `json:"reasons"`
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

	From, To       time.Time  `json:"-"` // first and last hand-over
	Campaigns      []Campaign `json:"campaigns"`
	Handoffs       []Handoff  `json:"handoffs"`
	UnknownSenders []Count    `json:"unknown_senders"` // local parts that don't exist; at most 50
	AbusedSenders  []Count    `json:"abused_senders"`  // own addresses in From; at most 50
	CatchAll       string     `json:"catch_all"`       // a sentence, "" when there is no sign of one
	ToYouFromYou   int        `json:"to_you_from_you"`
	Timeline       []Bucket   `json:"timeline"`
	RateTests      []RateTest `json:"rate_tests"`
	Events         []Event    `json:"events"`
	Warnings       []string   `json:"warnings"`
	Accounts       []Count    `json:"accounts"` // what compromised messages named
	// Unexplained counts the originals that left through what is the owner's, on
	// more than hints, and that nothing explains; UnexplainedAccounts are the
	// accounts that they left through, where they name one, at most 50.
	Unexplained         int     `json:"unexplained"`
	UnexplainedAccounts []Count `json:"unexplained_accounts"`

	Origin string `json:"origin"` // probable source of the address, in words
	Damage string `json:"damage"` // how much, how long, how many complaints, in words
	// Languages counts originals by the script most of their letters are in
	// ("Latin", "Cyrillic", "Han", "Kana" …); the language itself is not guessed.
	Languages map[string]int `json:"languages"`
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
	Estimate  string    `json:"estimate"`     // of the whole volume, in words with its basis
	EstimateN int       `json:"estimate_low"` // seen for certain: the lower bound
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
// evidence model). [TestRate] makes it.
type RateTest struct {
	Event       Event   `json:"event"`
	Class       Verdict `json:"class"`
	HoursBefore float64 `json:"hours_before"` // of the windows
	HoursAfter  float64 `json:"hours_after"`
	// ExposureBefore and ExposureAfter are the same hours, each weighted with the
	// share of its notices that can have come back by now; the rates rest on them.
	ExposureBefore float64 `json:"exposure_before"`
	ExposureAfter  float64 `json:"exposure_after"`
	NBefore        int     `json:"n_before"`
	NAfter         int     `json:"n_after"`
	RR             float64 `json:"rr"` // rate after / rate before; -1 when nothing came before
	RRLower        float64 `json:"rr_lower95"`
	RRUpper        float64 `json:"rr_upper95"` // +Inf is given as -1 in JSON
	P              float64 `json:"p_one_sided"`
	Phi            float64 `json:"phi"` // dispersion of the before-window; 1 where too little came to tell
	// CellsBefore and CellsAfter count (campaign, 6 h block) pairs. They stand in
	// for the messages where these came in bursts (Phi > 1.5), else are 0.
	CellsBefore int `json:"cells_before,omitempty"`
	CellsAfter  int `json:"cells_after,omitempty"`
	Say         Say `json:"say"`
	// Sentence says the outcome and its limits for people.
	Sentence string `json:"sentence"`
	// Control compares with the class that the event cannot have changed; nil
	// where nothing of it was seen.
	Control *RateControl `json:"control,omitempty"`
	// Composition tells whether refusals name SPF, DKIM or DMARC more often since
	// a record was published; nil for other events and where nothing was refused.
	Composition *Composition `json:"composition,omitempty"`
}

// RateControl is the same test of the class that the event cannot have changed.
type RateControl struct {
	Class   Verdict `json:"class"`
	NBefore int     `json:"n_before"`
	NAfter  int     `json:"n_after"`
	RR      float64 `json:"rr"` // as in RateTest
	Say     Say     `json:"say"`
	// DiD is the treated class's RR over the control's (difference in
	// differences); -1 when it cannot be said.
	DiD float64 `json:"did"`
}

// Composition counts refusals before and after an event, and of these the ones
// that name SPF, DKIM or DMARC.
type Composition struct {
	Before      int `json:"before"`
	NamedBefore int `json:"named_before"`
	After       int `json:"after"`
	NamedAfter  int `json:"named_after"`
	// P is the chance of such a rise of the share by luck alone (Fisher's exact
	// test, one-sided).
	P float64 `json:"p_one_sided"`
}
