// Package sender is the catalogue of services that send mail for others, and
// how each is recognised: by SPF include, MX host, reverse name or DKIM
// selector, on label boundaries only. A hit is context, never authorisation.
//
// The catalogue is written down in catalogue.yaml and compiled in; nothing is
// read at run time, and nothing is asked of DNS.
package sender

import "slices"

//go:generate go run ./internal/gen catalogue.yaml catalogue.go

// Confidence in a catalogue entry, or in one hit.
type Confidence string

const (
	High   Confidence = "high"
	Medium Confidence = "medium"
	Low    Confidence = "low" // unconfirmed: show as a hint, never publish by itself
)

// Pick says which of several include hosts a customer needs.
type Pick string

const (
	PickAll   Pick = "all"
	PickOne   Pick = "one"   // the customer's region or product decides
	PickFirst Pick = "first" // they are equivalents; the first will do
)

// Service is one entry of the catalogue. Slices must not be changed.
type Service struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Category string   `json:"category"`          // "mailbox", "marketing", "gateway", …
	Aliases  []string `json:"aliases,omitempty"` // other names that people use
	RunsOn   string   `json:"runs_on,omitempty"` // ID of the service underneath, ""
	// Includes are SPF hosts; they may hold {placeholders}, which the service
	// gives each customer, and SPF macros.
	Includes []string `json:"includes"`
	// Legacy are include hosts of older guides: recognised, never proposed.
	Legacy []string `json:"legacy,omitempty"`
	Pick   Pick     `json:"pick"`
	// Mechanism is what the service documents for Includes: "include", "a" or
	// "exists".
	Mechanism   string   `json:"mechanism"`
	Selectors   []string `json:"selectors"`
	DKIMPattern string   `json:"dkim_pattern"` // CNAME targets, joined by " | "
	// LegacySelectors and LegacyTargets are those of older guides: recognised, never
	// proposed.
	LegacySelectors []string `json:"legacy_selectors,omitempty"`
	LegacyTargets   []string `json:"legacy_targets,omitempty"`
	MXPatterns      []string `json:"mx_patterns"`
	ReverseSuffixes []string `json:"reverse_suffixes"`
	// Submission are hosts to which a customer's server hands its mail, as far as they
	// lie outside of ReverseSuffixes.
	Submission []string `json:"submission,omitempty"`
	// ReturnPath: "native", "yes", "no", "partial", "unknown", "n/a": whether SPF
	// can align with the customer's domain.
	ReturnPath string     `json:"return_path"`
	DKIMRecord string     `json:"dkim_record"` // "txt", "cname", "ns", "unknown", …
	SPFStatus  string     `json:"spf_status"`  // "recommended", "optional", "legacy", "not_needed", …
	Notes      string     `json:"notes"`
	Docs       []string   `json:"docs"`
	Confidence Confidence `json:"confidence"`
	// Unverified names fields ("includes", "mx", "rdns", "selectors", "dkim",
	// "return_path", "all") or single values without a published source.
	Unverified []string `json:"unverified"`
}

// All gives every service, in the catalogue's order. The slice is the caller's,
// the slices inside are not.
func All() []Service { return slices.Clone(services[:]) }

// unverified reports whether the value of a field, or the whole field, has no
// published source.
func (s *Service) unverified(field, value string) bool {
	return slices.ContainsFunc(s.Unverified, func(u string) bool {
		return u == "all" || u == field || u == value
	})
}
