package spf_test

import (
	"context"
	"errors"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"unspoof/dns"
	"unspoof/internal/testdata"
	"unspoof/spf"
)

// scenario is one document of a file in the openspf form.
type scenario struct {
	Description string                 `yaml:"description"`
	Tests       map[string]suiteCase   `yaml:"tests"`
	Zone        map[string][]yaml.Node `yaml:"zonedata"`
}

type suiteCase struct {
	HELO        string    `yaml:"helo"`
	Host        string    `yaml:"host"`
	MailFrom    string    `yaml:"mailfrom"`
	Result      yaml.Node `yaml:"result"`
	Explanation *string   `yaml:"explanation"`
}

// TestSuites runs every case of every YAML file in the folder of suites.
func TestSuites(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(testdata.Dir(t, "spf"), "*.yml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no suite (%v)", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			var cases, right, explained int
			for _, s := range readScenarios(t, file) {
				z := suiteZone(t, s.Zone)
				for name, c := range s.Tests {
					cases++
					if c.Explanation != nil {
						explained++
					}
					if t.Run(s.Description+"/"+name, func(t *testing.T) { c.run(t, z) }) {
						right++
					}
				}
			}
			t.Logf("%d of %d cases right, %d of them with an explanation", right, cases, explained)
		})
	}
}

func readScenarios(t *testing.T, file string) (all []scenario) {
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for d := yaml.NewDecoder(f); ; {
		var s scenario
		if err := d.Decode(&s); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
}

func (c suiteCase) run(t *testing.T, z zone) {
	want := []string{c.Result.Value}
	if c.Result.Kind == yaml.SequenceNode {
		want = nil
		for _, n := range c.Result.Content {
			want = append(want, n.Value)
		}
	}
	args := spf.Args{IP: netip.MustParseAddr(c.Host), HELO: c.HELO, MailFrom: c.MailFrom, Receiver: "mx.example.org"}
	cache := spf.NewCache(0)
	for _, checker := range []spf.Checker{
		{Resolver: z},
		{Resolver: z, Trace: true},
		{Resolver: z, Cache: cache},
		{Resolver: z, Cache: cache, Trace: true},
	} {
		got := checker.Check(context.Background(), args)
		if !slices.Contains(want, string(got.Result)) {
			t.Errorf("result %s (%s), want %s", got.Result, got.Cause, want)
		}
		if got.Result == spf.Fail && c.Explanation != nil {
			explanation := *c.Explanation
			if explanation == "DEFAULT" {
				explanation = ""
			}
			if !strings.EqualFold(got.Explanation, explanation) {
				t.Errorf("explanation %q, want %q", got.Explanation, explanation)
			}
		}
		if t.Failed() {
			for _, s := range got.Trace {
				t.Logf("%+v", s)
			}
		}
	}
}

// suiteZone turns the zonedata of a scenario to DNS; SOURCE.md beside the suite
// explains its form.
func suiteZone(t *testing.T, data map[string][]yaml.Node) zone {
	z := zone{}
	for name, entries := range data {
		n := z.at(name)
		var old []dns.Record // of the type SPF
		hasTXT := false
		for _, entry := range entries {
			if entry.Kind == yaml.ScalarNode {
				n.rest = suiteFault(t, entry.Value)
				continue
			}
			typ, value := entry.Content[0].Value, entry.Content[1]
			hasTXT = hasTXT || typ == "TXT"
			if typ == "SPF" {
				old = append(old, dns.Record{Type: dns.TypeTXT, Text: suiteText(value)})
				continue
			}
			suiteRecord(t, n, name, typ, value)
		}
		if !hasTXT {
			for _, r := range old {
				n.add(name, r)
			}
		}
	}
	return z
}

func suiteFault(t *testing.T, word string) dns.FaultKind {
	switch word {
	case "TIMEOUT":
		return dns.FaultTimeout
	case "SERVFAIL":
		return dns.FaultServFail
	}
	t.Fatalf("unknown zone entry %q", word)
	return ""
}

func suiteRecord(t *testing.T, n *node, name, typ string, value *yaml.Node) {
	if typ == "CNAME" {
		n.alias = key(value.Value)
		return
	}
	rt, ok := dns.ParseType(typ)
	if !ok {
		t.Fatalf("%s: unknown type %q", name, typ)
	}
	if value.Kind == yaml.ScalarNode && (value.Value == "TIMEOUT" || value.Value == "SERVFAIL") {
		n.fault[rt] = suiteFault(t, value.Value)
		return
	}
	switch rt {
	case dns.TypeTXT:
		if value.Value != "NONE" {
			n.add(name, dns.Record{Type: rt, Text: suiteText(value)})
		}
	case dns.TypeMX:
		n.add(name, mx(value.Content[0].Value+" "+value.Content[1].Value))
	case dns.TypeA, dns.TypeAAAA:
		n.add(name, dns.Record{Type: rt, Addr: netip.MustParseAddr(value.Value)})
	default:
		n.add(name, dns.Record{Type: rt, Host: key(value.Value)})
	}
}

func suiteText(value *yaml.Node) (strs []string) {
	if value.Kind == yaml.ScalarNode {
		return []string{value.Value}
	}
	for _, s := range value.Content {
		strs = append(strs, s.Value)
	}
	return strs
}
