package spf_test

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"unspoof/spf"
)

// differs compares changes with two sets, address by address.
func differs(old, new *spf.Set, ips []netip.Addr, reading spf.Reading, c *spf.Changes) error {
	for _, ip := range ips {
		was, now := rangeOf(old, ip).Word(reading), rangeOf(new, ip).Word(reading)
		want := ""
		switch {
		case was == now:
		case was == spf.TempError || now == spf.TempError || was == spf.Unknown || now == spf.Unknown:
			want = "unknown"
		case now == spf.Pass:
			want = "gained"
		case was == spf.Pass:
			want = "lost"
		default:
			want = "changed"
		}
		got := ""
		for name, list := range map[string][]spf.Change{"gained": c.Gained, "lost": c.Lost, "changed": c.Changed, "unknown": c.Unknown} {
			for i := range list {
				ch := &list[i]
				if ch.Range.From.BitLen() != ip.BitLen() || ip.Less(ch.Range.From) || ch.Range.To.Less(ip) {
					continue
				}
				if got += name; ch.Was != was || ch.Now != now || ch.Count != ch.Range.Count() {
					return fmt.Errorf("%s: %s to %s, the difference says %+v", ip, was, now, ch)
				}
			}
		}
		if got != want {
			return fmt.Errorf("%s: %s to %s is in %q, not in %q", ip, was, now, got, want)
		}
	}
	return nil
}

// equals compares what is said of equality with the evaluator.
func equals(a, b *referee, ips []netip.Addr, reading spf.Reading, said spf.Equality) error {
	open, differ := false, false
	for _, ip := range ips {
		x, y := rangeOf(a.set, ip), rangeOf(b.set, ip)
		p, q := x.Word(reading), y.Word(reading)
		if len(x.Unless())+len(y.Unless()) > 0 || p == spf.TempError || q == spf.TempError || p == spf.Unknown || q == spf.Unknown {
			open = true
		} else if p != q {
			differ = true
		}
		if said != spf.Same || len(x.Unless())+len(y.Unless()) == 0 && p == q || reading == spf.AsWritten && (x.Hosts || y.Hosts) {
			continue
		}
		for _, seed := range []uint64{0, a.seed | 1} { // the sets say the same; does the evaluator?
			if r, s := a.check(ip, seed, reading, false), b.check(ip, seed, reading, false); r.Result != s.Result && !(reading == spf.AsWritten && (barred(r) || barred(s))) {
				return fmt.Errorf("%s, message %d: %s and %s", ip, seed, r.Result, s.Result)
			}
		}
	}
	want := said
	switch {
	case differ:
		want = spf.Different
	case !open:
		want = spf.Same
	}
	if said != want {
		return fmt.Errorf("want %s", want)
	}
	return nil
}

// shadows removes each term that is said to be of no use.
func (t *trial) shadows(r *referee) error {
	if !t.oneIn(4) {
		return nil
	}
	seeds := []uint64{0, r.seed | 1}
	if len(r.set.Symbolic) == 0 {
		seeds = seeds[:1]
	}
	for _, sh := range r.set.Shadows() {
		if t.old[sh.Span.Start:sh.Span.End] != sh.Term || !sh.Shadowed && !sh.Reached {
			return fmt.Errorf("shadow %+v", sh)
		}
		less, err := spf.Sets(context.Background(), spf.SetArgs{Domain: home, Record: without(t.old, sh.Span), Resolver: t.zone})
		if err != nil {
			return err
		}
		without := &referee{set: less, resolver: replaced{t.zone, home, less.Record}, cache: t.cache, seed: r.seed}
		for _, ip := range samples(r.set, less) {
			for _, seed := range seeds {
				if p, q := r.check(ip, seed, spf.AsWritten, false), without.check(ip, seed, spf.AsWritten, false); p.Result != q.Result && !barred(p) && !barred(q) {
					return fmt.Errorf("%+v: without it, %s is not %s, but %s (message %d)", sh, ip, p.Result, q.Result, seed)
				}
			}
		}
	}
	if t.plain && t.calm && r.set.Count(spf.PermError, spf.AsWritten).IsZero() {
		return t.missed(r.set)
	}
	return nil
}

func without(text string, s spf.Span) string { return text[:s.Start] + text[s.End:] }

// missed looks for terms of no use that are not said to be so.
func (t *trial) missed(s *spf.Set) error {
	said := s.Shadows()
	rec, err := spf.Parse(t.old)
	if err != nil {
		return nil
	}
	all := slices.IndexFunc(rec.Terms, func(x spf.Term) bool { return x.Kind == spf.KindAll })
	for i, term := range rec.Terms {
		if slices.ContainsFunc(said, func(sh spf.Shadow) bool { return sh.Span == term.Span }) {
			continue
		}
		switch {
		case all >= 0 && i > all && !term.Kind.Modifier():
			return fmt.Errorf("%s stands behind %s", term.Text, rec.Terms[all].Text)
		case i == all || term.Kind.Modifier():
			continue
		}
		sets := make([]*spf.Set, 2)
		for k, text := range []string{without(t.old, term.Span), "v=spf1 " + strings.TrimLeft(term.Text, "+-~?") + " -all"} {
			if sets[k], err = spf.Sets(context.Background(), spf.SetArgs{Domain: home, Record: text, Resolver: t.zone}); err != nil {
				return err
			}
		}
		if spf.Equal(s, sets[0], spf.AsWritten) == spf.Same && !sets[1].Count(spf.Pass, spf.AsWritten).IsZero() {
			return fmt.Errorf("%s can go, but is not said to be of no use: %+v", term.Text, said)
		}
	}
	return nil
}
