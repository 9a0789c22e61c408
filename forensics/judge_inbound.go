package forensics

import (
	"iter"
	"net/netip"
)

// inboundIndex finds lines of the inbound log by queue ID and by client.
type inboundIndex struct {
	entries []InboundEntry
	byID    map[string][]int32
	byIP    map[netip.Addr][]int32
	byName  map[string][]int32
}

func newInboundIndex(p *Profile) *inboundIndex {
	x := &inboundIndex{
		entries: p.Inbound,
		byID:    make(map[string][]int32),
		byIP:    make(map[netip.Addr][]int32),
		byName:  make(map[string][]int32),
	}
	for i, e := range p.Inbound {
		if e.QueueID != "" {
			x.byID[e.QueueID] = append(x.byID[e.QueueID], int32(i))
		}
		if e.ClientIP.IsValid() {
			x.byIP[e.ClientIP.Unmap()] = append(x.byIP[e.ClientIP.Unmap()], int32(i))
		}
		if e.Client != "" {
			name := canonical(e.Client)
			x.byName[name] = append(x.byName[name], int32(i))
		}
	}
	return x
}

// of gives the lines with a queue ID, and those of a client's address.
func (x *inboundIndex) of(id string, ip netip.Addr) iter.Seq[InboundEntry] {
	return x.lines(x.byID[id], x.byIP[ip])
}

// from gives the lines of clients, by their address and names.
func (x *inboundIndex) from(ip netip.Addr, names ...string) iter.Seq[InboundEntry] {
	lists := [][]int32{x.byIP[ip]}
	for _, name := range names {
		lists = append(lists, x.byName[name])
	}
	return x.lines(lists...)
}

// lines gives the entries of each list, the first 2000.
func (x *inboundIndex) lines(lists ...[]int32) iter.Seq[InboundEntry] {
	return func(yield func(InboundEntry) bool) {
		for _, indices := range lists {
			for _, i := range indices[:min(len(indices), maxEntries)] {
				if !yield(x.entries[i]) {
					return
				}
			}
		}
	}
}
