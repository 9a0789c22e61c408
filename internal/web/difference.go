package web

import (
	"fmt"
	"math"
	"math/big"
	"strings"

	"unspoof/internal/spftext"
	"unspoof/plan"
	"unspoof/sender"
	"unspoof/spf"
)

// drawing is what changes between two records, one row for each term that is
// responsible.
type drawing struct {
	Rows    []drawn
	Same    bool // proven to mean the same
	Unknown bool // that cannot be told
	// Symbolic are the terms that hang on each message and come, or go.
	Gained, Lost []string
	More         int // rows left out
}

type drawn struct {
	Via    string
	Domain string // of the record to which it leads, ""
	Who    string // the service behind that, ""
	Note   string // why that does no harm, ""
	Gained part
	Lost   part
}

// part is one bar, with all that it stands for.
type part struct {
	Words  string // "16 IPv4 addresses", "" none
	Width  string // of 100
	Ranges []string
	More   int
	tally  spf.Tally
}

// Limits of the drawing; the JSON of the page has all.
const (
	maxDrawn  = 60
	maxRanges = 200
)

// rowsOf gives a row to each term that is responsible, with the ranges that it
// gains and loses.
func rowsOf(d *spf.Difference) []drawn {
	sums := spftext.Sums(d)
	rows := make([]drawn, len(sums))
	place := make(map[string]int, len(sums))
	for i, s := range sums {
		place[s.Via] = i
		rows[i] = drawn{Via: s.Via, Domain: s.Domain, Who: strings.Join(s.Services, " or "), Gained: part{tally: s.Gained}, Lost: part{tally: s.Lost}}
	}
	for _, c := range d.Gained {
		if i, ok := place[c.Via]; ok {
			rows[i].Gained.add(c.Range)
		}
	}
	for _, c := range d.Lost {
		if i, ok := place[c.Via]; ok {
			rows[i].Lost.add(c.Range)
		}
	}
	return rows
}

// add lists a range, unless no client has it.
func (p *part) add(r spf.Range) {
	switch {
	case spftext.Mapped(r):
	case len(p.Ranges) < maxRanges:
		p.Ranges = append(p.Ranges, r.String())
	default:
		p.More++
	}
}

// drawDifference makes the drawing; nil where there is nothing to compare with.
func drawDifference(d *spf.Difference) *drawing {
	if d == nil {
		return nil
	}
	v := &drawing{Same: d.Equal == spf.Same, Unknown: d.Equal == spf.CannotSay, Rows: rowsOf(d)}
	if n := len(v.Rows) - maxDrawn; n > 0 {
		v.Rows, v.More = v.Rows[:maxDrawn], n
	}
	longest := 0.0
	for _, r := range v.Rows {
		longest = math.Max(longest, math.Max(size(r.Gained.tally), size(r.Lost.tally)))
	}
	for i := range v.Rows {
		for _, p := range []*part{&v.Rows[i].Gained, &v.Rows[i].Lost} {
			p.Words = addressWords(p.tally)
			p.Width = width(size(p.tally), longest)
		}
	}
	for _, c := range d.SymbolicGained {
		v.Gained = append(v.Gained, c.Kind.String()+" "+c.Spec)
	}
	for _, c := range d.SymbolicLost {
		v.Lost = append(v.Lost, c.Kind.String()+" "+c.Spec)
	}
	return v
}

// explain says of services that lose their term why they need none.
func (v *drawing) explain(list []plan.LeftOut) {
	if v == nil {
		return
	}
	for i := range v.Rows {
		for _, m := range sender.ByInclude(v.Rows[i].Domain) {
			for _, out := range list {
				if out.Service == m.Service.ID {
					v.Rows[i].Note = out.Why
				}
			}
		}
	}
}

// size is how long a bar is drawn: by the number of digits, since one address and
// a million have to be seen side by side. IPv6 counts in networks of /64.
func size(t spf.Tally) float64 {
	n := t.IPv6.Big()
	if n.BitLen() > 64 {
		n.Rsh(n, 64)
	} else if n.Sign() > 0 {
		n = big.NewInt(1)
	}
	f, _ := new(big.Float).SetInt(n.Add(n, t.IPv4.Big())).Float64()
	return math.Log10(f + 1)
}

// width is a bar's share of the longest, never so small that it is not seen.
func width(f, longest float64) string {
	if f <= 0 || longest <= 0 {
		return "0"
	}
	return fmt.Sprintf("%.1f", math.Max(f/longest*100, 4))
}

// addressWords counts addresses in words; "" for none, so that a page can leave
// out what is not there.
func addressWords(t spf.Tally) string {
	if t.IsZero() {
		return ""
	}
	return spftext.Addresses(t)
}
