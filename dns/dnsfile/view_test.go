package dnsfile

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"unspoof/dns"

	"github.com/google/go-cmp/cmp"
)

// told puts an outcome in one line: records and chain, the rcode of an empty
// answer, or the kind of fault.
func told(t *testing.T, r dns.Resolver, typ dns.Type, name string) string {
	t.Helper()
	a, err := r.Lookup(context.Background(), dns.Question{Name: name, Type: typ})
	var fault *dns.Error
	if errors.As(err, &fault) {
		return string(fault.Kind)
	} else if err != nil {
		t.Fatalf("%v is not a *dns.Error", err)
	}
	var parts []string
	if len(a.Chain) > 0 {
		parts = append(parts, "-> "+strings.Join(a.Chain, " -> "))
	}
	for _, rec := range a.Records {
		if end := dns.Canonical(name); len(a.Chain) == 0 && rec.Name != end {
			t.Errorf("%s %s: owner %q", typ, name, rec.Name)
		}
		switch {
		case rec.Addr != netip.Addr{}:
			parts = append(parts, rec.Addr.String())
		case rec.Text != nil:
			parts = append(parts, strings.Join(rec.Text, "|"))
		default:
			parts = append(parts, "host "+rec.Host)
		}
	}
	if a.NoData() {
		parts = append(parts, "NODATA")
	} else if a.Void() {
		parts = append(parts, a.RCode.String())
	}
	return strings.Join(parts, ", ")
}

