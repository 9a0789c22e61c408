// Package census is the one way from mailboxes, logs and hand-given names to an
// inventory of who sends for a domain. The command line and the page both go
// through it, so that they cannot disagree.
//
// It decides who wrote each line of a message, and hands on as known only what the
// owner's own servers wrote, or what was verified here; the rest is a claim. What
// follows from that is the work of package inventory. It streams: of a message
// nothing stays.
package census

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"unspoof/dns"
	"unspoof/forensics"
	"unspoof/internal/intake"
	"unspoof/internal/maillog"
	"unspoof/inventory"
	"unspoof/orgdomain"
)

// maxUnread is how many files that could not be read are told one by one.
const maxUnread = 100

// Args of Run. Everything but Domain and Resolver may be left out.
type Args struct {
	Domain string
	Given  inventory.Given
	// Mail are messages from the owner's own mailboxes, as his servers stored them:
	// what their servers wrote on top is believed.
	Mail iter.Seq2[intake.Item, error]
	// Bounces are messages that came back; what each returned counts only where it
	// was genuine.
	Bounces iter.Seq2[intake.Item, error]
	Logs    []Log
	// Profile is what the owner knows of his mail: it judges the bounces. Nil: what
	// DNS tells.
	Profile  *forensics.Profile
	Resolver dns.Resolver // needed
	Now      time.Time    // decides whether signatures have expired; needed
	// Each, unless nil, gets every sighting of mail, as the inventory does.
	Each func(inventory.Sighting)
}

// Log is one server's log, read.
type Log struct {
	Name string // of the file, for people
	*maillog.Log
}

// Result is the inventory, and what came of the files.
type Result struct {
	Inventory inventory.Inventory
	Read      Read
	// Unread says what was not read, at most 100 of it; More counts the rest.
	Unread []*intake.Error
	More   int
	// Warnings are sentences about the files.
	Warnings []string
}

// Read counts what was read.
type Read struct {
	Messages int `json:"messages"` // in mailboxes
	Own      int `json:"own"`      // of these, by an author of the domain
	Copies   int `json:"copies"`   // of these, without any trace of how they left
	Notices  int `json:"notices"`  // messages among the bounces
	Genuine  int `json:"genuine"`  // of these, about mail that was really the domain's
	Logged   int `json:"logged"`   // messages in logs
}

// Run makes the inventory. It fails where Args are wrong, which the error says for
// people, or when ctx ends; what cannot be read stands in the Result.
func Run(ctx context.Context, args Args) (Result, error) {
	domain, err := orgdomain.Name(args.Domain)
	if err != nil {
		return Result{}, errors.New("census: " + strings.TrimPrefix(err.Error(), "orgdomain: "))
	}
	r := &reader{args: args, domain: domain, org: orgdomain.OfPSL(domain), checked: map[claim]string{}, confirmed: map[claim]bool{}}
	inv, err := inventory.Build(ctx, inventory.Args{
		Domain: domain, Resolver: args.Resolver, Given: args.Given,
		Sightings: func(yield func(inventory.Sighting) bool) {
			if args.Each != nil {
				next := yield
				yield = func(s inventory.Sighting) bool {
					args.Each(s)
					return next(s)
				}
			}
			_ = r.mail(ctx, yield) && r.bounces(ctx, yield) && r.logs(ctx, yield)
		},
	})
	if err != nil {
		return Result{}, err
	}
	if r.read.Copies > 0 {
		r.warn("%d messages have no Received line: mail programs keep such copies of what was sent, and they don't show through whom it left. Send yourself a copy (Bcc) of a message from each program and service.", r.read.Copies)
	}
	// A case of the page gives the same messages as mail and as bounces.
	if r.read.Messages > 0 && r.read.Own == 0 && args.Bounces == nil {
		r.warn("None of the messages read has an author of %s (%d in all).", r.domain, r.read.Messages)
	}
	if r.read.Notices > 0 && r.read.Genuine == 0 {
		r.warn("None of the messages that came back is shown to be about mail of yours (%d in all), so they name no sender. The log of your server shows it best.", r.read.Notices)
	}
	if r.failed != nil {
		return Result{}, r.failed
	}
	return Result{Inventory: inv, Read: r.read, Unread: r.unread, More: r.more, Warnings: r.warnings}, nil
}

// reader makes sightings of files.
type reader struct {
	args        Args
	domain, org string
	checked     map[claim]string // SPF results
	confirmed   map[claim]bool   // names that lead to an address
	judge       *forensics.Judge

	read     Read
	unread   []*intake.Error
	more     int
	warnings []string
	failed   error
}

func (r *reader) warn(format string, a ...any) {
	r.warnings = append(r.warnings, fmt.Sprintf(format, a...))
}

// note takes an error of a source; false ends the reading.
func (r *reader) note(err error) bool {
	var unread *intake.Error
	if !errors.As(err, &unread) {
		r.failed = err // the end of the context
		return false
	}
	if len(r.unread) < maxUnread {
		r.unread = append(r.unread, unread)
	} else {
		r.more++
	}
	return true
}
