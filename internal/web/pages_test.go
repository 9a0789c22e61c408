package web

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"unspoof/finding"
	"unspoof/internal/census"
	"unspoof/plan"
	"unspoof/spf"
)

// hostileZone is the DNS of somebody who wants to write into the page.
const hostileZone = `$ORIGIN evil.example.
$TTL 3600
@ SOA ns1 hostmaster 1 7200 3600 1209600 3600
@ MX 10 <script>alert(1)</script>.evil.example.
@ TXT "v=spf1 include:<img/src=x>.evil.example a:javascript:alert(1) exists:%{i}.\"><script>alert(1)</script> ~all"
_dmarc TXT "v=DMARC1; p=<script>alert(1)</script>; rua=javascript:alert(1)"
wide TXT "v=spf1 redirect=_long.evil.example"
_long TXT "v=spf1 include:a.evil.example include:<b>.evil.example exists:%{l}.'onload=x.evil.example -all"
a TXT "v=spf1 ip4:192.0.2.0/24 -all"
`

func TestHostileZonesStayText(t *testing.T) {
	s := newShop(t, hostileZone)
	for _, domain := range []string{"evil.example", "wide.evil.example", "a.evil.example", "none.example"} {
		for _, page := range []string{"/check", "/spf", "/inventory", "/wizard"} {
			s.pageAt(t, page+"?domain="+domain, 200)
		}
		w := s.get("/wizard?q=plan&domain=" + domain)
		harmless(t, w.Body.String())
		harmless(t, s.get("/record?addresses=192.0.2.200&domain="+domain).Body.String())
		harmless(t, s.get("/record?for="+domain).Body.String())
	}
	for _, page := range []string{"/spf", "/inventory", "/check"} {
		s.pageAt(t, page+"?domain="+url.QueryEscape("\"><script>alert(1)</script>"), http.StatusBadRequest)
		s.pageAt(t, page, 200)
	}
}

// Every word of an inventory and of a plan may be a stranger's.
func TestHostileViewsStayText(t *testing.T) {
	s := newServer(t)
	made := planView{Subject: subject{Domain: hostile}, Settled: true}
	fill(reflect.ValueOf(&made.Plan).Elem())
	fill(reflect.ValueOf(&made.Guard).Elem())
	fill(reflect.ValueOf(&made.Inventory).Elem())
	fill(reflect.ValueOf(&made.Hidden).Elem())
	made.Plan.SPF.Diff = nil
	made.Drawn = &drawing{Rows: []drawn{{Via: hostile, Who: hostile, Note: hostile, Gained: part{Words: hostile, Width: "40.0", Ranges: []string{hostile}}, Lost: part{Words: hostile, Width: "4.0"}}}, Gained: []string{hostile}, Lost: []string{hostile}}
	made.Asked = asked{Anew: "/wizard?anew=yes"}
	made.Edit, made.Confirm, made.Nothing = "/wizard?q=mailboxes", "/wizard", "/wizard"
	list := inventoryView{Subject: subject{Domain: hostile}, Domain: hostile, Result: &census.Result{}, Unread: []string{hostile}, Wizard: "/wizard", Asked: asked{Anew: "/inventory?anew=yes"}}
	fill(reflect.ValueOf(&list.Result.Inventory).Elem())
	apart := spfView{Domain: hostile, Record: hostile, Light: light{"bad", hostile, hostile}, Next: hostile, Cost: &spf.Cost{Lookups: 12}, Terms: []termView{{Term: hostile, Words: hostile, Note: hostile, Below: []termView{{Term: hostile}}}}, Owners: []ownerView{{Term: hostile, Who: hostile, Words: hostile, Ranges: []string{hostile}}}}
	fill(reflect.ValueOf(&apart.Cuts).Elem())
	asks := wizardView{Subject: subject{Domain: hostile}, Question: questions[3], N: 4, Of: 5, Problem: hostile, Hidden: []pair{{hostile, hostile}}, Domain: hostile, Unknown: []string{hostile}, Asked: asked{Anew: "/wizard?anew=yes"}}
	fill(reflect.ValueOf(&asks.Choices).Elem())
	fill(reflect.ValueOf(&asks.Claims).Elem())
	for _, p := range []struct {
		name string
		view any
	}{
		{"plan", made}, {"inventory", list}, {"spf", apart}, {"wizard", asks},
	} {
		t.Run(p.name, func(t *testing.T) {
			w := new(bodyWriter)
			if err := s.render(w, 200, p.name+".html", p.view); err != nil {
				t.Fatal(err)
			}
			page := w.String()
			harmless(t, page)
			if strings.ContainsAny(page, "\x1b\x00\r\u202e\u200b") {
				t.Error("a character that hides or moves text is in the page")
			}
			golden(t, p.name, page)
		})
	}
}

