package cli

import (
	"fmt"
	"strings"
	"time"

	"unspoof/internal/cli/ui"
	"unspoof/internal/probe"
)

var testWords = map[probe.TestID]string{
	probe.OpenRelay:        "relays for strangers",
	probe.WithoutLogin:     "sends without a login",
	probe.LoginAnyAddress:  "a login writes as others of the domain",
	probe.LoginAnyDomain:   "a login writes as other domains",
	probe.LoginAnyFrom:     "a login writes another From line",
	probe.VRFY:             "VRFY tells who exists",
	probe.EXPN:             "EXPN tells who exists",
	probe.AuthBeforeTLS:    "takes passwords before TLS",
	probe.STARTTLS:         "STARTTLS",
	probe.CertificateName:  "certificate: name",
	probe.CertificateDates: "certificate: dates",
	probe.CertificateChain: "certificate: authority",
	probe.OldTLS:           "takes old TLS",
	probe.Smuggling:        "ends messages early (smuggling)",
	probe.CatchAll:         "takes mail for anybody (catch-all)",
	probe.OwnEnvelope:      "own domain from outside, envelope",
	probe.OwnFrom:          "own domain from outside, From line",
	probe.Backscatter:      "takes mail, then returns it",
}

var probeWords = map[probe.State]string{probe.Found: "wrong", probe.Fine: "fine", probe.NotTested: "not tested", probe.Unknown: "not known"}

var probeStyles = map[probe.State]ui.Style{probe.Found: ui.Red, probe.Fine: ui.Green, probe.NotTested: ui.Dim, probe.Unknown: ui.Yellow}

// showProbes says what each server answered; the findings stand above already.
func (p *program) showProbes(got *probedServers) {
	if got == nil {
		return
	}
	o := p.out
	o.Heading("Servers asked")
	if len(got.Servers) == 0 {
		o.Line("  none: the domain has no mail exchanger")
	}
	for _, s := range got.Servers {
		if s.SameAs != "" {
			o.Text("  ", "%s (%s): the same server as %s, asked above", s.Host, s.Address, s.SameAs)
			continue
		}
		if !s.Consent.Given() {
			o.Text("  ", "%s was not asked: %s.", s.Host, s.Consent.Why)
			if s.Consent.Record != "" {
				o.Text("  ", "If it is yours, and you want it probed, publish for as long as you need it:")
				o.Line("  TXT record, name: %s", s.Consent.Name)
				o.Raw(4, s.Consent.Record)
			}
			continue
		}
		o.Text("  ", "%s (%s): %s, %s; %s", s.Host, s.Address, count(s.Connections, "connection"), count(s.Commands, "command"), s.Consent.Why)
		o.Table(4, testRows(o, s.Tests))
	}
	if len(got.Left) > 0 {
		o.Text("  ", "Not asked, for there are more than %d: %s", probe.MaxServers, strings.Join(got.Left, ", "))
	}
	if got.Messages > 0 {
		o.Text("  ", "%s sent, to the recipient that you named and nobody else.", count(got.Messages, "message"))
	}
	p.showTransport(got.Transport)
}

// testRows is a row a test; a port that did not answer is one row.
func testRows(o *ui.Out, tests []probe.Test) [][]any {
	var rows [][]any
	for i := 0; i < len(tests); {
		t := tests[i]
		end := i + 1
		for end < len(tests) && t.State != probe.Found && tests[end].Port == t.Port && tests[end].State == t.State && tests[end].Why == t.Why {
			end++
		}
		name := testWords[t.ID]
		if n := end - i; n > 2 {
			name = count(n, "test")
			i = end
		} else {
			i++
		}
		rows = append(rows, []any{fmt.Sprint(t.Port), o.As(probeStyles[t.State], probeWords[t.State]), name, t.Why})
	}
	return rows
}

func (p *program) showTransport(t probe.Transport) {
	rows := [][]any{{"MTA-STS", p.out.As(probeStyles[t.MTASTS.State], probeWords[t.MTASTS.State]), t.MTASTS.Why}}
	for _, h := range t.Hosts {
		var words []string
		if h.Policy != "" {
			words = append(words, h.Policy+" by the policy")
		}
		if h.Certificate != "" {
			words = append(words, "certificate: "+h.Certificate)
		}
		if h.DANE != "" {
			words = append(words, "DANE: "+string(h.DANE))
		}
		if len(words) > 0 {
			rows = append(rows, []any{h.Host, "", strings.Join(words, "; ")})
		}
	}
	p.out.Line("")
	p.out.Table(2, rows)
}

// showRegistrations says what the registries answered.
func (p *program) showRegistrations(got *registrations) {
	if got == nil {
		return
	}
	p.out.Heading("Registration")
	var rows [][]any
	for _, g := range got.Names {
		why := g.Why
		if g.Created != nil {
			why += ", since " + g.Created.UTC().Format(time.DateOnly)
		}
		if g.Registrar != "" {
			why += ", through " + g.Registrar
		}
		if len(g.Abuse) > 0 {
			why += "; misuse is told to " + strings.Join(g.Abuse, ", ")
		}
		if g.User != "" {
			why += "; relied on by " + g.User
		}
		rows = append(rows, []any{g.Name, registrationWords[g.State], why})
	}
	p.out.Table(2, rows)
	p.out.Text("  ", "%s asked.", count(got.Questions, "question"))
	if len(got.Left) > 0 {
		more := ""
		if got.LeftMore > 0 {
			more = fmt.Sprintf(" and %d more", got.LeftMore)
		}
		p.out.Text("  ", "Relied on as well, and not asked about: %s%s", strings.Join(got.Left, ", "), more)
	}
}

var registrationWords = map[probe.RegistrationState]string{
	probe.Registered: "registered", probe.Unregistered: "not registered", probe.RegistrationOpen: "not known", probe.RegistrationNotTested: "not tested",
}
