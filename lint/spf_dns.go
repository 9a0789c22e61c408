package lint

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"unspoof/dns"
	"unspoof/finding"
	"unspoof/orgdomain"
	"unspoof/sender"
	"unspoof/spf"
)

// What a record may cost (RFC 7208 section 4.6.4).
const (
	maxLookups = 10
	maxVoids   = 2
	maxHosts   = 10 // of one mx
)

// Bounds on what a hostile record may make of DNS: terms of its own that are
// looked up, and records that are read below them, in all. Receivers stop at ten.
const (
	maxLooked   = 40
	maxFollowed = 100
)

// dns judges what the names in the record lead to.
func (l *spfLint) dns(rec *spf.Record, at []int) {
	looked, left := 0, maxFollowed
	for k := range rec.Terms {
		t, i := &rec.Terms[k], at[k]
		name, fixed := t.Domain.Name()
		if l.words[i].gone || l.words[i].idle || t.Domain.Text != "" && !fixed {
			continue
		}
		if t.Domain.Text == "" {
			name = l.args.Domain
		}
		if name == "" || ignored(rec, t) || !t.Kind.Counts() && t.Kind != spf.KindExp {
			continue
		}
		if looked++; looked > maxLooked {
			l.open(t.Text, "not asked: the record has too many terms")
			return
		}
		switch t.Kind {
		case spf.KindInclude, spf.KindRedirect:
			l.included(t, i, name, &left)
		case spf.KindA:
			l.address(i, name)
		case spf.KindMX:
			if a, ok := l.ask(name, dns.TypeMX); ok && a.Void() {
				l.shown("SPF-044", i, []finding.Evidence{evidence(name, dns.TypeMX, a)}, vars{"host": name}, "")
			}
		case spf.KindExp:
			if a, ok := l.ask(name, dns.TypeTXT); ok && len(a.Records) != 1 {
				l.words[i].gone = true
				l.find("SPF-043", l.text, l.words[i].at, true, vars{"fault": fmt.Sprintf("%s has %d TXT records, and not the one that it should have", name, len(a.Records)), "term": l.words[i].text}, evidence(name, dns.TypeTXT, a))
			}
		}
	}
}

func (l *spfLint) address(i int, name string) {
	four, ok4 := l.ask(name, dns.TypeA)
	if !ok4 || !four.Void() {
		return
	}
	six, ok6 := l.ask(name, dns.TypeAAAA)
	if !ok6 || !six.Void() {
		return
	}
	l.shown("SPF-018", i, []finding.Evidence{evidence(name, dns.TypeA, four), evidence(name, dns.TypeAAAA, six)}, vars{"host": name}, "")
}

// included judges the record that an include or redirect leads to.
func (l *spfLint) included(t *spf.Term, i int, name string, left *int) {
	path := []string{}
	if l.args.Domain != "" {
		path = append(path, l.args.Domain)
	}
	f := l.follow(name, path, left)
	proof := []finding.Evidence{f.evidence}
	switch {
	case f.loop:
		l.wrong("SPF-023", i, nil, "")
	case f.text != "":
		v := vars{"host": name, "fault": f.text, "hint": suggestion(name)}
		near := nearest(name)
		switch {
		case !f.own:
			l.shown("SPF-012", i, proof, v) // its owner has to mend it
		case near == "":
			l.shown("SPF-012", i, proof, v, "")
		case f.gone && oneSlip(strings.ToLower(name), near) && related(name, near):
			l.shown("SPF-012", i, proof, v, strings.Replace(l.words[i].text, t.Domain.Text, near, 1))
		default:
			l.shown("SPF-012", i, proof, v) // likely that one, but mail hangs on it
		}
	}
}

// related reports whether two hosts are of one domain or of one service, so that
// one in place of the other lets no stranger in.
func related(a, b string) bool {
	if orgdomain.SameOrg(a, b) {
		return true
	}
	for _, m := range sender.ByInclude(a) {
		if slices.ContainsFunc(sender.ByInclude(b), func(n sender.Match) bool { return n.Service.ID == m.Service.ID }) {
			return true
		}
	}
	return false
}

// followed is what became of an include.
type followed struct {
	text     string // what is wrong, "" nothing, or not known
	own      bool   // the name itself has no record
	gone     bool   // nor does it exist
	loop     bool
	evidence finding.Evidence
}

