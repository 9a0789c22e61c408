// Package posture tells from DNS alone who can send as a domain today: a
// verdict, the findings that it rests on with the fix for each, and the single
// next step.
//
// It asks only DNS, some thirty questions at most, and changes nothing. It does
// not look at DKIM keys, and cannot see whether anybody's mail really passes:
// that is what DMARC reports are for.
package posture

import "unspoof/finding"

// Exposure is the answer to "who can send as this domain?".
type Exposure string

const (
	Anyone    Exposure = "anyone"    // nothing tells receivers to refuse a forged From
	Partly    Exposure = "partly"    // some forgeries are refused
	Protected Exposure = "protected" // receivers are told to refuse
	Undecided Exposure = "unknown"   // DNS did not answer
)

// Verdict comes first in every report.
type Verdict struct {
	Exposure Exposure `json:"exposure"`
	Sentence string   `json:"sentence"` // "Anyone can send as example.com, because …"
	Because  []string `json:"because"`
}

// NextStep is the single thing to do now.
type NextStep struct {
	Text   string `json:"text"`
	Name   string `json:"name,omitempty"`   // where to publish: "_dmarc.example.com"
	Record string `json:"record,omitempty"` // what: the value of a TXT record
}

// Report on one domain.
type Report struct {
	Domain   string            `json:"domain"`
	Verdict  Verdict           `json:"verdict"`
	Findings []finding.Finding `json:"findings"` // worst first
	Next     NextStep          `json:"next"`

	MX       []string `json:"mx"`        // hosts by preference; empty: none
	NullMX   bool     `json:"null_mx"`   // RFC 7505
	SPF      string   `json:"spf"`       // the record, "" where there is none
	DMARC    string   `json:"dmarc"`     // the record that applies, ""
	DMARCAt  string   `json:"dmarc_at"`  // where it was found
	Policy   string   `json:"policy"`    // p that applies: "none", "quarantine", "reject", ""
	Parked   bool     `json:"parked"`    // neither receives nor sends
	Services []string `json:"services"`  // named services that SPF or MX point to
	CatchAll string   `json:"catch_all"` // a hint in words, ""

	Lookups    int                `json:"lookups"`    // of the SPF record, worst case, of 10
	Voids      int                `json:"voids"`      // of the SPF record, worst case, of 2
	Unanswered []finding.Evidence `json:"unanswered"` // questions that DNS left open
	Questions  int                `json:"questions"`  // asked for this report
	// Quick says that little was asked (Args.Quick). NotAsked lists what a limit
	// kept from being asked, "TXT spf.example.net", in order; nothing is
	// concluded from it. What a quick check leaves out altogether is not listed.
	Quick    bool     `json:"quick,omitempty"`
	NotAsked []string `json:"not_asked"`
}
