// Package bounce reads a notice that came back: what kind it is, whom it is
// about, why, who reports it, and the original message that it returns (RFC
// 3461, 3464, 6522, 6533, and the forms that keep to no standard).
//
// It reads what stands there and judges nothing: whether the notice is honest
// is the subject of package forensics. It follows no link, asks no server and
// never fails: a damaged notice gives what can be had, with warnings.
package bounce

import (
	"net/netip"
	"time"

	"unspoof/message"
)

// Kind tells notices apart.
type Kind string

const (
	DSNFailed          Kind = "dsn-failed"
	DSNDelayed         Kind = "dsn-delayed"
	DSNOther           Kind = "dsn-other" // delivered, relayed, expanded
	NonstandardFailed  Kind = "nonstandard-failed"
	NonstandardDelayed Kind = "nonstandard-delayed"
	ProviderJSON       Kind = "provider-json"
	ARFAbuse           Kind = "arf-abuse"
	ARFAuthFailure     Kind = "arf-auth-failure"
	AutoReply          Kind = "auto-reply"
	ChallengeResponse  Kind = "challenge-response"
	MDN                Kind = "mdn"
	ReportAggregate    Kind = "report-aggregate"
	PostmasterNotice   Kind = "postmaster-notice"
	ForwardedBounce    Kind = "forwarded-bounce"
	ForwardedMessage   Kind = "forwarded-message"
	FakeBounce         Kind = "fake-bounce"
	Ordinary           Kind = "ordinary"
)

// Returned says how much of the original came back.
type Returned string

const (
	ReturnedFull     Returned = "full"
	ReturnedHeaders  Returned = "headers"
	ReturnedPartial  Returned = "partial"  // a few fields only
	ReturnedEmbedded Returned = "embedded" // quoted inside a text part
	ReturnedNone     Returned = "none"
)

// Class is why a recipient was refused.
type Class string

const (
	UnknownUser    Class = "unknown-user"
	MailboxFull    Class = "mailbox-full"
	Policy         Class = "policy"
	Spam           Class = "spam"
	Authentication Class = "authentication" // SPF, DKIM or DMARC failed
	DNS            Class = "dns"            // no such domain, no route
	Size           Class = "size"
	Temporary      Class = "temporary"
	Other          Class = "other"
)

// Refusal is the reason that the notice gives for its first recipient.
type Refusal struct {
	Code     int    `json:"code"`     // SMTP reply, 0 where none is stated
	Enhanced string `json:"enhanced"` // RFC 3463, "" where none is stated
	Text     string `json:"text"`     // one line, decoded, at most 500 bytes
	Class    Class  `json:"class"`
}

// Notice is everything read from one message.
type Notice struct {
	Kind         Kind
	Bounce       bool     // a final non-delivery notice; never for delays, replies, reports
	Recipients   []string // as reported, in order of appearance
	Status       []string // enhanced codes that the message states; none invented
	Action       []string // lower case, in order
	ReportingMTA string   // "" where none is named
	Original     Original
	Feedback     *Feedback // RFC 5965 report; nil otherwise
	Refusal      *Refusal  // nil when nothing was refused
	Warnings     []message.Warning

	// Header is the notice's own; its bytes alias the input.
	Header message.Header
	// Hops are the notice's own Received fields, top to bottom.
	Hops []message.Hop
	// Delivery are the fields of the delivery-status part; nil without one.
	Delivery *Delivery
	// Date is when the notice reached the mailbox: the topmost hop's time,
	// else the Date field; zero when neither can be read.
	Date time.Time
	// Subject of the notice, decoded.
	Subject string
}

// Delivery is a delivery-status part (RFC 3464) as data.
type Delivery struct {
	ReportingMTA       string
	ReceivedFromMTA    string
	ArrivalDate        time.Time
	OriginalEnvelopeID string
	Recipients         []DeliveryRecipient
}

// DeliveryRecipient is one recipient group of a delivery-status part.
type DeliveryRecipient struct {
	Final, Original   string // addresses, type prefix removed, xtext and utf-8-addr-xtext decoded
	Action, Status    string
	RemoteMTA         string
	Diagnostic        string // type prefix removed, unfolded
	LastAttempt, Will time.Time
}

// Original is what the notice returned of the message it is about.
type Original struct {
	Returned   Returned
	From       string // decoded; "" when absent
	Subject    string // decoded; "" when absent
	MessageID  string // verbatim with angle brackets
	ReturnPath string // verbatim
	// HasFrom … tell an empty field from an absent one.
	HasFrom, HasSubject, HasMessageID, HasReturnPath bool
	Received                                         int
	FirstExternalIP, LastExternalIP                  netip.Addr
	DKIMDomains                                      []string // d= of each DKIM-Signature, top to bottom

	// Header and Hops of the original; empty when none came back. Fields keep
	// the bytes as returned (transfer encoding and quoting undone).
	Header message.Header
	Hops   []message.Hop
	// HeaderLine maps Field.Line of Header to a line of the notice: add it.
	// Zero means that the original was decoded and lines don't correspond.
	HeaderLine int
	// Raw are the bytes of the original as returned, encoding and quoting
	// undone; nil when none came back.
	Raw []byte
	// Text is what a reader of the original would see: its text parts decoded,
	// HTML reduced to text and link targets, at most 16 KiB.
	Text string
}

// Feedback are the fields of an RFC 5965 report.
type Feedback struct {
	Type, SourceIP, OriginalMailFrom, OriginalRcptTo, ReportedDomain string
}