// bodyWriter takes a page without a request.
type bodyWriter struct {
	bytes.Buffer
	header http.Header
}

func (w *bodyWriter) Header() http.Header {
	if w.header == nil {
		w.header = http.Header{}
	}
	return w.header
}
func (w *bodyWriter) WriteHeader(int) {}

func TestThePlaceOfAFinding(t *testing.T) {
	for _, tc := range []struct {
		rule     string
		from, to int
		want     cutText
	}{
		{"in the middle", 7, 9, cutText{"v=spf1 ", "mx", " -all"}},
		{"missing at the end", 14, 14, cutText{"v=spf1 mx -all", "▲", ""}},
		{"beyond the text", 7, 99, cutText{Before: "v=spf1 mx -all"}},
		{"turned round", 9, 7, cutText{Before: "v=spf1 mx -all"}},
		{"before it", -1, 3, cutText{Before: "v=spf1 mx -all"}},
	} {
		if got := cutAt(&finding.Place{Text: "v=spf1 mx -all", Span: finding.Span{Start: tc.from, End: tc.to}}); got != tc.want {
			t.Errorf("%s: %q", tc.rule, got)
		}
	}
}

func TestFindingsShowTheRecordPutRight(t *testing.T) {
	s := newShop(t, "slip.example. TXT \"v=spf1 ip4:192.0.2.80 include=_spf.old.example ~all\"\n"+shopZone)
	page := s.pageAt(t, "/check?domain=slip.example", 200)
	for _, want := range []string{"<mark>include=_spf.old.example</mark>", ">v=spf1 ip4:192.0.2.80 include:_spf.old.example ~all</code>", "data-copy=\"mended-", "Grade</span>", "What is forged", "exposure"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not have %q", want)
		}
	}
	for _, rule := range finding.Rules() {
		s.pageAt(t, "/explain/"+rule.ID, 200)
	}
	s.pageAt(t, "/explain/NO-999", http.StatusNotFound)
	const hint = "stand for what was found"
	if !strings.Contains(s.pageAt(t, "/explain/DMARC-009", 200), hint) || strings.Contains(s.pageAt(t, "/explain/DMARC-003", 200), hint) {
		t.Error("what stands for what was found is told where nothing does, or not where something does")
	}
}

