package plan

import (
	"context"

	"unspoof/spf"
)

// maxAlone is how many terms of broken records are looked at one by one. Records
// have a handful; each costs the questions of a whole record.
const maxAlone = 50

// alone fills in what a term lets in by itself and the new record does not, for
// records of which the rest is no use. Not ok where that can't be made out.
func (b *builder) alone(ctx context.Context, t *spf.Term, out *ShutOut) bool {
	text := "v=spf1 " + t.Text
	if !t.Kind.Modifier() {
		text += " -all"
	}
	if b.alones++; b.set == nil || b.alones > maxAlone {
		return false
	}
	was, err := spf.Sets(ctx, spf.SetArgs{Domain: b.plan.Domain, Record: text, Resolver: b.resolver})
	if err != nil || unreadable(was) || len(was.Symbolic) > 0 {
		return false
	}
	for _, r := range without(was.Of(spf.Pass, spf.AsWritten), b.set.Of(spf.Pass, spf.AsWritten)) {
		out.add(r)
	}
	return true
}

// without takes the ranges of b out of those of a; both are disjoint and in order.
func without(a, b []spf.Range) (left []spf.Range) {
	for _, r := range a {
		for len(b) > 0 && b[0].To.Less(r.From) { // netip puts all of IPv4 before IPv6
			b = b[1:]
		}
		rest := true
		for i := 0; rest && i < len(b) && !r.To.Less(b[i].From); i++ {
			if r.From.Less(b[i].From) {
				left = append(left, spf.Range{From: r.From, To: b[i].From.Prev()})
			}
			if rest = b[i].To.Less(r.To); rest {
				r.From = b[i].To.Next()
			}
		}
		if rest {
			left = append(left, r)
		}
	}
	return left
}
