package profile_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"unspoof/forensics"
	"unspoof/internal/profile"
	"unspoof/internal/testdata"
)

const whole = `
domains: [Firm.example., second.example]
mailboxes: [Ada, ben]
aliases: {Sales: ben@post.example}
catch_all: ben
own_hosts:
  - {name: mx.firm.example, ip: 198.51.100.5, role: inbound}
  - {name: out6.firm.example, ip: "2001:db8::10"}
own_ranges: [198.51.100.9/28, "2001:db8:1::/48"]
inbound_names: [hoster.example]
esps:
  - {name: letters.example, ranges: [192.0.2.7], selector: News1, accounts: [a-1]}
known_client_networks: 198.51.100.128/25
profile_complete: true
message_id_domains: [firm.example]
signs_everything_since: 2025-02-01T00:00:00Z
spf_history:
  - {from: 2025-02-10T00:00:00Z, record: "v=spf1 -all"}
  - {from: 2024-01-01T00:00:00Z, record: null}
dkim_keys:
  - {selector: k1, from: 2024-01-01T00:00:00Z, removed_from_dns: 2025-01-01T00:00:00Z, record: "v=DKIM1; p=AAAA"}
batv: {active_since: 2025-02-01T00:00:00Z, key_id: 1, secret_hex: 00ff10, form: "prvs=KDDDSSSSSS=local@domain", validity_days: 7, exempt_senders: [news]}
seal_keys: [{key_id: 3, secret_hex: 000102030405060708090a0b0c0d0eff}]
events:
  - {time: 2025-02-10T00:00:00+01:00, type: password-changed, account: ada}
outbound_log:
  covers: {from: 2025-02-01T00:00:00Z, to: 2025-04-01T00:00:00Z, paths: [own, letters.example]}
  entries:
    - {message_id: "<m1@firm.example>", time: 2025-03-03T09:00:00Z, user: ada, client_ip: "", recipients: [kim@shop.example]}
inbound_log:
  - {queue_id: Q1, time: 2025-03-07T12:00:00Z, client: relay.example, client_ip: 203.0.113.7, from: a@b.example, to: sales@firm.example, result: forwarded}
dns: {TXT: {firm.example: anything}}
`

func TestParse(t *testing.T) {
	p, warnings, err := profile.Parse([]byte(whole))
	if err != nil || len(warnings) > 0 {
		t.Fatal(err, warnings)
	}
	for _, c := range []struct{ what, got, want string }{
		{"domains", fmt.Sprint(p.Domains), "[firm.example second.example]"},
		{"mailboxes", fmt.Sprint(p.Mailboxes), "[ada ben]"},
		{"aliases", fmt.Sprint(p.Aliases), "map[sales:ben@post.example]"},
		{"hosts", fmt.Sprint(p.OwnHosts), "[{mx.firm.example 198.51.100.5 inbound} {out6.firm.example 2001:db8::10 }]"},
		{"ranges", fmt.Sprint(p.OwnRanges), "[198.51.100.0/28 2001:db8:1::/48]"},
		{"services", fmt.Sprint(p.Services), "[{letters.example [192.0.2.7/32] news1 [a-1]}]"},
		{"clients, one value for a list", fmt.Sprint(p.KnownClients), "[198.51.100.128/25]"},
		{"first record of the history, sorted", p.SPFHistory[0].Record + p.SPFHistory[0].From.Format("2006"), "2024"},
		{"key removed", p.DKIMKeys[0].Removed.Format(time.DateOnly), "2025-01-01"},
		{"secret", fmt.Sprintf("%v %s %x %d %q %#v", p.BATV.Secret, p.BATV.Secret, p.BATV.Secret, p.BATV.Secret, p.BATV.Secret, p.BATV.Secret), strings.TrimSpace(strings.Repeat("(secret) ", 6))},
		{"secret's length", fmt.Sprint(len(p.BATV.Secret)), "3"},
		{"seal key", fmt.Sprintf("%d %d %v %x", p.SealKeys[0].ID, len(p.SealKeys[0].Secret), p.SealKeys[0], p.SealKeys[0].Secret), "3 16 {3 (secret)} (secret)"},
		{"event", fmt.Sprintln(p.Events[0].Time.UTC().Hour(), p.Events[0].Type, p.Events[0].Account), "23 password-changed ada\n"},
		{"log", fmt.Sprint(p.Log.Paths, len(p.Log.Entries), p.Log.Entries[0].ClientIP.IsValid()), "[own letters.example] 1 false"},
		{"inbound", fmt.Sprintln(p.Inbound[0].QueueID, p.Inbound[0].ClientIP, p.Inbound[0].Result), "Q1 203.0.113.7 forwarded\n"},
		{"complete", fmt.Sprint(p.Complete), "true"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %s, want %s", c.what, c.got, c.want)
		}
	}
}

