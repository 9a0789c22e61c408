package tlspolicy

import (
	"errors"
	"strings"
	"testing"
	"time"

	"unspoof/dns"
	"unspoof/dns/dnsfile"
)

func TestParseSTS(t *testing.T) {
	for _, tc := range []struct{ rule, text, id, fault string }{
		{"the example of section 3.1", "v=STSv1; id=20160831085700Z;", "20160831085700Z", ""},
		{"no semicolon at the end", "v=STSv1; id=1", "1", ""},
		{"no spaces", "v=STSv1;id=1;", "1", ""},
		{"an extension", "v=STSv1; id=1; x.a-b_c=d!;", "1", ""},
		{"the first of two counts", "v=STSv1; id=1; id=2", "1", ""},
		{"other version", "v=STSv2; id=1", "", "v=STSv1 first"},
		{"version in small letters", "v=stsv1; id=1", "", "v=STSv1 first"},
		{"version alone", "v=STSv1", "", "semicolon"},
		{"id missing", "v=STSv1;", "", "id="},
		{"id empty", "v=STSv1; id=;", "", "id="},
		{"id with a hyphen", "v=STSv1; id=2016-08-31", "", "id="},
		{"id of 33", "v=STSv1; id=" + strings.Repeat("1", 33), "", "id="},
		{"id of 32", "v=STSv1; id=" + strings.Repeat("1", 32), strings.Repeat("1", 32), ""},
		{"no equals sign", "v=STSv1; id 1", "", "name=value"},
		{"nothing between semicolons", "v=STSv1;; id=1", "", "between"},
		{"space in an extension", "v=STSv1; id=1; a=b c", "", "without spaces"},
		{"extension name of 33", "v=STSv1; id=1; " + strings.Repeat("a", 33) + "=b", "", "name=value"},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			got, err := ParseSTS(tc.text)
			holds(t, err, tc.fault)
			if err == nil && got.ID != tc.id {
				t.Errorf("id %q", got.ID)
			}
		})
	}
}

// holds checks an error, which must be a SyntaxError that lies in the text.
func holds(t *testing.T, err error, want string) {
	t.Helper()
	var syntax *SyntaxError
	if (err != nil) != (want != "") || err != nil && (!errors.As(err, &syntax) || !strings.Contains(err.Error(), want)) {
		t.Errorf("got %v, want %q", err, want)
	}
}

func TestParsePolicy(t *testing.T) {
	const good = "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.Example.net\r\nmax_age: 604800\r\n"
	p, err := ParsePolicy(good)
	if err != nil || p.Mode != Enforce || p.MaxAge != 7*24*time.Hour || len(p.MX) != 2 || p.MX[1] != "*.example.net" || len(p.Notes) != 0 {
		t.Fatalf("%+v, %v", p, err)
	}
	if back, err := ParsePolicy(p.String()); err != nil || back.String() != p.String() {
		t.Errorf("%q, %v", p.String(), err)
	}
	for _, tc := range []struct {
		rule, text, fault string
		notes             int
	}{
		{"line feeds only, none at the end", strings.TrimSpace(strings.ReplaceAll(good, "\r", "")), "", 0},
		{"no space after the colon", strings.ReplaceAll(good, ": ", ":"), "", 0},
		{"mode none needs no mx", "version: STSv1\nmode: none\nmax_age: 0\n", "", 0},
		{"an unknown line", good + "x: y\n", "", 0},
		{"version twice", good + "version: STSv1\n", "", 1},
		{"mode twice: the first counts", good + "mode: bogus\n", "", 1},
		{"an empty line", "\n" + good, "", 1},
		{"version is not first", "mode: enforce\nversion: STSv1\nmx: a.example\nmax_age: 1\n", "", 1},
		{"over a year", strings.Replace(good, "604800", "9999999999", 1), "", 1},
		{"empty", "", "version", 0},
		{"other version", strings.Replace(good, "STSv1", "STSv2", 1), "version: STSv1", 0},
		{"unknown mode", strings.Replace(good, "enforce", "report", 1), "mode:", 0},
		{"mode in capitals", strings.Replace(good, "enforce", "Enforce", 1), "mode:", 0},
		{"no max_age", strings.Replace(good, "max_age: 604800\r\n", "", 1), "max_age", 0},
		{"max_age below zero", strings.Replace(good, "604800", "-1", 1), "seconds", 0},
		{"max_age of eleven digits", strings.Replace(good, "604800", "00000604800", 1), "seconds", 0},
		{"no mx", "version: STSv1\nmode: testing\nmax_age: 1\n", "mx", 0},
		{"asterisk alone", good + "mx: *\n", "mx:", 0},
		{"asterisk inside", good + "mx: a.*.example\n", "mx:", 0},
		{"a page of HTML", "<html>\n<body>not found</body>", "a line such as", 0},
		{"too long", good + strings.Repeat("x: y\n", 20000), "octets", 0},
		{"too many hosts", good + strings.Repeat("mx: a.example\n", 1001), "at most", 0},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			p, err := ParsePolicy(tc.text)
			holds(t, err, tc.fault)
			if err == nil && len(p.Notes) != tc.notes {
				t.Errorf("notes %+v", p.Notes)
			}
		})
	}
}

