//go:build e2e

// Package dns_test asks real name servers, and small false ones, on loopback.
package dns_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"unspoof/dns"
	"unspoof/e2e/nameserver"
)

// zoneText is served by the real servers and read by package dnsfile.
const zoneText = `$ORIGIN example.com.
$TTL 300
@          SOA   ns admin 1 7200 900 86400 120
           NS    ns
           MX    10 mail
           MX    20 mail2
           TXT   "v=spf1 mx -all"
           TXT   "second" " record"
ns         A     192.0.2.53
mail  60   A     192.0.2.1
mail  60   A     192.0.2.2
mail       AAAA  2001:db8::1
mail2      A     192.0.2.3
null       MX    0 .
octets     TXT   "\000\200\255 \"\\;"
one        CNAME two
two   30   CNAME three
three      CNAME mail
away       CNAME gone
nothere    CNAME deep.below
deep.below TXT   "x"
*.wild     A     192.0.2.7
*.wild     MX    5 mail
here.wild  TXT   "x"
a.b.wild   TXT   "x"
*.alias    CNAME mail
10         PTR   Host.Example.COM.
foo:bar/baz A    192.0.2.9
sub        NS    ns.sub
ns.sub     A     192.0.2.99
` + "big TXT "

// bigText gives the character-strings of a record over 4000 octets.
func bigText() []string {
	var out []string
	for i := range 20 {
		out = append(out, strings.Repeat(string(rune('a'+i)), 200))
	}
	return out
}

func zoneFile() string { return zoneText + `"` + strings.Join(bigText(), `" "`) + "\"\n" }

// realServers start a name server with the zone on a port of its own.
var realServers = map[string]func(t *testing.T, dir string, port int) *exec.Cmd{
	"BIND": func(t *testing.T, dir string, port int) *exec.Cmd {
		nameserver.Write(t, dir, "named.conf", fmt.Sprintf(`
options {
	directory %q; pid-file none; session-keyfile none;
	listen-on port %d { 127.0.0.1; }; listen-on-v6 { none; };
	recursion no; allow-query { any; }; dnssec-validation no; notify no;
};
controls { };
zone "example.com" { type primary; file "example.com.zone"; check-names ignore; };
`, dir, port))
		return exec.Command(nameserver.Program(t, "named"), "-g", "-n", "1", "-c", filepath.Join(dir, "named.conf"))
	},
	"NSD": func(t *testing.T, dir string, port int) *exec.Cmd {
		nameserver.Write(t, dir, "nsd.conf", fmt.Sprintf(`
server:
	ip-address: 127.0.0.1@%d
	zonesdir: %q
	pidfile: ""
	zonelistfile: %q
	xfrdfile: %q
	logfile: ""
	username: ""
	chroot: ""
remote-control:
	control-enable: no
zone:
	name: example.com
	zonefile: example.com.zone
`, port, dir, filepath.Join(dir, "zone.list"), filepath.Join(dir, "xfrd.state")))
		return exec.Command(nameserver.Program(t, "nsd"), "-d", "-c", filepath.Join(dir, "nsd.conf"))
	},
}

// start runs the server until the test ends, and gives its address once it
// answers.
func start(t *testing.T, newCommand func(*testing.T, string, int) *exec.Cmd) string {
	t.Helper()
	dir, port := t.TempDir(), nameserver.Port(t)
	nameserver.Write(t, dir, "example.com.zone", zoneFile())
	return nameserver.Run(t, newCommand(t, dir, port), port, dns.Question{Name: "example.com", Type: dns.TypeTXT})
}

func lookup(t *testing.T, r dns.Resolver, name string, typ dns.Type) (dns.Answer, error) {
	t.Helper()
	return r.Lookup(t.Context(), dns.Question{Name: name, Type: typ})
}
