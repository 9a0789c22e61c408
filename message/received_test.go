package message

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// hop reads a Received value.
func hop(t testing.TB, v string) Hop {
	t.Helper()
	h, _, _ := ReadHeader([]byte("Received: " + v + "\nX: y\n\n"))
	if len(h.Fields) != 2 {
		t.Fatalf("%q is not one field", v)
	}
	return ParseReceived(h.Fields[0])
}

func TestParseReceived(t *testing.T) {
	const date = "; Mon, 3 Jun 2024 10:00:05 +0200"
	for _, tc := range []struct {
		name, in string
		want     Hop
	}{
		{"Postfix", "from helo.example (host.example [192.0.2.1])\n\t(using TLSv1.3 with cipher X (256/256 bits))\n\t(Client did not present a certificate)\n\tby mx.example (Postfix) with ESMTPS id 4A1\n\tfor <a@b.example>" + date + " (CEST)",
			Hop{HELO: "helo.example", FromName: "host.example", FromIP: ip("192.0.2.1"), By: "mx.example", With: "ESMTPS", ID: "4A1", For: "a@b.example"}},
		{"Postfix without a name", "from helo.example (unknown [192.0.2.1]) by mx.example (Postfix) with ESMTP id 4A1" + date,
			Hop{HELO: "helo.example", FromIP: ip("192.0.2.1"), By: "mx.example", With: "ESMTP", ID: "4A1"}},
		{"Postfix with a login", "from [10.0.0.5] (dsl.example [203.0.113.77])\n\t(Authenticated sender: anna)\n\tby out.example (Postfix) with ESMTPSA id 8Y" + date,
			Hop{HELO: "[10.0.0.5]", FromName: "dsl.example", FromIP: ip("203.0.113.77"), By: "out.example", With: "ESMTPSA", ID: "8Y", Authenticated: true, AuthUser: "anna"}},
		{"Postfix, submitted on the host", "by web.example (Postfix, from userid 1004)\n\tid 5X" + date,
			Hop{By: "web.example", ID: "5X", Local: true, LocalUser: "1004"}},
		{"Postfix with IPv6", "from a.example (a.example [IPv6:2001:db8::1]) by b.example with SMTP id 1" + date,
			Hop{HELO: "a.example", FromName: "a.example", FromIP: ip("2001:db8::1"), By: "b.example", With: "SMTP", ID: "1"}},
		{"Sendmail", "from helo.example (host.example [192.0.2.1] (may be forged))\n\t(authenticated bits=0)\n\tby mx.example (8.17/8.17) with ESMTP id x1\n\tfor <a@b.example>" + date,
			Hop{HELO: "helo.example", FromName: "host.example", FromIP: ip("192.0.2.1"), By: "mx.example", With: "ESMTP", ID: "x1", For: "a@b.example", Authenticated: true}},
		{"Sendmail, submitted on the host", "(from apache@localhost)\n\tby web.example (8.17/8.17/Submit) id x1" + date,
			Hop{By: "web.example", ID: "x1", Local: true, LocalUser: "apache"}},
		{"Exim", "from host.example ([192.0.2.1] helo=helo.example)\n\tby mx.example with esmtps (TLS1.3) (Exim 4.97)\n\t(envelope-from <a@b.example>)\n\tid 1sE-00\n\tfor c@d.example" + date,
			Hop{HELO: "helo.example", FromName: "host.example", FromIP: ip("192.0.2.1"), By: "mx.example", With: "ESMTPS", ID: "1sE-00", For: "c@d.example"}},
		{"Exim without a name", "from [192.0.2.1] (port=51580 helo=[192.0.2.9])\n\tby mx.example with esmtpa (envelope-from <a@b.example>)\n\tid 1" + date,
			Hop{HELO: "[192.0.2.9]", FromIP: ip("192.0.2.1"), By: "mx.example", With: "ESMTPA", ID: "1", Authenticated: true}},
		{"Exim with a port", "from localhost ([::1]:24882 helo=a.example)\n\tby mx.example with esmtp (Exim 4.77) id 2" + date,
			Hop{HELO: "a.example", FromName: "localhost", FromIP: ip("::1"), By: "mx.example", With: "ESMTP", ID: "2"}},
		{"Exim, submitted on the host", "from www-data by web.example with local (Exim 4.97) id 3" + date,
			Hop{HELO: "www-data", By: "web.example", With: "LOCAL", ID: "3", Local: true, LocalUser: "www-data"}},
		{"qmail", "from unknown (HELO ?192.0.2.9?) (192.0.2.1)\n  by mx.example with SMTP; 3 Jun 2024 08:00:05 -0000",
			Hop{HELO: "192.0.2.9", FromIP: ip("192.0.2.1"), By: "mx.example", With: "SMTP"}},
		{"qmail with a user", "from host.example (HELO a.example) (user@192.0.2.1)\n  by mx.example with SMTP; 3 Jun 2024 08:00:05 -0000",
			Hop{HELO: "a.example", FromName: "host.example", FromIP: ip("192.0.2.1"), By: "mx.example", With: "SMTP"}},
		{"qmail, submitted on the host", "(qmail 44482 invoked by uid 500); 3 Jun 2024 08:00:05 -0000",
			Hop{Local: true, LocalUser: "500"}},
		{"qmail, made on the host", "(qmail 44485 invoked for bounce); 3 Jun 2024 08:00:05 -0000", Hop{}},
		{"Yahoo", "from 127.0.0.1  (EHLO a.example) (192.0.2.1)\n  by mta.example with SMTPs" + date,
			Hop{HELO: "a.example", FromIP: ip("192.0.2.1"), By: "mta.example", With: "SMTPS"}},
		{"Yahoo with a login", "from unknown (HELO x) (anna@192.0.2.1 with plain)\n  by smtp.example with SMTP" + date,
			Hop{HELO: "x", FromIP: ip("192.0.2.1"), By: "smtp.example", With: "SMTP", Authenticated: true, AuthUser: "anna"}},
		{"NNFMP", "from [192.0.2.1] by a.example with NNFMP; 3 Jun 2024 08:00:05 -0000",
			Hop{HELO: "[192.0.2.1]", FromIP: ip("192.0.2.1"), By: "a.example", With: "NNFMP"}},
		{"Exchange", "from A.example (192.0.2.1) by B.example\n (192.0.2.2) with Microsoft SMTP Server (TLS) id 15.1.1" + date,
			Hop{HELO: "A.example", FromIP: ip("192.0.2.1"), By: "B.example", With: "SMTP", ID: "15.1.1"}},
		{"Exchange with IPv6", "from A.example (2001:db8::1) by B.example\n (2001:db8::2) with Microsoft SMTP Server id 15.1.1" + date,
			Hop{HELO: "A.example", FromIP: ip("2001:db8::1"), By: "B.example", With: "SMTP", ID: "15.1.1"}},
		{"Exchange with a zone", "from A.example ([fe80::1%22]) by B.example ([fe80::2%22]) with Microsoft SMTP Server id 14" + date,
			Hop{HELO: "A.example", FromIP: ip("fe80::1"), By: "B.example", With: "SMTP", ID: "14"}},
		{"SMTPSVC", "from A ([192.0.2.1]) by B.example over TLS secured channel with Microsoft SMTPSVC(7.5.7601.1)" + date,
			Hop{HELO: "A", FromIP: ip("192.0.2.1"), By: "B.example", With: "SMTPSVC"}},
		{"Gmail", "from host.example (host.example. [192.0.2.1])\n        by mx.google.example with ESMTPS id a1\n        for <a@b.example>\n        (version=TLS1_3 cipher=X bits=128/128)" + date,
			Hop{HELO: "host.example", FromName: "host.example", FromIP: ip("192.0.2.1"), By: "mx.google.example", With: "ESMTPS", ID: "a1", For: "a@b.example"}},
		{"Gmail, several", "by 192.0.2.9 with SMTP id a1 for <multiple recipients>" + date,
			Hop{By: "192.0.2.9", With: "SMTP", ID: "a1", For: "multiple recipients"}},
		{"SquirrelMail", "from 203.0.113.22 ([203.0.113.22])\n        (SquirrelMail authenticated user a@b.example)\n        by b.example with HTTP" + date,
			Hop{HELO: "203.0.113.22", FromIP: ip("203.0.113.22"), By: "b.example", With: "HTTP", Authenticated: true, AuthUser: "a@b.example"}},
		{"web mail", "from [192.0.2.1] by web.example (via\nHTTP)" + date,
			Hop{HELO: "[192.0.2.1]", FromIP: ip("192.0.2.1"), By: "web.example", With: "HTTP"}},
		{"Courier with a login", "from a.example (host.example [::ffff:192.0.2.1])\n  (AUTH: PLAIN anna, TLS: TLSv1.3)\n  by mx.example with ESMTPSA id 0" + date,
			Hop{HELO: "a.example", FromName: "host.example", FromIP: ip("192.0.2.1"), By: "mx.example", With: "ESMTPSA", ID: "0", Authenticated: true, AuthUser: "anna"}},
		{"Zimbra", "from a.example (LHLO a.example) (192.0.2.1)\n by a.example with LMTP" + date,
			Hop{HELO: "a.example", FromName: "a.example", FromIP: ip("192.0.2.1"), By: "a.example", With: "LMTP"}},
		{"CommuniGate", "from [192.0.2.1] (account anna HELO pc)\n by mx.example (CommuniGate Pro SMTP 6) with ESMTPSA id 7" + date,
			Hop{HELO: "pc", FromIP: ip("192.0.2.1"), By: "mx.example", With: "ESMTPSA", ID: "7", Authenticated: true, AuthUser: "anna"}},
		{"DragonFly", "from root (uid 0)\n\t(envelope-from a@b.example)\n\tid e0\n\tby df.example (DragonFly Mail Agent v0.13)" + date,
			Hop{HELO: "root", By: "df.example", ID: "e0", Local: true, LocalUser: "root"}},
		{"OpenSMTPD", "from localhost (host.example [local])\n\tby host.example (OpenSMTPD) with ESMTPA id c3" + date,
			Hop{HELO: "localhost", FromName: "host.example", By: "host.example", With: "ESMTPA", ID: "c3", Local: true, Authenticated: true}},
		{"IMail", "from a.example [192.0.2.1] by b.example with ESMTP\n  (SMTPD32-8) id A1" + date,
			Hop{HELO: "a.example", FromIP: ip("192.0.2.1"), By: "b.example", With: "ESMTP", ID: "A1"}},
		{"IndiMail", "indimail-mta queue 85898 by host a.example\n (invoked by alias)" + date, Hop{By: "a.example"}},
		{"SMTPUTF8", "from [198.51.100.23] (dsl.example [198.51.100.23]) by mx.empfänger.example with UTF8SMTPSA id 4" + date,
			Hop{HELO: "[198.51.100.23]", FromName: "dsl.example", FromIP: ip("198.51.100.23"), By: "mx.empfänger.example", With: "UTF8SMTPSA", ID: "4", Authenticated: true}},
		{"a HELO that is an address is never the client", "from 192.0.2.9 (HELO 192.0.2.9) (helo=192.0.2.8)\n by mx.example with SMTP" + date,
			Hop{HELO: "192.0.2.9", By: "mx.example", With: "SMTP"}},
		{"a private address in the comment counts before a public literal", "from [192.0.2.9] (pc [10.0.0.1]) by mx.example with SMTP" + date,
			Hop{HELO: "[192.0.2.9]", FromIP: ip("10.0.0.1"), By: "mx.example", With: "SMTP"}},
		{"a comment that never closes", "from [192.0.2.1] ([192.0.2.1] helo=a.example) by mx.example with ESMTPS (cipher=X id 22" + date,
			Hop{HELO: "a.example", FromIP: ip("192.0.2.1"), By: "mx.example", With: "ESMTPS", ID: "22"}},
		{"not logged in", "from a (b.example [192.0.2.1]) (not authenticated) by mx.example with ESMTP" + date,
			Hop{HELO: "a", FromName: "b.example", FromIP: ip("192.0.2.1"), By: "mx.example", With: "ESMTP"}},
		{"no semicolon", "from mda by a.example id 0Lv Mon, 3 Jun 2024 10:00:05 +0200", Hop{HELO: "mda", By: "a.example", ID: "0Lv"}},
		{"a comment behind the date", "from a ([192.0.2.1]) by b.example with SMTP id 0\n\tfor <c@d.example>" + date + " (x)\n\t(envelope-from e@f.example)",
			Hop{HELO: "a", FromIP: ip("192.0.2.1"), By: "b.example", With: "SMTP", ID: "0", For: "c@d.example"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := hop(t, tc.in)
			if want := time.Date(2024, 6, 3, 8, 0, 5, 0, time.UTC); !got.Time.Equal(want) {
				t.Errorf("time %v", got.Time)
			}
			got.Field, got.Time = Field{}, time.Time{}
			if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", tc.want) {
				t.Errorf("got  %+v\nwant %+v", got, tc.want)
			}
		})
	}
}

