package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"unspoof/dns"
	"unspoof/internal/spftext"
	"unspoof/lint"
	"unspoof/spf"
)

// spfView is the record of a domain, taken apart.
type spfView struct {
	Subject  subject
	Domain   string // as typed
	Problem  string
	Record   string
	Problems []string
	Light    light
	Cost     *spf.Cost
	Cuts     []spf.Cut
	Marks    []tally // the scale of ten look-ups, and what is beyond
	Terms    []termView
	Left     int // terms not shown
	Owners   []ownerView
	May      string // how many addresses may send, as receivers see it
	Written  string // as written, where that is something else
	Open     bool   // DNS did not answer everything
	Absent   bool   // there is no such domain, and so nothing to make
	Next     string
}

// tally is one look-up on the scale.
type tally struct {
	N    int
	Used bool
	Over bool
}

// termView is one term with what it costs, and those below it.
type termView struct {
	Term, Words string
	Lookups     int
	Voids       int
	Note        string
	Below       []termView
}

// ownerView is one term and the addresses that pass by it.
type ownerView struct {
	Term, Who, Words, Width string
	Depends                 bool // on each message
	Ranges                  []string
	More                    int
}

// maxTerms is how many terms of the tree are shown.
const maxTerms = 300

func (s *Server) spf(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	v := spfView{Domain: q.Get("domain")}
	about, err := s.about(r.Context(), q.Get("case"), v.Domain)
	var wrong *problem
	if errors.As(err, &wrong) && q.Get("case") == "" {
		v.Problem = wrong.text
		return s.render(w, wrong.status, "spf.html", v)
	}
	if err != nil {
		return err
	}
	if about.Domain == "" {
		return s.render(w, http.StatusOK, "spf.html", v)
	}
	v.Subject, v.Domain = about, about.Domain
	got, err := readSPF(r.Context(), about.resolver, about.Domain, "")
	if err != nil {
		return err
	}
	v.show(got)
	return s.render(w, http.StatusOK, "spf.html", v)
}

// spfReading is all that package spf says of one record.
type spfReading struct {
	Domain, Record string
	Problems       []string // with any, receivers ignore the record
	Fault          bool     // DNS did not answer
	Absent         bool     // there is no such name
	Cost           *spf.Cost
	Cuts           []spf.Cut
	Set            *spf.Set
	resolver       dns.Resolver // that answered
}

// readSPF reads the record of a domain: the text given, or what it publishes.
func readSPF(ctx context.Context, resolver dns.Resolver, domain, record string) (spfReading, error) {
	v := spfReading{resolver: resolver, Domain: domain, Record: record, Problems: []string{}, Cuts: []spf.Cut{}}
	if record == "" {
		text, answer, err := spf.Discover(ctx, resolver, domain)
		var fault *dns.Error
		switch problem := spftext.Unpublished(domain, answer, err); {
		case errors.As(err, &fault):
			v.Fault = true
		case problem != "":
			v.Absent = errors.Is(err, spf.ErrNoRecord) && answer.RCode == dns.NXDomain
			v.Problems = append(v.Problems, problem)
		case ctx.Err() != nil:
			return v, ctx.Err()
		case err != nil: // no name that can be asked for
			return v, badInput(sentence(err))
		}
		v.Record = text
	}
	if v.Record != "" && len(v.Problems) == 0 {
		if _, err := spf.Parse(v.Record); err != nil {
			v.Problems = append(v.Problems, spftext.Malformed(err))
		}
	}
	if v.Record != "" && len(v.Problems) == 0 {
		cost, err := spf.Measure(ctx, resolver, domain, v.Record)
		if err != nil {
			return v, err
		}
		v.Cost = &cost
		if cuts, err := spf.Cuts(ctx, resolver, domain, v.Record); err == nil && cuts != nil { // else Cost.Incomplete
			v.Cuts = cuts
		}
	}
	if !v.Fault {
		set, err := spf.Sets(ctx, spf.SetArgs{Domain: domain, Record: v.Record, Resolver: resolver})
		if err != nil {
			return v, err
		}
		v.Set = set
	}
	return v, ctx.Err()
}

