package posture

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"unspoof/lint"
	"unspoof/spf"
)

// reach looks at what the record makes of each address, which settles whether it
// lets everybody send. Where a part of it is an error or was not answered, the terms
// count as they are read: once that part is mended, they let in whom they name.
func (c *checker) reach(ctx context.Context) {
	s := &c.spf
	args := spf.SetArgs{Domain: c.domain, Record: s.text, Resolver: &part{asker: c.ask, left: setQuestions}}
	set, err := spf.Sets(ctx, args)
	if err != nil {
		return
	}
	s.set = set
	if isExact(set) {
		s.everyone, s.open = "", nil
	}
	s.hidden = !isHalf(set.Count(spf.Pass, spf.WithLimits)) && isHalf(set.Count(spf.PermError, spf.WithLimits))
	own, term, yes := lint.EverybodyOnceMended(ctx, args, set)
	if !yes {
		return
	}
	if own != "" && !slices.Contains(s.open, own) {
		s.open = append(s.open, own)
	}
	if s.everyone == "" {
		s.everyone = cmp.Or(own, term) // it takes several where there is no own
	}
	for _, o := range set.Owners(spf.AsWritten) {
		if isHalf(o.Tally) && !slices.Contains(s.open, o.Term) {
			s.open = append(s.open, o.Term)
		}
	}
	for _, t := range c.passingTerms() { // half of everybody by itself, whatever others let in too
		four, six := t.Bits4, t.Bits6
		if t.Network.IsValid() {
			four, six = 32, 128
			if t.Network.Addr().Is4() {
				four = t.Network.Bits()
			} else {
				six = t.Network.Bits()
			}
		}
		hosts := t.Kind == spf.KindA || t.Kind == spf.KindMX
		if (hosts || t.Network.IsValid()) && (four <= 1 || six <= 4) && !slices.Contains(s.open, t.Text) {
			s.open = append(s.open, t.Text)
		}
	}
}

// reachOnceValid looks for everybody in a record that is not valid: in what is left
// without the words that cannot be read.
func (c *checker) reachOnceValid(ctx context.Context) {
	s := &c.spf
	text := strings.Join(slices.DeleteFunc(strings.Fields(s.text), func(word string) bool {
		_, err := spf.Parse("v=spf1 " + word)
		return err != nil
	}), " ")
	rec, err := spf.Parse(text)
	if err != nil {
		return
	}
	p := &part{asker: c.ask, left: setQuestions}
	w := walker{survey: &survey{}, read: reader{ask: c.ask, via: p, shared: c.shared}, seen: map[string]bool{c.domain: true}}
	if w.walk(ctx, rec, ""); w.everyone == "" && !w.mayPassHalf() {
		return
	}
	args := spf.SetArgs{Domain: c.domain, Record: text, Resolver: p}
	set, err := spf.Sets(ctx, args)
	if err != nil {
		return
	}
	if own, term, yes := lint.EverybodyOnceMended(ctx, args, set); yes || !isExact(set) {
		s.everyone, s.hidden = cmp.Or(own, term, w.everyone), true
	}
}

// isHalf reports half of all IPv4 addresses, or of the IPv6 addresses in use.
func isHalf(n spf.Tally) bool { return n.IPv4.Big().BitLen() > 31 || n.IPv6.Big().BitLen() > 124 }

// wideTerm gives the first term of the domain's own record that lets in a very wide
// network, if not everybody, or the way to one by an include; "" none. A term that others before it leave next to
// nobody is none.
func (c *checker) wideTerm() string {
	for _, t := range c.passingTerms() {
		if isWide(t) && c.decides(t.Text) {
			return t.Text
		}
	}
	if w := c.spf.wide; w != nil && c.decides(w.own) {
		return w.own + " > " + w.term
	}
	return ""
}

// wideBelow judges a term of a record that the own term leads to.
func wideBelow(own string, t *spf.Term) *wideNetwork {
	id, size := lint.BreadthBelow(t)
	if id != "SPF-010" && id != "SPF-004" {
		return nil
	}
	return &wideNetwork{own, t.Text, size}
}

// decides reports that many pass by a term of the domain's own record, or that it is
// not known.
func (c *checker) decides(term string) bool {
	set := c.spf.set
	if set == nil || !isExact(set) {
		return true
	}
	return slices.ContainsFunc(set.Owners(spf.AsWritten), func(o spf.Owner) bool {
		return o.Term == term && (o.IPv4.Big().BitLen() > 16 || o.IPv6.Big().BitLen() > 96)
	})
}

// isExact reports a set without errors and gaps.
func isExact(set *spf.Set) bool {
	return set.Incomplete == "" && set.Count(spf.TempError, spf.AsWritten).IsZero() && set.Count(spf.PermError, spf.AsWritten).IsZero()
}

// isWide reports a network that is hardly anybody's own.
func isWide(t *spf.Term) bool {
	id, _ := lint.Breadth(t)
	return id == "SPF-010" || id == "SPF-004"
}
