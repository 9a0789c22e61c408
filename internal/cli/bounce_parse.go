package cli

import (
	"bufio"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"unspoof/bounce"
	"unspoof/internal/cli/ui"
	"unspoof/internal/intake"
	"unspoof/internal/investigation"
)

func newBounce(p *program) *cobra.Command {
	return group("bounce", "Read messages that came back", newBounceParse(p))
}

func newBounceParse(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "parse PATH…",
		Short: "Show what each message says: kind, recipients, reason, the original it returns",
		Long: `Reads messages and shows what stands in them, judging nothing: what kind of
notice each is, whom it is about, why the mail was refused, and what came back
of the original.

PATH is a message (.eml), a mailbox (mbox), a Maildir, a folder, a zip or gzip
archive of these, or - for standard input. What a file is, is seen from its
content. With --json one line is printed for each message, with
"file": FILE#N for the N-th message of a mailbox; given as PATH, FILE#N is that
message alone.`,
		Example: `  unspoof bounce parse notice.eml
  unspoof bounce parse --json bounces.mbox | jq .refusal
  cat notice.eml | unspoof bounce parse -`,
		Args:        needPaths,
		Annotations: exits("  0  every message was read\n  2  wrong usage, or something could not be read; the rest was\n  130  interrupted"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.bounceParse(cmd, args)
		},
	}
}

// needPaths asks for what to read.
func needPaths(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return usage(cmd.CommandPath()+" needs something to read",
			"name a message (.eml), a mailbox (mbox), a folder or a zip, or - for standard input: "+cmd.CommandPath()+" bounces.mbox")
	}
	return nil
}

// noticeJSON is the line for one message.
type noticeJSON struct {
	Schema  int        `json:"schema"`
	File    string     `json:"file"`
	Subject string     `json:"subject"` // of the notice
	Date    *time.Time `json:"date"`    // when it reached the mailbox
	bounce.View
}

func (p *program) bounceParse(cmd *cobra.Command, paths []string) error {
	args, done := p.intakeArgs(paths, false)
	defer done()
	w := bufio.NewWriter(ui.JSON(p.Stdout))
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	failed := 0
	for item, err := range intake.Messages(cmd.Context(), args) {
		var e *intake.Error
		switch {
		case errors.As(err, &e):
			p.complain("%s", e.Sentence())
			if !e.Minor {
				failed++
			}
		case err != nil:
			return err
		case p.json:
			n := investigation.ParseNotice(item.Data, item.Warnings)
			line := noticeJSON{Schema: schema, File: item.File, Subject: n.Subject, View: n.View()}
			if !n.Date.IsZero() {
				date := n.Date.UTC()
				line.Date = &date
			}
			if err := enc.Encode(line); err != nil {
				return err
			}
		default:
			p.showNotice(item.File, investigation.ParseNotice(item.Data, item.Warnings))
		}
		if err := p.out.Err(); err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if failed > 0 {
		return status(exitUsage)
	}
	return nil
}

func (p *program) showNotice(file string, n *bounce.Notice) {
	o := p.out
	o.Line("%s: %s", o.As(ui.Bold, file), kindWords(n.Kind))
	var rows [][]any
	add := func(label, value string) {
		if value != "" {
			rows = append(rows, []any{label, value})
		}
	}
	add("subject", n.Subject)
	add("about mail to", strings.Join(n.Recipients, ", "))
	if r := n.Refusal; r != nil {
		add("refused because", classWords(r.Class))
		add("in the server's words", r.Text)
	}
	add("status", strings.Join(n.Status, ", "))
	add("reported by", n.ReportingMTA)
	if f := n.Feedback; f != nil {
		add("complaint", f.Type)
		add("sent from", f.SourceIP)
	}
	og := n.Original
	add("original", returnedWords[og.Returned])
	add("  from", og.From)
	add("  subject", og.Subject)
	add("  message-id", og.MessageID)
	if og.FirstExternalIP.IsValid() {
		add("  handed over by", og.FirstExternalIP.String()+" (as the returned lines say; unspoof investigate weighs that)")
	}
	o.Table(2, rows)
	for _, w := range n.Warnings {
		o.Text("  note: ", "%s", w.Text)
	}
}

// intakeArgs reads the paths, with a progress bar on a terminal, unless results
// are printed there meanwhile; done takes the bar away.
func (p *program) intakeArgs(paths []string, quiet bool) (args intake.Args, done func()) {
	args = intake.Args{Paths: paths, Stdin: p.in}
	bar := ui.NewProgress(p.Stderr)
	if bar != nil && (quiet || !ui.IsTerminal(p.Stdout)) {
		args.Progress = bar.Set
	}
	return args, bar.Done
}
