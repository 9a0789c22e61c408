package forensics

import (
	"fmt"
	"io"
	"net/netip"
	"time"
)

// Profile is what the owner of an address knows of his own mail. Slices are
// only read. The zero value knows nothing.
type Profile struct {
	Domains []string // own domains, lower case
	// Address is set instead of Domains for somebody at a big provider, without
	// a domain of his own.
	Address   string
	Mailboxes []string          // local parts that exist; empty: not known
	Aliases   map[string]string // local part → where it forwards to
	CatchAll  string            // local part that takes the rest; "": none known
	OwnHosts  []Host
	// OwnRanges are networks of one's own, such as ip4: and ip6: of the domain's
	// SPF record name them.
	OwnRanges []netip.Prefix
	// InboundNames are the names of a mailbox provider's hosts that take mail in
	// for the address ("google.com"); each also stands for everything below it.
	// What such a host wrote on top of a message is trusted as an own host's.
	InboundNames []string
	Services     []Service
	// KnownClients are the networks that the owner's people log in from.
	KnownClients []netip.Prefix
	// Complete says that nothing else sends for the domains.
	Complete             bool
	MessageIDDomains     []string
	SignsEverythingSince time.Time // zero: not declared
	SPFHistory           []SPFPeriod
	DKIMKeys             []DKIMKey
	BATV                 *BATV
	SealKeys             []SealKey
	Events               []Event
	Log                  *OutboundLog
	Inbound              []InboundEntry
}

// Host is one machine of the owner's.
type Host struct {
	Name string
	IP   netip.Addr
	Role string // "inbound", "outbound", "web", or ""
}

// Service is a third party that may send for the domain.
type Service struct {
	Name     string
	Ranges   []netip.Prefix
	Selector string
	Accounts []string
}

// SPFPeriod is a record and when it was in force: from From to the next entry.
type SPFPeriod struct {
	From   time.Time
	Record string // "": none was published
}

// DKIMKey is a key record and its time in DNS.
type DKIMKey struct {
	Selector      string
	From, Removed time.Time // Removed zero: still there
	Record        string
}

// SealKey is a key of the origin seal (package envelope) that one's own server
// puts on what logged-in users submit. The secret is never shown.
type SealKey struct {
	ID     int // 0 to 999
	Secret Secret
}

// BATV says since when bounce addresses are tagged: of all mail that can bounce
// to the domains, whatever path it takes. A service that gives its mail a return
// path of its own needs no tag. The secret is never shown.
type BATV struct {
	ActiveSince  time.Time
	KeyID        int
	Secret       Secret
	ValidityDays int
	Exempt       []string
}

// Secret is bytes that must not be printed or stored.
type Secret []byte

const hidden = "(secret)"

func (Secret) String() string               { return hidden }
func (Secret) GoString() string             { return hidden }
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// Format hides the bytes from every verb of package fmt, %d and %x too.
func (Secret) Format(f fmt.State, _ rune) { io.WriteString(f, hidden) }

// UnmarshalText gives an empty secret: what was stored never held it.
func (s *Secret) UnmarshalText([]byte) error {
	*s = nil
	return nil
}

// EventType is what the owner did.
type EventType string

const (
	PasswordChanged EventType = "password-changed"
	SPFPublished    EventType = "spf-published"
	DKIMPublished   EventType = "dkim-published"
	DMARCPublished  EventType = "dmarc-published"
	ScriptRemoved   EventType = "script-removed"
)

// Event is a counter-measure and its moment.
type Event struct {
	Time    time.Time `json:"time"`
	Type    EventType `json:"type"`
	Account string    `json:"account,omitempty"`
}

// OutboundLog is what really left, for the period and the paths that it covers.
type OutboundLog struct {
	From, To time.Time
	Paths    []string // "own", or the name of a Service
	Entries  []Sent
}

// Sent is one message of the outbound log.
type Sent struct {
	MessageID  string // with angle brackets
	Time       time.Time
	User       string
	ClientIP   netip.Addr // invalid: not recorded
	Recipients []string
}

// InboundEntry is one line of what came in from outside.
type InboundEntry struct {
	QueueID  string
	Time     time.Time
	Client   string
	ClientIP netip.Addr
	From, To string
	Result   string // "forwarded", "delivered", or the refusal given
}
