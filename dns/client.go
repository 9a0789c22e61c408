package dns

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

const (
	defaultTimeout = 2 * time.Second
	defaultTotal   = 10 * time.Second

	// maxChain bounds the aliases followed for one question. RFC 1034 section
	// 3.6.2 wants loops found; servers stop between 8 and 16.
	maxChain = 16

	// rounds is how often the servers that gave nothing readable are asked: a
	// datagram may get lost.
	rounds = 2

	// maxInFlight bounds the lookups under way, each with one socket at a time.
	maxInFlight = 256
)

var errChain = fmt.Errorf("the aliases form a loop or a chain of more than %d", maxChain)

// Config says whom a [Client] asks and how long it waits.
type Config struct {
	// Servers are recursive servers, in the order in which to try them:
	// "192.0.2.1", "192.0.2.1:5353", "2001:db8::1", "[2001:db8::1]:53". At
	// least one; names are not accepted. [SystemServers] gives the machine's.
	Servers []string
	// Timeout bounds one query to one server; zero means 2 s.
	Timeout time.Duration
	// Total bounds a whole Lookup, all servers, repetitions and aliases
	// included; zero means 10 s. A deadline of the context's may be sooner. At most
	// 256 lookups are under way at once; what others wait for their turn does not
	// count, since it says nothing of the servers.
	Total time.Duration
}

// Client asks recursive servers. It takes an answer only from the address that
// was asked, with the id and question that were sent: a random id for each query,
// and a source port that nobody can foretell (RFC 5452). It says that it takes
// 1232 octets (RFC 6891), and asks again over TCP what is longer. It keeps no
// answer ([Cached] does), and sockets for seconds only. Safe for concurrent use.
type Client struct {
	servers        []string
	timeout, total time.Duration
	dial           dialer

	preferred atomic.Uint32 // index of the server that answered last
	slots     chan struct{} // one for each lookup under way
	sockets   sockets       // for UDP
}

// NewClient checks the configuration. It sends nothing.
func NewClient(cfg Config) (*Client, error) {
	if len(cfg.Servers) == 0 {
		return nil, errors.New("dns: no server to ask; name one by its address, such as 192.0.2.53")
	}
	c := &Client{
		timeout: cmp.Or(cfg.Timeout, defaultTimeout),
		total:   cmp.Or(cfg.Total, defaultTotal),
		dial:    dialNet,
		slots:   make(chan struct{}, maxInFlight),
	}
	if c.timeout < 0 || c.total < 0 {
		return nil, errors.New("dns: a timeout below zero; leave it zero for the default")
	}
	for _, s := range cfg.Servers {
		addr, err := serverAddr(s)
		if err != nil {
			return nil, err
		}
		c.servers = append(c.servers, addr)
	}
	return c, nil
}

// Lookup implements [Resolver]. The servers are tried in turn on silence, on
// SERVFAIL and REFUSED, and where one turns out lame, the one that answered
// last first. Aliases are followed, at most 16 (FaultMalformed beyond).
func (c *Client) Lookup(ctx context.Context, q Question) (Answer, error) {
	if err := CheckName(q.Name); err != nil {
		return Answer{}, &Error{Question: q, Kind: FaultName, Err: err}
	}
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return Answer{}, &Error{Question: q, Kind: contextFault(ctx), Err: ctx.Err()}
	}
	deadline := time.Now().Add(c.total)
	if d, ok := ctx.Deadline(); ok && d.Before(deadline) {
		deadline = d
	}
	ask := Question{Canonical(q.Name), q.Type}
	var chain []string
	var ttl time.Duration
	checked := true
	for {
		r, err := c.ask(ctx, deadline, ask)
		if err != nil {
			err.Question = q
			return Answer{}, err
		}
		if chain == nil || r.ttl < ttl {
			ttl = r.ttl
		}
		checked = checked && r.checked
		chain = append(chain, r.chain...)
		if len(chain) > maxChain {
			return Answer{}, &Error{Question: q, Kind: FaultMalformed, Server: r.server, Err: errChain}
		}
		if r.complete {
			return Answer{RCode: r.rcode, Records: r.records, Chain: chain, TTL: ttl, Server: r.server, Authenticated: checked}, nil
		}
		// The server left the rest of the chain to us.
		ask.Name = chain[len(chain)-1]
	}
}

// ask gets one server's word on the question, from the first that has one.
func (c *Client) ask(ctx context.Context, deadline time.Time, q Question) (reply, *Error) {
	first := int(c.preferred.Load())
	silent := make([]int, len(c.servers))
	for i := range silent {
		silent[i] = (first + i) % len(c.servers)
	}
	var worst *Error
	for round := 0; round < rounds && len(silent) > 0; round++ {
		try := silent
		silent = nil
		for _, i := range try {
			r, err := c.askServer(ctx, deadline, c.servers[i], q)
			if err == nil {
				c.preferred.Store(uint32(i))
				return r, nil
			}
			if ctx.Err() != nil {
				err.Kind = contextFault(ctx)
				return reply{}, err
			}
			if !time.Now().Before(deadline) {
				err.Kind = FaultTimeout
				return reply{}, err
			}
			if err.Kind == FaultTimeout || err.Kind == FaultMalformed {
				silent = append(silent, i)
			}
			if worst == nil || telling(err.Kind) > telling(worst.Kind) {
				worst = err
			}
		}
	}
	return reply{}, worst
}

// telling ranks faults by how much they say, for the one that is reported when
// several servers failed.
func telling(kind FaultKind) int {
	switch kind {
	case FaultServFail:
		return 4
	case FaultRefused:
		return 3
	case FaultMalformed:
		return 2
	case FaultTimeout:
		return 1
	}
	return 0
}

// contextFault tells a caller who gave up from a deadline that passed.
func contextFault(ctx context.Context) FaultKind {
	if errors.Is(ctx.Err(), context.Canceled) {
		return FaultCanceled
	}
	return FaultTimeout
}
