package plan

import "unspoof/dmarc"

// RungState is where a domain stands on the ladder.
type RungState string

// The states of a rung: at most one is Next.
const (
	RungDone  RungState = "done"  // today's record asks for this, or for more
	RungNext  RungState = "next"  // the one to go to
	RungLater RungState = "later" // after that
)

// Rung is one step of the way to p=reject (RFC 9989 section 4.7).
type Rung struct {
	// ID is stable: "watch", "missing-subdomains", "subdomains",
	// "quarantine-test", "quarantine", "subdomains-reject", "reject-test",
	// "reject".
	ID    string    `json:"id"`
	State RungState `json:"state"`
	Text  string    `json:"text"` // what it does, a sentence or two
	// What the rung's record asks for.
	Policy      dmarc.Policy `json:"p"`
	Subdomain   dmarc.Policy `json:"sp"`
	NonExistent dmarc.Policy `json:"np"`
	Test        bool         `json:"t"`
	// Record is the exact record of the rung for this domain: whatever else is in
	// today's record stays, and no policy of today is weakened. Empty for a rung
	// that is done.
	Record Record      `json:"record"`
	Before []Condition `json:"before"` // what must be true before it is published
}
