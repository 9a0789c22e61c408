package lint

import (
	"context"
	"strings"
	"testing"

	"unspoof/dns"
)

// strict fails on questions about the name that stands for no domain.
type strict struct {
	*world
	t *testing.T
}

func (s strict) Lookup(ctx context.Context, q dns.Question) (dns.Answer, error) {
	if q.Name == "" || strings.HasSuffix(q.Name, nameless) {
		s.t.Errorf("asked for %s", q)
	}
	return s.world.Lookup(ctx, q)
}

// TestRecordWithoutDomain holds that a resolver takes nothing from the judgement of a
// record whose domain is not given: what means that is left out and said.
func TestRecordWithoutDomain(t *testing.T) {
	for _, c := range []struct{ name, record, want, skipped, mended string }{
		{"an mx", "v=spf1 mx -all", "", "mx", ""},
		{"a name", "v=spf1 a:mail.example.com -all", "", "", ""},
		{"macros", "v=spf1 include:%{d}.example.net exists:%{i}.example.net ptr -all", "SPF-009", "include:%{d}.example.net exists:%{i}.example.net ptr", ""},
		{"an include of everybody", "v=spf1 a include:all.example.com -all", "SPF-004", "a", ""},
		{"an include with macros and an mx", "v=spf1 include:macros.example.com -all", "", "", ""},
		{"an include that is gone", "v=spf1 mx include:gone.example -all", "SPF-012", "mx", "v=spf1 mx -all"},
		{"two more than ten look-ups", "v=spf1 mx a include:nine.example.com -all", "SPF-007", "mx a", ""},
		{"one more than ten look-ups", "v=spf1 include:nine.example.com mx ip4:192.0.2.77 -all", "SPF-007", "mx", ""},
		{"nothing but all", "v=spf1 -all", "", "", ""},
		{"a host that is gone", "v=spf1 mx a:gone.example.com -all", "SPF-018", "mx", "v=spf1 mx -all"},
		{"a redirect beside all", "v=spf1 a:mail.example.com -all redirect=%{d}.example", "SPF-048", "", ""},
		{"a term that only the owner can mend", "v=spf1 mx a:mail.example.com ip4:192.0.2.300 -all", "SPF-030", "mx", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := zone(t, "all TXT \"v=spf1 +all\"\nmacros TXT \"v=spf1 mx exists:%{i}.%{o}.%{h}.x.example.com ~all\"\nmacros MX 10 mail\n"+
				"nine TXT \"v=spf1 "+strings.Repeat("a:mail.example.com ", 9)+"-all\"")
			r := SPF(t.Context(), Args{Strings: Text(c.record), Resolver: strict{w, t}})
			if got := ids(r.Findings); got != c.want {
				t.Errorf("findings %q, want %q", got, c.want)
			}
			if got := strings.Join(r.Skipped, " "); got != c.skipped {
				t.Errorf("skipped %q, want %q", got, c.skipped)
			}
			if len(r.Unanswered) > 0 || r.Mended != c.mended {
				t.Errorf("unanswered %v, mended %q", r.Unanswered, r.Mended)
			}
			whole(t, r)
		})
	}
	r := SPF(t.Context(), Args{Strings: Text("v=spf1 mx include:down.example -all"), Resolver: strict{zone(t, ""), t}})
	if len(r.Unanswered) != 1 {
		t.Errorf("what does not answer is not said: %v", r.Unanswered)
	}
}
