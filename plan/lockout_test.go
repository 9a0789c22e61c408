package plan

import (
	"errors"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"unspoof/inventory"
	"unspoof/sender"
	"unspoof/spf"
)

// listed is what the inventory of example.com holds in these tests.
func listed(senders ...inventory.Sender) *inventory.Inventory {
	return &inventory.Inventory{Domain: "example.com", Senders: senders}
}

func seen(address string, n int) inventory.Address {
	return inventory.Address{Address: netip.MustParseAddr(address), Volume: inventory.Volume{Count: n}}
}

// cataloguedSender is a service of the catalogue as an inventory has it.
func cataloguedSender(t *testing.T, id string, s inventory.Sender) inventory.Sender {
	t.Helper()
	service, ok := sender.Find(id)
	if !ok {
		t.Fatalf("no service %s", id)
	}
	s.Kind, s.Key, s.Name = inventory.KindService, "service:"+service.ID, service.Name
	s.Catalogue = &inventory.Catalogue{ID: service.ID, Name: service.Name}
	return s
}

// TestGuard states who counts as shut out, and what lets them go.
func TestGuard(t *testing.T) {
	zone := world + `
guard.example.          TXT "v=spf1 ip4:192.0.2.0/24 include:spf.service.example exists:%{i}.list.example ~all"
chimp.example.          TXT "v=spf1 mx include:servers.mcsv.net ~all"
servers.mcsv.net.       TXT "v=spf1 ip4:205.201.128.0/20 -all"
torn.example.           TXT "v=spf1 ip4: ip4:192.0.2.5 mx -all"
twice.example.          TXT "v=spf1 ip4:192.0.2.5 mx -all"
twice.example.          TXT "v=spf1 ip4:192.0.2.6 ip4:192.0.2.5 -all"
open.example.           TXT "v=spf1 +all"
private.example.        TXT "v=spf1 ip4:10.0.0.0/8 mx -all"
stuck.example.          MX 10 mail.example.com.
stuck.example.          TXT "v=spf1 include:nothing.service.example ip4:192.0.2.25 -all"
stuck.example.          TXT "v=spf1 include:nothing.service.example a:mail.example.com -all"
part.example.           MX 10 mail.example.com.
part.example.           TXT "v=spf1 include:nothing.service.example ip4:192.0.2.24/30 -all"
other.example.          A 192.0.2.77
gone.example.           TXT "v=spf1 ip4:192.0.2.9 include:nothing.service.example -all"
`
	for _, tc := range []struct {
		rule string
		req  SPFRequest
		out  []string // names shut out and not dropped
		says string   // in the error
	}{
		{"a narrower network", SPFRequest{Domain: "guard.example", Addresses: []string{"192.0.2.0/25"}, Services: []string{"spf.service.example"}, Drop: []string{"exists:%{i}.list.example"}}, []string{"ip4:192.0.2.0/24"}, "128 IPv4 addresses"},
		{"the same addresses by other terms are no loss", SPFRequest{Domain: "guard.example", Addresses: []string{"192.0.2.0/24", "198.51.100.0/24"}, Drop: []string{"%{i}.list.example"}}, nil, ""},
		{"what hangs on messages is named", SPFRequest{Domain: "guard.example", Addresses: []string{"192.0.2.0/24", "198.51.100.0/24"}}, []string{"exists:%{i}.list.example"}, "how many addresses is not known"},
		{"dropped by host, by address, by term", SPFRequest{Domain: "guard.example", MX: true, Drop: []string{"spf.service.example", "192.0.2.0/24", "exists:%{i}.list.example"}}, nil, ""},
		{"everybody is nobody to be kept", SPFRequest{Domain: "open.example", MX: true}, nil, ""},
		{"addresses that send nothing on the Internet are no loss", SPFRequest{Domain: "private.example", MX: true}, nil, ""},
		{"an include of nothing is no loss", SPFRequest{Domain: "gone.example", Addresses: []string{"192.0.2.9"}}, nil, ""},
		{"a service that SPF cannot help, named", SPFRequest{Domain: "chimp.example", MX: true, Services: []string{"mailchimp"}}, nil, ""},
		{"the same, not named", SPFRequest{Domain: "chimp.example", MX: true}, []string{"include:servers.mcsv.net"}, "Intuit Mailchimp, 4096 IPv4 addresses"},
		{"what a broken record meant", SPFRequest{Domain: "torn.example", MX: true}, []string{"ip4:192.0.2.5"}, "1 IPv4 address"},
		{"what each of several records meant", SPFRequest{Domain: "twice.example", MX: true}, []string{"ip4:192.0.2.5", "ip4:192.0.2.6"}, "1 IPv4 address"},
		{"of a record that breaks, what the new one lets in by another term is no loss", SPFRequest{Domain: "stuck.example", MX: true}, nil, ""},
		{"and what it does not, is", SPFRequest{Domain: "stuck.example", Hosts: []string{"other.example"}}, []string{"ip4:192.0.2.25", "a:mail.example.com"}, "1 IPv4 address and 1 IPv6 address"},
		{"only the part that is lost counts", SPFRequest{Domain: "part.example", MX: true}, []string{"ip4:192.0.2.24/30"}, "ip4:192.0.2.24/30 (3 IPv4 addresses)"},
		{"parked says it of all", SPFRequest{Domain: "guard.example", Parked: true, Confirmed: true}, nil, ""},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			p, err := BuildSPF(t.Context(), tc.req, resolver(t, zone))
			var out []string
			for _, s := range p.ShutOut {
				if !s.Dropped {
					out = append(out, s.Name)
				}
			}
			if !slices.Equal(out, tc.out) || errors.Is(err, ErrLockOut) != (len(tc.out) > 0) || err != nil && !strings.Contains(err.Error(), tc.says) {
				t.Errorf("shut out %q, want %q: %v", out, tc.out, err)
			}
			if len(tc.out) == 0 && err != nil {
				t.Error(err)
			}
		})
	}
	_, err := BuildSPF(t.Context(), SPFRequest{Domain: "guard.example", MX: true, Drop: []string{"nobody.example"}}, resolver(t, zone))
	if err == nil || errors.Is(err, ErrLockOut) || !strings.Contains(err.Error(), `drop "nobody.example"`) {
		t.Errorf("a slip in Drop: %v", err)
	}
}

