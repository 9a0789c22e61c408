package cli

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"unspoof/dkim"
	"unspoof/internal/cli/ui"
)

func newDKIMExplain(p *program) *cobra.Command {
	now := ""
	cmd := &cobra.Command{
		Use:   "explain FILE-or-RECORD",
		Short: "Say in words what each tag of a signature or key record means, and what broke",
		Long: `Takes DKIM apart, tag by tag. Give a message (- for standard input) to have each
of its signatures explained and checked, with what changed where one fails; the
text of a key record, or of a DKIM-Signature field, to have that explained. A key
record may have the quotes and the name of a zone file around it.`,
		Example: `  unspoof dkim explain message.eml
  unspoof dkim explain "v=DKIM1; k=ed25519; t=y; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="`,
		Annotations: exits(`  0  the record is valid; of a message, at least one signature passes
  1  it is not, or the message has no signature
  2  wrong usage, or the file cannot be read
  3  no signature passes, but of one the key could not be had,
     or the header is too long to be checked`),
		Args: func(cmd *cobra.Command, args []string) error {
			if strings.TrimSpace(strings.Join(args, "")) == "" {
				return usage("there is nothing to explain", "give a message or a record: unspoof dkim explain message.eml")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.dkimExplain(cmd, strings.Join(args, " "))
		},
	}
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		return usage(err.Error(), `put a record in quotes: unspoof dkim explain "v=DKIM1; p=…"`)
	})
	cmd.Flags().StringVar(&now, "now", "", "check a message as at this `TIME` instead of now (RFC 3339 or Unix seconds)")
	return cmd
}

type dkimExplainJSON struct {
	Schema int             `json:"schema"`
	Items  []dkimExplained `json:"items"`
	Notes  []string        `json:"notes,omitempty"` // on the message

	tooLong bool // so that not all signatures were found
}

// dkimExplained is one signature or key record.
type dkimExplained struct {
	Kind  string        `json:"kind"` // "signature", "key"
	Valid bool          `json:"valid"`
	Fault string        `json:"fault,omitempty"` // of the text alone
	Tags  []dkimTagJSON `json:"tags"`
	// Check is what came of the signature, where there is a message.
	Check *dkim.SignatureResult `json:"check,omitempty"`
	// Broke is what was changed since it was signed, as far as it can be found.
	Broke []breakJSON `json:"broke,omitempty"`
}

// breakJSON is one change: of a header field, of octets Start to End of the body,
// or, without any of them, of the whole message.
type breakJSON struct {
	Field  string      `json:"field,omitempty"`
	Start  int         `json:"start,omitempty"`
	End    int         `json:"end,omitempty"`
	Change dkim.Change `json:"change"`
	Cause  string      `json:"cause"`
	Proven bool        `json:"proven"` // with the change undone, the signature fits
}

type dkimTagJSON struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	Words string `json:"words"`
}

func (p *program) dkimExplain(cmd *cobra.Command, what string) error {
	now, err := clock(cmd)
	if err != nil {
		return err
	}
	out := dkimExplainJSON{Schema: schema, Items: []dkimExplained{}}
	var code error
	if isDKIMText(what) {
		item := explainDKIMText(what)
		out.Items = append(out.Items, item)
		if !item.Valid {
			code = status(exitFinding)
		}
	} else if code, err = p.explainSigned(cmd, &out, what, now); err != nil {
		return err
	}
	if p.json {
		err = p.printJSON(out)
	} else {
		p.showDKIMExplained(out)
	}
	return errors.Join(err, code)
}

// isDKIMText tells a record from the name of a file.
func isDKIMText(s string) bool {
	if _, err := os.Stat(s); err == nil || s == "-" {
		return false
	}
	return strings.Contains(s, "=")
}

// explainDKIMText explains the text of a signature field, with or without its
// name, or of a key record.
func explainDKIMText(text string) dkimExplained {
	const field = "DKIM-Signature:"
	text = recordText(text)
	named := len(text) >= len(field) && strings.EqualFold(text[:len(field)], field)
	if tags, _ := dkim.ParseTags(text); !named && !hasTag(tags, "b") && !hasTag(tags, "bh") {
		return explainKey(text)
	}
	if !named {
		text = field + " " + text
	}
	return explainSignature([]byte(text + "\r\n"))
}

// zonePrefix is what stands before the text of a record in a zone file (RFC 1035
// section 5.1), and the bracket that lets it go on over several lines.
var zonePrefix = regexp.MustCompile(`(?i)^(\S+\s+)?(\d+\s+)?(IN\s+)?TXT\s+(\(\s*)?`)

// recordText takes the name, the quotes and the cuts of a record as zone files have
// it away.
func recordText(s string) string {
	s = strings.TrimSpace(s)
	rest := s[len(zonePrefix.FindString(s)):]
	if !strings.HasPrefix(rest, `"`) {
		return rest
	}
	var b strings.Builder
	inside := false
	for i := 0; i < len(rest); i++ {
		switch c := rest[i]; {
		case c == '"':
			inside = !inside
		case inside && c == '\\' && i+1 < len(rest):
			i++
			b.WriteByte(rest[i])
		case inside:
			b.WriteByte(c)
		}
	}
	return b.String()
}

