package cli

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

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
	f.StringVar(&o.login, "probe-login", "", "try what the login of `USER` may write as sender, at each --probe-host")
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
	for _, f := range []struct {
		name        string
		given       bool
		needs, hint string // a flag, "" where it is there
	}{
		{"--probe-host", len(o.hosts) > 0, missing(o.probe, "--probe"), ""},
		{"--probe-recipient", o.recipient != "", missing(o.probe, "--probe"), ""},
		{"--probe-send", o.send, missing(o.probe, "--probe"), ""},
		{"--probe-login", o.login != "", missing(o.probe, "--probe"), ""},
		{"--probe-as-stranger", o.stranger, missing(o.probe, "--probe"), ""},
		{"--password-file", o.passwordFile != "", missing(o.login != "", "--probe-login"), "name the login: --probe-login USER"},
		{"--probe-send", o.send, missing(o.recipient != "", "--probe-recipient"), "name your own mailbox: --probe-recipient ADDRESS"},
		{"--probe-login", o.login != "", missing(len(o.hosts) > 0, "--probe-host"), "a password is sent only to a server that you name yourself: --probe-host HOST"},
	} {
		if f.given && f.needs != "" {
			return usage(f.name+" does nothing without "+f.needs, cmp.Or(f.hint, "add "+f.needs+", or leave "+f.name+" out"))
		}
	}
	return nil
}

func missing(there bool, flag string) string {
	if there {
		return ""
	}
	return flag
}

// probedJSON is what check prints with --probe or --registration.
type probedJSON struct {
	Schema       int              `json:"schema"`
	Domains      []posture.Report `json:"domains"`
	Probes       *probedServers   `json:"probes,omitempty"`
	Registration *registrations   `json:"registration,omitempty"`
}

// probedServers is the section "probes".
type probedServers struct {
	probe.Report
	Transport probe.Transport `json:"transport"`
}