// TestSecretIsNeverWritten: neither form in which a profile could be stored or
// shown holds the secret.
func TestSecretIsNeverWritten(t *testing.T) {
	text := strings.Replace(whole, "00ff10", "6869646465", 1) // "hidde"
	p, _, err := profile.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	asJSON, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	asYAML, err := yaml.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, out := range []string{string(asJSON), string(asYAML), fmt.Sprintf("%+v %#v %v", p.BATV, p.BATV, *p.BATV)} {
		for _, leak := range []string{"hidde", "6869646465", "aGlkZGU", "104 105"} {
			if strings.Contains(out, leak) {
				t.Errorf("the secret is written as %q", leak)
			}
		}
	}
	var back forensics.Profile
	if err := json.Unmarshal(asJSON, &back); err != nil || len(back.BATV.Secret) != 0 {
		t.Errorf("read back: %v, secret %q", err, back.BATV.Secret)
	}
}

func TestParseErrors(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "the file is empty"},
		{"only a comment", "# nothing", "the file is empty"},
		{"not a mapping", "- a\n- b", "line 1: the profile must be a list of \"key: value\""},
		{"no domain", "mailboxes: [a]", "neither \"domains\" nor \"address\""},
		{"unknown key, with the one meant", "domains: [a.example]\nmailboxs: [x]", `line 2: the profile: unknown key "mailboxs"; did you mean "mailboxes"?`},
		{"unknown key like none", "zzzzzzzzzzzz: 1", `known are ["address"`},
		{"unknown key within", "domains: [a.example]\nown_hosts:\n  - {nam: x}", `line 3: own_hosts: unknown key "nam"; did you mean "name"? (key "own_hosts")`},
		{"a key twice", "domains: [a.example]\ndomains: [b.example]", `line 2: the profile: "domains" stands here a second time`},
		{"a value where a key should be", "domains: [a.example]\nbatv: {6869646465: secret_hex}", "line 2: batv: unknown key (key"},
		{"bad address", "domains: [a.example]\nown_hosts:\n  - name: x.example\n    ip: 300.1.1.1", "line 4: not an IP address"},
		{"bad network", "domains: [a.example]\nown_ranges: [10.0.0.0/40]", "line 2: not a network"},
		{"a date is no time", "domains: [a.example]\nsigns_everything_since: 2024-05-20", "line 2: not a time; write it like 2024-05-20T13:00:00Z"},
		{"bad truth value", "domains: [a.example]\nprofile_complete: perhaps", "line 2: must be true or false"},
		{"seal key without a secret", "domains: [a.example]\nseal_keys: [{key_id: 3}]", "line 2: \"secret_hex\" must be given"},
		{"seal key too short", "domains: [a.example]\nseal_keys: [{key_id: 3, secret_hex: 0011}]", "line 2: \"secret_hex\" must be given and have 32"},
		{"seal key's number", "domains: [a.example]\nseal_keys: [{key_id: 1000, secret_hex: 00}]", "line 2: \"key_id\" must be 0 to 999"},
		{"bad event", "domains: [a.example]\nevents: [{time: 2024-05-20T00:00:00Z, type: slept}]", "unknown event"},
		{"bad role", "domains: [a.example]\nown_hosts: [{name: a.example, role: boss}]", "must be inbound, outbound or web"},
		{"bad domain", "domains: [ada@a.example]", "not a name"},
		{"a secret that is none", "domains: [a.example]\nbatv: {secret_hex: hunter2}", "must be hexadecimal digits"},
		{"a log without its period", "domains: [a.example]\noutbound_log: {entries: []}", `"covers" must have`},
		{"two documents", "domains: [a.example]\n---\ndomains: [b.example]", "line 2: a second document"},
		{"an alias", "domains: [a.example]\nmailboxes: &m [a]\naliases: *m", "must be a list of"},
		{"an alias as a value", "domains: [a.example]\ncatch_all: &m a\naddress: *m", "aliases (*name) are not supported"},
		{"damaged", "domains: [a.example\nx: : y", "not YAML"},
		{"an address without a domain", "address: ada", "must be a whole address"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := profile.Parse([]byte(c.text))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("error %v, want %q", err, c.want)
			}
			for _, value := range []string{"6869646465", "hunter2", "300.1.1.1", "perhaps"} {
				if strings.Contains(err.Error(), value) {
					t.Errorf("a value is repeated: %v", err)
				}
			}
		})
	}
}

