package cli

import (
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"

	"unspoof/dmarc"
	"unspoof/internal/probe"
)

// probeArgs reads what the flags say of the probes, names in A-labels. Nothing is
// asked for it.
func (p *program) probeArgs(opts probeOptions, typed string) (args probe.Args, err error) {
	names, err := domainNames([]string{typed})
	if err != nil {
		return args, err
	}
	domain, err := dmarc.Domain(names[0])
	if err != nil {
		return args, usage(fmt.Sprintf("%q is not a domain name", typed), "write it as example.com")
	}
	args = probe.Args{
		Domain: domain, Now: time.Now(), Offline: p.dns != "", Stranger: opts.stranger,
		Confirm: func(what string) bool { return opts.send || p.agreed(what) },
	}
	for _, typed := range opts.hosts {
		s, err := parseProbeHost(typed)
		if err != nil {
			return args, err
		}
		args.Servers = append(args.Servers, s)
	}
	if len(args.Servers) > probe.MaxServers {
		return args, usage("too many servers for one run", fmt.Sprintf("name at most %d", probe.MaxServers))
	}
	if opts.recipient != "" {
		if args.Recipient, err = parseRecipient(opts.recipient, domain); err != nil {
			return args, err
		}
	}
	if opts.login != "" {
		secret, err := p.probeSecret(opts.passwordFile)
		if err != nil {
			return args, err
		}
		args.Login = &probe.Login{User: opts.login, Password: secret}
	}
	if err := args.Check(); err != nil {
		return args, usage(strings.TrimPrefix(err.Error(), "probe: "), "see: unspoof check --help")
	}
	return args, nil
}

// maxSecret bounds a password file.
const maxSecret = 4096

// probeSecret is the login's password: the first line of a file, or what the
// environment holds. An argument would be seen by everybody on the machine.
func (p *program) probeSecret(path string) (string, error) {
	if path == "" {
		if s := p.Getenv(probePassword); s != "" {
			return s, nil
		}
		return "", usage("the login has no password", "put it into a file and name that with --password-file FILE, or into $"+probePassword)
	}
	data, err := readSecret(path)
	if err != nil {
		return "", usage("--password-file: "+unread(path, err), "check the name and the folder that you are in")
	}
	line, _, _ := strings.Cut(string(data), "\n")
	if line = strings.TrimSuffix(line, "\r"); line == "" || len(line) > maxSecret || strings.Contains(line, "\x00") {
		return "", usage("--password-file: the first line of "+path+" is no password", "write the password there, and nothing else")
	}
	return line, nil
}

// readSecret reads no more than a password can be: the file may be any.
func readSecret(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxSecret+2))
}

// parseProbeHost reads HOST, HOST:PORT or [IPv6]:PORT.
func parseProbeHost(typed string) (probe.Server, error) {
	s := probe.Server{Host: strings.Trim(typed, "[]"), Ports: probe.Standard, Named: true}
	if host, port, err := net.SplitHostPort(typed); err == nil {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 {
			return s, usage(fmt.Sprintf("--probe-host: %q is no port", port), "write HOST or HOST:PORT")
		}
		s.Host = host
		switch uint16(n) {
		case probe.Standard.Submission:
			s.Ports = probe.Ports{Submission: uint16(n)}
		case probe.Standard.SMTPS:
			s.Ports = probe.Ports{SMTPS: uint16(n)}
		default:
			s.Ports = probe.Ports{MX: uint16(n)}
		}
	}
	if _, err := netip.ParseAddr(s.Host); err == nil {
		return s, nil
	}
	if strings.EqualFold(s.Host, "localhost") {
		s.Host = "127.0.0.1"
		return s, nil
	}
	names, err := domainNames([]string{s.Host})
	if err == nil {
		s.Host, err = dmarc.Domain(names[0])
	}
	if err != nil {
		return s, usage(fmt.Sprintf("--probe-host: %q is no host", typed), "write mail.example.com, or 127.0.0.1:2525 for one on this machine")
	}
	return s, nil
}

// parseRecipient gives an address with its domain in A-labels.
func parseRecipient(typed, domain string) (string, error) {
	i := strings.LastIndexByte(typed, '@')
	if i > 0 && i < len(typed)-1 {
		if at, err := dmarc.Domain(typed[i+1:]); err == nil {
			return typed[:i+1] + at, nil
		}
	}
	return "", usage(fmt.Sprintf("--probe-recipient: %q is no address", typed), "name a mailbox of your own: --probe-recipient you@"+domain)
}