// TestLoginIsTheHostsWord: names that a client chooses for itself never make a
// login, nor mail of the host's own.
func TestLoginIsTheHostsWord(t *testing.T) {
	for _, from := range []string{
		"h ([203.0.113.66] helo=authenticated)", "[203.0.113.66] (helo=authenticated)", "unknown (HELO authenticated) (203.0.113.66)",
		"unknown (EHLO user=x) (203.0.113.66)", "unknown (HELO x) (authenticated@203.0.113.66)", "x ([203.0.113.66] ident=authenticated)",
		"x (authenticated@evil.example [203.0.113.66])", "x (IDENT:authenticated@evil.example [203.0.113.66])",
		"authenticated (authenticated [203.0.113.66])", "x (authenticated.evil.example [203.0.113.66] (may be forged))",
		"x (account [203.0.113.66] (may be forged))", "x (account HELO y)", "x (auth: [203.0.113.66] (may be forged))", "x (user=a [203.0.113.66])",
		"evil.example (Authenticated sender: boss [203.0.113.66])",
		"x (smtp-auth [203.0.113.66])", "x ([203.0.113.66] helo=smtp-auth user=x)", "x (with.plain [203.0.113.66])", "x (HELO user=x with plain)",
		"x with ESMTPSA (evil.example [203.0.113.66])", "x by mail.example.com with ESMTPSA (evil.example [203.0.113.66])",
		"x ([203.0.113.66] helo=[local])", "x (HELO [local])", "x (uid [203.0.113.66])", "x (evil.example [203.0.113.66]) (HELO x[local])",
	} {
		for _, end := range []string{" by mail.example.com with ESMTP id 1", " by mail.example.com (Exim 4.96) id 1", " by mail.example.com with SMTP"} {
			if h := hop(t, from+end+"; Mon, 3 Jun 2024 10:00:05 +0200"); h.Authenticated || h.AuthUser != "" || h.Local {
				t.Errorf("%s: login %v %q, local %v", from+end, h.Authenticated, h.AuthUser, h.Local)
			}
		}
	}
	for from, user := range map[string]string{
		"x (y [192.0.2.1]) (user=anna mech=LOGIN)": "anna", "x (y [192.0.2.1]) (authenticated user=anna bits=0)": "anna", "x (y [192.0.2.1]) (authenticated bits=0)": "",
		"x (HELO x) (192.0.2.1) (smtp-auth username anna, mechanism login)": "anna", "x (y [192.0.2.1]) (Authenticated User: anna)": "anna",
	} {
		if h := hop(t, from+" by mail.example.com with ESMTP id 1; Mon, 3 Jun 2024 10:00:05 +0200"); !h.Authenticated || h.AuthUser != user {
			t.Errorf("%s: login %v %q, want %q", from, h.Authenticated, h.AuthUser, user)
		}
	}
}

