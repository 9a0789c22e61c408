// Package spf evaluates the Sender Policy Framework (RFC 7208, and RFC 8616 for
// internationalised names): may this address send for this domain, and which
// term of which record says so.
//
// A record is parsed once to a tree with byte spans and evaluated from that;
// every DNS question goes through one budget, so that no record can cost more
// than the standard's limits, loops included. The network is reached only
// through the Resolver given.
package spf

import "net/netip"

// Word is a result of check_host (RFC 7208 section 2.6).
type Word string

const (
	None      Word = "none"
	Neutral   Word = "neutral"
	Pass      Word = "pass"
	Fail      Word = "fail"
	SoftFail  Word = "softfail"
	TempError Word = "temperror"
	PermError Word = "permerror"
)

// Args is one SMTP client's claim.
type Args struct {
	IP       netip.Addr // of the client; IPv4-mapped addresses count as IPv4
	HELO     string
	MailFrom string // reverse-path without brackets; empty: postmaster@HELO (section 2.4)
	Receiver string // %{r}; empty: "unknown"
}

// Span is a range of bytes in a record's text.
type Span struct {
	Start int `json:"start"`
	End   int `json:"end"`
}

// Step is one event of an evaluation, in order.
type Step struct {
	Depth     int    `json:"depth"` // 0: the domain's own record
	Domain    string `json:"domain"`
	Term      string `json:"term"` // as written; "" for the look-up of a record
	Span      Span   `json:"span"` // of Term in Record
	Record    string `json:"record,omitempty"`
	Expansion string `json:"expansion,omitempty"` // macro expanded
	Query     string `json:"query,omitempty"`     // "TXT _spf.example.com"
	Answer    string `json:"answer,omitempty"`    // "192.0.2.1, 192.0.2.2", "NXDOMAIN", "timeout"
	Match     bool   `json:"match"`
	Result    Word   `json:"result,omitempty"` // where this step decides
	Lookups   int    `json:"lookups"`          // counters after the step
	Voids     int    `json:"voids"`
	Section   string `json:"section"` // of RFC 7208
	Note      string `json:"note,omitempty"`
}

// Result of a check.
type Result struct {
	Result      Word   `json:"result"`
	Explanation string `json:"explanation"` // exp= of a fail, else ""
	Lookups     int    `json:"lookups"`     // terms that count to the limit of 10
	Voids       int    `json:"voids"`       // void look-ups, limit 2
	Trace       []Step `json:"trace"`       // nil unless asked for
	// Domain whose record was checked; Mechanism is the term that decided, ""
	// when none did; Cause says why for none, temperror and permerror.
	Domain    string `json:"domain"`
	Mechanism string `json:"mechanism"`
	Cause     string `json:"cause"`
}
