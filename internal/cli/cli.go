// Package cli is the command line: one file a verb, each with its options, its
// constructor and its run. It reads arguments, calls the engines and prints what
// they say, in words or as JSON; it decides nothing itself.
//
// Text from mail, DNS and file names reaches the terminal through package ui
// only.
package cli

import (
	"bufio"
	"context"
	"errors"
	"io"
	"regexp"
	"syscall"

	"unspoof/internal/cli/ui"
)

// Env is all that the program sees of the world.
type Env struct {
	Args           []string // without the program's name
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(string) string
}

// Exit statuses, the same for every command; --json does not change them.
const (
	exitFine        = 0
	exitFinding     = 1 // something needs action
	exitUsage       = 2 // it could not be done as asked
	exitUnknown     = 3 // it could not be determined
	exitInterrupted = 130
)

// program is one run: the world, the global flags, and the two streams.
type program struct {
	Env
	out, err *ui.Out
	in       io.Reader // Stdin, given up when the run is stopped

	json      bool
	forms     bool // show records in every form
	dns       string
	record    string
	resolvers []string
	timeout   timeout
	answers   *bufio.Reader  // of Stdin, once a question was asked
	finish    []func() error // what a run owes when it ends: recorded answers
}

// Run does what the arguments say and gives the exit status.
func Run(ctx context.Context, env Env) int {
	p := &program{Env: env, out: ui.NewOut(env.Stdout, env.Getenv), err: ui.NewOut(env.Stderr, env.Getenv)}
	p.in = &interruptible{ctx: ctx, r: env.Stdin}
	root := newRoot(p)
	root.SetArgs(env.Args)
	root.SetIn(env.Stdin)
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	err := root.ExecuteContext(ctx)
	for _, f := range p.finish {
		if ferr := f(); err == nil || (ferr != nil && isStatus(err)) {
			err = ferr
		}
	}
	if err == nil {
		err = p.out.Err()
	}
	return p.status(ctx, err)
}

// status is an error that is none: the verdict's exit status.
type status int

func (s status) Error() string { return "" }

func isStatus(err error) bool {
	var s status
	return errors.As(err, &s)
}

// helpful is an error with what to do about it.
type helpful struct {
	err  error
	hint string
	code int
}

func (e *helpful) Error() string { return e.err.Error() }
func (e *helpful) Unwrap() error { return e.err }

// usage says that the arguments are wrong, and how they are right.
func usage(problem, hint string) error {
	return &helpful{err: errors.New(problem), hint: hint, code: exitUsage}
}

// origin is the name of the package that an error comes from, which tells people
// nothing.
var origin = regexp.MustCompile(`^(app|auth|authres|census|dkim|dmarc|dns|dnsfile|fleet|forensics|inspect|intake|inventory|maillog|plan|posture|profile|spf|store|web): `)

func (p *program) status(ctx context.Context, err error) int {
	var s status
	switch {
	case err == nil:
		return exitFine
	case errors.As(err, &s):
		return int(s)
	case errors.Is(err, syscall.EPIPE), errors.Is(err, io.ErrClosedPipe):
		return exitFine // the reader has seen enough
	case ctx.Err() != nil:
		p.err.Line("unspoof: stopped")
		return exitInterrupted
	}
	p.complain("%s", origin.ReplaceAllString(err.Error(), ""))
	var h *helpful
	if errors.As(err, &h) {
		if h.hint != "" {
			p.err.Line("  %s", h.hint)
		}
		return h.code
	}
	return exitUsage
}

// complain says on standard error what is wrong, on one line, so that it can be
// searched for.
func (p *program) complain(format string, args ...any) {
	p.err.Line("unspoof: "+format, args...)
}
