package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"unspoof/dns"
	"unspoof/finding"
	"unspoof/internal/cli/ui"
	"unspoof/internal/fleet"
	"unspoof/posture"
)

const (
	// shownSkipped is how many lines that hold no domain are named.
	shownSkipped = 20
	// oldJournal is the age from which on answers of an earlier run may have
	// changed: most records live for a day at most.
	oldJournal = 24 * time.Hour
)

// files opens the journal and the baseline.
func (c *checking) files() (err error) {
	if c.opts.baseline != "" {
		if err = c.openBaseline(); err != nil {
			return err
		}
	}
	if c.opts.resume == "" {
		return nil
	}
	c.args.Journal, err = fleet.OpenJournal(fleet.JournalArgs{Path: c.opts.resume, Options: c.manner(), List: c.input.print, Now: time.Now()})
	switch {
	case errors.Is(err, fleet.ErrLocked):
		return fileTrouble("--resume", err, "wait until that run has ended, or name a new file")
	case errors.Is(err, fleet.ErrOptions):
		return fileTrouble("--resume", err, "give the same options as then, or name a new file")
	case err != nil:
		return fileTrouble("--resume", err, "name a new file, or one that --resume made")
	}
	if n := c.args.Journal.Len(); n > 0 {
		c.err.Line("%s done already: %s", count(n, "domain"), c.opts.resume)
		if age := time.Since(c.args.Journal.Begun); age > oldJournal {
			c.err.Line("  that run was begun %s ago, and what it found may have changed; name a new file to ask everything", count(int(age/(24*time.Hour)), "day"))
		}
	}
	if c.args.Journal.ListChanged {
		c.err.Line("  the list has changed since: domains that are new are checked, those that are gone are left out")
	}
	return nil
}

// openBaseline opens the baseline, and tells at once what can't be compared.
func (c *checking) openBaseline() error {
	var err error
	c.args.Baseline, err = fleet.OpenBaseline(c.opts.baseline)
	switch {
	case errors.Is(err, fleet.ErrPartial):
		return fileTrouble("--baseline", err, "name a journal of --resume, or what check --json printed without --baseline")
	case errors.Is(err, fleet.ErrNoFile):
		return fileTrouble("--baseline", err, "write it into a file first, and name that")
	case err != nil:
		return fileTrouble("--baseline", err, "name what unspoof check --json printed, or a journal of --resume")
	}
	if err := c.args.Baseline.Comparable(c.quick()); err != nil {
		return usage("--baseline: "+err.Error(), c.howThen())
	}
	return nil
}

// howThen says how to check as the baseline was.
func (c *checking) howThen() string {
	switch {
	case c.quick():
		return "check in full too, with --full, or make the baseline anew"
	case c.input.list:
		return "leave --full out, or make the baseline anew"
	}
	return "name the domains in a list (@FILE or -), which is checked quickly, or make the baseline anew"
}

// fileTrouble is wrong usage of a flag that names a file.
func fileTrouble(flag string, err error, hint string) error {
	text := strings.TrimPrefix(err.Error(), "fleet: ")
	var path *os.PathError
	if errors.As(err, &path) {
		text = unread(path.Path, err)
	}
	return usage(flag+": "+text, hint)
}

// manner is all that makes the reports of two runs differ.
func (c *checking) manner() string {
	words := []string{"full"}
	if c.quick() {
		words[0] = "quick"
	}
	if c.dns != "" {
		words = append(words, "--dns "+c.dns)
	}
	for _, r := range c.resolvers {
		words = append(words, "--resolver "+r)
	}
	return strings.Join(words, ", ")
}

func (c *checking) quick() bool { return c.input.list && !c.opts.full }

func (c *checking) close() {
	if c.args.Journal != nil {
		c.args.Journal.Close()
	}
	if c.args.Baseline != nil {
		c.args.Baseline.Close()
	}
}

// prepare says how a domain is checked.
func (c *checking) prepare(resolver dns.Resolver) {
	args := posture.Args{Resolver: resolver, Quick: c.quick(), NoBlocklists: c.opts.noLists || c.input.list}
	if c.input.list {
		args.Shared = &posture.Shared{}
	}
	c.args.Lists, c.args.Concurrency = c.input.lists, c.opts.concurrency
	c.args.Check = func(ctx context.Context, domain string) (posture.Report, error) {
		one := args
		one.Domain = domain
		return posture.Check(ctx, one)
	}
}

