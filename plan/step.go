package plan

// Change is what publishing a record does to the zone.
type Change string

// The kinds of change.
const (
	Add     Change = "add"     // there is none
	Replace Change = "replace" // in the place of what Today lists
	Keep    Change = "keep"    // it is published already, or today's is to stay
	Unknown Change = "unknown" // DNS did not answer what is there today
)

// Step is one record of a plan, or one thing to do, with its reason.
type Step struct {
	// ID is stable: "spf", "dkim", "dmarc", "mta-sts", "tls-rpt", "null-mx",
	// "dkim-wildcard"; of a service "dkim:" and its id.
	ID    string `json:"id"`
	Title string `json:"title"` // "SPF: who may send", a few words
	// Record is what to publish; empty where there is nothing to publish here, or
	// where only the service can tell the value: then Do says what to do.
	Record Record   `json:"record"`
	Change Change   `json:"change"`
	Today  []string `json:"today"` // values published at that name and type now, of this kind
	Do     []string `json:"do"`    // what to do besides, in order, each a sentence
	Why    []string `json:"why"`
	// Before must be true first; empty: it can be published now.
	Before   []Condition `json:"before"`
	Warnings []string    `json:"warnings"`
}

// Open reports whether the step is still to be done.
func (s Step) Open() bool { return s.Change != Keep }
