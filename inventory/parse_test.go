package inventory

import (
	"encoding/json"
	"net/netip"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	want := build(t, world, Given{Services: []string{"mailchimp"}, Hosts: []string{"erp.example.com"}}, ours(nil),
		Sighting{Source: FromMailbox, Trusted: true, Address: ip("233.252.0.66"), From: "example.com"})
	text := asJSON(t, want)
	got, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if again := asJSON(t, got); again != text {
		t.Errorf("read back and written again:\n%s\nwant\n%s", again, text)
	}
	for _, c := range []struct{ name, old, new, want string }{
		{"another schema", `"schema":1`, `"schema":2`, "schema 2"},
		{"no domain", `"domain":"example.com","senders"`, `"domain":"","senders"`, "domain"},
		{"a status that is none", `"status":"in-use"`, `"status":"fine"`, `status: "fine" is not one of`},
		{"a basis that is none", `"basis":"observed"`, `"basis":"hearsay"`, `basis: "hearsay" is not one of`},
		{"a signal that is none", `"signals":[{"kind":"`, `"signals":[{"kind":"x`, "signals[0].kind"},
		{"a step that is none", `"setup":[{"kind":"`, `"setup":[{"kind":"x`, "setup[0].kind"},
		{"a sender twice", `"key":"host:erp.example.com"`, `"key":"service:mailchimp"`, "a second time"},
		{"a text without end", `"sentence":"`, `"sentence":"` + strings.Repeat("x", maxText), "a text of"},
		{"evidence without end", `"evidence":"`, `"evidence":"` + strings.Repeat("x", maxText), "a text of"},
		{"a warning without end", `"warnings":[`, `"warnings":["` + strings.Repeat("x", maxText+1) + `"`, "warnings"},
		{"a return path that is none", `"return_paths":[{"domain":"example.com"`, `"return_paths":[{"domain":"Example com"`, "return_paths[0]"},
		{"somebody who vouches for all", `"vouched":["192.0.2.99/32"]`, `"vouched":["0.0.0.0/0"]`, "vouched[0]"},
		{"vouched twice", `"vouched":["192.0.2.99/32"]`, `"vouched":["192.0.2.99/32","192.0.2.98/32"]`, "out of order"},
		{"a number for a word", `"key":"host:erp.example.com"`, `"key":7`, "senders.key cannot be a number"},
		{"an answer that is none", `"authorised":"yes"`, `"authorised":"maybe"`, "authorised"},
		{"a claim among the senders' words", `"status":"claim"`, `"status":"in-use"`, "a claim is not"},
		{"an address that is none", `"address":"203.0.113.7"`, `"address":"203.0.113"`, "no JSON of an inventory"},
		{"an address left out", `"address":"203.0.113.7"`, `"address":""`, "not an address"},
		{"a negative count", `"count":1`, `"count":-1`, "below zero"},
		{"a source that is none", `"source":"spf"`, `"source":"rumour"`, "rumour"},
		{"text behind it", `}`, `} {`, "no JSON"},
	} {
		t.Run(c.name, func(t *testing.T) {
			bad := strings.Replace(text, c.old, c.new, 1)
			if bad == text {
				t.Fatal("the case changes nothing")
			}
			if _, err := Parse([]byte(bad)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v; want %q", err, c.want)
			}
		})
	}
	for _, bad := range []string{"", "[]", "null", "{}", text + "{}", `{"schema":1,"domain":"example.com","senders":[{}]}`} {
		if _, err := Parse([]byte(bad)); err == nil {
			t.Errorf("%.40q was read", bad)
		}
	}
}

// FuzzParse: nothing breaks the reader, and what it reads it reads again as the
// same.
func FuzzParse(f *testing.F) {
	inv := build(f, world, Given{Services: []string{"mailchimp"}}, ours(nil), Sighting{Source: FromMailbox, Trusted: true, Address: ip("233.252.0.66"), From: "example.com"})
	b, _ := json.Marshal(inv)
	f.Add(b)
	f.Add([]byte(`{"schema":1,"domain":"example.com"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		inv, err := Parse(data)
		if err != nil {
			return
		}
		first, err := json.Marshal(inv)
		if err != nil {
			t.Skip() // a time out of range: what is not written is not read
		}
		again, err := Parse(first)
		if err != nil {
			t.Fatalf("what was read is refused: %v\n%s", err, first)
		}
		if second, _ := json.Marshal(again); string(second) != string(first) {
			t.Fatalf("read again as another:\n%s\n%s", first, second)
		}
	})
}

// FuzzBuild: whatever sightings say, Build makes an inventory that Parse takes, and
// nothing unverified makes a sender.
func FuzzBuild(f *testing.F) {
	f.Add("example.com", "example.com", "d.example", "s", "mail.example.com", "192.0.2.1", uint8(3))
	f.Fuzz(func(t *testing.T, from, mailFrom, d, s, name, address string, flags uint8) {
		sight := Sighting{Source: FromMailbox, Trusted: flags&1 > 0, From: from, MailFrom: mailFrom, ReverseName: name, HELO: name, Host: name, Via: name, Relay: true, DKIM: []Signature{{d, s, ""}}}
		if a, err := netip.ParseAddr(address); err == nil {
			sight.Address = a
		}
		inv := build(t, world, Given{}, sight)
		for _, x := range inv.Senders {
			if x.Seen.Count > 0 {
				t.Fatalf("an unverified sighting was counted to %s", x.Key)
			}
		}
		if _, err := Parse([]byte(asJSON(t, inv))); err != nil {
			t.Fatal(err)
		}
	})
}
