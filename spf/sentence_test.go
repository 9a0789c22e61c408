package spf_test

import (
	"context"
	"strings"
	"testing"

	"unspoof/spf"
)

func TestSentence(t *testing.T) {
	for _, c := range []struct{ zone, from, want string }{
		{"example.com TXT v=spf1 ip4:192.0.2.0/24 -all", "", `192.0.2.1 may send for example.com: the term "ip4:192.0.2.0/24" of its record covers this address.`},
		{"example.com TXT v=spf1 +all", "", "192.0.2.1 may send for example.com, as may everyone: its record ends in +all and no term before that refuses this address."},
		{"example.com TXT v=spf1 a -all\nexample.com A 198.51.100.1", "", "192.0.2.1 may not send for example.com: the record ends in -all and no term before it names this address."},
		{"example.com TXT v=spf1 -ip4:192.0.2.1 +all", "", `192.0.2.1 may not send for example.com: the term "-ip4:192.0.2.1" of its record refuses this address.`},
		{"example.com TXT v=spf1 ~all", "", "192.0.2.1 probably may not send for example.com: the record ends in ~all and no term before it names this address."},
		{"example.com TXT v=spf1 ~ip4:192.0.2.1", "", `192.0.2.1 probably may not send for example.com: the term "~ip4:192.0.2.1" of its record says so.`},
		{"example.com TXT v=spf1", "", "example.com does not say whether 192.0.2.1 may send for it: no term of its record names this address, and nothing is said about the rest."},
		{"example.com TXT v=spf1 ?all", "", "example.com does not say whether 192.0.2.1 may send for it: the record ends in ?all and no term before it names this address."},
		{"example.com TXT v=spf1 ?ip4:192.0.2.1 -all", "", `example.com does not say whether 192.0.2.1 may send for it: the term "?ip4:192.0.2.1" of its record leaves it open.`},
		{"example.com A 192.0.2.1", "", "There is no rule about who may send, so nothing can be said about 192.0.2.1: example.com has no SPF record."},
		{"", "", "There is no rule about who may send, so nothing can be said about 192.0.2.1: example.com does not exist."},
		{"", "x@[192.0.2.1]", "There is no rule about who may send, so nothing can be said about 192.0.2.1: [192.0.2.1] is an address, not a domain name."},
		{"example.com FAULT timeout", "", "Whether 192.0.2.1 may send for example.com could not be found out: no answer from DNS for TXT example.com: nobody answered in time. Trying again later may help."},
		{"example.com FAULT servfail", "", "Whether 192.0.2.1 may send for example.com could not be found out: no answer from DNS for TXT example.com: its name server has a fault. Trying again later may help."},
		{"example.com FAULT offline", "", "Whether 192.0.2.1 may send for example.com could not be found out: no answer from DNS for TXT example.com: this question is not among the answers that were given in a file. Record the answers again, or ask the network."},
		{"example.com TXT v=spf1 ip4: -all", "", `Whether 192.0.2.1 may send for example.com cannot be told, and only the owner of the record can mend that: the record of example.com has a syntax error: "ip4:" at byte 10: expected an IPv4 address after "ip4:" (RFC 7208 section 5.6); write the address directly after the colon, without a space: ip4:192.0.2.1.`},
	} {
		args := checkCase{from: c.from}.args()
		r := (&spf.Checker{Resolver: parseZone(t, c.zone)}).Check(context.Background(), args)
		if got := r.Sentence(args); got != c.want {
			t.Errorf("%q:\n got %s\nwant %s", c.zone, got, c.want)
		}
	}
}

func TestSentenceOfHostileNames(t *testing.T) {
	for _, from := range []string{"a@ev\x1b[2Jil.example", "a@\u202eelpmaxe.example\xff", "a@\x00.example", "a@" + strings.Repeat("y", 300) + ".example"} {
		args := checkCase{from: from}.args()
		for _, z := range []zone{{}, parseZone(t, "ev\x1b[2jil.example TXT v=spf1 \x1b[2J\n\x00.example TXT v=spf1 -all")} {
			r := (&spf.Checker{Resolver: z}).Check(context.Background(), args)
			s := r.Sentence(args)
			for _, c := range []byte(s) {
				if c < ' ' || c > '~' {
					t.Errorf("%q: octet %#x in %q", from, c, s)
					break
				}
			}
			if len(s) > 600 {
				t.Errorf("%d octets", len(s))
			}
		}
	}
}