// run checks everything and prints it as it comes.
func (c *checking) run(ctx context.Context) error {
	stream := bufio.NewWriterSize(ui.JSON(c.Stdout), 1<<16) // which leaves clean CSV as it is
	switch c.format {
	case "json":
		c.writer = fleet.NewJSON(stream, fleet.JSONArgs{Schema: schema, Indent: ui.IsTerminal(c.Stdout), Lists: c.input.list, Partial: c.args.Baseline != nil})
	case "csv":
		c.writer = fleet.NewCSV(stream, ui.Clean)
	case "sarif":
		c.sarif = c.newSARIF(stream)
		c.writer = c.sarif
	}
	var bar *ui.Progress
	if c.input.list {
		bar = ui.NewProgress(c.Stderr)
	}
	defer bar.Done()
	var done int64
	c.args.Each = func(r fleet.Result) error {
		c.count(r)
		c.tally.add(r)
		done++
		bar.Count(done+int64(c.skipped), c.input.total, "domains")
		if c.writer != nil {
			return unwritten(c.writer.Write(r))
		}
		switch {
		case r.Shown():
			bar.Done() // both may stand on one terminal
			c.show(r)
		case !c.input.list:
			c.out.Line("%s: nothing changed since the baseline", r.Domain)
		}
		return unwritten(c.out.Err())
	}
	c.args.Skip = func(s fleet.Skipped) {
		if c.skipped++; c.skipped <= shownSkipped {
			bar.Done()
			c.complain("%s%q %s", where(s), s.Text, s.Reason)
		}
		if c.writer != nil {
			c.writer.Skip(s)
		}
	}
	sum, err := fleet.Run(ctx, c.args)
	bar.Done()
	if err != nil {
		// What is done so far is worth having; if it was the writing that failed, that is
		// said already.
		if full := unwritten(stream.Flush()); !errors.Is(err, errors.Unwrap(full)) {
			err = errors.Join(err, full)
		}
		return c.ended(ctx, err)
	}
	c.tell(sum)
	if sum.Domains == 0 {
		return usage("there was no domain to check", "write one a line, such as example.com")
	}
	if c.writer == nil {
		c.summary(sum)
		return c.answered(nil, c.exit())
	}
	if c.sarif != nil && c.sarif.Results() > fleet.MaxSARIFResults {
		c.complain("%d results: some code hosts take %d of a run at most, and leave out the rest; split the list", c.sarif.Results(), fleet.MaxSARIFResults)
	}
	err = c.writer.Close()
	if err == nil {
		err = stream.Flush()
	}
	return c.answered(err, c.exit())
}

// newSARIF writes findings of low severity or worse, and of less where those count.
func (c *checking) newSARIF(w io.Writer) *fleet.SARIF {
	args := fleet.SARIFArgs{Version: buildVersion().Version, Least: finding.Minor}
	if c.failOn == finding.Info {
		args.Least = finding.Info
	}
	args.Folder, _ = os.Getwd() // "": all lists are named in full
	return fleet.NewSARIF(w, args)
}

func unwritten(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("the answer could not be written: %w", err)
}

// where says where a line stands, before people.
func where(s fleet.Skipped) string {
	if s.List == "" {
		return ""
	}
	return fmt.Sprintf("%s, line %d: ", listName(s.List), s.Line)
}

// ended says why a run stopped before its end.
func (c *checking) ended(ctx context.Context, err error) error {
	switch {
	case errors.Is(err, fleet.ErrQuick):
		return usage("--baseline: "+strings.TrimPrefix(err.Error(), "fleet: "), c.howThen())
	case errors.Is(err, fleet.ErrUTF16):
		return usage(strings.Replace(strings.TrimPrefix(err.Error(), "fleet: "), "list - ", "list from standard input ", 1), "in an editor: save as, UTF-8; or: iconv -f UTF-16 -t UTF-8")
	case errors.Is(err, fleet.ErrTooMany):
		return usage(strings.TrimPrefix(err.Error(), "fleet: "), "")
	case ctx.Err() != nil && c.args.Journal != nil:
		c.err.Line("to go on, give the same command again: what is done is in %s", c.opts.resume)
	}
	return err
}

// tell says on standard error what a run left out.
func (c *checking) tell(sum fleet.Summary) {
	if more := c.skipped - shownSkipped; more > 0 {
		c.complain("and %s that gave no result", count(more, "more line"))
	}
	if sum.Left > 0 {
		c.err.Line("%s in %s, but not in the list: left out", areMany(sum.Left), c.opts.resume)
	}
	if sum.Missing > 0 {
		c.err.Line("%s in %s, but not in the list: not compared", areMany(sum.Missing), c.opts.baseline)
	}
}

func areMany(n int) string {
	if n == 1 {
		return "1 domain is"
	}
	return fmt.Sprintf("%d domains are", n)
}
