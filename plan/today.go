package plan

import (
	"context"
	"errors"
	"strings"

	"unspoof/spf"
)

// today compares with the record published now, so that nobody who may send is
// shut out unawares.
func (b *builder) today(ctx context.Context) {
	text, answer, err := spf.Discover(ctx, b.resolver, b.plan.Domain)
	switch {
	case errors.Is(err, spf.ErrSeveralRecords):
		for _, r := range answer.Records {
			if t := strings.Join(r.Text, ""); isSPF(t) {
				b.old = append(b.old, t)
			}
		}
		b.warn("%s has several SPF records today, which makes all of them invalid. Put this one in their place.", b.plan.Domain)
		return
	case errors.Is(err, spf.ErrNoRecord):
		return // nothing is there to be lost
	case err != nil:
		b.plan.Unknown = true
		b.warn("DNS did not answer which SPF record %s has today, so what a new one shuts out is not known.", b.plan.Domain)
		return
	}
	b.plan.Today, b.old = text, []string{text}
	if strings.EqualFold(text, b.plan.Record.Value) {
		b.why("The record published today is the same: nothing needs to change.")
		return
	}
	b.warn("Put it in the place of today's record, not beside it: a domain with two SPF records has none (RFC 7208 section 4.5).")
	old, err := spf.Parse(text)
	if err != nil {
		b.why("Today's record is not valid (%s), so receivers treat it as an error.", strings.TrimPrefix(err.Error(), "spf: "))
		return
	}
	if was := old.Find(spf.KindAll); was != nil && !strings.HasSuffix(b.plan.Record.Value, " "+was.String()) {
		b.why("Today's record ends in %s; this one does not. To keep that, ask for it.", was.String())
	}
}

// lost gives the terms of the old record that let somebody in and are not in the
// new one, as written.
func (b *builder) lost(old *spf.Record) []string {
	var lost []string
	for i := range old.Terms {
		t := &old.Terms[i]
		switch {
		case t.Kind == spf.KindRedirect && b.seen["include:"+strings.ToLower(t.Domain.Text)]:
			continue
		case t.Kind == spf.KindRedirect:
		case t.Kind.Modifier(), t.Kind == spf.KindAll, t.Result() != spf.Pass:
			continue
		case t.Network.IsValid() && b.covers(t):
			continue
		case b.seen[strings.ToLower(t.String())]:
			continue
		}
		lost = append(lost, t.Text)
	}
	return lost
}

func (b *builder) covers(t *spf.Term) bool {
	for _, p := range b.prefixes {
		if p.Bits() <= t.Network.Bits() && p.Contains(t.Network.Addr()) {
			return true
		}
	}
	return false
}
