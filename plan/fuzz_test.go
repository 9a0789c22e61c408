package plan

import (
	"errors"
	"strings"
	"testing"

	"unspoof/spf"
)

func FuzzBuildSPF(f *testing.F) {
	f.Add("example.com", "mail.example.com", "192.0.2.1", "Google Workspace", "")
	f.Add("Bücher.example", "_secureserver.net", "ip6:192.0.2.1/24", "spf.au.exclaimer.net", "fail")
	f.Add("a..b", "include:x", "::ffff:1.2.3.4/100", "%{i}._spf.vali.email", "neutral")
	f.Add("example.com", "a:mail.example.com", "0.0.0.0/0", "include:{x}.example", "softfail")
	f.Fuzz(func(t *testing.T, domain, host, address, service, policy string) {
		req := SPFRequest{
			Domain: domain, Hosts: list(host), Addresses: list(address), Services: list(service), Policy: policy,
		}
		p, err := BuildSPF(t.Context(), req, nil)
		if err != nil && !errors.Is(err, ErrTooManyLookups) {
			if !strings.HasPrefix(err.Error(), "plan: ") {
				t.Errorf("error %q", err)
			}
			return
		}
		if _, err := spf.Parse(p.Record.Value); err != nil {
			t.Errorf("made %q: %v", p.Record.Value, err)
		}
		for piece := range strings.SplitSeq(p.Record.Forms.Quoted, `" "`) {
			if len(strings.Trim(piece, `"`)) > maxString {
				t.Errorf("string of %d octets", len(piece))
			}
		}
	})
}

func list(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}
