package plan

// State says how far a condition holds.
type State string

// The states of a condition. What nobody has looked at is NotKnown, never Met.
const (
	Met      State = "met"
	NotMet   State = "not_met"
	NotKnown State = "not_known"
)

// Condition is something that has to be true before a record may be published
// without losing mail.
type Condition struct {
	ID    string `json:"id"`    // stable: "senders-aligned"
	Text  string `json:"text"`  // what has to be true, a sentence
	State State  `json:"state"` // as far as the request and DNS tell
	// Basis is what State rests on, a sentence: which senders, which answer.
	Basis string `json:"basis"`
	Check string `json:"check"` // how it can be found out, a sentence
}
