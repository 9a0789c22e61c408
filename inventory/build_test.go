package inventory

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"unspoof/dns"
	"unspoof/dns/dnsfile"
)

// goodKey is a public key of 1024 bits.
const goodKey = "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB"

// world is the DNS of these tests: a company with Google's mailboxes, a newsletter
// service, a web server and a mail server of its own.
const world = `$ORIGIN example.com.
@ MX 10 smtp.google.com.
@ TXT "v=spf1 include:_spf.google.com include:spf.mailjet.com a:web.example.com ip4:192.0.2.25 ip4:198.51.100.0/28 ~all"
_dmarc TXT "v=DMARC1; p=none"
web A 192.0.2.80
mail A 192.0.2.25
erp A 192.0.2.99
bounce CNAME bnc3.mailjet.com.
google._domainkey TXT "` + goodKey + `"
own._domainkey TXT "` + goodKey + `"
kl._domainkey CNAME gone.klaviyomail.com.
$ORIGIN .
_spf.google.com. TXT "v=spf1 ip4:203.0.113.0/25 ~all"
spf.mailjet.com. TXT "v=spf1 ip4:203.0.113.128/25 ~all"
25.2.0.192.in-addr.arpa. PTR mail.example.com.
7.113.0.203.in-addr.arpa. PTR mail-7.google.com.
mail-7.google.com. A 203.0.113.7
9.51.100.198.in-addr.arpa. PTR mail.example.com.
`

func view(t testing.TB, zone string) dns.Resolver {
	t.Helper()
	v, err := dnsfile.Parse("zone", []byte(zone))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func build(t testing.TB, zone string, given Given, list ...Sighting) Inventory {
	t.Helper()
	inv, err := Build(t.Context(), Args{Domain: "example.com", Resolver: view(t, zone), Given: given, Sightings: slices.Values(list)})
	if err != nil {
		t.Fatal(err)
	}
	return inv
}

func find(t testing.TB, list []Sender, key string) Sender {
	t.Helper()
	for _, s := range list {
		if s.Key == key {
			return s
		}
	}
	keys := []string{}
	for _, s := range list {
		keys = append(keys, s.Key)
	}
	t.Fatalf("no %s among %q", key, keys)
	return Sender{}
}

var day = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)

func ip(s string) netip.Addr { return netip.MustParseAddr(s) }

// ours is a message from the company's mailboxes, as its own server got it.
func ours(edit func(*Sighting)) Sighting {
	s := Sighting{
		Source: FromMailbox, First: day, Trusted: true, Address: ip("203.0.113.7"), From: "example.com", MailFrom: "example.com", SPF: "pass",
		DKIM: []Signature{{"example.com", "google", "pass"}}, Where: "in.mbox#1",
	}
	if edit != nil {
		edit(&s)
	}
	return s
}

