package cli

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"unspoof/internal/cli/ui"
	"unspoof/spf"
)

type flattenOptions struct {
	domain, snapshot string
	only             []string
	all              bool
}

func newSPFFlatten(p *program) *cobra.Command {
	opts := flattenOptions{}
	cmd := &cobra.Command{
		Use:   "flatten DOMAIN-or-RECORD",
		Short: "Replace includes by the addresses behind them, proven to mean the same",
		Long: `Makes an SPF record with fewer DNS look-ups: includes, hosts and redirects are
replaced by the addresses that they stand for today, in as few networks as mean
the same, and what no longer fits is split into records of its own below the
domain. It is only printed when it is proven that every address gets the same
answer as before. As few terms as needed are taken, unless --only or --all says
otherwise. Nothing is published.

Flatten last, not first: addresses change without notice, and a flattened record
then shuts out your own mail, or lets in somebody else's. Keep the snapshot, and
run unspoof spf drift on it every day. To flatten anew, start from the record
with the includes, not from what is published: with --snapshot and the file of
last time, that record is taken from there. A record stands in quotes, in a file
(@FILE), or comes from standard input (-).`,
		Example: `  unspoof spf flatten example.com --snapshot example.com.spf.json
  unspoof spf flatten example.com --only _spf.mailer.example
  unspoof spf flatten "v=spf1 mx include:_spf.mailer.example ~all" --domain example.com --all`,
		Annotations: exits(`  0  the records printed mean the same, and are within the limits
  1  they are over a limit still, or broken; or it can't be done; or there is no
     valid record
  2  wrong usage; or the snapshot that is there would be lost
  3  DNS did not answer`),
		Args: wantsRecord(`unspoof spf flatten example.com`),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.spfFlatten(cmd, strings.Join(args, " "), opts)
		},
	}
	cmd.SetFlagErrorFunc(recordFlagHint(`unspoof spf flatten "v=spf1 mx -all" --domain example.com`))
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&opts.domain, "domain", "", "the `DOMAIN` that is to publish the record")
	f.StringArrayVar(&opts.only, "only", nil, "flatten this `TERM`, or what leads to this name; may be repeated")
	f.BoolVar(&opts.all, "all", false, "flatten all that can be, also what the limits don't ask for")
	f.StringVar(&opts.snapshot, "snapshot", "", "write what the record was made from to `FILE`, for unspoof spf drift")
	return cmd
}

type flattenJSON struct {
	Schema int `json:"schema"`
	spf.Flattened
	// These take the place of those in Flattened, so that they are null where
	// nothing was made.
	Before   *spf.Cost     `json:"before"`
	After    *spf.Cost     `json:"after"`
	Snapshot *spf.Snapshot `json:"snapshot"`

	Within bool `json:"within"` // the limits, as made
	// FromSnapshot: what is published is what the snapshot's record was made into, so
	// that record is what was flattened.
	FromSnapshot bool     `json:"from_snapshot"`
	SnapshotFile string   `json:"snapshot_file"` // that was written, "" where none was
	Advice       []string `json:"advice"`
	Problems     []string `json:"problems"` // why nothing was made
}

