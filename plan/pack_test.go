package plan

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"unspoof/dkim"
	"unspoof/tlspolicy"
)

// workingKey is the text of a key record that can be used.
const workingKey = "v=DKIM1; k=rsa; p=" + "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAuRD1CHMxGC82EIb12YXaES/qFenEpguzuElcu6uaTurBsWYlK04wv9BB6y5wUrsmg4hjj7hq3V1et+0WBGxHGYSC+1OC1ZsqIpqulCaAAWXKae2aJSUoD1SnWsYijwp1Bvok+HYB6CvXFZTxf0zVT4laC82p" +
	"Av3S0ALYKq7Pyuq/ESRl4Az13AE97r0KfihQKJyvN+uYcHrRL6lPzUxe0lIYhZBiH93Qjdv4ZVa314poQLK1tsdBuM2hzx48b9ubCIsWz8i2ewBca9m/KjoWUKZQ6jrRIf/40buRt6zJeYTQa/pjb2EanFNSaYqEawh/nE55m4mE8rGMOV2/YblHWwIDAQAB"

// TestParkedPack states what locks a domain, and what shows it in use.
func TestParkedPack(t *testing.T) {
	zone := resolver(t, `
web.example.                   A 192.0.2.1
mail.example.                  MX 10 mx.mail.example.
spf.example.                   TXT "v=spf1 a -all"
broken.example.                TXT "v=spf1 ip4: -all"
two.example.                   TXT "v=spf1 -all"
two.example.                   TXT "v=spf1 mx -all"
key._domainkey.key.example.    TXT "nothing"
default._domainkey.key.example. TXT "`+workingKey+`"
locked.example.                MX 0 .
locked.example.                TXT "V=spf1 -all"
_dmarc.locked.example.         TXT "v=DMARC1; p=reject; rua=mailto:r@locked.example"
*._domainkey.locked.example.   TXT "v=DKIM1; p="
_dmarc.half.example.           TXT "v=DMARC1; p=none; rua=mailto:r@half.example"
half.example.                  MX 0 .
`)
	for _, tc := range []struct {
		rule, domain string
		confirmed    bool
		use          string // words of what shows use, ""
		changes      []Change
	}{
		{"nothing published", "web.example", false, "", []Change{Add, Add, Add, Add}},
		{"a mail exchanger", "mail.example", false, "takes mail at mx.mail.example", []Change{Add, Add, Add, Replace}},
		{"a mail exchanger, confirmed", "mail.example", true, "takes mail", []Change{Add, Add, Add, Replace}},
		{"a record that lets somebody in", "spf.example", false, "lets in a.", []Change{Add, Replace, Add, Add}},
		{"a record that is broken", "broken.example", false, "cannot be made out", []Change{Add, Replace, Add, Add}},
		{"several records", "two.example", false, "several SPF records", []Change{Add, Replace, Add, Add}},
		{"a key of a usual selector", "key.example", false, "default._domainkey", []Change{Add, Add, Add, Add}},
		{"locked", "locked.example", false, "", []Change{Keep, Keep, Keep, Keep}},
		{"half locked", "half.example", false, "", []Change{Replace, Add, Add, Keep}},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			p, err := BuildParked(t.Context(), ParkedRequest{Domain: tc.domain, Confirmed: tc.confirmed}, zone)
			if errors.Is(err, ErrInUse) != (tc.use != "" && !tc.confirmed) || !strings.Contains(strings.Join(p.Use, " "), tc.use) || (tc.use == "") != (len(p.Use) == 0) {
				t.Errorf("use %q, %v", p.Use, err)
			}
			var changes []Change
			for _, s := range p.Steps {
				changes = append(changes, s.Change)
			}
			if !slices.Equal(changes, tc.changes) {
				t.Errorf("changes %v, want %v", changes, tc.changes)
			}
		})
	}
	p, err := BuildParked(t.Context(), ParkedRequest{Domain: "web.example"}, nil)
	if !errors.Is(err, ErrInUse) || !p.Unsure || len(p.Steps) != 4 {
		t.Errorf("a silent DNS: %v, %+v", err, p)
	}
	if p.Steps[2].Record.Name != "*._domainkey.web.example" || p.Steps[2].Record.Forms.Label != "*._domainkey" || p.Steps[3].Record.Forms.Priority != "0" {
		t.Errorf("%+v", p.Steps)
	}
	if key, err := dkim.ParseKey(p.Steps[2].Record.Value); err == nil || !key.Revoked {
		t.Errorf("%+v, %v", key, err)
	}
	if _, err := BuildParked(t.Context(), ParkedRequest{Domain: "a@b"}, zone); err == nil {
		t.Error("an address is taken for a domain")
	}
}

