package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"unspoof/dns/dnsfile"
	"unspoof/forensics"
	"unspoof/internal/store"
	"unspoof/inventory"
)

// shopZone is the DNS of a domain that sends by two services, an include that
// nobody knows, and a server of its own.
const shopZone = `$ORIGIN shop.example.
$TTL 3600
@ SOA ns1 hostmaster 1 7200 3600 1209600 3600
@ NS ns1
@ MX 10 mx
@ TXT "v=spf1 ip4:192.0.2.80 include:spf.protection.outlook.com include:servers.mcsv.net include:_spf.old.example ~all"
ns1 A 192.0.2.53
mx A 192.0.2.25
spf.protection.outlook.com. TXT "v=spf1 ip4:198.51.100.64/26 -all"
servers.mcsv.net. TXT "v=spf1 ip4:198.51.100.128/27 -all"
_spf.google.com. TXT "v=spf1 ip4:192.0.2.128/26 -all"
_spf.old.example. TXT "v=spf1 ip4:203.0.113.128/28 -all"
idle.example. A 192.0.2.90
`

func newShop(t *testing.T, zone string) *Server {
	t.Helper()
	s := newServer(t)
	view, err := dnsfile.Parse("test", []byte(zone))
	if err != nil {
		t.Fatal(err)
	}
	s.resolver = view
	return s
}

func TestWizardAsksOneThingAtATime(t *testing.T) {
	s := newShop(t, shopZone)
	var asked []string
	page := s.walk(t, "/wizard?domain=Shop.example", func(q string, f form) { asked = append(asked, q) })
	want := []string{questions[0].Title, questions[1].Title, questions[2].Title, questions[3].Title, questions[4].Title}
	if !slices.Equal(asked, want) {
		t.Errorf("asked %q", asked)
	}
	// What DNS names is ticked, so that answering nothing shuts out nobody who is
	// kept by SPF.
	if got := spfOf(page); !strings.Contains(got, "include:_spf.old.example") || !strings.Contains(got, "include:spf.protection.outlook.com") || !strings.Contains(got, "ip4:192.0.2.80") {
		t.Errorf("record %q", got)
	}
	if strings.Contains(page, "class=\"problem\"") || !strings.Contains(page, "Your next step") {
		t.Error("no next step")
	}
}

func TestNobodyIsShutOutWithoutAWord(t *testing.T) {
	s := newShop(t, shopZone)
	old := func(r string) bool { return strings.Contains(r, "_spf.old.example") }
	page := s.walk(t, "/wizard?domain=shop.example", func(_ string, f form) { f.untick("send", "include:_spf.old.example") })
	if !old(spfOf(page)) {
		t.Errorf("left out without a word: %q", records(page))
	}
	for _, want := range []string{"who could no longer send", "16 IPv4 addresses", "203.0.113.128/28", "stays in the record below"} {
		if !strings.Contains(page, want) {
			t.Errorf("the guard does not say %q", want)
		}
	}
	f := formOf(t, page, "/wizard")
	if ticked, ok := f.boxes["include:_spf.old.example"]; !ok || ticked {
		t.Fatalf("boxes %v, want one for the sender, not ticked", f.boxes)
	}
	// One tick for each: the include of Mailchimp goes, too, and has its own.
	f.fields.Add("drop", "include:_spf.old.example")
	page = s.pageAt(t, f.target(), 200)
	if old(spfOf(page)) || spfOf(page) == "" {
		t.Errorf("who may go is still in the record: %q", records(page))
	}
	for name := range formOf(t, page, "/wizard").boxes {
		f.fields.Add("drop", name)
	}
	page = s.pageAt(t, f.target(), 200)
	if !strings.Contains(page, "as you said") || !strings.Contains(page, "may send today, and may not then") {
		t.Errorf("the plan is not settled:\n%s", page)
	}
	// A tick that is left over, after the sender was ticked again, does nothing.
	f.fields.Add("send", "include:_spf.old.example")
	page = s.pageAt(t, f.target(), 200)
	if !old(spfOf(page)) {
		t.Errorf("ticked again, and not let in: %q", records(page))
	}
}

func TestADomainThatDoesNotExistIsTold(t *testing.T) {
	s := newShop(t, shopZone)
	for _, target := range []string{"/wizard?domain=shpo.example", "/wizard?domain=shpo.example&q=plan&addresses=192.0.2.80"} {
		if page := s.pageAt(t, target, 200); !strings.Contains(page, "shpo.example does not exist in DNS.") {
			t.Errorf("%s does not say so", target)
		}
	}
	if page := s.pageAt(t, "/wizard?domain=shop.example", 200); strings.Contains(page, "does not exist") {
		t.Error("one that exists is called absent")
	}
}

// No tick made up in the address lets anybody in but whom it names.
func TestClaimsAreNotLetIn(t *testing.T) {
	s := newServer(t)
	id := loadExample(t, s)
	page := s.walk(t, "/wizard?case="+id, func(q string, f form) {
		for value, ticked := range f.boxes {
			if ticked && strings.Contains(value, "203.0.113.") {
				t.Errorf("%s: a stranger is ticked: %s", q, value)
			}
		}
	})
	for _, r := range records(page) {
		if strings.Contains(r, "203.0.113.") || strings.Contains(r, "198.51.100.2") {
			t.Errorf("a stranger is in %q", r)
		}
	}
	if !strings.Contains(page, "nothing to change") || !strings.Contains(page, "v=spf1 ip4:192.0.2.10 include:_spf.letters.example ~all") {
		t.Errorf("today's SPF record is not kept:\n%s", page)
	}
}

