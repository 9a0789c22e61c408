package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"unspoof/internal/cli/ui"
	"unspoof/spf"
)

func newSPFDrift(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "drift SNAPSHOT-or-DOMAIN",
		Short: "Tell when what an SPF record was flattened from has changed",
		Long: `Asks DNS again for everything that unspoof spf flatten made a record from, and
for what was to be published. It fails when either has changed in effect, and says
which addresses came and went through which source; then flatten anew. Made to be
run every day by a timer.

SNAPSHOT is the file that flatten wrote, or - for standard input. For a DOMAIN,
the file DOMAIN.spf.json in this folder is read.`,
		Example: `  unspoof spf drift example.com.spf.json
  unspoof spf drift example.com --json`,
		Annotations: exits(`  0  nothing has changed
  1  something has
  2  wrong usage
  3  DNS did not answer everything, or there was too much to read; what was read has
     not changed`),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 || args[0] == "" {
				return usage("which snapshot? Give one", "name the file that flatten wrote: unspoof spf drift example.com.spf.json")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return p.spfDrift(cmd, args[0]) },
	}
}

type driftJSON struct {
	Schema int `json:"schema"`
	spf.Drifted
	Taken string `json:"taken,omitempty"` // when it was flattened
}

func (p *program) spfDrift(cmd *cobra.Command, name string) error {
	snapshot, path, err := p.openSnapshot(name)
	if err != nil {
		return err
	}
	resolver, err := p.resolver("")
	if err != nil {
		return err
	}
	drifted, err := spf.Drift(cmd.Context(), spf.DriftArgs{Snapshot: snapshot, Resolver: resolver})
	if err != nil {
		return err
	}
	out := driftJSON{Schema: schema, Drifted: drifted}
	if !snapshot.Taken.IsZero() {
		out.Taken = snapshot.Taken.Format("2006-01-02T15:04:05Z07:00")
	}
	if p.json {
		err = p.printJSON(out)
	} else {
		p.showDrift(&out, flattenCommand(&snapshot, path))
	}
	switch {
	case out.Changed:
		return p.answered(err, exitFinding)
	case out.Unknown:
		return p.answered(err, exitUnknown)
	}
	return p.answered(err, exitFine)
}

