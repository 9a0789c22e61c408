package spf

import (
	"context"
	"fmt"
	"slices"

	"unspoof/dns"
)

// prove holds the outcome against the record that it was made from.
func (f *flattener) prove(ctx context.Context) error {
	view := preview{f.reader, f.out.Publish}
	after := newReader(ctx, view)
	read, err := after.read(f.out.Domain, f.out.Publish[0].Text)
	if err != nil {
		return fmt.Errorf("spf: %w: %w", ErrNotEqual, err)
	}
	f.out.After = after.cost(read)
	if !f.out.Changed {
		return nil
	}
	if f.out.Before.Within() && !f.out.After.Within() {
		return fmt.Errorf("spf: the record is within the limits; flattened it would take %d look-ups, of which ten are allowed: %w", f.out.After.Lookups, ErrTooLarge)
	}
	if was, now := f.out.Before.Lookups, f.out.After.Lookups; f.out.Before.Open && now > was { // what that costs comes on top
		return fmt.Errorf("spf: the record leads to another that depends on the message, which may take the rest of the ten look-ups; flattened it would take %d before that, now it takes %d: %w", now, was, ErrTooLarge)
	}
	args := SetArgs{Domain: f.out.Domain, Record: f.out.Record, Resolver: f.reader}
	was, err := Sets(ctx, args)
	if err != nil {
		return err
	}
	args.Record, args.Resolver = f.out.Publish[0].Text, view
	now, err := Sets(ctx, args)
	if err != nil {
		return err
	}
	equal := Equal(was, now, AsWritten)
	if equal == Different {
		return fmt.Errorf("spf: %s: %w", clip(f.out.Publish[0].Text), ErrNotEqual)
	}
	if equal == Same && !slices.ContainsFunc(f.list, func(c claim) bool { return c.text != "" }) {
		return nil
	}
	return f.proveKept(read)
}

// proveKept shows that what hangs on the message is the same terms, with the same
// before, between and after them; sets alone may leave that open.
func (f *flattener) proveKept(read *reading) error {
	for i := range f.list {
		if c := &f.list[i]; c.text != "" && f.specOf(c.text) != c.spec {
			return fmt.Errorf("spf: %s means another name where it now stands: %w", clip(c.text), ErrNotEqual)
		}
	}
	again, err := f.kept(read)
	if err != nil || !slices.EqualFunc(parts(f.list), parts(again), SnapshotPart.equal) {
		return fmt.Errorf("spf: what hangs on the message leaves it open: %w", ErrNotEqual)
	}
	return alike(f.read, read)
}

// specOf reads a term as one of the own record, and gives its spec.
func (f *flattener) specOf(text string) string {
	read := reading{domain: f.out.Domain}
	if _, err := scan(version+" "+text, nil, &read.record); err != nil || len(read.terms) != 1 {
		return ""
	}
	return read.spec(&read.terms[0])
}

// kept gives the claims of a written record, its parts unfolded and all other terms
// that need DNS as they are.
func (f *flattener) kept(read *reading) ([]claim, error) {
	u := &unfolder{domain: read.domain}
	again := &flattener{read: read, unfold: u}
	for i := range read.subs {
		s := &read.subs[i]
		own := ownSub{sub: s, term: read.terms[s.index].tree(read.text)}
		if slices.ContainsFunc(f.out.Publish[1:], func(p Published) bool { return p.Name == dns.Canonical(s.name) }) {
			var err error
			if own.list, err = u.term(read, s); err != nil {
				return nil, err
			}
			own.chosen = true
		}
		again.own = append(again.own, own)
	}
	list, _, open := again.claims()
	return again.ended(list, open), nil
}