// A network of strangers is told, and has no box to tick.
func TestClaimsThatCanBeTicked(t *testing.T) {
	for key, want := range map[string]bool{
		"net:203.0.113.0/24": false, "net:2001:db8::/48": false, "net:unknown": false, "net:203.0.113.7": true,
	} {
		if got := nameable(inventory.Sender{Kind: inventory.KindNetwork, Key: key}); got != want {
			t.Errorf("%s: %v", key, got)
		}
	}
	if nameable(inventory.Sender{Kind: inventory.KindKey, Key: "dkim:a._domainkey.example.com"}) || !nameable(inventory.Sender{Kind: inventory.KindService, Key: "service:mailchimp"}) {
		t.Error("keys cannot be ticked, services can")
	}
	list := claims(inventory.Inventory{Claims: []inventory.Sender{{Kind: inventory.KindNetwork, Key: "net:203.0.113.0/24", Name: "203.0.113.0/24"}}}, answers{Send: []string{"net:203.0.113.0/24"}})
	if len(list) != 1 || list[0].Key != "" || list[0].Ticked {
		t.Errorf("%+v", list)
	}
}

func TestAnswersAreAskedForAgain(t *testing.T) {
	s := newShop(t, shopZone)
	for _, tc := range []struct{ rule, query, says, title string }{
		{"a service nobody knows", "more-newsletters=Mailchump", "Did you mean", questions[1].Title},
		{"a network that is none", "addresses=192.0.2.300", "192.0.2.300", questions[2].Title},
		{"a server that is none", "hosts=a+b..c", "not the name of a server", questions[2].Title},
	} {
		page := s.pageAt(t, "/wizard?domain=shop.example&q=plan&"+tc.query, http.StatusBadRequest)
		if h1(page) != tc.title || !strings.Contains(page, tc.says) {
			t.Errorf("%s: %q\n%s", tc.rule, h1(page), page)
		}
	}
	for _, target := range []string{"/wizard?domain=" + url.QueryEscape("\"><script>"), "/wizard?domain=nodot"} {
		s.pageAt(t, target, http.StatusBadRequest)
	}
	if page := s.pageAt(t, "/wizard?domain=shop.example&q=plan&reports=nobody", http.StatusBadRequest); !strings.Contains(page, "Not yet.") {
		t.Errorf("an address that is none:\n%s", page)
	}
	s.pageAt(t, "/wizard?case=nothing", http.StatusNotFound)
	failed := store.Case{Name: "shop.example", Created: s.now(), State: store.Failed, Profile: forensics.Profile{Domains: []string{"shop.example"}}}
	if err := s.store.Create(t.Context(), &failed); err != nil {
		t.Fatal(err)
	}
	if page := s.pageAt(t, "/wizard?case="+failed.ID, http.StatusConflict); !strings.Contains(page, "This case was not finished.") {
		t.Errorf("a case that failed:\n%s", page)
	}
	if page := s.pageAt(t, "/wizard?domain=Gmail.com", http.StatusBadRequest); !strings.Contains(page, "gmail.com belongs to a mail provider") {
		t.Errorf("a provider's domain:\n%s", page)
	}
	s.pageAt(t, "/wizard", 200)
}

func TestParkedIsAskedFirst(t *testing.T) {
	s := newShop(t, shopZone)
	page := s.pageAt(t, "/wizard?domain=shop.example&parked=yes", 200)
	if len(records(page)) > 0 || !strings.Contains(page, "Is it really not used?") {
		t.Errorf("a domain in use is locked: %q", records(page))
	}
	page = s.pageAt(t, "/wizard?domain=shop.example&parked=yes&sure=yes", 200)
	if got := records(page); !slices.Contains(got, "v=spf1 -all") {
		t.Errorf("confirmed: %q", got)
	}
	page = s.pageAt(t, "/wizard?domain=idle.example&parked=yes", 200)
	if got := records(page); !slices.Contains(got, "v=spf1 -all") || !slices.ContainsFunc(got, func(r string) bool { return strings.Contains(r, "p=reject") }) {
		t.Errorf("not used: %q", got)
	}
	// Ticking nothing locks nothing.
	nobody := answers{Domain: "shop.example", Asked: []string{askMailboxes, askLetters, askServers, askYours, askReports}}
	page = s.pageAt(t, nobody.at(showPlan), http.StatusBadRequest)
	if len(records(page)) > 0 || !strings.Contains(page, "Nothing sends for it") {
		t.Errorf("nobody named: %q", records(page))
	}
}

// The answers are in the address, and so is the way back.
func TestTheWayBack(t *testing.T) {
	s := newShop(t, shopZone)
	a := answers{Domain: "shop.example", Asked: []string{askMailboxes, askLetters}, Send: []string{"service:mailchimp"}, More: map[string]string{askLetters: "brevo"}, Hosts: "a.shop.example", Reports: "x@shop.example", Drop: []string{"ip4:192.0.2.80"}}
	u, err := url.Parse(a.at(askReports))
	if err != nil {
		t.Fatal(err)
	}
	if got := readAnswers(u.Query()); got.at(askReports) != a.at(askReports) {
		t.Errorf("read as %s", got.at(askReports))
	}
	page := s.pageAt(t, a.at(askMailboxes), 200)
	if boxes := formOf(t, page, "/wizard").boxes; boxes["service:microsoft-365"] {
		t.Error("what was answered before is ticked again")
	}
	page = s.pageAt(t, a.at(askLetters), 200)
	if f := formOf(t, page, "/wizard"); !f.boxes["service:mailchimp"] || f.fields.Get("more-newsletters") != "brevo" || f.fields.Get("reports") != "x@shop.example" {
		t.Errorf("form %v", f)
	}
}
