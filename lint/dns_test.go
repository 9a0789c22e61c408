package lint

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"unspoof/dns"
	"unspoof/dns/dnsfile"
	"unspoof/finding"
)

// world answers from a zone; names with "down" in them do not answer, and one name
// has a record of the old type.
type world struct {
	view  dns.Resolver
	asked int
}

func (w *world) Lookup(ctx context.Context, q dns.Question) (dns.Answer, error) {
	w.asked++
	if strings.Contains(q.Name, "down") {
		return dns.Answer{}, &dns.Error{Question: q, Kind: dns.FaultServFail, Server: "test", Err: errors.New("down")}
	}
	if q.Type == typeSPF {
		a := dns.Answer{Server: "test"}
		if strings.HasPrefix(q.Name, "old.") {
			a.Records = []dns.Record{{Name: q.Name, Type: q.Type}}
		}
		return a, nil
	}
	return w.view.Lookup(ctx, q)
}

func zone(t testing.TB, text string) *world {
	t.Helper()
	view, err := dnsfile.Parse("test", []byte("$ORIGIN example.com.\n$TTL 300\nmail A 192.0.2.1\n@ MX 10 mail\n"+text+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	return &world{view: view}
}

var dnsCases = []struct {
	name     string
	kind     Kind
	domain   string // "" example.com
	selector string
	zone     string
	want     string
	mended   string
	open     bool // DNS left a question open
}{
	{"in order", KindSPF, "", "", `@ TXT "v=spf1 mx a:mail.example.com -all"`, "", "", false},
	{"no record", KindSPF, "", "", `@ TXT "hello"`, "SPF-001", "", false},
	{"of the old type only", KindSPF, "old.example.com", "", ``, "SPF-001 SPF-015", "", false},
	{"at _spf", KindSPF, "", "", `_spf TXT "v=spf1 mx -all"`, "SPF-013", "v=spf1 mx -all", false},
	{"at spf, with a mistake", KindSPF, "", "", `spf TXT "v=spf1 mx -al"`, "SPF-013 SPF-031", "v=spf1 mx -all", false},
	{"wildcard", KindSPF, "", "", "@ TXT \"v=spf1 mx -all\"\n* TXT \"v=spf1 -all\"", "DNS-002", "", false},
	{"include of a name that is gone", KindSPF, "", "", `@ TXT "v=spf1 mx include:gone.example -all"`, "SPF-012", "v=spf1 mx -all", false},
	{"include of a name that is gone, and nothing else", KindSPF, "", "", `@ TXT "v=spf1 include:gone.example -all"`, "SPF-012", "", false},
	{"include misspelt and gone", KindSPF, "", "", "@ TXT \"v=spf1 include:_spf.gogle.com -all\"\n_spf.google.com. TXT \"v=spf1 ip4:198.51.100.1 -all\"", "SPF-012", "", false},
	{"include misspelt and gone, of the same domain", KindSPF, "", "", "@ TXT \"v=spf1 mx include:_sfp.google.com -all\"\n_spf.google.com. TXT \"v=spf1 ip4:198.51.100.1 -all\"", "SPF-012", "v=spf1 mx include:_spf.google.com -all", false},
	{"include misspelt, with another record", KindSPF, "", "", "@ TXT \"v=spf1 mx include:_sfp.google.com -all\"\n_sfp.google.com. TXT \"hello\"", "SPF-012", "", false},
	{"include of +all", KindSPF, "", "", "@ TXT \"v=spf1 include:i.example.com -all\"\ni TXT \"v=spf1 ip4:198.51.100.1 +all\"", "SPF-004", "", false},
	{"redirect to +all", KindSPF, "", "", "@ TXT \"v=spf1 mx redirect=i.example.com\"\ni TXT \"v=spf1 +all\"", "SPF-004", "", false},
	{"include of both halves", KindSPF, "", "", "@ TXT \"v=spf1 include:i.example.com -all\"\ni TXT \"v=spf1 ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all\"", "SPF-004 SPF-010 SPF-010", "", false},
	{"include of a wide network", KindSPF, "", "", "@ TXT \"v=spf1 include:i.example.com -all\"\ni TXT \"v=spf1 ip4:16.0.0.0/4 -all\"", "SPF-010", "", false},
	{"include of an internet provider", KindSPF, "", "", "@ TXT \"v=spf1 mx include:i.example.com -all\"\ni TXT \"v=spf1 include:n.example.com ip4:24.0.0.0/12 ip4:90.0.0.0/14 -all\"\nn TXT \"v=spf1 ip4:84.0.0.0/13 -all\"", "SPF-053", "", false},
	{"redirect to an internet provider", KindSPF, "", "", "@ TXT \"v=spf1 redirect=i.example.com\"\ni TXT \"v=spf1 ip4:24.0.0.0/13 ip4:90.0.0.0/13 ?all\"", "SPF-053", "", false},
	{"include of a known service with very many servers", KindSPF, "", "", "@ TXT \"v=spf1 mx include:i.example.com -all\"\ni TXT \"v=spf1 include:_spf.google.com -all\"\n_spf.google.com. TXT \"v=spf1 ip4:24.0.0.0/12 ip4:90.0.0.0/12 -all\"", "", "", false},
	{"include of two services as flattened", KindSPF, "", "", "@ TXT \"v=spf1 mx include:i.example.com -all\"\ni TXT \"v=spf1 ip4:40.92.0.0/15 ip4:40.107.0.0/16 ip4:52.100.0.0/15 ip4:52.102.0.0/16 ip4:52.103.0.0/17 ip4:104.47.0.0/17 ip4:74.125.0.0/16 ip4:173.194.0.0/16 ip4:35.191.0.0/16 ip4:209.85.128.0/17 ip4:64.233.160.0/19 ip4:172.217.0.0/18 ip4:72.14.192.0/18 -all\"", "", "", false},
	{"include of all IPv6", KindSPF, "", "", "@ TXT \"v=spf1 mx include:i.example.com -all\"\ni TXT \"v=spf1 ip6:2000::/3 -all\"", "SPF-004 SPF-010", "", false},
	{"exists of a name that is there", KindSPF, "", "", "@ TXT \"v=spf1 exists:mail.example.com -all\"", "SPF-004", "", false},
	{"exists of the domain", KindSPF, "", "", "@ TXT \"v=spf1 exists:%{d} -all\"\n@ A 192.0.2.1", "SPF-004", "", false},
	{"exists of a name that is not there", KindSPF, "", "", "@ TXT \"v=spf1 mx exists:nothing.example.com -all\"", "SPF-052", "", false},
	{"a mistake, and an include of everybody", KindSPF, "", "", "@ TXT \"v=spf1 include:i.example.com ip4: -all\"\ni TXT \"v=spf1 +all\"", "SPF-004 SPF-027", "", false},
	{"a network that an include has", KindSPF, "", "", "@ TXT \"v=spf1 include:i.example.com ip4:198.51.100.7 -all\"\ni TXT \"v=spf1 ip4:198.51.100.0/24 -all\"", "SPF-051", "", false},
	{"an mx of eleven hosts", KindSPF, "", "", "@ TXT \"v=spf1 mx:m.example.com -all\"\n" + elevenHosts("m"), "SPF-050", "", false},
	{"three that find nothing before IPv6 that may send", KindSPF, "", "", "@ TXT \"v=spf1 a:x1.example.com a:x2.example.com a:x3.example.com ip6:2001:db8::/32 -all\"\nx1 A 192.0.2.1\nx2 A 192.0.2.2\nx3 A 192.0.2.3", "SPF-008", "", false},
	{"a name that a resolver can't be asked for", KindSPF, strings.Repeat("a", 70) + ".example", "", "", "", "", true},
	{"a name like another that is there", KindSPF, "", "", "@ TXT \"v=spf1 include:_spf.gogle.com -all\"\n_spf.gogle.com. TXT \"v=spf1 ip4:198.51.100.1 -all\"", "", "", false},
	{"include without a record", KindSPF, "", "", `@ TXT "v=spf1 mx include:mail.example.com -all"`, "SPF-012", "v=spf1 mx -all", false},
	{"include with several records", KindSPF, "", "", "@ TXT \"v=spf1 mx include:i.example.com -all\"\ni TXT \"v=spf1 a\"\ni TXT \"v=spf1 mx\"", "SPF-012", "", false},
	{"include with a broken record", KindSPF, "", "", "@ TXT \"v=spf1 mx include:i.example.com -all\"\ni TXT \"v=spf1 ip4:\"", "SPF-012", "", false},
	{"include that leads to one that is gone", KindSPF, "", "", "@ TXT \"v=spf1 mx include:i.example.com -all\"\ni TXT \"v=spf1 include:gone.example -all\"", "SPF-012", "", false},
	{"redirect to a name that is gone", KindSPF, "", "", `@ TXT "v=spf1 mx redirect=gone.example"`, "SPF-012", "v=spf1 mx ~all", false},
	{"redirect beside all to a name that is gone", KindSPF, "", "", `@ TXT "v=spf1 redirect=gone.example -all"`, "SPF-047", "", false},
	{"redirect beside all to a name that is gone, and others that send", KindSPF, "", "", `@ TXT "v=spf1 redirect=gone.example mx -all"`, "SPF-048", "", false},
	{"redirect beside all to itself", KindSPF, "", "", `@ TXT "v=spf1 mx -all redirect=example.com"`, "SPF-048", "", false},
	{"redirect beside all that does not answer", KindSPF, "", "", `@ TXT "v=spf1 mx -all redirect=down.example"`, "SPF-048", "", false},
	{"redirect beside all, and ten look-ups", KindSPF, "", "", "@ TXT \"v=spf1 mx a exists:%{i}.1.example.com exists:%{i}.2.example.com exists:%{i}.3.example.com exists:%{i}.4.example.com exists:%{i}.5.example.com exists:%{i}.6.example.com exists:%{i}.7.example.com exists:%{i}.8.example.com -all redirect=i.example.com\"\n@ A 192.0.2.9", "SPF-048", "", false},
	{"include behind all of a name that is gone", KindSPF, "", "", `@ TXT "v=spf1 mx -all include:gone.example"`, "SPF-048", "v=spf1 mx -all", false},
	{"include behind all of a name that is gone, and nothing else", KindSPF, "", "", `@ TXT "v=spf1 -all include:gone.example"`, "SPF-048", "", false},
	{"include behind all of the domain itself", KindSPF, "", "", `@ TXT "v=spf1 -all include:example.com"`, "SPF-048", "", false},
	{"include behind all of a broken record", KindSPF, "", "", "@ TXT \"v=spf1 mx -all include:i.example.com\"\ni TXT \"v=spf1 ip4:\"", "SPF-048", "v=spf1 mx -all", false},
	{"include behind all", KindSPF, "", "", "@ TXT \"v=spf1 -all include:i.example.com\"\ni TXT \"v=spf1 ip4:198.51.100.1 -all\"", "SPF-048", "v=spf1 include:i.example.com -all", false},
	{"include behind all of a name that is gone, and another one", KindSPF, "", "", `@ TXT "v=spf1 -all include:gone.example a:mail.example.com"`, "SPF-048 SPF-048", "v=spf1 a:mail.example.com -all", false},
	{"a loop", KindSPF, "", "", "@ TXT \"v=spf1 mx include:i.example.com -all\"\ni TXT \"v=spf1 include:example.com -all\"", "SPF-023", "v=spf1 mx -all", false},
	{"host without address", KindSPF, "", "", `@ TXT "v=spf1 mx a:gone.example.com -all"`, "SPF-018", "v=spf1 mx -all", false},
	{"domain without exchanger", KindSPF, "", "", `@ TXT "v=spf1 a:mail.example.com mx:mail.example.com -all"`, "SPF-044", "v=spf1 a:mail.example.com -all", false},
	{"three that find nothing, below", KindSPF, "", "", "@ TXT \"v=spf1 include:i.example.com -all\"\ni TXT \"v=spf1 a:x1.example.com a:x2.example.com a:x3.example.com mx:example.com -all\"", "SPF-008", "", false},
	{"three hosts without address", KindSPF, "", "", `@ TXT "v=spf1 mx a:n1.example.com a:n2.example.com a:n3.example.com ip4:192.0.2.61 -all"`, "SPF-008 SPF-018 SPF-018 SPF-018", "v=spf1 mx ip4:192.0.2.61 -all", false},
	{"an include of everybody behind a broken one", KindSPF, "", "", "@ TXT \"v=spf1 include:b.example.com include:c.example.com -all\"\nb TXT \"v=spf1 mx -all\"\nb TXT \"v=spf1 a -all\"\nc TXT \"v=spf1 +all\"", "SPF-004 SPF-012", "", false},
	{"an include behind a broken one", KindSPF, "", "", "@ TXT \"v=spf1 include:b.example.com include:c.example.com -all\"\nb TXT \"v=spf1 mx -all\"\nb TXT \"v=spf1 a -all\"\nc TXT \"v=spf1 mx -all\"", "SPF-012", "", false},
	{"too many look-ups, below", KindSPF, "", "", "@ TXT \"v=spf1 include:i.example.com -all\"\ni TXT \"v=spf1 " + strings.Repeat("a:mail.example.com ", 10) + "-all\"", "SPF-007", "", false},
	{"explanation that is not there", KindSPF, "", "", `@ TXT "v=spf1 mx -all exp=why.example.com"`, "SPF-043", "v=spf1 mx -all", false},
	{"an include that does not answer", KindSPF, "", "", `@ TXT "v=spf1 mx include:down.example -all"`, "", "", true},
	{"a host that does not answer", KindSPF, "", "", `@ TXT "v=spf1 mx a:down.example -all"`, "", "", true},
	{"nothing answers", KindSPF, "down.example", "", ``, "", "", true},

	{"in order", KindDMARC, "", "", `_dmarc TXT "v=DMARC1; p=reject; rua=mailto:d@example.com"`, "", "", false},
	{"no record", KindDMARC, "", "", ``, "DMARC-001", "", false},
	{"at the domain", KindDMARC, "", "", `@ TXT "v=DMARC1; p=reject; rua=mailto:d@example.com"`, "DMARC-015", "v=DMARC1; p=reject; rua=mailto:d@example.com", false},
	{"at dmarc", KindDMARC, "", "", `dmarc TXT "v=DMARC1; p=reject; rua=mailto:d@example.com"`, "DMARC-021", "v=DMARC1; p=reject; rua=mailto:d@example.com", false},
	{"the domain twice", KindDMARC, "", "", `_dmarc.example.com TXT "v=DMARC1; p=reject; rua=mailto:d@example.com"`, "DMARC-021", "v=DMARC1; p=reject; rua=mailto:d@example.com", false},
	{"wildcard", KindDMARC, "", "", "_dmarc TXT \"v=DMARC1; p=reject; rua=mailto:d@example.com\"\n* TXT \"v=DMARC1; p=reject; rua=mailto:d@example.com\"", "DNS-002", "", false},
	{"a stranger who does not agree", KindDMARC, "", "", `_dmarc TXT "v=DMARC1; p=reject; rua=mailto:d@example.net"`, "DMARC-008", "", false},
	{"a stranger who agrees", KindDMARC, "", "", "_dmarc TXT \"v=DMARC1; p=reject; rua=mailto:d@example.net\"\nexample.com._report._dmarc.example.net. TXT \"v=DMARC1\"", "", "", false},
	{"a stranger who does not answer", KindDMARC, "", "", `_dmarc TXT "v=DMARC1; p=reject; rua=mailto:d@down.example"`, "", "", true},
	{"nothing answers", KindDMARC, "down.example", "", ``, "", "", true},

	{"in order", KindDKIM, "", "s", `s._domainkey TXT "v=DKIM1; k=ed25519; p=${ed25519}"`, "", "", false},
	{"no key", KindDKIM, "", "s", ``, "DKIM-001", "", false},
	{"the domain twice", KindDKIM, "", "s", `s._domainkey.example.com TXT "v=DKIM1; k=ed25519; p=${ed25519}"`, "DKIM-024", "v=DKIM1; k=ed25519; p=${ed25519}", false},
	{"without _domainkey", KindDKIM, "", "s", `s TXT "v=DKIM1; k=ed25519; p=${ed25519}"`, "DKIM-024", "v=DKIM1; k=ed25519; p=${ed25519}", false},
	{"wildcard", KindDKIM, "", "s", `*._domainkey TXT "v=DKIM1; k=ed25519; p=${ed25519}"`, "DKIM-023", "", false},
	{"wildcard that revokes", KindDKIM, "", "s", "s._domainkey TXT \"v=DKIM1; k=ed25519; p=${ed25519}\"\n*._domainkey TXT \"v=DKIM1; p=\"", "", "", false},
	{"a wildcard for something else", KindDKIM, "", "s", `* TXT "v=spf1 -all"`, "DKIM-001 DKIM-023", "", false},
	{"nothing answers", KindDKIM, "down.example", "s", ``, "", "", true},
}

// elevenHosts are more exchangers than receivers look at.
func elevenHosts(name string) string {
	var s strings.Builder
	for i := range 11 {
		fmt.Fprintf(&s, "%s MX 10 h%d\nh%d A 198.51.100.%d\n", name, i, i, i)
	}
	return s.String()
}

// maxAsked is what one lint may ask of DNS for the records of these tests.
const maxAsked = 60

func TestDNS(t *testing.T) {
	expand := keys(t)
	for _, c := range dnsCases {
		t.Run(string(c.kind)+"/"+c.name, func(t *testing.T) {
			w := zone(t, expand.Replace(c.zone))
			a := Args{Domain: c.domain, Selector: c.selector, Resolver: w, Time: now}
			if c.domain == "" {
				a.Domain = "example.com"
			}
			r := linters[c.kind](t.Context(), a)
			if got := ids(r.Findings); got != c.want {
				t.Errorf("findings %q, want %q", got, c.want)
			}
			if r.Mended != expand.Replace(c.mended) {
				t.Errorf("mended %q, want %q", r.Mended, c.mended)
			}
			if (len(r.Unanswered) > 0) != c.open {
				t.Errorf("unanswered %v", r.Unanswered)
			}
			for _, f := range r.Findings {
				if len(f.Evidence) == 0 || slices.ContainsFunc(f.Evidence, func(e finding.Evidence) bool { return e.Query == "" || e.Answer == "" }) {
					t.Errorf("%s has evidence %+v", f.ID, f.Evidence)
				}
			}
			if w.asked > maxAsked {
				t.Errorf("%d questions", w.asked)
			}
			whole(t, r)
		})
	}
}

// TestEvidenceIsOfItsFinding holds that the answers shown with a finding are those
// that it rests on, however many findings there are.
func TestEvidenceIsOfItsFinding(t *testing.T) {
	text := "v=spf1 mx" + strings.Repeat(" ip4:198.51.100.1", 150)
	for i := range 12 {
		text += fmt.Sprintf(" a:n%d.example.com mx:m%d.example.com include:i%d.example.com", i, i, i)
	}
	r := SPF(t.Context(), Args{Domain: "example.com", Strings: Text(text + " -all"), Resolver: zone(t, "")})
	for _, f := range r.Findings {
		for _, e := range f.Evidence {
			if _, name, _ := strings.Cut(e.Query, " "); !strings.Contains(f.What, name) {
				t.Errorf("%s has the answer to %s", f.What, e.Query)
			}
		}
	}
	if !r.Has("SPF-012") || !r.Has("SPF-018") || !r.Has("SPF-044") {
		t.Errorf("small findings hide others: %s", ids(r.Findings))
	}
}

// TestWorstIsKept holds that many small findings don't hide a bad one.
func TestWorstIsKept(t *testing.T) {
	r := SPF(t.Context(), Args{Domain: "example.com", Strings: Text("v=spf1" + strings.Repeat(" ip4:198.51.100.1", 300) + " +all")})
	if r.Worst() != finding.Critical || r.LeftOut != 299-maxAlike {
		t.Errorf("%s is the worst, %d left out", r.Worst(), r.LeftOut)
	}
}

// TestNothingToJudge holds that a report on nothing does not look clean.
func TestNothingToJudge(t *testing.T) {
	for kind, lint := range linters {
		for _, a := range []Args{{}, {Domain: "example.com", Selector: "s"}, {Domain: strings.Repeat("a", 70) + ".example", Selector: "s", Resolver: zone(t, "")}} {
			if r := lint(t.Context(), a); len(r.Unanswered) == 0 {
				t.Errorf("%s: %+v looks clean", kind, a)
			}
		}
	}
}

// notOurs are rules of these areas that take more than a record to find: posture
// does.
var notOurs = []string{"SPF-016", "SPF-017", "DMARC-016", "DMARC-018"}

// TestEveryRuleHasABadRecord holds that there is no rule that nothing comes under.
func TestEveryRuleHasABadRecord(t *testing.T) {
	seen := map[string]bool{}
	for _, kind := range []Kind{KindSPF, KindDKIM, KindDMARC} {
		for _, e := range table(t, string(kind)+"_bad") {
			for id := range strings.FieldsSeq(e.Want) {
				seen[id] = true
			}
		}
	}
	for _, c := range dnsCases {
		for id := range strings.FieldsSeq(c.want) {
			seen[id] = true
		}
	}
	for _, r := range finding.Rules() {
		area, _, _ := strings.Cut(r.ID, "-")
		ours := area == "SPF" || area == "DKIM" || area == "DMARC"
		if ours && !seen[r.ID] && !slices.Contains(notOurs, r.ID) {
			t.Errorf("no record comes under %s", r.ID)
		}
	}
}

// TestHostileBehindAll holds that what stands behind all is looked up as seldom as what
// stands before.
func TestHostileBehindAll(t *testing.T) {
	text := "v=spf1 -all"
	for i := range 500 {
		text += fmt.Sprintf(" include:i%d.example.com", i)
	}
	w := zone(t, "")
	SPF(t.Context(), Args{Domain: "example.com", Strings: Text(text), Resolver: w})
	if w.asked > 3*maxFollowed {
		t.Errorf("%d questions", w.asked)
	}
}
