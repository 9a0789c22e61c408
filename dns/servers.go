package dns

import (
	"bufio"
	"fmt"
	"net/netip"
	"os"
	"strings"
)

// port is where name servers listen (RFC 1035 section 4.2).
const port = 53

// maxServers is how many nameserver lines are taken from a configuration.
const maxServers = 8

// SystemServers reads the name servers from a file in the form of
// resolv.conf(5), usually /etc/resolv.conf, in the form that [Config] takes.
// As the manual says, a file without any means the server on this machine.
func SystemServers(path string) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("dns: %w; name the servers to ask instead", err)
	}
	defer f.Close()
	var servers []string
	lines := bufio.NewScanner(f)
	for len(servers) < maxServers && lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 2 || fields[0] != "nameserver" {
			continue
		}
		addr, err := serverAddr(fields[1])
		if err != nil {
			return nil, fmt.Errorf("%w (in %s)", err, path)
		}
		servers = append(servers, addr)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("dns: %s: %w", path, err)
	}
	if servers == nil {
		servers = []string{"127.0.0.1:53"}
	}
	return servers, nil
}

// serverAddr completes an address with the port.
func serverAddr(s string) (string, error) {
	if ap, err := netip.ParseAddrPort(s); err == nil && ap.Port() != 0 {
		return ap.String(), nil
	}
	addr, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(s, "["), "]"))
	if err != nil {
		return "", fmt.Errorf("dns: server %q: an address was expected, such as 192.0.2.53, 192.0.2.53:5353 or [2001:db8::53]:53", s)
	}
	return netip.AddrPortFrom(addr, port).String(), nil
}