// openSnapshot reads the file that was named, or that belongs to a domain, and
// says which that was.
func (p *program) openSnapshot(name string) (s spf.Snapshot, path string, err error) {
	if name == "-" {
		data, err := io.ReadAll(io.LimitReader(p.in, maxSnapshotFile))
		if err != nil {
			return s, "", err
		}
		s, err = snapshotOr(data, "standard input")
		return s, s.Domain + ".spf.json", err
	}
	path = name
	data, err := readUpTo(path, maxSnapshotFile)
	if domain := strings.TrimSuffix(strings.ToLower(name), "."); errors.Is(err, fs.ErrNotExist) && !strings.ContainsAny(name, `/\`) {
		path = domain + ".spf.json"
		data, err = readUpTo(path, maxSnapshotFile)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return s, "", usage(unread(path, err), "make the snapshot first: unspoof spf flatten DOMAIN --snapshot DOMAIN.spf.json")
	case err != nil:
		return s, "", usage(unread(path, err), "name the file that unspoof spf flatten --snapshot wrote, or - for standard input")
	}
	s, err = snapshotOr(data, path)
	return s, path, err
}

func snapshotOr(data []byte, name string) (spf.Snapshot, error) {
	s, err := spf.ParseSnapshot(data)
	if err != nil {
		return s, usage(name+": "+origin.ReplaceAllString(err.Error(), ""), "name the file that unspoof spf flatten --snapshot wrote")
	}
	return s, nil
}

// These bound what a terminal shows; --json has all.
const (
	shownTerms   = 20
	shownSources = 10
	shownText    = 2000 // characters of a record
)

func (p *program) showDrift(out *driftJSON, again string) {
	o := p.out
	since := "it was flattened"
	if out.Taken != "" {
		since = out.Taken
	}
	lost := slices.ContainsFunc(out.Terms, func(t spf.DriftedTerm) bool { return t.Changed })
	switch {
	case out.Changed && !lost:
		o.Text("", "%s", o.As(ui.Red, "What "+out.Domain+" publishes is not the record that was made. What that was made from has not changed since "+since+unlessUnknown(out)+"."))
	case out.Changed:
		o.Text("", "%s", o.As(ui.Red, "The SPF record of "+out.Domain+" no longer means what it was made from. What changed since "+since+":"))
	case out.Unknown:
		o.Text("", "%s", o.As(ui.Yellow, "Not everything could be read in DNS. In what could, nothing has changed since "+since+"."))
	default:
		o.Text("", "%s", o.As(ui.Green, "Nothing has changed since "+since+"."))
	}
	shown := 0
	for i := range out.Terms {
		if t := &out.Terms[i]; t.Changed || t.Unknown {
			if shown++; shown <= shownTerms {
				p.showDriftedTerm(t)
			}
		}
	}
	p.andMore(shown-shownTerms, "term")
	shown = 0
	for i := range out.Published {
		if r := &out.Published[i]; r.Changed || r.Unknown {
			if shown++; shown <= shownTerms {
				p.showDriftedRecord(r)
			}
		}
	}
	p.andMore(shown-shownTerms, "record")
	if lost {
		o.Line("")
		o.Text("", "Flatten anew, from the record with the includes:")
		o.Raw(2, again)
	}
}

// unlessUnknown limits a claim to what was read.
func unlessUnknown(out *driftJSON) string {
	if out.Unknown {
		return ", as far as it could be read"
	}
	return ""
}

func (p *program) andMore(n int, noun string) {
	if n > 0 {
		p.out.Line("")
		p.out.Line("  and %s more; --json shows all", count(n, noun))
	}
}

func (p *program) showDriftedTerm(t *spf.DriftedTerm) {
	o := p.out
	o.Heading("%s", ui.Cut(t.Term, 200))
	if t.Why != "" {
		o.Text("  ", "%s", ui.Cut(t.Why, 500))
	}
	p.showRanges("gained, not in your record", t.Gained)
	p.showRanges("lost, still in your record", t.Lost)
	for _, s := range t.Sources[:min(len(t.Sources), shownSources)] {
		o.Text("  - ", "%s %s: %s%s", s.Type, ui.Cut(s.Name, 200), s.Why, rangesWords(s))
	}
	if n := len(t.Sources) - shownSources; n > 0 {
		o.Text("  - ", "and %s more; --json shows all", count(n, "answer"))
	}
}

func (p *program) showDriftedRecord(r *spf.DriftedPublish) {
	o := p.out
	o.Heading("%s", ui.Cut(r.Name, 200))
	o.Text("  ", "%s", ui.Cut(r.Why, 500))
	if !r.Changed {
		return
	}
	o.Line("  made:")
	o.Raw(4, ui.Cut(r.Want, shownText))
	if r.Have != "" {
		o.Line("  published:")
		o.Raw(4, ui.Cut(r.Have, shownText))
	}
}

// shownRanges bounds a list on a terminal.
const shownRanges = 20

func (p *program) showRanges(label string, list []spf.Range) {
	if len(list) == 0 {
		return
	}
	p.out.Line("  %s: %s", count(len(list), "range"), label)
	for _, r := range list[:min(len(list), shownRanges)] {
		p.out.Raw(4, r.String())
	}
	if n := len(list) - shownRanges; n > 0 {
		p.out.Line("    and %d more; --json shows all", n)
	}
}

func rangesWords(s spf.DriftedSource) string {
	if len(s.Gained)+len(s.Lost) == 0 {
		return ""
	}
	return fmt.Sprintf(" (+%d, -%d)", len(s.Gained), len(s.Lost))
}
