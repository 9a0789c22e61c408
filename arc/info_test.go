package arc

import (
	"strings"
	"testing"
)

func TestParseInfo(t *testing.T) {
	tests := []struct {
		name, value string
		instance    int
		payload     string
		ok          bool
	}{
		{"plain", ": i=1; a.example; none\r\n", 1, "a.example; none", true},
		{"folded", ":\r\n i=12;\r\n a.example;\r\n\tnone\r\n", 12, "a.example;\r\n\tnone", true},
		{"comments", ": (a (b) \\) ) i (c) = (d) 50 (e) ; x", 50, "x", true},
		{"leading zero", ": i=07; x", 7, "x", true},
		{"nothing behind it", ": i=1;", 1, "", true},
		{"capital I", ": I=1; x", 0, "", false},
		{"zero", ": i=0; x", 0, "", false},
		{"over fifty", ": i=51; x", 0, "", false},
		{"three digits", ": i=001; x", 0, "", false},
		{"many digits", ": i=" + strings.Repeat("1", 100) + "; x", 0, "", false},
		{"no semicolon", ": i=1 x", 0, "", false},
		{"not first", ": x; i=1", 0, "", false},
		{"no number", ": i=; x", 0, "", false},
		{"no equals sign", ": i 1; x", 0, "", false},
		{"an open comment", ": (i=1; x", 0, "", false},
		{"empty", ":", 0, "", false},
		{"no colon", "", 0, "", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			n, payload, ok := parseInfo([]byte(test.value))
			if n != test.instance || payload != test.payload || ok != test.ok {
				t.Errorf("%d, %q, %t", n, payload, ok)
			}
		})
	}
}
