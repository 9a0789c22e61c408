package inventory

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"unspoof/spf"
)

// maxChecks bounds the addresses that today's record is asked about.
const maxChecks = 1000

// maxOpenAsked bounds the return paths whose records are looked at as a whole.
const maxOpenAsked = 200

// nobodys are addresses that nobody sends from (RFC 1112 section 4, RFC 6598
// section 7, RFC 6666 section 4): a record that lets them in lets everybody in, and
// its pass proves nothing.
var nobodys = [...]string{"240.0.0.1", "100.64.0.1", "100::1"}

// claim of an address to send for a domain.
type pair struct {
	address netip.Addr
	domain  string
}

// checked is what today's record says to a pair.
type checked struct {
	answer Answer
	key    string // of the entity whose term decided, "" where none is known
	term   string
}

// check asks today's records about many pairs.
func (m *merger) check(ctx context.Context, pairs map[pair]bool) {
	list := make([]pair, 0, len(pairs))
	for p := range pairs {
		if _, done := m.checks[p]; !done {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b pair) int {
		if c := strings.Compare(a.domain, b.domain); c != 0 {
			return c
		}
		return a.address.Compare(b.address)
	})
	if room := max(0, maxChecks-len(m.checks)); len(list) > room {
		m.warn("Whether the SPF record lets %d more addresses in was not checked: there are more than %d.", len(list)-room, maxChecks)
		list = list[:room]
	}
	found := make([]checked, len(list))
	each(len(list), func(i int) { found[i] = m.checkOne(ctx, list[i]) })
	for i, p := range list {
		m.checks[p] = found[i]
	}
}

func (m *merger) checkOne(ctx context.Context, p pair) checked {
	res := m.checker.Check(ctx, spf.Args{IP: p.address, HELO: p.domain, MailFrom: "postmaster@" + p.domain})
	switch res.Result {
	case spf.Pass:
		c := checked{answer: Yes, term: res.Mechanism}
		if p.domain == m.domain {
			c.key = m.decided(res.Trace)
		}
		return c
	case spf.TempError:
		m.ask.unanswered(fmt.Sprintf("DNS did not answer whether the SPF record of %s lets %s in.", p.domain, p.address))
		return checked{answer: Unknown}
	}
	return checked{answer: No}
}

// decided finds the innermost term of the domain's own records that matched.
func (m *merger) decided(trace []spf.Step) string {
	key, depth := "", -1
	for _, s := range trace {
		if !s.Match || s.Depth < depth {
			continue
		}
		for i := range m.terms {
			if t := &m.terms[i]; t.key != "" && t.domain == s.Domain && t.text == s.Term {
				key, depth = t.key, s.Depth
				break
			}
		}
	}
	return key
}

// answer of today's record for the domain itself.
func (m *merger) answer(a netip.Addr) Answer {
	if c, ok := m.checks[pair{a, m.domain}]; ok {
		return c.answer
	}
	return Unknown
}

// everybody reports whether the record of a domain lets everybody in.
func (m *merger) everybody(ctx context.Context, domain string) bool {
	if open, done := m.open[domain]; done {
		return open
	}
	if len(m.open) == maxOpenAsked {
		m.warn("Mail has return paths of more than %d names below the domain; what only those of further names would prove was not counted.", maxOpenAsked)
		return true // without an answer, a pass proves nothing
	}
	open := false
	for _, a := range nobodys {
		res := m.checker.Check(ctx, spf.Args{IP: netip.MustParseAddr(a), HELO: domain, MailFrom: "postmaster@" + domain})
		open = open || res.Result == spf.Pass
	}
	m.open[domain] = open
	return open
}

// readWhole goes through the whole record once, as for an address that no term
// knows: what breaks it, and which terms lie behind that.
func (m *merger) readWhole(ctx context.Context) {
	if m.inv.SPF.Record == "" || m.broken {
		return
	}
	if m.everybody(ctx, m.domain) {
		m.inv.SPF.Everybody = true
		m.inv.SPF.Problem = fmt.Sprintf("The SPF record of %s lets everybody in, so that anybody may send in its name and a pass proves nothing.", m.domain)
		return
	}
	res := m.checker.Check(ctx, spf.Args{IP: netip.MustParseAddr(nobodys[0]), HELO: m.domain, MailFrom: "postmaster@" + m.domain})
	switch res.Result {
	case spf.TempError:
		m.inv.SPF.Open = true
		m.inv.SPF.Problem = "DNS did not answer for all of the SPF record: " + clip(res.Cause) + "."
		m.ask.unanswered("DNS did not answer for all of the SPF record of " + m.domain + ".")
	case spf.PermError:
		m.inv.SPF.Broken = true
		m.inv.SPF.Problem = "The SPF record breaks before its end: " + clip(res.Cause) + ". Whom only later terms let in, is not let in."
		reached := map[[2]string]bool{}
		for _, s := range res.Trace {
			reached[[2]string{s.Domain, s.Term}] = true
		}
		for i := range m.terms {
			t := &m.terms[i]
			if e := m.entities[t.key]; e != nil && t.pass && (!reached[[2]string{t.domain, t.text}] || t.text == res.Mechanism) {
				t.pass = false
				e.cut = true
			}
		}
	}
}

// clip keeps text of others short.
func clip(s string) string {
	if len(s) > 200 {
		return strings.ToValidUTF8(s[:200], "") + "…"
	}
	return s
}