func TestSPFTakenApart(t *testing.T) {
	zone := shopZone + `
far.example. TXT "v=spf1 a mx include:b.far.example include:b.far.example ~all"
far.example. A 192.0.2.1
open.example. TXT "v=spf1 mx include:b.open.example -all"
b.open.example. TXT "v=spf1 +all"
unlisted.example. TXT "v=spf1 a:1.far.example a:2.far.example exists:%{i}.unlisted.example -all"
lost.example. TXT "v=spf1 include:idle.example -all"
mapped.example. TXT "v=spf1 ip4:192.0.2.1 ip6:::ffff:192.0.2.2 -all"
far.example. MX 10 far.example.
b.far.example. TXT "v=spf1 a:1.far.example a:2.far.example a:3.far.example a:4.far.example ?all"
`
	s := newShop(t, zone)
	page := s.pageAt(t, "/spf?domain=far.example", 200)
	for _, want := range []string{"Too many look-ups", "12 of 10 look-ups", `class="over">12<`, "The cheapest ways out", "Whoever the record of b.far.example lets in may send."} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not have %q", want)
		}
	}
	page = s.pageAt(t, "/spf?domain=shop.example", 200)
	for _, want := range []string{"Within the limits", "3 of 10 look-ups", "64 IPv4 addresses", "198.51.100.64/26", "Intuit Mailchimp"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not have %q", want)
		}
	}
	if page = s.pageAt(t, "/spf?domain=lost.example", 200); !strings.Contains(page, "To everybody the record is an error: include:idle.example") {
		t.Error("that an include breaks the record is not told")
	}
	if page = s.pageAt(t, "/spf?domain=open.example", 200); !strings.Contains(page, "It lets everybody send") || !strings.Contains(page, "include:b.open.example &gt; &#43;all") || strings.Contains(page, "Within the limits") {
		t.Errorf("that everybody may send is not told:\n%s", page)
	}
	if page = s.pageAt(t, "/spf?domain=unlisted.example", 200); !strings.Contains(page, "no exists of it lists, 3 look-ups are empty") || !strings.Contains(page, "The cheapest ways out") {
		t.Errorf("that an exists is an empty look-up is not told:\n%s", page)
	}
	if page = s.pageAt(t, "/spf?domain=mapped.example", 200); !strings.Contains(page, "<b>1 IPv4 address</b> may send") {
		t.Error("addresses that no client has are counted")
	}
	if page := s.pageAt(t, "/spf?domain=idle.example", 200); !strings.Contains(page, "idle.example publishes no SPF record") {
		t.Error("no record is not told")
	}
	if page := s.pageAt(t, "/spf?domain=nothing.example", 200); !strings.Contains(page, "There is no such domain") || strings.Contains(page, "no SPF record") {
		t.Error("a domain that does not exist is not told")
	}
}

