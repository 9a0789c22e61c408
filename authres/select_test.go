package authres

import (
	"fmt"
	"strings"
	"testing"

	"unspoof/message"
)

func header(t testing.TB, lines ...string) message.Header {
	t.Helper()
	h, _, _ := message.ReadHeader([]byte(strings.Join(lines, "\r\n") + "\r\n\r\n"))
	if len(h.Fields) == 0 {
		t.Fatal("no fields")
	}
	return h
}

func TestSelect(t *testing.T) {
	const (
		own    = "Authentication-Results: mx.example.com; dmarc=fail"
		forged = "Authentication-Results: mx.example.com; dmarc=pass"
		border = "Received: from a by mx.example.com; Mon, 1 Jun 2026 00:00:00 +0000"
		other  = "Authentication-Results: mx.example.net; dmarc=pass"
	)
	for _, tc := range []struct {
		rule     string
		fields   []string
		boundary int
		want     string // indexes: trusted, others, strip
	}{
		{"as it came in, a claim is forged", []string{forged, other}, 0, "[] [1] [0]"},
		{"behind a server that strips", []string{own, border, other}, 3, "[0] [2] []"},
		{"ours above the border, forged below", []string{own, border, forged}, 2, "[0] [] [2]"},
		{"another's above the border is hearsay still", []string{other, border}, 2, "[] [0] []"},
		{"in any case", []string{"AUTHENTICATION-RESULTS: MX.Example.COM; dmarc=pass"}, 0, "[] [] [0]"},
		{"a blank before the colon", []string{"Authentication-Results : mx.example.com; dmarc=pass"}, 0, "[] [] [0]"},
		{"a final dot", []string{"Authentication-Results: mx.example.com.; dmarc=pass"}, 0, "[] [] [0]"},
		{"in quotes", []string{`Authentication-Results: "mx.example\.com"; dmarc=pass`}, 0, "[] [] [0]"},
		{"behind a comment", []string{"Authentication-Results: (mx.example.net) mx.example.com; dmarc=pass"}, 0, "[] [] [0]"},
		{"with a version", []string{"Authentication-Results: mx.example.com 1; dmarc=pass"}, 0, "[] [] [0]"},
		{"folded", []string{"Authentication-Results:\r\n mx.example.com;\r\n dmarc=pass"}, 0, "[] [] [0]"},
		{"dots of another script", []string{"Authentication-Results: mx。example。com; dmarc=pass"}, 0, "[] [] [0]"},
		{"U-labels", []string{"Authentication-Results: bücher.example; dmarc=pass"}, 0, "[] [] [0]"},
		{"A-labels", []string{"Authentication-Results: xn--bcher-kva.example; dmarc=pass"}, 0, "[] [] [0]"},
		{"our name in a comment only", []string{"Authentication-Results: mx.example.net (mx.example.com); dmarc=pass"}, 0, "[] [0] []"},
		{"our name as part of another", []string{"Authentication-Results: mx.example.com.evil.example; dmarc=pass"}, 1, "[] [0] []"},
		{"a name above ours", []string{"Authentication-Results: example.com; dmarc=pass"}, 1, "[] [0] []"},
		{"what cannot be read goes", []string{"Authentication-Results: dmarc=pass", "Authentication-Results: mx.example.com; dmarc=pass (", "Authentication-Results: "}, 0, "[] [] [0 1 2]"},
		{"what cannot be read is never trusted", []string{"Authentication-Results: mx.example.com; dmarc=pass ("}, 1, "[] [] []"},
		{"a version that we do not know", []string{"Authentication-Results: mx.example.com 2; dmarc=pass"}, 1, "[] [0] []"},
		{"too long a field", []string{"Authentication-Results: mx.example.com; dmarc=pass; " + strings.Repeat("x", maxValue)}, 1, "[] [] []"},
		{"other fields do not count", []string{"ARC-Authentication-Results: i=1; mx.example.com; dmarc=pass", "X-Authentication-Results: mx.example.com; dmarc=pass"}, 0, "[] [] []"},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			sel := Select(SelectArgs{Header: header(t, tc.fields...), IDs: []string{"mx.example.com", "bücher.example", ""}, Boundary: tc.boundary})
			index := func(list []Found) (out []int) {
				for _, f := range list {
					out = append(out, f.Index)
				}
				return out
			}
			if got := fmt.Sprint(index(sel.Trusted), index(sel.Others), sel.Strip); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

func TestSelectTrustsNobodyWithoutNames(t *testing.T) {
	sel := Select(SelectArgs{Header: header(t, "Authentication-Results: .; dmarc=pass"), IDs: []string{"", "."}, Boundary: 9})
	if len(sel.Trusted) != 0 || len(sel.Others) != 1 {
		t.Errorf("got %+v", sel)
	}
}

func TestHostileFieldsCostLittle(t *testing.T) {
	unit := []string{"(", "()", `"`, `\`, "a=b;", " a.b=c", `"" `, "a/1=b;", "(\\)"}
	for _, u := range unit {
		for _, prefix := range []string{"", "a;", "a;b=c d=", "a; b=c ("} {
			value := prefix + strings.Repeat(u, (maxValue-20)/len(u))
			allocs := testing.AllocsPerRun(1, func() {
				_, _ = Parse(value)
				_, _ = ParseReceivedSPF(value)
			})
			// Growing buffers and at most maxResults of anything, not one for each unit.
			if allocs > 5*maxResults {
				t.Errorf("%q repeated after %q: %.0f allocations", u, prefix, allocs)
			}
		}
	}
}
