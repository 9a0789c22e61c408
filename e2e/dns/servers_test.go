//go:build e2e

// Package dns_test asks real name servers, and small false ones, on loopback.
package dns_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"unspoof/dns"
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
		write(t, dir, "named.conf", fmt.Sprintf(`
options {
	directory %q; pid-file none; session-keyfile none;
	listen-on port %d { 127.0.0.1; }; listen-on-v6 { none; };
	recursion no; allow-query { any; }; dnssec-validation no; notify no;
};
controls { };
zone "example.com" { type primary; file "example.com.zone"; check-names ignore; };
`, dir, port))
		return exec.Command(program(t, "named"), "-g", "-n", "1", "-c", filepath.Join(dir, "named.conf"))
	},
	"NSD": func(t *testing.T, dir string, port int) *exec.Cmd {
		write(t, dir, "nsd.conf", fmt.Sprintf(`
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
		return exec.Command(program(t, "nsd"), "-d", "-c", filepath.Join(dir, "nsd.conf"))
	},
}

// program finds a server, which Debian keeps out of the PATH of users.
func program(t *testing.T, name string) string {
	t.Helper()
	for _, try := range []string{name, "/usr/sbin/" + name, "/usr/local/sbin/" + name} {
		if path, err := exec.LookPath(try); err == nil {
			return path
		}
	}
	t.Skipf("the name server %s is not installed here (Debian: bind9, nsd)", name)
	return ""
}

// start runs the server until the test ends, and gives its address once it
// answers.
func start(t *testing.T, newCommand func(*testing.T, string, int) *exec.Cmd) string {
	t.Helper()
	dir, port := t.TempDir(), freePort(t)
	write(t, dir, "example.com.zone", zoneFile())
	cmd := newCommand(t, dir, port)
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan struct{})
	go func() { cmd.Wait(); close(exited) }()
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-exited:
		case <-time.After(5 * time.Second):
			cmd.Process.Kill()
			<-exited
		}
		if t.Failed() {
			t.Logf("the server's log:\n%s", log.String())
		}
	})
	addr := fmt.Sprintf("127.0.0.1:%d", port)
	c := client(t, addr)
	for range 100 {
		if _, err := c.Lookup(t.Context(), dns.Question{Name: "example.com", Type: dns.TypeTXT}); err == nil {
			return addr
		}
		select {
		case <-exited:
			t.Fatalf("%s ended:\n%s", cmd.Path, log.String())
		case <-time.After(100 * time.Millisecond):
		}
	}
	t.Fatalf("%s does not answer", cmd.Path)
	return ""
}

// freePort finds one that is free for UDP and TCP.
func freePort(t *testing.T) int {
	t.Helper()
	for range 20 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port := l.Addr().(*net.TCPAddr).Port
		pc, err := net.ListenPacket("udp", l.Addr().String())
		l.Close()
		if err == nil {
			pc.Close()
			return port
		}
	}
	t.Fatal("no port is free for both UDP and TCP")
	return 0
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func client(t *testing.T, servers ...string) *dns.Client {
	t.Helper()
	c, err := dns.NewClient(dns.Config{Servers: servers, Timeout: 500 * time.Millisecond, Total: 4 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func lookup(t *testing.T, r dns.Resolver, name string, typ dns.Type) (dns.Answer, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	return r.Lookup(ctx, dns.Question{Name: name, Type: typ})
}
