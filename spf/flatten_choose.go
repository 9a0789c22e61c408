package spf

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// choose picks the terms to flatten and writes the outcome.
func (f *flattener) choose(a FlattenArgs) error {
	switch {
	case a.All:
		f.pick(func(o *ownSub) bool { return true })
	case len(a.Only) > 0:
		for _, name := range a.Only {
			if err := f.named(name); err != nil {
				return err
			}
		}
	case f.out.Before.Within():
		f.leave()
		return nil
	default:
		return f.needed()
	}
	return f.write()
}

// leave takes the record as it is, whatever its size.
func (f *flattener) leave() {
	for i := range f.own {
		f.own[i].chosen = false
	}
	f.out.Replaced, f.out.Kept = []Replaced{}, []Kept{}
	list, _, open := f.claims()
	f.list = f.ended(list, open)
	f.out.Dropped, f.out.Changed = []Dropped{}, false
	f.out.Publish = []Published{publish(f.out.Domain, f.out.Record)}
}

// sizes warns of answers that are larger than is advised.
func (f *flattener) sizes() {
	larger, most := 0, 0
	for i := range f.out.Publish {
		n := f.out.Publish[i].Octets
		if i == 0 {
			n += f.others
		}
		if most = max(most, n); n > plainAnswer {
			larger++
		}
	}
	switch {
	case larger == 0:
	case len(f.out.Publish) > 1:
		f.warn("Of the %d records, %d take an answer of more than the %d octets that RFC 7208 section 3.4 advises, the largest %d: a few receivers can't read so much. With fewer networks they come out smaller: take out first what no longer sends.", len(f.out.Publish), larger, plainAnswer, most)
	case most > largeAnswer:
		f.warn("The TXT records of %s take an answer of %d octets. Above %d, receivers must ask again by TCP, and not all of them can. Shorten the record, or flatten it with --all where that makes it shorter.", f.out.Domain, most, largeAnswer)
	default:
		f.warn("The TXT records of %s take an answer of %d octets, more than the %d that RFC 7208 section 3.4 advises.", f.out.Domain, most, plainAnswer)
	}
}

// tight reports that fewer networks might do.
func tight(err error) bool { return errors.Is(err, ErrTooLarge) || errors.Is(err, ErrNames) }

// pick chooses the terms that can be flattened.
func (f *flattener) pick(wanted func(*ownSub) bool) {
	for i := range f.own {
		if o := &f.own[i]; o.list != nil && wanted(o) {
			o.chosen = true
		}
	}
}

// named chooses the terms that are called by name.
func (f *flattener) named(name string) error {
	found := false
	for i := range f.own {
		o := &f.own[i]
		if !strings.EqualFold(o.term.Text, name) && !strings.EqualFold(strings.TrimSuffix(name, "."), o.name) && o.term.String() != name {
			continue
		}
		if o.list == nil {
			return fmt.Errorf("spf: %s: %w: %s", clip(o.term.Text), ErrNotFlattened, o.why)
		}
		found, o.chosen = true, true
	}
	if !found {
		return fmt.Errorf("spf: %s: %w: no term of the record that needs DNS is called that", clip(name), ErrNotFlattened)
	}
	return nil
}

// needed chooses the dearest terms, one more at a time, until the outcome is
// within the limits; then gives back those that were not needed after all.
func (f *flattener) needed() error {
	var order []*ownSub
	for i := range f.own {
		if o := &f.own[i]; o.list != nil {
			order = append(order, o)
		}
	}
	// What matches nothing has no addresses that could rot.
	price := func(o *ownSub) int {
		if len(parts(o.list)) == 0 {
			return -maxReadTerms
		}
		return -o.saves
	}
	slices.SortStableFunc(order, func(a, b *ownSub) int { return cmp.Compare(price(a), price(b)) })
	spare := f.out.Before.Lookups - defaultLookups
	var large error
	for _, o := range order {
		o.chosen = true
		spare -= o.saves
		for spare <= 0 {
			err := f.write()
			if !tight(err) {
				break
			}
			// Without the one with the most networks, others may do.
			large = err
			widest := f.widest()
			if widest == nil {
				return err // the record does not fit as it is
			}
			widest.chosen, widest.why = false, "its addresses would not fit"
			spare += widest.saves
		}
		if spare <= 0 && f.within() {
			break
		}
	}
	if err := f.write(); err != nil {
		if len(order) == 0 && tight(err) {
			f.leave()
			return nil
		}
		return err
	}
	if large != nil && !f.within() {
		return large
	}
	if len(order) <= maxExact {
		for _, o := range slices.Backward(order) {
			if !o.chosen {
				continue
			}
			o.chosen = false
			if err := f.write(); err != nil || !f.within() {
				o.chosen = true
			}
		}
	}
	if err := f.write(); err != nil {
		return err
	}
	if len(f.out.Replaced) == 0 && !f.within() {
		f.leave()
	}
	return nil
}

// widest gives the chosen term with the most networks.
func (f *flattener) widest() *ownSub {
	var found *ownSub
	most := -1
	for i := range f.own {
		o := &f.own[i]
		if n := spansIn(o.list); o.chosen && n > most {
			found, most = o, n
		}
	}
	return found
}

func spansIn(list []claim) (n int) {
	for i := range list {
		n += len(list[i].nets[ipv4]) + len(list[i].nets[ipv6])
	}
	return n
}

// within reports whether the record written is.
func (f *flattener) within() bool {
	if len(f.out.Publish) == 0 {
		return false
	}
	after := newReader(f.reader.ctx, preview{f.reader, f.out.Publish})
	read, err := after.read(f.out.Domain, f.out.Publish[0].Text)
	if err != nil {
		return false
	}
	cost := after.cost(read)
	return cost.Within()
}

