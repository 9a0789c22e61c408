package cli

import (
	"strings"

	"unspoof/internal/cli/ui"
)

// resultStyles are those of the result words of RFC 8601 and 7208.
var resultStyles = map[string]ui.Style{
	"pass": ui.Green, "fail": ui.Red, "permerror": ui.Red, "softfail": ui.Yellow, "neutral": ui.Yellow,
	"policy": ui.Yellow, "none": ui.Yellow, "temperror": ui.Yellow,
}

// shout gives a result word as the verdict that it is.
func (p *program) shout(word string) ui.Styled {
	return p.out.As(resultStyles[word], strings.ToUpper(word))
}

// notes prints sentences that are added to what stands above.
func (p *program) notes(indent string, sentences []string) {
	for _, s := range sentences {
		p.out.Text(indent+"note: ", "%s", s)
	}
}
