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
	f.out.Snapshot = f.snapshot(a)
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
	out    Flattened
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
	f.out = Flattened{Domain: domain, Record: a.Record, Publish: []Published{}, Replaced: []Replaced{}, Kept: []Kept{}, Dropped: []Dropped{}, Cuts: []Cut{}, Warnings: []string{}}
	answer, err := f.reader.Lookup(ctx, dns.Question{Name: domain, Type: dns.TypeTXT})
	switch {
	case a.Record == "":
		if f.out.Record, _, err = Discover(ctx, f.reader, domain); err != nil {
			return nil, err
		}
	case err != nil:
		f.warn("DNS did not say what other TXT records stand at %s; they share the room for an answer.", domain)
	}
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

// prove holds the outcome against the record that it was made from.
func (f *flattener) prove(ctx context.Context) error {
	view := preview{f.reader, f.out.Publish}
	after := newReader(ctx, view)
	read, err := after.read(f.out.Domain, f.out.Publish[0].Text)
	if err != nil {
		return fmt.Errorf("spf: %w: %w", ErrNotEqual, err)
	}
	f.out.After = after.cost(read)
	if !f.out.Changed {
		return nil
	}
	args := SetArgs{Domain: f.out.Domain, Record: f.out.Record, Resolver: f.reader}
	was, err := Sets(ctx, args)
	if err != nil {
		return err
	}
	args.Record, args.Resolver = f.out.Publish[0].Text, view
	now, err := Sets(ctx, args)
	if err != nil {
		return err
	}
	switch Equal(was, now, AsWritten) {
	case Same:
		return nil
	case Different:
		return fmt.Errorf("spf: %s: %w", clip(f.out.Publish[0].Text), ErrNotEqual)
	}
	// What hangs on the message is the same terms with the same before, between
	// and after them.
	again, err := f.kept(read)
	if err != nil || !slices.EqualFunc(parts(f.list), parts(again), SnapshotPart.equal) {
		return fmt.Errorf("spf: what hangs on the message leaves it open: %w", ErrNotEqual)
	}
	return nil
}

// kept gives the claims of a written record, its parts unfolded and all other terms
// that need DNS as they are.
func (f *flattener) kept(read *reading) ([]claim, error) {
	u := &unfolder{domain: read.domain}
	again := &flattener{read: read, unfold: u}
	for i := range read.subs {
		s := &read.subs[i]
		own := ownSub{sub: s, term: read.terms[s.index].tree(read.text)}
		if slices.ContainsFunc(f.out.Publish[1:], func(p Published) bool { return p.Name == dns.Canonical(s.name) }) {
			var err error
			if own.list, err = u.term(read, s); err != nil {
				return nil, err
			}
			own.chosen = true
		}
		again.own = append(again.own, own)
	}
	list, _, open := again.claims()
	return again.ended(list, open), nil
}
