package lint

import (
	"context"
	"strings"
	"testing"

	"unspoof/dkim"
	"unspoof/dmarc"
	"unspoof/finding"
	"unspoof/spf"
)

// fuzz holds what holds for every text: the report is whole, the mended record can
// be read, and linted again it is not mended again and has only what was left.
func fuzz(f *testing.F, kind Kind, reads func(string) bool) {
	for _, list := range []string{"_bad", "_good"} {
		for _, e := range table(f, string(kind)+list) {
			f.Add(joined(e.args().Strings[0]), len(e.Strings))
		}
	}
	lint := linters[kind]
	f.Fuzz(func(t *testing.T, text string, cut int) {
		if len(text) > 4000 {
			t.Skip()
		}
		a := Args{Domain: "example.com", Selector: "sel", Strings: Text(text), Time: now}
		if cut > 0 && cut < len(text) {
			a.Strings = [][]string{{text[:cut], text[cut:]}}
		}
		r := lint(context.Background(), a)
		whole(t, r)
		if r.Mended == "" {
			return
		}
		if !reads(r.Mended) {
			t.Fatalf("%q is mended to %q, which cannot be read", text, r.Mended)
		}
		left := map[string]bool{}
		for _, x := range r.Findings {
			if x.Mended == "" {
				left[x.ID] = true
			}
		}
		a.Strings = Text(r.Mended)
		again := lint(context.Background(), a)
		for _, x := range again.Findings {
			// What the record says is judged once it can be read.
			if x.Mended != "" || !left[x.ID] && x.Severity.AtLeast(finding.Serious) && x.ID != "DMARC-003" {
				t.Fatalf("%q is mended to %q, which has %s: %s (%q)", text, r.Mended, x.ID, x.What, x.Mended)
			}
		}
	})
}

func FuzzSPF(f *testing.F) {
	fuzz(f, KindSPF, func(s string) bool { _, err := spf.Parse(s); return err == nil })
}

func FuzzDMARC(f *testing.F) {
	fuzz(f, KindDMARC, func(s string) bool { _, err := dmarc.Parse(s); return err == nil })
}

func FuzzDKIM(f *testing.F) {
	fuzz(f, KindDKIM, func(s string) bool {
		k, err := dkim.ParseKey(s)
		return err == nil || k.Revoked && !strings.Contains(s, "PRIVATE")
	})
}