// write makes the records with the terms chosen.
func (f *flattener) write() error {
	f.out.Replaced, f.out.Kept, f.out.Dropped = []Replaced{}, []Kept{}, []Dropped{}
	list, tail, open := f.claims()
	f.list = f.ended(list, open)
	groups, err := f.unfold.compose(list, open)
	if err != nil {
		return fmt.Errorf("spf: the record: %w", err)
	}
	f.explain(list, groups)

	const nameLength = len("_spf99.")
	domain := f.out.Domain
	var laid *sheet
	for _, limit := range []int{plainAnswer, largeAnswer} {
		room := roomFor(limit, domain, f.others)
		if room < minText {
			room = max(minText, roomFor(limit, domain, 0))
		}
		laid = lay(groups, tail)
		err = laid.split(room, roomFor(limit, strings.Repeat("x", nameLength)+domain, 0), nameLength+len(domain))
		if err == nil && f.lookups()+len(laid.parts) <= defaultLookups {
			break
		}
	}
	if err != nil {
		return err
	}
	names, unsure, err := f.reader.names(domain, len(laid.parts))
	if err != nil {
		return err
	}
	text, parts := laid.texts(names)
	f.out.Publish = []Published{publish(domain, text)}
	for i := range parts {
		f.out.Publish = append(f.out.Publish, publish(names[i], parts[i]))
	}
	if f.unchanged(parts) {
		f.out.Publish[0] = publish(domain, f.out.Record)
	}
	f.out.Changed = f.out.Publish[0].Text != f.out.Record
	const warning = "DNS did not say whether there is a record already at the names of the parts; look before you publish them."
	if unsure && !slices.Contains(f.out.Warnings, warning) {
		f.warn(warning)
	}
	return nil
}

// lookups counts what the terms not chosen, and those kept in the place of chosen
// ones, cost.
func (f *flattener) lookups() int {
	n := f.out.Before.Lookups
	for i := range f.own {
		if f.own[i].chosen {
			n -= f.own[i].saves
		}
	}
	return n
}

// unchanged reports that no term was flattened or left out, or merged with others,
// so that the record can stay as it is written.
func (f *flattener) unchanged(parts []string) bool {
	written := strings.Count(f.out.Publish[0].Text, " ")
	return len(parts) == 0 && len(f.out.Replaced) == 0 && len(f.out.Dropped) == 0 && written == len(f.read.terms)
}

// claims gives those of the whole record with the chosen terms unfolded, and
// the modifiers to be kept. open is true when a redirect is among them.
func (f *flattener) claims() (list []claim, tail []string, open bool) {
	own := f.own
	ended := false
	for i := range f.read.terms {
		t := &f.read.terms[i]
		d := claim{word: t.word(), own: i}
		text := f.read.text[t.start:t.end]
		switch {
		case t.kind == KindExp, t.kind == KindUnknown:
			tail = append(tail, text)
		case ended && t.kind != KindRedirect:
			f.drop(text, "nothing comes to it: it stands after all")
		case t.kind == KindAll:
			d.nets, d.all = everybody, true
			list, ended = append(list, d), true
		case t.kind == KindIP4:
			d.nets[ipv4] = []span{t.span(t.network, ipv4)}
			list = append(list, d)
		case t.kind == KindIP6:
			d.nets[ipv6] = []span{t.span(t.network, ipv6)}
			list = append(list, d)
		case len(own) > 0 && own[0].index == i && t.kind != KindRedirect:
			list = append(list, f.take(&own[0])...)
			own = own[1:]
		}
	}
	if f.read.redirect >= 0 && len(own) == 0 {
		t := &f.read.terms[f.read.redirect]
		f.drop(f.read.text[t.start:t.end], "nothing comes to it: the record has an all")
	}
	if len(own) > 0 {
		if o := &own[0]; o.chosen {
			list = append(list, f.take(o)...)
		} else {
			f.take(o)
			tail = append([]string{o.term.Text}, tail...)
			open = true
		}
	}
	return list, tail, open
}

// ended adds what happens to those whom no term matches.
func (f *flattener) ended(list []claim, open bool) []claim {
	if open {
		o := &f.own[len(f.own)-1]
		return append(list[:len(list):len(list)], claim{text: o.term.String(), spec: f.spec(o)})
	}
	return append(list[:len(list):len(list)], claim{word: Neutral, nets: everybody}) // RFC 7208 section 4.7
}

func (f *flattener) spec(o *ownSub) string { return f.read.spec(&f.read.terms[o.index]) }

// take gives the decisions of an own term, flattened or kept.
func (f *flattener) take(o *ownSub) []claim {
	if !o.chosen {
		why := o.why
		if why == "" {
			why = "it need not be flattened"
		}
		f.out.Kept = append(f.out.Kept, Kept{o.term.Text, why, o.broken})
		t := o.term
		t.Qualifier = "+"
		return []claim{{word: o.term.Result(), text: t.String(), spec: f.spec(o), own: o.index, asked: true}}
	}
	r := Replaced{Term: o.term.Text, Ranges: []Range{}, Saves: o.saves}
	for _, p := range parts(o.list) {
		r.Ranges = append(r.Ranges, p.Ranges...)
		if p.Term != "" {
			r.Symbolic++
		}
	}
	f.out.Replaced = append(f.out.Replaced, r)
	return o.list
}

func (f *flattener) drop(term, why string) {
	f.out.Dropped = append(f.out.Dropped, Dropped{term, why})
}