func TestWhoSends(t *testing.T) {
	for _, c := range []struct {
		name       string
		given      Given
		mail       []Sighting
		key        string
		kind       Kind
		status     Status
		signal     SignalKind // the strongest
		spf, dkim  Answer
		spfB, dkiB Basis
		seen       int
	}{
		{"an include names its service; its selector with a key, too", Given{}, nil,
			"service:google-workspace", KindService, Unseen, SignalDKIM, Yes, Yes, Published, Published, 0},
		{"mail that passed shows that it is in use", Given{}, []Sighting{ours(nil)},
			"service:google-workspace", KindService, InUse, SignalDKIM, Yes, Yes, Observed, Observed, 1},
		{"counts add up", Given{}, []Sighting{ours(func(s *Sighting) { s.Count = 5 }), ours(nil)},
			"service:google-workspace", KindService, InUse, SignalDKIM, Yes, Yes, Observed, Observed, 6},
		{"mail of a service that is not signed as the domain", Given{}, []Sighting{ours(func(s *Sighting) { s.DKIM = nil })},
			"service:google-workspace", KindService, InUse, SignalDKIM, Yes, No, Observed, Observed, 1},
		{"an a term is a host", Given{}, nil,
			"host:web.example.com", KindHost, Unseen, SignalSPF, Yes, Unknown, Published, Nothing, 0},
		{"an ip4 term with a confirmed name of the domain is that host", Given{}, nil,
			"host:mail.example.com", KindHost, Unseen, SignalSPF, Yes, Unknown, Published, Nothing, 0},
		{"an ip4 network is a sender of its own", Given{}, nil,
			"net:198.51.100.0/28", KindNetwork, Unseen, SignalSPF, Yes, Unknown, Published, Nothing, 0},
		{"an address in it was seen", Given{}, []Sighting{ours(func(s *Sighting) { s.Address, s.DKIM = ip("198.51.100.3"), nil })},
			"net:198.51.100.0/28", KindNetwork, InUse, SignalSPF, Yes, No, Observed, Observed, 1},
		{"a host that the owner names, and the record doesn't know", Given{Hosts: []string{"ERP.example.com."}}, nil,
			"host:erp.example.com", KindHost, ByHand, SignalOwner, No, Unknown, Published, Nothing, 0},
		{"mail from a host that the owner names is his, whatever it carries", Given{Hosts: []string{"erp.example.com"}},
			[]Sighting{ours(func(s *Sighting) { s.Address, s.SPF, s.DKIM = ip("192.0.2.99"), "softfail", nil })},
			"host:erp.example.com", KindHost, Unauthorised, SignalOwner, No, No, Published, Observed, 1},
		{"a network that the owner names, inside one of the record's", Given{Networks: []netip.Prefix{netip.MustParsePrefix("198.51.100.8/29")}}, nil,
			"net:198.51.100.8/29", KindNetwork, Unseen, SignalOwner, Yes, Unknown, Published, Nothing, 0},
		{"a network that the owner names, half in the record", Given{Networks: []netip.Prefix{netip.MustParsePrefix("198.51.100.0/27")}}, nil,
			"net:198.51.100.0/27", KindNetwork, ByHand, SignalOwner, No, Unknown, Published, Nothing, 0},
		{"an address that the owner names is that of his host", Given{Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.80/32")}}, nil,
			"host:web.example.com", KindHost, Unseen, SignalOwner, Yes, Unknown, Published, Nothing, 0},
		{"a service that the owner names", Given{Services: []string{"Mailchimp"}}, nil,
			"service:mailchimp", KindService, ByHand, SignalOwner, Unknown, No, Catalogued, Published, 0},
		{"an include host that the owner names", Given{Services: []string{"include:spf.shop.example"}}, nil,
			"include:spf.shop.example", KindInclude, ByHand, SignalOwner, Unknown, Unknown, Nothing, Nothing, 0},
		{"a service of which a claim says something: no word more than without", Given{Services: []string{"mailchimp"}},
			[]Sighting{ours(func(s *Sighting) {
				s.Address, s.MailFrom, s.DKIM = ip("233.252.0.9"), "mail7.atl11.rsgsv.net", []Signature{{"mcsv.net", "k1", "pass"}}
			})},
			"service:mailchimp", KindService, ByHand, SignalOwner, Unknown, No, Catalogued, Published, 0},
		{"the log of a server shows that it sends", Given{},
			[]Sighting{{Source: FromLog, Genuine: true, MailFrom: "example.com", Host: "mail", Count: 40, First: day, Last: day.Add(time.Hour)}},
			"host:mail.example.com", KindHost, InUse, SignalSPF, Yes, Unknown, Published, Nothing, 40},
		{"a server that the record does not know", Given{},
			[]Sighting{{Source: FromLog, Genuine: true, MailFrom: "example.com", Host: "erp.example.com", Count: 3, First: day}},
			"host:erp.example.com", KindHost, Unauthorised, SignalLog, No, Unknown, Published, Nothing, 3},
		{"a server that hands its mail to a relay service sends through that", Given{},
			[]Sighting{{Source: FromLog, Genuine: true, MailFrom: "example.com", Host: "mail", Via: "in-v3.mailjet.com", Relay: true, Count: 9}},
			"service:mailjet", KindService, InUse, SignalSPF, Unknown, No, Catalogued, Published, 9},
		{"a relay service whose keys and return path nobody can know is not called forbidden", Given{},
			[]Sighting{{Source: FromLog, Genuine: true, MailFrom: "example.com", Host: "mail", Via: "email-smtp.eu-west-1.amazonaws.com", Relay: true, Count: 9}},
			"service:amazon-ses", KindService, Undecided, SignalLog, Unknown, Unknown, Catalogued, Nothing, 9},
		{"a relay known by an address that a host has is that host", Given{},
			[]Sighting{{Source: FromLog, Genuine: true, MailFrom: "example.com", Host: "shop", Via: "192.0.2.25", Relay: true, Count: 9}},
			"host:mail.example.com", KindHost, InUse, SignalSPF, Yes, Unknown, Published, Nothing, 9},
		{"a relay known by its address only", Given{},
			[]Sighting{{Source: FromLog, Genuine: true, MailFrom: "example.com", Host: "mail", Via: "233.252.0.9", Relay: true, Count: 9}},
			"net:233.252.0.9", KindNetwork, Unauthorised, SignalLog, No, Unknown, Published, Nothing, 9},
		{"a relay inside, whose address the world does not see", Given{},
			[]Sighting{{Source: FromLog, Genuine: true, MailFrom: "example.com", Host: "mail", Via: "10.0.0.5", Relay: true, Count: 9}},
			"host:10.0.0.5", KindHost, Undecided, SignalLog, Unknown, Unknown, Nothing, Nothing, 9},
		{"a return path below the domain is an alias of a service", Given{},
			[]Sighting{ours(func(s *Sighting) { s.Address, s.MailFrom, s.DKIM = ip("203.0.113.200"), "bounce.example.com", nil })},
			"service:mailjet", KindService, InUse, SignalReturnPath, Yes, No, Observed, Observed, 1},
		{"a key of one's own belongs to the one address that it came from", Given{},
			[]Sighting{ours(func(s *Sighting) { s.Address, s.DKIM = ip("192.0.2.25"), []Signature{{"example.com", "own", "pass"}} })},
			"host:mail.example.com", KindHost, InUse, SignalDKIM, Yes, Yes, Observed, Observed, 1},
		{"a genuine bounce shows the address that the record knows", Given{},
			[]Sighting{{Source: FromBounce, Genuine: true, From: "example.com", Address: ip("192.0.2.25"), First: day}},
			"host:mail.example.com", KindHost, InUse, SignalSPF, Yes, Unknown, Published, Nothing, 1},
		{"a CNAME that leads nowhere", Given{}, nil,
			"service:klaviyo", KindService, Hinted, SignalDKIM, Unknown, No, Catalogued, Published, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := find(t, build(t, world, c.given, c.mail...).Senders, c.key)
			if s.Kind != c.kind || s.Status != c.status || s.Signals[0].Kind != c.signal || s.Seen.Count != c.seen {
				t.Errorf("kind %s, status %s, signals %+v, seen %d; want %s, %s, %s, %d", s.Kind, s.Status, s.Signals, s.Seen.Count, c.kind, c.status, c.signal, c.seen)
			}
			if s.SPF.Aligned != c.spf || s.SPF.Basis != c.spfB {
				t.Errorf("SPF %+v; want %s, %q", s.SPF, c.spf, c.spfB)
			}
			if s.DKIM.Aligned != c.dkim || s.DKIM.Basis != c.dkiB {
				t.Errorf("DKIM %+v; want %s, %q", s.DKIM, c.dkim, c.dkiB)
			}
			if s.SPF.Why == "" || s.DKIM.Why == "" || s.Sentence == "" {
				t.Error("a judgement without its reason")
			}
		})
	}
}

