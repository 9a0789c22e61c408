package forensics

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"unspoof/dns"
)

// zone answers TXT and PTR questions from a map and notes what was asked; what
// it lacks is NXDOMAIN, what is "!" a fault.
type zone struct {
	mu    sync.Mutex
	text  map[string]string
	asked []string
}

func (z *zone) Lookup(_ context.Context, q dns.Question) (dns.Answer, error) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.asked = append(z.asked, q.Name)
	v, ok := z.text[q.Name]
	switch {
	case !ok:
		return dns.Answer{RCode: dns.NXDomain}, nil
	case v == "!":
		return dns.Answer{}, &dns.Error{Question: q, Kind: dns.FaultTimeout}
	case q.Type == dns.TypePTR:
		return dns.Answer{Records: []dns.Record{{Type: q.Type, Host: v}}}, nil
	}
	return dns.Answer{Records: []dns.Record{{Type: q.Type, Text: []string{v}}}}, nil
}

func TestHandoffsAreDescribedByDNS(t *testing.T) {
	z := &zone{text: map[string]string{
		"5.113.0.203.in-addr.arpa":                                                      "host5.bulk.example",
		"5.113.0.203.origin.asn.cymru.com":                                              "64500 | 203.0.113.0/24 | BR | lacnic | 2004-01-01",
		"AS64500.asn.cymru.com":                                                         "64500 | BR | lacnic | 2004-01-01 | EXAMPLE-NET Exa\x1bmple, BR",
		"6.113.0.203.origin.asn.cymru.com":                                              "64501 64502 | 203.0.113.0/24 | zz1 | x | 2004",
		"7.113.0.203.origin.asn.cymru.com":                                              "evil | x",
		"8.113.0.203.origin.asn.cymru.com":                                              "!",
		"9.113.0.203.origin.asn.cymru.com":                                              "64500\u202e1 | | R\x1b | | ",
		strings.Repeat("0.", 24) + "8.b.d.0.1.0.0.2.origin6.asn.cymru.com":              "",
		"1.0.0.0." + strings.Repeat("0.", 20) + "8.b.d.0.1.0.0.2.origin6.asn.cymru.com": "64503 | 2001:db8::/32 | VN | apnic | 2010",
	}}
	var samples []sample
	for i, ip := range []string{"203.0.113.5", "203.0.113.6", "203.0.113.7", "203.0.113.8", "203.0.113.9", "2001:db8::1", "10.0.0.1", "127.0.0.1"} {
		s := spoofedAt(fmt.Sprint(i), monday)
		s.ip = ip
		samples = append(samples, repeat(10-i, s)...)
	}
	r := mailboxOf(brandProfile(), samples...).Report(context.Background(), z)
	want := []string{"203.0.113.5 host5.bulk.example AS64500 EXAMPLE-NET Example, BR BR 10", "203.0.113.6  AS64501  9", "203.0.113.7    8", "203.0.113.8    7", "203.0.113.9    6", "2001:db8::1  AS64503 VN 5", "10.0.0.1    4", "127.0.0.1    3"}
	for i, h := range r.Handoffs {
		got := fmt.Sprintf("%s %s %s %s %d", h.IP, h.Name, h.Network, h.Country, h.Count)
		if strings.Join(strings.Fields(got), " ") != strings.Join(strings.Fields(want[i]), " ") {
			t.Errorf("got %q, want %q", got, want[i])
		}
	}
	if w := strings.Join(r.Warnings, " "); !strings.Contains(w, "DNS did not answer about 1 of") {
		t.Errorf("warnings %q", w)
	}
	for _, name := range z.asked {
		if strings.HasPrefix(name, "1.0.0.10.") || strings.HasPrefix(name, "1.0.0.127.") {
			t.Errorf("asked about a private address: %s", name)
		}
	}
	if !strings.Contains(fmt.Sprint(r.Reasons), "(BR, VN)") {
		t.Errorf("reasons %v", r.Reasons)
	}
}

func TestOnlyTheMostFrequentHandoffsAreAskedAbout(t *testing.T) {
	var samples []sample
	for i := range 60 {
		s := spoofedAt(fmt.Sprint(i), monday)
		s.ip = fmt.Sprintf("203.0.113.%d", i)
		samples = append(samples, s)
	}
	z := &zone{}
	mailboxOf(brandProfile(), samples...).Report(context.Background(), z)
	if len(z.asked) > 2*maxDescribed {
		t.Errorf("%d questions", len(z.asked))
	}
}

func TestMappedAddressesAreOneAddress(t *testing.T) {
	m := mailboxOf(brandProfile(), spoofedAt("1", monday))
	n, j := spoofedAt("2", monday).notice()
	j.HandoffIP = netip.MustParseAddr("::ffff:203.0.113.80")
	m.Add(n, j)
	if r := report(m); len(r.Handoffs) != 1 || r.Handoffs[0].Count != 2 || !r.Handoffs[0].IP.Is4() {
		t.Errorf("got %+v", r.Handoffs)
	}
}

func TestACanceledContextStillGivesAReport(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	done := make(chan MailboxReport)
	go func() { done <- mailboxOf(brandProfile(), spoofedAt("1", monday)).Report(ctx, hanging{}) }()
	select {
	case r := <-done:
		if len(r.Warnings) == 0 {
			t.Error("no warning")
		}
	case <-time.After(5 * time.Second):
		t.Error("no report")
	}
}

// hanging answers nothing before its context ends.
type hanging struct{}

func (hanging) Lookup(ctx context.Context, q dns.Question) (dns.Answer, error) {
	<-ctx.Done()
	return dns.Answer{}, &dns.Error{Question: q, Kind: dns.FaultCanceled, Err: ctx.Err()}
}
