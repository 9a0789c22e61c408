package spf

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"unspoof/dns"
)

// DriftArgs says which snapshot to compare with what DNS says now.
type DriftArgs struct {
	Snapshot Snapshot
	Resolver dns.Resolver // required
}

// Drifted is what has changed since a record was flattened.
type Drifted struct {
	Domain  string `json:"domain"`
	Changed bool   `json:"changed"` // something below has
	// Unknown is true where DNS did not answer, or there is too much to read, so that
	// more may have changed.
	Unknown   bool             `json:"unknown"`
	Terms     []DriftedTerm    `json:"terms"`     // all flattened ones
	Published []DriftedPublish `json:"published"` // all that was to be published
}

// DriftedTerm is what has become of a flattened term.
type DriftedTerm struct {
	Term    string  `json:"term"`
	Changed bool    `json:"changed"`
	Gained  []Range `json:"gained"` // that it lets in now, the flattened record does not
	Lost    []Range `json:"lost"`   // that the flattened record still lets in
	// Why says what else is different: a record is gone, or holds a macro now; or
	// why it isn't known.
	Why     string          `json:"why,omitempty"`
	Unknown bool            `json:"unknown,omitempty"`
	Sources []DriftedSource `json:"sources"` // those that changed
}

// DriftedSource is an answer that is another than in the snapshot.
type DriftedSource struct {
	Name   string  `json:"name"`
	Type   string  `json:"type"`
	Gained []Range `json:"gained"` // that it lists now
	Lost   []Range `json:"lost"`
	Why    string  `json:"why"` // "new", "gone", "lists other addresses", "changed"
}

// DriftedPublish is a record as it was to be published, and as it is.
type DriftedPublish struct {
	Name    string `json:"name"`
	Changed bool   `json:"changed"`
	Want    string `json:"want"`
	Have    string `json:"have"` // "" where there is none
	Why     string `json:"why,omitempty"`
	Unknown bool   `json:"unknown,omitempty"`
}

// Drift asks again for all that a flattened record was made from, and for what was
// published, and says what is different in effect. Answers that changed without
// any effect on the addresses are no change; they are listed in the sources. The
// error wraps ErrSnapshot, or is that of ctx; that DNS did not answer is no error.
func Drift(ctx context.Context, a DriftArgs) (Drifted, error) {
	s := &a.Snapshot
	if err := s.check(); err != nil {
		return Drifted{}, fmt.Errorf("spf: %w: %w", ErrSnapshot, err)
	}
	out := Drifted{Domain: s.Domain, Terms: []DriftedTerm{}, Published: []DriftedPublish{}}
	words := []string{version}
	for i := range s.Terms {
		words = append(words, s.Terms[i].Term)
	}
	if _, err := Parse(strings.Join(words, " ")); err != nil { // two redirects, say
		return Drifted{}, fmt.Errorf("spf: %w: %w", ErrSnapshot, err)
	}
	r := newReader(ctx, a.Resolver)
	for i := range s.Terms {
		t := DriftedTerm{Term: s.Terms[i].Term, Gained: []Range{}, Lost: []Range{}, Sources: []DriftedSource{}}
		if err := t.compare(&s.Terms[i], r, s.Domain); err != nil {
			return Drifted{}, fmt.Errorf("spf: %w: %w", ErrSnapshot, err)
		}
		out.Changed, out.Unknown = out.Changed || t.Changed, out.Unknown || t.Unknown
		out.Terms = append(out.Terms, t)
	}
	for i := range s.Publish {
		p := s.published(ctx, a.Resolver, i)
		out.Changed, out.Unknown = out.Changed || p.Changed, out.Unknown || p.Unknown
		out.Published = append(out.Published, p)
	}
	return out, ctx.Err()
}

