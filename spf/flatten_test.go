package spf_test

import (
	"context"
	"encoding/json"
	"testing"

	"unspoof/spf"
)

func TestFlattenTry(t *testing.T) {
	z := parseZone(t, `example.com TXT v=spf1 ip4:192.0.2.1 ip4:192.0.2.0/24 mx a:gone.example.com include:b.example -include:c.example ~all
example.com TXT x=y
example.com MX 1 mail.example.com
mail.example.com A 198.51.100.1
mail.example.com AAAA 2001:db8::1
b.example TXT v=spf1 ip4:203.0.113.0/25 -ip4:203.0.113.200 ip4:203.0.113.128/25 exists:%{i}.x.%{d} ip6:2001:db8::/32 ~all
c.example TXT v=spf1 ip4:8.8.8.8 -all`)
	f, err := spf.Flatten(context.Background(), spf.FlattenArgs{Domain: "example.com", Resolver: z, All: true})
	b, _ := json.MarshalIndent(f, "", " ")
	t.Logf("%v\n%s", err, b)
}
