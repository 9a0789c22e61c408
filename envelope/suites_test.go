package envelope

import (
	"encoding/hex"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"unspoof/internal/testdata"

	"go.yaml.in/yaml/v3"
)

// TestSuitesBATV checks the tags of the bounce scenarios with the key of their
// profile: each is valid when its notice comes, and a week later none is.
func TestSuitesBATV(t *testing.T) {
	dir := testdata.Dir(t, "bounces/scenarios")
	text, err := os.ReadFile(filepath.Join(dir, "profile.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var profile struct {
		BATV struct {
			ID     int    `yaml:"key_id"`
			Secret string `yaml:"secret_hex"`
			Days   int    `yaml:"validity_days"`
		} `yaml:"batv"`
	}
	if err := yaml.Unmarshal(text, &profile); err != nil {
		t.Fatal(err)
	}
	secret, err := hex.DecodeString(profile.BATV.Secret)
	if err != nil {
		t.Fatal(err)
	}
	b := BATV{Keys: []Key{{profile.BATV.ID, secret}}, Days: profile.BATV.Days}
	files, err := filepath.Glob(filepath.Join(dir, "eml", "*.eml"))
	if err != nil {
		t.Fatal(err)
	}
	tagged := regexp.MustCompile(`for <(prvs=\S+)>; (\w+, \d+ \w+ \d+ [\d:]+ \+0000)`)
	seen := 0
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		m := tagged.FindStringSubmatch(string(text))
		if m == nil {
			continue
		}
		seen++
		now, err := time.Parse(time.RFC1123Z, m[2])
		if err != nil {
			t.Fatal(err)
		}
		if got := b.Check(m[1], now); got.State != TagValid || strings.Contains(got.Address, "prvs") {
			t.Errorf("%s: %s: %+v", filepath.Base(name), m[1], got)
		}
		if got := b.Check(m[1], now.Add(9*day)); got.State != TagExpired {
			t.Errorf("%s, later: %+v", filepath.Base(name), got)
		}
		if got := b.Check(strings.Replace(m[1], "@", "x@", 1), now); got.State != TagWrong {
			t.Errorf("%s, for another mailbox: %+v", filepath.Base(name), got)
		}
	}
	if seen < 3 {
		t.Errorf("only %d tagged recipients found", seen)
	}
	for _, tag := range []string{"prvs=18832abb9c=anna@brand.example", "prvs=1887441c04=shop@brand.example", "prvs=18911e8f06=info@brand.example", "prvs=18777f2250=bernd@brand.example"} {
		// Whatever the day, the hash is right.
		if got := b.Check(tag, time.Unix(0, 0)); got.State != TagValid && got.State != TagExpired {
			t.Errorf("%s: %+v", tag, got)
		}
	}
}
