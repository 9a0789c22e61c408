package whatif

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"

	"unspoof/inventory"
)

// some makes sightings of all kinds, known and unknown in all their parts.
func some(r *rand.Rand, n int) []inventory.Sighting {
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	var list []inventory.Sighting
	for range n {
		s := inventory.Sighting{
			Source: []inventory.Source{inventory.FromMailbox, inventory.FromLog, inventory.FromBounce}[r.IntN(3)],
			Count:  1 + r.IntN(5), Trusted: r.IntN(2) == 0, Genuine: r.IntN(3) == 0,
			HELO: pick("", "mail.example.com", "x.example"), From: pick("example.com", "sub.example.com", "other.example", ""),
			MailFrom: pick("", "example.com", "x.example", "nothing.example.com"), SPF: pick("", "pass", "fail"), Host: pick("", "mail"),
		}
		if r.IntN(3) > 0 {
			s.Address = netip.MustParseAddr(pick("192.0.2.10", "198.51.100.3", "203.0.113.80", "2001:db8::1"))
		}
		for range r.IntN(3) {
			if s.Source == inventory.FromLog {
				break // no log tells of signatures
			}
			s.DKIM = append(s.DKIM, inventory.Signature{Domain: pick("example.com", "x.example", "bad..name"), Selector: pick("k1", "gone", ""), Result: pick("pass", "fail", "")})
		}
		list = append(list, s)
	}
	return list
}

// Records that say what is there already change nothing, whatever the mail.
func TestTheSameRecordsChangeNothing(t *testing.T) {
	today := view(t, zone)
	for seed := range uint64(200) {
		mail := some(rand.New(rand.NewPCG(seed, 1)), 20)
		inv := listed(t, today, mail, inventory.Given{})
		for name, given := range map[string]string{"none": "", "the same": "example.com. TXT \"v=spf1 ip4:192.0.2.10 include:_spf.letters.example -all\"\n_dmarc.example.com. TXT \"v=DMARC1; p=none; rua=mailto:d@example.com\"\nk1._domainkey.example.com. TXT \"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"\n"} {
			rep, err := Replay(t.Context(), Args{Domain: "example.com", Resolver: today, Records: records(t, given), Inventory: inv, Sightings: each(mail)})
			if err != nil {
				t.Fatal(err)
			}
			s := rep.Sum
			if s.Lost+s.AtRisk+s.Saved+s.Stopped+s.LetIn != 0 || rep.SPF != nil {
				t.Fatalf("seed %d, %s: %+v", seed, name, rep)
			}
		}
	}
}

// Every message is counted once on each side, at each receiver, collected or not.
func TestEveryMessageIsCounted(t *testing.T) {
	today := view(t, zone)
	for seed := range uint64(100) {
		mail := some(rand.New(rand.NewPCG(seed, 2)), 30)
		var c Collector
		for _, s := range mail {
			c.Add(s)
		}
		inv := listed(t, today, mail, inventory.Given{})
		planned := records(t, "example.com. TXT \"v=spf1 ip4:198.51.100.0/28 ~all\"\n_dmarc.example.com. TXT \"v=DMARC1; p=reject; aspf=s\"\nk1._domainkey.example.com. TXT \"v=DKIM1; p=\"\n")
		var reports []string
		for _, sightings := range []func(func(inventory.Sighting) bool){each(mail), c.All()} {
			rep, err := Replay(t.Context(), Args{Domain: "example.com", Resolver: today, Records: planned, Inventory: inv, Sightings: sightings})
			if err != nil {
				t.Fatal(err)
			}
			total := 0
			for _, s := range append(rep.Own, rep.Unproven...) {
				total += s.Count
				for _, ch := range s.Receivers {
					if sumOf(ch.Before) != s.Count || sumOf(ch.After) != s.Count || ch.Worse+ch.Better+ch.Open > s.Count {
						t.Fatalf("seed %d: %+v", seed, s)
					}
				}
			}
			if total != rep.Sum.Own+rep.Sum.Unproven {
				t.Fatalf("seed %d: %d of %+v", seed, total, rep.Sum)
			}
			for _, list := range [][]Sender{rep.Own, rep.Unproven} {
				for i := range list {
					list[i].Why = "" // of equal numbers either reason may be told
				}
			}
			reports = append(reports, fmt.Sprintf("%+v %+v %+v", rep.Sum, rep.Own, rep.Unproven))
		}
		if reports[0] != reports[1] {
			t.Fatalf("seed %d: collected, the report is another:\n%s\n%s", seed, reports[0], reports[1])
		}
	}
}

func sumOf(m map[Fate]int) (n int) {
	for _, v := range m {
		n += v
	}
	return n
}

func BenchmarkReplay(b *testing.B) {
	today := view(b, zone)
	ways := some(rand.New(rand.NewPCG(1, 3)), 200)
	var mail []inventory.Sighting
	for range 500 { // a log of 100,000 messages
		mail = append(mail, ways...)
	}
	inv := listed(b, today, mail, inventory.Given{})
	planned := records(b, "example.com. TXT \"v=spf1 ip4:198.51.100.0/28 ~all\"\n_dmarc.example.com. TXT \"v=DMARC1; p=reject\"\n")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Replay(b.Context(), Args{Domain: "example.com", Resolver: today, Records: planned, Inventory: inv, Sightings: each(mail)}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(mail)*b.N)/b.Elapsed().Seconds(), "sightings/s")
}
