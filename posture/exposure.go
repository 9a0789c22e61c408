package posture

import (
	"fmt"
	"math"
	"math/big"
	"strings"

	"unspoof/sender"
	"unspoof/spf"
)

// The parts of the exposure score. Each only grows with what a record permits.
const (
	allExposure   = 100 // everybody
	maxAddresses  = 40  // 40 × log2(1+n)/32 for n IPv4 addresses: one is 1, a /16 is 20
	maxNetworks6  = 10  // 10 × log2(1+n)/64 for n networks of 64 bits of IPv6
	maxShared     = 40  // services whose addresses many customers share, see sharedPoints
	perOpen       = 5   // a term that hangs on the message or on reverse names
	maxOpen       = 10
	perClaimable  = 20 // a name let in that anybody may register
	maxClaimables = 40
)

// sharedPoints says how much it matters that other customers of a service send
// from the same addresses (BreakSPF): most where addresses are rented out with
// machines and nobody checks the sender, least where mailboxes are bound to domains.
func sharedPoints(category string) int {
	switch category {
	case "hosting", "relay":
		return 15
	case "mailbox", "gateway":
		return 4
	}
	return 8
}

// checkExposure counts who may send; there is no score where receivers find no
// record that they can use.
func (c *checker) checkExposure() {
	set := c.spf.set
	if c.spf.state != spfOK || set == nil {
		return
	}
	passing := set.Count(spf.Pass, spf.AsWritten)
	e := &ExposureScore{
		Parts: []Part{}, IPv4: passing.IPv4.String(), IPv6: passing.IPv6.String(),
		AtLeast: !c.spf.complete || set.Incomplete != "" || !set.Count(spf.TempError, spf.AsWritten).IsZero(),
	}
	if c.spf.everyone != "" {
		e.add("everyone", allExposure, "the record lets every address send ("+clip(c.spf.everyone, 100)+")")
	}
	if n := passing.IPv4; !n.IsZero() {
		e.add("addresses", scaled(maxAddresses, n.Big(), 0, 32), "IPv4 addresses that may send: "+n.String())
	}
	if n := passing.IPv6; !n.IsZero() {
		e.add("networks6", scaled(maxNetworks6, n.Big(), 64, 64), "IPv6 networks of 64 bits that may send: "+nets64(n.Big()))
	}
	c.addShared(e, set)
	c.addOpen(e, set)
	c.addClaimable(e)
	for _, p := range e.Parts {
		e.Points = min(100, e.Points+p.Points)
	}
	c.report.Exposure = e
}

func (e *ExposureScore) add(what string, points int, why string) {
	e.Parts = append(e.Parts, Part{what, points, why})
}

// addCapped adds a part, less what would take its kind over a limit.
func (e *ExposureScore) addCapped(what string, points, limit int, why string) {
	for _, p := range e.Parts {
		if p.What == what {
			limit -= p.Points
		}
	}
	e.add(what, min(points, max(limit, 0)), why)
}

// scaled is most × log2(1 + n/2^drop) / of, rounded down.
func scaled(most int, n *big.Int, drop uint, of float64) int {
	n = new(big.Int).Rsh(n, drop)
	f, _ := new(big.Float).SetInt(n.Add(n, big.NewInt(1))).Float64()
	return min(most, int(float64(most)*math.Log2(f)/of))
}

// nets64 counts networks of 64 bits, those begun too.
func nets64(n *big.Int) string {
	mask := new(big.Int).SetUint64(math.MaxUint64)
	return n.Add(n, mask).Rsh(n, 64).String()
}

// addShared counts the services that the record and those included let in, each once.
func (c *checker) addShared(e *ExposureScore, set *spf.Set) {
	seen := map[string]bool{}
	owners := set.Owners(spf.AsWritten)
	for _, host := range c.spf.letIn {
		hits := sender.ByInclude(host)
		if len(hits) == 0 || hits[0].Confidence == sender.Low || seen[hits[0].Service.ID] {
			continue
		}
		s := hits[0].Service
		seen[s.ID] = true
		e.addCapped("shared", sharedPoints(s.Category), maxShared, fmt.Sprintf("%s (%s, by %s): its other customers send from the same addresses%s", s.Name, s.Category, clip(host, 100), through(owners, host)))
	}
}

// through counts the addresses that only the record of that name lets in, or those
// included from it: what terms before it let in is counted there.
func through(owners []spf.Owner, host string) string {
	var n spf.Tally
	for _, o := range owners {
		if strings.EqualFold(o.Domain, host) {
			n = n.Plus(o.Tally)
			continue
		}
		for _, r := range o.Records {
			if strings.EqualFold(r.Domain, host) {
				n = n.Plus(r.Tally)
			}
		}
	}
	if n.IPv4.IsZero() {
		return ""
	}
	return ", IPv4 addresses: " + n.IPv4.String()
}

// addOpen counts what cannot be counted in addresses.
func (c *checker) addOpen(e *ExposureScore, set *spf.Set) {
	for i := range set.Symbolic {
		s := &set.Symbolic[i]
		if s.Result != spf.Pass || len(s.Ranges) == 0 {
			continue
		}
		why := "who may send hangs on the message"
		if s.Kind == spf.KindPTR {
			why = "who may send hangs on reverse names"
		}
		e.addCapped("open-ended", perOpen, maxOpen, why+" ("+clip(set.Sources[s.Source].Term, 100)+")")
	}
}

// addClaimable counts the names that anybody may register and then send.
func (c *checker) addClaimable(e *ExposureScore) {
	for _, cl := range c.report.Claimable {
		if strings.HasPrefix(cl.Via, "SPF ") {
			e.addCapped("claimable", perClaimable, maxClaimables, "whoever registers "+clip(cl.Name, 100)+" may send ("+clip(cl.Via, 100)+")")
		}
	}
}
