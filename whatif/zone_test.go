package whatif

import (
	"testing"

	"unspoof/dns"
	"unspoof/dns/dnsfile"
	"unspoof/inventory"
)

// The tests' domain: its own server, a service that signs, one that does not.
const zone = `$ORIGIN example.com.
$TTL 3600
@ SOA ns.example.com. h.example.com. 1 1 1 1 3600
@ MX 10 mail
@ A 192.0.2.10
mail A 192.0.2.10
@ TXT "v=spf1 ip4:192.0.2.10 include:_spf.letters.example -all"
_dmarc TXT "v=DMARC1; p=none; rua=mailto:d@example.com"
k1._domainkey TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
_spf.letters.example. TXT "v=spf1 ip4:198.51.100.0/28 -all"
`

func view(t testing.TB, text string) dns.Resolver {
	t.Helper()
	v, err := dnsfile.Parse("zone", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func records(t testing.TB, text string) []dns.Record {
	t.Helper()
	list, err := dns.ParseZone("planned", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func listed(t testing.TB, r dns.Resolver, sightings []inventory.Sighting, given inventory.Given) inventory.Inventory {
	t.Helper()
	inv, err := inventory.Build(t.Context(), inventory.Args{Domain: "example.com", Resolver: r, Given: given, Sightings: each(sightings)})
	if err != nil {
		t.Fatal(err)
	}
	return inv
}

func each(list []inventory.Sighting) func(func(inventory.Sighting) bool) {
	return func(yield func(inventory.Sighting) bool) {
		for _, s := range list {
			if !yield(s) {
				return
			}
		}
	}
}
