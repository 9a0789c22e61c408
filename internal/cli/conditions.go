package cli

import (
	"unspoof/internal/cli/ui"
	"unspoof/plan"
)

// showConditions prints what must be true before something is published.
func (p *program) showConditions(list []plan.Condition) {
	if len(list) == 0 {
		return
	}
	o := p.out
	o.Heading("What must be true before")
	for _, c := range list {
		switch c.State {
		case plan.Met:
			o.Text("  - ", "%s %s", o.As(ui.Green, "yes:"), c.Text)
			o.Text("    ", "%s", c.Basis)
		case plan.NotMet:
			o.Text("  - ", "%s %s", o.As(ui.Red, "no:"), c.Text)
			o.Text("    ", "%s %s", c.Basis, c.Check)
		default:
			o.Text("  - ", "%s %s", o.As(ui.Yellow, "not known:"), c.Text)
			o.Text("    ", "%s %s", c.Basis, c.Check)
		}
	}
}

// showList prints sentences below a heading, in a style or "" for none; an empty
// list prints nothing.
func (p *program) showList(heading string, sentences []string, style ui.Style) {
	if len(sentences) == 0 {
		return
	}
	p.out.Heading("%s", heading)
	for _, s := range sentences {
		if style == "" {
			p.out.Text("  - ", "%s", s)
			continue
		}
		p.out.Text("  - ", "%s", p.out.As(style, s))
	}
}
