package posture

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"unspoof/dns"

	"unspoof/finding"
)

// list is a block list of addresses, and how to read what it answers.
type list struct {
	zone string
	ipv6 bool // takes IPv6 addresses
	link string
	rule string // whom it answers, for people; "" everybody
	// codes say what an answer means, by its last octet; policy are those that say
	// only that an address should not send by itself. Other codes are not read.
	codes  map[byte]string
	policy map[byte]bool
}

// lists are a few that large receivers use. Their operators answer a small number
// of questions for nothing; the rules of each are in Args.
var lists = []list{
	{
		zone: "zen.spamhaus.org", ipv6: true, link: "https://check.spamhaus.org/",
		rule: "it does not answer public resolvers",
		codes: map[byte]string{
			2: "a source of spam (SBL)", 3: "a source of spam by its behaviour (CSS)", 4: "a misused machine (XBL)", 5: "a misused machine (XBL)",
			6: "a misused machine (XBL)", 7: "a misused machine (XBL)", 9: "a network of criminals (DROP)", 30: "a controller of misused machines (BCL)",
			10: "an address for end users, by its provider (PBL)", 11: "an address for end users (PBL)",
		},
		policy: map[byte]bool{10: true, 11: true},
	},
	{zone: "bl.spamcop.net", link: "https://www.spamcop.net/bl.shtml", codes: map[byte]string{2: "mail from it was reported as spam"}},
	{zone: "b.barracudacentral.org", link: "https://www.barracudacentral.org/lookups", rule: "it answers only resolvers that were registered with it", codes: map[byte]string{2: "a source of spam"}},
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
	if len(own) == 0 || c.noLists {
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
				c.noteListed(b, addr.host, policy, c.ask.evidence(dns.TypeA, l.name(addr.Addr), nil))
			}
			c.report.Blocklists = append(c.report.Blocklists, b)
		}
	}
}

func (c *checker) noteListed(b Blocklist, host string, policy bool, ev finding.Evidence) {
	if b.Listed != Yes {
		return
	}
	id := "LIST-001"
	switch {
	case host != "":
		id = "LIST-003"
	case policy:
		id = "LIST-002"
	}
	c.find(id, vars{"host": host, "address": b.Address, "list": b.List, "reason": b.Why, "link": b.Link}, ev)
}

// broken says why the list's answers mean nothing here, "" where they do.
func (l *list) broken(ctx context.Context, r dns.Resolver) string {
	switch state, why, _ := l.ask(ctx, r, testListed); state {
	case NotKnown:
		return why
	case No:
		return "the list does not know its own test entry: it does not serve this resolver, or not at all" + l.ruled()
	}
	switch state, why, _ := l.ask(ctx, r, testUnlisted); state {
	case NotKnown:
		return why
	case Yes:
		return "the list lists everything: it is out of service"
	}
	return ""
}

// ruled adds whom the list answers to a reason.
func (l *list) ruled() string {
	if l.rule == "" {
		return ""
	}
	return "; " + l.rule
}

// ask asks for one address. Only answers with codes that the list documents count
// as listed; 127.255.255.x says that the list does not answer this resolver.
func (l *list) ask(ctx context.Context, r dns.Resolver, addr netip.Addr) (listed State, why string, policy bool) {
	a, err := r.Lookup(ctx, dns.Question{Name: l.name(addr), Type: dns.TypeA})
	if err != nil {
		return NotKnown, "the list did not answer (" + faultWord(err) + ")" + l.ruled(), false
	}
	if a.Void() {
		return No, "not listed", false
	}
	var reasons []string
	policy = true
	var strange netip.Addr // an answer that cannot be read
	for _, rec := range a.Records {
		b := rec.Addr.Unmap()
		o := b.As16()
		switch reason := l.codes[o[15]]; {
		case b.Is4() && o[12] == 127 && o[13] == 255 && o[14] == 255:
			return NotKnown, fmt.Sprintf("the list does not answer this resolver (%s): ask through a resolver of your own", b), false
		case !b.Is4() || o[12] != 127 || o[13] != 0 || o[14] != 0 || reason == "":
			strange = b
		default:
			reasons = append(reasons, reason)
			policy = policy && l.policy[o[15]]
		}
	}
	if len(reasons) > 0 { // lists add codes: one that is known is enough
		slices.Sort(reasons)
		return Yes, strings.Join(slices.Compact(reasons), ", "), policy
	}
	return NotKnown, fmt.Sprintf("the answer %s is none of the list's", strange), false
}

// name is what to ask for an address (RFC 5782 sections 2.1 and 2.4).
func (l *list) name(addr netip.Addr) string {
	name := dns.ReverseName(addr)
	name = strings.TrimSuffix(strings.TrimSuffix(name, ".in-addr.arpa"), ".ip6.arpa")
	return name + "." + l.zone
}
