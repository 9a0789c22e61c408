package forensics

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
)

// maxCampaignSenders and maxCampaignHandoffs bound what is listed of one.
const maxCampaignSenders, maxCampaignHandoffs = 20, 20

// campaigns describes the clusters, but those of genuine mail: sent from inside
// first, perhaps sent from inside next, then the largest. It tells how many there are besides.
func (m *Mailbox) campaigns(c *clustering) (list []Campaign, more int) {
	ranked := make([]uint32, 0, len(c.clusters))
	for i := range c.clusters {
		if c.clusters[i].verdict != genuineVerdict {
			ranked = append(ranked, uint32(i))
		}
	}
	slices.SortFunc(ranked, func(a, b uint32) int {
		x, y := &c.clusters[a], &c.clusters[b]
		return cmp.Or(
			cmp.Compare(btoi(y.verdict == compromisedVerdict), btoi(x.verdict == compromisedVerdict)),
			cmp.Compare(btoi(y.verdict == unexplainedSide), btoi(x.verdict == unexplainedSide)),
			cmp.Compare(y.messages, x.messages), cmp.Compare(y.notices, x.notices), cmp.Compare(a, b))
	})
	more = max(0, len(ranked)-maxCampaignList)
	ranked = ranked[:len(ranked)-more]
	members := m.members(c, ranked)
	list = make([]Campaign, 0, len(ranked))
	for i, n := range ranked {
		list = append(list, m.campaign(&c.clusters[n], members[i]))
	}
	return list, more
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// members lists the rows of the ranked clusters, one slice each.
func (m *Mailbox) members(c *clustering, ranked []uint32) [][]uint32 {
	place := map[uint32]int{}
	out := make([][]uint32, len(ranked))
	for i, n := range ranked {
		place[n+1] = i
		out[i] = make([]uint32, 0, c.clusters[n].messages)
	}
	for _, i := range c.order {
		if p, ok := place[c.of[i]]; ok {
			out[p] = append(out[p], i)
		}
	}
	return out
}

func (m *Mailbox) campaign(k *cluster, rows []uint32) Campaign {
	s := m.shapes.shape(k.lead)
	out := Campaign{
		Subject: s.subject, From: s.from, Excerpt: s.excerpt, Verdict: sideVerdict(k.verdict),
		Messages: int(k.messages), Notices: int(k.notices), First: fromStamp(k.first), Last: fromStamp(k.last),
		Senders: []Count{}, Brands: []string{}, Links: []string{}, Handoffs: []string{},
	}
	shapes := 0
	last := uint32(0)
	for _, i := range rows { // in order of time
		r := m.rows.at(i)
		if r.shape == last || shapes > 1000 {
			continue
		}
		last = r.shape
		shapes++
		m.shapes.shape(r.shape).addTo(&out)
	}
	sortRuns(rows, func(a, b uint32) int { return cmp.Compare(m.rows.at(a).sender, m.rows.at(b).sender) }, func(run []uint32) {
		if n := m.rows.at(run[0]).sender; n != 0 {
			out.NSenders++
			out.Senders = addTop(out.Senders, Count{m.senders.word(n), len(run)}, maxCampaignSenders)
		}
	})
	var handoffs []Count
	sortRuns(rows, func(a, b uint32) int { return bytes.Compare(m.rows.at(a).handoff[:], m.rows.at(b).handoff[:]) }, func(run []uint32) {
		if a := fromBytes(m.rows.at(run[0]).handoff); a.IsValid() {
			handoffs = addTop(handoffs, Count{a.String(), len(run)}, maxCampaignHandoffs)
		}
	})
	for _, h := range handoffs {
		out.Handoffs = append(out.Handoffs, h.Value)
	}
	out.estimate(k)
	return out
}

// addTo adds what a shape shows to its campaign.
func (s *shape) addTo(c *Campaign) {
	for _, b := range s.brands {
		if b != 0 && len(c.Brands) < maxBrands && !slices.Contains(c.Brands, brands[b-1].name) {
			c.Brands = append(c.Brands, brands[b-1].name)
		}
	}
	for _, l := range s.links {
		if len(c.Links) < maxShapeLinks && !slices.Contains(c.Links, l) {
			c.Links = append(c.Links, l)
		}
	}
	if c.Excerpt == "" {
		c.Excerpt = s.excerpt
	}
	if c.Subject == "" {
		c.Subject = s.subject
	}
	if c.From == "" {
		c.From = s.from
	}
}

// addTop puts a count into a list of the greatest, in order.
func addTop(list []Count, c Count, limit int) []Count {
	at, _ := slices.BinarySearchFunc(list, c, func(a, b Count) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value))
	})
	if at == limit {
		return list
	}
	list = slices.Insert(list, at, c)
	return list[:min(len(list), limit)]
}

// estimate says how much was sent in all, and why that is only an estimate. The
// shares are a rule of thumb, not a measurement, and the words say so: most
// servers refuse while the sender is still connected, or say nothing.
func (c *Campaign) estimate(k *cluster) {
	low := max(uint64(k.messages), k.refused)
	c.EstimateN = int(min(low, 1<<40))
	// Shares that come back: of forged mail 1 to 20 of 100, of mail through one's
	// own server, whose addresses are no better, up to 30.
	most, where := uint64(5), "and only from servers that refuse late; from forged mail that is commonly 1 to 20 of 100"
	inside := k.verdict == compromisedVerdict || k.verdict == unexplainedSide
	if inside {
		most, where = 3, "and what was accepted leaves no trace here, commonly 70 to 99 of 100"
	}
	c.Estimate = fmt.Sprintf("At least %s, because so many came back. Only refused copies come back, %s, so perhaps %s to %s were sent. An estimate from experience, not a count.",
		grouped(low), where, number(float64(low*most)), number(float64(low)*100))
	if inside {
		c.Estimate += " The outbound log has the count."
	}
}
