package lint

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// TestHostileRecords holds that the longest records there can be cost little work
// and few questions.
func TestHostileRecords(t *testing.T) {
	long := func(term string) string {
		return "v=spf1 " + strings.Repeat(term+" ", 64000/(len(term)+1)) + "-all"
	}
	numbered := "v=spf1"
	for i := range 2500 {
		numbered += fmt.Sprintf(" include:n%d.example.net", i)
	}
	for name, text := range map[string]string{
		"private networks": long("ip4:10.0.0.1"), "nothing behind colons": long("ip4:"), "commas": "v=spf1 " + strings.Repeat("a,", 30000),
		"signs": long("-"), "includes": numbered, "misspelt names": long("include:_spf.gogle.com"), "quotes": "v=spf1 " + strings.Repeat(`" "`, 20000),
		"unseen within": "v=spf1 a" + strings.Repeat("\u200b", 20000) + "b", "unseen between": "v=spf1 " + strings.Repeat("a\u200b", 16000),
		"quoted values": "v=spf1 " + strings.Repeat(`:"`, 30000), "escapes": "v=spf1 " + strings.Repeat(`\032`, 16000), "semicolons": "v=DMARC1" + strings.Repeat(";", 60000),
		"networks in networks": long("ip4:198.51.100.1") + " ip4:198.51.100.0/24", "tags": "v=DMARC1; " + strings.Repeat("p=none;", 9000), "addresses": "v=DMARC1; p=none; rua=" + strings.Repeat("a@b.example ", 5000),
		"lost semicolons": "v=DMARC1; " + strings.Repeat("p=none ", 9000), "characters": "v=spf1 " + strings.Repeat("\u200b", 20000),
		"key tags": strings.Repeat("k=rsa;", 10000), "armour": strings.Repeat("-----BEGIN A-----", 3500), "zeros": "v=DKIM1; p=" + strings.Repeat("A", 60000),
	} {
		for kind, lint := range linters {
			w := zone(t, "")
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			r := lint(t.Context(), Args{Domain: "example.com", Selector: "s", Strings: Text(text), Resolver: w})
			runtime.ReadMemStats(&after)
			if used := after.TotalAlloc - before.TotalAlloc; used > maxUsed {
				t.Errorf("%s, %s: %d octets of memory", kind, name, used)
			}
			if len(r.Findings) > maxFindings || w.asked > 400 {
				t.Errorf("%s, %s: %d findings, %d questions", kind, name, len(r.Findings), w.asked)
			}
			whole(t, r)
		}
	}
}
