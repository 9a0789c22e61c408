package plan

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"unspoof/sender"
	"unspoof/spf"
)

// ErrLockOut is wrapped where the new record shuts out senders that may send
// today, or were seen, and the request does not name them in Drop. The plan is
// given with it; its ShutOut lists them.
var ErrLockOut = errors.New("senders would be shut out")

// ShutOut is one sender whose mail the new record no longer lets in.
type ShutOut struct {
	Name  string `json:"name"`  // what Drop takes: the term of today's record, or the key of the sender in the inventory
	Owner string `json:"owner"` // who it is, for people; "" where not known
	// Terms of today's record that let it in, as written.
	Terms []string `json:"terms"`
	// Addresses lose their right; with Open there may be more, or they cannot be
	// counted (macros, DNS silent).
	Addresses spf.Tally `json:"addresses"`
	Open      bool      `json:"open,omitempty"`
	Ranges    []string  `json:"ranges"` // of these, the first few
	// Messages is how many were seen from there, 0 where none or nobody looked.
	Messages int    `json:"messages"`
	Why      string `json:"why"`     // a sentence
	Dropped  bool   `json:"dropped"` // the request says so

	names   []string // what else Drop may say
	service string   // id in the catalogue, ""
}

// maxRanges is how many ranges a ShutOut names.
const maxRanges = 10

// guard fills in who is shut out. The error wraps ErrLockOut where the request
// does not say so of all of them, and is another where Drop names nobody.
func (b *builder) guard(ctx context.Context, req SPFRequest) error {
	for _, text := range b.old {
		b.comparison(ctx, text)
	}
	b.sightings(req.Inventory)
	b.receivers(ctx)
	if err := b.settle(req); err != nil {
		return err
	}
	b.plan.Lost = []string{}
	var refused []string
	for i := range b.plan.ShutOut {
		s := &b.plan.ShutOut[i]
		b.plan.Lost = append(b.plan.Lost, s.Terms...)
		if s.Dropped {
			b.warn("%s is shut out, as asked.", s.phrase())
			continue
		}
		refused = append(refused, s.phrase())
	}
	if len(refused) == 0 {
		return nil
	}
	return fmt.Errorf("plan: the record shuts out %s: name each among the senders, or say that it may go: %w", few(refused), ErrLockOut)
}

// phrase names a sender with what it loses.
func (s *ShutOut) phrase() string {
	var parts []string
	if s.Owner != "" && !strings.Contains(s.Name, s.Owner) {
		parts = append(parts, s.Owner)
	}
	switch {
	case !s.Addresses.IsZero():
		parts = append(parts, addressesOf(s.Addresses, s.Open))
	case s.Open:
		parts = append(parts, "how many addresses is not known")
	}
	if s.Messages > 0 {
		parts = append(parts, messagesSeen(s.Messages))
	}
	if len(parts) == 0 {
		return s.Name
	}
	return s.Name + " (" + strings.Join(parts, ", ") + ")"
}

// addressesOf says how many addresses, of both families, those of IPv6 in networks of
// /64 where there are more than anybody can read.
func addressesOf(t spf.Tally, more bool) string {
	var parts []string
	add := func(n, one, many string) {
		if n == "1" {
			many = one
		}
		parts = append(parts, n+" "+many)
	}
	if !t.IPv4.IsZero() {
		add(t.IPv4.String(), "IPv4 address", "IPv4 addresses")
	}
	if n := t.IPv6.Big(); n.BitLen() > 64 {
		add(n.Rsh(n, 64).String(), "IPv6 network of /64", "IPv6 networks of /64")
	} else if n.Sign() > 0 {
		add(n.String(), "IPv6 address", "IPv6 addresses")
	}
	text := strings.Join(parts, " and ")
	if more {
		return "at least " + text
	}
	return text
}

// comparison finds the terms of a record of today that let in addresses which the
// new one does not: by the exact sets of both, and by the terms themselves where
// sets cannot tell. Of a record that is not valid, which lets nobody in, the terms
// that can be read count: somebody meant them.
func (b *builder) comparison(ctx context.Context, text string) {
	old, err := spf.Parse(text)
	if err != nil {
		b.broken = true
		if old, err = readable(text); err != nil {
			return
		}
	}
	was, err := spf.Sets(ctx, spf.SetArgs{Domain: b.plan.Domain, Record: old.Text, Resolver: b.resolver})
	var diff spf.Difference
	blind := true
	if err == nil && b.set != nil {
		diff = spf.Diff(was, b.set)
		if len(b.old) == 1 && old.Text == text {
			b.plan.Diff = &diff
		}
		blind = unreadable(was) || unreadable(b.set)
	}
	for i := range old.Terms {
		t := &old.Terms[i]
		b.readmitted(t, &diff)
		out, lost := b.shutOut(ctx, t, &diff, blind)
		if lost && !slices.ContainsFunc(b.plan.ShutOut, func(s ShutOut) bool { return s.Name == out.Name }) {
			b.plan.ShutOut = append(b.plan.ShutOut, out)
		}
	}
}

// readmitted says whom today's record keeps out by a term of their own, and the new
// one lets in.
func (b *builder) readmitted(t *spf.Term, diff *spf.Difference) {
	if !t.Network.IsValid() || t.Result() != spf.Fail {
		return
	}
	r := spf.RangeOf(t.Network)
	for _, c := range diff.Written.Gained {
		if !c.Range.To.Less(r.From) && !r.To.Less(c.Range.From) {
			b.warn("Today's record keeps %s out (%s), and this one lets it in by %s. If that is not meant, name the addresses around it instead.", c.Range, t.Text, c.Via)
			return
		}
	}
}

