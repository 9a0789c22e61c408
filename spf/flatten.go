package spf

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
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
	Install  Install  `json:"install"`
	Snapshot Snapshot `json:"snapshot"`
}

// Install is how to put the records in place without a moment at which a receiver
// sees half of them.
type Install struct {
	// Order names the records in the order in which to publish them: the parts
	// first, that of the domain last. Empty where nothing changes.
	Order []string `json:"order"`
	// TTL is what to give all of them, in seconds: no longer than the answers that
	// they were made from, within five minutes and an hour.
	TTL int `json:"ttl"`
	// Remove lists the parts of an earlier flattened record, which what is published
	// includes and the new one does not. RemoveAfter is the TTL in seconds of what is
	// published: until that is over, receivers may still ask for them; 0: not known.
	Remove      []string `json:"remove"`
	RemoveAfter int      `json:"remove_after"`
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
	// Broken is true where the check ends with a permerror for whom comes to it:
	// there is no record, say.
	Broken bool `json:"broken"`
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
	ErrNames        = errors.New("no free names for the parts of the record")
)

// Flatten replaces what a record includes, and the hosts that it names, by
// addresses, and proves that the outcome means the same for every address of both
// families, as DNS stands now: see [Sets]. Qualifiers, redirect and nested records
// are kept in effect. What hangs on the message (macros, ptr) stays where it was
// in the order; an include that can't be taken apart around it stays whole. So do
// names with %{o}, which means another domain for those who include the record or
// redirect to it. A record within the limits is never made into one that is not,
// nor does one that leads to what hangs on the message come to cost more. Networks
// are merged to as few as mean the same. What no longer fits one record is split by
// size into others, _spf1.DOMAIN and so on, never a name that has a record already:
// so the old parts stay valid until all is published.
//
// Flattened addresses rot: whoever they belong to changes them without telling.
// See [Drift], and Cuts in the outcome for what is better.
//
// The error is a *SyntaxError; wraps ErrNoRecord, ErrSeveralRecords, ErrDomain,
// ErrNotFlattened, ErrTooLarge, ErrNames or ErrNotEqual; or is DNS's, when it did
// not answer what the outcome hangs on.
func Flatten(ctx context.Context, a FlattenArgs) (Flattened, error) {
	f, err := begin(ctx, a)
	if err != nil {
		return Flattened{}, err
	}
	err = f.choose(a)
	if err == nil {
		err = f.prove(ctx)
	}
	if err != nil {
		return Flattened{}, err
	}
	f.sizes()
	f.out.Snapshot = f.snapshot(a)
	f.install()
	f.out.Cuts = f.reader.cuts(f.read, f.out.Before)
	return f.out, nil
}

// flattener is a record on its way to be flattened.
type flattener struct {
	reader *reader
	read   *reading
	unfold *unfolder
	list   []claim  // of the record written
	own    []ownSub // the terms that need DNS, in the order of evaluation
	others int      // octets of the TXT records that stand beside the record
	// published is the answer that holds what is published now.
	published dns.Answer
	out       Flattened
}

// ownSub is a term that could be flattened.
type ownSub struct {
	*sub
	term   Term
	list   []claim // nil where it can't be
	why    string  // that it can't be
	broken bool    // it is an error to receivers
	saves  int     // look-ups
	chosen bool
}

// begin reads what the record leads to.
func begin(ctx context.Context, a FlattenArgs) (*flattener, error) {
	domain, cause := fullName(a.Domain)
	if cause != "" {
		return nil, fmt.Errorf("spf: %s: %w", cause, ErrDomain)
	}
	domain = strings.ToLower(domain)
	f := &flattener{reader: newReader(ctx, a.Resolver), unfold: &unfolder{domain: domain}}
	f.out = Flattened{Domain: domain, Record: a.Record, Publish: []Published{}, Replaced: []Replaced{}, Kept: []Kept{}, Dropped: []Dropped{}, Cuts: []Cut{}, Warnings: []string{}, Install: Install{Order: []string{}, Remove: []string{}}}
	answer, err := f.reader.Lookup(ctx, dns.Question{Name: domain, Type: dns.TypeTXT})
	switch {
	case a.Record == "":
		if f.out.Record, _, err = Discover(ctx, f.reader, domain); err != nil {
			return nil, err
		}
	case err != nil:
		f.warn("DNS did not say what other TXT records stand at %s; they share the room for an answer.", domain)
	}
	f.published = answer
	for i := range answer.Records {
		if text := answer.Records[i].Text; !hasVersion(text) {
			f.others += recordSize(len(strings.Join(text, "")))
		}
	}
	if f.read, err = f.reader.read(domain, f.out.Record); err != nil {
		return nil, err
	}
	if err := f.reader.fault(); err != nil {
		return nil, err
	}
	f.out.Before = f.reader.cost(f.read)
	for i := range f.read.subs {
		s := &f.read.subs[i]
		own := ownSub{sub: s, term: f.read.terms[s.index].tree(f.read.text), saves: f.out.Before.Tree[i].Lookups}
		list, err := f.unfold.term(f.read, s)
		switch {
		case errors.Is(err, errBound):
			return nil, fmt.Errorf("spf: %s: %w", own.term.Text, err)
		case s.hangs:
			own.why = "what it matches depends on the message"
		case s.senders:
			own.why = "its %{o} is another domain for others who use the record"
		case err != nil:
			own.why = strings.TrimPrefix(err.Error(), "spf: ")
			own.broken = s.fails()
		default:
			own.list = list
			for _, c := range list {
				if c.asked {
					own.saves--
				}
			}
		}
		f.own = append(f.own, own)
	}
	return f, nil
}

// fails reports an error of the record at or below a term.
func (s *sub) fails() bool {
	return s.err != nil || s.inner != nil && slices.ContainsFunc(s.inner.subs, func(below sub) bool { return below.fails() })
}

func (f *flattener) warn(format string, a ...any) {
	f.out.Warnings = append(f.out.Warnings, fmt.Sprintf(format, a...))
}

// fault is why not all was read.
func (r *reader) fault() error {
	if r.cut {
		return fmt.Errorf("spf: the record: %w", errBound)
	}
	for q, a := range r.answers {
		if a.err != nil && r.faulty {
			return fmt.Errorf("spf: look up %s %s: %w", q.Type, q.Name, a.err)
		}
	}
	return r.ctx.Err()
}
