// Package store says what unspoof keeps: cases, each the investigation of one
// mailbox of notices, with everything needed to show it again after a restart
// and to judge it anew when the owner answers a question.
//
// It holds types only; internal/store/sqlite keeps them. Secrets of a profile
// are never part of a case.
package store

import (
	"encoding/json"
	"errors"
	"time"

	"unspoof/forensics"
	"unspoof/posture"
)

// ErrNotFound says that there is no such case or message.
var ErrNotFound = errors.New("store: not found")

// State is how far a case has come.
type State string

const (
	Reading State = "reading" // messages are being read and judged
	Ready   State = "ready"
	Failed  State = "failed" // Note says why
)

// Answer to "is this all that sends for you?".
type Answer string

const (
	NotAnswered Answer = ""
	Yes         Answer = "yes"
	No          Answer = "no"
)

// Case is one investigation.
type Case struct {
	ID      string // 26 letters and digits that can't be guessed
	Name    string // the domain or address that the owner named
	Created time.Time
	Updated time.Time
	State   State
	Note    string // a sentence for people; why State is Failed
	Example bool   // the built-in example, judged without the network
	Answer  Answer
	// Profile is what is known of the owner's mail, without its secrets.
	Profile forensics.Profile
	// Zone holds offline answers that came with the profile, as the file had
	// them; nil: ask the network.
	Zone []byte
	// Unasked says that DNS did not answer when the profile was to be made of it.
	Unasked bool
	// SecretLeftOut says that the profile had a bounce tag (BATV) or seal keys, which
	// are not kept: they are secrets.
	SecretLeftOut bool
	// Senders are the names of what may send, as far as the profile or DNS tell,
	// for the question that Answer answers.
	Senders []string
	// Notes are sentences about the input: files that were no mail, limits met.
	Notes []string
	// Reasons are those of all messages, the most frequent first.
	Reasons []ReasonCount
	// Mailbox and Posture are nil until the case is Ready, Posture also for an
	// address at a provider.
	Mailbox *forensics.MailboxReport
	Posture *posture.Report
}

// Line is a case in the list of cases.
type Line struct {
	ID      string
	Name    string
	Created time.Time
	State   State
	Example bool
	Verdict forensics.Verdict // "" until Ready
}

// Domain gives the first own domain, or "" for an address at a provider.
func (c Case) Domain() string {
	if len(c.Profile.Domains) > 0 {
		return c.Profile.Domains[0]
	}
	return ""
}

// Message is one message of a case with the judgement on it.
type Message struct {
	N       int // place in the case, from 1
	Verdict forensics.Verdict
	// Doc is what unspoof investigate --json gives for the message.
	Doc json.RawMessage
	// Excerpt is the beginning of the original's text, at most 2 KiB.
	Excerpt string
}

// ReasonCount is a reason and how many messages of a case have it.
type ReasonCount struct {
	forensics.Reason     // of the first such message
	Count            int // messages
	N                int // the first
}

// Raw is one message as it was received.
type Raw struct {
	N    int
	File string
	Data []byte
}
