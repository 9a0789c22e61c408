package inventory

import "unspoof/sender"

// Step is one thing to set up for a sender: a record to publish, or something to
// do in the settings of the service.
type Step struct {
	Kind StepKind `json:"kind"`
	// Name, Type and Value are of the record to publish, in full; "" where the step
	// is no record. Value may hold {placeholders}, each named in Missing.
	Name  string `json:"name,omitempty"`
	Type  string `json:"type,omitempty"` // "CNAME", "TXT", "NS"
	Value string `json:"value,omitempty"`
	// Missing names in words what the service gives each customer and has to be
	// filled in: "selector", "account number". Never nil.
	Missing []string `json:"missing"`
	Text    string   `json:"text"` // a sentence for people
	// Confidence in what the step rests on; Low is to be compared with the
	// service's own guide before anything is published.
	Confidence sender.Confidence `json:"confidence"`
}

// StepKind is a kind of step.
type StepKind string

const (
	StepDKIM       StepKind = "dkim"        // publish a key, or a CNAME that leads to it
	StepReturnPath StepKind = "return-path" // a return path below the domain, so that SPF aligns
	StepSPF        StepKind = "spf"         // let it in by the domain's SPF record
	StepSwitchOn   StepKind = "switch-on"   // make the service, or the server, sign
	StepMend       StepKind = "mend"        // a record that is there is broken
	StepTest       StepKind = "test"        // send a message and read it again
	StepRemove     StepKind = "remove"      // take its right away if nobody needs it
	StepConfirm    StepKind = "confirm"     // say whether it is one's own
)
