package dns

import (
	"context"
	"net"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	mdns "github.com/miekg/dns"
)

// through gives a resolver of package net that asks the server.
func through(server string) Resolver {
	return FromNet(&net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, network, server)
	}})
}

func TestFromNet(t *testing.T) {
	zone := map[string]string{
		"A www.example.com.":              "www.example.com. 60 A 192.0.2.1",
		"AAAA www.example.com.":           "www.example.com. 60 AAAA 2001:db8::1",
		"MX example.com.":                 "example.com. 60 MX 10 Mail.example.com.",
		"MX null.example.com.":            "null.example.com. 60 MX 0 .",
		"TXT example.com.":                `example.com. 60 TXT "v=spf1 " "-all"`,
		"NS example.com.":                 "example.com. 60 NS ns.example.com.",
		"PTR 77.100.51.198.in-addr.arpa.": "77.100.51.198.in-addr.arpa. 60 PTR host.example.com.",
		"A alias.example.com.":            "alias.example.com. 60 CNAME www.example.com.",
		"AAAA alias.example.com.":         "alias.example.com. 60 CNAME www.example.com.",
	}
	r := through(serve(t, func(w mdns.ResponseWriter, req *mdns.Msg) {
		q := req.Question[0]
		switch key := mdns.TypeToString[q.Qtype] + " " + q.Name; {
		case zone[key] != "" && strings.HasPrefix(q.Name, "alias."):
			w.WriteMsg(message(req, 0, zone[key], "www.example.com. 60 A 192.0.2.1"))
		case zone[key] != "":
			w.WriteMsg(message(req, 0, zone[key]))
		case q.Name == "broken.example.com.":
			w.WriteMsg(message(req, 2))
		default:
			w.WriteMsg(message(req, 3, "--", soa))
		}
	}))
	tests := []struct {
		q     Question
		want  []Record
		fault FaultKind
	}{
		{Question{"www.example.com", TypeA}, []Record{{Addr: addr("192.0.2.1")}}, ""},
		{Question{"WWW.example.com.", TypeAAAA}, []Record{{Name: "www.example.com", Addr: addr("2001:db8::1")}}, ""},
		{Question{"example.com", TypeMX}, []Record{{Host: "mail.example.com", Pref: 10}}, ""},
		{Question{"null.example.com", TypeMX}, []Record{{}}, ""},
		{Question{"example.com", TypeTXT}, []Record{{Text: []string{"v=spf1 -all"}}}, ""},
		{Question{"example.com", TypeNS}, []Record{{Host: "ns.example.com"}}, ""},
		{Question{"77.100.51.198.in-addr.arpa", TypePTR}, []Record{{Host: "host.example.com"}}, ""},
		{Question{"alias.example.com", TypeCNAME}, []Record{{Host: "www.example.com"}}, ""},
		{Question{"www.example.com", TypeCNAME}, nil, ""},
		{Question{"gone.example.com", TypeA}, nil, ""},
		{Question{"broken.example.com", TypeTXT}, nil, FaultServFail},
		{Question{"foo:bar.example.com", TypeA}, nil, FaultName},
		{Question{"a..example.com", TypeA}, nil, FaultName},
		{Question{"..", TypeA}, nil, FaultName},
		{Question{"example.com", TypePTR}, nil, FaultName},
		{Question{"example.com", TypeSOA}, nil, FaultName},
	}
	for _, tt := range tests {
		t.Run(tt.q.Type.String()+" "+tt.q.Name, func(t *testing.T) {
			for i := range tt.want {
				tt.want[i].Name, tt.want[i].Type = Canonical(tt.q.Name), tt.q.Type
			}
			a, err := r.Lookup(t.Context(), tt.q)
			if got := fault(t, err); got != tt.fault {
				t.Fatalf("%v: fault %q, want %q", err, got, tt.fault)
			}
			if d := cmp.Diff(tt.want, a.Records, sameAddr, cmpopts.EquateEmpty()); d != "" || a.RCode != NoError {
				t.Errorf("%v %s", a.RCode, d)
			}
		})
	}
}

func TestFromNetEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := through(serve(t, silent)).Lookup(ctx, Question{"example.com", TypeTXT})
	if fault(t, err) != FaultCanceled {
		t.Error(err)
	}
}
