package plan

import (
	"fmt"
	"strings"

	"unspoof/inventory"
	"unspoof/sender"
	"unspoof/spf"
)

// drops reports whether the request lets go of what has these names, and notes
// that its words hit somebody.
func (b *builder) drops(names ...string) bool {
	hit := false
	for _, d := range b.drop {
		if meant(d, names) {
			b.dropped[d], hit = true, true
		}
	}
	return hit
}

// senderNames are those that mean a whole sender of the inventory. A term or an
// address of it means no more than that.
func senderNames(s *inventory.Sender) []string {
	names := []string{s.Key, s.Name}
	if s.Catalogue != nil {
		names = append(names, s.Catalogue.ID)
	}
	if _, rest, ok := strings.Cut(s.Key, ":"); ok {
		names = append(names, rest)
	}
	return names
}

// termNames are those of a term of today's record, with the service behind it.
func termNames(t *spf.Term) []string {
	names := []string{t.Text, t.String()}
	switch {
	case t.Network.IsValid():
		names = append(names, t.Network.String())
		if t.Network.IsSingleIP() {
			names = append(names, t.Network.Addr().String())
		}
	case t.Domain.Text != "":
		names = append(names, t.Domain.Text)
		if hits := sender.ByInclude(t.Domain.Text); len(hits) > 0 {
			names = append(names, hits[0].Service.ID, hits[0].Service.Name)
		}
	}
	return names
}

// settle marks who may go. A name that is nobody's is an error: a slip there would
// be found too late.
func (b *builder) settle(req SPFRequest) error {
	for i := range b.plan.ShutOut {
		b.plan.ShutOut[i].Dropped = b.plan.ShutOut[i].Dropped || req.Parked // which says it of everybody
	}
	record, _ := spf.Parse(b.plan.Record.Value) // what could not be made was told before
	for _, typed := range req.Drop {
		if record != nil {
			for i := range record.Terms {
				if t := &record.Terms[i]; t.Kind != spf.KindAll && meant(typed, termNames(t)) {
					return fmt.Errorf("plan: drop %q: what else was named brings %s in: leave one of the two out", clip(typed), t.Text)
				}
			}
		}
		hit := b.dropped[typed]
		for i := range b.plan.ShutOut {
			s := &b.plan.ShutOut[i]
			if meant(typed, append([]string{s.Name, s.Owner}, s.names...)) {
				s.Dropped, hit = true, true
			}
		}
		if hit {
			continue
		}
		var names []string
		for _, s := range b.plan.ShutOut {
			names = append(names, s.Name)
		}
		if len(names) == 0 {
			return fmt.Errorf("plan: drop %q: nobody of that name would be shut out", clip(typed))
		}
		return fmt.Errorf("plan: drop %q: nobody of that name would be shut out, but %s", clip(typed), few(names))
	}
	return nil
}

// meant reports whether a word names somebody who has these names.
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