func TestBars(t *testing.T) {
	set := func(record string) *spf.Set {
		got, err := spf.Sets(t.Context(), spf.SetArgs{Domain: "shop.example", Record: record, Resolver: newShop(t, shopZone).resolver})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	d := spf.Diff(set("v=spf1 ip4:192.0.2.0/24 ip4:203.0.113.7 -all"), set("v=spf1 ip4:192.0.2.0/25 ip6:2001:db8::/32 -all"))
	v := drawDifference(&d)
	got := map[string][2]string{}
	for _, r := range v.Rows {
		got[r.Via] = [2]string{r.Gained.Words, r.Lost.Words}
	}
	want := map[string][2]string{
		"ip4:192.0.2.0/24":  {"", "128 IPv4 addresses"},
		"ip4:203.0.113.7":   {"", "1 IPv4 address"},
		"ip6:2001:db8::/32": {"4,294,967,296 IPv6 networks of /64", ""},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("rows %v", got)
	}
	for _, r := range v.Rows {
		if r.Via == "ip6:2001:db8::/32" && (r.Gained.Width != "100.0" || r.Lost.Width != "0") {
			t.Errorf("widths %+v", r)
		}
	}
	if d := spf.Diff(set("v=spf1 mx -all"), set("v=spf1 mx -all")); !drawDifference(&d).Same {
		t.Error("the same is drawn as different")
	}
	if d := spf.Diff(set("v=spf1 -all"), set("v=spf1 ip6:::ffff:192.0.2.1 -all")); len(drawDifference(&d).Rows) != 0 {
		t.Error("addresses that no client has are drawn")
	}
	if drawDifference(nil) != nil {
		t.Error("something is drawn of nothing")
	}
}

func TestAuthorAPI(t *testing.T) {
	s := newShop(t, shopZone)
	var inv struct {
		Schema  int
		Senders []struct{ Key string }
		Read    struct{ Messages int }
	}
	decode(t, s.call("GET", "/api/inventory?domain=shop.example", ""), 200, &inv)
	if inv.Schema != 1 || len(inv.Senders) < 4 {
		t.Errorf("inventory %+v", inv)
	}
	var made struct {
		Schema int
		plan.Authoring
		Error string
	}
	body := `{"domain":"shop.example","services":["microsoft-365"],"drop":["ip4:192.0.2.80"],"rua":["r@shop.example"]}`
	decode(t, s.call("POST", "/api/plan", body), 200, &struct {
		Schema *int
		Next   *string
		Error  *string
	}{&made.Schema, &made.Next, &made.Error})
	if made.Schema != 1 || !strings.Contains(made.Error, "_spf.old.example") || strings.Contains(made.Error, "192.0.2.80") {
		t.Errorf("plan %+v", made)
	}
	var cost struct {
		Within bool
		Cost   struct{ Lookups int }
	}
	decode(t, s.call("GET", "/api/spf/cost?domain=shop.example", ""), 200, &cost)
	if !cost.Within || cost.Cost.Lookups != 3 {
		t.Errorf("cost %+v", cost)
	}
	var sets struct {
		MaySend struct {
			AsWritten struct{ IPv4 json.Number } `json:"as_written"`
		} `json:"may_send"`
	}
	decode(t, s.call("GET", "/api/spf/sets?domain=shop.example", ""), 200, &sets)
	if sets.MaySend.AsWritten.IPv4 != "113" {
		t.Errorf("sets %+v", sets)
	}
	var diff struct {
		Gained, Lost []struct{ Via string }
	}
	decode(t, s.call("GET", "/api/spf/diff?domain=shop.example&new="+url.QueryEscape("v=spf1 ip4:192.0.2.80 -all"), ""), 200, &diff)
	if len(diff.Gained) != 0 || len(diff.Lost) == 0 {
		t.Errorf("diff %+v", diff)
	}
	var rules struct{ Rules []finding.Rule }
	decode(t, s.call("GET", "/api/explain?id=dmarc-001", ""), 200, &rules)
	if len(rules.Rules) != 1 || rules.Rules[0].ID != "DMARC-001" {
		t.Errorf("rules %+v", rules)
	}
	for target, status := range map[string]int{
		"/api/spf/cost?record=v%3Dspf1+ip4:192.0.2.1+-all": 200, "/api/spf/sets?record=v%3Dspf1+ip4:192.0.2.1+-all": 200,
		"/api/spf/diff?old=v%3Dspf1+-all&new=v%3Dspf1+ip4:192.0.2.1+-all": 200, "/api/spf/diff?new=v%3Dspf1+-all": 400,
		"/api/spf/sets?record=v%3Dspf1+mx+-all": 400, "/api/spf/sets?record=v%3Dspf1+mx+-all&domain=shop.example": 200,
		"/api/spf/sets?record=+": 400, "/api/spf/sets": 400,
		"/api/inventory": 400, "/api/inventory?domain=no": 400, "/api/spf/cost": 400, "/api/spf/diff?domain=shop.example": 400, "/api/explain?id=NO-1": 404,
	} {
		if w := s.call("GET", target, ""); w.Code != status {
			t.Errorf("%s: status %d, want %d", target, w.Code, status)
		}
	}
	if w := s.call("POST", "/api/plan", `{"domain":"shop.example","services":["nobody knows"]}`); w.Code != 400 {
		t.Errorf("an unknown service: status %d", w.Code)
	}
}

// TestCheckTellsKeys: the page says of DKIM what the command line does.
func TestCheckTellsKeys(t *testing.T) {
	s := newShop(t, `$TTL 300
locked.example. TXT "v=spf1 -all"
*._domainkey.locked.example. TXT "v=DKIM1; p="
worn.example. TXT "v=spf1 mx -all"
selector1._domainkey.worn.example. TXT "v=DKIM1; k=rsa; p=AAAA"
`)
	page := s.pageAt(t, "/check?domain=locked.example", 200)
	if !strings.Contains(page, "revoked for every selector") || strings.Contains(page, "no selectors were tried") {
		t.Error("that every key is revoked is not told")
	}
	if page = s.pageAt(t, "/check?domain=worn.example", 200); !strings.Contains(page, "(cannot be used)") {
		t.Error("that a key is of no use is not told")
	}
}
