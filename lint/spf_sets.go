package lint

import (
	"fmt"
	"slices"
	"strings"

	"unspoof/finding"
	"unspoof/spf"
)

// sets judges what the record lets in with all that it includes, as ranges of
// addresses; text is the record as mended.
func (l *spfLint) sets(text string) {
	args := spf.SetArgs{Domain: l.domain(), Record: text, Resolver: l.args.Resolver}
	set, err := spf.Sets(l.ctx, args)
	if err != nil {
		l.open(l.question(), strings.TrimPrefix(err.Error(), "spf: "))
		return
	}
	l.unread(set)
	if own, term, yes := EverybodyOnceMended(l.ctx, args, set); yes && !l.loose {
		if i := l.wordOf(own); i >= 0 {
			l.wrong("SPF-004", i, vars{"term": term})
		} else {
			l.find("SPF-004", l.text, finding.Span{End: len(l.text)}, false, vars{"term": term})
		}
	}
	l.wideBelow(set)
	l.crowded(set)
	l.shadowed(set)
	if n := SenderVoids(set); n > maxVoids && !l.found("SPF-008") {
		l.find("SPF-008", l.text, finding.Span{End: len(l.text)}, false, vars{"count": fmt.Sprint(n), "terms": "see unspoof spf cost"})
	}
}

// unread notes what DNS left open further down than is asked otherwise.
func (l *spfLint) unread(set *spf.Set) {
	if set.Incomplete != "" {
		l.open(l.question(), set.Incomplete)
	}
	for i := range set.Ranges {
		if r := &set.Ranges[i]; r.Result == spf.TempError && len(l.report.Unanswered) == 0 {
			l.open(wayTo(set, r.Source), set.Sources[r.Source].Cause)
		}
	}
}

// wordOf gives the word that a term of the mended record is, -1 for none.
func (l *spfLint) wordOf(term string) int {
	return slices.IndexFunc(l.words, func(w word) bool { return term != "" && !w.gone && w.text == term })
}

// wideBelow finds wide networks that come by an include.
func (l *spfLint) wideBelow(set *spf.Set) {
	seen := map[int]bool{}
	for i := range set.Ranges {
		r := &set.Ranges[i]
		src := &set.Sources[r.Source]
		if r.Result != spf.Pass || src.Parent < 0 || seen[r.Source] || len(seen) > maxFollowed {
			continue
		}
		seen[r.Source] = true
		rec, err := spf.Parse(spfVersion + " " + src.Term)
		if err != nil || len(rec.Terms) == 0 {
			continue
		}
		own := l.wordOf(set.Sources[set.Own(r.Source)].Term)
		if id, size := BreadthBelow(&rec.Terms[0]); own >= 0 && (id == "SPF-010" || id == "SPF-004") {
			l.wrong("SPF-010", own, vars{"term": wayTo(set, r.Source), "size": size})
		}
	}
}

// shadowed finds terms that others make needless. Hosts by name are left alone:
// that a and mx are one server today need not be so tomorrow.
func (l *spfLint) shadowed(set *spf.Set) {
	broken := brokenTerms(set) // decide nothing once they are mended
	for _, s := range set.Shadows() {
		i := l.wordOf(s.Term)
		rec, err := spf.Parse(spfVersion + " " + s.Term)
		if i < 0 || err != nil || !s.Reached || !s.Shadowed || l.words[i].covered ||
			slices.ContainsFunc(s.By, func(by string) bool { return slices.Contains(broken, by) }) {
			continue
		}
		switch rec.Terms[0].Kind {
		case spf.KindIP4, spf.KindIP6, spf.KindInclude:
			l.wrong("SPF-051", i, vars{"by": strings.Join(s.By, ", ")})
		}
	}
}

// SenderVoids gives the most empty look-ups that it takes to let somebody in
// whom the record as written lets in: past the limit, that mail fails.
func SenderVoids(set *spf.Set) (most int) {
	for i := range set.Ranges {
		if r := &set.Ranges[i]; r.Result == spf.Pass {
			most = max(most, r.Voids)
		}
	}
	return most
}
