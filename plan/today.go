package plan

import (
	"context"
	"errors"
	"slices"
	"strings"

	"unspoof/orgdomain"
	"unspoof/sender"
	"unspoof/spf"
)

// fetch asks for the record published now: what it lets in is neither left out nor
// dropped unawares.
func (b *builder) fetch(ctx context.Context) {
	text, answer, err := spf.Discover(ctx, b.resolver, b.plan.Domain)
	switch {
	case errors.Is(err, spf.ErrSeveralRecords):
		for _, r := range answer.Records {
			if t := strings.Join(r.Text, ""); isSPF(t) {
				b.old = append(b.old, t)
			}
		}
	case err == nil:
		b.plan.Today, b.old = text, []string{text}
	case !errors.Is(err, spf.ErrNoRecord):
		b.plan.Unknown = true
	}
	b.plan.published = b.old
	var all [][]string
	for _, r := range answer.Records {
		if all = append(all, r.Text); !isSPF(strings.Join(r.Text, "")) {
			b.others = append(b.others, r.Text)
		}
	}
	b.answer = answerSize(b.plan.Domain, all...)
	for _, text := range b.old {
		record, err := spf.Parse(text)
		if err != nil {
			record, err = readable(text)
		}
		if err == nil {
			b.records = append(b.records, record)
		}
	}
	b.below(ctx)
}

// below reads the records of one's own to which those of today lead: whom they let in,
// the domain lets in.
func (b *builder) below(ctx context.Context) {
	b.own = slices.Clone(b.records)
	seen := map[string]bool{}
	for i := 0; i < len(b.own); i++ {
		for j := range b.own[i].Terms {
			t := &b.own[i].Terms[j]
			name, plain := t.Domain.Name()
			if name = strings.ToLower(name); !plain || t.Kind != spf.KindRedirect && (t.Kind != spf.KindInclude || t.Result() != spf.Pass) || !orgdomain.Below(b.plan.Domain, name) || seen[name] || len(seen) == maxLookups {
				continue
			}
			seen[name] = true
			text, answer, err := spf.Discover(ctx, b.resolver, name)
			if err != nil || len(answer.Chain) > 0 && !orgdomain.Below(b.plan.Domain, answer.Chain[len(answer.Chain)-1]) {
				continue // told where today's record is compared; or somebody else's, by an alias
			}
			if record, err := spf.Parse(text); err == nil {
				b.own = append(b.own, record)
			}
		}
	}
}

// isSPF reports whether a TXT record counts as an SPF record (RFC 7208 section
// 4.5).
func isSPF(text string) bool {
	first, _, _ := strings.Cut(text, " ")
	return strings.EqualFold(first, "v=spf1")
}

const notBeside = "Put it in the place of today's record, not beside it: a domain with two SPF records has none (RFC 7208 section 4.5)."

// today compares with the record published now, in words.
func (b *builder) today() {
	switch {
	case b.plan.Unknown:
		b.warn("DNS did not answer which SPF record %s has today, so what a new one shuts out is not known.", b.plan.Domain)
		return
	case len(b.old) > 1:
		b.warn("%s has several SPF records today, which makes all of them invalid. Put this one in their place.", b.plan.Domain)
		return
	case len(b.old) == 0, b.same():
		return
	}
	b.warn("%s", notBeside)
	old, err := spf.Parse(b.plan.Today)
	if err != nil {
		b.why("Today's record is not valid (%s), so receivers treat it as an error.", strings.TrimPrefix(err.Error(), "spf: "))
		return
	}
	b.neutral(old)
	was := old.Find(spf.KindAll)
	switch {
	case was == nil || strings.HasSuffix(b.plan.Record.Value, " "+was.String()):
	case was.Result() == spf.Fail:
		b.warn("Today's record ends in -all; this one does not. Until DMARC asks for quarantine or reject, receivers that refuse forged mail for -all may let it through.")
	case was.Result() == spf.Pass:
		// Told where whom it shuts out is.
	default:
		b.why("Today's record ends in %s; this one does not.", was.String())
	}
}

// neutral names whom today's record neither lets in nor refuses, and -all would
// refuse.
func (b *builder) neutral(old *spf.Record) {
	if !strings.HasSuffix(b.plan.Record.Value, " -all") {
		return
	}
	for i := range old.Terms {
		t := &old.Terms[i]
		if t.Kind.Modifier() || t.Kind == spf.KindAll || t.Result() != spf.Neutral && t.Result() != spf.SoftFail || b.stands(t) {
			continue
		}
		b.warn("%s: today's record says nothing sure of it (%s); with -all it fails. Name it among the senders if it is yours.", t.Text, t.Result())
	}
}

// same reports that the record made is the one of today.
func (b *builder) same() bool {
	return b.plan.Today != "" && strings.EqualFold(strings.TrimSpace(b.plan.Today), b.plan.Record.Value)
}

// unchanged says what to think of a record that is the same. That it is the same
// is no praise: both may be broken.
func (b *builder) unchanged() {
	if !b.same() {
		return
	}
	if b.plan.Cost.Within() && len(b.plan.Broken) == 0 {
		b.plan.Warnings = slices.DeleteFunc(b.plan.Warnings, func(w string) bool { return w == lockOutText(b.plan.Domain) }) // nobody is forgotten anew
		b.why("The record published today is the same: nothing needs to change.")
		return
	}
	b.warn("The record published today is the same, and receivers take it for broken.")
}

// includedToday reports that today's record, or one of one's own to which it leads,
// has an include, or a redirect, of that name: then it is spelt as it should be.
func (b *builder) includedToday(name string) bool {
	for _, record := range b.own {
		for i := range record.Terms {
			if t := &record.Terms[i]; (t.Kind == spf.KindInclude || t.Kind == spf.KindRedirect) && strings.EqualFold(strings.TrimSuffix(t.Domain.Text, "."), name) {
				return true
			}
		}
	}
	return false
}

// todays gives the terms of today's record, and of those of one's own to which it
// leads, that let a service in and are not dropped.
func (b *builder) todays(s sender.Service) (terms []*spf.Term) {
	for _, record := range b.own {
		for i := range record.Terms {
			t := &record.Terms[i]
			if t.Domain.Text == "" || t.Kind.Modifier() && t.Kind != spf.KindRedirect || !t.Kind.Modifier() && t.Result() != spf.Pass {
				continue
			}
			for _, m := range sender.ByInclude(t.Domain.Text) {
				if m.Service.ID == s.ID && !b.drops(termNames(t)...) {
					terms = append(terms, t)
					break
				}
			}
		}
	}
	return terms
}

// sound reports that the one record of today can be read and keeps to the limits.
func (b *builder) sound(ctx context.Context) bool {
	if b.plan.Today == "" {
		return false
	}
	cost, err := spf.Measure(ctx, b.resolver, b.plan.Domain, b.plan.Today)
	return err == nil && cost.Within() && cost.Broken == 0
}

func (b *builder) covers(t *spf.Term) bool {
	for _, p := range b.prefixes {
		if p.Bits() <= t.Network.Bits() && p.Contains(t.Network.Addr()) {
			return true
		}
	}
	return false
}