// Mail is not the owner's because he named a network that others use, too.
func TestWideNetworksVouchForNothing(t *testing.T) {
	mail := Sighting{Source: FromMailbox, Trusted: true, Address: ip("233.252.0.9"), From: "example.com"}
	for text, own := range map[string]bool{"233.252.0.0/24": true, "233.252.0.0/16": true, "233.252.0.0/15": false, "128.0.0.0/1": false} {
		inv := build(t, world, Given{Networks: []netip.Prefix{netip.MustParsePrefix(text)}}, mail)
		if got := find(t, inv.Senders, "net:"+text).Seen.Count > 0; got != own || (len(inv.Warnings) == 0) != own || (len(inv.Vouched) > 0) != own {
			t.Errorf("%s: own %v, warnings %q, vouched %v; want own %v", text, got, inv.Warnings, inv.Vouched, own)
		}
	}
}

// A server whose address is not known may be let in or not: that is no "no".
func TestServersWithoutAddress(t *testing.T) {
	inv := build(t, world, Given{Hosts: []string{"nowhere.example.com"}}, Sighting{Source: FromLog, Genuine: true, MailFrom: "example.com", Host: "exim7", Count: 3})
	for _, key := range []string{"host:nowhere.example.com", "host:exim7"} {
		if s := find(t, inv.Senders, key); s.Authorised != Unknown || s.Status != Undecided || !strings.Contains(s.Sentence, "address is not known") {
			t.Errorf("%s: %s, %s: %s", key, s.Authorised, s.Status, s.Sentence)
		} else if steps := fmt.Sprint(s.Setup); strings.Contains(steps, "a:nowhere") {
			t.Errorf("%s: a name without an address is to be let in: %s", key, steps)
		}
	}
	// It may be any of those that are let in and not seen: none of them is to go.
	for _, s := range inv.Senders {
		for _, st := range s.Setup {
			if st.Kind == StepRemove && (s.Kind == KindHost || s.Kind == KindNetwork) {
				t.Errorf("%s: %s", s.Key, st.Text)
			}
		}
	}
	inv = build(t, world, Given{Hosts: []string{"mail.example.com"}}, Sighting{Source: FromLog, Genuine: true, MailFrom: "example.com", Count: 3})
	if s := find(t, inv.Senders, "host:mail.example.com"); s.Seen.Count != 3 || s.Status != InUse {
		t.Errorf("the log of the one server named: %+v", s)
	}
}

