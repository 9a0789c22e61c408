package cli

import (
	"fmt"
	"os"
	"regexp"
	"time"

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

// dnsKey finds a map named dns in a profile. Where it is mistaken, reading the
// map says so; the network is asked only when there surely is none.
var dnsKey = regexp.MustCompile(`(?m)(^|[\s{,])["']?dns["']?\s*:`)

func hasDNS(profile string) (bool, error) {
	data, err := os.ReadFile(profile)
	if err != nil {
		return false, err
	}
	return dnsKey.Match(data), nil
}