func (l *spfLint) follow(name string, path []string, left *int) (f followed) {
	if *left--; *left < 0 {
		return f
	}
	name = dns.Canonical(name)
	if slices.Contains(path, name) {
		return followed{loop: true}
	}
	text, a, err := spf.Discover(l.ctx, l.args.Resolver, name)
	f.evidence = evidence(name, dns.TypeTXT, a)
	switch {
	case err == nil:
	case errors.Is(err, spf.ErrNoRecord):
		f.own, f.text = true, "it has no SPF record"
		if a.RCode == dns.NXDomain {
			f.gone, f.text = true, "the name does not exist"
		}
		return f
	case errors.Is(err, spf.ErrSeveralRecords):
		f.text = "it has several SPF records"
		return f
	case errors.Is(err, spf.ErrDomain):
		f.own, f.text = true, "it is no domain name"
		f.evidence.Answer = "no question can be asked for it"
		return f
	default:
		l.unanswered(name, dns.TypeTXT, err)
		return f
	}
	rec, err := spf.Parse(text)
	if err != nil {
		f.text = "its record is not valid"
		return f
	}
	for k := range rec.Terms {
		t := &rec.Terms[k]
		if t.Kind == spf.KindAll {
			break
		}
		below, fixed := t.Domain.Name()
		if !fixed || t.Kind != spf.KindInclude && (t.Kind != spf.KindRedirect || rec.Find(spf.KindAll) != nil) {
			continue
		}
		g := l.follow(below, append(path[:len(path):len(path)], name), left)
		if g.loop {
			return g
		}
		if g.text != "" {
			g.text, g.own = "its "+t.Text+" does not work: "+g.text, false
			return g
		}
	}
	return f
}

// cost judges the number of look-ups: of the record's own terms, and with a
// resolver of all below, and whom those let in.
func (l *spfLint) cost() {
	whole := finding.Span{End: len(l.text)}
	text := l.String()
	rec, err := spf.Parse(text)
	if err != nil {
		return
	}
	own := 0
	for i := range rec.Terms {
		if t := &rec.Terms[i]; t.Kind.Counts() && !ignored(rec, t) {
			own++
		}
	}
	if l.args.Resolver == nil || own > maxLooked {
		if own > maxLookups {
			l.find("SPF-007", l.text, whole, false, vars{"count": fmt.Sprintf("at least %d", own), "biggest": ""})
		}
		return
	}
	asked, left := l.askable(text)
	c, err := spf.Measure(l.ctx, l.args.Resolver, l.domain(), asked)
	if err != nil {
		l.open(l.question(), "what the record costs could not be counted: "+err.Error())
		return
	}
	if c.Lookups += left; c.Lookups > maxLookups {
		v := vars{"count": fmt.Sprint(c.Lookups), "biggest": ""}
		if c.Incomplete || left > 0 {
			v["count"] = "at least " + v["count"]
		}
		if len(c.Tree) > 0 {
			biggest := slices.MaxFunc(c.Tree, func(a, b spf.Node) int { return cmp.Compare(a.Lookups, b.Lookups) })
			v["biggest"] = fmt.Sprintf("%s alone costs %d.", biggest.Term, biggest.Lookups)
		}
		l.find("SPF-007", l.text, whole, false, v)
	}
	if c.Hosts > maxHosts {
		l.find("SPF-050", l.text, whole, false, vars{"count": fmt.Sprint(c.Hosts)})
	}
	// A server without IPv6 is void to senders that have it, but the others of the
	// record decide before; of those whom the record refuses, only what is empty for
	// all is worth a word.
	if n := min(c.VoidsIPv4, c.VoidsIPv6); n > maxVoids {
		l.find("SPF-008", l.text, whole, false, vars{"count": fmt.Sprint(n), "terms": "see unspoof spf cost"})
	}
	l.sets(asked)
	l.publishedVoids(text)
}

// publishedVoids counts empty look-ups of the record as it stands, where mending
// takes terms out that find nothing.
func (l *spfLint) publishedVoids(mended string) {
	if mended == l.text || l.found("SPF-008") || !l.found("SPF-018") && !l.found("SPF-044") && !l.found("SPF-052") {
		return
	}
	text, _ := l.askable(l.text)
	c, err := spf.Measure(l.ctx, l.args.Resolver, l.domain(), text)
	if err != nil {
		return // it is not read at all
	}
	n := min(c.VoidsIPv4, c.VoidsIPv6)
	if set, err := spf.Sets(l.ctx, spf.SetArgs{Domain: l.domain(), Record: text, Resolver: l.args.Resolver}); err == nil {
		n = max(n, SenderVoids(set))
	}
	if n > maxVoids {
		l.find("SPF-008", l.text, finding.Span{End: len(l.text)}, true, vars{"count": fmt.Sprint(n), "terms": "see unspoof spf cost"})
	}
}
