package plan

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"unspoof/dns"
	"unspoof/inventory"
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

	names []string // what else Drop may say
}

// maxRanges is how many ranges a ShutOut names.
const maxRanges = 10

// guard fills in who is shut out. The error wraps ErrLockOut where the request
// does not say so of all of them, and is another where Drop names nobody.
func (b *builder) guard(ctx context.Context, req SPFRequest) error {
	if b.plan.Today != "" {
		b.comparison(ctx)
	}
	b.sightings(ctx, req.Inventory)
	if err := b.drops(req); err != nil {
		return err
	}
	b.plan.Lost = nil
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
		parts = append(parts, fmt.Sprintf("%d messages seen", s.Messages))
	}
	if len(parts) == 0 {
		return s.Name
	}
	return s.Name + " (" + strings.Join(parts, ", ") + ")"
}

// addressesOf says how many addresses, of both families.
func addressesOf(t spf.Tally, more bool) string {
	var parts []string
	if !t.IPv4.IsZero() {
		parts = append(parts, t.IPv4.String()+" IPv4")
	}
	if !t.IPv6.IsZero() {
		parts = append(parts, t.IPv6.String()+" IPv6")
	}
	text := strings.Join(parts, " and ") + " addresses"
	if t.IPv4.Plus(t.IPv6).String() == "1" {
		text = strings.TrimSuffix(text, "es")
	}
	if more {
		return "at least " + text
	}
	return text
}

// comparison finds the terms of today's record that let in addresses which the
// new one does not: by the exact sets of both, and by the terms themselves where
// sets cannot tell.
func (b *builder) comparison(ctx context.Context) {
	old, err := spf.Parse(b.plan.Today)
	if err != nil {
		return
	}
	was, err := spf.Sets(ctx, spf.SetArgs{Domain: b.plan.Domain, Record: b.plan.Today, Resolver: b.resolver})
	var diff spf.Difference
	blind := true
	if err == nil && b.set != nil {
		diff = spf.Diff(was, b.set)
		b.plan.Diff = &diff
		blind = unreadable(was) || unreadable(b.set)
	}
	for i := range old.Terms {
		t := &old.Terms[i]
		out, lost := b.shutOut(ctx, t, &diff, blind)
		if lost {
			b.plan.ShutOut = append(b.plan.ShutOut, out)
		}
	}
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
		out.Addresses = out.Addresses.Plus(tally(c.Range))
		if len(out.Ranges) < maxRanges {
			out.Ranges = append(out.Ranges, c.Range.String())
		}
	}
	symbolic := slices.ContainsFunc(diff.SymbolicLost, func(c spf.SymbolicChange) bool { return c.Via == t.Text })
	kept := b.stands(t)
	switch {
	case !out.Addresses.IsZero():
		out.Why = "Today's record lets it in by " + t.Text + "."
		out.Open = symbolic
	case kept:
		return out, false // what is written the same lets in the same
	case symbolic:
		out.Open = true
		out.Why = "Today's record lets it in by " + t.Text + ", which hangs on each message."
	case blind && b.missing(ctx, t):
		b.why("%s goes: its name has no SPF record, so that it makes today's record invalid and lets nobody in.", t.Text)
		return out, false
	case blind && t.Network.IsValid():
		out.Addresses = tally(spf.RangeOf(t.Network))
		out.Ranges = append(out.Ranges, t.Network.Masked().String())
		out.Why = "Today's record lets it in by " + t.Text + "."
	case blind:
		out.Open = true
		out.Why = "Today's record has " + t.Text + ", and what it lets in could not be made out."
	default:
		return out, false // its addresses are let in otherwise, or there are none
	}
	b.owner(&out, t)
	return out, true
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
	out.names = []string{t.Text}
	switch {
	case t.Network.IsValid():
		out.names = append(out.names, t.Network.String(), t.Network.Addr().String())
	case t.Domain.Text != "":
		out.names = append(out.names, t.Domain.Text)
		if hits := sender.ByInclude(t.Domain.Text); len(hits) > 0 {
			out.Owner = hits[0].Service.Name
			out.names = append(out.names, hits[0].Service.ID, hits[0].Service.Name)
		}
	default:
		out.names = append(out.names, b.plan.Domain)
	}
}

