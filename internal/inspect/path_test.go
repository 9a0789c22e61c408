package inspect

import (
	"context"
	"net/netip"
	"strings"
	"testing"

	"unspoof/dns/dnsfile"
	"unspoof/message"
)

// inner is DNS of an organisation whose servers have public addresses.
const inner = `
$TTL 300
mx.shop.example. A 198.51.100.40
mx6.shop.example. AAAA 2001:db8::40
other.shop.example. A 198.51.100.41
`

func TestOnlyLinesOfOnesOwnServersAreTrusted(t *testing.T) {
	zone, err := dnsfile.Parse("zone", []byte(inner))
	if err != nil {
		t.Fatal(err)
	}
	const outside = "from evil (unknown [203.0.113.7]) by mx.shop.example with ESMTP"
	for _, c := range []struct {
		name  string
		lines []string
		ip    string
		want  string // trust of each line: o, b, c
	}{
		{"no line at all", nil, "", ""},
		{"the topmost is ours, what stands below is not", []string{outside, "from a (a [192.0.2.1]) by b"}, "", "bc"},
		{"a forged line of ours below the border", []string{outside, outside}, "", "bc"},
		{"a confirmed server inside", []string{
			"from mx.shop.example (mx.shop.example [198.51.100.40]) by store.shop.example with ESMTPS", outside, "from a by b"}, "", "obc"},
		{"a confirmed server inside, IPv6", []string{
			"from mx6.shop.example (mx6.shop.example [IPv6:2001:db8::40]) by store.shop.example with ESMTPS", outside}, "", "ob"},
		{"a name of ours that leads elsewhere", []string{
			"from mx.shop.example (mx.shop.example [203.0.113.7]) by store.shop.example with ESMTPS", outside}, "", "bc"},
		{"a name of another organisation, though true", []string{
			"from mx.shop.example (mx.shop.example [198.51.100.40]) by store.other.example with ESMTPS", outside}, "", "bc"},
		{"a private address with a name inside", []string{
			"from mx.shop.example (mx.shop.example [10.0.0.2]) by store.shop.example with LMTP", outside}, "", "ob"},
		{"a private address that only calls itself so", []string{
			"from mx.shop.example (unknown [172.17.0.1]) by store.shop.example with ESMTP", outside}, "", "bc"},
		{"the same machine", []string{
			"from localhost (localhost [127.0.0.1]) by mx.shop.example (amavisd) with ESMTP", outside}, "", "ob"},
		{"the store of one's mailboxes, over a socket", []string{
			"from mx.shop.example by mx.shop.example with LMTP", outside, "from a by b"}, "", "obc"},
		{"the store in a container of its own", []string{
			"from mx.shop.example ([172.22.1.253]) by 1a2b3c4d5e6f with LMTP", outside}, "", "ob"},
		{"a store that calls the server a user", []string{
			"from mx.shop.example ([unix socket]) by mx.shop.example (Cyrus v2.5.10) with LMTPA", outside}, "", "ob"},
		{"a store that takes mail of other hosts", []string{
			"from mx.shop.example by mx.other.example with LMTP", "from a (a [192.0.2.1]) by c.example"}, "", "bc"},
		{"a store with a public client whose name leads elsewhere", []string{
			"from mx.shop.example (mx.shop.example [203.0.113.7]) by store.shop.example with LMTPA", outside}, "", "bc"},
		{"a step without names", []string{"by 192.0.2.99 with SMTP id abc", outside}, "", "ob"},
		{"a login ends the chain", []string{
			"from pc (unknown [10.0.0.9]) by mx.shop.example (Postfix) with ESMTPSA", outside}, "", "bc"},
		{"the given client's line is the border", []string{
			"from mx.shop.example (unknown [203.0.113.50]) by store.shop.example with ESMTP", outside, outside}, "203.0.113.7", "obc"},
		{"a given client that no line has", []string{outside, "from a by b"}, "192.0.2.200", "cc"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b strings.Builder
			for _, l := range c.lines {
				b.WriteString("Received: " + l + "; Sat, 31 Jan 2026 12:00:00 +0000\r\n")
			}
			header, _, _ := message.ReadHeader([]byte(b.String() + "From: a@b.example\r\n\r\n"))
			args := PathArgs{Header: header, Resolver: zone}
			if c.ip != "" {
				args.IP = netip.MustParseAddr(c.ip)
			}
			p := ReadPath(context.Background(), args)
			got := ""
			for _, h := range p.Hops {
				got += string(h.Trust)[:1]
				if h.Why == "" {
					t.Errorf("line %d: trusted %s without a word", h.Line, h.Trust)
				}
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if border := strings.Index(c.want, "b"); p.Border != border || p.Boundary != border+1 {
				t.Errorf("border %d, boundary %d", p.Border, p.Boundary)
			}
		})
	}
}

func TestWithoutDNSOnlyPrivateAddressesAreInside(t *testing.T) {
	header, _, _ := message.ReadHeader([]byte("Received: from mx.shop.example (mx.shop.example [198.51.100.40]) by store.shop.example; Sat, 31 Jan 2026 12:00:00 +0000\r\n" +
		"Received: from evil ([203.0.113.7]) by mx.shop.example; Sat, 31 Jan 2026 12:00:00 +0000\r\n\r\n"))
	if p := ReadPath(context.Background(), PathArgs{Header: header}); p.Border != 0 {
		t.Errorf("border %d", p.Border)
	}
}

func TestAWayWithoutEndIsCut(t *testing.T) {
	line := "Received: from a (a [10.0.0.1]) by a; Sat, 31 Jan 2026 12:00:00 +0000\r\n"
	header, _, _ := message.ReadHeader([]byte(strings.Repeat(line, 5000) + "\r\n"))
	if p := ReadPath(context.Background(), PathArgs{Header: header}); len(p.Hops) != maxHops {
		t.Errorf("%d hops", len(p.Hops))
	}
}