func hasTag(tags dkim.Tags, name string) bool {
	for _, t := range tags {
		if t.Name == name {
			return true
		}
	}
	return false
}

func explainKey(record string) dkimExplained {
	key, err := dkim.ParseKey(record)
	item := dkimExplained{Kind: "key", Valid: err == nil, Tags: []dkimTagJSON{}}
	if err != nil {
		item.Fault = reason(err)
	}
	for _, t := range key.Tags {
		item.Tags = append(item.Tags, dkimTagJSON{t.Name, t.Value, keyTagWords(t, key)})
	}
	return item
}

func explainSignature(field []byte) dkimExplained {
	sig, err := dkim.ParseSignature(field, dkim.DKIM)
	item := dkimExplained{Kind: "signature", Valid: err == nil, Tags: []dkimTagJSON{}}
	if err != nil {
		item.Fault = reason(err)
	}
	for _, t := range sig.Tags {
		item.Tags = append(item.Tags, dkimTagJSON{t.Name, strings.Join(strings.Fields(t.Value), " "), signatureTagWords(t, sig)})
	}
	return item
}

// reason is why package dkim refuses something.
func reason(err error) string {
	var fault *dkim.Fault
	if errors.As(err, &fault) {
		return fault.Reason
	}
	return err.Error()
}

// explainSigned explains and checks each signature of a message.
func (p *program) explainSigned(cmd *cobra.Command, out *dkimExplainJSON, file string, now time.Time) (code, err error) {
	resolver, err := p.resolver("")
	if err != nil {
		return nil, err
	}
	data, err := p.readMessage(file)
	if err != nil {
		return nil, err
	}
	res, err := dkim.Verifier{Resolver: resolver}.Verify(cmd.Context(), dkim.Args{Message: data, Now: now})
	if cerr := cmd.Context().Err(); cerr != nil {
		return nil, cerr
	}
	if err != nil {
		return nil, usage(unread(file, err), "")
	}
	found, err := dkim.Forensic(cmd.Context(), dkim.ForensicArgs{Message: data, Resolver: resolver})
	if err != nil {
		return nil, err
	}
	header, _ := dkim.ReadHeader(data)
	for i, r := range res.Results {
		item := explainSignature(header.Raw(r.Field))
		item.Check = &res.Results[i]
		if r.Result == dkim.Fail && i < len(found.Results) {
			item.Broke = broke(found.Results[i])
		}
		out.Items = append(out.Items, item)
	}
	out.Notes, out.tooLong = res.Notes, res.TooLong
	if res.Skipped > 0 {
		out.Notes = append(out.Notes, fmt.Sprintf("%s more not looked at", count(res.Skipped, "signature")))
	}
	return dkimStatus(res), nil
}

// broke is what was changed since a signature was made.
func broke(s dkim.ForensicSignature) []breakJSON {
	var list []breakJSON
	for _, b := range s.Breaks {
		list = append(list, breakJSON{b.Field, b.Start, b.End, b.Change, b.Cause, b.Proven})
	}
	return list
}

func (b breakJSON) words() string {
	where := "the message"
	switch {
	case b.Field != "":
		where = "the header field " + b.Field
	case b.End > 0:
		where = fmt.Sprintf("octets %d to %d of the body", b.Start, b.End)
	}
	text := where + " was " + string(b.Change)
	if b.End > b.Start+1 && b.Field == "" {
		text = where + " were " + string(b.Change)
	}
	if b.Cause != "" {
		text += ": " + b.Cause
	}
	if b.Proven {
		return text + ". This is certain: with it undone, the signature fits."
	}
	return text + ". Undoing it proved nothing."
}

func (p *program) showDKIMExplained(out dkimExplainJSON) {
	o := p.out
	if len(out.Items) == 0 {
		p.showSignatures(dkim.Result{TooLong: out.tooLong})
	}
	for i, item := range out.Items {
		if i > 0 {
			o.Line("")
		}
		if item.Check != nil {
			p.showSignature(*item.Check)
			for _, b := range item.Broke {
				o.Text("  what broke it: ", "%s", b.words())
			}
			o.Line("")
		} else if item.Fault != "" {
			o.Text("", "%s", o.As(ui.Red, "Not valid: "+item.Fault+". Receivers ignore it."))
		}
		for _, t := range item.Tags {
			o.Line("%s", o.As(ui.Bold, t.Name+"="+ui.Cut(ui.Clean(t.Value), shownTag)))
			o.Text("    ", "%s", t.Words)
		}
	}
	p.notes("", out.Notes)
}

// shownTag is how many columns of a value are shown; keys and signatures are
// long, and nobody reads them.
const shownTag = 72