// TestWithout compares with a look at each address.
func TestWithout(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 2))
	some := func() (list []spf.Range) {
		for range r.IntN(4) {
			from := r.IntN(16)
			list = append(list, spf.Range{From: netip.AddrFrom4([4]byte{3: byte(from)}), To: netip.AddrFrom4([4]byte{3: byte(from + r.IntN(6))})})
		}
		if r.IntN(2) == 0 {
			list = append(list, spf.Range{From: netip.MustParseAddr("::"), To: netip.MustParseAddr("::ff")})
		}
		return spf.Merge(list)
	}
	in := func(list []spf.Range, a netip.Addr) bool {
		return slices.ContainsFunc(list, func(r spf.Range) bool { return !a.Less(r.From) && !r.To.Less(a) })
	}
	for range 2000 {
		a, b := some(), some()
		got := without(a, b)
		for i := range 22 {
			for _, x := range []netip.Addr{netip.AddrFrom4([4]byte{3: byte(i)}), netip.AddrFrom16([16]byte{15: byte(i)})} {
				if in(got, x) != (in(a, x) && !in(b, x)) {
					t.Fatalf("%v without %v is %v: %s", a, b, got, x)
				}
			}
		}
	}
}

// TestInventory states what each kind of sender becomes in the record.
func TestInventory(t *testing.T) {
	zone := world + "relay.example.com. A 192.0.2.77\nexample.com. TXT \"v=spf1 mx ip4:192.0.2.99 include:spf.service.example ~all\"\n"
	own := inventory.Sender{Key: "host:mail.example.com", Name: "mail.example.com", Kind: inventory.KindHost, Status: inventory.InUse, Terms: []string{"mx"}, Addresses: []inventory.Address{seen("192.0.2.25", 40)}}
	printer := inventory.Sender{Key: "net:192.0.2.99/32", Name: "192.0.2.99", Kind: inventory.KindNetwork, Status: inventory.InUse, Terms: []string{"ip4:192.0.2.99"}, Addresses: []inventory.Address{seen("192.0.2.99", 3)}}
	shop := inventory.Sender{Key: "include:spf.service.example", Name: "spf.service.example", Kind: inventory.KindInclude, Status: inventory.Unseen, Terms: []string{"include:spf.service.example"}}
	relay := inventory.Sender{Key: "host:relay.example.com", Name: "relay.example.com", Kind: inventory.KindHost, Status: inventory.Unauthorised, Addresses: []inventory.Address{seen("192.0.2.77", 12), seen("10.0.0.5", 12)}}
	all := []inventory.Sender{own, printer, shop}
	for _, tc := range []struct {
		rule string
		req  SPFRequest
		want string
		says string // in the error, ""
	}{
		{"what lets them in today stays", SPFRequest{Inventory: listed(all...)}, "v=spf1 ip4:192.0.2.99 mx include:spf.service.example ~all", ""},
		{"one that is not let in today is, by where it was seen", SPFRequest{Inventory: listed(append(all, relay)...)}, "v=spf1 ip4:192.0.2.77 ip4:192.0.2.99 mx include:spf.service.example ~all", ""},
		{"one dropped goes", SPFRequest{Inventory: listed(all...), Drop: []string{"192.0.2.99"}}, "v=spf1 mx include:spf.service.example ~all", ""},
		{"dropped by its key", SPFRequest{Inventory: listed(all...), Drop: []string{"include:spf.service.example"}}, "v=spf1 ip4:192.0.2.99 mx ~all", ""},
		{"who merely receives is not let in", SPFRequest{Inventory: listed(append(all, inventory.Sender{Key: "host:in.example.net", Name: "in.example.net", Kind: inventory.KindHost, Status: inventory.Hinted})...)}, "v=spf1 ip4:192.0.2.99 mx include:spf.service.example ~all", ""},
		{"a server that its log names in short makes no term", SPFRequest{Inventory: listed(append(all, inventory.Sender{Key: "host:web1", Name: "web1", Kind: inventory.KindHost, Status: inventory.Undecided})...)}, "v=spf1 ip4:192.0.2.99 mx include:spf.service.example ~all", ""},
		{"nor one that it does not name", SPFRequest{Inventory: listed(append(all, inventory.Sender{Key: "host:unnamed", Name: "the server of the log", Kind: inventory.KindHost, Status: inventory.Undecided})...)}, "v=spf1 ip4:192.0.2.99 mx include:spf.service.example ~all", ""},
		{"nor a relay inside", SPFRequest{Inventory: listed(append(all, inventory.Sender{Key: "host:10.0.0.5", Name: "10.0.0.5", Kind: inventory.KindHost, Status: inventory.Undecided})...)}, "v=spf1 ip4:192.0.2.99 mx include:spf.service.example ~all", ""},
		{"a key needs no term", SPFRequest{Inventory: listed(append(all, inventory.Sender{Key: "dkim:k1._domainkey.example.com", Name: "k1", Kind: inventory.KindKey, Status: inventory.InUse, Addresses: []inventory.Address{seen("203.0.113.7", 9)}})...)}, "v=spf1 ip4:192.0.2.99 mx include:spf.service.example ~all", ""},
		{"a service that SPF cannot help is left out", SPFRequest{Inventory: listed(append(all, cataloguedSender(t, "mailchimp", inventory.Sender{Status: inventory.InUse, Addresses: []inventory.Address{seen("203.0.113.7", 9)}}))...)}, "v=spf1 ip4:192.0.2.99 mx include:spf.service.example ~all", ""},
		{"a service that sends without being let in is", SPFRequest{Inventory: listed(append(all, cataloguedSender(t, "google-workspace", inventory.Sender{Status: inventory.Unauthorised, Addresses: []inventory.Address{seen("198.51.100.9", 9)}}))...)}, "v=spf1 ip4:192.0.2.99 mx include:spf.service.example include:_spf.google.com ~all", ""},
		{"one with an include of the customer's own has to be named by it", SPFRequest{Inventory: listed(append(all, cataloguedSender(t, "exclaimer", inventory.Sender{Status: inventory.Unauthorised}))...)}, "v=spf1 ip4:192.0.2.99 mx include:spf.service.example ~all", "service:exclaimer"},
		{"and then is let in", SPFRequest{Services: []string{"spf.au.exclaimer.net"}, Inventory: listed(append(all, cataloguedSender(t, "exclaimer", inventory.Sender{Status: inventory.Unauthorised}))...)}, "v=spf1 ip4:192.0.2.99 mx include:spf.au.exclaimer.net include:spf.service.example ~all", ""},
		{"seen elsewhere than today's record says: shut out", SPFRequest{Inventory: listed(printer, shop, inventory.Sender{Key: own.Key, Name: own.Name, Kind: own.Kind, Status: own.Status, Terms: own.Terms, Addresses: []inventory.Address{seen("203.0.113.80", 7)}})}, "v=spf1 ip4:192.0.2.99 mx include:spf.service.example ~all", "host:mail.example.com (1 IPv4 address, 7 messages seen)"},
		{"one whose return path is another domain is not asked about here", SPFRequest{Inventory: listed(append(all, inventory.Sender{Key: "include:x", Name: "x", Kind: inventory.KindInclude, Status: inventory.InUse, Terms: []string{"include:spf.service.example"}, SPF: inventory.Alignment{Basis: inventory.Observed, Domain: "bounce.example.com"}, Addresses: []inventory.Address{seen("203.0.113.80", 7)}})...)}, "v=spf1 ip4:192.0.2.99 mx include:spf.service.example ~all", ""},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			tc.req.Domain = "example.com"
			p, err := BuildSPF(t.Context(), tc.req, resolver(t, zone))
			if p.Record.Value != tc.want {
				t.Errorf("got  %s\nwant %s (%v)", p.Record.Value, tc.want, err)
			}
			if (tc.says == "") != (err == nil) || err != nil && (!errors.Is(err, ErrLockOut) || !strings.Contains(err.Error(), tc.says)) {
				t.Errorf("%v, want %q", err, tc.says)
			}
		})
	}
	p, err := BuildSPF(t.Context(), SPFRequest{Domain: "example.com", Inventory: &inventory.Inventory{Domain: "example.com", Senders: all, Claims: []inventory.Sender{relay}}}, resolver(t, zone))
	if err != nil || strings.Contains(p.Record.Value, "192.0.2.77") || !strings.Contains(strings.Join(p.Warnings, "\n"), "nothing proves to be yours") {
		t.Errorf("a claim: %s, %q, %v", p.Record.Value, p.Warnings, err)
	}
	if _, err := BuildSPF(t.Context(), SPFRequest{Domain: "example.net", Inventory: listed(own)}, resolver(t, zone)); err == nil {
		t.Error("an inventory of another domain is taken")
	}
	mailchimp := cataloguedSender(t, "mailchimp", inventory.Sender{Status: inventory.InUse})
	p, _ = BuildSPF(t.Context(), SPFRequest{Domain: "example.com", Inventory: listed(append(all, mailchimp)...)}, resolver(t, zone))
	if len(p.LeftOut) != 1 || p.LeftOut[0].Service != "mailchimp" || len(p.LeftOut[0].DKIM.Keys) == 0 || p.LeftOut[0].Why == "" {
		t.Errorf("left out: %+v", p.LeftOut)
	}
}

