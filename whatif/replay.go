package whatif

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"unspoof/dns"
	"unspoof/inventory"
	"unspoof/spf"
)

// replayer is one Replay.
type replayer struct {
	domain  string
	today   dns.Resolver
	planned *dns.Overlay
	cache   *spf.Cache
	senders map[string]inventory.Sender
	whose   *inventory.Attributor
	inv     *inventory.Inventory

	ways  map[string]outcome
	keys  map[string]keyStates
	sums  map[group]*sum
	notes map[string]bool
	total Sum

	spf      *spf.Difference
	dmarc    *PolicyChange
	stranger []Row
	risks    []string
}

// group is what messages are counted by.
type group struct {
	sender string
	own    bool
}

type sum struct {
	count   int
	changes [3]Change
	whys    map[string]int
}

// maxWhys bounds the reasons counted for one sender: names from mail stand in them,
// and strangers make up names without end.
const maxWhys = 100

// outcome of one way of sending.
type outcome struct {
	before, after [3]Fate
	// open: the message may be treated more harshly than before.
	open [3]bool
	why  string
}

func newReplayer(domain string, args Args) *replayer {
	r := &replayer{
		domain: domain, today: args.Resolver, planned: dns.NewOverlay(args.Resolver, args.Records), cache: spf.NewCache(0),
		senders: map[string]inventory.Sender{}, inv: &args.Inventory,
		risks: []string{}, ways: map[string]outcome{}, keys: map[string]keyStates{}, sums: map[group]*sum{}, notes: map[string]bool{},
	}
	for _, list := range [][]inventory.Sender{args.Inventory.Senders, args.Inventory.Claims} {
		for _, s := range list {
			r.senders[s.Key] = s
		}
	}
	return r
}

// compareSPF finds what the planned records change in who may send.
func (r *replayer) compareSPF(ctx context.Context) {
	var sets [2]*spf.Set
	for i, resolver := range [...]dns.Resolver{r.today, r.planned} {
		set, err := spf.Sets(ctx, spf.SetArgs{Domain: r.domain, Resolver: resolver})
		var fault *dns.Error
		switch {
		case errors.As(err, &fault):
			r.notes["DNS did not answer for the SPF record, so who gains and who loses by it is not known."] = true
			return
		case err != nil:
			r.notes[fmt.Sprintf("Who gains and who loses by SPF could not be told: %v.", err)] = true
			return
		}
		sets[i] = set
	}
	d := spf.Diff(sets[0], sets[1])
	if d.Equal == spf.Same && d.WrittenEqual == spf.Same {
		return
	}
	if d.Equal == spf.CannotSay {
		r.notes["Not all of the SPF records could be compared, so who gains and who loses by them is not wholly known."] = true
	}
	r.spf = &d
}

// add judges one sighting.
func (r *replayer) add(ctx context.Context, s inventory.Sighting) {
	if r.whose == nil {
		r.whose = r.inv.Attributor(ctx, r.today)
	}
	at := r.whose.Of(s)
	if at.Other {
		return
	}
	n := max(s.Count, 1)
	way := wayOf(s)
	out, known := r.ways[way]
	if !known {
		out = r.judge(ctx, s, at)
		if len(r.ways) < maxWays {
			r.ways[way] = out
		}
	}
	g := group{at.Sender, at.Own}
	c := r.sums[g]
	if c == nil {
		c = &sum{whys: map[string]int{}}
		for i, rec := range receivers {
			c.changes[i] = Change{Receiver: rec, Before: map[Fate]int{}, After: map[Fate]int{}}
		}
		r.sums[g] = c
	}
	c.count += n
	if _, told := c.whys[out.why]; told || len(c.whys) < maxWhys {
		c.whys[out.why] += n
	}
	for i := range receivers {
		change := &c.changes[i]
		change.Before[out.before[i]] += n
		change.After[out.after[i]] += n
		switch {
		case out.after[i].Harsher(out.before[i]):
			change.Worse += n
		case out.before[i].Harsher(out.after[i]):
			change.Better += n
		case out.open[i]:
			change.Open += n
		}
	}
	r.count(out, at.Own, n)
}

