package inventory

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"unspoof/dns"
)

const (
	// workers is how many questions are under way at a time: selectors are asked for
	// by the hundred, and each is one round trip.
	workers = 8
	// maxUnknown bounds the sentences about questions left open.
	maxUnknown = 100
)

// asker remembers every answer, so that one run sees one state of DNS, whatever
// asks: SPF, DMARC and the probing of selectors have many questions in common. How
// much it holds is bounded by the limits of those who ask.
type asker struct {
	inner dns.Resolver

	mu      sync.Mutex
	answers map[dns.Question]answered
	open    map[string]bool // sentences
}

type answered struct {
	answer dns.Answer
	err    error
}

func newAsker(r dns.Resolver) *asker {
	return &asker{inner: r, answers: map[dns.Question]answered{}, open: map[string]bool{}}
}

// Lookup implements dns.Resolver.
func (a *asker) Lookup(ctx context.Context, q dns.Question) (dns.Answer, error) {
	q.Name = dns.Canonical(q.Name)
	a.mu.Lock()
	old, known := a.answers[q]
	a.mu.Unlock()
	if known {
		return old.answer, old.err
	}
	answer, err := a.inner.Lookup(ctx, q)
	if ctx.Err() != nil {
		return answer, err // says nothing about the question
	}
	a.mu.Lock()
	a.answers[q] = answered{answer, err}
	a.mu.Unlock()
	return answer, err
}

// ask puts a question whose answer is wanted for certain: a fault is told.
func (a *asker) ask(ctx context.Context, name string, t dns.Type) (dns.Answer, error) {
	answer, err := a.Lookup(ctx, dns.Question{Name: name, Type: t})
	var fault *dns.Error
	if errors.As(err, &fault) && fault.Kind == dns.FaultName {
		// A name that cannot be asked for has no records.
		return dns.Answer{RCode: dns.NXDomain}, nil
	}
	if err != nil {
		a.unanswered(fmt.Sprintf("DNS did not answer for the %s records of %s.", t, name))
	}
	return answer, err
}

func (a *asker) unanswered(sentence string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.open[sentence] = true
}

// unknown gives the sentences in order.
func (a *asker) unknown() []string {
	list := make([]string, 0, len(a.open))
	for s := range a.open {
		list = append(list, s)
	}
	slices.Sort(list)
	if n := len(list) - maxUnknown; n > 0 {
		list = append(list[:maxUnknown], fmt.Sprintf("And %d more questions were not answered.", n))
	}
	return list
}

// hostAddresses gives the addresses of a name, and where its chain of aliases ends
// ("" without one).
func (a *asker) hostAddresses(ctx context.Context, host string) (found []dns.Record, target string) {
	for _, t := range []dns.Type{dns.TypeA, dns.TypeAAAA} {
		answer, err := a.ask(ctx, host, t)
		if err != nil {
			continue
		}
		if n := len(answer.Chain); n > 0 {
			target = answer.Chain[n-1]
		}
		found = append(found, answer.Records...)
	}
	return found, target
}

// each calls do for 0 to n-1, some at a time.
func each(n int, do func(i int)) {
	next := make(chan int)
	var all sync.WaitGroup
	for range min(n, workers) {
		all.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	all.Wait()
}
