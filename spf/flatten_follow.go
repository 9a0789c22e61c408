package spf

import "slices"

// maxEarlier bounds the records that a snapshot remembers: more are not in anybody's
// name server any more.
const maxEarlier = 5

// MadeInto reports whether a text is a record that the snapshot's was made into, now
// or earlier, however it is written, and not the snapshot's record itself.
func (s *Snapshot) MadeInto(text string) bool {
	text = plain(text)
	return text != plain(s.Record) && (len(s.Publish) > 0 && text == plain(s.Publish[0].Text) || s.madeEarlier(text))
}

func (s *Snapshot) madeEarlier(text string) bool {
	return slices.ContainsFunc(s.Earlier, func(e string) bool { return plain(e) == text })
}

// Follow remembers what old had made of the same record, which may be published
// still.
func (s *Snapshot) Follow(old *Snapshot) {
	if plain(s.Record) != plain(old.Record) || len(old.Publish) == 0 || len(s.Publish) == 0 {
		return
	}
	for _, e := range append([]string{old.Publish[0].Text}, old.Earlier...) {
		if e = plain(e); e != plain(s.Publish[0].Text) && e != plain(s.Record) && !s.madeEarlier(e) && len(s.Earlier) < maxEarlier {
			s.Earlier = append(s.Earlier, e)
		}
	}
}

// Remains reports whether a text holds terms that flattening put there: networks or
// parts that are in the record made, and were not in the snapshot's record.
func (s *Snapshot) Remains(text string) bool {
	rec, err := Parse(text)
	if err != nil || len(s.Publish) == 0 {
		return false
	}
	made, was := termsOf(s.Publish[0].Text), termsOf(s.Record)
	return slices.ContainsFunc(rec.Terms, func(t Term) bool {
		written := t.String()
		return t.Kind != KindAll && made[written] && !was[written]
	})
}

func termsOf(text string) map[string]bool {
	out := map[string]bool{}
	if rec, err := Parse(text); err == nil {
		for i := range rec.Terms {
			out[rec.Terms[i].String()] = true
		}
	}
	return out
}
