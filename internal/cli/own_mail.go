package cli

import (
	"bufio"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"unspoof/dns"
	"unspoof/forensics"
	"unspoof/internal/cli/ui"
	"unspoof/internal/profile"
)

// ownMail is what is known of the owner's mail, and the one question about it.
type ownMail struct {
	profile  *forensics.Profile
	question string // is this all that sends for you? "" when it was not due
	answered bool
}

// open reports that the question was due and nobody answered it.
func (o ownMail) open() bool { return o.question != "" && !o.answered }

// ownMail gathers it: from the profile, or from the domain and DNS; then flags
// and logs add to it.
func (p *program) ownMail(ctx context.Context, opts investigateOptions, resolver dns.Resolver, now time.Time, piped bool) (ownMail, error) {
	ask := !piped && ui.IsTerminal(p.Stdin)
	if opts.address != "" && len(opts.domains) > 0 {
		return ownMail{}, usage("--address and --domain were both given", "--address is for people without a domain of their own")
	}
	if opts.profile == "" && opts.address == "" && len(opts.domains) == 0 {
		domain := ""
		if ask {
			domain = p.ask("Which domain is yours, the part after the @ of your address?")
		}
		if domain == "" {
			return ownMail{}, usage("whose mail is it? No domain was given",
				"name yours: --domain example.com; or, with an address at a mail provider, --address you@provider.example")
		}
		opts.domains = []string{domain}
	}
	var events []forensics.Event
	for _, text := range opts.events {
		e, err := parseEvent(text)
		if err != nil {
			return ownMail{}, usage("--event: "+err.Error(), "")
		}
		events = append(events, e)
	}
	own, err := p.startingPoint(ctx, opts, resolver)
	if err != nil {
		return own, err
	}
	prof := own.profile
	prof.Events = append(prof.Events, events...)
	if err := p.addLogs(prof, opts.maillogs, now); err != nil {
		return own, err
	}
	switch {
	case opts.complete:
		prof.Complete, own.answered = true, true
	case own.question != "" && ask:
		p.err.Line("%s", own.question)
		yes := p.ask("Is this all that sends mail for you? [y/N]")
		prof.Complete, own.answered = isYes(yes), true
	}
	return own, nil
}

// startingPoint is the profile given, or the one that DNS gives.
func (p *program) startingPoint(ctx context.Context, opts investigateOptions, resolver dns.Resolver) (ownMail, error) {
	for _, d := range opts.domains {
		if strings.Contains(d, "@") {
			return ownMail{}, usage(fmt.Sprintf("%q is an address, not a domain", d), "give the part after the @, or --address for an address at a mail provider")
		}
	}
	domains, err := domainNames(opts.domains)
	if err != nil {
		return ownMail{}, err
	}
	if opts.profile != "" {
		prof, warnings, err := profile.Load(opts.profile)
		if err != nil {
			return ownMail{}, err
		}
		p.warn(warnings)
		for _, d := range domains {
			if !slices.Contains(prof.Domains, d) {
				prof.Domains = append(prof.Domains, d)
			}
		}
		return ownMail{profile: prof}, nil
	}
	return p.fromDNS(ctx, domains, opts.address, resolver)
}

// domainNames checks what people type for a domain.
func domainNames(typed []string) ([]string, error) {
	var names []string
	for _, d := range typed {
		name := dns.Canonical(strings.TrimSpace(d))
		switch {
		case strings.Contains(name, "@"):
			return nil, usage(fmt.Sprintf("%q is an address, not a domain", d), "give the part after the @: "+name[strings.LastIndexByte(name, '@')+1:])
		case strings.Contains(name, "/"):
			return nil, usage(fmt.Sprintf("%q is a web address, not a domain", d), "give the domain alone: example.com")
		case dns.CheckName(name) != nil || !strings.Contains(name, "."):
			return nil, usage(fmt.Sprintf("%q is not a domain name", d), "write it as example.com")
		}
		names = append(names, name)
	}
	return names, nil
}

// ask puts a question on standard error and reads a line.
func (p *program) ask(question string) string {
	p.err.Prompt("%s", question)
	if p.answers == nil {
		p.answers = bufio.NewReader(p.in)
	}
	answer, _ := p.answers.ReadString('\n') // the end of the input is no answer
	return strings.TrimSpace(answer)
}

func isYes(s string) bool {
	return slices.Contains([]string{"y", "yes", "j", "ja", "o", "oui", "s", "si", "sí"}, strings.ToLower(s))
}
