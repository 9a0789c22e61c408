package cli

import (
	"context"
	"slices"
	"strings"
	"time"

	"unspoof/finding"
	"unspoof/internal/probe"
	"unspoof/posture"
)

// registrations is the section "registration".
type registrations struct {
	Questions int                  `json:"questions"` // asked of IANA, registries and registrars
	Names     []probe.Registration `json:"names"`
	Left      []string             `json:"left"` // relied on as well, and not asked about
	LeftMore  int                  `json:"left_more"`
}

// maxRegistrations bounds the names of one run: registries are slow, and answer few
// questions.
const maxRegistrations = 20

// open reports that a registry did not say what it was asked.
func (r *registrations) open() bool {
	return slices.ContainsFunc(r.Names, func(g probe.Registration) bool { return g.State == probe.RegistrationOpen })
}

// askRegistries asks about the domain, then about what it relies on: names that DNS
// doesn't know first, others in the report's order. What a registry says of the
// former takes the place of the report's guess.
func askRegistries(ctx context.Context, registry *probe.RDAP, rep *posture.Report, now time.Time) (*registrations, []finding.Finding, error) {
	out := &registrations{Names: []probe.Registration{}, Left: []string{}, LeftMore: rep.ReliesMore}
	var found []finding.Finding
	for _, n := range reliedOn(rep) {
		if err := ctx.Err(); err != nil {
			return out, nil, err
		}
		if len(out.Names) == maxRegistrations {
			out.Left = append(out.Left, n.name)
			continue
		}
		g := registry.Ask(ctx, n.name)
		g.User = strings.Join(n.users, ", ")
		out.Names = append(out.Names, g)
		if g.State == probe.Unregistered && slices.ContainsFunc(rep.Findings, func(f finding.Finding) bool { return isGuessOf(f, n.name, "NAME-003") }) {
			continue // whoever takes it reads reports, and does not send
		}
		found = append(found, g.Findings(rep.Domain, now)...)
		if g.State == probe.Registered || g.State == probe.Unregistered {
			dropGuess(rep, n.name)
		}
	}
	out.Questions = registry.Questions
	return out, found, ctx.Err()
}

// relied is a name to ask about, once, and all that relies on it; nothing does on
// the domain itself.
type relied struct {
	name  string
	users []string
}

func reliedOn(rep *posture.Report) (list []relied) {
	own := posture.Registrable(rep.Domain)
	if own != "" { // else nobody registers it
		list = append(list, relied{name: own})
	}
	add := func(name, user string) {
		if name == own || name == "" {
			return
		}
		i := slices.IndexFunc(list, func(r relied) bool { return r.name == name })
		if i < 0 {
			i = len(list)
			list = append(list, relied{name: name})
		}
		if !slices.Contains(list[i].users, user) {
			list[i].users = append(list[i].users, user)
		}
	}
	for _, c := range rep.Claimable {
		add(c.Name, c.Via)
	}
	for _, r := range rep.Relies {
		add(r.Name, r.Via)
	}
	return list
}

// isGuessOf reports a finding, of ids that begin so, on a name that DNS does not know.
func isGuessOf(f finding.Finding, name, ids string) bool {
	return strings.HasPrefix(f.ID, ids) && slices.ContainsFunc(f.Evidence, func(e finding.Evidence) bool { return e.Query == "SOA "+name })
}

// dropGuess takes out what DNS alone made of a name that the registry has now told
// about, and a next step that rests on it.
func dropGuess(rep *posture.Report, name string) {
	isGuess := func(f finding.Finding) bool { return isGuessOf(f, name, "NAME-") }
	i := slices.IndexFunc(rep.Findings, isGuess)
	if i < 0 {
		return
	}
	next := rep.Findings[i].What + " " + rep.Findings[i].Fix
	rep.Findings = slices.DeleteFunc(rep.Findings, isGuess)
	regrade(rep)
	if rep.Next.Text != next {
		return
	}
	rep.Next = posture.NextStep{Text: "Nothing needs to be published now. Keep reading the DMARC reports: they show when something changes."}
	if len(rep.Findings) > 0 && rep.Findings[0].Severity.AtLeast(finding.Moderate) {
		rep.Next.Text = rep.Findings[0].What + " " + rep.Findings[0].Fix
	}
}
