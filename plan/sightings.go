package plan

import (
	"fmt"
	"net/netip"
	"slices"

	"unspoof/dns"
	"unspoof/inventory"
	"unspoof/spf"
)

const seenToSend = "It was seen to send, and the new record does not let it in."

// sightings adds senders of the inventory that were seen, and that the new record
// does not let in.
func (b *builder) sightings(list *inventory.Inventory) {
	if list == nil || b.set == nil {
		return
	}
	for i := range list.Senders {
		s := &list.Senders[i]
		if s.Kind == inventory.KindKey || s.Status == inventory.Hinted && s.Seen.Count == 0 || b.spared[s.Key] || elsewhere(s, b.plan.Domain) {
			continue
		}
		out := ShutOut{Name: s.Key, Owner: s.Name, Terms: []string{}, Ranges: []string{}, names: senderNames(s)}
		for _, a := range s.Addresses {
			if a.Count == 0 || b.leaving[s.Key] && a.SPF != inventory.Yes {
				continue // never seen to send; or today's record does not let it in either
			}
			if p := netip.PrefixFrom(a.Address.Unmap(), a.Address.Unmap().BitLen()); refusal(p) != "" {
				continue // seen inside one's own network; receivers never see it
			}
			switch b.says(a) {
			case inventory.No:
				if b.drops(a.Address.Unmap().String()) {
					b.plan.ShutOut = append(b.plan.ShutOut, ShutOut{
						Name: a.Address.String(), Owner: s.Name, Terms: []string{}, Ranges: []string{a.Address.String()}, Messages: a.Count,
						Addresses: tally(spf.Range{From: a.Address, To: a.Address}), Why: seenToSend, Dropped: true,
					})
					continue
				}
				out.Addresses = out.Addresses.Plus(tally(spf.Range{From: a.Address, To: a.Address}))
				out.Messages += a.Count
				if len(out.Ranges) < maxRanges {
					out.Ranges = append(out.Ranges, a.Address.String())
				}
			case inventory.Unknown:
				out.Open = true
			}
		}
		if out.Addresses.IsZero() {
			if out.Open {
				b.plan.Unsure = true
				b.warn("Whether the new record lets in %s is not known: DNS did not answer, or it hangs on each message.", s.Name)
			}
			continue
		}
		out.Why = seenToSend
		b.merge(s, out)
	}
}

// merge puts a sender seen together with the terms of today's that let it in.
func (b *builder) merge(s *inventory.Sender, out ShutOut) {
	for i := range b.plan.ShutOut {
		old := &b.plan.ShutOut[i]
		if len(old.Terms) == 1 && slices.Contains(s.Terms, old.Terms[0]) {
			old.Owner, old.Messages = s.Name, old.Messages+out.Messages
			old.names = append(old.names, out.names...)
			return
		}
	}
	b.plan.ShutOut = append(b.plan.ShutOut, out)
}

// messagesSeen says how many.
func messagesSeen(n int) string {
	if n == 1 {
		return "1 message seen"
	}
	return fmt.Sprintf("%d messages seen", n)
}

// elsewhere reports that the sender's own return path is checked against another
// record than this domain's: then this one is not even asked.
func elsewhere(s *inventory.Sender, domain string) bool {
	return s.SPF.Basis == inventory.Observed && s.SPF.Domain != "" && dns.Canonical(s.SPF.Domain) != domain
}

// says tells what the new record says to an address that was seen.
func (b *builder) says(a inventory.Address) inventory.Answer {
	addr := a.Address.Unmap()
	// Ranges cover every address, IPv4 before IPv6, which is how netip orders them.
	i, ok := slices.BinarySearchFunc(b.set.Ranges, addr, func(r spf.SetRange, addr netip.Addr) int {
		switch {
		case r.Range.To.Less(addr):
			return -1
		case addr.Less(r.Range.From):
			return 1
		}
		return 0
	})
	if !ok {
		return inventory.Unknown
	}
	switch r := &b.set.Ranges[i]; {
	case r.Result == spf.Pass:
		return inventory.Yes
	case slices.Contains(r.May(spf.AsWritten), spf.Pass), r.Result == spf.TempError, r.Result == spf.Unknown:
		return inventory.Unknown
	}
	return inventory.No
}
