//go:build e2e

package fleet_test

import (
	"context"
	"strings"
	"testing"

	"unspoof/dns"
	"unspoof/internal/fleet"
	"unspoof/posture"
)

func BenchmarkFleetInProcess(b *testing.B) {
	domains, zones := fleetOf(10000)
	addr := serve(b, zones)
	list := strings.Join(domains, "\n")
	for b.Loop() {
		r := dns.Cached(client(b, addr))
		var shared posture.Shared
		n, q := 0, 0
		_, err := fleet.Run(b.Context(), fleet.Args{
			Lists: []fleet.List{{Reader: strings.NewReader(list)}},
			Concurrency: 32,
			Check: func(ctx context.Context, domain string) (posture.Report, error) {
				return posture.Check(ctx, posture.Args{Domain: domain, Resolver: r, Quick: true, Shared: &shared})
			},
			Each: func(r fleet.Result) error { n++; q += r.Report.Questions; return nil },
		})
		if err != nil || n != len(domains) {
			b.Fatal(n, err)
		}
		b.ReportMetric(float64(q)/float64(n), "questions/domain")
	}
	b.ReportMetric(float64(b.N*len(domains))/b.Elapsed().Seconds(), "domains/s")
}
