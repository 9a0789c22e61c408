package dmarc

import (
	"slices"
	"strings"
	"testing"

	"unspoof/message"
)

// Each case: what the From fields of a message make of a signature of
// example.com, which publishes p=reject; example.net publishes quarantine and
// example.org nothing.
func TestAuthors(t *testing.T) {
	const zone = `txt: {_dmarc.example.com: ["v=DMARC1; p=reject"], _dmarc.example.net: ["v=DMARC1; p=quarantine"]}`
	for _, tc := range []struct {
		rule    string
		from    []string
		verdict Verdict
		domain  string
		applied Policy
	}{
		{"one author", []string{"Ada <ada@example.com>"}, "pass", "example.com", None},
		{"no brackets", []string{"ada@example.com"}, "pass", "example.com", None},
		{"two of one domain", []string{"ada@example.com, Bob <bob@Example.COM>"}, "pass", "example.com", None},
		{"a name that reads as an address", []string{`"ceo@example.net" <ada@example.com>`}, "pass", "example.com", None},
		{"the same without quotes", []string{`ceo@example.net <ada@example.com>`}, "pass", "example.com", None},
		{"an at sign in a quoted local part", []string{`<"ada@example.net"@example.com>`}, "pass", "example.com", None},
		{"a comment with an address", []string{`ada@example.com (bob@example.net)`}, "pass", "example.com", None},
		{"a comma in a name without quotes", []string{"Lovelace, Ada <ada@example.com>"}, "pass", "example.com", None},
		{"a quoted local part without brackets", []string{`"ada@example.net"@example.com`}, "pass", "example.com", None},
		{"a hundred addresses", []string{strings.Repeat("a@example.com,", maxAddresses)}, "pass", "example.com", None},
		{"a group", []string{"Team: ada@example.com, bob@example.com;"}, "pass", "example.com", None},

		{"the worst author counts: a policy fails", []string{"ada@example.com, bob@example.net"}, "fail", "example.net", Quarantine},
		{"in any order", []string{"bob@example.net, ada@example.com"}, "fail", "example.net", Quarantine},
		{"the worst author counts: no policy", []string{"ada@example.com, cy@example.org"}, "none", "example.org", ""},

		{"two fields of one author", []string{"ada@example.com", "ada@example.com"}, "permerror", "example.com", ""},
		{"two fields, one of a stranger", []string{"ada@example.com", "bob@example.net"}, "fail", "example.net", Quarantine},
		{"no field", nil, "permerror", "", ""},
		{"an empty field", []string{""}, "permerror", "", ""},
		{"a name only", []string{"Ada"}, "permerror", "", ""},
		{"an empty group", []string{"undisclosed:;"}, "permerror", "", ""},
		{"a domain that is none", []string{"ada@-example..com"}, "permerror", "", ""},
		{"a domain with a blank", []string{"ada@exa mple.com"}, "permerror", "exa", ""},
		{"blanks around the at sign are not read", []string{"ada @ example.com"}, "permerror", "", ""},
		{"an address literal", []string{"ada@[192.0.2.1]"}, "permerror", "", ""},
		{"a second author whose domain is none", []string{"ada@example.com, bob@exa_mple..net"}, "permerror", "example.com", ""},

		{"two brackets", []string{"<bob@example.org> <ada@example.com>"}, "permerror", "example.com", ""},
		{"two brackets without a blank", []string{"<bob@example.org><ada@example.com>"}, "permerror", "example.com", ""},
		{"text behind the brackets", []string{"<ada@example.com> bob@example.org"}, "permerror", "example.com", ""},
		{"quoted text behind the brackets", []string{`<ada@example.com> "bob@example.org"`}, "permerror", "example.com", ""},
		{"a route", []string{"<@example.org,@example.net:ada@example.com>"}, "permerror", "example.com", ""},
		{"two at signs in brackets", []string{"<bob@example.org@example.com>"}, "permerror", "example.com", ""},
		{"two at signs", []string{"bob@example.org@example.com"}, "permerror", "example.com", ""},
		{"an encoded word that hides an address", []string{"=?utf-8?Q?bob=40example.org?=, <ada@example.com>"}, "permerror", "example.com", ""},
		{"an open quotation mark", []string{`"bob@example.org <ada@example.com>`}, "permerror", "example.org", ""},
		{"an open parenthesis", []string{`ada@example.com (bob@example.org`}, "permerror", "example.com", ""},
		{"an open bracket", []string{`<ada@example.com`}, "permerror", "example.com", ""},
		{"a bracket that was not opened", []string{`ada@example.com>`}, "permerror", "", ""},
		{"a NUL", []string{"ada@example.com\x00.example.org"}, "permerror", "", ""},
		{"more addresses than are read", []string{strings.Repeat("a@example.com,", maxAddresses) + "bob@example.com"}, "permerror", "example.com", ""},
		{"an author behind a thousand", []string{strings.Repeat("a@example.com,", 1000) + "bob@example.net"}, "permerror", "example.com", ""},
		{"two addresses with a colon", []string{"bob@example.net:ada@example.com"}, "permerror", "example.com", ""},
		{"an at sign behind a comment", []string{"bob@example.net(x)@example.com"}, "permerror", "example.com", ""},
		{"too long", []string{"ada@example.com" + strings.Repeat(" ", maxFrom)}, "permerror", "", ""},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			r := Evaluate(t.Context(), Args{From: tc.from, DKIM: sigs("example.com"), Resolver: view(t, zone)})
			if r.Verdict != tc.verdict || r.Domain != tc.domain || r.Applied != tc.applied {
				t.Errorf("%s for %q, applied %q, because %s; want %s, %q, %q", r.Verdict, r.Domain, r.Applied, reasons(r), tc.verdict, tc.domain, tc.applied)
			}
			if tc.verdict == VerdictPermError && len(r.Reasons) == 0 {
				t.Error("no reason given")
			}
		})
	}
}

