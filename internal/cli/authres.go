package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"unspoof/authres"
	"unspoof/internal/cli/ui"
	"unspoof/internal/inspect"
	"unspoof/message"
)

func newAuthres(p *program) *cobra.Command {
	var trust []string
	cmd := &cobra.Command{
		Use:   "authres FILE",
		Short: "What did servers write about the message, and which of it can be trusted?",
		Long: `Reads the Authentication-Results (RFC 8601) and Received-SPF fields of a message
as the mailbox keeps it; FILE is the message, or - for standard input.

Anybody can write such a field into his mail. Only what your own servers wrote
counts: it stands above the line in which they took the message in, and has the
name by which they call themselves (the authserv-id, the first word). Give that
name with --trust; without it only the place tells. Nothing is asked of DNS.`,
		Example: `  unspoof authres message.eml
  unspoof authres message.eml --trust mx.example.com --json`,
		Args: oneMessage,
		Annotations: exits(`  0  at least one field can be trusted, and none is false
  1  a field claims to be of your servers and stands where others may have
     written it, or cannot be read there
  2  wrong usage, or the file cannot be read
  3  no field can be trusted, or there is none`),
		RunE: func(cmd *cobra.Command, args []string) error { return p.authres(cmd, args[0], trust) },
	}
	cmd.Flags().StringArrayVar(&trust, "trust", nil, "the authserv-id of a server of yours, a `NAME`; may be repeated")
	return cmd
}

type authresJSON struct {
	Schema int `json:"schema"`
	// Boundary is how many header fields, from the top, your servers wrote.
	Boundary int            `json:"boundary"`
	Fields   []authresField `json:"fields"`
}

// authresField is one field, and what it is worth.
type authresField struct {
	Line    int    `json:"line"`
	Name    string `json:"name"`
	Trusted bool   `json:"trusted"`
	False   bool   `json:"false"` // a border server has to remove it
	Why     string `json:"why"`
	Error   string `json:"error,omitempty"` // why it cannot be read
	// One of them is set, unless it cannot be read.
	AuthenticationResults *authres.Field       `json:"authentication_results,omitempty"`
	ReceivedSPF           *authres.ReceivedSPF `json:"received_spf,omitempty"`
}

func (p *program) authres(cmd *cobra.Command, file string, trust []string) error {
	for _, id := range trust {
		if strings.TrimSpace(id) == "" {
			return usage("--trust is empty", "give the first word of your server's Authentication-Results: --trust mx.example.com")
		}
	}
	data, err := p.readHeader(file)
	if err != nil {
		return err
	}
	header, _, _ := message.ReadHeader(data)
	path := inspect.ReadPath(cmd.Context(), inspect.PathArgs{Header: header})
	out := authresJSON{Schema: schema, Boundary: path.Boundary, Fields: []authresField{}}
	out.read(header, trust)
	if p.json {
		err = p.printJSON(out)
	} else {
		p.showAuthres(out, trust)
	}
	return errors.Join(err, out.status())
}

// maxAuthres is how many fields are looked at; honest mail has under ten.
const maxAuthres = 100

func (out *authresJSON) read(header message.Header, trust []string) {
	ids := trust
	if len(ids) == 0 {
		ids = above(header, out.Boundary)
	}
	sel := authres.Select(authres.SelectArgs{Header: header, IDs: ids, Boundary: out.Boundary})
	trusted := func(i int) bool {
		return slices.ContainsFunc(sel.Trusted, func(f authres.Found) bool { return f.Index == i })
	}
	for i, h := range header.Fields {
		if len(out.Fields) == maxAuthres {
			break
		}
		f := authresField{Line: h.Line, Name: h.Name}
		switch {
		case strings.EqualFold(h.Name, authres.Name):
			field, err := authres.Parse(h.Value())
			f.Trusted, f.False = trusted(i), slices.Contains(sel.Strip, i) && len(trust) > 0
			f.AuthenticationResults = &field
			f.fault(err)
		case strings.EqualFold(h.Name, authres.NameReceivedSPF):
			field, err := authres.ParseReceivedSPF(h.Value())
			f.Trusted = err == nil && i < out.Boundary
			f.ReceivedSPF = &field
			f.fault(err)
		default:
			continue
		}
		f.Why = f.why(i < out.Boundary, len(trust) > 0)
		out.Fields = append(out.Fields, f)
	}
}