// count adds to the sums, for a receiver by RFC 9989.
func (r *replayer) count(out outcome, own bool, n int) {
	const rfc9989 = 2
	before, after, open := out.before[rfc9989], out.after[rfc9989], out.open[rfc9989]
	newly, freed := after.Kept() && !before.Kept() && before.Known(), before.Kept() && !after.Kept() && after.Known()
	add := func(to *int, when bool) {
		if when {
			*to += n
		}
	}
	t := &r.total
	if own {
		t.Own += n
		add(&t.Lost, newly)
		add(&t.AtRisk, open && !newly)
		add(&t.Saved, freed)
		return
	}
	t.Unproven += n
	add(&t.Stopped, newly)
	add(&t.LetIn, freed)
	add(&t.Through, after == Accepted && !freed)
	add(&t.Unsure, after == Unknown)
}

// wayOf names all that a sighting says but number, time and place, so that each
// way of sending is judged once.
func wayOf(s inventory.Sighting) string {
	b := make([]byte, 0, 128)
	for _, word := range [...]string{string(s.Source), s.ReverseName, s.HELO, s.From, s.MailFrom, s.SPF, s.Host, s.Via} {
		b = append(strconv.AppendQuote(b, word), ' ')
	}
	for _, yes := range [...]bool{s.Trusted, s.Genuine, s.Confirmed, s.Relay} {
		b = strconv.AppendBool(b, yes)
	}
	b = s.Address.AppendTo(b)
	for _, d := range s.DKIM {
		for _, word := range [...]string{d.Domain, d.Selector, d.Result} {
			b = append(strconv.AppendQuote(b, word), ' ')
		}
	}
	return string(b)
}

// judge takes what is not known both ways.
func (r *replayer) judge(ctx context.Context, s inventory.Sighting, at inventory.Attribution) outcome {
	var before, after [3]cases
	whys := map[string]bool{}
	for _, v := range r.variants(ctx, s, at, false) {
		j := judge(ctx, r.today, r.cache, v.message, v.spf)
		for k, f := range j.fates {
			before[k].add(f)
		}
	}
	for _, v := range r.variants(ctx, s, at, true) {
		j := judge(ctx, r.planned, r.cache, v.message, v.spf)
		whys[j.why()] = true
		for k, f := range j.fates {
			after[k].add(f)
		}
	}
	out := outcome{why: strings.Join(slices.Sorted(maps.Keys(whys)), "; or ")}
	for k := range receivers {
		out.before[k], out.after[k] = before[k].fate(), after[k].fate()
		out.open[k] = after[k].risks(before[k])
	}
	return out
}

// report sums up.
func (r *replayer) report() Report {
	rep := Report{Domain: r.domain, SPF: r.spf, DMARC: r.dmarc, Stranger: r.stranger, Risks: r.risks, Own: []Sender{}, Unproven: []Sender{}, Sum: r.total, Notes: slices.Sorted(maps.Keys(r.notes))}
	if rep.Notes == nil {
		rep.Notes = []string{}
	}
	for g, c := range r.sums {
		s := Sender{Key: g.sender, Name: r.senders[g.sender].Name, Count: c.count, Receivers: c.changes[:], Why: most(c.whys)}
		if s.Name == "" {
			s.Name = "nobody known"
		}
		if g.own {
			rep.Own = append(rep.Own, s)
		} else {
			rep.Unproven = append(rep.Unproven, s)
		}
	}
	for _, list := range [][]Sender{rep.Own, rep.Unproven} {
		slices.SortFunc(list, func(a, b Sender) int {
			x, y := a.Receivers[2], b.Receivers[2]
			return cmp.Or(cmp.Compare(y.Worse, x.Worse), cmp.Compare(y.Open, x.Open), cmp.Compare(b.Count, a.Count), strings.Compare(a.Key, b.Key))
		})
	}
	return rep
}

// most gives the reason of most messages, of equals the first by name.
func most(whys map[string]int) string {
	best := ""
	for _, w := range slices.Sorted(maps.Keys(whys)) {
		if best == "" || whys[w] > whys[best] {
			best = w
		}
	}
	return best
}
