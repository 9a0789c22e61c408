package bounce

import (
	"net/netip"
	"strings"
	"testing"
)

func TestExternal(t *testing.T) {
	for addr, want := range map[string]bool{
		"203.0.113.5": true, "192.0.2.1": true, "8.8.8.8": true, "2001:db8::1": true, "2a00::1": true,
		"127.0.0.1": false, "10.1.1.1": false, "192.168.1.1": false, "172.16.0.1": false, "169.254.1.1": false, "100.64.0.1": false,
		"0.0.0.0": false, "224.0.0.1": false, "::1": false, "fe80::1": false, "fd00::1": false, "::": false,
	} {
		if got := external(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s: %v", addr, got)
		}
	}
	if external(netip.Addr{}) {
		t.Error("no address is external")
	}
}

func TestOriginalText(t *testing.T) {
	const top = "From: a@b.example\nMessage-ID: <1@b.example> (added by x)\nDKIM-Signature: v=1; d=b.exam\n ple; s=x\n"
	for _, tc := range []struct{ name, in, want string }{
		{"plain", "Content-Type: text/plain; charset=iso-8859-1\n\nGr\xfc\xdfe\n", "Grüße"},
		{"HTML", "Content-Type: text/html\n\n<p>pay <a href=\"https://x.example/\">now</a></p>", "pay now <https://x.example/>"},
		{"both: the link targets of the HTML are kept", "Content-Type: multipart/alternative; boundary=b\n\n--b\n\npay now\n--b\nContent-Type: text/html\n\n<a href=\"https://x.example/\">now</a>\n--b--\n", "pay now\n<https://x.example/>"},
		{"an attachment is not read", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n--b\nContent-Type: text/plain; name=a.txt\n\nno\n--b--\n", "hello"},
		{"long", "\n" + strings.Repeat("ä", maxOriginalText), strings.Repeat("ä", maxOriginalText/2)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			n := new(Notice)
			n.setOriginal([]byte(top+tc.in), ReturnedFull, 0)
			if n.Original.Text != tc.want {
				t.Errorf("got %.100q, want %.100q", n.Original.Text, tc.want)
			}
			if n.Original.MessageID != "<1@b.example>" || len(n.Original.DKIMDomains) != 1 || n.Original.DKIMDomains[0] != "b.example" {
				t.Errorf("id %q, domains %q", n.Original.MessageID, n.Original.DKIMDomains)
			}
		})
	}
}
