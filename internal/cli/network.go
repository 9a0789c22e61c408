package cli

import (
	"context"
	"errors"
	"sync"
	"time"

	"unspoof/dns"
)

// network passes questions on until it is plain that nobody is there: without
// a network, each of a thousand questions would otherwise take its full time.
type network struct {
	dns.Resolver

	mu       sync.Mutex
	answered bool // somebody is there; from now on every question is passed on
	faults   int  // questions that nobody answered
	last     time.Time
	err      *dns.Error
}

const (
	// hopeless is after how many unanswered questions, none being answered,
	// others are not asked any more.
	hopeless = 3
	// hopeAgain is when one more is asked nevertheless: a network comes back.
	hopeAgain = 15 * time.Second
)

// Lookup implements dns.Resolver.
func (n *network) Lookup(ctx context.Context, q dns.Question) (dns.Answer, error) {
	if err := n.given(q); err != nil {
		return dns.Answer{}, err
	}
	a, err := n.Resolver.Lookup(ctx, q)
	n.note(err)
	return a, err
}

// given is the fault to give without asking; nil: ask.
func (n *network) given(q dns.Question) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.answered || n.faults < hopeless || time.Since(n.last) > hopeAgain {
		return nil
	}
	return &dns.Error{Question: q, Kind: n.err.Kind, Server: n.err.Server, Err: n.err.Err}
}

func (n *network) note(err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	var fault *dns.Error
	if err == nil || !errors.As(err, &fault) {
		n.answered = n.answered || err == nil
		return
	}
	switch fault.Kind {
	case dns.FaultTimeout, dns.FaultNetwork:
		n.faults++
		n.last, n.err = time.Now(), fault
	case dns.FaultServFail, dns.FaultRefused, dns.FaultMalformed:
		n.answered = true // badly, but somebody is there
	}
}

// silent reports that questions were asked and nobody answered any.
func (n *network) silent() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return !n.answered && n.faults > 0
}