// Each case: a whole header in which a forger, who signs as example.com, shows
// an author of example.net to some programs. None may pass.
func TestHiddenAuthors(t *testing.T) {
	const zone = `txt: {_dmarc.example.com: ["v=DMARC1; p=none"], _dmarc.example.net: ["v=DMARC1; p=reject"]}`
	for _, tc := range []struct{ rule, header string }{
		{"two fields", "From: ada@example.com\r\nFrom: bob@example.net\r\n"},
		{"two fields in the other order", "From: bob@example.net\r\nFrom: ada@example.com\r\n"},
		{"a blank before the colon", "From: ada@example.com\r\nFrom : bob@example.net\r\n"},
		{"a tab before the colon", "From\t: bob@example.net\r\nFrom: ada@example.com\r\n"},
		{"another case", "FROM: bob@example.net\r\nfrom: ada@example.com\r\n"},
		{"folds in the value", "From:\r\n bob@example.net,\r\n ada@example.com\r\n"},
		{"bare line ends", "From: ada@example.com\nFrom: bob@example.net\n"},
		{"far apart", "From: ada@example.com\r\nTo: x@example.org\r\nSubject: x\r\nFrom: bob@example.net\r\n"},
		{"one field, two members", "From: <ada@example.com>, <bob@example.net>\r\n"},
		{"a group and more", "From: Team: ada@example.com;, bob@example.net\r\n"},
		{"no separator", "From: <bob@example.net><ada@example.com>\r\n"},
		{"a route", "From: <@example.com,@example.net:bob@example.net>\r\n"},
		{"a NUL", "From: ada@example.com\x00<bob@example.net>\r\n"},
		{"a quoted pair", "From: <bob@example.net\\>, <ada@example.com>\r\n"},
		{"an encoded address", "From: =?utf-8?B?Ym9iQGV4YW1wbGUubmV0?=, <ada@example.com>\r\n"},
		{"no author at all", "Sender: ada@example.com\r\nResent-From: ada@example.com\r\n"},
		{"an empty author", "From: <>\r\nSender: ada@example.com\r\n"},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			h, _, _ := message.ReadHeader([]byte(tc.header + "\r\n"))
			r := Evaluate(t.Context(), Args{From: FromFields(h), DKIM: sigs("example.com"), Resolver: view(t, zone)})
			if r.Verdict == VerdictPass || r.Verdict == VerdictNone || len(r.Reasons) == 0 {
				t.Errorf("%s for %q, because %s", r.Verdict, r.Domain, reasons(r))
			}
		})
	}
}

func TestFromFields(t *testing.T) {
	h, _, _ := message.ReadHeader([]byte("From: a@example.com\r\nTo: x@example.org\r\nfrom : b@example.net,\r\n c@example.net\r\n\r\n"))
	if got := FromFields(h); !slices.Equal(got, []string{"a@example.com", "b@example.net, c@example.net"}) {
		t.Errorf("got %q", got)
	}
}

func FuzzFrom(f *testing.F) {
	for _, s := range []string{
		"Ada <ada@example.com>", `"a@b" <c@d.example>`, "a@b, c@d", "<@a,@b:c@d>", "<a@b><c@d>", "g:a@b;", `"(" <a@b> (")`,
		"=?utf-8?Q?a=40b?=, <c@d>", "a@b@c", `<"a@b"@c>`, "\\", "(((", "a@b\x00c",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, value string) {
		got := readFrom(Args{From: []string{value}})
		if len(got.domains) > maxAuthors || len(got.reasons) > maxReasons {
			t.Errorf("%d domains", len(got.domains))
		}
		for _, d := range got.domains {
			if name, err := Domain(d); err != nil || name != d {
				t.Errorf("%q is not canonical: %v", d, err)
			}
		}
		if len(got.domains) == 0 && len(got.reasons) == 0 {
			t.Error("no author and no reason")
		}
	})
}
