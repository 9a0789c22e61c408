// Package bench measures unspoof beside its peers. It is a module of its own, so
// that they stay out of the product's module graph.
//
//	cd bench && go test -run - -bench SPF -count 5 -cpu 1
//
// Beside the mean (ns/op) each benchmark gives the mean of its fastest run of 50
// (fastest-ns/op), which a busy machine disturbs less. DNS is in memory for all.
//
// The workloads are found beside the conformance suites (UNSPOOF_TESTDATA, counted
// from the folder of the product's go.mod, default ../shared/testdata).
package bench

import (
	"context"
	"encoding/json"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	peer "blitiri.com.ar/go/spf"

	"unspoof/dns"
	"unspoof/spf"
)

type workload struct {
	Scenarios []struct {
		Tests []struct {
			ID, HELO, Host, MailFrom string
			Results                  []string
		}
		Zone map[string]struct {
			RRs []struct {
				T, V string
				P    uint16
				S    []string
			}
		}
	}
}

func readWorkload(b *testing.B) workload {
	base := os.Getenv("UNSPOOF_TESTDATA")
	if base == "" {
		base = filepath.Join("..", "shared", "testdata")
	}
	if !filepath.IsAbs(base) {
		base = filepath.Join("..", base)
	}
	data, err := os.ReadFile(filepath.Join(base, "..", "bench", "spf-workload.json"))
	if err != nil {
		b.Skipf("workload not found (%v); set UNSPOOF_TESTDATA to the suites", err)
	}
	var w workload
	if err := json.Unmarshal(data, &w); err != nil {
		b.Fatal(err)
	}
	return w
}

// BenchmarkSPF runs every case of the workload with each engine, DNS in memory.
func BenchmarkSPF(b *testing.B) {
	for _, s := range readWorkload(b).Scenarios {
		ours, theirs := memory{}, peerMemory{}
		for name, data := range s.Zone {
			for _, rr := range data.RRs {
				ours.add(name, rr.T, rr.V, rr.P, rr.S)
				theirs.add(name, rr.T, rr.V, rr.P, rr.S)
			}
		}
		for _, t := range s.Tests {
			args := spf.Args{IP: netip.MustParseAddr(t.Host), HELO: t.HELO, MailFrom: t.MailFrom}
			for _, engine := range []struct {
				name string
				spf.Checker
			}{
				{"anew", spf.Checker{Resolver: ours}},
				{"trace", spf.Checker{Resolver: ours, Trace: true}},
				{"compiled", spf.Checker{Resolver: ours, Cache: spf.NewCache(0)}},
			} {
				ctx := context.Background()
				b.Run(t.ID+"/unspoof-"+engine.name, func(b *testing.B) {
					measure(b, func() {
						if r := engine.Check(ctx, args); string(r.Result) != t.Results[0] {
							b.Fatal(r.Result, r.Cause)
						}
					})
				})
			}
			ip := net.ParseIP(t.Host)
			b.Run(t.ID+"/blitiri", func(b *testing.B) {
				measure(b, func() {
					if r, err := peer.CheckHostWithSender(ip, t.HELO, t.MailFrom, peer.WithResolver(theirs)); string(r) != t.Results[0] {
						b.Fatal(r, err)
					}
				})
			})
		}
	}
}

// measure runs a check for the usual figures, then for the fastest of many short
// runs.
func measure(b *testing.B, check func()) {
	b.ReportAllocs()
	for b.Loop() {
		check()
	}
	const run = 50
	fastest := time.Hour
	for range 400 {
		start := time.Now()
		for range run {
			check()
		}
		fastest = min(fastest, time.Since(start))
	}
	b.ReportMetric(float64(fastest.Nanoseconds())/run, "fastest-ns/op")
}

// memory is DNS for our engine. An answer costs one map look-up.
type memory map[string]*[29]dns.Answer

func (m memory) add(name, typ, value string, pref uint16, text []string) {
	t, _ := dns.ParseType(typ)
	if m[name] == nil {
		m[name] = new([29]dns.Answer)
	}
	r := dns.Record{Name: name, Type: t, Pref: pref, Text: text}
	switch t {
	case dns.TypeA, dns.TypeAAAA:
		r.Addr = netip.MustParseAddr(value)
	case dns.TypeMX, dns.TypePTR:
		r.Host = value
	}
	a := &m[name][t]
	a.Records = append(a.Records, r)
}

func (m memory) Lookup(_ context.Context, q dns.Question) (dns.Answer, error) {
	if a := m[q.Name]; a != nil {
		return a[q.Type], nil
	}
	return dns.Answer{RCode: dns.NXDomain}, nil
}

// peerMemory is DNS for the peer, in the types of package net.
type peerMemory map[string]*peerNode

type peerNode struct {
	txt []string
	mx  []*net.MX
	ip  []net.IPAddr
	ptr []string
}

func (m peerMemory) add(name, typ, value string, pref uint16, text []string) {
	n := m[name]
	if n == nil {
		n = &peerNode{}
		m[name] = n
	}
	switch typ {
	case "TXT":
		n.txt = append(n.txt, strings.Join(text, ""))
	case "MX":
		n.mx = append(n.mx, &net.MX{Host: value, Pref: pref})
	case "A", "AAAA":
		n.ip = append(n.ip, net.IPAddr{IP: net.ParseIP(value)})
	case "PTR":
		n.ptr = append(n.ptr, value)
	}
}

var errNotFound = &net.DNSError{Err: "no such host", IsNotFound: true}

func (m peerMemory) LookupTXT(_ context.Context, name string) ([]string, error) {
	if n := m[name]; n != nil && n.txt != nil {
		return n.txt, nil
	}
	return nil, errNotFound
}

func (m peerMemory) LookupMX(_ context.Context, name string) ([]*net.MX, error) {
	if n := m[name]; n != nil && n.mx != nil {
		return n.mx, nil
	}
	return nil, errNotFound
}

func (m peerMemory) LookupIPAddr(_ context.Context, name string) ([]net.IPAddr, error) {
	if n := m[name]; n != nil && n.ip != nil {
		return n.ip, nil
	}
	return nil, errNotFound
}

func (m peerMemory) LookupAddr(_ context.Context, addr string) ([]string, error) {
	if n := m[addr]; n != nil && n.ptr != nil {
		return n.ptr, nil
	}
	return nil, errNotFound
}