func parse(t *testing.T, text string) *View {
	t.Helper()
	v, err := Parse("f", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

const zone = `$ORIGIN example.com.
$TTL 300
@          SOA   ns admin 1 2 3 4 5
           NS    ns
           TXT   "v=spf1 -all"
ns         A     192.0.2.53
www        CNAME web
web   60   A     192.0.2.1
deep.below TXT   "x"
*.wild     A     192.0.2.7
*.wild     MX    5 mail
here.wild  TXT   "no wildcard"
a.b.wild   TXT   "nor here"
*.alias    CNAME web
loop       CNAME pool
pool       CNAME loop
away       CNAME gone
sub        NS    ns.sub
ns.sub     A     192.0.2.99
old        DNAME new.example.net.
caa        CAA   0 issue "ca.example"
`

func TestViewOfAZone(t *testing.T) {
	v := parse(t, zone)
	tests := []struct {
		name, owner string
		typ         dns.Type
		want        string
	}{
		{"record", "example.com", dns.TypeTXT, "v=spf1 -all"},
		{"any case and a final dot", "EXAMPLE.Com.", dns.TypeTXT, "v=spf1 -all"},
		{"another type is NODATA", "ns.example.com", dns.TypeTXT, "NODATA"},
		{"another name is NXDOMAIN", "mail.example.com", dns.TypeA, "NXDOMAIN"},
		{"a name outside is NXDOMAIN", "example.org", dns.TypeA, "NXDOMAIN"},
		{"an empty non-terminal is NODATA, RFC 8020", "below.example.com", dns.TypeTXT, "NODATA"},
		{"the parent of the zone exists", "com", dns.TypeTXT, "NODATA"},
		{"the root exists", ".", dns.TypeNS, "NODATA"},
		{"alias", "www.example.com", dns.TypeA, "-> web.example.com, 192.0.2.1"},
		{"alias to a name without the type", "www.example.com", dns.TypeTXT, "-> web.example.com, NODATA"},
		{"alias asked for itself", "www.example.com", dns.TypeCNAME, "host web.example.com"},
		{"alias to nothing", "away.example.com", dns.TypeA, "-> gone.example.com, NXDOMAIN"},
		{"alias loop", "loop.example.com", dns.TypeA, "malformed"},
		{"wildcard, RFC 4592", "x.wild.example.com", dns.TypeA, "192.0.2.7"},
		{"wildcard over several labels", "x.y.wild.example.com", dns.TypeA, "192.0.2.7"},
		{"wildcard without the type", "x.wild.example.com", dns.TypeTXT, "NODATA"},
		{"no wildcard where the name exists", "here.wild.example.com", dns.TypeA, "NODATA"},
		{"nor below one that exists", "x.here.wild.example.com", dns.TypeA, "NXDOMAIN"},
		{"nor for an empty non-terminal", "b.wild.example.com", dns.TypeA, "NODATA"},
		{"nor below that", "x.b.wild.example.com", dns.TypeA, "NXDOMAIN"},
		{"the wildcard itself", "*.wild.example.com", dns.TypeA, "192.0.2.7"},
		{"its parent has nothing", "wild.example.com", dns.TypeA, "NODATA"},
		{"wildcard alias", "x.alias.example.com", dns.TypeA, "-> web.example.com, 192.0.2.1"},
		{"delegated: NS is known", "sub.example.com", dns.TypeNS, "host ns.sub.example.com"},
		{"delegated: glue is known", "ns.sub.example.com", dns.TypeA, "192.0.2.99"},
		{"delegated: the rest is not", "sub.example.com", dns.TypeTXT, "offline"},
		{"nor the names below", "x.sub.example.com", dns.TypeTXT, "offline"},
		{"DNAME: the owner is known", "old.example.com", dns.TypeTXT, "NODATA"},
		{"DNAME: the names below are not", "x.old.example.com", dns.TypeTXT, "offline"},
		{"a type without a field", "caa.example.com", dns.Type(257), "host "},
		{"a name that cannot be asked", "a..example.com", dns.TypeA, "name"},
		{"a label too long", strings.Repeat("a", 64) + ".example.com", dns.TypeA, "name"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := told(t, v, tt.typ, tt.owner); got != tt.want {
				t.Errorf("%s %s: %s, want %s", tt.typ, tt.owner, got, tt.want)
			}
		})
	}
}

func TestViewAnswerIsComplete(t *testing.T) {
	q := dns.Question{Name: "WWW.example.com", Type: dns.TypeA}
	got, err := parse(t, zone).Lookup(t.Context(), q)
	want := dns.Answer{
		Server: "file f", Chain: []string{"web.example.com"}, TTL: time.Minute,
		Records: []dns.Record{{Name: "web.example.com", Type: dns.TypeA, TTL: time.Minute, Addr: netip.MustParseAddr("192.0.2.1")}},
	}
	if d := cmp.Diff(want, got, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); d != "" || err != nil {
		t.Error(err, d)
	}
}

func TestViewHonoursTheContext(t *testing.T) {
	v := parse(t, zone)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var fault *dns.Error
	if _, err := v.Lookup(ctx, dns.Question{Name: "example.com", Type: dns.TypeTXT}); !errors.As(err, &fault) || fault.Kind != dns.FaultCanceled {
		t.Error(err)
	}
	ctx, cancel = context.WithTimeout(t.Context(), 0)
	defer cancel()
	if _, err := v.Lookup(ctx, dns.Question{Name: "example.com", Type: dns.TypeTXT}); !errors.As(err, &fault) || fault.Kind != dns.FaultTimeout {
		t.Error(err)
	}
}

func TestViewFaultSaysWhatToDo(t *testing.T) {
	_, err := parse(t, zone).Lookup(t.Context(), dns.Question{Name: "x.sub.example.com", Type: dns.TypeTXT})
	if err == nil || !strings.Contains(err.Error(), "sub.example.com is delegated or renamed; add the zone behind it") {
		t.Error(err)
	}
}

func BenchmarkViewLookup(b *testing.B) {
	v, err := Parse("f", []byte(zone))
	if err != nil {
		b.Fatal(err)
	}
	for _, q := range []dns.Question{
		{Name: "example.com", Type: dns.TypeTXT}, {Name: "nobody.example.com", Type: dns.TypeTXT},
	} {
		b.Run(q.Name, func(b *testing.B) {
			ctx := b.Context()
			b.ReportAllocs()
			for b.Loop() {
				if _, err := v.Lookup(ctx, q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
