package forensics

import (
	"strings"
	"testing"
)

// FuzzGuardLearn holds that no record grants a whole top-level domain, or more
// names than the bound.
func FuzzGuardLearn(f *testing.F) {
	f.Add("v=spf1 include:_spf.a.example a:%{d}.b.example mx:c.example/24 -all")
	f.Add("v=spf1 exists:%{i}.example redirect=")
	f.Fuzz(func(t *testing.T, record string) {
		g := newGuard(nil, nil)
		g.learnSPF(record)
		if len(g.names) > maxGranted || len(g.trees) > maxGranted {
			t.Errorf("%d names, %d trees", len(g.names), len(g.trees))
		}
		for _, tree := range g.trees {
			if !strings.Contains(strings.Trim(tree, "."), ".") {
				t.Errorf("all below %q was granted", tree)
			}
		}
	})
}
