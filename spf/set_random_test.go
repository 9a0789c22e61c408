package spf_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"runtime"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"

	"unspoof/dns"
	"unspoof/spf"
)

// replaced is DNS with another record at one domain.
type replaced struct {
	dns.Resolver
	domain, text string
}

func (r replaced) Lookup(ctx context.Context, q dns.Question) (dns.Answer, error) {
	if q.Type == dns.TypeTXT && strings.EqualFold(q.Name, r.domain) {
		return dns.Answer{Records: []dns.Record{{Type: dns.TypeTXT, Text: []string{r.text}}}}, nil
	}
	return r.Resolver.Lookup(ctx, q)
}

const home = "example.test"

// referee asks the evaluator what a set ought to say.
type referee struct {
	set      *spf.Set
	resolver dns.Resolver
	cache    *spf.Cache
	seed     uint64
}

// check is check_host for one client, under the limits of the standard or nearly
// without.
func (r *referee) check(ip netip.Addr, seed uint64, reading spf.Reading, trace bool) spf.Result {
	c := spf.Checker{Resolver: message{r.resolver, ip, seed}, Cache: r.cache, Trace: trace}
	if reading == spf.AsWritten {
		c.MaxLookups, c.MaxVoids = manyLookups, manyLookups
	}
	return c.Check(context.Background(), spf.Args{IP: ip, MailFrom: "u@" + home, HELO: "mail.helo.test"})
}

func rangeOf(s *spf.Set, ip netip.Addr) *spf.SetRange {
	i := sort.Search(len(s.Ranges), func(i int) bool { return ip.Less(s.Ranges[i].Range.From) }) - 1
	return &s.Ranges[i]
}

// samples are the addresses of the small space and the ends of all ranges.
func samples(sets ...*spf.Set) []netip.Addr {
	list := slices.Clone(smallSpace)
	for _, s := range sets {
		for i := range s.Ranges {
			list = append(list, s.Ranges[i].Range.From, s.Ranges[i].Range.To)
		}
	}
	slices.SortFunc(list, netip.Addr.Compare)
	list = slices.Compact(list)
	return slices.DeleteFunc(list, netip.Addr.Is4In6)
}

// faults compares a set with the evaluator, address by address.
func (r *referee) faults(ips []netip.Addr, trace bool) error {
	if err := covers(r.set); err != nil {
		return err
	}
	seeds := []uint64{0}
	if len(r.set.Symbolic) > 0 {
		seeds = append(seeds, r.seed|1)
	}
	for _, ip := range ips {
		for _, seed := range seeds {
			if err := r.address(ip, seed, trace); err != nil {
				return fmt.Errorf("%s, message %d: %w", ip, seed, err)
			}
		}
	}
	return nil
}

func (r *referee) address(ip netip.Addr, seed uint64, trace bool) error {
	at := rangeOf(r.set, ip)
	got := r.check(ip, seed, spf.WithLimits, trace)
	if err := fits(at, at.Limited, at.May(spf.WithLimits), got, seed); err != nil {
		return fmt.Errorf("with limits %w", err)
	}
	if err := r.asked(at, got); err != nil {
		return err
	}
	if barred(got) {
		got = r.check(ip, seed, spf.AsWritten, false)
		if len(at.Unless()) == 0 && barred(got) && !at.Hosts && at.Lookups <= manyLookups && at.Voids <= manyLookups {
			return fmt.Errorf("%s", got.Cause)
		}
		if barred(got) {
			return nil
		}
	}
	if err := fits(at, at.Result, at.May(spf.AsWritten), got, seed); err != nil {
		return fmt.Errorf("as written %w", err)
	}
	if sure := len(at.Unless()) == 0 || seed == 0; !sure || got.Cause != "" || at.Result == spf.Unknown {
		return nil
	}
	if got.Lookups != at.Lookups || got.Voids != at.Voids {
		return fmt.Errorf("costs %d look-ups and %d voids, the set says %d and %d", got.Lookups, got.Voids, at.Lookups, at.Voids)
	}
	term := ""
	for _, s := range r.set.Path(at.Source) {
		if term = s.Term; !strings.HasPrefix(strings.ToLower(term), "redirect=") {
			break
		}
	}
	if term != got.Mechanism {
		return fmt.Errorf("decided by %q, the set says %q", got.Mechanism, term)
	}
	return nil
}

// manyLookups stands for no limit. More of them are left to loops, which can't
// end otherwise, and to a few records that go through others again and again.
const manyLookups = 60

// barred reports whether a check ended at a limit even so: that, or ten hosts of
// an mx, which a caller can't raise.
func barred(r spf.Result) bool { return strings.Contains(r.Cause, "4.6.4") }

// fits compares a result with those that a range allows.
func fits(at *spf.SetRange, word spf.Word, may []spf.Word, got spf.Result, seed uint64) error {
	if word == got.Result || word == spf.Unknown && (got.Result != spf.PermError || len(may) > 0) {
		return nil
	}
	if len(at.Unless()) > 0 && seed != 0 && slices.Contains(may, got.Result) {
		return nil
	}
	return fmt.Errorf("%s (%s), the set says %s, may be %v", got.Result, got.Cause, word, may)
}

// asked looks whether all symbolic terms that were come to are named.
func (r *referee) asked(at *spf.SetRange, got spf.Result) error {
	for _, step := range got.Trace {
		for i := range r.set.Symbolic {
			src := r.set.Sources[r.set.Symbolic[i].Source]
			if step.Domain == src.Domain && step.Term == src.Term && step.Span == src.Span && step.Term != "" && !slices.ContainsFunc(at.Unless(), func(u int) bool {
				s := r.set.Sources[r.set.Symbolic[u].Source]
				return s.Domain == src.Domain && s.Span == src.Span
			}) {
				return fmt.Errorf("asks %q of %s, which the set does not name", src.Term, src.Domain)
			}
		}
	}
	return nil
}

