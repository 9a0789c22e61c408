package cli

import (
	"fmt"
	"io"
	"os"
	"time"

	"go.yaml.in/yaml/v3"

	"unspoof/dns"
	"unspoof/dns/dnsfile"
)

// systemServers is where the system says whom to ask.
const systemServers = "/etc/resolv.conf"

// queryTimeout is how long one name server may take before the next is tried.
const queryTimeout = 2 * time.Second

// resolver answers DNS as the flags say: from --dns, else from the dns map of
// the profile, where it has one, else from the network. With a file, nothing
// goes to the network.
func (p *program) resolver(profile string) (dns.Resolver, error) {
	r, err := p.source(profile)
	if err != nil {
		return nil, err
	}
	if p.record == "" {
		return r, nil
	}
	rec := dnsfile.NewRecorder(r)
	p.finish = append(p.finish, func() error {
		if err := rec.Save(p.record); err != nil {
			return fmt.Errorf("the DNS answers were not recorded: %w", err)
		}
		return nil
	})
	return rec, nil
}

func (p *program) source(profile string) (dns.Resolver, error) {
	file := p.dns
	if file == "" && profile != "" {
		has, err := hasDNS(profile)
		if err != nil {
			return nil, err
		}
		if has {
			file = profile
		}
	}
	if file != "" {
		if len(p.resolvers) > 0 && p.dns != "" {
			return nil, usage("--dns and --resolver were both given", "with --dns nothing is asked of the network; leave one out")
		}
		return dnsfile.Open(file)
	}
	servers := p.resolvers
	if len(servers) == 0 {
		var err error
		if servers, err = dns.SystemServers(systemServers); err != nil {
			return nil, &helpful{err: err, code: exitUsage, hint: noServerHint}
		}
	}
	total := time.Duration(p.timeout)
	if total == 0 {
		total = defaultTimeout
	}
	client, err := dns.NewClient(dns.Config{Servers: servers, Timeout: min(queryTimeout, total), Total: total})
	if err != nil {
		return nil, usage(err.Error(), "")
	}
	n := &network{Resolver: dns.Cached(client)}
	p.finish = append(p.finish, func() error {
		if n.silent() {
			p.complain("no name server answered (asked %s); %s", servers, noServerHint)
		}
		return nil
	})
	return n, nil
}

const noServerHint = "name one with --resolver ADDRESS, or give the answers in a file with --dns FILE"

// maxProfile is how much of a profile is looked at, as package profile does.
const maxProfile = 64 << 20

// hasDNS reports whether a profile has a dns map, be it a right one or not. What
// is no YAML at all is left to package profile to complain about.
func hasDNS(path string) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, usage("--profile: "+err.Error(), "check the name and the folder that you are in")
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxProfile))
	if err != nil {
		return false, fmt.Errorf("--profile: %w", err)
	}
	var doc yaml.Node // a tree as written: nothing unfolds
	if yaml.Unmarshal(data, &doc) != nil || len(doc.Content) == 0 {
		return false, nil
	}
	for i, n := range doc.Content[0].Content {
		if i%2 == 0 && n.Value == "dns" {
			return true, nil
		}
	}
	return false, nil
}
