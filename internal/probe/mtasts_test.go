package probe

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"unspoof/dns/dnsfile"
	"unspoof/finding"
)

const goodPolicy = "version: STSv1\r\nmode: enforce\r\nmx: mail.d.example\r\nmax_age: 604800\r\n"

// policyServer serves what answer writes, under whatever name.
func policyServer(t *testing.T, answer http.HandlerFunc) *http.Client {
	t.Helper()
	srv := httptest.NewTLSServer(answer)
	t.Cleanup(srv.Close)
	client := policyClient(nil)
	tr := client.Transport.(*http.Transport)
	tr.TLSClientConfig = &tls.Config{InsecureSkipVerify: true}
	tr.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, srv.Listener.Addr().String())
	}
	return client
}

func stsZone(t *testing.T, record string) *dnsfile.View {
	t.Helper()
	v, err := dnsfile.Parse("zone", []byte("d.example. 60 IN MX 10 mail.d.example.\n_mta-sts.d.example. 60 IN TXT \""+record+"\"\nmta-sts.d.example. 60 IN A 127.0.0.1\n"))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestFetchSTS(t *testing.T) {
	text := func(kind, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/.well-known/mta-sts.txt" || r.Host != "mta-sts.d.example" {
				t.Errorf("asked for %s%s", r.Host, r.URL.Path)
			}
			w.Header().Set("Content-Type", kind)
			w.Write([]byte(body))
		}
	}
	for _, c := range []struct {
		name   string
		record string
		answer http.HandlerFunc
		want   State
		why    string
	}{
		{"served right", "v=STSv1; id=1", text("text/plain", goodPolicy), Fine, "enforce"},
		{"with a character set", "v=STSv1; id=1", text("text/plain; charset=utf-8", goodPolicy), Fine, ""},
		{"as HTML", "v=STSv1; id=1", text("text/html", goodPolicy), Found, "text/plain"},
		{"not there", "v=STSv1; id=1", http.NotFound, Found, "404"},
		{"redirected", "v=STSv1; id=1", http.RedirectHandler("https://mta-sts.d.example/x", http.StatusFound).ServeHTTP, Found, "302"},
		{"not valid", "v=STSv1; id=1", text("text/plain", "hello"), Found, "not valid"},
		{"too large", "v=STSv1; id=1", text("text/plain", goodPolicy+strings.Repeat("x: y\r\n", maxPolicy/5)), Found, "64 kilobytes"},
		{"not announced", "v=spf1 -all", http.NotFound, NotTested, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := FetchSTS(context.Background(), STSArgs{Domain: "d.example", Resolver: stsZone(t, c.record), Client: policyServer(t, c.answer)})
			if got.State != c.want || !strings.Contains(got.Why, c.why) {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestAPolicyIsNotFetchedFromOnesOwnNetwork(t *testing.T) {
	got := FetchSTS(context.Background(), STSArgs{Domain: "d.example", Resolver: stsZone(t, "v=STSv1; id=1")})
	if got.State != Unknown || !strings.Contains(got.Why, "no public address") {
		t.Errorf("%+v", got)
	}
	if got := FetchSTS(context.Background(), STSArgs{Domain: "d.example", Resolver: silent{}}); got.State != Unknown {
		t.Errorf("%+v", got)
	}
	if got := FetchSTS(context.Background(), STSArgs{Domain: "d.example", Resolver: stsZone(t, "v=STSv1; id=1"), Offline: true}); got.State != NotTested {
		t.Errorf("%+v", got)
	}
}

func TestMailExchangersAreComparedWithThePolicy(t *testing.T) {
	cert := testCertificate(t)
	roots := x509.NewCertPool()
	roots.AddCert(cert.Leaf)
	client := policyServer(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		w.Write([]byte(goodPolicy))
	})
	args := TransportArgs{
		STSArgs: STSArgs{Domain: "d.example", Resolver: stsZone(t, "v=STSv1; id=1"), Client: client},
		MX:      []string{"mail.d.example", "mx2.d.example"}, Now: time.Now(), Roots: roots,
		Asked: []ServerReport{{Host: "mail.d.example", Certificates: []*x509.Certificate{cert.Leaf}}},
	}
	ids := func() (out []string) {
		for _, f := range JudgeTransport(context.Background(), args).Findings {
			out = append(out, f.ID)
		}
		return out
	}
	if got := strings.Join(ids(), " "); got != "TLS-109" { // mx2 is not in the policy
		t.Errorf("found %s", got)
	}
	args.MX = args.MX[:1]
	if got := strings.Join(ids(), " "); got != "" {
		t.Errorf("found %s", got)
	}
	args.Now = args.Now.Add(48 * time.Hour)
	if got := strings.Join(ids(), " "); got != "TLS-110" {
		t.Errorf("found %s", got)
	}
}

func TestAPolicyInTestingModeHoldsNothingBack(t *testing.T) {
	cert := testCertificate(t)
	client := policyServer(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		w.Write([]byte("version: STSv1\r\nmode: testing\r\nmx: other.example\r\nmax_age: 86400\r\n"))
	})
	got := JudgeTransport(context.Background(), TransportArgs{
		STSArgs: STSArgs{Domain: "d.example", Resolver: stsZone(t, "v=STSv1; id=1"), Client: client},
		MX:      []string{"mail.d.example"}, Now: time.Now(), Roots: x509.NewCertPool(),
		Asked: []ServerReport{{Host: "mail.d.example", Certificates: []*x509.Certificate{cert.Leaf}}},
	})
	var ids []string
	for _, f := range got.Findings {
		ids = append(ids, f.ID)
		if f.Severity != finding.Minor {
			t.Errorf("%s is %s", f.ID, f.Severity)
		}
	}
	if strings.Join(ids, " ") != "TLS-112 TLS-113" {
		t.Errorf("found %v", ids)
	}
}