// covers looks whether ranges hold every address once and can't be merged.
func covers(s *spf.Set) error {
	next := netip.IPv4Unspecified()
	for i := range s.Ranges {
		r := &s.Ranges[i]
		if r.Range.From != next || r.Range.To.Less(r.Range.From) {
			return fmt.Errorf("range %s where one from %s should be", r.Range, next)
		}
		if next = r.Range.To.Next(); !next.IsValid() {
			if r.Range.To.Is6() {
				return nil
			}
			next = netip.IPv6Unspecified()
			continue
		}
		if n := s.Ranges[i+1]; n.Source == r.Source && n.Result == r.Result && n.Lookups == r.Lookups && n.Voids == r.Voids && len(n.Unless())+len(r.Unless()) == 0 && n.Hosts == r.Hosts {
			return fmt.Errorf("%s and %s are one", r.Range, n.Range)
		}
	}
	return fmt.Errorf("ends before %s", next)
}

// trial is a world with two records of the home domain.
type trial struct {
	world
	old, new string
	oldDNS   dns.Resolver
	newDNS   dns.Resolver
	cache    *spf.Cache
}

func newTrial(seed uint64, cache *spf.Cache) *trial {
	t := &trial{world: world{Rand: rand.New(rand.NewPCG(seed, 1))}, cache: cache}
	t.plain = seed%2 == 0
	t.calm = seed%8 < 2
	t.fill()
	if records := t.zone.at(home).records[dns.TypeTXT]; len(records) == 1 {
		t.old = records[0].Text[0]
	}
	t.new = t.variant(t.old)
	t.oldDNS = t.zone
	t.newDNS = replaced{t.zone, home, t.new}
	return t
}

// variant changes a record a little, or not in its meaning.
func (t *trial) variant(text string) string {
	terms := strings.Fields(text)[1:]
	at := func() int { return t.IntN(len(terms) + 1) }
	switch t.IntN(6) {
	case 0:
		return t.record()
	case 1:
		terms = slices.Insert(terms, at(), t.term())
	case 2:
		if len(terms) > 0 {
			terms = slices.Delete(terms, 0, 1)
		}
	case 3:
		if len(terms) > 0 {
			terms = slices.Insert(terms, at(), terms[t.IntN(len(terms))])
		}
	case 4:
		if len(terms) > 1 {
			i := t.IntN(len(terms) - 1)
			terms[i], terms[i+1] = terms[i+1], terms[i]
		}
	}
	return strings.Join(append([]string{"v=spf1"}, terms...), " ")
}

func (t *trial) sets() (old, new *spf.Set, err error) {
	if old, err = spf.Sets(context.Background(), spf.SetArgs{Domain: home, Resolver: t.oldDNS}); err == nil {
		new, err = spf.Sets(context.Background(), spf.SetArgs{Domain: home, Record: t.new, Resolver: t.oldDNS})
	}
	return old, new, err
}

// run checks sets, difference, equality and shadows of one trial.
func (t *trial) run() error {
	old, new, err := t.sets()
	if err != nil {
		return err
	}
	ips := samples(old, new)
	before := &referee{set: old, resolver: t.oldDNS, cache: t.cache, seed: t.Uint64()}
	after := &referee{set: new, resolver: t.newDNS, cache: t.cache, seed: before.seed}
	trace := t.oneIn(8)
	if err := before.faults(ips, trace); err != nil {
		return fmt.Errorf("old: %w", err)
	}
	if err := after.faults(ips, trace); err != nil {
		return fmt.Errorf("new: %w", err)
	}
	d := spf.Diff(old, new)
	for _, c := range []struct {
		reading spf.Reading
		changes *spf.Changes
		equal   spf.Equality
	}{{spf.WithLimits, &d.Changes, d.Equal}, {spf.AsWritten, &d.Written, d.WrittenEqual}} {
		if err := differs(old, new, ips, c.reading, c.changes); err != nil {
			return fmt.Errorf("diff, reading %d: %w", c.reading, err)
		}
		if err := equals(before, after, ips, c.reading, c.equal); err != nil {
			return fmt.Errorf("equality %q, reading %d: %w", c.equal, c.reading, err)
		}
	}
	return t.shadows(before)
}

func TestRandomRecords(t *testing.T) {
	shards, trials := runtime.GOMAXPROCS(0), randomTrials
	if testing.Short() {
		trials /= 10
	}
	var group sync.WaitGroup
	for shard := range shards {
		group.Go(func() {
			cache := spf.NewCache(0)
			for n := shard; n < trials && !t.Failed(); n += shards {
				tr := newTrial(uint64(n), cache)
				if err := tr.run(); err != nil {
					t.Errorf("trial %d: %v\n%s", n, err, tr.describe())
				}
			}
		})
	}
	group.Wait()
}

// describe is what a trial is about, for its failure.
func (t *trial) describe() string {
	var b strings.Builder
	fmt.Fprintf(&b, "old %s\nnew %s\n", t.old, t.new)
	for name, n := range t.zone {
		for typ, records := range n.records {
			for _, r := range records {
				fmt.Fprintf(&b, "%s %s %s%s%s\n", name, typ, strings.Join(r.Text, "|"), r.Host, strings.TrimPrefix(r.Addr.String(), "invalid IP"))
			}
		}
		if n.rest != "" || len(n.fault) > 0 {
			fmt.Fprintf(&b, "%s FAULT %s %v\n", name, n.rest, n.fault)
		}
	}
	return b.String()
}
