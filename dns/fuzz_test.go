package dns

import (
	"strings"
	"testing"

	mdns "github.com/miekg/dns"
)

// FuzzAnswer feeds whatever a server, or somebody in its name, may send.
func FuzzAnswer(f *testing.F) {
	q := Question{"www.example.com", TypeTXT}
	req := new(mdns.Msg)
	req.SetQuestion("www.example.com.", mdns.TypeTXT)
	req.Id = 0x1234
	for _, records := range [][]string{
		{`www.example.com. 60 TXT "a\000\200" "b"`},
		{"www.example.com. 60 CNAME a.example.", `a.example. 60 TXT "x"`},
		{"www.example.com. 60 CNAME www.example.com."},
		{"--", soa},
		{"--", "com. 60 NS a.example."},
	} {
		b, err := message(req, 0, records...).Pack()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte("\x12\x34\x84\x00\x00\x01\x00\x01\x00\x00\x00\x00\x03www\x07example\x03com\x00\x00\x10\x00\x01\xc0\x0c\x00\x05\x00\x01\x00\x00\x00\x3c\x00\x02\xc0\x0c"))
	f.Fuzz(func(t *testing.T, msg []byte) {
		sent := &query{id: 0x1234, name: q.Name, typ: uint16(q.Type)}
		m, err := sent.read(msg)
		if err != nil {
			return
		}
		r, kind, err := judge(m, q)
		if (err == nil) != (kind == "") {
			t.Fatalf("%v with kind %q", err, kind)
		}
		if len(r.chain) > maxChain || r.ttl < 0 {
			t.Errorf("%d aliases, TTL %v", len(r.chain), r.ttl)
		}
		for _, rec := range r.records {
			if rec.Type != q.Type || rec.Name != Canonical(rec.Name) || len(rec.Text) == 0 {
				t.Errorf("record %+v", rec)
			}
		}
		if !r.complete && err == nil && len(r.chain) == 0 {
			t.Error("incomplete without an alias")
		}
	})
}

// FuzzParseZone reads any text as a master file.
func FuzzParseZone(f *testing.F) {
	f.Add("$ORIGIN example.com.\n$TTL 1h\n@ SOA a b 1 2 3 4 5\n NS ns\n* MX 0 .\nx TXT \"a\\\"\\200\" b\n")
	f.Add("$GENERATE 0-3/2 h${0,3,d}.example. A 192.0.2.$\n")
	f.Add("a\\.b.example. 1 IN CNAME \\123.\n")
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "$GENERATE") && len(text) > 200 {
			t.Skip("many of these are slow, not wrong")
		}
		records, err := ParseZone("fuzz", []byte(text))
		if err == nil && len(records) > maxZoneRecords {
			t.Errorf("%d records", len(records))
		}
		for _, r := range records {
			if CheckName(r.Name) != nil || r.Name != Canonical(r.Name) {
				t.Errorf("owner %q", r.Name)
			}
		}
	})
}

// FuzzUnescapeName turns any octets into the library's form and back.
func FuzzUnescapeName(f *testing.F) {
	f.Add("www.example.com")
	f.Add("a\\b.\x00\xff .x")
	f.Fuzz(func(t *testing.T, name string) {
		if CheckName(name) != nil {
			return
		}
		name = Canonical(name)
		wire := make([]byte, 300)
		end, err := mdns.PackDomainName(escapeName(name), wire, 0, nil, false)
		if err != nil {
			t.Fatalf("%q: %v", name, err)
		}
		back, _, err := mdns.UnpackDomainName(wire[:end], 0)
		if err != nil || unescapeName(back) != name {
			t.Errorf("%q came back as %q, %v", name, unescapeName(back), err)
		}
	})
}
