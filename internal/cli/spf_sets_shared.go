package cli

import (
	"strings"

	"unspoof/internal/cli/ui"
	"unspoof/internal/spftext"
)

// showShared names what is shared with strangers.
func (p *program) showShared(out *setsJSON) {
	if len(out.Shared) == 0 {
		return
	}
	o := p.out
	o.Heading("Shared with other customers")
	for _, s := range out.Shared {
		o.Text("  ", "%s of %s (%s), by %s", spftext.Addresses(s.Tally), strings.Join(s.Services, " or "), s.Host, strings.Join(s.Via, ", "))
	}
	o.Text("  ", "%s", o.As(ui.Dim, "Whoever has an account there sends from the same addresses; that they can't send as you is for the service to see to."))
}

// showShadows names the terms that could go.
func (p *program) showShadows(out *setsJSON) {
	if len(out.Shadows) == 0 {
		return
	}
	o := p.out
	o.Heading("Terms that could go")
	for _, s := range out.Shadows {
		why := "what comes behind it says the same"
		switch {
		case !s.Reached:
			why = "nobody comes as far as that"
		case s.Shadowed:
			why = "all that it matches is decided before"
		}
		if len(s.By) > 0 {
			why += ": " + strings.Join(s.By, ", ")
		}
		o.Text("  ", "%s (%s)", s.Term, why)
	}
}
