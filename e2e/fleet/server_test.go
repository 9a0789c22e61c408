//go:build e2e

// Package fleet_test checks ten thousand domains that a real name server, NSD on
// loopback, serves: whether the reports are right, what the program needs, and
// how fast it is beside a client that only asks.
package fleet_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"unspoof/dns"
	"unspoof/e2e/nameserver"
)

// serve starts NSD with the zones, by name, and gives its address once it
// answers for the last of them.
func serve(tb testing.TB, zones map[string]string) string {
	tb.Helper()
	dir, port := tb.TempDir(), nameserver.Port(tb)
	var conf strings.Builder
	fmt.Fprintf(&conf, `
server:
	ip-address: 127.0.0.1@%d
	server-count: 1
	zonesdir: %q
	pidfile: ""
	zonelistfile: %q
	xfrdfile: %q
	logfile: ""
	username: ""
	chroot: ""
	rrl-ratelimit: 0
remote-control:
	control-enable: no
`, port, dir, filepath.Join(dir, "zone.list"), filepath.Join(dir, "xfrd.state"))
	var last string
	for name, text := range zones {
		nameserver.Write(tb, dir, name+".zone", text)
		fmt.Fprintf(&conf, "zone:\n\tname: %s\n\tzonefile: %s.zone\n", name, name)
		last = name
	}
	nameserver.Write(tb, dir, "nsd.conf", conf.String())
	cmd := exec.Command(nameserver.Program(tb, "nsd"), "-d", "-c", filepath.Join(dir, "nsd.conf"))
	return nameserver.Run(tb, cmd, port, dns.Question{Name: last, Type: dns.TypeSOA})
}