func TestZone(t *testing.T) {
	zone := resolver(t, `
sub.example.com.  SOA ns. host. 1 2 3 4 5
example.org.      SOA ns. host. 1 2 3 4 5
www.example.org.  CNAME sub.example.com.
`)
	for domain, want := range map[string]string{
		"mail.sub.example.com": "sub.example.com", "sub.example.com": "sub.example.com", "mail.example.com": "example.com",
		"a.b.example.org": "example.org", "www.example.org": "example.org", "a.co.uk": "a.co.uk",
	} {
		if got := Zone(t.Context(), zone, domain); got != want {
			t.Errorf("%s lies in %s, want %s", domain, got, want)
		}
	}
	if got := Zone(t.Context(), nil, "mail.example.com"); got != "example.com" {
		t.Errorf("without DNS: %s", got)
	}
}

func TestRecordForms(t *testing.T) {
	r, err := CNAME("k1._domainkey.example.com", "k1.service.example")
	if err != nil || r.Forms.Zone != "k1._domainkey.example.com. 3600 IN CNAME k1.service.example." || r.Forms.Panel != "k1.service.example" {
		t.Errorf("%+v, %v", r, err)
	}
	for _, name := range []string{"", "a..b", "a b.example", "é.example", strings.Repeat("a", 64) + ".example", "a.*.example", "x\n.example", strings.Repeat("a.", 130)} {
		if _, err := CNAME(name, "b.example"); err == nil {
			t.Errorf("CNAME at %q", name)
		}
		if _, err := CNAME("b.example", name); err == nil {
			t.Errorf("CNAME to %q", name)
		}
		if _, err := NullMX(name); err == nil {
			t.Errorf("MX at %q", name)
		}
	}
	for zone, want := range map[string]string{"example.com": "k1._domainkey", "k1._domainkey.example.com": "@", "example.net": "", "": ""} {
		if got := r.In(zone).Forms.Label; got != want {
			t.Errorf("in %q: label %q, want %q", zone, got, want)
		}
	}
}