// readable gives the terms of a broken record that can be read.
func readable(text string) (*spf.Record, error) {
	words := []string{"v=spf1"}
	for _, w := range strings.Fields(text)[1:] {
		if _, err := spf.Parse("v=spf1 " + w); err == nil {
			words = append(words, w)
		}
	}
	return spf.Parse(strings.Join(words, " "))
}

// unreadable reports that a set does not tell all that its record lets in.
func unreadable(s *spf.Set) bool {
	return s.Incomplete != "" || slices.ContainsFunc(s.Ranges, func(r spf.SetRange) bool {
		return r.Result == spf.TempError || r.Result == spf.PermError || r.Result == spf.Unknown
	})
}

// shutOut tells what a term of today's record loses.
func (b *builder) shutOut(ctx context.Context, t *spf.Term, diff *spf.Difference, blind bool) (ShutOut, bool) {
	if t.Kind.Modifier() && t.Kind != spf.KindRedirect || t.Kind != spf.KindRedirect && t.Result() != spf.Pass {
		return ShutOut{}, false
	}
	switch {
	case t.Kind == spf.KindAll, t.Network.IsValid() && t.Network.Bits() == 0:
		b.why("Today's record lets everybody in (%s); the new one does not.", t.Text)
		return ShutOut{}, false
	case t.Network.IsValid() && refusal(t.Network.Masked()) != "":
		b.warn("%s of today's record goes: %s.", t.Text, refusal(t.Network.Masked()))
		return ShutOut{}, false
	}
	out := ShutOut{Name: t.String(), Terms: []string{t.Text}, Ranges: []string{}}
	for _, c := range diff.Written.Lost {
		if c.Via != t.Text {
			continue
		}
		out.add(c.Range)
	}
	symbolic := slices.ContainsFunc(diff.SymbolicLost, func(c spf.SymbolicChange) bool { return c.Via == t.Text })
	kept := b.stands(t)
	switch {
	case !out.Addresses.IsZero():
		out.Why = b.by(t)
		out.Open = symbolic
	case kept:
		return out, false // what is written the same lets in the same
	case symbolic:
		out.Open = true
		out.Why = strings.TrimSuffix(b.by(t), ".") + ", which hangs on each message."
	case blind && b.missing(ctx, t):
		b.why("%s goes: its name has no SPF record, so that it makes today's record invalid and lets nobody in.", t.Text)
		return out, false
	case blind && b.alone(ctx, t, &out):
		if out.Addresses.IsZero() {
			return out, false // another term of the new record lets it in
		}
		out.Why = b.by(t)
	case blind && t.Network.IsValid():
		out.add(spf.RangeOf(t.Network))
		out.Why = b.by(t)
	case blind:
		out.Open = true
		out.Why = "Today's record has " + t.Text + ", and what it lets in could not be made out."
	default:
		return out, false // its addresses are let in otherwise, or there are none
	}
	b.owner(&out, t)
	if service, ok := sender.Find(out.service); ok && ignored(service) && slices.ContainsFunc(b.plan.LeftOut, func(l LeftOut) bool { return l.Service == service.ID }) {
		b.why("%s goes with it: mail of %s is not checked against your record.", t.Text, service.Name)
		return out, false
	}
	return out, true
}

// by says by what a sender is let in today, or is meant to be by a record that breaks.
func (b *builder) by(t *spf.Term) string {
	if b.plan.sound {
		return "Today's record lets it in by " + t.Text + "."
	}
	return "Today's record, which breaks, names it by " + t.Text + "."
}

// add takes a range into what is lost.
func (s *ShutOut) add(r spf.Range) {
	s.Addresses = s.Addresses.Plus(tally(r))
	if len(s.Ranges) < maxRanges {
		s.Ranges = append(s.Ranges, r.String())
	}
}

func tally(r spf.Range) (t spf.Tally) {
	if r.From.Is4() {
		t.IPv4 = r.Count()
	} else {
		t.IPv6 = r.Count()
	}
	return t
}

// stands reports that the new record has a term of the same meaning.
func (b *builder) stands(t *spf.Term) bool {
	switch {
	case t.Kind == spf.KindRedirect:
		return b.seen["include:"+strings.ToLower(t.Domain.Text)]
	case t.Network.IsValid():
		return b.covers(t)
	}
	return b.seen[t.String()]
}

// missing reports that a term leads to a record that is not there, for sure.
func (b *builder) missing(ctx context.Context, t *spf.Term) bool {
	name, ok := t.Domain.Name()
	if !ok || t.Kind != spf.KindInclude && t.Kind != spf.KindRedirect {
		return false
	}
	_, _, err := spf.Discover(ctx, b.resolver, name)
	return errors.Is(err, spf.ErrNoRecord)
}

// owner names who is behind a term of today's record.
func (b *builder) owner(out *ShutOut, t *spf.Term) {
	out.names = termNames(t)
	if t.Domain.Text == "" {
		if !t.Network.IsValid() {
			out.names = append(out.names, b.plan.Domain)
		}
		return
	}
	if hits := sender.ByInclude(t.Domain.Text); len(hits) > 0 {
		out.Owner, out.service = hits[0].Service.Name, hits[0].Service.ID
	}
}

// LeftOut is a service that is named and needs no term: SPF cannot make its mail
// pass DMARC.
type LeftOut struct {
	Service string    `json:"service"` // id in the catalogue
	Name    string    `json:"name"`
	Why     string    `json:"why"`
	DKIM    DKIMSetup `json:"dkim"` // what does
}
