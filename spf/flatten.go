package spf

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"unspoof/dns"
)

// FlattenArgs says what is to be flattened.
type FlattenArgs struct {
	// Domain publishes the record, and gets the names of its parts.
	Domain string
	// Record is the text to start from: the one with the includes, when what is
	// published is flattened already. "": what Domain publishes.
	Record   string
	Resolver dns.Resolver // required
	// Only names terms to flatten, as written ("include:esp.example") or by the
	// name that they lead to ("esp.example"). With none, as few as needed to come
	// within the limits are taken, the dearest first.
	Only []string
	All  bool // flatten all that can be
	// Time is noted in the snapshot; the zero time is left out.
	Time time.Time
}

// Flattened is a record whose includes and hosts were replaced by the addresses
// that they stand for now.
type Flattened struct {
	Domain string `json:"domain"` // A-labels
	Record string `json:"record"` // that was flattened
	// Publish lists what to publish: the record of Domain first, then its parts.
	// When nothing was to be changed it is the record as it was.
	Publish  []Published `json:"publish"`
	Changed  bool        `json:"changed"` // Publish differs from Record
	Replaced []Replaced  `json:"replaced"`
	Kept     []Kept      `json:"kept"`    // terms that need DNS and stay
	Dropped  []Dropped   `json:"dropped"` // terms that decided nothing
	Before   Cost        `json:"before"`
	After    Cost        `json:"after"`
	// Cuts are the ways to come within the limits without flattening, none where
	// the record is within them.
	Cuts     []Cut    `json:"cuts"`
	Warnings []string `json:"warnings"`
	Snapshot Snapshot `json:"snapshot"`
}

// Published is a TXT record to publish.
type Published struct {
	Name    string   `json:"name"`
	Text    string   `json:"text"`
	Strings []string `json:"strings"` // the text in character-strings of at most 255 octets
	Octets  int      `json:"octets"`  // of the DNS answer that holds it
}

// Replaced is a term that was flattened.
type Replaced struct {
	Term     string  `json:"term"`
	Ranges   []Range `json:"ranges"`   // that it matched, as they decide in the record
	Saves    int     `json:"saves"`    // look-ups
	Symbolic int     `json:"symbolic"` // of the terms it led to that hang on the message, kept in its place
}

// Kept is a term that stays as it is.
type Kept struct {
	Term string `json:"term"`
	Why  string `json:"why"`
}

// Dropped is a term that is left out, since the record means the same without it.
type Dropped struct {
	Term string `json:"term"`
	Why  string `json:"why"`
}

// The reasons for which a record isn't flattened. They are facts; that DNS did not
// answer is a *dns.Error instead.
var (
	ErrNotFlattened = errors.New("the term can't be flattened") // a term of Only
	ErrTooLarge     = errors.New("the addresses don't fit")     // in as many records as the limits allow
	ErrNotEqual     = errors.New("the flattened record does not mean the same")
)

// Flatten replaces what a record includes, and the hosts that it names, by
// addresses, and proves that the outcome means the same for every address of both
// families, as DNS stands now: see [Sets]. Qualifiers, redirect and nested records
// are kept in effect. What hangs on the message (macros, ptr) stays where it was
// in the order; an include that can't be taken apart around it stays whole.
// Networks are merged to as few as mean the same. What no longer fits one record
// is split by size into others, _spf1.DOMAIN and so on, never a name that has a
// record already: so the old parts stay valid until all is published.
//
// Flattened addresses rot: whoever they belong to changes them without telling.
// See [Drift], and Cuts in the outcome for what is better.
//
// The error is a *SyntaxError; wraps ErrNoRecord, ErrSeveralRecords, ErrDomain,
// ErrNotFlattened, ErrTooLarge or ErrNotEqual; or is DNS's, when it did not answer
// what the outcome hangs on.
func Flatten(ctx context.Context, a FlattenArgs) (Flattened, error) {
	return Flattened{}, errors.New("spf: not built yet")
}

// SnapshotSchema is the version of the form of Snapshot.
const SnapshotSchema = 1

// Snapshot is what a flattened record was made from, so that [Drift] can tell when
// that changes. Its JSON is the form of the file that people keep.
type Snapshot struct {
	Schema int    `json:"schema"` // SnapshotSchema
	Domain string `json:"domain"`
	// Taken is when, left out where that was not given.
	Taken   time.Time   `json:"taken,omitzero"`
	Record  string      `json:"record"`  // that was flattened
	Publish []Published `json:"publish"` // what was made of it
	// TTL is the smallest of all answers in seconds: how long they are good for.
	TTL   int            `json:"ttl"`
	Terms []SnapshotTerm `json:"terms"`
}

// SnapshotTerm is a flattened term of the record.
type SnapshotTerm struct {
	Term    string           `json:"term"`
	Parts   []SnapshotPart   `json:"parts"`   // what it stood for, in order
	Sources []SnapshotSource `json:"sources"` // where that came from
}

// SnapshotPart is a list of ranges, or a term that was kept as it is.
type SnapshotPart struct {
	Ranges []Range `json:"ranges,omitempty"` // disjoint, in order
	Term   string  `json:"term,omitempty"`
}

// SnapshotSource is an answer that a flattened term rests on.
type SnapshotSource struct {
	Name   string         `json:"name"`
	Type   string         `json:"type"`             // "TXT", "A", "AAAA", "MX"
	TTL    int            `json:"ttl"`              // in seconds
	Server string         `json:"server,omitempty"` // who answered
	Ranges []netip.Prefix `json:"ranges"`           // that the answer lists: the ip4 and ip6 of a record, addresses
	Names  []string       `json:"names,omitempty"`  // mail exchangers
	Text   string         `json:"text,omitempty"`   // of a record
}