// TestSTS states which policy is made, and what must be true before.
func TestSTS(t *testing.T) {
	zone := resolver(t, `
example.com.               MX 10 MX2.example.com.
example.com.               MX 5 mx1.example.com.
mta-sts.ready.example.     AAAA 2001:db8::1
ready.example.             MX 10 mx.ready.example.
_smtp._tls.ready.example.  TXT "v=TLSRPTv1; rua=mailto:r@ready.example"
has.example.               MX 10 mx.has.example.
_mta-sts.has.example.      TXT "v=STSv1; id=7;"
two.example.               MX 10 mx.two.example.
_mta-sts.two.example.      TXT "v=STSv1; id=7;"
_mta-sts.two.example.      TXT "v=STSv1; id=8;"
null.example.              MX 0 .
`)
	for _, tc := range []struct {
		rule   string
		req    STSRequest
		mode   tlspolicy.Mode
		mx     []string
		change Change
		before map[string]State
	}{
		{"testing comes first", STSRequest{Domain: "example.com", ID: "1"}, tlspolicy.Testing, []string{"mx1.example.com", "mx2.example.com"}, Add, map[string]State{"policy-served": NotMet, "mx-certificates": NotKnown}},
		{"enforce asks for reports and calm", STSRequest{Domain: "ready.example", ID: "1", Mode: tlspolicy.Enforce}, tlspolicy.Enforce, []string{"mx.ready.example"}, Add, map[string]State{"policy-served": NotKnown, "mx-certificates": NotKnown, "tls-reports": Met, "testing-calm": NotKnown}},
		{"a policy that is there stays", STSRequest{Domain: "has.example", ID: "1"}, "", []string{}, Keep, map[string]State{}},
		{"unless another is asked for", STSRequest{Domain: "has.example", ID: "8", Mode: tlspolicy.Testing}, tlspolicy.Testing, []string{"mx.has.example"}, Replace, map[string]State{"policy-served": NotMet, "mx-certificates": NotKnown}},
		{"two records are replaced", STSRequest{Domain: "two.example", ID: "9"}, tlspolicy.Testing, []string{"mx.two.example"}, Replace, map[string]State{"policy-served": NotMet, "mx-certificates": NotKnown}},
		{"patterns as given", STSRequest{Domain: "example.com", ID: "1", MX: []string{"*.Example.com.", "*.example.com"}}, tlspolicy.Testing, []string{"*.example.com"}, Add, map[string]State{"policy-served": NotMet, "mx-certificates": NotKnown}},
		{"taken back", STSRequest{Domain: "null.example", ID: "1", Mode: tlspolicy.None}, tlspolicy.None, []string{}, Add, map[string]State{}},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			p, err := BuildSTS(t.Context(), tc.req, zone)
			if err != nil {
				t.Fatal(err)
			}
			if p.Mode != tc.mode || !slices.Equal(p.MX, tc.mx) || p.Step.Change != tc.change {
				t.Errorf("mode %q, mx %q, %s", p.Mode, p.MX, p.Step.Change)
			}
			for _, c := range p.Step.Before {
				if tc.before[c.ID] != c.State {
					t.Errorf("%s is %s, want %q", c.ID, c.State, tc.before[c.ID])
				}
			}
			if len(p.Step.Before) != len(tc.before) {
				t.Errorf("%d conditions, want %d", len(p.Step.Before), len(tc.before))
			}
			if tc.mode == "" {
				return
			}
			if _, err := tlspolicy.ParseSTS(p.Step.Record.Value); err != nil {
				t.Error(err)
			}
			if back, err := tlspolicy.ParsePolicy(p.Policy); err != nil || len(back.Notes) > 0 || back.Mode != tc.mode {
				t.Errorf("%+v, %v", back, err)
			}
		})
	}
	for _, req := range []STSRequest{
		{Domain: "example.com"}, {Domain: "example.com", ID: "a-b"}, {Domain: "example.com", ID: "1", Mode: "always"}, {Domain: "example.com", ID: "1", MaxAge: -1},
		{Domain: "example.com", ID: "1", MaxAge: tlspolicy.MaxAge + 1e9}, {Domain: "example.com", ID: "1", MaxAge: 1}, {Domain: "null.example", ID: "1"}, {Domain: "example.com", ID: "1", MX: []string{"a b\r\nmode: none"}}, {ID: "1"},
	} {
		if _, err := BuildSTS(t.Context(), req, zone); err == nil || !strings.HasPrefix(err.Error(), "plan: ") {
			t.Errorf("%+v: %v", req, err)
		}
	}
	if _, err := BuildSTS(t.Context(), STSRequest{Domain: "null.example", ID: "1"}, zone); !errors.Is(err, ErrNoExchanger) {
		t.Error(err)
	}
	if p, err := BuildSTS(t.Context(), STSRequest{Domain: "example.com", ID: "1", MX: []string{"mx.example.com"}}, nil); err != nil || !p.Unsure || p.Step.Change != Unknown {
		t.Errorf("without DNS: %+v, %v", p, err)
	}
}

func TestTLSRPT(t *testing.T) {
	zone := resolver(t, `
_smtp._tls.has.example. TXT "v=TLSRPTv1; rua=mailto:r@has.example"
_smtp._tls.bad.example. TXT "v=TLSRPTv1; nothing"
example.com. A 192.0.2.1
`)
	for _, tc := range []struct {
		rule   string
		req    TLSRPTRequest
		want   string
		change Change
	}{
		{"a usual address", TLSRPTRequest{Domain: "example.com"}, "v=TLSRPTv1; rua=mailto:tls-reports@example.com;", Add},
		{"as asked", TLSRPTRequest{Domain: "example.com", Reports: []string{"a@b.example", "HTTPS://c.example/x"}}, "v=TLSRPTv1; rua=mailto:a@b.example,https://c.example/x;", Add},
		{"today's stays", TLSRPTRequest{Domain: "has.example"}, "v=TLSRPTv1; rua=mailto:r@has.example", Keep},
		{"unless another is asked for", TLSRPTRequest{Domain: "has.example", Reports: []string{"x@has.example"}}, "v=TLSRPTv1; rua=mailto:x@has.example;", Replace},
		{"a broken one is replaced", TLSRPTRequest{Domain: "bad.example"}, "v=TLSRPTv1; rua=mailto:tls-reports@bad.example;", Replace},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			p, err := BuildTLSRPT(t.Context(), tc.req, zone)
			if err != nil || p.Step.Record.Value != tc.want || p.Step.Change != tc.change {
				t.Errorf("%q, %s, %v", p.Step.Record.Value, p.Step.Change, err)
			}
		})
	}
	for _, bad := range []string{"nobody", "https://", "https://u:p@c.example/", "https://c.example/a,b", "http://c.example/", "https://c.example/a b;c"} {
		if _, err := BuildTLSRPT(t.Context(), TLSRPTRequest{Domain: "example.com", Reports: []string{bad}}, zone); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}
