package posture

import (
	"context"
	"slices"

	"unspoof/lint"
	"unspoof/spf"
)

// reach looks at what the record makes of each address, which settles whether it
// lets everybody send. Where a part of it is an error or was not answered, the terms
// count as they are read: once that part is mended, they let in whom they name.
func (c *checker) reach(ctx context.Context) {
	s := &c.spf
	set, err := spf.Sets(ctx, spf.SetArgs{Domain: c.domain, Record: s.text, Resolver: &part{asker: c.ask, left: setQuestions}})
	if err != nil {
		return
	}
	s.set = set
	if isExact(set) {
		s.everyone, s.open = "", nil
	}
	own, term, yes := lint.Everybody(set)
	if !yes {
		return
	}
	if own == "" {
		own = term // it takes several
	}
	if s.everyone == "" {
		s.everyone = own
	}
	for _, o := range set.Owners(spf.AsWritten) {
		if (o.IPv4.Big().BitLen() > 31 || o.IPv6.Big().BitLen() > 124) && !slices.Contains(s.open, o.Term) {
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

// wideTerm gives the first term of the domain's own record that lets in a very wide
// network, if not everybody; "" none. A term that others before it leave next to
// nobody is none.
func (c *checker) wideTerm() string {
	for _, t := range c.passingTerms() {
		if isWide(t) && c.decides(t.Text) {
			return t.Text
		}
	}
	return ""
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
