package inventory

import (
	"fmt"
	"strings"
	"testing"
)

// What Build makes of the longest records, Parse takes.
func TestLongRecordsAreTaken(t *testing.T) {
	long := strings.Repeat("%{i}", 3000)
	for _, record := range []string{
		"v=spf1 exists:" + long + ".example.com -all", "v=spf1 ?include:" + long + ".example.com ~all", "v=spf1 a:" + long + ".x -all", "v=spf1 " + long + " -all",
		"v=spf1 " + strings.Repeat("-ip4:192.0.2.7 ", 3000) + "?all",
	} {
		var text strings.Builder
		for s := record; s != ""; {
			n := min(len(s), 250)
			fmt.Fprintf(&text, " %q", s[:n])
			s = s[n:]
		}
		inv := build(t, "example.com. TXT"+text.String()+"\n", Given{})
		if _, err := Parse([]byte(asJSON(t, inv))); err != nil {
			t.Errorf("%.60s: %v", record, err)
		}
	}
}