// checkProbed checks one domain, its servers and its registration as the options
// say. The findings of all come into one list.
func (p *program) checkProbed(cmd *cobra.Command, check checkOptions, opts probeOptions, typed []string) error {
	failOn, err := p.probeUsage(cmd, check, opts, typed)
	if err != nil {
		return err
	}
	args, err := p.probeArgs(opts, typed[0])
	if err != nil {
		return err
	}
	if args.Resolver, err = p.resolver(""); err != nil {
		return err
	}
	rep, err := posture.Check(cmd.Context(), posture.Args{Domain: args.Domain, Resolver: args.Resolver, NoBlocklists: check.noLists})
	if err != nil {
		return err
	}
	out := probedJSON{Schema: schema}
	open := rep.Verdict.Exposure == posture.Undecided
	if opts.probe {
		if out.Probes, err = p.probeServers(cmd.Context(), args, rep); err != nil {
			return err
		}
		addFindings(&rep, append(out.Probes.Findings, out.Probes.Transport.Findings...))
		relaysCount(&rep, out.Probes.Servers)
		open = open || out.Probes.Open() || out.Probes.Transport.MTASTS.State == probe.Unknown
	}
	if opts.registration {
		var found []finding.Finding
		if out.Registration, found, err = askRegistries(cmd.Context(), &probe.RDAP{Resolver: args.Resolver}, &rep, args.Now); err != nil {
			return err
		}
		addFindings(&rep, found)
		open = open || out.Registration.open()
	}
	out.Domains = []posture.Report{rep}
	if p.json {
		err = p.printJSON(out)
	} else {
		p.showPosture(rep, check.all)
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

// probeUsage checks what of the flags does not depend on their values' meaning,
// before anything is asked.
func (p *program) probeUsage(cmd *cobra.Command, check checkOptions, opts probeOptions, typed []string) (failOn finding.Severity, err error) {
	if err := opts.unused(); err != nil {
		return "", err
	}
	if check.resume != "" || check.baseline != "" || check.format != "text" && check.format != "json" {
		return "", usage("--probe and --registration go with no list, journal or baseline, and print text or JSON", "leave the other flag out")
	}
	for _, flag := range []string{"full", "concurrency"} {
		if cmd.Flags().Changed(flag) {
			return "", usage("--"+flag+" is for lists, and --probe and --registration take one domain", "leave --"+flag+" out")
		}
	}
	p.json = p.json || check.format == "json"
	failOn = finding.Moderate
	if check.failOn != "" {
		var ok bool
		if failOn, ok = finding.ParseSeverity(check.failOn); !ok {
			return "", usage(fmt.Sprintf("--fail-on: %q is no severity", check.failOn), "it is critical, high, medium, low or info")
		}
	}
	if opts.registration && p.dns != "" {
		return "", usage("--registration and --dns were both given", "with --dns nothing is asked of the network; leave one out")
	}
	if len(typed) != 1 || strings.ContainsAny(typed[0], "@") || typed[0] == "-" {
		return "", usage("--probe and --registration take one domain", "name one, no list and no address: unspoof check example.com --probe")
	}
	return failOn, nil
}

// addFindings adds what servers or registries showed to the report of DNS: its
// grade counts it, and its next step is the worst of it unless DNS has worse.
func addFindings(rep *posture.Report, found []finding.Finding) {
	if len(found) == 0 {
		return
	}
	finding.Sort(found)
	first := found[0]
	worse := slices.ContainsFunc(rep.Findings, func(f finding.Finding) bool { return !first.Severity.AtLeast(f.Severity) })
	if first.Severity.AtLeast(finding.Moderate) && !worse {
		rep.Next = posture.NextStep{Text: first.What + " " + first.Fix}
	}
	rep.Findings = append(rep.Findings, found...)
	finding.Sort(rep.Findings)
	regrade(rep)
}

// relaysCount has the verdict say that servers were found that relay for anybody.
// One that DNS made worse, or left open, stays as it is.
func relaysCount(rep *posture.Report, servers []probe.ServerReport) {
	v := &rep.Verdict
	if v.Exposure != posture.Protected && v.Exposure != posture.Partly {
		return
	}
	var because []string
	for _, s := range servers {
		if slices.ContainsFunc(s.Tests, func(t probe.Test) bool { return t.Finding == "SMTP-001" || t.Finding == "SMTP-002" }) {
			because = append(because, "the server "+s.Host+" relays for anybody, so forged mail can leave from an address that SPF lets in")
		}
	}
	if len(because) == 0 {
		return
	}
	if v.Exposure == posture.Partly {
		because = append(because, v.Because...)
	}
	v.Exposure, v.Because = posture.Partly, because
	v.Sentence = fmt.Sprintf("Some forged mail in the name of %s gets through, because %s.", rep.Domain, because[0])
}

// regrade grades a report anew for its findings; where DNS did not tell enough for
// a grade, there is still none.
func regrade(rep *posture.Report) {
	if rep.Grade.Reason != "" {
		return
	}
	g := posture.GradeOf(rep.Findings)
	g.AtBest = rep.Grade.AtBest
	rep.Grade = g
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
		for _, mx := range rep.MX {
			args.Servers = append(args.Servers, probe.Server{Host: mx, Ports: probe.Standard})
		}
		if len(rep.MX) == 0 && !rep.NullMX {
			// RFC 5321 section 5.1: then mail goes to the domain's own address. Where
			// DNS does not tell of one, the server's consent stays unknown.
			if takes, err := probe.TakesMail(ctx, args.Resolver, args.Domain); takes || err != nil {
				args.Servers = append(args.Servers, probe.Server{Host: args.Domain, Ports: probe.Standard})
			}
		}
		if n := len(args.Servers); n > probe.MaxServers {
			p.complain("only the first %d of %d mail exchangers are asked", probe.MaxServers, n)
		}
	}
	if len(args.Servers) > 0 && ui.IsTerminal(p.Stderr) {
		p.err.Line("asking %s, slowly: each takes some minutes", count(min(len(args.Servers), probe.MaxServers), "server"))
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