func (p *program) spfFlatten(cmd *cobra.Command, text string, opts flattenOptions) error {
	ctx := cmd.Context()
	text, err := p.recordArg(text)
	switch {
	case err != nil:
		return err
	case opts.all && len(opts.only) > 0:
		return usage("--all and --only were both given", "leave one out")
	case looksLikeRecord(text) && opts.domain == "":
		return usage("--domain is missing", "name the domain that is to publish the record: --domain example.com")
	}
	now, err := clock(cmd)
	if err != nil {
		return err
	}
	resolver, err := p.resolver("")
	if err != nil {
		return err
	}
	subject, err := p.spfSubject(ctx, resolver, text, opts.domain)
	if err != nil {
		return err
	}
	old, err := oldSnapshot(opts.snapshot, subject.Domain)
	if err != nil {
		return err
	}
	out := flattenJSON{Schema: schema, Advice: []string{}, Problems: subject.Problems}
	out.Flattened = spf.Flattened{
		Publish: []spf.Published{}, Replaced: []spf.Replaced{}, Kept: []spf.Kept{}, Dropped: []spf.Dropped{},
		Cuts: []spf.Cut{}, Warnings: []string{}, Install: spf.Install{Order: []string{}, Remove: []string{}},
	}
	if len(subject.Problems) == 0 {
		switch {
		case old == nil || looksLikeRecord(text):
		case old.MadeInto(subject.Record):
			subject.Record, out.FromSnapshot = old.Record, true
		case old.Remains(subject.Record):
			return usage("--snapshot: what "+subject.Domain+" publishes is not what was made last time, but holds parts of that; "+opts.snapshot+" says from what, and is left as it is",
				"make changes in the record with the includes, and flatten that: "+flattenCommand(old, opts.snapshot))
		}
		out.Flattened, err = spf.Flatten(ctx, spf.FlattenArgs{
			Domain: subject.Domain, Record: subject.Record, Resolver: resolver, Only: opts.only, All: opts.all, Time: now.UTC().Truncate(1e9),
		})
		if err != nil {
			return spfRefusal(err)
		}
		out.Before, out.After, out.Snapshot = &out.Flattened.Before, &out.Flattened.After, &out.Flattened.Snapshot
		out.Within = out.After.WithinUnlisted()
		out.Advice = flattenAdvice(&out)
		if opts.snapshot != "" {
			if old != nil && len(old.Terms) > 0 && len(out.Snapshot.Terms) == 0 {
				return usage("--snapshot: nothing was flattened, and "+opts.snapshot+" says what the record was flattened from last time: it is left as it is",
					"flatten the record that it was made from: "+flattenCommand(old, opts.snapshot)+"; or move the file away, if what was made is not published any more")
			}
			if old != nil {
				out.Snapshot.Follow(old)
			}
			if err := writeSnapshot(opts.snapshot, out.Snapshot); err != nil {
				return err
			}
			out.SnapshotFile = opts.snapshot
		}
	}
	out.Domain, out.Record = subject.Domain, subject.Record
	if p.json {
		err = p.printJSON(out)
	} else {
		p.showFlattened(&out, opts)
	}
	if !out.Within || len(broken(out.Kept)) > 0 {
		return p.answered(err, exitFinding)
	}
	return p.answered(err, exitFine)
}

// broken picks the terms that are an error to receivers.
func broken(kept []spf.Kept) (out []spf.Kept) {
	for _, k := range kept {
		if k.Broken {
			out = append(out, k)
		}
	}
	return out
}

// flattenAdvice is what to do before, or instead.
func flattenAdvice(out *flattenJSON) []string {
	if len(out.Replaced) == 0 && out.Before.Within() && !out.Before.WithinUnlisted() {
		return []string{unlistedWords(out.Before)}
	}
	if len(out.Replaced) == 0 && out.Before.Within() {
		return []string{"The record is within the limits as it is. Nothing needs to be flattened."}
	}
	advice := []string{
		"Flattening comes last. The addresses below belong to others, who change them without telling you: mail of yours is then refused, or somebody else's let in.",
		"First take out what no longer sends for you.",
		"Let services sign with DKIM as your domain: such mail passes DMARC without SPF.",
		"What must stay can send from a subdomain (mail.example.com, say), whose record has limits of its own.",
	}
	if len(out.Replaced) > 0 {
		advice = append(advice, "If you do flatten, keep the snapshot and run unspoof spf drift on it every day.")
	}
	return advice
}

func (p *program) showFlattened(out *flattenJSON, opts flattenOptions) {
	o := p.out
	p.showProblems("", out.Problems)
	if len(out.Problems) > 0 {
		return
	}
	for i, a := range out.Advice {
		lead := "  - "
		if i == 0 {
			lead = ""
		}
		o.Text(lead, "%s", a)
	}
	for _, k := range broken(out.Kept) {
		o.Text("  - ", "%s", o.As(ui.Red, "Receivers take the record as broken when they come to "+ui.Cut(k.Term, 200)+": "+k.Why+". Take it out or mend it."))
	}
	if len(out.Cuts) > 0 {
		o.Heading("Without flattening")
		p.showCuts(out.Cuts)
	}
	if out.FromSnapshot {
		o.Text("", "What is published is what was made last time. This starts from the record that it was made from, as it is in %s.", opts.snapshot)
	}
	if out.Changed {
		p.showInstall(out)
	} else {
		p.showWarnings(out)
	}
	switch {
	case out.SnapshotFile == "":
	case len(out.Snapshot.Terms) == 0:
		o.Text("", "The snapshot is in %s. Nothing was flattened, so there is nothing to watch.", out.SnapshotFile)
	default:
		o.Line("")
		o.Text("  ", "The snapshot is in %s. Tomorrow, and every day: unspoof spf drift %s", out.SnapshotFile, shellWord(out.SnapshotFile))
	}
}

