//go:build e2e

package fleet_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	mdns "github.com/miekg/dns"

	"unspoof/dns"
	"unspoof/e2e/nameserver"
	"unspoof/internal/fleet"
	"unspoof/posture"
)

// BenchmarkFleet gives the rate of the program over ten thousand domains of every
// kind, and BenchmarkCostlyFleet over as many for which it asks all that it may,
// beside clients that ask exactly the same questions of the same server and make
// nothing of the answers: our own, and miekg/dns with a socket for each worker.
//
//	go test -tags e2e -run - -bench Fleet ./e2e/fleet
func BenchmarkFleet(b *testing.B)       { compare(b, kinds) }
func BenchmarkCostlyFleet(b *testing.B) { compare(b, costly) }

func compare(b *testing.B, kinds []kind) {
	list, addr, domains := served(b, size, kinds)
	questions := questionsOf(b, addr, domains)
	rate := func(b *testing.B) {
		b.ReportMetric(float64(b.N*size)/b.Elapsed().Seconds(), "domains/s")
		b.ReportMetric(0, "ns/op")
	}
	b.Run("unspoof", func(b *testing.B) {
		var memory int64
		var computed time.Duration
		for b.Loop() {
			out := check(b, addr, "@"+list, "--format", "csv")
			if n := strings.Count(out.stdout, "\n"); n != size+1 {
				b.Fatalf("%d rows\n%s", n, out.stderr)
			}
			memory = max(memory, out.memory)
			computed += out.computed
		}
		rate(b)
		b.ReportMetric(float64(memory)/(1<<20), "MiB")
		b.ReportMetric(float64(computed.Microseconds())/float64(b.N*size), "cpu-us/domain")
	})
	b.Run("bare", func(b *testing.B) {
		c := nameserver.Client(b, addr)
		for b.Loop() {
			workers(len(questions), func(next func() (int, bool)) {
				for i, ok := next(); ok; i, ok = next() {
					for _, q := range questions[i] {
						if _, err := c.Lookup(b.Context(), q); err != nil {
							b.Error(err)
						}
					}
				}
			})
		}
		rate(b)
		b.ReportMetric(perDomain(questions), "questions/domain")
	})
	b.Run("miekg", func(b *testing.B) {
		var c mdns.Client
		for b.Loop() {
			workers(len(questions), func(next func() (int, bool)) {
				conn, err := c.Dial(addr)
				if err != nil {
					b.Error(err)
					return
				}
				defer conn.Close()
				for i, ok := next(); ok; i, ok = next() {
					for _, q := range questions[i] {
						m := new(mdns.Msg).SetQuestion(mdns.Fqdn(q.Name), uint16(q.Type))
						if _, _, err := c.ExchangeWithConn(m, conn); err != nil {
							b.Error(err)
						}
					}
				}
			})
		}
		rate(b)
	})
}

// workers runs as many as unspoof has, which share n tasks.
func workers(n int, work func(next func() (int, bool))) {
	var wg sync.WaitGroup
	var taken atomic.Int64
	for range fleet.DefaultConcurrency {
		wg.Go(func() {
			work(func() (int, bool) {
				i := int(taken.Add(1)) - 1
				return i, i < n
			})
		})
	}
	wg.Wait()
}

// questionsOf tells what a run over the domains asks of the server, by domain:
// what the cache or Shared has already is not among it.
func questionsOf(b *testing.B, addr string, domains []string) [][]dns.Question {
	b.Helper()
	var shared posture.Shared
	log := &logger{inner: nameserver.Client(b, addr)}
	cache := dns.Cached(log)
	all := make([][]dns.Question, len(domains))
	for i, d := range domains {
		log.asked = nil
		r, err := posture.Check(b.Context(), posture.Args{Domain: d, Resolver: cache, Quick: true, Shared: &shared})
		if err != nil || r.Questions > posture.QuickQuestions {
			b.Fatal(d, r.Questions, err)
		}
		all[i] = log.asked
	}
	return all
}

// logger notes what is asked.
type logger struct {
	inner dns.Resolver
	mu    sync.Mutex
	asked []dns.Question
}

func (l *logger) Lookup(ctx context.Context, q dns.Question) (dns.Answer, error) {
	l.mu.Lock()
	l.asked = append(l.asked, q)
	l.mu.Unlock()
	return l.inner.Lookup(ctx, q)
}

func perDomain(questions [][]dns.Question) float64 {
	n := 0
	for _, list := range questions {
		n += len(list)
	}
	return float64(n) / float64(len(questions))
}