func TestMatchMX(t *testing.T) {
	for _, tc := range []struct {
		pattern, host string
		want          bool
	}{
		{"mail.example.com", "mail.example.com", true}, {"mail.example.com", "MAIL.example.com.", true},
		{"mail.example.com", "a.mail.example.com", false}, {"*.example.com", "mail.example.com", true},
		{"*.example.com", "example.com", false}, {"*.example.com", "a.b.example.com", false}, {"*.example.com", ".example.com", false},
		{"*.", "com", false}, {"", "", false}, {"example.com", "", false},
	} {
		if got := MatchMX(tc.pattern, tc.host); got != tc.want {
			t.Errorf("%q %q: %v", tc.pattern, tc.host, got)
		}
	}
	p := Policy{MX: []string{"a.example", "*.b.example"}}
	if !p.Allows("x.b.example") || p.Allows("b.example") || !p.Allows("A.example.") {
		t.Error("Allows")
	}
}

func TestParseTLSRPT(t *testing.T) {
	for _, tc := range []struct {
		rule, text, fault string
		n                 int
	}{
		{"mail", "v=TLSRPTv1; rua=mailto:reports@example.com", "", 1},
		{"HTTPS", "v=TLSRPTv1; rua=https://reporting.example.com/v1/tlsrpt", "", 1},
		{"both", "v=TLSRPTv1;rua=mailto:reports@example.com,https://r.example/x;", "", 2},
		{"an extension", "v=TLSRPTv1; rua=mailto:r@example.com; x=y", "", 1},
		{"no rua", "v=TLSRPTv1;", "rua=", 0},
		{"no scheme", "v=TLSRPTv1; rua=r@example.com", "mailto", 0},
		{"HTTP", "v=TLSRPTv1; rua=http://r.example/", "https", 0},
		{"empty between commas", "v=TLSRPTv1; rua=mailto:a@b.example,,", "mailto", 0},
		{"a size", "v=TLSRPTv1; rua=mailto:a@b.example!10m", "mailto", 0},
		{"no domain", "v=TLSRPTv1; rua=mailto:a", "mailto", 0},
		{"too many", "v=TLSRPTv1; rua=" + strings.Repeat("mailto:a@b.example,", 100) + "mailto:a@b.example", "mailto", 0},
		{"DMARC's version", "v=DMARC1; rua=mailto:a@b.example", "v=TLSRPTv1", 0},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			got, err := ParseTLSRPT(tc.text)
			holds(t, err, tc.fault)
			if err == nil && len(got.RUA) != tc.n {
				t.Errorf("%q", got.RUA)
			}
		})
	}
}

func TestDiscover(t *testing.T) {
	view, err := dnsfile.Parse("zone", []byte(`
txt:
  _mta-sts.one.example: ["v=STSv1; ", "id=1;"]
  _mta-sts.two.example: [["v=STSv1; id=1;"], ["v=STSv1; id=2;"]]
  _mta-sts.other.example: [["v=spf1 -all"], ["v=STSv1; id=3;"]]
  _mta-sts.none.example: v=STSv10; id=1
  _smtp._tls.one.example: v=TLSRPTv1; rua=mailto:a@one.example
servfail: [_mta-sts.down.example]
`))
	if err != nil {
		t.Fatal(err)
	}
	for domain, want := range map[string]error{"one.example": nil, "One.Example.": nil, "other.example": nil, "two.example": ErrSeveralRecords, "none.example": ErrNoRecord, "gone.example": ErrNoRecord} {
		text, _, err := DiscoverSTS(t.Context(), view, domain)
		if !errors.Is(err, want) || (err == nil) != strings.HasPrefix(text, "v=STSv1; id=") {
			t.Errorf("%s: %q, %v", domain, text, err)
		}
	}
	var fault *dns.Error
	if _, _, err := DiscoverSTS(t.Context(), view, "down.example"); !errors.As(err, &fault) {
		t.Errorf("%v", err)
	}
	if text, _, err := DiscoverTLSRPT(t.Context(), view, "one.example"); err != nil || text == "" {
		t.Errorf("%q, %v", text, err)
	}
}

func FuzzSTS(f *testing.F) {
	f.Add("v=STSv1; id=1; a=b")
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ParseSTS(text)
		if err != nil {
			within(t, err, text)
			return
		}
		if back, err := ParseSTS(r.String()); err != nil || back.String() != r.String() {
			t.Errorf("%q: %v", r.String(), err)
		}
	})
}

func FuzzPolicy(f *testing.F) {
	f.Add("version: STSv1\r\nmode: enforce\r\nmx: *.example.com\r\nmax_age: 1\r\nx: y\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParsePolicy(text)
		if err != nil {
			within(t, err, text)
			return
		}
		if back, err := ParsePolicy(p.String()); err != nil || back.String() != p.String() {
			t.Errorf("%q: %v", p.String(), err)
		}
		for _, n := range p.Notes {
			_ = text[n.Span.Start:n.Span.End]
		}
	})
}

func FuzzTLSRPT(f *testing.F) {
	f.Add("v=TLSRPTv1; rua=mailto:a@example.com,https://b.example/; a=b")
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ParseTLSRPT(text)
		if err != nil {
			within(t, err, text)
			return
		}
		if back, err := ParseTLSRPT(r.String()); err != nil || back.String() != r.String() {
			t.Errorf("%q: %v", r.String(), err)
		}
	})
}

func within(t *testing.T, err error, text string) {
	var syntax *SyntaxError
	if !errors.As(err, &syntax) {
		t.Fatalf("%v", err)
	}
	_ = text[syntax.Span.Start:syntax.Span.End]
}