// above gives the authserv-ids that are used above the boundary, where nobody
// but one's own servers can have written.
func above(header message.Header, boundary int) []string {
	var ids []string
	for _, h := range header.Fields[:boundary] {
		if strings.EqualFold(h.Name, authres.Name) {
			if field, err := authres.Parse(h.Value()); err == nil {
				ids = append(ids, field.ID)
			}
		}
	}
	return ids
}

func (f *authresField) fault(err error) {
	if err != nil {
		f.Error = err.Error()
		f.AuthenticationResults, f.ReceivedSPF = nil, nil
	}
}

// why says in a sentence what the field is worth.
func (f *authresField) why(above, named bool) string {
	switch {
	case f.Error != "" && above:
		return "It cannot be read, so it says nothing."
	case f.Error != "":
		return "It cannot be read; others may read it as they like."
	case f.False:
		return "It bears the name of your server, but stands where the sender may have written it. Your server should remove such fields from what comes in."
	case f.Trusted && named && f.AuthenticationResults != nil:
		return "Your server wrote it: it has its name, and stands above the line in which the message came in."
	case f.Trusted:
		return "It stands above the line in which the message came in, where only your own servers write."
	case above:
		return "It stands where only your own servers write, but has another name than you trust."
	}
	return "It stands below the line in which the message came in: the sender, or whoever passed it on, may have written it."
}

func (out authresJSON) status() error {
	switch {
	case slices.ContainsFunc(out.Fields, func(f authresField) bool { return f.False }):
		return status(exitFinding)
	case slices.ContainsFunc(out.Fields, func(f authresField) bool { return f.Trusted }):
		return nil
	}
	return status(exitUnknown)
}

func (p *program) showAuthres(out authresJSON, trust []string) {
	o := p.out
	if len(out.Fields) == 0 {
		o.Text("", "The message has no Authentication-Results: no server wrote what it found.")
		return
	}
	if out.Boundary == 0 {
		o.Text("", "The message has no Received line, so nothing tells which fields your own servers wrote. Give it as the mailbox keeps it.")
		o.Line("")
	}
	for i, f := range out.Fields {
		if i > 0 {
			o.Line("")
		}
		p.showAuthresField(f)
	}
	if len(trust) == 0 && out.Boundary > 0 {
		o.Line("")
		o.Text("", "Only the place was looked at. To be sure, name your server: --trust NAME, with the first word of its field.")
	}
}

func (p *program) showAuthresField(f authresField) {
	o := p.out
	worth := o.As(ui.Yellow, "hearsay")
	switch {
	case f.False:
		worth = o.As(ui.Red, "FALSE?")
	case f.Trusted:
		worth = o.As(ui.Green, "trusted")
	}
	o.Text("", "%s: %s, line %d. %s", worth, f.Name, f.Line, f.Why)
	if f.Error != "" {
		o.Text("  ", "%s", origin.ReplaceAllString(f.Error, ""))
	}
	if s := f.ReceivedSPF; s != nil {
		o.Text("  ", "spf: %s%s", p.out.As(resultStyles[s.Result], s.Result), pairs(s.Pairs))
	}
	if a := f.AuthenticationResults; a != nil {
		o.Line("  written by %s", a.ID)
		if len(a.Results) == 0 {
			o.Line("  nothing was checked")
		}
		p.showResults(a.Results)
	}
}

// showResults prints the results of one Authentication-Results field.
func (p *program) showResults(results []authres.Result) {
	for _, r := range results {
		text := ""
		for _, prop := range r.Props {
			text += fmt.Sprintf(", %s.%s=%s", prop.Type, prop.Name, prop.Value)
		}
		if r.Reason != "" {
			text += " (" + r.Reason + ")"
		}
		p.out.Text("  ", "%s: %s%s", r.Method, p.out.As(resultStyles[r.Result], r.Result), text)
	}
}

func pairs(list []authres.Pair) string {
	text := ""
	for _, p := range list {
		text += ", " + p.Key + "=" + p.Value
	}
	return text
}
