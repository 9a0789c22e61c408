package cli

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"unspoof/finding"
	"unspoof/internal/cli/ui"
	"unspoof/internal/probe"
	"unspoof/posture"
)

// probeOptions say what check asks beyond DNS.
type probeOptions struct {
	probe        bool
	hosts        []string
	recipient    string
	send         bool
	login        string
	passwordFile string
	stranger     bool
	registration bool
}

// probePassword is the environment variable that may hold the login's password.
const probePassword = "UNSPOOF_PROBE_PASSWORD"

// flags adds those of the options to check.
func (o *probeOptions) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.BoolVar(&o.probe, "probe", false, "ask the domain's own mail servers, too, slowly; their owner must have\nagreed in DNS (docs/probe.md), but for those of this machine")
	f.StringArrayVar(&o.hosts, "probe-host", nil, "ask `HOST[:PORT]` in place of the mail exchangers; may be repeated; a port\nother than 25, 465 and 587 only on this machine")
	f.StringVar(&o.recipient, "probe-recipient", "", "your own `ADDRESS`, the only one that may get a message")
	f.BoolVar(&o.send, "probe-send", false, "send the messages that some probes need to --probe-recipient without asking")
	f.StringVar(&o.login, "probe-login", "", "try what the login of `USER` may write as sender")
	f.StringVar(&o.passwordFile, "password-file", "", "read the login's password from `FILE` (else from $"+probePassword+")")
	f.BoolVar(&o.stranger, "probe-as-stranger", false, "a server on this machine does not trust this machine's own address")
	f.BoolVar(&o.registration, "registration", false, "ask the registry until when the domain, and what it relies on, is registered")
}

// given reports that any of the flags was.
func (o *probeOptions) given() bool {
	return o.probe || o.registration || o.login != "" || o.passwordFile != "" || o.recipient != "" || o.send || o.stranger || len(o.hosts) > 0
}

// unused names a flag that does nothing without another.
func (o *probeOptions) unused() error {
	if !o.probe {
		for flag, given := range map[string]bool{
			"--probe-host": len(o.hosts) > 0, "--probe-recipient": o.recipient != "", "--probe-send": o.send,
			"--probe-login": o.login != "", "--probe-as-stranger": o.stranger,
		} {
			if given {
				return usage(flag+" does nothing without --probe", "add --probe, or leave "+flag+" out")
			}
		}
	}
	switch {
	case o.passwordFile != "" && o.login == "":
		return usage("--password-file does nothing without --probe-login", "name the login: --probe-login USER")
	case o.send && o.recipient == "":
		return usage("--probe-send does nothing without --probe-recipient", "name your own mailbox: --probe-recipient ADDRESS")
	}
	return nil
}

// probedJSON is what check prints with --probe or --registration.
type probedJSON struct {
	Schema       int                  `json:"schema"`
	Domains      []posture.Report     `json:"domains"`
	Probes       *probedServers       `json:"probes,omitempty"`
	Registration []probe.Registration `json:"registration,omitempty"`
}

// probedServers is the section "probes".
type probedServers struct {
	probe.Report
	Transport probe.Transport `json:"transport"`
}

// checkProbed checks one domain, its servers and its registration as the options
// say. The findings of all come into one list.
func (p *program) checkProbed(cmd *cobra.Command, check checkOptions, opts probeOptions, typed []string) error {
	if err := opts.unused(); err != nil {
		return err
	}
	if check.resume != "" || check.baseline != "" || check.format != "text" && check.format != "json" {
		return usage("--probe and --registration go with no list, journal or baseline, and print text or JSON", "leave the other flag out")
	}
	p.json = p.json || check.format == "json"
	failOn := finding.Moderate
	if check.failOn != "" {
		var ok bool
		if failOn, ok = finding.ParseSeverity(check.failOn); !ok {
			return usage(fmt.Sprintf("--fail-on: %q is no severity", check.failOn), "it is critical, high, medium, low or info")
		}
	}
	if len(typed) != 1 || strings.ContainsAny(typed[0], "@") || typed[0] == "-" {
		return usage("--probe and --registration take one domain", "name one, no list and no address: unspoof check example.com --probe")
	}
	names, err := domainNames(typed)
	if err != nil {
		return err
	}
	args, err := p.probeArgs(opts, names[0])
	if err != nil {
		return err
	}
	if args.Resolver, err = p.resolver(""); err != nil {
		return err
	}
	rep, err := posture.Check(cmd.Context(), posture.Args{Domain: names[0], Resolver: args.Resolver})
	if err != nil {
		return err
	}
	args.Domain = rep.Domain // in A-labels
	out := probedJSON{Schema: schema}
	open := rep.Verdict.Exposure == posture.Undecided
	if opts.probe {
		if out.Probes, err = p.probeServers(cmd.Context(), args, rep); err != nil {
			return err
		}
		rep.Findings = append(append(rep.Findings, out.Probes.Findings...), out.Probes.Transport.Findings...)
		open = open || out.Probes.Open() || out.Probes.Transport.MTASTS.State == probe.Unknown
	}
	if opts.registration {
		var unknown bool
		if out.Registration, unknown, err = p.registrations(cmd.Context(), args, &rep); err != nil {
			return err
		}
		open = open || unknown
	}
	finding.Sort(rep.Findings)
	out.Domains = []posture.Report{rep}
	if p.json {
		err = p.printJSON(out)
	} else {
		p.showPosture(rep)
		p.showProbes(out.Probes)
		p.showRegistrations(out.Registration)
	}
	code := exitFine
	switch {
	case slices.ContainsFunc(rep.Findings, func(f finding.Finding) bool { return f.Severity.AtLeast(failOn) }):
		code = exitFinding
	case open:
		code = exitUnknown
	}
	return p.answered(err, code)
}