// Only a log is called one.
func TestWordsOfHosts(t *testing.T) {
	inv := build(t, world, Given{}, Sighting{Source: FromMailbox, Trusted: true, Genuine: true, From: "example.com", Host: "mail.example.com"})
	for _, sig := range find(t, inv.Senders, "host:mail.example.com").Signals {
		if sig.Kind == SignalLog {
			t.Errorf("no log was read, and %+v", sig)
		}
	}
}

// A server of one's own that takes all mail for the world is the one that sends.
func TestOwnRelay(t *testing.T) {
	s := find(t, build(t, world+"out.example.com. A 192.0.2.25\n", Given{}, Sighting{Source: FromLog, Genuine: true, MailFrom: "example.com", Host: "web", Via: "out.example.com", Relay: true, Count: 9}).Senders, "host:out.example.com")
	if s.Seen.Count != 9 || s.Authorised != Yes || len(s.Addresses) != 1 {
		t.Errorf("%+v", s)
	}
}

// A verified signature proves a message, whatever a pass is worth.
func TestSignedMailOfAnOpenRecord(t *testing.T) {
	inv := build(t, world+"open.example.com. TXT \"v=spf1 +all\"\n", Given{}, ours(func(s *Sighting) { s.MailFrom = "open.example.com"; s.Address = ip("233.252.0.9") }))
	if s := find(t, inv.Senders, "service:google-workspace"); s.Seen.Count != 1 || len(inv.Claims) > 0 {
		t.Errorf("%+v; claims %+v", s, inv.Claims)
	}
}

// A server that its log names in short is the one that the record knows, and no
// second one.
func TestShortNameInTheLog(t *testing.T) {
	inv := build(t, world, Given{}, Sighting{Source: FromLog, Genuine: true, MailFrom: "example.com", Host: "mail", Count: 40, First: day})
	for _, s := range inv.Senders {
		if s.Key == "host:mail" {
			t.Errorf("it stands there a second time: %+v", s)
		}
	}
}

func TestArgs(t *testing.T) {
	r := view(t, world)
	for _, c := range []struct {
		name string
		args Args
		want string
	}{
		{"no resolver", Args{Domain: "example.com"}, "no resolver"},
		{"no domain", Args{Resolver: r}, "not a domain name"},
		{"a service that nobody knows", Args{Domain: "example.com", Resolver: r, Given: Given{Services: []string{"mailchmp"}}}, "did you mean"},
		{"a host that is none", Args{Domain: "example.com", Resolver: r, Given: Given{Hosts: []string{"a b"}}}, `host: "a b"`},
		{"too many hosts", Args{Domain: "example.com", Resolver: r, Given: Given{Hosts: make([]string, MaxGiven+1)}}, "at most 500"},
		{"the whole Internet", Args{Domain: "example.com", Resolver: r, Given: Given{Networks: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}}}, "whole Internet"},
		{"the whole Internet in another spelling", Args{Domain: "example.com", Resolver: r, Given: Given{Networks: []netip.Prefix{netip.MustParsePrefix("::ffff:0:0/96")}}}, "whole Internet"},
		{"a network that is none", Args{Domain: "example.com", Resolver: r, Given: Given{Networks: make([]netip.Prefix, 1)}}, "not valid"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Build(t.Context(), c.args)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v; want %q", err, c.want)
			}
		})
	}
}

func TestCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Build(ctx, Args{Domain: "example.com", Resolver: view(t, world)}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v; want that of the context", err)
	}
}
