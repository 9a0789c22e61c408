//go:build e2e && linux

package probe_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"unspoof/internal/probe"
)

// TestProgram has the program itself ask a Postfix that relays and lets a login
// write as anybody, and then one that is right.
func TestProgram(t *testing.T) {
	t.Parallel()
	p, _, _ := startPostfix(t, func(string, certificates) []postfixCase {
		return []postfixCase{
			{name: "careless", mx: options{"mynetworks": "0.0.0.0/0", "smtpd_sasl_auth_enable": "yes", "smtpd_sender_restrictions": ""}},
			{name: "right", mx: options{"smtpd_sasl_auth_enable": "yes", "smtpd_relay_restrictions": "permit_sasl_authenticated,reject_unauth_destination",
				"smtpd_sender_restrictions": "reject_authenticated_sender_login_mismatch,permit_sasl_authenticated",
				"smtpd_sender_login_maps":   "inline:{" + user + "=" + user + "}"}},
		}
	})
	dir := folder(t)
	program := filepath.Join(dir, "unspoof")
	run(t, "go", "build", "-o", program, "unspoof/cmd/unspoof")
	zoneFile := write(t, dir, "zone", zone)
	secret := write(t, dir, "password", password+"\n")

	for i, wrong := range []bool{true, false} {
		cmd := exec.Command(program, "check", domain, "--dns", zoneFile, "--json", "--probe", "--probe-as-stranger", "--probe-host", host+strings.TrimPrefix(joinPort(p.ports[i].MX), address),
			"--probe-login", user, "--password-file", secret)
		var out, complaints bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &complaints
		err := cmd.Run()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != 1 { // the zone has no DMARC record, either
			t.Fatalf("%v: %s", err, &complaints)
		}
		var doc struct {
			Domains []struct {
				Findings []struct{ ID string }
			}
			Probes struct {
				Servers []struct {
					Tests []struct {
						ID, State, Finding string
						Dialogue           []string
					}
				}
				Messages int
			}
		}
		if err := json.Unmarshal(out.Bytes(), &doc); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(out.String(), password) || doc.Probes.Messages != 0 {
			t.Error("the password is shown, or a message was sent")
		}
		state := map[probe.TestID]string{}
		for _, test := range doc.Probes.Servers[0].Tests {
			state[probe.TestID(test.ID)] = test.State
			if test.State == "found" && len(test.Dialogue) == 0 {
				t.Errorf("%s was found without a word said", test.ID)
			}
		}
		for _, id := range []probe.TestID{probe.OpenRelay, probe.LoginAnyAddress, probe.LoginAnyDomain} {
			right := "fine"
			if wrong {
				right = "found"
			}
			if state[id] != right {
				t.Errorf("%s is %s, want %s", id, state[id], right)
			}
		}
		var ids []string
		for _, f := range doc.Domains[0].Findings {
			ids = append(ids, f.ID)
		}
		if got := strings.Contains(strings.Join(ids, " "), "SMTP-001"); got != wrong {
			t.Errorf("findings: %v", ids)
		}
	}
}
