package plan

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"unspoof/dmarc"
	"unspoof/spf"
	"unspoof/tlspolicy"
)

// FuzzBuildSPF: any request gives a clear error, or a record that parses and fits
// its strings; what was asked for by address is in it.
func FuzzBuildSPF(f *testing.F) {
	f.Add("example.com", "mail.example.com", "192.0.2.1", "Google Workspace", "", "")
	f.Add("Bücher.example", "_secureserver.net", "ip6:192.0.2.1/24", "spf.au.exclaimer.net", "fail", "x")
	f.Add("a..b", "include:x", "::ffff:1.2.3.4/100", "%{i}._spf.vali.email", "neutral", "")
	f.Add("example.com", "a:mail.example.com", "0.0.0.0/0", "include:{x}.example", "softfail", "ip4:192.0.2.9")
	f.Add("old.example", "mail.example.com", "192.0.2.0/24", "", "", "spf.service.example")
	zone := resolver(f, world)
	f.Fuzz(func(t *testing.T, domain, host, address, service, policy, drop string) {
		req := SPFRequest{
			Domain: domain, Hosts: list(host), Addresses: list(address), Services: list(service), Policy: policy, Drop: list(drop),
		}
		for _, r := range []bool{false, true} {
			dnsView := zone
			if r {
				dnsView = nil
			}
			p, err := BuildSPF(t.Context(), req, dnsView)
			if err != nil && !errors.Is(err, ErrTooManyLookups) && !errors.Is(err, ErrLockOut) {
				if !strings.HasPrefix(err.Error(), "plan: ") || p.Record.Value != "" {
					t.Errorf("error %q with record %q", err, p.Record.Value)
				}
				continue
			}
			record, err := spf.Parse(p.Record.Value)
			if err != nil {
				t.Fatalf("made %q: %v", p.Record.Value, err)
			}
			formed(t, p.Record)
			if prefix, _, err := ParsePrefix(address); err == nil && address != "" && !slices.ContainsFunc(record.Terms, func(term spf.Term) bool {
				return term.Network.IsValid() && term.Network.Contains(prefix.Addr()) && term.Network.Bits() <= prefix.Bits()
			}) {
				t.Errorf("%q is not in %q", address, p.Record.Value)
			}
		}
	})
}

// FuzzBuildDMARC: likewise; the policy asked for is the one that is read back.
func FuzzBuildDMARC(f *testing.F) {
	f.Add("example.com", "reject", "", "none", true, "dmarc@example.com", "v=DMARC1; p=none; adkim=s; fo=1; ruf=mailto:a@example.com")
	f.Add("mail.example.com", "", "", "", false, "mailto:a,b!c@far.example", "v=DMARC1; p=quarantine; sp=none; t=y; pct=3")
	f.Add("a b", "none", "x", "", false, "a@b@c;d", "v=DMARC1; rua=mailto:%00@x, https://y!10m; psd=y")
	f.Fuzz(func(t *testing.T, domain, p, sp, np string, test bool, report, today string) {
		zone, err := txtView("_dmarc.example.com", today)
		if err != nil {
			return
		}
		made, err := BuildDMARC(t.Context(), DMARCRequest{Domain: domain, Policy: dmarc.Policy(p), Subdomain: dmarc.Policy(sp), NonExistent: dmarc.Policy(np), Test: test, Reports: list(report)}, zone)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "plan: ") {
				t.Errorf("error %q", err)
			}
			return
		}
		if made.Record.Value != "" {
			formed(t, made.Record)
			rec, err := dmarc.Parse(made.Record.Value)
			if err != nil {
				t.Fatalf("made %q: %v", made.Record.Value, err)
			}
			got := asked{rec.Policy, rec.Subdomain, rec.NonExistent, rec.Test}.filled()
			if want := (asked{dmarc.Policy(p), dmarc.Policy(sp), dmarc.Policy(np), test}).filled(); p != "" && got != want {
				t.Errorf("%q asks for %+v, want %+v", made.Record.Value, got, want)
			}
			if report != "" && len(rec.RUA) != 1 {
				t.Errorf("%q: %d addresses for %q", made.Record.Value, len(rec.RUA), report)
			}
		}
		if made.Today != "" {
			monotone(t, made.Today, made)
		}
	})
}

