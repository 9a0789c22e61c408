package forensics

import (
	"cmp"
	"hash/maphash"
	"slices"
	"time"
)

const (
	// campaignGap is the longest silence within a campaign.
	campaignGap = 72 * time.Hour
	// maxClusters bounds the groups formed, maxClusterKeys the features by which
	// they are found: 24 octets and 30 each, for the time of a report.
	maxClusters, maxClusterKeys = 1 << 16, 1 << 18
)

// cluster is a campaign while it is formed.
type cluster struct {
	first, last       uint32 // hand-over times of its members; 0: none known
	messages, notices uint32
	refused           uint64
	lead              uint32 // shape of its first member
	verdict           int    // side of its decided members; unknownVerdict: none is
}

// unexplainedSide is a side beyond the verdicts: what left through the owner's own
// and is not explained is nobody's forgery, however much it looks like one.
const unexplainedSide = verdictCount

// side tells what may be in one campaign: the verdict, or the above.
func (r *mailRow) side() int {
	if r.unexplained() {
		return unexplainedSide
	}
	return r.verdict()
}

// sideVerdict gives the verdict of a side.
func sideVerdict(side int) Verdict {
	if side == unexplainedSide {
		return Unknown
	}
	return verdictNames[side]
}

// clustering sorts originals into campaigns: two belong together when they
// share two of subject, display name, link host and hand-off network (which
// two, see pairs), are judged alike, and follow each other within 72 hours.
// Who belongs together does not depend on the order of reading; only which
// member's text is shown does.
type clustering struct {
	m        *Mailbox
	order    []uint32 // rows by time, those without one last
	of       []uint32 // row → cluster + 1; 0: none
	clusters []cluster
	keys     map[uint64]uint32 // pair of features → cluster
	recent   []uint32          // shape → cluster + 1 that took it last
	left     int               // rows without room for a cluster of their own
}

func (m *Mailbox) cluster() *clustering {
	c := &clustering{m: m, order: make([]uint32, m.rows.len()), of: make([]uint32, m.rows.len()), keys: map[uint64]uint32{}, recent: make([]uint32, m.shapes.list.len()+1)}
	for i := range c.order {
		c.order[i] = uint32(i)
	}
	slices.SortFunc(c.order, func(a, b uint32) int {
		// 0, no time, wraps to the end.
		if o := cmp.Compare(m.rows.at(a).t0-1, m.rows.at(b).t0-1); o != 0 {
			return o
		}
		return cmp.Compare(a, b)
	})
	var scratch [24]uint64
	for _, i := range c.order {
		r := m.rows.at(i)
		if r.shape == 0 {
			continue
		}
		s := m.shapes.shape(r.shape)
		var found uint32
		if n := c.recent[r.shape]; n > 0 && s.suffices() && c.takes(n-1, r) {
			found = n
		} else {
			found = c.place(r, s.pairs(m.seed, r.handoff, scratch[:0]))
		}
		if found == 0 {
			c.left++
			continue
		}
		c.of[i], c.recent[r.shape] = found, found
		c.clusters[found-1].add(r)
	}
	c.keys, c.recent = nil, nil // a report goes on without them
	return c
}

// place finds the cluster that shares a pair of features, or opens one, and
// makes it known by all of them. It gives the number + 1, 0 without room.
func (c *clustering) place(r *mailRow, pairs []uint64) uint32 {
	found := uint32(0)
	for _, p := range pairs {
		if n, ok := c.keys[c.salted(p, r.side())]; ok && c.takes(n, r) {
			found = n + 1
			break
		}
		if found = c.foreign(p, r); found > 0 {
			break
		}
	}
	if found == 0 {
		if len(c.clusters) == maxClusters {
			return 0
		}
		c.clusters = append(c.clusters, cluster{lead: r.shape, verdict: r.side()})
		found = uint32(len(c.clusters))
	}
	for _, p := range pairs {
		k := c.salted(p, r.side())
		if _, ok := c.keys[k]; ok || len(c.keys) < maxClusterKeys {
			c.keys[k] = found - 1
		}
	}
	return found
}

// foreign looks among the clusters of other verdicts: what could not be decided
// belongs to those it looks like, and they to it.
func (c *clustering) foreign(pair uint64, r *mailRow) uint32 {
	for v := unexplainedSide; v >= 0; v-- {
		if v == r.side() || v != unknownVerdict && r.side() != unknownVerdict {
			continue
		}
		if n, ok := c.keys[c.salted(pair, v)]; ok && c.takes(n, r) {
			return n + 1
		}
	}
	return 0
}

func (c *clustering) salted(pair uint64, verdict int) uint64 {
	return pair ^ uint64(verdict+1)*0x9e3779b97f4a7c15
}

// takes tells whether a row may join: judged alike or undecided, and within the
// gap. Rows come in the order of time.
func (c *clustering) takes(n uint32, r *mailRow) bool {
	k := &c.clusters[n]
	if k.verdict != r.side() && k.verdict != unknownVerdict && r.side() != unknownVerdict {
		return false
	}
	return r.t0 == 0 || k.last == 0 || r.t0-k.last <= uint32(campaignGap/time.Second)
}

func (k *cluster) add(r *mailRow) {
	if r.side() != unknownVerdict {
		k.verdict = r.side()
	}
	if r.t0 != 0 {
		if k.first == 0 {
			k.first = r.t0
		}
		k.last = r.t0
	}
	k.messages++
	k.notices += r.notices
	k.refused += uint64(r.refused)
}

// suffices tells that the shape alone makes a pair.
func (s *shape) suffices() bool {
	return s.telling || s.subjectKey != 0 && s.fromKey != 0 || s.hosts[0] != 0 && (s.subjectKey != 0 || s.fromKey != 0)
}

// pairs appends the features that put two messages into one campaign: subject
// with name (or with none, when the subject is telling), subject with network,
// and each link host with subject, name or network. Name and network alone
// would join all that one person sends.
func (s *shape) pairs(seed maphash.Seed, handoff [16]byte, out []uint64) []uint64 {
	network := networkOf(handoff)
	join := func(kind byte, a, b uint64) {
		out = append(out, maphash.Comparable(seed, struct {
			kind byte
			a, b uint64
		}{kind, a, b}))
	}
	if s.subjectKey != 0 {
		if s.fromKey != 0 || s.telling {
			join('f', s.subjectKey, s.fromKey)
		}
		if network != 0 {
			join('n', s.subjectKey, network)
		}
	}
	for _, h := range s.hosts {
		if h == 0 {
			break
		}
		if s.subjectKey != 0 {
			join('s', h, s.subjectKey)
		}
		if s.fromKey != 0 {
			join('d', h, s.fromKey)
		}
		if network != 0 {
			join('w', h, network)
		}
	}
	return out
}

// networkOf gives a number for the network of an address before DNS is asked
// for it: the /16 of IPv4, the /32 of IPv6; 0 without an address.
func networkOf(b [16]byte) uint64 {
	a := fromBytes(b)
	switch {
	case !a.IsValid():
		return 0
	case a.Is4():
		return 1<<40 | uint64(b[12])<<8 | uint64(b[13])
	}
	return 1<<41 | uint64(b[0])<<24 | uint64(b[1])<<16 | uint64(b[2])<<8 | uint64(b[3])
}
