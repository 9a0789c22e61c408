package posture

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	"unspoof/dns"

	"unspoof/finding"
)

// list is a block list of addresses, and how to read what it answers.
type list struct {
	zone string
	ipv6 bool // takes IPv6 addresses
	link string
	// codes say what an answer means, by its last octet; policy are those that say
	// only that an address should not send by itself. Other codes are not read.
	codes  map[byte]string
	policy map[byte]bool
}

// lists are a few that large receivers use.
var lists = []list{
	{
		zone: "zen.spamhaus.org", ipv6: true, link: "https://check.spamhaus.org/",
		codes: map[byte]string{
			2: "a source of spam (SBL)", 3: "a source of spam by its behaviour (CSS)", 4: "a misused machine (XBL)", 5: "a misused machine (XBL)",
			6: "a misused machine (XBL)", 7: "a misused machine (XBL)", 9: "a network of criminals (DROP)",
			10: "an address for end users, by its provider (PBL)", 11: "an address for end users (PBL)",
		},
		policy: map[byte]bool{10: true, 11: true},
	},
	{zone: "bl.spamcop.net", link: "https://www.spamcop.net/bl.shtml", codes: map[byte]string{2: "mail from it was reported as spam"}},
	{zone: "b.barracudacentral.org", link: "https://www.barracudacentral.org/lookups", codes: map[byte]string{2: "a source of spam"}},
	{zone: "psbl.surriel.com", link: "https://psbl.org/", codes: map[byte]string{2: "mail from it reached a spam trap"}},
}

// Entries that every list of RFC 5782 section 5 has and has not.
var (
	testListed   = netip.MustParseAddr("127.0.0.2")
	testUnlisted = netip.MustParseAddr("127.0.0.1")
)

// checkBlocklists asks the lists about own addresses. A list counts only where its
// test entries answer as they must: one that is gone, or that does not serve the
// resolver, would else list nobody or everybody.
func (c *checker) checkBlocklists(ctx context.Context, own []ownAddress) {
	if len(own) == 0 {
		return
	}
	ask := &part{asker: c.ask, left: blocklistQuestions, aside: true}
	for i := range lists {
		l := &lists[i]
		broken := l.broken(ctx, ask)
		for _, addr := range own {
			if addr.Is6() && !l.ipv6 {
				continue
			}
			b := Blocklist{List: l.zone, Address: addr.String(), Listed: NotKnown, Why: broken, Link: l.link}
			if broken == "" {
				var policy bool
				b.Listed, b.Why, policy = l.ask(ctx, ask, addr.Addr)
				c.noteListed(b, policy, c.ask.evidence(dns.TypeA, l.name(addr.Addr), nil))
			}
			c.report.Blocklists = append(c.report.Blocklists, b)
		}
	}
}

func (c *checker) noteListed(b Blocklist, policy bool, ev finding.Evidence) {
	if b.Listed != Yes {
		return
	}
	id := "LIST-001"
	if policy {
		id = "LIST-002"
	}
	c.find(id, vars{"address": b.Address, "list": b.List, "reason": b.Why, "link": b.Link}, ev)
}

// broken says why the list's answers mean nothing here, "" where they do.
func (l *list) broken(ctx context.Context, r dns.Resolver) string {
	switch state, why, _ := l.ask(ctx, r, testListed); state {
	case NotKnown:
		return why
	case No:
		return "the list does not know its own test entry: it does not serve this resolver, or not at all"
	}
	switch state, why, _ := l.ask(ctx, r, testUnlisted); state {
	case NotKnown:
		return why
	case Yes:
		return "the list lists everything: it is out of service"
	}
	return ""
}

// ask asks for one address. Only answers with codes that the list documents count
// as listed; 127.255.255.x says that the list does not answer this resolver.
func (l *list) ask(ctx context.Context, r dns.Resolver, addr netip.Addr) (listed State, why string, policy bool) {
	a, err := r.Lookup(ctx, dns.Question{Name: l.name(addr), Type: dns.TypeA})
	if err != nil {
		return NotKnown, "the list did not answer (" + faultWord(err) + ")", false
	}
	if a.Void() {
		return No, "not listed", false
	}
	var reasons []string
	policy = true
	for _, rec := range a.Records {
		b := rec.Addr.Unmap()
		if !b.Is4() {
			return NotKnown, "the answer is none of the list's", false
		}
		o := b.As4()
		reason := l.codes[o[3]]
		switch {
		case o[0] == 127 && o[1] == 255 && o[2] == 255:
			return NotKnown, fmt.Sprintf("the list does not answer this resolver (%s): ask through a resolver of your own", b), false
		case o[0] != 127 || o[1] != 0 || o[2] != 0 || reason == "":
			return NotKnown, fmt.Sprintf("the answer %s is none of the list's", b), false
		}
		reasons = append(reasons, reason)
		policy = policy && l.policy[o[3]]
	}
	return Yes, strings.Join(reasons, ", "), policy
}

// name is what to ask for an address (RFC 5782 sections 2.1 and 2.4).
func (l *list) name(addr netip.Addr) string {
	name := dns.ReverseName(addr)
	name = strings.TrimSuffix(strings.TrimSuffix(name, ".in-addr.arpa"), ".ip6.arpa")
	return name + "." + l.zone
}
