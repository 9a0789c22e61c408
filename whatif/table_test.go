package whatif

import (
	"net/netip"
	"strings"
	"testing"

	"unspoof/dmarc"
)

func TestJudge(t *testing.T) {
	const reject = "_dmarc.example.com. TXT \"v=DMARC1; p=reject; np=reject; sp=quarantine\"\n"
	own, stranger := netip.MustParseAddr("192.0.2.10"), netip.MustParseAddr("203.0.113.9")
	signed := []dmarc.DKIM{{Domain: "example.com", Selector: "k1", Result: "pass"}}
	tests := []struct {
		name, records string
		message       Message
		want          string // "before→after" of each receiver
	}{
		{"own server", reject, Message{IP: own, MailFrom: "a@example.com", From: "a@example.com"}, "accepted→accepted accepted→accepted accepted→accepted"},
		{"a stranger's envelope and From", reject, Message{IP: stranger, MailFrom: "a@example.com", From: "a@example.com"}, "refused→refused marked→refused marked→refused"},
		{"From only", reject, Message{IP: stranger, HELO: "x.example", MailFrom: "a@x.example", From: "a@example.com"}, "accepted→accepted accepted→refused accepted→refused"},
		{"From only, signed", reject, Message{IP: stranger, HELO: "x.example", MailFrom: "a@x.example", From: "a@example.com", DKIM: signed}, "accepted→accepted accepted→accepted accepted→accepted"},
		{"a signature whose key is to be revoked", reject + "k1._domainkey.example.com. TXT \"v=DKIM1; p=\"\n", Message{IP: stranger, HELO: "x.example", MailFrom: "a@x.example", From: "a@example.com", DKIM: signed}, "accepted→accepted accepted→refused accepted→refused"},
		{"a selector that does not exist", "", Message{IP: stranger, MailFrom: "a@x.example", From: "a@example.com", DKIM: []dmarc.DKIM{{Domain: "example.com", Selector: "none", Result: "pass"}}}, "accepted→accepted accepted→accepted accepted→accepted"},
		{"a subdomain that exists", reject, Message{IP: stranger, MailFrom: "a@x.example", From: "a@mail.example.com"}, "accepted→accepted accepted→spam accepted→spam"},
		{"one that does not: the readings differ", reject, Message{IP: stranger, MailFrom: "a@x.example", From: "a@nothing.example.com"}, "accepted→accepted accepted→spam accepted→refused"},
		{"a bounce is judged by HELO", reject, Message{IP: own, HELO: "mail.example.com", From: "postmaster@example.com"}, "accepted→accepted accepted→refused accepted→refused"},
		{"no address", reject, Message{From: "a@example.com", DKIM: signed}, "accepted→accepted accepted→accepted accepted→accepted"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			table, err := Judge(t.Context(), TableArgs{Message: tc.message, Resolver: view(t, zone), Records: records(t, tc.records)})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range table.Rows {
				got = append(got, string(r.Before.Fate)+"→"+string(r.After.Fate))
				if r.Before.Why == "" || r.After.Why == "" {
					t.Errorf("no reason: %+v", r)
				}
			}
			if s := strings.Join(got, " "); s != tc.want {
				t.Errorf("got  %s\nwant %s\n%+v", s, tc.want, table)
			}
		})
	}
}

func TestJudgeTellsWhatBreaksARecord(t *testing.T) {
	table, err := Judge(t.Context(), TableArgs{
		Message: Message{IP: nobody, MailFrom: "a@example.com", From: "a@example.com"}, Resolver: view(t, zone), Records: records(t, "example.com. TXT \"v=spf1 ip4:192.0.2.0/33 -all\"\n"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if row := table.Rows[0]; row.Before.Cause != "" || !strings.Contains(row.After.Cause, "192.0.2.0/33") || table.Rows[1].After.Cause != "" {
		t.Errorf("%+v", row)
	}
}

func TestJudgeTellsOfSampling(t *testing.T) {
	for record, want := range map[string]string{
		"p=reject; pct=50": "pct=50 asks that of 50 in 100 such messages, and quarantine of the others",
		"p=reject; pct=0":  "pct=0 leaves this message out of the sample",
		"p=reject":         "",
		"p=none; pct=50":   "",
		"p=reject; pct=+5": "",
	} {
		table, err := Judge(t.Context(), TableArgs{
			Message: Message{IP: nobody, MailFrom: "a@x.example", From: "a@example.com"}, Resolver: view(t, zone), Records: records(t, "_dmarc.example.com. TXT \"v=DMARC1; "+record+"\"\n"),
		})
		if err != nil {
			t.Fatal(err)
		}
		if why := table.Rows[1].After.Why; !strings.Contains(why, want) || (want == "") == strings.Contains(why, "pct=") {
			t.Errorf("%s: %s", record, why)
		}
		if why := table.Rows[2].After.Why; strings.Contains(why, "pct=") {
			t.Errorf("%s, RFC 9989: %s", record, why)
		}
	}
}

func TestJudgeRefusesWhatIsNoMessage(t *testing.T) {
	for _, m := range []Message{{}, {From: "a@"}, {From: "a@example.com", DKIM: []dmarc.DKIM{{Domain: "example.com"}}}} {
		if _, err := Judge(t.Context(), TableArgs{Message: m, Resolver: view(t, zone)}); err == nil {
			t.Errorf("no error for %+v", m)
		}
	}
}