// TestRecordedAddress states the rule: the address in the comment is the recorded
// one, whatever literal the client gave for its name; in doubt there is none.
func TestRecordedAddress(t *testing.T) {
	for _, tc := range []struct{ name, from, want string }{
		{"a name and its bracket without a blank", "evil.example (evil.example[203.0.113.66])", "203.0.113.66"},
		{"a bracket of its own", "x ([203.0.113.66])", "203.0.113.66"},
		{"a literal as HELO, no blank in the comment", "[192.0.2.10] (evil.example[203.0.113.66])", "203.0.113.66"},
		{"a literal as HELO, angle brackets around the name", "[192.0.2.10] (<unknown.unknown>[203.0.113.66])", "203.0.113.66"},
		{"a literal as HELO, a colon before the address", "[192.0.2.10] (evil.example:203.0.113.66)", "203.0.113.66"},
		{"a literal as HELO, a colon before IPv6", "[192.0.2.10] (evil.example:2001:db8::66)", "2001:db8::66"},
		{"a literal as HELO, angle brackets around the address", "[192.0.2.10] (evil.example <203.0.113.66>)", "203.0.113.66"},
		{"a literal in the comment of the HELO", "unknown (HELO mail.victim.example [192.0.2.10]) (203.0.113.66)", "203.0.113.66"},
		{"HELO with an equals sign and a literal behind", "unknown ([203.0.113.66] helo=x [192.0.2.10])", "203.0.113.66"},
		{"a login with an address", "[10.0.0.1] (home [198.51.100.7]) (Authenticated sender: anna@192.0.2.10)", "198.51.100.7"},
		{"an ident with an address", "x ([203.0.113.66] ident=192.0.2.10)", "203.0.113.66"},
		{"only the HELO has an address", "unknown (HELO x [192.0.2.10])", ""},
		{"a literal, and a comment that gives the HELO", "[203.0.113.66] (helo=x)", "203.0.113.66"},
		{"a literal, and a comment about the session", "[203.0.113.66] (using TLSv1.3 with cipher X)", "203.0.113.66"},
		{"a literal alone", "[203.0.113.66]", "203.0.113.66"},
		{"two comments that differ", "x ([192.0.2.10]) ([203.0.113.66])", "ambiguous"},
		{"a HELO that closes its comment", "unknown (HELO x) (192.0.2.10) (203.0.113.66)", "ambiguous"},
		{"one comment with two addresses", "x (192.0.2.10 [203.0.113.66])", "ambiguous"},
		{"two comments that agree", "x ([203.0.113.66]) (a.example [203.0.113.66])", "203.0.113.66"},
		{"a literal, and a comment that gives a name only", "[192.0.2.10] (evil.example)", "ambiguous"},
		{"a literal, and a comment with a broken address", "[192.0.2.10] (evil.example [203.0.113.666])", "ambiguous"},
		{"a literal behind the name, and a comment with a broken address", "x [192.0.2.10] (evil.example [203.0.113.666])", "ambiguous"},
		{"a literal, and a second by", "[192.0.2.10] by x (203.0.113.66)", "ambiguous"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := hop(t, "from "+tc.from+" by mx.example with ESMTP id 1; Mon, 3 Jun 2024 10:00:05 +0200")
			got := ""
			if h.FromIP.IsValid() {
				got = h.FromIP.String()
			} else if h.Ambiguous {
				got = "ambiguous"
			}
			if got != tc.want || h.FromIP.IsValid() && h.Ambiguous {
				t.Errorf("recorded %q, want %q", got, tc.want)
			}
		})
	}
}

func ip(s string) netip.Addr { return netip.MustParseAddr(s) }

func FuzzReceived(f *testing.F) {
	for _, s := range []string{
		"from a (b [192.0.2.1]) by c with ESMTPA id d for <e>; Mon, 3 Jun 2024 10:00:05 +0200",
		"(qmail 1 invoked by uid 0); x", "from [::1%a] (((helo=x)", "from x (HELO ?y?) (z@192.0.2.1 with plain) by", "from (user= by (account ", ";;;",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := ParseReceived(Field{Name: "Received", Raw: []byte("Received:" + s)})
		for _, v := range []string{got.HELO, got.FromName, got.By, got.With, got.ID, got.AuthUser, got.LocalUser} {
			if strings.ContainsAny(v, " \t\n") || len(v) > 2*len(s)+8 {
				t.Fatalf("%q gives %+v", s, got)
			}
		}
		if got.FromIP.Is4In6() || got.FromIP.Zone() != "" {
			t.Fatalf("%q gives %v", s, got.FromIP)
		}
	})
}
