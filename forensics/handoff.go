package forensics

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"unspoof/dns"
)

const (
	// maxDescribed is how many hand-off addresses DNS is asked about: four
	// questions each, so that a mailbox never becomes a scan.
	maxDescribed = 20
	// maxAsking is how many of them are asked about at the same time.
	maxAsking = 8
)

// handoffs lists the addresses that handed mail over, most frequent first.
func (m *Mailbox) handoffs() []Handoff {
	list := make([]uint32, m.rows.len())
	for i := range list {
		list[i] = uint32(i)
	}
	out := []Handoff{}
	sortRuns(list, func(a, b uint32) int { return bytes.Compare(m.rows.at(a).handoff[:], m.rows.at(b).handoff[:]) }, func(run []uint32) {
		h := Handoff{IP: fromBytes(m.rows.at(run[0]).handoff), Count: len(run)}
		if !h.IP.IsValid() || len(out) == maxHandoffList && h.Count <= out[len(out)-1].Count {
			return
		}
		var counts [verdictCount]int
		for _, i := range run {
			counts[m.rows.at(i).verdict()]++
		}
		// The most frequent decided verdict, the graver of equals.
		best := unknownVerdict
		for v := genuineVerdict; v < verdictCount; v++ {
			if counts[v] > 0 && (best == unknownVerdict || counts[v] >= counts[best]) {
				best = v
			}
		}
		h.Verdict = verdictNames[best]
		at, _ := slices.BinarySearchFunc(out, h, func(a, b Handoff) int {
			if a.Count != b.Count {
				return b.Count - a.Count
			}
			return a.IP.Compare(b.IP)
		})
		out = slices.Insert(out, at, h)
		out = out[:min(len(out), maxHandoffList)]
	})
	return out
}

// describeHandoffs fills in what DNS tells of the first addresses: the reverse
// name, and the network and country from the zones that Team Cymru publishes.
// What does not exist stays empty; faults are counted in a warning.
func describeHandoffs(ctx context.Context, resolver dns.Resolver, list []Handoff, warnings *[]string) {
	if resolver == nil {
		return
	}
	list = list[:min(len(list), maxDescribed)]
	faults := make([]bool, len(list))
	var wait sync.WaitGroup
	slots := make(chan struct{}, maxAsking)
	for i := range list {
		if a := list[i].IP; !a.IsGlobalUnicast() || a.IsPrivate() {
			continue
		}
		slots <- struct{}{}
		wait.Go(func() {
			defer func() { <-slots }()
			faults[i] = list[i].describe(ctx, resolver)
		})
	}
	wait.Wait()
	n := 0
	for _, f := range faults {
		n += btoi(f)
	}
	if n > 0 {
		*warnings = append(*warnings, fmt.Sprintf("DNS did not answer about %s; name, network or country may be missing.", share(n, len(list), "hand-off address")))
	}
}

// describe asks the questions about one address and tells whether one stayed
// without an answer.
func (h *Handoff) describe(ctx context.Context, resolver dns.Resolver) (fault bool) {
	ask := func(name string, t dns.Type) []dns.Record {
		a, err := resolver.Lookup(ctx, dns.Question{Name: name, Type: t})
		if err != nil {
			var e *dns.Error
			// An offline view that lacks a name is no fault of the network.
			fault = fault || !errors.As(err, &e) || e.Kind != dns.FaultOffline
			return nil
		}
		return a.Records
	}
	reversed := reverseLabels(h.IP)
	zone, origin := "in-addr.arpa", "origin.asn.cymru.com"
	if h.IP.Is6() {
		zone, origin = "ip6.arpa", "origin6.asn.cymru.com"
	}
	if r := ask(reversed+"."+zone, dns.TypePTR); len(r) > 0 {
		h.Name = plainText(r[0].Host, 253)
	}
	// "64500 | 192.0.2.0/24 | ZZ | registry | 2004-01-01"
	fields := cymruFields(ask(reversed+"."+origin, dns.TypeTXT))
	if len(fields) < 3 {
		return fault
	}
	if isCountry(fields[2]) {
		h.Country = fields[2]
	}
	// An address announced by several networks names them with blanks between.
	number, _, _ := strings.Cut(fields[0], " ")
	if number == "" || len(number) > 10 || strings.Trim(number, "0123456789") != "" {
		return fault
	}
	h.Network = "AS" + number
	// "64500 | ZZ | registry | 2004-01-01 | EXAMPLE-NET Example, ZZ"
	if f := cymruFields(ask("AS"+number+".asn.cymru.com", dns.TypeTXT)); len(f) >= 5 && f[4] != "" {
		h.Network += " " + plainText(f[4], maxNameText)
	}
	return fault
}

func cymruFields(records []dns.Record) []string {
	if len(records) == 0 {
		return nil
	}
	fields := strings.Split(shorten(strings.Join(records[0].Text, ""), 512), "|")
	for i := range fields {
		fields[i] = strings.TrimSpace(fields[i])
	}
	return fields
}

func isCountry(s string) bool {
	return len(s) == 2 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// reverseLabels gives the octets, or nibbles, of an address in reverse order
// as the reverse zones want them (RFC 1035 section 3.5).
func reverseLabels(a netip.Addr) string {
	b := a.AsSlice()
	parts := make([]string, 0, 32)
	for _, v := range slices.Backward(b) {
		if a.Is4() {
			parts = append(parts, fmt.Sprint(v))
		} else {
			parts = append(parts, fmt.Sprintf("%x", v&15), fmt.Sprintf("%x", v>>4))
		}
	}
	return strings.Join(parts, ".")
}
