package lint

import (
	"fmt"

	"unspoof/finding"
	"unspoof/sender"
	"unspoof/spf"
)

// maxCrowd is how many IPv4 addresses a record may let in beside those of known
// services. The two largest of these have some 800,000 together, which a record has
// that was flattened; the customers of an internet provider are soon more. IPv6 is
// not counted: a single network of a server may hold 2^64.
const maxCrowd = 1 << 20

// crowd counts the IPv4 addresses that pass, without those that a known service lets
// in and those of networks of which SPF-004, SPF-010 or SPF-022 tells. term is the
// term of the set's own record by which most of them come.
func crowd(set *spf.Set) (all, most uint64, term string) {
	known := make([]*bool, len(set.Sources))
	by := map[int]uint64{}
	for i := range set.Ranges {
		r := &set.Ranges[i]
		if r.Result != spf.Pass || !r.Range.From.Is4() {
			continue
		}
		if known[r.Source] == nil {
			told := toldElsewhere(set, r.Source)
			known[r.Source] = &told
		}
		if *known[r.Source] {
			continue
		}
		n, _ := r.Range.Count().Uint64()
		own := set.Own(r.Source)
		all, by[own] = all+n, by[own]+n
		if by[own] > most {
			most, term = by[own], set.Sources[own].Term
		}
	}
	return all, most, term
}

// toldElsewhere reports whether the addresses of a source are those of a known
// service, or the term has a finding of its own.
func toldElsewhere(set *spf.Set, source int) bool {
	path := set.Path(source)
	for _, s := range path[1:] {
		if len(sender.ByInclude(s.Domain)) > 0 {
			return true
		}
	}
	rec, err := spf.Parse(spfVersion + " " + set.Sources[source].Term)
	if err != nil || len(rec.Terms) != 1 {
		return false
	}
	narrow4, narrow6 := wide4, wide6
	if len(path) > 1 {
		narrow4, narrow6 = broad4, broad6
	}
	id, _ := breadth(&rec.Terms[0], narrow4, narrow6)
	return id != ""
}

// crowded finds a record that lets in very many addresses, though none of its
// networks is very wide.
func (l *spfLint) crowded(set *spf.Set) { l.tooMany(crowd(set)) }

// crowdedByText is crowded for the networks in the record itself.
func (l *spfLint) crowdedByText(rec *spf.Record, at []int) {
	var ranges []spf.Range
	most, term := uint64(0), ""
	for k := range rec.Terms {
		t := &rec.Terms[k]
		if id, _ := Breadth(t); id != "" || !t.Network.IsValid() || !t.Network.Addr().Is4() || t.Result() != spf.Pass || l.words[at[k]].gone {
			continue
		}
		r := spf.RangeOf(t.Network)
		ranges = append(ranges, r)
		if n, _ := r.Count().Uint64(); n > most {
			most, term = n, t.Text
		}
	}
	var all uint64
	for _, r := range spf.Merge(ranges) {
		n, _ := r.Count().Uint64()
		all += n
	}
	l.tooMany(all, most, term)
}

func (l *spfLint) tooMany(all, most uint64, term string) {
	if all < maxCrowd || l.found("SPF-053") || l.found("SPF-004") {
		return
	}
	at := finding.Span{End: len(l.text)}
	if i := l.wordOf(term); i >= 0 {
		at = l.words[i].at
	}
	l.find("SPF-053", l.text, at, false, vars{"count": fmt.Sprint(all), "most": fmt.Sprint(most), "term": term})
}
