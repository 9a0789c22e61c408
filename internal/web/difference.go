package web

import (
	"fmt"
	"math"
	"math/big"
	"strings"

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

// through sums what is gained and lost by the term that is responsible.
func through(d *spf.Difference) []drawn {
	var rows []drawn
	place := map[string]int{}
	row := func(c *spf.Change) *drawn {
		i, ok := place[c.Via]
		if !ok {
			i = len(rows)
			place[c.Via] = i
			rows = append(rows, drawn{Via: c.Via, Domain: c.Domain, Who: serviceBehind(c.Domain)})
		}
		return &rows[i]
	}
	for i := range d.Gained {
		row(&d.Gained[i]).Gained.add(&d.Gained[i])
	}
	for i := range d.Lost {
		row(&d.Lost[i]).Lost.add(&d.Lost[i])
	}
	return rows
}

func (p *part) add(c *spf.Change) {
	if c.Range.From.Is4() {
		p.tally.IPv4 = p.tally.IPv4.Plus(c.Count)
	} else {
		p.tally.IPv6 = p.tally.IPv6.Plus(c.Count)
	}
	if len(p.Ranges) < maxRanges {
		p.Ranges = append(p.Ranges, c.Range.String())
	} else {
		p.More++
	}
}

// drawDifference makes the drawing; nil where there is nothing to compare with.
func drawDifference(d *spf.Difference) *drawing {
	if d == nil {
		return nil
	}
	v := &drawing{Same: d.Equal == spf.Same, Unknown: d.Equal == spf.CannotSay, Rows: through(d)}
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

// addressWords counts addresses of both families, many of IPv6 in networks.
func addressWords(t spf.Tally) string {
	var parts []string
	if !t.IPv4.IsZero() {
		parts = append(parts, counted(t.IPv4.Big(), "IPv4 address", "IPv4 addresses"))
	}
	if n := t.IPv6.Big(); n.BitLen() > 64 {
		parts = append(parts, counted(n.Rsh(n, 64), "IPv6 network of /64", "IPv6 networks of /64"))
	} else if n.Sign() > 0 {
		parts = append(parts, counted(n, "IPv6 address", "IPv6 addresses"))
	}
	return strings.Join(parts, " and ")
}

func counted(n *big.Int, one, many string) string {
	if n.IsInt64() && n.Int64() == 1 {
		return "1 " + one
	}
	return thousands(n.String()) + " " + many
}

// thousands sets digits in groups of three, so that they can be read.
func thousands(digits string) string {
	if len(digits) > 15 {
		return fmt.Sprintf("some 10^%d", len(digits)-1)
	}
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}

// serviceBehind names who an include host is known to belong to, "" nobody known.
func serviceBehind(host string) string {
	return strings.Join(serviceNames(host), " or ")
}

func serviceNames(host string) []string {
	names := []string{}
	if host == "" {
		return names
	}
	for _, m := range sender.ByInclude(host) {
		names = append(names, m.Service.Name)
	}
	return names
}