// drops marks who may go. A name that is nobody's is an error: a slip there would
// be found too late.
func (b *builder) drops(req SPFRequest) error {
	for i := range b.plan.ShutOut {
		b.plan.ShutOut[i].Dropped = req.Parked // which says it of everybody
	}
	for _, typed := range req.Drop {
		hit := b.dropped[typed]
		for i := range b.plan.ShutOut {
			s := &b.plan.ShutOut[i]
			if meant(typed, append(s.names, s.Name, s.Owner)) {
				s.Dropped, hit = true, true
			}
		}
		if !hit {
			var names []string
			for _, s := range b.plan.ShutOut {
				names = append(names, s.Name)
			}
			if len(names) == 0 {
				return fmt.Errorf("plan: drop %q: nobody of that name would be shut out", clip(typed))
			}
			return fmt.Errorf("plan: drop %q: nobody of that name would be shut out, but %s", clip(typed), few(names))
		}
	}
	return nil
}

// meant reports whether a word names a sender that has these names.
func meant(typed string, names []string) bool {
	typed = strings.TrimSpace(typed)
	service, known := sender.Find(typed)
	for _, n := range names {
		if n == "" {
			continue
		}
		if strings.EqualFold(n, typed) || known && strings.EqualFold(n, service.ID) {
			return true
		}
	}
	return false
}

// sightings adds senders of the inventory that were seen, and that the new record
// does not let in.
func (b *builder) sightings(ctx context.Context, list *inventory.Inventory) {
	if list == nil || b.set == nil {
		return
	}
	for i := range list.Senders {
		s := &list.Senders[i]
		if s.Kind == inventory.KindKey || b.spared[s.Key] || elsewhere(s, b.plan.Domain) {
			continue
		}
		out := ShutOut{Name: s.Key, Owner: s.Name, Terms: []string{}, Ranges: []string{}, names: namesOf(s)}
		for _, a := range s.Addresses {
			if p := netip.PrefixFrom(a.Address.Unmap(), a.Address.Unmap().BitLen()); refusal(p) != "" {
				continue // seen inside one's own network; receivers never see it
			}
			switch b.says(a) {
			case inventory.No:
				out.Addresses = out.Addresses.Plus(tally(spf.Range{From: a.Address, To: a.Address}))
				out.Messages += a.Count
				if len(out.Ranges) < maxRanges {
					out.Ranges = append(out.Ranges, a.Address.String())
				}
			case inventory.Unknown:
				out.Open = true
			}
		}
		if out.Addresses.IsZero() {
			if out.Open {
				b.plan.Unknown = true
				b.warn("Whether the new record lets in %s is not known: DNS did not answer, or it hangs on each message.", s.Name)
			}
			continue
		}
		out.Why = "It was seen to send, and the new record does not let it in."
		b.merge(s, out)
	}
}

// merge puts a sender seen together with the terms of today's that let it in.
func (b *builder) merge(s *inventory.Sender, out ShutOut) {
	for i := range b.plan.ShutOut {
		old := &b.plan.ShutOut[i]
		if len(old.Terms) == 1 && slices.Contains(s.Terms, old.Terms[0]) {
			old.Owner, old.Messages = s.Name, old.Messages+out.Messages
			old.names = append(old.names, out.names...)
			return
		}
	}
	b.plan.ShutOut = append(b.plan.ShutOut, out)
}

// elsewhere reports that the sender's own return path is checked against another
// record than this domain's: then this one is not even asked.
func elsewhere(s *inventory.Sender, domain string) bool {
	return s.SPF.Basis == inventory.Observed && s.SPF.Domain != "" && dns.Canonical(s.SPF.Domain) != domain
}

func namesOf(s *inventory.Sender) []string {
	names := append([]string{s.Key, s.Name}, s.Terms...)
	if s.Catalogue != nil {
		names = append(names, s.Catalogue.ID)
	}
	if _, rest, ok := strings.Cut(s.Key, ":"); ok {
		names = append(names, rest)
	}
	for _, a := range s.Addresses {
		names = append(names, a.Address.String())
	}
	return names
}

// says tells what the new record says to an address that was seen.
func (b *builder) says(a inventory.Address) inventory.Answer {
	addr := a.Address.Unmap()
	for i := range b.set.Ranges {
		r := &b.set.Ranges[i]
		if r.Range.From.BitLen() != addr.BitLen() || addr.Less(r.Range.From) || r.Range.To.Less(addr) {
			continue
		}
		switch {
		case r.Result == spf.Pass:
			return inventory.Yes
		case slices.Contains(r.May, spf.Pass), r.Result == spf.TempError, r.Result == spf.Unknown:
			return inventory.Unknown
		}
		return inventory.No
	}
	return inventory.Unknown
}

// LeftOut is a service that is named and needs no term: SPF cannot make its mail
// pass DMARC.
type LeftOut struct {
	Service string    `json:"service"` // id in the catalogue
	Name    string    `json:"name"`
	Why     string    `json:"why"`
	DKIM    DKIMSetup `json:"dkim"` // what does
}
