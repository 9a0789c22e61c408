// Package posture tells from DNS alone who can send as a domain today: a
// verdict, the findings that it rests on with the fix for each, and the single
// next step.
//
// Beside the verdict stand a truth table (what receivers do with each kind of
// forgery), an exposure score (how many may send by SPF), a grade, and what DNS
// tells of DKIM, MTA-STS, DANE, DNSSEC and block lists.
//
// It asks only DNS, FullQuestions at most, and changes nothing. It cannot see
// whether anybody's mail really passes: that is what DMARC reports are for. It
// fetches no policy and tries no server.
package posture

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
