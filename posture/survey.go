package posture

import (
	"context"
	"errors"
	"math/big"
	"slices"
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
	hangs  bool   // what ends it hangs on the message: a redirect by a macro
	letsIn bool   // some address can pass
	// set is what the record makes of each address, nil where that was not looked
	// at. everyone is the term that lets the whole Internet in, ""; open are all of
	// them, the domain's own.
	set      *spf.Set
	everyone string
	open     []string
	hidden   bool         // an error comes before everyone, so that strict receivers let nobody in yet
	broken   []brokenTerm // includes and redirects that don't work
	ptr      string       // a term that uses ptr, "" none
	complete bool         // all records were read
	fault    bool         // DNS did not answer for one
	lookups  int          // that a receiver made up to here: RFC 7208 section 4.6.4
	unread   string       // the first term that was not read and may let somebody in, "" none
	cut      bool         // … because of a limit of ours, not of DNS
	wide     *wideNetwork // the first very wide network that comes by an include
	letIn    []string     // names of includes and redirects that can let somebody in
}

// wideNetwork is one in the record of another name.
type wideNetwork struct {
	own, term string // the domain's own term that leads to it, and the network
	size      string // its addresses, in words
}

// brokenTerm is an include or redirect without a usable record.
type brokenTerm struct {
	term, host, fault string
}

// oversteps reports a record that is an error to strangers by the limits on look-ups
// (RFC 7208 section 4.6.4), or by a loop. Of voids those count that every stranger
// meets.
func (s *survey) oversteps() bool {
	return s.cost.Lookups > maxLookups || s.cost.Loop || s.cost.Hosts > maxHosts || min(s.cost.VoidsIPv4, s.cost.VoidsIPv6) > maxVoids
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
		c.reachOnceValid(ctx)
		return
	}
	s.state, s.complete = spfOK, true
	p := &part{asker: c.ask, left: spfQuestions}
	w := walker{survey: s, read: reader{ask: c.ask, via: p, shared: c.shared}, seen: map[string]bool{c.domain: true}}
	w.walk(ctx, s.record, "")
	s.all = w.end(ctx, s.record, maxRecords)
	if !c.quick || s.everyone != "" || w.mayPassHalf() || c.wideTerm() != "" {
		c.reach(ctx)
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
	// Addresses that may pass at most: those named twice count twice, and a host has
	// sixteen.
	most4, most6 big.Int
}

// walk reads one record. through is the domain's own term that led here, "" in
// the domain's own record.
func (w *walker) walk(ctx context.Context, rec *spf.Record, through string) {
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
			return // the rest, redirect too, is never reached
		case spf.KindPTR:
			w.ptr = own
		case spf.KindInclude:
			w.follow(ctx, t, own, passes)
		case spf.KindIP4:
			if passes {
				w.most4.Add(&w.most4, power(32-t.Network.Bits()))
			}
		case spf.KindIP6:
			if passes {
				w.most6.Add(&w.most6, power(128-t.Network.Bits()))
			}
		case spf.KindExists:
			if passes && isSteady(t) {
				w.most4.Add(&w.most4, power(32)) // if the name exists, it does for everybody
			}
		case spf.KindA, spf.KindMX:
			if passes {
				w.most4.Add(&w.most4, power(36-t.Bits4))
				w.most6.Add(&w.most6, power(132-t.Bits6))
			}
		}
		if passes && through != "" && w.wide == nil {
			w.wide = wideBelow(through, t)
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
		w.follow(ctx, t, own, true)
	}
}

// end gives the qualifier of the all that a record ends in, through redirects; each
// is known by now. depth bounds how many.
func (w *walker) end(ctx context.Context, rec *spf.Record, depth int) string {
	if t := rec.Find(spf.KindAll); t != nil {
		return t.Qualifier
	}
	t := rec.Find(spf.KindRedirect)
	if t == nil {
		return ""
	}
	name, fixed := t.Domain.Name()
	if w.hangs = w.hangs || !fixed; !fixed || depth == 0 {
		return ""
	}
	next, _, err := w.read.record(ctx, strings.ToLower(name))
	if err != nil {
		return ""
	}
	return w.end(ctx, next, depth-1)
}

func (w *walker) letsEveryone(own string) {
	w.open = append(w.open, own)
	w.everyone = w.open[0]
}

// follow reads the record of an include or redirect; what it lets in counts only
// where the term itself passes.
func (w *walker) follow(ctx context.Context, t *spf.Term, own string, passes bool) {
	name, fixed := t.Domain.Name()
	if !fixed {
		w.letsIn = w.letsIn || passes // it hangs on the message: likely somebody
		w.complete = false
		return
	}
	name = strings.ToLower(name)
	if w.seen[name] || len(w.seen) > maxRecords {
		return
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
		return
	}
	if err != nil {
		w.letsIn = w.letsIn || passes
		fault := strings.TrimPrefix(strings.TrimPrefix(err.Error(), "spf: "), name+": ")
		if answer.RCode == dns.NXDomain && errors.Is(err, spf.ErrNoRecord) {
			fault = "the name does not exist"
		}
		w.broken = append(w.broken, brokenTerm{term: own, host: name, fault: fault})
		return
	}
	if passes {
		w.walk(ctx, rec, own)
	}
}

// miss notes a record that was not read. Receivers do not come to one that stands
// behind an error or too many look-ups: to strangers the record is that error.
func (w *walker) miss(own string, cut bool) {
	if w.unread == "" && len(w.broken) == 0 && w.lookups <= maxLookups {
		w.unread, w.cut = own, cut
	}
}

// mayPassHalf reports that half of IPv4 or of IPv6 may pass, so that it is worth
// the exact look.
func (w *walker) mayPassHalf() bool { return w.most4.BitLen() > 31 || w.most6.BitLen() > 124 }

// isSteady reports an exists whose name is much the same whoever sends.
func isSteady(t *spf.Term) bool {
	return !slices.ContainsFunc(t.Domain.Parts, func(p spf.Part) bool {
		return p.Macro != nil && !strings.Contains("dov", strings.ToLower(p.Macro.Letter))
	})
}

// power is 2^n.
func power(n int) *big.Int { return new(big.Int).Lsh(big.NewInt(1), uint(n)) }