// show puts a reading into the view.
func (v *spfView) show(got spfReading) {
	v.Record, v.Problems, v.Cost, v.Cuts = got.Record, got.Problems, got.Cost, got.Cuts
	switch {
	case got.Fault:
		v.Light = light{"open", "DNS did not answer", "So it is not known which SPF record " + got.Domain + " has. Try again later."}
		v.Next = "Try again in a few minutes."
		return
	case got.Absent:
		v.Light = light{"open", "There is no such domain", strings.Join(got.Problems, " ")}
		v.Next, v.Absent = "Check the spelling.", true
		return
	case got.Record == "" && got.Cost == nil && len(got.Problems) > 0:
		v.Light = light{"bad", "There is no SPF record to use", strings.Join(got.Problems, " ")}
		v.Next = "Make one: tell us how you send mail."
		return
	case len(got.Problems) > 0:
		v.Light = light{"bad", "Receivers can’t use it", strings.Join(got.Problems, " ")}
		v.Next = "Make one valid record: tell us how you send mail."
		if got.Cost == nil {
			return
		}
	}
	c := got.Cost
	v.Open = c.Incomplete
	broken, forAll := spftext.Broken(got.Set)
	_, by, everybody := lint.Everybody(got.Set)
	switch {
	case forAll:
		v.Light = light{"bad", "Receivers can’t use it", "To everybody the record is an error: " + broken + "."}
		v.Next = "Mend what it leads to, or tell us how you send mail and get a new record."
	case everybody:
		v.Light = light{"bad", "It lets everybody send", "Anybody may send as " + got.Domain + ", and receivers are told that it is right, by: " + by + "."}
		v.Next = "Tell us how you send mail, and get a record that names who may."
	case !c.Within():
		v.Light = light{"bad", "Too many look-ups", "Receivers stop at 10 look-ups, two of them empty, and then take the whole record as broken: for your own mail, too."}
		v.Next = "Take one of the ways out above, or tell us how you send mail and get a record that fits."
	case !c.WithinUnlisted():
		v.Light = light{"bad", "Too many empty look-ups", fmt.Sprintf("For an address that no exists of it lists, %d look-ups are empty, where receivers stop at two: to such senders the whole record is broken.", c.Voids+c.Unlisted)}
		v.Next = "Take one of the ways out above, or tell us how you send mail and get a record that fits."
	case broken != "":
		v.Light = light{"bad", "Broken for some", "To some senders the record is an error: " + broken + "."}
		v.Next = "Mend what it leads to, or tell us how you send mail and get a new record."
	case c.Incomplete:
		v.Light = light{"open", "Not all of it is known", "DNS did not answer for everything that the record includes."}
		v.Next = "Try again in a few minutes."
	default:
		v.Light = light{"good", "Within the limits", "Receivers can read the whole record, whoever sends."}
		v.Next = "See whether everybody in it still sends for you."
	}
	for n := 1; n <= max(10, min(c.Lookups, 40)); n++ {
		v.Marks = append(v.Marks, tally{N: n, Used: n <= c.Lookups, Over: n > 10})
	}
	left := maxTerms
	v.Terms = termTree(got.Record, c.Tree, &left)
	if left < 0 {
		v.Left = -left
	}
	v.owners(got.Set)
}

// owners lists through whom addresses may send that clients have.
func (v *spfView) owners(set *spf.Set) {
	set = spftext.Countable(set)
	may, written := set.Count(spf.Pass, spf.WithLimits), set.Count(spf.Pass, spf.AsWritten)
	v.May = addressWords(may)
	if may != written {
		v.Written = addressWords(written)
	}
	owners := set.Owners(spf.AsWritten)
	longest := 0.0
	for _, o := range owners {
		longest = max(longest, size(o.Tally))
	}
	for _, o := range owners[:min(len(owners), maxDrawn)] {
		row := ownerView{Term: o.Term, Who: spftext.Service(o.Domain), Words: addressWords(o.Tally), Width: width(size(o.Tally), longest), Depends: len(o.Symbolic) > 0}
		for i := range set.Ranges {
			r := &set.Ranges[i]
			if r.Result != spf.Pass || set.Own(r.Source) != o.Source {
				continue
			}
			if len(row.Ranges) < maxRanges {
				row.Ranges = append(row.Ranges, r.Range.String())
			} else {
				row.More++
			}
		}
		v.Owners = append(v.Owners, row)
	}
}

// termTree puts the terms of a record and what each costs together. left counts
// down the terms that are still shown, below zero those that are not.
func termTree(record string, costs []spf.Node, left *int) []termView {
	parsed, err := spf.Parse(record)
	if err != nil {
		return nil
	}
	var list []termView
	at := 0
	words := spftext.Terms(parsed)
	for i, t := range parsed.Terms {
		if *left--; *left < 0 {
			continue
		}
		one := termView{Term: t.Text, Words: words[i]}
		if t.Kind.Counts() && at < len(costs) && strings.EqualFold(costs[at].Term, t.Text) {
			one.cost(costs[at], left)
			at++
		}
		list = append(list, one)
	}
	return list
}

func (v *termView) cost(n spf.Node, left *int) {
	v.Lookups, v.Voids, v.Note = n.Lookups, max(n.VoidsIPv4, n.VoidsIPv6), n.Note
	if n.Hanging > 0 && n.Nodes == nil && n.Note == "" {
		v.Note = "what it finds depends on the message"
	}
	for _, below := range n.Nodes {
		if *left--; *left < 0 {
			continue
		}
		one := termView{Term: below.Term}
		if parsed, err := spf.Parse("v=spf1 " + below.Term); err == nil && len(parsed.Terms) == 1 {
			one.Words = spftext.Term(parsed.Terms[0])
		}
		one.cost(below, left)
		v.Below = append(v.Below, one)
	}
}