// FuzzBuildTLS: policies, their records and TLS reports are read back as asked.
func FuzzBuildTLS(f *testing.F) {
	f.Add("example.com", "1", "testing", "*.example.com", "tls@example.com")
	f.Add("example.com", "a-b", "enforce", "a\r\nmode: none", "https://example.com/a,b")
	f.Add("Bücher.example", strings.Repeat("1", 33), "", "*.*.x", "https://u@x/")
	f.Fuzz(func(t *testing.T, domain, id, mode, mx, report string) {
		if made, err := BuildSTS(t.Context(), STSRequest{Domain: domain, ID: id, Mode: tlspolicy.Mode(mode), MX: list(mx)}, nil); err == nil {
			formed(t, made.Step.Record)
			back, err := tlspolicy.ParsePolicy(made.Policy)
			sts, serr := tlspolicy.ParseSTS(made.Step.Record.Value)
			if err != nil || serr != nil || len(back.Notes) > 0 || sts.ID != id || len(back.MX) > 1 || mode != "" && string(back.Mode) != mode {
				t.Errorf("%q, %q: %v, %v", made.Policy, made.Step.Record.Value, err, serr)
			}
		} else if !strings.HasPrefix(err.Error(), "plan: ") {
			t.Errorf("error %q", err)
		}
		if made, err := BuildTLSRPT(t.Context(), TLSRPTRequest{Domain: domain, Reports: list(report)}, nil); err == nil {
			formed(t, made.Step.Record)
			if back, err := tlspolicy.ParseTLSRPT(made.Step.Record.Value); err != nil || len(back.RUA) != 1 {
				t.Errorf("%q: %v", made.Step.Record.Value, err)
			}
		} else if !strings.HasPrefix(err.Error(), "plan: ") {
			t.Errorf("error %q", err)
		}
	})
}

// FuzzSetUpDKIM: no name or value with a hole, or with octets that a zone file
// would read otherwise, is given as a record.
func FuzzSetUpDKIM(f *testing.F) {
	f.Add("example.com", "fastmail", "mail.example.com")
	f.Add("a-b.example", "brevo", "192.0.2.1")
	f.Add("Bücher.example", "include:_spf.google.com", "x;y")
	f.Fuzz(func(t *testing.T, domain, service, host string) {
		p, err := SetUpDKIM(t.Context(), DKIMRequest{Domain: domain, Services: list(service), OwnServers: list(host)}, nil)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "plan: ") {
				t.Errorf("error %q", err)
			}
			return
		}
		for _, s := range p.Setups {
			for _, k := range s.Keys {
				if k.Record.Value != "" && (!hostLike(k.Record.Value) || !hostLike(k.Record.Name)) {
					t.Errorf("%+v", k.Record)
				}
			}
		}
	})
}

// formed holds that the forms of a TXT record say its value.
func formed(t *testing.T, r Record) {
	t.Helper()
	joined := ""
	for piece := range strings.SplitSeq(r.Forms.Quoted, `" "`) {
		piece = strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(strings.TrimSuffix(strings.TrimPrefix(piece, `"`), `"`))
		if len(piece) > maxString {
			t.Errorf("string of %d octets", len(piece))
		}
		joined += piece
	}
	if joined != r.Value || r.Forms.Panel != r.Value || r.Forms.Zone != r.Name+". 3600 IN TXT "+r.Forms.Quoted {
		t.Errorf("forms %+v of %q", r.Forms, r.Value)
	}
	for i := range len(r.Forms.Zone) {
		if c := r.Forms.Zone[i]; c < ' ' || c > '~' {
			t.Errorf("octet %#x in %q", c, r.Forms.Zone)
		}
	}
}

func list(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}