func TestWarnings(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"log without paths", "domains: [a.example]\noutbound_log: {covers: {from: 2024-05-20T00:00:00Z, to: 2024-06-20T00:00:00Z}}", "covers no paths"},
		{"log of an unknown path", "domains: [a.example]\noutbound_log: {covers: {from: 2024-05-20T00:00:00Z, to: 2024-06-20T00:00:00Z, paths: [own, x]}}", "neither \"own\" nor"},
		{"another form of tag", "domains: [a.example]\nbatv: {secret_hex: aa, form: \"btv1=x\"}", "only the form"},
	} {
		p, warnings, err := profile.Parse([]byte(c.text))
		if err != nil || len(warnings) != 1 || !strings.Contains(warnings[0], c.want) {
			t.Errorf("%s: %q, %v", c.name, warnings, err)
		}
		if p != nil && p.BATV != nil {
			t.Errorf("%s: the tag is used", c.name)
		}
	}
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string, mode fs.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const secret = "domains: [a.example]\nbatv: {secret_hex: aabb}\n"
	for _, c := range []struct {
		name     string
		path     string
		warnings int
	}{
		{"a secret only the owner can read", write("own.yaml", secret, 0o600), 0},
		{"a secret that the group can read", write("group.yaml", secret, 0o640), 1},
		{"a secret that all can read", write("all.yaml", secret, 0o644), 1},
		{"no secret, all can read", write("plain.yaml", "domains: [a.example]\n", 0o644), 0},
	} {
		_, warnings, err := profile.Load(c.path)
		if err != nil || len(warnings) != c.warnings {
			t.Errorf("%s: %q, %v", c.name, warnings, err)
		}
		for _, w := range warnings {
			if !strings.Contains(w, "chmod 600") || strings.Contains(w, "aabb") {
				t.Errorf("%s: %q", c.name, w)
			}
		}
	}
	if _, _, err := profile.Load(filepath.Join(dir, "missing.yaml")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
	if _, _, err := profile.Load(dir); err == nil || !strings.Contains(err.Error(), "is a folder") {
		t.Errorf("folder: %v", err)
	}
	if _, _, err := profile.Load(write("bad.yaml", "domian: [x]", 0o600)); err == nil || !strings.Contains(err.Error(), "bad.yaml: line 1") {
		t.Errorf("the error names neither file nor line: %v", err)
	}
}

// TestSuitesProfile reads the scenarios' profile without a warning about its form.
func TestSuitesProfile(t *testing.T) {
	p, _, err := profile.Load(testdata.Dir(t, "bounces/scenarios/profile.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if len(p.OwnHosts) != 3 || len(p.DKIMKeys) != 3 || p.BATV == nil || len(p.Log.Entries) != 9 || len(p.Inbound) != 2 {
		t.Errorf("%d hosts, %d keys, %v, %d sent, %d received", len(p.OwnHosts), len(p.DKIMKeys), p.BATV, len(p.Log.Entries), len(p.Inbound))
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{whole, "", "domains: [a.example]", "a: &x [*x]", "? [a]\n: b", "domains:\n- !!binary aGk=", "\xff", "{{{{"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, _, err := profile.Parse(data)
		if (p == nil) != (err != nil) {
			t.Errorf("profile %v, error %v", p, err)
		}
		if err == nil && len(p.Domains) == 0 && p.Address == "" {
			t.Error("a profile of nobody")
		}
	})
}

func ExampleParse() {
	_, _, err := profile.Parse([]byte("domains: [example.com]\nmailboxs: [anna]\n"))
	fmt.Println(err)
	// Output: line 2: the profile: unknown key "mailboxs"; did you mean "mailboxes"?
}
