package cli

import (
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"
)

// newRoot is the whole tree of commands.
func newRoot(p *program) *cobra.Command {
	root := &cobra.Command{
		Use:   "unspoof",
		Short: "Was I hacked, or is my name only forged?",
		Long: `unspoof reads the "Mail delivery failed" messages that come back for mail you
never sent and tells whether somebody is inside your account or only writes
your address on his own mail; on what evidence; who can send as your domain
today; and what to publish first. Nothing is uploaded.`,
		Args:              unknownCommand,
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: false},
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return noEmptyFlags(cmd) },
		RunE: func(*cobra.Command, []string) error {
			p.welcome()
			return nil
		},
	}
	flags := root.PersistentFlags()
	flags.SortFlags = false
	flags.BoolVar(&p.json, "json", false, "print JSON with a schema number; the exit status stays the same")
	flags.StringVar(&p.dns, "dns", "", "answer every DNS question from `FILE`, ask nobody (zone file, YAML, recording)")
	flags.StringVar(&p.record, "record-dns", "", "write every DNS answer used to `FILE`, to be given to --dns later")
	flags.StringArrayVar(&p.resolvers, "resolver", nil, "ask this name server, `ADDRESS[:PORT]`; may be repeated (default: the system's)")
	flags.Var(&p.timeout, "timeout", "the longest that one DNS question may take, a `SPAN` such as 5s")
	root.AddCommand(
		newInvestigate(p), newCheck(p), newServe(p), newInspect(p), newInventory(p), newWhatif(p), newBounce(p), newSPF(p), newDKIM(p), newDMARC(p), newPlan(p), newParked(p), newMTASTS(p), newTLSRPT(p), newAuthres(p), newSenders(p), newExplain(p), newVersion(p),
	)
	root.SetHelpCommand(newHelp())
	v := buildVersion()
	root.Version = v.Version
	root.SetVersionTemplate("unspoof {{.Version}} (" + v.Go + ")\n")
	root.SetUsageTemplate(usageTemplate)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage(err.Error(), "see: "+cmd.CommandPath()+" --help")
	})
	return root
}

// fullFlags are those that mean something else, or nothing, when they are empty: a
// script's variable may have been.
var fullFlags = []string{
	"dns", "record-dns", "resume", "baseline", "fail-on", "profile", "records", "inventory", "snapshot", "dns-before",
	"probe-host", "probe-login", "probe-recipient", "password-file",
	"mail", "log", "bounces",
}

// noEmptyFlags refuses flags that were given without a value.
func noEmptyFlags(cmd *cobra.Command) error {
	for _, name := range fullFlags {
		f := cmd.Flags().Lookup(name)
		if f == nil || !f.Changed {
			continue
		}
		empty := f.Value.String() == ""
		if list, ok := f.Value.(interface{ GetSlice() []string }); ok {
			empty = slices.Contains(list.GetSlice(), "")
		}
		if empty {
			return usage("--"+name+" was given, but is empty", "name something, or leave it out; a variable may have been empty")
		}
	}
	return nil
}

// newHelp is cobra's help command, but for a word that is no command.
func newHelp() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Explain a command",
		RunE: func(cmd *cobra.Command, args []string) error {
			about, rest, err := cmd.Root().Find(args)
			if err != nil {
				return unknownCommand(cmd.Root(), args)
			}
			if len(rest) > 0 {
				return unknownCommand(about, rest)
			}
			return about.Help()
		},
	}
}

// timeout is a flag that takes a duration above zero.
type timeout time.Duration

const defaultTimeout = 10 * time.Second

func (t *timeout) String() string {
	if *t == 0 {
		return defaultTimeout.String()
	}
	return time.Duration(*t).String()
}

func (t *timeout) Set(s string) error {
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 {
		return fmt.Errorf("%q is no time span; write 5s or 1m", s)
	}
	*t = timeout(d)
	return nil
}

func (t *timeout) Type() string { return "duration" }

// unknownCommand refuses words that are no command, with what was meant.
func unknownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := "see: " + cmd.CommandPath() + " --help"
	cmd.SuggestionsMinimumDistance = 2
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		hint = "did you mean: " + cmd.CommandPath() + " " + near[0]
	}
	return usage(fmt.Sprintf("%s has no command %q", cmd.CommandPath(), args[0]), hint)
}

// group is a command that only holds others.
func group(use, short string, commands ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, Args: unknownCommand, RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	cmd.AddCommand(commands...)
	return cmd
}

// welcome is what somebody sees who does not know what to type.
func (p *program) welcome() {
	o := p.out
	o.Line("%s", o.As("1", "Was I hacked, or is my name only forged?"))
	o.Line("")
	o.Text("", "Messages come back to you that you never sent? Collect some of them, as they came, in a folder, a mailbox file (mbox) or a zip. Do not answer them and follow no link in them. Then, with your own domain in place of example.com:")
	o.Line("")
	o.Table(2, [][]any{
		{"in the browser", "unspoof serve"},
		{"here", "unspoof investigate bounces.mbox --domain example.com"},
		{"who can send as me?", "unspoof check example.com"},
		{"who really sent this?", "unspoof inspect suspicious.eml"},
		{"what to publish", "unspoof spf build --domain example.com --help"},
	})
	o.Line("")
	o.Text("", "Nothing is uploaded: the messages stay on this computer. All commands: unspoof --help")
}

// usageTemplate is cobra's, with the exit statuses that each command states.
const usageTemplate = `Usage:{{if .Runnable}}
  {{.UseLine}}{{end}}{{if .HasAvailableSubCommands}}
  {{.CommandPath}} COMMAND{{end}}{{if .HasExample}}

Examples:
{{.Example}}{{end}}{{if .HasAvailableSubCommands}}

Commands:{{range .Commands}}{{if (or .IsAvailableCommand (eq .Name "help"))}}
  {{rpad .Name .NamePadding }} {{.Short}}{{end}}{{end}}{{end}}{{if .HasAvailableLocalFlags}}

Flags:
{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}{{if .HasAvailableInheritedFlags}}

Flags of every command:
{{.InheritedFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}{{with index .Annotations "exit"}}

Exit status:
{{.}}{{end}}{{if .HasAvailableSubCommands}}

More about a command: {{.CommandPath}} COMMAND --help{{end}}
`

// exits is the annotation that the usage template prints.
func exits(text string) map[string]string { return map[string]string{"exit": text} }
