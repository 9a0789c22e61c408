// Package sender is the catalogue of services that send mail for others, and
// how each is recognised: by SPF include, MX host, reverse name or DKIM
// selector, on label boundaries only. A hit is context, never authorisation.
package sender

// Confidence in a catalogue entry.
type Confidence string

const (
	High   Confidence = "high"
	Medium Confidence = "medium"
	Low    Confidence = "low" // unconfirmed: show as a hint, never publish by itself
)

// Service is one entry of the catalogue. Slices must not be changed.
type Service struct {
	ID, Name, Category string
	Includes           []string // SPF hosts; may hold {placeholders}
	Selectors          []string
	DKIMPattern        string // CNAME target pattern
	MXPatterns         []string
	ReverseSuffixes    []string
	// ReturnPath: "native", "yes", "no", "partial", "unknown", "n/a": whether SPF
	// can align with the customer's domain.
	ReturnPath string
	DKIMRecord string // "txt", "cname", "unknown"
	SPFStatus  string // "recommended", "optional", "legacy", "not_needed", …
	Notes      string
	Docs       []string
	Confidence Confidence
	Unverified []string // fields without stored evidence
}
