package dns

import (
	"strings"
	"testing"
	"time"

	mdns "github.com/miekg/dns"

	"github.com/google/go-cmp/cmp"
)

const signed = `$ORIGIN example.com.
@    3600 IN SOA ns admin.mail 7 2h 1h 4w 5m
@    60 IN DS 60485 13 2 D4B7D520E7BB5F0F67674A0CCEB1E3E0614B93C4F9E99B8383F6A1E4469DA50A
@    60 IN DNSKEY 257 3 15 l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=
_25._tcp.mail 60 IN TLSA 3 1 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
@    60 IN CAA 128 ISSUE "ca.example; policy=\"ev\\\" \200"
`

func TestDataOfSecurityTypes(t *testing.T) {
	records, err := ParseZone("zone", []byte(signed))
	if err != nil {
		t.Fatal(err)
	}
	if len(records) != 5 {
		t.Fatalf("%d records", len(records))
	}
	for i, want := range []struct {
		typ  Type
		data string
	}{
		{TypeSOA, "ns.example.com. admin.mail.example.com. 7 7200 3600 2419200 300"},
		{TypeDS, "60485 13 2 d4b7d520e7bb5f0f67674a0cceb1e3e0614b93c4f9e99b8383f6a1e4469da50a"},
		{TypeDNSKEY, "257 3 15 l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4="},
		{TypeTLSA, "3 1 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"},
		{TypeCAA, `128 issue "ca.example; policy=\"ev\\\" \200"`},
	} {
		r := records[i]
		if r.Type != want.typ || r.Data() != want.data {
			t.Errorf("%s: %s, want %s", r.Type, r.Data(), want.data)
		}
		back, err := ParseData(r.Type, r.Data())
		back.Name, back.TTL = r.Name, r.TTL
		if d := cmp.Diff(r, back, cmp.Comparer(func(a, b Record) bool { return a.Data() == b.Data() && a.Name == b.Name && a.TTL == b.TTL })); err != nil || d != "" {
			t.Errorf("%s: %v %s", r.Type, err, d)
		}
	}
	if soa := records[0].SOA; soa.Expire != 4*7*24*time.Hour || soa.RName != "admin.mail.example.com" {
		t.Errorf("%+v", soa)
	}
	if caa := records[4].CAA; caa.Value != "ca.example; policy=\"ev\\\" \xc8" {
		t.Errorf("%q", caa.Value)
	}
}

func TestDataOfOtherTypes(t *testing.T) {
	records, err := ParseZone("zone", []byte("$ORIGIN example.com.\n@ A 192.0.2.1\n@ AAAA 2001:db8::1\n@ MX 0 .\n@ NS ns\n@ TXT \"a\\\"b\" \"\" \"\\001;\"\nx HINFO a b\n"))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"192.0.2.1", "2001:db8::1", "0 .", "ns.example.com.", `"a\"b" "" "\001;"`, ""} {
		if got := records[i].Data(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestParseDataTakesOneRecord(t *testing.T) {
	for _, tc := range []struct {
		typ  Type
		data string
	}{
		{TypeTLSA, ""}, {TypeTLSA, "3 1"}, {TypeTLSA, "3 1 1 xyz"}, {TypeTLSA, "3 1 1 00\n. A 192.0.2.1"}, {TypeMX, "mail"},
		{TypeDS, "1 1"}, {TypeA, "2001:db8::1"}, {Type(9999), "x"}, {TypeA, "192.0.2.1 ("}, {TypeCAA, "0 issue"},
	} {
		if r, err := ParseData(tc.typ, tc.data); err == nil || !strings.HasPrefix(err.Error(), "dns: ") {
			t.Errorf("%s %q: %+v, %v", tc.typ, tc.data, r, err)
		}
	}
}

// FuzzData holds that what is written is read again the same.
func FuzzData(f *testing.F) {
	f.Add(uint16(TypeTLSA), []byte("\x03\x01\x01abc"))
	f.Add(uint16(TypeCAA), []byte("\x00\x05issueca\\.exa\"mple"))
	f.Add(uint16(TypeTXT), []byte("\x02a\"\x01\\"))
	f.Add(uint16(TypeMX), []byte("\x00\x01\x02\\.\x00"))
	f.Add(uint16(TypeDS), []byte("\x00\x01\x0d\x02abcdef"))
	f.Add(uint16(TypeDNSKEY), []byte("\x01\x01\x03\x0fabcdef"))
	f.Add(uint16(TypeSOA), []byte("\x01a\x00\x01b\x00\x00\x00\x00\x01\x00\x00\x00\x02\x00\x00\x00\x03\x00\x00\x00\x04\x00\x00\x00\x05"))
	f.Fuzz(func(t *testing.T, typ uint16, rdata []byte) {
		if typeNames[Type(typ)] == "" || len(rdata) == 0 || len(rdata) > 2000 {
			return
		}
		wire := append([]byte{0, byte(typ >> 8), byte(typ), 0, 1, 0, 0, 0, 0, byte(len(rdata) >> 8), byte(len(rdata))}, rdata...)
		rr, _, err := mdns.UnpackRR(wire, 0)
		if err != nil {
			return
		}
		r := fromRR(rr)
		data := r.Data()
		for i := range len(data) {
			if data[i] < ' ' || data[i] > '~' {
				t.Fatalf("%q", data)
			}
		}
		// Not all that the wire can hold has a form in a file (an empty digest).
		if back, err := ParseData(r.Type, data); err == nil && back.Data() != data {
			t.Errorf("%s %s came back as %s", r.Type, data, back.Data())
		}
	})
}

func TestClientTellsWhatTheServerChecked(t *testing.T) {
	alias := "www.example.com. 60 CNAME a.example.net."
	for _, tc := range []struct {
		rule     string
		ad, then bool
		records  []string
		want     bool
	}{
		{"checked", true, true, []string{"www.example.com. 60 A 192.0.2.1"}, true},
		{"not checked", false, false, []string{"www.example.com. 60 A 192.0.2.1"}, false},
		{"a no that was checked", true, true, []string{"--", soa}, true},
		{"the whole chain in one answer", true, true, []string{alias, "a.example.net. 60 A 192.0.2.1"}, true},
		{"the target was not checked", true, false, []string{alias}, false},
		{"the alias was not checked", false, true, []string{alias}, false},
		{"both were", true, true, []string{alias}, true},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			server := serve(t, func(w mdns.ResponseWriter, req *mdns.Msg) {
				if !req.AuthenticatedData || req.CheckingDisabled || req.IsEdns0() != nil && req.IsEdns0().Do() {
					t.Errorf("question %v", req) // RFC 6840 section 5.7: AD alone asks for AD
				}
				m := message(req, 0, tc.records...)
				m.AuthenticatedData = tc.ad
				if req.Question[0].Name == "a.example.net." {
					m = message(req, 0, "a.example.net. 60 A 192.0.2.1")
					m.AuthenticatedData = tc.then
				}
				w.WriteMsg(m)
			})
			a, err := Cached(client(t, server)).Lookup(t.Context(), Question{"www.example.com", TypeA})
			if err != nil || a.Authenticated != tc.want {
				t.Errorf("%+v, %v", a, err)
			}
		})
	}
}