// probeArgs reads what the flags say of the probes.
func (p *program) probeArgs(opts probeOptions, domain string) (probe.Args, error) {
	args := probe.Args{
		Domain: domain, Now: time.Now(), Offline: p.dns != "", Stranger: opts.stranger, Recipient: opts.recipient,
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
		if _, at, ok := strings.Cut(opts.recipient, "@"); !ok || at == "" {
			return args, usage(fmt.Sprintf("--probe-recipient: %q is no address", opts.recipient), "name a mailbox of your own: --probe-recipient you@"+domain)
		}
	}
	if opts.login == "" {
		return args, nil
	}
	secret, err := p.probeSecret(opts.passwordFile)
	if err != nil {
		return args, err
	}
	args.Login = &probe.Login{User: opts.login, Password: secret}
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
	data, err := os.ReadFile(path)
	if err != nil {
		return "", usage("--password-file: "+unread(path, err), "check the name and the folder that you are in")
	}
	line, _, _ := strings.Cut(string(data), "\n")
	if line = strings.TrimSuffix(line, "\r"); line == "" || len(line) > maxSecret || strings.Contains(line, "\x00") {
		return "", usage("--password-file: the first line of "+path+" is no password", "write the password there, and nothing else")
	}
	return line, nil
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
	if _, err := domainNames([]string{s.Host}); err != nil && s.Host != "localhost" {
		return s, usage(fmt.Sprintf("--probe-host: %q is no host", typed), "write mail.example.com, or 127.0.0.1:2525 for one on this machine")
	}
	if s.Host == "localhost" {
		s.Host = "127.0.0.1"
	}
	return s, nil
}

// agreed asks whether a message may be sent; where nobody can answer, it may not.
func (p *program) agreed(what string) bool {
	if !ui.IsTerminal(p.Stdin) {
		return false
	}
	return strings.EqualFold(p.ask("May I "+what+"? [y/N] "), "y")
}

// probeServers asks the servers named, else the domain's mail exchangers.
func (p *program) probeServers(ctx context.Context, args probe.Args, rep posture.Report) (*probedServers, error) {
	if len(args.Servers) == 0 {
		for i, mx := range rep.MX {
			if i == probe.MaxServers {
				p.complain("only the first %d of %d mail exchangers are asked", probe.MaxServers, len(rep.MX))
				break
			}
			args.Servers = append(args.Servers, probe.Server{Host: mx, Ports: probe.Standard})
		}
	}
	if len(args.Servers) > 0 && ui.IsTerminal(p.Stderr) {
		p.err.Line("asking %s, slowly: each takes some minutes", count(len(args.Servers), "server"))
	}
	got, err := probe.Run(ctx, args)
	if err != nil && ctx.Err() == nil {
		return nil, usage(strings.TrimPrefix(err.Error(), "probe: "), "see: unspoof check --help")
	}
	if err != nil {
		return nil, err
	}
	return &probedServers{got, probe.JudgeTransport(ctx, probe.TransportArgs{
		STSArgs: probe.STSArgs{Domain: args.Domain, Resolver: args.Resolver, Offline: args.Offline},
		MX:      rep.MX, Asked: got.Servers, Now: args.Now, Roots: args.Roots,
	})}, nil
}

// maxRegistrations bounds the questions to registries of one run: they are slow,
// and answer few.
const maxRegistrations = 20

// registrations asks about the domain and the names that it relies on; their
// findings go into rep.
func (p *program) registrations(ctx context.Context, args probe.Args, rep *posture.Report) (list []probe.Registration, unknown bool, err error) {
	if args.Offline {
		return nil, false, usage("--registration and --dns were both given", "with --dns nothing is asked of the network; leave one out")
	}
	registry := probe.RDAP{Resolver: args.Resolver}
	ask := func(name, user string) {
		if ctx.Err() != nil || len(list) == maxRegistrations {
			return
		}
		g := registry.Ask(ctx, name)
		for _, known := range list {
			if known.Name == g.Name {
				return
			}
		}
		g.User = user
		list = append(list, g)
		unknown = unknown || g.State == probe.RegistrationOpen
		rep.Findings = append(rep.Findings, g.Findings(rep.Domain, args.Now)...)
	}
	ask(rep.Domain, "")
	for _, c := range rep.Claimable {
		ask(c.Name, cmp.Or(c.Via, c.Host))
	}
	return list, unknown, ctx.Err()
}
