//go:build e2e && linux

package probe_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"unspoof/dns/dnsfile"
	"unspoof/internal/probe"
)

// zone gives the servers their name; nothing else of DNS is there.
var zone = "$ORIGIN probe.example.\n@ 60 IN SOA ns root 1 60 60 60 60\n@ 60 IN MX 10 mail\nmail 60 IN A " + address + "\n"

// allTests are those that a run with login, recipient and consent to messages
// makes.
var allTests = []probe.TestID{
	probe.OpenRelay, probe.WithoutLogin, probe.LoginAnyAddress, probe.LoginAnyDomain, probe.LoginAnyFrom, probe.VRFY, probe.EXPN, probe.AuthBeforeTLS,
	probe.STARTTLS, probe.CertificateName, probe.CertificateDates, probe.CertificateChain, probe.OldTLS, probe.Smuggling, probe.CatchAll,
	probe.OwnEnvelope, probe.OwnFrom, probe.Backscatter,
}

func args(t *testing.T, ports probe.Ports, certs certificates) probe.Args {
	t.Helper()
	view, err := dnsfile.Parse("zone", []byte(zone))
	if err != nil {
		t.Fatal(err)
	}
	return probe.Args{
		Domain: domain, Resolver: view, Now: time.Now(), Offline: true, Stranger: true, Roots: certs.roots,
		Servers:   []probe.Server{{Host: host, Ports: ports, Named: true}},
		Recipient: recipient, Confirm: func(string) bool { return true },
		Login: &probe.Login{User: user, Password: password},
	}
}

func ask(t *testing.T, a probe.Args) probe.Report {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	rep, err := probe.Run(ctx, a)
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

// fault is a test found at the port of a kind: "mx", "submission" or "smtps".
type fault struct {
	id   probe.TestID
	port string
}

func (f fault) String() string { return string(f.id) + "/" + f.port }

func kind(p probe.Ports, port uint16) string {
	switch port {
	case p.MX:
		return "mx"
	case p.Submission:
		return "submission"
	}
	return "smtps"
}

// judge compares what was found with what is wrong, and shows the dialogue where
// they differ. open are the tests that may stay unknown.
func judge(t *testing.T, rep probe.Report, ports probe.Ports, want []fault, open ...probe.TestID) {
	t.Helper()
	var got, expected []string
	for _, f := range want {
		expected = append(expected, f.String())
	}
	seen := map[probe.TestID]bool{}
	for _, test := range rep.Servers[0].Tests {
		seen[test.ID] = true
		if test.State == probe.Found {
			got = append(got, fault{test.ID, kind(ports, test.Port)}.String())
		}
		if test.State == probe.Unknown && !slices.Contains(open, test.ID) {
			t.Errorf("%s at %s stays unknown: %s\n%s", test.ID, kind(ports, test.Port), test.Why, strings.Join(test.Dialogue, "\n"))
		}
	}
	slices.Sort(got)
	slices.Sort(expected)
	if !slices.Equal(got, expected) {
		var lines []string
		for _, test := range rep.Servers[0].Tests {
			f := fault{test.ID, kind(ports, test.Port)}.String()
			if slices.Contains(got, f) != slices.Contains(expected, f) {
				lines = append(lines, fmt.Sprintf("%s %s: %s\n  %s", f, test.State, test.Why, strings.Join(test.Dialogue, "\n  ")))
			}
		}
		t.Errorf("found %v, want %v\n%s", got, expected, strings.Join(lines, "\n"))
	}
	if len(rep.Findings) != len(got) {
		t.Errorf("%d findings of %d faults", len(rep.Findings), len(got))
	}
	for _, f := range rep.Findings {
		if strings.ContainsAny(f.What+f.Why+f.Fix, "{}") || f.Severity == "" {
			t.Errorf("%s is not whole: %+v", f.ID, f)
		}
	}
	for _, id := range allTests {
		if !seen[id] && id != probe.CertificateName && id != probe.CertificateDates && id != probe.CertificateChain && id != probe.OldTLS {
			t.Errorf("%s was not tested", id)
		}
	}
}
