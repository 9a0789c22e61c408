package spf

import "slices"

// Difference is what changes from one set to another.
type Difference struct {
	Changes          // as receivers see it, with limits
	Equal   Equality `json:"equal"` // of that reading
	// Written is the same for what the records would say without limits.
	Written      Changes  `json:"as_written"`
	WrittenEqual Equality `json:"as_written_equal"`
	// SymbolicGained and SymbolicLost are the symbolic terms that only the new,
	// or only the old set has: of a kind, name and effect.
	SymbolicGained []SymbolicChange `json:"symbolic_gained"`
	SymbolicLost   []SymbolicChange `json:"symbolic_lost"`
}

// Changes are ranges whose result changes, in ascending order, IPv4 first.
// Adjoining ranges with the same way there are one.
type Changes struct {
	Gained  []Change `json:"gained"`  // pass that was none
	Lost    []Change `json:"lost"`    // pass that is none
	Changed []Change `json:"changed"` // between other results
	// Unknown are ranges about which one set says something and the other can't: DNS
	// did not answer, the walk was cut off, or a redirect hangs on the message.
	Unknown []Change `json:"unknown"`
}

// Change is a range whose result changes.
type Change struct {
	Range Range `json:"range"`
	Count Count `json:"count"`
	// Via is the term of the set's own record that is responsible: of the old
	// record for what is lost, and for what only that does not tell, else of the new
	// one; "" where none of its terms
	// decides. Domain is that of the record to which an include or redirect of
	// that text leads, Path the terms from there on to the one that decides.
	Via    string   `json:"via"`
	Domain string   `json:"domain,omitempty"`
	Path   []string `json:"path,omitempty"`
	Was    Word     `json:"was"`
	Now    Word     `json:"now"`
	// Conditional is true where symbolic terms may decide before, in either set.
	Conditional bool `json:"conditional,omitempty"`
}

// SymbolicChange is a symbolic term that one of two sets has.
type SymbolicChange struct {
	Kind   Kind    `json:"kind"`
	Spec   string  `json:"spec"`
	Result Word    `json:"result,omitempty"` // where it matches
	Via    string  `json:"via"`              // the term of the set's own record
	Ranges []Range `json:"ranges"`           // the clients for whom it may be asked
}

// None reports whether there are no changes, as far as that is known.
func (c *Changes) None() bool { return len(c.Gained)+len(c.Lost)+len(c.Changed) == 0 }

// Diff says what changes from old to new. Where symbolic terms come before a
// range, it compares what comes when none of them matches.
func Diff(old, new *Set) Difference {
	d := Difference{
		Equal: Equal(old, new, WithLimits), WrittenEqual: Equal(old, new, AsWritten),
		SymbolicGained: symbolicBeside(new, old), SymbolicLost: symbolicBeside(old, new),
	}
	d.Changes = changes(old, new, WithLimits)
	d.Written = changes(old, new, AsWritten)
	return d
}

// pairs calls each for the runs of addresses that are within one range of both
// sets, in order, until it gives false.
func pairs(a, b *Set, each func(r Range, x, y *SetRange) bool) {
	i, j := 0, 0
	for i < len(a.Ranges) && j < len(b.Ranges) {
		x, y := &a.Ranges[i], &b.Ranges[j]
		r := x.Range
		if r.From.Less(y.Range.From) {
			r.From = y.Range.From
		}
		switch c := x.Range.To.Compare(y.Range.To); {
		case c < 0:
			i++
		case c > 0:
			r.To = y.Range.To
			j++
		default:
			i++
			j++
		}
		if !each(r, x, y) {
			return
		}
	}
}

func changes(old, new *Set, reading Reading) Changes {
	c := Changes{Gained: []Change{}, Lost: []Change{}, Changed: []Change{}, Unknown: []Change{}}
	oldWays, newWays := ways{set: old}, ways{set: new}
	pairs(old, new, func(r Range, x, y *SetRange) bool {
		was, now := x.Word(reading), y.Word(reading)
		if was == now {
			return true
		}
		list, w := &c.Changed, newWays.to(y.Source)
		switch {
		case !now.told():
			list = &c.Unknown
		case !was.told():
			list, w = &c.Unknown, oldWays.to(x.Source)
		case now == Pass:
			list = &c.Gained
		case was == Pass:
			list, w = &c.Lost, oldWays.to(x.Source)
		}
		next := Change{Range: r, Via: w.via, Domain: w.domain, Path: w.path, Was: was, Now: now,
			Conditional: x.Depends != nil || y.Depends != nil}
		if n := len(*list); n > 0 && (*list)[n-1].joins(&next) {
			(*list)[n-1].Range.To = r.To
			return true
		}
		*list = append(*list, next)
		return true
	})
	for _, list := range [][]Change{c.Gained, c.Lost, c.Changed, c.Unknown} {
		for i := range list {
			list[i].Count = list[i].Range.Count()
		}
	}
	return c
}

// told reports whether a result in a set says what becomes of a client.
func (w Word) told() bool { return w != TempError && w != Unknown }

// joins reports whether d goes on where c ends.
func (c *Change) joins(d *Change) bool {
	return c.Was == d.Was && c.Now == d.Now && c.Conditional == d.Conditional && c.Via == d.Via &&
		c.Range.To.Next() == d.Range.From && slices.Equal(c.Path, d.Path)
}

// ways names the terms that lead to a source.
type ways struct {
	set   *Set
	known []*way
}

type way struct {
	via, domain string
	path        []string
}

func (w *ways) to(source int) *way {
	if w.known == nil {
		w.known = make([]*way, len(w.set.Sources))
	}
	if w.known[source] == nil {
		path := w.set.Path(source)
		x := &way{via: path[0].Term}
		if len(path) > 1 {
			x.domain = path[1].Domain
		}
		for _, s := range path[1:] {
			x.path = append(x.path, s.Term)
		}
		w.known[source] = x
	}
	return w.known[source]
}