// flattenCommand is what to type to flatten a snapshot's record anew.
func flattenCommand(s *spf.Snapshot, path string) string {
	return "unspoof spf flatten " + shellWord(s.Record) + " --domain " + s.Domain + " --snapshot " + shellWord(path)
}

// showInstall says what to publish, and how.
func (p *program) showInstall(out *flattenJSON) {
	o := p.out
	in := &out.Install
	o.Heading("Publish, in this order")
	for i, name := range in.Order {
		r := out.Publish[slices.IndexFunc(out.Publish, func(r spf.Published) bool { return r.Name == name })]
		o.Line("  %d. TXT record, name: %s, TTL: %d (%d octets on the wire)", i+1, r.Name, in.TTL, r.Octets)
		o.Raw(4, r.Text)
		if len(r.Strings) > 1 {
			o.Line("  or, where the form wants it in strings of at most 255 characters:")
			o.Raw(4, zoneStrings(r.Strings))
		}
	}
	o.Line("")
	if len(in.Order) > 1 {
		o.Text("  ", "The parts come first, so that whoever reads the record of %s finds them. Wait until your name servers answer for all of them, then publish that record.", out.Domain)
	}
	if len(in.Remove) > 0 {
		after := "a day after that"
		if in.RemoveAfter > 0 {
			after = strconv.Itoa(in.RemoveAfter) + " seconds after that, when the old record is in nobody's cache"
		}
		o.Text("  ", "Of the flattened record before, these are left: %s. Remove them, if nothing else includes them, but not sooner than %s.", someOf(in.Remove), after)
	}
	o.Text("  ", "Proven to give every IPv4 and IPv6 address the same answer as the record had, as DNS stands now.")
	o.Text("  ", "Before: %d of 10 look-ups, %d of 2 empty ones. Now: %d and %d.", out.Before.Lookups, out.Before.Voids, out.After.Lookups, out.After.Voids)
	if !out.Within {
		o.Text("  ", "%s", o.As(ui.Red, "That is still over a limit: see what is kept."))
	}
	p.showWarnings(out)
	p.showReplaced(out)
}

// zoneStrings writes character-strings as zone files do (RFC 1035 section 5.1).
func zoneStrings(list []string) string {
	var out []string
	for _, s := range list {
		out = append(out, `"`+strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s)+`"`)
	}
	return strings.Join(out, " ")
}

func (p *program) showWarnings(out *flattenJSON) {
	for _, w := range out.Warnings {
		p.out.Text("  ", "%s", p.out.As(ui.Yellow, w))
	}
}

func (p *program) showReplaced(out *flattenJSON) {
	o := p.out
	o.Heading("Why so")
	for i, r := range out.Replaced {
		from := ""
		if i < len(out.Snapshot.Terms) {
			var names []string
			for _, s := range out.Snapshot.Terms[i].Sources {
				if len(s.Ranges) > 0 && (len(names) == 0 || names[len(names)-1] != s.Name) {
					names = append(names, s.Name)
				}
			}
			if len(names) > 0 {
				from = ", from " + someOf(names)
			}
		}
		more := ""
		if r.Symbolic > 0 {
			more = "; in its place " + count(r.Symbolic, "term") + " that depends on the message"
			if r.Symbolic > 1 {
				more = "; in its place " + count(r.Symbolic, "term") + " that depend on the message"
			}
		}
		o.Text("  - ", "%s: %s%s%s", o.As(ui.Bold, r.Term), count(len(r.Ranges), "range"), from, more)
	}
	for _, k := range out.Kept {
		o.Text("  - ", "%s stays: %s", o.As(ui.Bold, k.Term), k.Why)
	}
	for _, d := range out.Dropped[:min(len(out.Dropped), shownDropped)] {
		o.Text("  - ", "%s is left out: %s", o.As(ui.Bold, d.Term), d.Why)
	}
	if n := len(out.Dropped) - shownDropped; n > 0 {
		o.Text("  - ", "%d more are left out; --json shows them", n)
	}
	if ttl := out.Snapshot.TTL; ttl > 0 {
		o.Text("  - ", "the shortest-lived of the answers was good for %d seconds", ttl)
	}
}

// shownDropped bounds a list on a terminal.
const shownDropped = 10

// someOf lists names, not too many.
func someOf(names []string) string {
	const shown = 5
	text := strings.Join(names[:min(len(names), shown)], ", ")
	if n := len(names) - shown; n > 0 {
		text += fmt.Sprintf(" and %d more", n)
	}
	return text
}