// compare says what has become of a term. Each is read with all the room that
// there is, so that one which has grown takes none from the others.
func (t *DriftedTerm) compare(was *SnapshotTerm, r *reader, domain string) error {
	r.terms, r.cut = 0, false
	read, err := r.read(domain, version+" "+t.Term)
	if err != nil && !errors.Is(err, errBound) {
		return err
	}
	if err != nil || r.cut || len(read.subs) != 1 {
		t.Unknown, t.Why = true, errBound.Error()
		return nil
	}
	s := &read.subs[0]
	list, err := (&unfolder{domain: read.domain}).term(read, s)
	if err != nil {
		t.Why = strings.TrimPrefix(strings.TrimPrefix(err.Error(), "spf: "), "dns: ")
		if t.Unknown = s.unsure() || errors.Is(err, errBound); t.Unknown {
			return nil // nothing is known to have changed
		}
		list = nil
	}
	now := parts(list)
	before, after := matched(was.Parts), matched(now)
	t.Gained, t.Lost = ranges(minus(after, before)), ranges(minus(before, after))
	t.Changed = err != nil || !slices.EqualFunc(was.Parts, now, SnapshotPart.equal)
	if t.Changed && err == nil && len(t.Gained)+len(t.Lost) == 0 {
		t.Why = "the same addresses are decided about in another order, or what depends on the message has changed"
	}
	t.Sources = driftedSources(was.Sources, r.sources(s))
	return nil
}

// unsure reports that DNS did not answer at a term, or below.
func (s *sub) unsure() bool {
	return s.fault != nil || s.inner != nil && slices.ContainsFunc(s.inner.subs, func(below sub) bool { return below.unsure() })
}

// equal compares two parts as drift sees them.
func (p SnapshotPart) equal(q SnapshotPart) bool {
	a, b := spansOfRanges(p.Ranges), spansOfRanges(q.Ranges)
	return p.Result == q.Result && p.Term == q.Term && empty(minus(a, b)) && empty(minus(b, a))
}

// matched gives the addresses of parts, whatever they get.
func matched(list []SnapshotPart) [2][]span {
	var all []Range
	for i := range list {
		all = append(all, list[i].Ranges...)
	}
	return spansOfRanges(all)
}

func spansOfRanges(list []Range) (out [2][]span) {
	for _, r := range list {
		f := familyOf(r.From)
		out[f] = append(out[f], span{addressOf(r.From), f.highest(addressOf(r.To))})
	}
	for f := range out {
		out[f] = family(f).merge(out[f])
	}
	return out
}

// driftedSources compares the answers that a term rests on.
func driftedSources(was, now []SnapshotSource) []DriftedSource {
	out := []DriftedSource{}
	same := func(a SnapshotSource) func(SnapshotSource) bool {
		return func(b SnapshotSource) bool { return a.Name == b.Name && a.Type == b.Type }
	}
	for _, w := range was {
		d := DriftedSource{Name: w.Name, Type: w.Type, Gained: []Range{}, Lost: append([]Range{}, w.Ranges...), Why: "not asked any more"}
		if i := slices.IndexFunc(now, same(w)); i >= 0 {
			n := now[i]
			before, after := spansOfRanges(w.Ranges), spansOfRanges(n.Ranges)
			d.Gained, d.Lost = ranges(minus(after, before)), ranges(minus(before, after))
			switch {
			case len(d.Gained)+len(d.Lost) > 0:
				d.Why = "lists other addresses"
			case w.Text != n.Text || !slices.Equal(w.Names, n.Names):
				d.Why = "changed"
			default:
				continue
			}
		}
		out = append(out, d)
	}
	for _, n := range now {
		if !slices.ContainsFunc(was, same(n)) {
			out = append(out, DriftedSource{Name: n.Name, Type: n.Type, Gained: n.Ranges, Lost: []Range{}, Why: "new"})
		}
	}
	return out
}

// published compares one of the records with what stands there.
func (s *Snapshot) published(ctx context.Context, r dns.Resolver, i int) DriftedPublish {
	p := DriftedPublish{Name: s.Publish[i].Name, Want: s.Publish[i].Text}
	have, _, err := Discover(ctx, r, p.Name)
	p.Have = have
	switch {
	case err != nil && isFault(err):
		p.Unknown, p.Why = true, "DNS did not answer: "+faultWord(err)
	case err != nil:
		p.Changed, p.Why = true, strings.TrimPrefix(err.Error(), "spf: "+p.Name+": ")
	case plain(have) == plain(p.Want):
	case i == 0 && plain(have) == plain(s.Record):
		p.Changed, p.Why = true, "it is still the record that was flattened"
	case i == 0 && s.madeEarlier(plain(have)):
		p.Changed, p.Why = true, "it is the record that was made before this one"
	default:
		p.Changed, p.Why = true, "it is another record than was made"
	}
	return p
}

// plain is a record in its plain form; one that is broken as it is.
func plain(text string) string {
	rec, err := Parse(text)
	if err != nil {
		return text
	}
	return rec.String()
}