// TestWays states the ways out of too many look-ups, the one with the least risk
// first.
func TestWays(t *testing.T) {
	zone := world + `
_s1.example.net. TXT "v=spf1 a:a1.example.net a:a2.example.net a:a3.example.net a:a4.example.net -all"
spf.brevo.com.   TXT "v=spf1 include:_s1.example.net -all"
spf.big.example. TXT "v=spf1 include:_s1.example.net -all"
a1.example.net. A 198.51.100.1
a2.example.net. A 198.51.100.2
a3.example.net. A 198.51.100.3
a4.example.net. A 198.51.100.4
`
	p, err := BuildSPF(t.Context(), SPFRequest{Domain: "example.com", MX: true, Services: []string{"brevo", "spf.big.example"}}, resolver(t, zone))
	if !errors.Is(err, ErrTooManyLookups) {
		t.Fatal(err)
	}
	var kinds []string
	for _, w := range p.Ways {
		kinds = append(kinds, w.Kind)
	}
	if !slices.Equal(kinds, []string{"dkim", "addresses", "drop", "flatten"}) || p.Ways[0].Term != "include:spf.brevo.com" || p.Ways[0].Saves != 6 || !strings.Contains(p.Ways[1].Text, "ip4:192.0.2.25 ip6:2001:db8::25") {
		t.Errorf("%+v", p.Ways)
	}
	zone += `
goog.example.       MX 1 aspmx.l.google.com.
aspmx.l.google.com. A 203.0.113.26
goog.example.       TXT "v=spf1 mx include:_spf.google.com include:sendgrid.net include:mailgun.org include:spf.big.example ~all"
sendgrid.net.       TXT "v=spf1 ip4:203.0.113.128/26 -all"
mailgun.org.        TXT "v=spf1 ip4:203.0.113.64/26 ~all"
`
	p, err = BuildSPF(t.Context(), SPFRequest{Domain: "goog.example", MX: true, Services: []string{"google-workspace", "sendgrid", "mailgun", "spf.big.example"}}, resolver(t, zone))
	if !errors.Is(err, ErrTooManyLookups) {
		t.Fatal(err)
	}
	var said []string
	for _, w := range p.Ways {
		if w.Kind == "addresses" || strings.Contains(w.Term, "_spf.google.com") {
			t.Errorf("hosts of a service are copied, or all mailboxes left out: %+v", w)
		}
		said = append(said, w.Text)
	}
	text := strings.Join(said, "\n")
	if !strings.Contains(text, "Leave out mx: your mail is received by Google Workspace") || !strings.Contains(text, "sendgrid.goog.example") || !strings.Contains(text, "mailgun.goog.example") {
		t.Errorf("%s", text)
	}
}

// TestOneMessage: one is not counted as many.
func TestOneMessage(t *testing.T) {
	for n, want := range map[int]string{1: "x (1 message seen)", 2: "x (2 messages seen)"} {
		if got := (&ShutOut{Name: "x", Messages: n}).phrase(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
