package ui_test

import (
	"os"

	"unspoof/internal/cli/ui"
)

func ExampleOut() {
	out := ui.NewOut(os.Stdout, func(string) string { return "" })
	out.Line("subject: %s", "harmless\x1b[2J\u202e?")
	out.Table(2, [][]any{{"mail.example.com", 3, ui.Bar(3, 4, 8)}, {"web.example.com", 12, ui.Bar(1, 4, 8)}})
	// Output:
	// subject: harmless�[2J�?
	//   mail.example.com  3   ██████
	//   web.example.com   12  ██
}
