package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
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
	file, err := p.answersFile(profile)
	if err != nil {
		return nil, err
	}
	if err := p.recordable(file); err != nil {
		return nil, err
	}
	r, err := p.source(file)
	if err != nil || p.record == "" {
		return r, err
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

// answersFile is the file that DNS is answered from; "" is the network.
func (p *program) answersFile(profile string) (string, error) {
	if p.dns != "" {
		switch info, err := os.Stat(p.dns); {
		case err != nil:
			return "", usage("--dns: "+unread(p.dns, err), "check the name and the folder that you are in")
		case info.IsDir():
			return "", usage("--dns: "+p.dns+" is a folder", "name the file with the answers: a recording of --record-dns, a zone file or a profile")
		}
		return p.dns, nil
	}
	if profile != "" {
		if has, err := hasDNS(profile); err != nil || !has {
			return "", err
		}
	}
	return profile, nil
}

// recordable tells, before anything is asked, whether the answers can be
// recorded: not over the file that they come from, which a recording of these
// few questions would destroy.
func (p *program) recordable(file string) error {
	if p.record == "" {
		return nil
	}
	folder := filepath.Dir(p.record)
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return usage("--record-dns: there is no folder "+folder, "make it first, or name a file in another")
	}
	info, err := os.Stat(p.record)
	if err != nil {
		return nil // not there yet
	}
	if info.IsDir() {
		return usage("--record-dns: "+p.record+" is a folder", "name a file in it")
	}
	if file == "" {
		return nil
	}
	if from, err := os.Stat(file); err == nil && os.SameFile(from, info) {
		return usage("--record-dns would overwrite "+file+", from which DNS is answered", "name another file to record into")
	}
	return nil
}

func (p *program) source(file string) (dns.Resolver, error) {
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
