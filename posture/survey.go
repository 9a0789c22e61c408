package posture

import (
	"context"
	"errors"
	"math/big"
	"net/netip"
	"strings"

	"unspoof/dns"
	"unspoof/spf"
)

// spfState is what stands at the domain.
type spfState int

const (
	spfNone spfState = iota
	spfOK
	spfSeveral
	spfInvalid
	spfFault
)

// survey is what an SPF record and those that it includes let in.
type survey struct {
	state  spfState
	text   string
	syntax *spf.SyntaxError
	record *spf.Record
	cost   spf.Cost
	all    string // qualifier of the all that ends it, through redirects; "" none
	letsIn bool   // some address can pass
	// everyone is the term that lets the whole Internet in, ""; open are all of
	// them, the domain's own.
	everyone string
	open     []string
	broken   []brokenTerm // includes and redirects that don't work
	ptr      string       // a term that uses ptr, "" none
	complete bool         // all records were read
	fault    bool         // DNS did not answer for one
	lookups  int          // that a receiver made up to here: RFC 7208 section 4.6.4
	unread   string       // the first term that was not read and may let somebody in, "" none
	cut      bool         // … because of a limit of ours, not of DNS
	letIn    []string     // names of includes and redirects that can let somebody in
}

// brokenTerm is an include or redirect without a usable record.
type brokenTerm struct {
	term, host, fault string
}

// maxRecords bounds the records that a survey reads, besides the questions.
const maxRecords = 40

// surveySPF reads the domain's record and what it leads to.
func (c *checker) surveySPF(ctx context.Context) {
	s := &c.spf
	text, _, err := spf.Discover(ctx, c.ask, c.domain)
	switch {
	case isFault(err):
		s.state = spfFault
		return
	case errors.Is(err, spf.ErrSeveralRecords):
		s.state = spfSeveral
		return
	case err != nil:
		return
	}
	s.text = text
	if s.record, err = spf.Parse(text); err != nil {
		s.state = spfInvalid
		errors.As(err, &s.syntax)
		return
	}
	s.state, s.complete = spfOK, true
	p := &part{asker: c.ask, left: spfQuestions}
	w := walker{survey: s, read: reader{ask: c.ask, via: p, shared: c.shared}, seen: map[string]bool{c.domain: true}}
	s.all = w.walk(ctx, s.record, "")
	if w.passesHalf() {
		s.everyone = "its networks together"
		s.open = nil // no term does it alone
	}
	if c.quick {
		s.cost = w.read.count(ctx, s.record, c.domain)
		s.complete = s.complete && !s.cost.Incomplete
		return
	}
	// The record was parsed, so the only error there is cannot occur.
	s.cost, _ = spf.Measure(ctx, p, c.domain, text)
	if s.cost.Incomplete {
		s.complete = false
	}
}

// walker goes through the records that can let somebody in.
type walker struct {
	*survey
	read reader
	seen map[string]bool
	size big.Int // IPv4 addresses, those named twice counted twice
}

// walk reads one record. through is the domain's own term that led here, "" in
// the domain's own record. It gives the qualifier of all.
func (w *walker) walk(ctx context.Context, rec *spf.Record, through string) (all string) {
	for i := range rec.Terms {
		t := &rec.Terms[i]
		own := through
		if own == "" {
			own = t.Text
		}
		passes := t.Result() == spf.Pass
		if t.Kind.Counts() && t.Kind != spf.KindRedirect {
			w.lookups++
		}
		switch t.Kind {
		case spf.KindAll:
			if passes {
				w.letsIn = true
				w.letsEveryone(own)
			}
			return t.Qualifier // the rest, redirect too, is never reached
		case spf.KindPTR:
			w.ptr = own
		case spf.KindInclude:
			w.follow(ctx, t, own, passes)
		case spf.KindIP4:
			if passes {
				w.size.Add(&w.size, addresses(t.Network))
			}
		}
		if passes && t.Kind != spf.KindInclude {
			w.letsIn = true
			if t.Network.IsValid() && t.Network.Bits() == 0 || t.Kind == spf.KindA && t.Bits4 == 0 || t.Kind == spf.KindMX && t.Bits4 == 0 {
				w.letsEveryone(own)
			}
		}
	}
	if t := rec.Find(spf.KindRedirect); t != nil {
		own := through
		if own == "" {
			own = t.Text
		}
		w.lookups++
		return w.follow(ctx, t, own, true)
	}
	return ""
}

func (w *walker) letsEveryone(own string) {
	w.open = append(w.open, own)
	w.everyone = w.open[0]
}

// follow reads the record of an include or redirect; what it lets in counts only
// where the term itself passes.
func (w *walker) follow(ctx context.Context, t *spf.Term, own string, passes bool) (all string) {
	name, fixed := t.Domain.Name()
	if !fixed {
		w.letsIn = w.letsIn || passes // it hangs on the message: likely somebody
		w.complete = false
		return ""
	}
	name = strings.ToLower(name)
	if w.seen[name] || len(w.seen) > maxRecords {
		return ""
	}
	w.seen[name] = true
	rec, answer, err := w.read.record(ctx, name)
	if passes {
		w.letIn = append(w.letIn, name)
	}
	if isFault(err) {
		w.letsIn = w.letsIn || passes
		w.complete, w.fault = false, true
		if passes {
			w.miss(own, errors.Is(err, errBudget))
		}
		return ""
	}
	if err != nil {
		w.letsIn = w.letsIn || passes
		fault := strings.TrimPrefix(strings.TrimPrefix(err.Error(), "spf: "), name+": ")
		if answer.RCode == dns.NXDomain && errors.Is(err, spf.ErrNoRecord) {
			fault = "the name does not exist"
		}
		w.broken = append(w.broken, brokenTerm{term: own, host: name, fault: fault})
		return ""
	}
	if passes {
		return w.walk(ctx, rec, own)
	}
	return ""
}

// miss notes a record that was not read. Receivers do not come to one that stands
// behind an error or too many look-ups: to strangers the record is that error.
func (w *walker) miss(own string, cut bool) {
	if w.unread == "" && len(w.broken) == 0 && w.lookups <= maxLookups {
		w.unread, w.cut = own, cut
	}
}

// passesHalf reports half of IPv4 or more: everybody, in effect.
func (w *walker) passesHalf() bool { return w.everyone == "" && w.size.BitLen() > 31 }

// addresses counts those of a network.
func addresses(p netip.Prefix) *big.Int {
	return new(big.Int).Lsh(big.NewInt(1), uint(p.Addr().BitLen()-p.Bits()))
}
