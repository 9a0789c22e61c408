package spf_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestShadows(t *testing.T) {
	for _, c := range []struct{ name, record, want string }{
		{"covered by a network before", "v=spf1 ip4:192.0.2.0/24 ip4:192.0.2.7 -all", "ip4:192.0.2.7 shadowed by [ip4:192.0.2.0/24]"},
		{"covered by a network behind", "v=spf1 ip4:192.0.2.7 ip4:192.0.2.0/24 -all", "ip4:192.0.2.7 redundant by [ip4:192.0.2.0/24]"},
		{"not by one of another result", "v=spf1 ip4:192.0.2.7 ~ip4:192.0.2.0/24 -all", ""},
		{"by two together", "v=spf1 ip4:192.0.2.0/25 ip4:192.0.2.128/25 ip4:192.0.2.0/24 -all",
			"ip4:192.0.2.0/25 redundant by [ip4:192.0.2.0/24]\nip4:192.0.2.128/25 redundant by [ip4:192.0.2.0/24]\nip4:192.0.2.0/24 shadowed by [ip4:192.0.2.0/25 ip4:192.0.2.128/25]"},
		{"an include by a network", "v=spf1 ip4:192.0.2.0/23 include:pass.test -all", "include:pass.test shadowed by [ip4:192.0.2.0/23]"},
		{"behind all", "v=spf1 a:h.test -all ip4:192.0.2.9 redirect=pass.test", "ip4:192.0.2.9 unreached by [-all]\nredirect=pass.test unreached by [-all]"},
		{"the neutral end needs no saying", "v=spf1 ip4:192.0.2.9 ?all", "?all redundant by []"},
		{"but not before a redirect", "v=spf1 ip4:192.0.2.9 ?all redirect=pass.test", "redirect=pass.test unreached by [?all]"},
		{"one that denies what is denied anyway", "v=spf1 -ip4:10.0.0.0/8 ip4:192.0.2.9 -all", "-ip4:10.0.0.0/8 redundant by [-all]"},
		{"both families count", "v=spf1 ip4:192.0.2.1 a:h.test -all", "ip4:192.0.2.1 redundant by [a:h.test]"},
		{"who matches nobody has no shadow", "v=spf1 a:none.test include:denies.test -all", ""},
		{"symbolic terms between leave it open", "v=spf1 ip4:192.0.2.7 ?exists:%{i}.x.test ip4:192.0.2.0/24 -all", ""},
		{"and before don't", "v=spf1 ?exists:%{i}.x.test ip4:192.0.2.7 ip4:192.0.2.0/24 -all", "ip4:192.0.2.7 redundant by [ip4:192.0.2.0/24]"},
		{"nothing is said where DNS does not answer", "v=spf1 a:down.test a:down.test -all", ""},
		{"nor behind an error that is to be mended", "v=spf1 ip4:192.0.2.1 include:none.test ip4:192.0.2.7 -all", ""},
		{"but before it", "v=spf1 ip4:192.0.2.0/24 ip4:192.0.2.7 include:none.test -all", "ip4:192.0.2.7 shadowed by [ip4:192.0.2.0/24]"},
		{"nor of a broken record", "v=spf1 ip4:192.0.2.300 -all", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, sh := range setOf(t, c.record).Shadows() {
				how := "redundant"
				switch {
				case !sh.Reached:
					how = "unreached"
				case sh.Shadowed:
					how = "shadowed"
				}
				got = append(got, fmt.Sprint(sh.Term, " ", how, " by ", sh.By))
			}
			if s := strings.Join(got, "\n"); s != c.want {
				t.Errorf("got\n%s\nwant\n%s", s, c.want)
			}
		})
	}
}
