package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"unspoof/inventory"
	"unspoof/plan"
)

// TestWhoStaysInTheRecord states who stays in the record, who goes, and who waits for a word.
func TestWhoStaysInTheRecord(t *testing.T) {
	shop := inventory.Sender{Key: "include:_spf.shop.example", Kind: inventory.KindInclude, Status: inventory.Unseen, Terms: []string{"include:_spf.shop.example"}, Authorised: inventory.Yes}
	mx := inventory.Sender{Key: "host:mx.example.com", Kind: inventory.KindHost, Status: inventory.InUse, Terms: []string{"mx"}, Authorised: inventory.Yes}
	mx2 := inventory.Sender{Key: "host:mx2.example.com", Kind: inventory.KindHost, Status: inventory.Unseen, Terms: []string{"mx"}, Authorised: inventory.Yes}
	stray := inventory.Sender{Key: "host:stray.example.com", Kind: inventory.KindHost, Status: inventory.Unauthorised, Authorised: inventory.No}
	inv := inventory.Inventory{Senders: []inventory.Sender{shop, mx, mx2, stray}}
	shopOut := plan.ShutOut{Name: "include:_spf.shop.example", Terms: shop.Terms}
	strayOut := plan.ShutOut{Name: stray.Key, Terms: []string{}, Messages: 3}
	unnamed := plan.ShutOut{Name: "service:exclaimer", Terms: []string{}, Open: true}
	every := []string{askMailboxes, askLetters, askServers, askYours, askReports}
	for _, tc := range []struct {
		rule string
		send []string
		drop []string
		out  []plan.ShutOut
		kept []string // shown as staying until a word is said
		gone []string // keys that package plan is to drop
	}{
		{"not ticked, nothing said: it stays", []string{mx.Key, mx2.Key, stray.Key}, nil, []plan.ShutOut{shopOut}, []string{shopOut.Name}, nil},
		{"it may go: it goes", []string{mx.Key, mx2.Key, stray.Key}, []string{shopOut.Name}, []plan.ShutOut{shopOut}, nil, []string{shop.Key}},
		{"seen and not let in today: it does not get in", []string{shop.Key, mx.Key, mx2.Key}, nil, []plan.ShutOut{strayOut}, nil, []string{stray.Key}},
		{"a term shared with one that stays shuts out nobody", []string{shop.Key, mx.Key, stray.Key}, nil, nil, nil, []string{mx2.Key}},
		{"what is wanted and cannot be let in waits", []string{shop.Key, mx.Key, mx2.Key, stray.Key}, nil, []plan.ShutOut{unnamed}, nil, nil},
		{"until it may go, too", []string{shop.Key, mx.Key, mx2.Key, stray.Key}, []string{unnamed.Name}, []plan.ShutOut{unnamed}, nil, nil},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			a := answers{Asked: every, Send: tc.send, Drop: tc.drop}
			out, gone := guard(tc.out, inv, leftOut(inv, a), a)
			var kept []string
			for _, g := range out {
				if g.Kept {
					kept = append(kept, g.Name)
				}
				if g.Confirmed != slices.Contains(tc.drop, g.Name) {
					t.Errorf("%s confirmed: %v", g.Name, g.Confirmed)
				}
			}
			if !slices.Equal(kept, tc.kept) || !slices.Equal(gone, tc.gone) {
				t.Errorf("kept %q, gone %q", kept, gone)
			}
		})
	}
}

// What DNS does not tell is told as such, and nobody is locked for it.
func TestSilentDNSLocksNobody(t *testing.T) {
	s := newServer(t)
	s.resolver = silent{}
	for _, target := range []string{"/wizard?domain=shop.example", "/inventory?domain=shop.example"} {
		if page := s.pageAt(t, target, 200); !strings.Contains(page, "DNS did not answer everything") {
			t.Errorf("%s does not say that DNS was silent", target)
		}
	}
	if page := s.pageAt(t, "/spf?domain=shop.example", 200); !strings.Contains(page, "DNS did not answer") || strings.Contains(page, "There is no SPF record") {
		t.Error("a silent DNS is taken for no record")
	}
	w := s.get("/wizard?domain=shop.example&q=plan")
	if page := w.Body.String(); slices.Contains(records(page), "v=spf1 -all") {
		t.Errorf("locked for silence: %q", records(page))
	}
	page := s.pageAt(t, "/wizard?domain=shop.example&q=plan&addresses=192.0.2.80", 200)
	if !strings.Contains(page, "DNS did not answer everything") {
		t.Error("the plan looks sure")
	}
	page = s.pageAt(t, "/wizard?domain=shop.example&parked=yes", 200)
	if len(records(page)) > 0 {
		t.Errorf("locked without a word: %q", records(page))
	}
	if w := s.call("GET", "/api/spf/cost?domain=shop.example", ""); w.Code != http.StatusBadGateway {
		t.Errorf("status %d", w.Code)
	}
}
