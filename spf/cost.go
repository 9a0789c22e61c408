package spf

import (
	"context"

	"unspoof/dns"
)

// Cost is what a record costs a receiver at worst, over all clients of both
// families (RFC 7208 section 4.6.4). It is counted past the limits, and past what
// is broken, as though that did not match: so it is what remains when that is
// mended.
//
// The dearest client is one that no term matches. The terms that another client
// is checked against are some of those: a match ends the record, or the included
// record, that it happens in, and nothing is ever read instead. Only where the
// terms of a record leave no address unmatched, such as after ip4:0.0.0.0/0 or an
// exists that is always true, is every client's way gone through; see AtMost.
type Cost struct {
	Lookups int `json:"lookups"` // terms that need DNS; more than 10 are a permerror
	// Voids counts terms that find nothing, for the worse of the two address
	// families; more than 2 are a permerror. A host without IPv6 is void to
	// clients that have it. See the package comment.
	Voids     int `json:"voids"`
	VoidsIPv4 int `json:"voids_ipv4"`
	VoidsIPv6 int `json:"voids_ipv6"`
	// Hanging counts the terms whose name, or answer, hangs on the message: macros
	// and ptr. They are in Lookups, but not in the voids, though each can find
	// nothing for a client; nor is what such an include leads to in either.
	Hanging int `json:"hanging"`
	// Unlisted counts those of Hanging that are an exists. Each is a void to whom it
	// does not match, so that Voids and Unlisted add up for a client that none does.
	Unlisted int `json:"unlisted"`
	// VoidsAtMost is Voids where each of the hanging terms finds nothing as well.
	VoidsAtMost int `json:"voids_at_most"`
	// Open is true where an include or redirect hangs on the message: then what it
	// leads to has no bound, and the numbers hold without that.
	Open bool `json:"open"`
	// OwnMail is true where a name holds %{o}, which was taken to be the domain: the
	// numbers are those for mail of the domain itself, not for that of others who
	// include the record or redirect to it.
	OwnMail bool `json:"own_mail"`
	// Broken counts the terms at which the check ends with a permerror for whom comes
	// to them, whatever the limits: an include without a record, say, or a loop.
	Broken int `json:"broken"`
	// Hosts is the largest number of mail exchangers of one mx term; more than 10
	// are a permerror.
	Hosts int `json:"hosts"`
	// Loop is true when a record leads back to itself, a permerror for whomever no
	// term before that matches; the way round is counted once.
	Loop bool `json:"loop"`
	// Incomplete is true when DNS did not answer, or the walk was cut off at 1000
	// terms; the true numbers may then be higher.
	Incomplete bool `json:"incomplete"`
	// AtMost is true when it isn't known that any client reaches the numbers: the
	// terms match every address, and some hang on the message, or they are too many
	// to try each way through them.
	AtMost bool   `json:"at_most,omitempty"`
	Tree   []Node `json:"tree"` // what terms cost clients that nothing matches
}

// Node is a term that needs DNS, and those of the record that it leads to.
type Node struct {
	Term      string `json:"term"`
	Target    string `json:"target"`  // the name asked; the domain-spec where that hangs on the message
	Lookups   int    `json:"lookups"` // its own and those below
	VoidsIPv4 int    `json:"voids_ipv4"`
	VoidsIPv6 int    `json:"voids_ipv6"`
	Hanging   int    `json:"hanging"`
	Broken    bool   `json:"broken,omitempty"` // the check ends here with a permerror
	Note      string `json:"note,omitempty"`
	Nodes     []Node `json:"nodes,omitempty"`
}

// Within reports whether every client stays within the limits of RFC 7208 section
// 4.6.4, as far as they don't hang on the message.
func (c *Cost) Within() bool {
	return c.Lookups <= defaultLookups && c.Voids <= defaultVoids && c.Hosts <= maxHosts && !c.Loop
}

// WithinUnlisted is Within for the clients that no exists matches, too: to them each
// that hangs on the message is a void look-up (RFC 7208 section 4.6.4).
func (c *Cost) WithinUnlisted() bool { return c.Within() && c.Voids+c.Unlisted <= defaultVoids }

// Measure counts the cost of a record that domain has published or is to publish.
// Included records, and the addresses of hosts, come from r: each question is
// asked once, 1,500 at most. An error is a *SyntaxError in record; faults further
// on are notes in the tree.
func Measure(ctx context.Context, r dns.Resolver, domain, record string) (Cost, error) {
	reader := newReader(ctx, r)
	read, err := reader.read(domain, record)
	if err != nil {
		return Cost{}, err
	}
	return reader.cost(read), nil
}

// cost counts what was read.
func (r *reader) cost(read *reading) Cost {
	m := counter{}
	c := Cost{Tree: append([]Node{}, m.nodes(read)...)}
	for i := range c.Tree {
		n := &c.Tree[i]
		c.Lookups += n.Lookups
		c.VoidsIPv4 += n.VoidsIPv4
		c.VoidsIPv6 += n.VoidsIPv6
		c.Hanging += n.Hanging
	}
	c.Hosts, c.Loop, c.Incomplete = m.hosts, r.loop, r.cut || r.faulty
	c.worst(read)
	c.Voids = max(c.VoidsIPv4, c.VoidsIPv6)
	c.VoidsAtMost = c.Voids + c.Hanging
	c.Open, c.OwnMail, c.Broken, c.Unlisted = m.open, m.ownMail, m.broken, m.unlisted
	return c
}

// counter adds up the tree.
type counter struct {
	named    bool // the PTR question was made
	hosts    int
	broken   int
	unlisted int
	open     bool
	ownMail  bool
}

func (m *counter) nodes(read *reading) []Node {
	var out []Node
	for i := range read.subs {
		out = append(out, m.node(read, &read.subs[i]))
	}
	return out
}

func (m *counter) node(read *reading, s *sub) Node {
	t := &read.terms[s.index]
	n := Node{Term: read.text[t.start:t.end], Target: s.name, Lookups: 1, Note: s.note}
	n.Lookups += m.ptr(t, s)
	if s.hangs {
		n.Hanging = 1
		m.open = m.open || t.kind == KindInclude || t.kind == KindRedirect
		if t.kind == KindExists {
			m.unlisted++
		}
	}
	if s.err != nil {
		n.Broken = true
		m.broken++
	}
	m.ownMail = m.ownMail || s.senders
	if s.void[ipv4] {
		n.VoidsIPv4 = 1
	}
	if s.void[ipv6] {
		n.VoidsIPv6 = 1
	}
	m.hosts = max(m.hosts, s.hosted)
	if s.inner == nil {
		return n
	}
	n.Nodes = m.nodes(s.inner)
	for i := range n.Nodes {
		n.Lookups += n.Nodes[i].Lookups
		n.VoidsIPv4 += n.Nodes[i].VoidsIPv4
		n.VoidsIPv6 += n.Nodes[i].VoidsIPv6
		n.Hanging += n.Nodes[i].Hanging
	}
	return n
}

// ptr gives the look-up that %{p} adds where it makes the PTR question; a ptr term
// makes that in its own.
func (m *counter) ptr(t *term, s *sub) int {
	if !s.asksPTR || m.named {
		return 0
	}
	m.named = true
	if t.kind == KindPTR {
		return 0
	}
	return 1
}
