//go:build e2e

package dns_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"unspoof/dns"
	"unspoof/dns/dnsfile"
	"unspoof/e2e/nameserver"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// The network's word and the zone file's are the same.
func TestRealServerAndZoneFileAgree(t *testing.T) {
	view, err := dnsfile.Parse("example.com.zone", []byte(zoneFile()))
	if err != nil {
		t.Fatal(err)
	}
	names := []string{
		"example.com", "Example.COM.", "ns.example.com", "mail.example.com", "null.example.com", "octets.example.com",
		"one.example.com", "away.example.com", "nothere.example.com", "below.example.com", "deep.below.example.com",
		"x.deep.below.example.com", "gone.example.com", "wild.example.com", "x.wild.example.com", "x.y.wild.example.com",
		"*.wild.example.com", "here.wild.example.com", "x.here.wild.example.com", "b.wild.example.com", "x.b.wild.example.com",
		"x.alias.example.com", "10.example.com", "foo:bar/baz.example.com", "big.example.com", "sub.example.com", "x.sub.example.com",
		"other.example.org",
	}
	types := []dns.Type{dns.TypeA, dns.TypeAAAA, dns.TypeMX, dns.TypeTXT, dns.TypePTR, dns.TypeCNAME, dns.TypeSOA}
	for server, command := range realServers {
		t.Run(server, func(t *testing.T) {
			c := nameserver.Client(t, start(t, command))
			for _, name := range names {
				for _, typ := range types {
					want, wantErr := lookup(t, view, name, typ)
					got, err := lookup(t, c, name, typ)
					if strings.HasSuffix(name, "example.org") || wantErr != nil {
						// Outside of the zone, and below a delegation, the server refuses.
						var fault *dns.Error
						if !errors.As(err, &fault) || fault.Kind != dns.FaultRefused {
							t.Errorf("%s %s: %+v, %v; want refused", name, typ, got, err)
						}
						continue
					}
					if err != nil {
						t.Errorf("%s %s: %v", name, typ, err)
						continue
					}
					if want.Void() {
						want.TTL = got.TTL // checked below
					}
					got.Server = want.Server
					d := cmp.Diff(want, got, cmpopts.EquateEmpty(),
						cmp.Comparer(func(a, b netip.Addr) bool { return a == b }),
						cmpopts.SortSlices(func(a, b dns.Record) bool {
							return a.Host+a.Addr.String()+strings.Join(a.Text, "") < b.Host+b.Addr.String()+strings.Join(b.Text, "")
						}))
					if d != "" {
						t.Errorf("%s %s: file -, server +\n%s", name, typ, d)
					}
				}
			}
		})
	}
}

func TestRealServer(t *testing.T) {
	for server, command := range realServers {
		t.Run(server, func(t *testing.T) {
			addr := start(t, command)
			c := nameserver.Client(t, addr)
			t.Run("a long answer comes over TCP", func(t *testing.T) {
				a, err := lookup(t, c, "big.example.com", dns.TypeTXT)
				if err != nil || len(a.Records) != 1 || !cmp.Equal(a.Records[0].Text, bigText()) || a.Server != addr {
					t.Errorf("%+v, %v", a, err)
				}
			})
			t.Run("negative TTL of RFC 2308", func(t *testing.T) {
				for name, rcode := range map[string]dns.RCode{"gone.example.com": dns.NXDomain, "ns.example.com": dns.NoError} {
					a, err := lookup(t, c, name, dns.TypeTXT)
					if err != nil || a.RCode != rcode || !a.Void() || a.TTL != 2*time.Minute {
						t.Errorf("%s: %+v, %v", name, a, err)
					}
				}
			})
			t.Run("the TTL of a chain is its smallest", func(t *testing.T) {
				a, err := lookup(t, c, "one.example.com", dns.TypeA)
				if err != nil || a.TTL != 30*time.Second || len(a.Chain) != 3 || len(a.Records) != 2 {
					t.Errorf("%+v, %v", a, err)
				}
			})
			t.Run("a server that is not in charge is passed over", func(t *testing.T) {
				a, err := lookup(t, nameserver.Client(t, falseServer(t, lame), addr), "mail.example.com", dns.TypeA)
				if err != nil || a.Server != addr {
					t.Errorf("%+v, %v", a, err)
				}
			})
			t.Run("what was recorded replays", func(t *testing.T) {
				rec := dnsfile.NewRecorder(dns.Cached(c))
				live, err := lookup(t, rec, "octets.example.com", dns.TypeTXT)
				if err != nil {
					t.Fatal(err)
				}
				path := t.TempDir() + "/recording"
				if err := rec.Save(path); err != nil {
					t.Fatal(err)
				}
				view, err := dnsfile.Open(path)
				if err != nil {
					t.Fatal(err)
				}
				replay, err := lookup(t, view, "octets.example.com", dns.TypeTXT)
				if d := cmp.Diff(live, replay, cmp.Comparer(func(a, b netip.Addr) bool { return a == b }), cmpopts.EquateEmpty()); d != "" || err != nil {
					t.Error(err, d)
				}
			})
		})
	}
}
