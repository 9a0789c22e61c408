package dns

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSystemServers(t *testing.T) {
	tests := []struct {
		name, text string
		want       []string // nil: an error
	}{
		{"lines of other kinds are passed over", "# x\n; y\nsearch example.com\nnameserver 192.0.2.1\n\nnameserver\t2001:db8::1 # z\noptions edns0\n", []string{"192.0.2.1:53", "[2001:db8::1]:53"}},
		{"link-local with zone", "nameserver fe80::1%eth0\n", []string{"[fe80::1%eth0]:53"}},
		{"none: this machine", "search example.com\n", []string{"127.0.0.1:53"}},
		{"no final line end", "nameserver 192.0.2.1", []string{"192.0.2.1:53"}},
		{"bounded", strings.Repeat("nameserver 192.0.2.1\n", 100), []string{"192.0.2.1:53", "192.0.2.1:53", "192.0.2.1:53", "192.0.2.1:53", "192.0.2.1:53", "192.0.2.1:53", "192.0.2.1:53", "192.0.2.1:53"}},
		{"not an address", "nameserver ns.example.com\n", nil},
		{"no text at all", strings.Repeat("x", 1<<17), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "resolv.conf")
			if err := os.WriteFile(path, []byte(tt.text), 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := SystemServers(path)
			if !cmp.Equal(got, tt.want) || (err != nil) != (tt.want == nil) {
				t.Errorf("%v, %v; want %v", got, err, tt.want)
			}
		})
	}
	if _, err := SystemServers(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a missing file was read")
	}
}
