package plan

import (
	"fmt"
	"strings"
	"testing"
)

func TestForms(t *testing.T) {
	r, err := TXT("example.com", "v=spf1 mx ~all")
	if err != nil {
		t.Fatal(err)
	}
	want := Forms{
		Panel:  "v=spf1 mx ~all",
		Quoted: `"v=spf1 mx ~all"`,
		Zone:   `example.com. 3600 IN TXT "v=spf1 mx ~all"`,
	}
	if r.Forms != want || r.Type != "TXT" {
		t.Errorf("got %+v, want %+v", r, want)
	}
	if r, _ := TXT("_dmarc.example.com", `v=DMARC1; x="a\b"`); r.Forms.Quoted != `"v=DMARC1; x=\"a\\b\""` {
		t.Errorf("escapes: %s", r.Forms.Quoted)
	}
}

func TestSplit(t *testing.T) {
	words := strings.TrimSpace(strings.Repeat("ip4:192.0.2.1 ", 40))
	for _, tc := range []struct {
		rule, value string
		pieces      int
	}{
		{"empty", "", 1},
		{"just fits", strings.Repeat("a", 255), 1},
		{"one more", strings.Repeat("a", 256), 2},
		{"words", words, 3},
		{"a space where the cut would be", strings.Repeat("a", 254) + " b" + strings.Repeat("c", 300), 3},
		{"nothing but spaces", strings.Repeat(" ", 300), 300},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			got := split(tc.value)
			if strings.Join(got, "") != tc.value {
				t.Fatal("the pieces are not the value")
			}
			for i, p := range got {
				if len(p) > maxString {
					t.Errorf("piece of %d octets", len(p))
				}
				if strings.TrimSpace(tc.value) != "" && (i > 0 && strings.HasPrefix(p, " ") || i < len(got)-1 && strings.HasSuffix(p, " ")) {
					t.Errorf("piece %q loses a space when trimmed", p)
				}
			}
			if strings.TrimSpace(tc.value) != "" && len(got) != tc.pieces {
				t.Errorf("%d pieces, want %d", len(got), tc.pieces)
			}
		})
	}
}

func TestTXTRefuses(t *testing.T) {
	for _, tc := range []struct{ rule, value, want string }{
		{"what fits no UDP answer", strings.Repeat("a", 1200), "does not fit"},
		{"control characters", "v=spf1\n-all", "octet 0x0a at 6"},
		{"octets outside ASCII", "v=spf1 é", "printable ASCII"},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			if _, err := TXT("example.com", tc.value); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

func TestLongRecord(t *testing.T) {
	networks := func(n int) (list []string) {
		for i := range n {
			list = append(list, fmt.Sprintf("2001:db8:%x::/48", 2*i))
		}
		return list
	}
	p, err := BuildSPF(t.Context(), SPFRequest{Domain: "example.com", Addresses: networks(25)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(p.Record.Value); n < 2*maxString || !strings.Contains(strings.Join(p.Warnings, "\n"), "its answer 570. Above 512") {
		t.Errorf("%d octets, warnings %q", n, p.Warnings)
	}
	if strings.Count(p.Record.Forms.Quoted, `" "`) != 2 {
		t.Errorf("not in three strings: %s", p.Record.Forms.Quoted)
	}
	if _, err := BuildSPF(t.Context(), SPFRequest{Domain: "example.com", Addresses: networks(100)}, nil); err == nil {
		t.Error("a record that fits no answer is made")
	}
	zone := "full.example. MX 10 mail.full.example.\nmail.full.example. A 192.0.2.25\n"
	for range 5 {
		zone += fmt.Sprintf("full.example. TXT \"verification=%s\"\n", strings.Repeat("x", 62))
	}
	p, err = BuildSPF(t.Context(), SPFRequest{Domain: "full.example", MX: true}, resolver(t, zone))
	if text := strings.Join(p.Warnings, "\n"); err != nil || strings.Contains(text, "Above 512") {
		t.Errorf("an answer that fits: %v, %s", err, text)
	}
	p, err = BuildSPF(t.Context(), SPFRequest{Domain: "full.example", MX: true, Addresses: []string{"203.0.113.1", "203.0.113.3"}}, resolver(t, zone))
	if text := strings.Join(p.Warnings, "\n"); err != nil || !strings.Contains(text, "With the 5 other TXT records of full.example, the answer will have 5") {
		t.Errorf("one that does not, with the others: %v, %s", err, text)
	}
}
