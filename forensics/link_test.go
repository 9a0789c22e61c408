package forensics

import (
	"strings"
	"testing"
)

func TestLinksAreFoundAndDefanged(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"plain", "see http://evil.example/login now", "hxxp://evil[.]example/login"},
		{"tls, port, capital letters", "HTTPS://Evil.Example:8443/a", "hxxps://evil[.]example/a"},
		{"sentence ends", "(at http://evil.example/a.b).", "hxxp://evil[.]example/a[.]b"},
		{"the query is not shown", "http://evil.example/?u=anna@brand.example", "hxxp://evil[.]example/?…"},
		{"a user name is not the host", "http://www.bank.example@evil.example/", "hxxp://evil[.]example/"},
		{"a link inside a link", "http://a.example/http://b.example/x", "hxxp://a[.]example/hxxp://b[.]example/x hxxp://b[.]example/x"},
		{"www alone", "go to www.evil.example today", "hxxp://www[.]evil[.]example"},
		{"www inside a link counts once", "http://www.evil.example/", "hxxp://www[.]evil[.]example/"},
		{"an address", "http://192.0.2.7/x", "hxxp://192[.]0[.]2[.]7/x"},
		{"an IPv6 address", "http://[2001:db8::7]/x", "hxxp://[2001:db8::7]/x"},
		{"letters of another script are shown as they are asked for", "http://pаypal.example/", "hxxp://xn--pypal-4ve[.]example/"},
		{"ftp", "ftp://evil.example/f", "fxp://evil[.]example/f"},
		{"a backslash ends the host", `http://evil.example\.bank.example/`, `hxxp://evil[.]example\[.]bank[.]example/`},
		{"no host", "http:/// http://localhost/ x://y.example", ""},
		{"no hosts with odd characters", "http://ev!l.example/", ""},
		{"the same twice", "http://e.example/a http://e.example/a", "hxxp://e[.]example/a"},
		{"a bidirectional mark ends it", "http://e.example/a\u202egpj", "hxxp://e[.]example/a"},
	} {
		var got []string
		for _, l := range findLinks(c.in) {
			got = append(got, l.defanged())
		}
		want := c.want
		if c.name == "a link inside a link" {
			want = "hxxp://a[.]example/http[:]//b[.]example/x hxxp://b[.]example/x"
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s: got %q, want %q", c.name, s, want)
		}
	}
}

func TestLinksAreBounded(t *testing.T) {
	if n := len(findLinks(strings.Repeat("http://a.example/ http://b.example/"+strings.Repeat("x", 3000)+" ", 200))); n > maxLinkScan {
		t.Errorf("got %d links", n)
	}
	if n := len(findLinks(strings.Repeat("://", 100_000))); n != 0 {
		t.Errorf("got %d links", n)
	}
}

func TestExcerptHoldsNoLiveLink(t *testing.T) {
	got := excerpt("Dear user,\r\nlog in: hTTps://Evil.example/x?a=http://b.example or www.evil.example or evil.example/login. Bye.")
	want := "Dear user, log in: hxxps://Evil[.]example/x?a=hxxp://b[.]example or www[.]evil[.]example or evil[.]example/login[.] Bye."
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func FuzzFindLinks(f *testing.F) {
	f.Add("http://evil.example/a www.b.example ftp://[::1]/ http://a@b:1/")
	f.Add("https://xn--a.example/\u202e.http://")
	f.Fuzz(func(t *testing.T, s string) {
		for _, l := range findLinks(s) {
			d := l.defanged()
			if len(d) > maxLinkText || strings.Contains(strings.ToLower(d), "http://") {
				t.Errorf("%q becomes %q", s, d)
			}
			if plainText(d, maxLinkText) != d {
				t.Errorf("%q is not plain", d)
			}
		}
		if e := excerpt(s); strings.Contains(strings.ToLower(e), "http://") || strings.Contains(e, "www.") {
			t.Errorf("excerpt %q", e)
		}
	})
}
