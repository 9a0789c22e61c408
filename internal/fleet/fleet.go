// Package fleet checks many domains: it reads a list as it comes, keeps a
// number of checks under way, gives the results in the order of the list, keeps
// a journal so that a run that was stopped goes on where it stood, compares with
// the results of an earlier run, and writes them as JSON, CSV and SARIF 2.1.0.
//
// It asks nothing itself: what a check is, is the caller's.
package fleet

import (
	"context"
	"errors"
	"io"

	"unspoof/posture"
)

// Limits. What a run keeps of every domain (a mark of having been met, a place
// in the journal and in the baseline) takes some hundred octets; of results, it
// holds only those that wait for their turn.
const (
	// MaxDomains is the longest list.
	MaxDomains = 1_000_000

	// MaxConcurrency bounds the checks under way; more than this only fill the
	// queues of one's own resolver.
	MaxConcurrency = 512

	// DefaultConcurrency keeps a resolver busy that is 20 to 50 ms away, without
	// being a burden to it.
	DefaultConcurrency = 32

	// window is how many results may wait for an earlier one that takes long. A
	// domain whose servers are silent takes some hundred times as long as others.
	window = 1024
)

// List is where names come from, one a line. Empty lines and what follows a #
// are passed over.
type List struct {
	Name   string // for messages; "" for names that were typed
	Reader io.Reader
}

// Check makes the report on one domain; an error means that there is none.
type Check func(ctx context.Context, domain string) (posture.Report, error)

// Args says what to check, and who takes the results. Functions are called one
// at a time, in the order of the lists.
type Args struct {
	Lists       []List
	Check       Check
	Concurrency int       // checks under way; zero means DefaultConcurrency
	Journal     *Journal  // what is done, so that it is not asked again; nil: nothing is kept
	Baseline    *Baseline // what to compare with; nil: nothing

	// Each takes every result; its error ends the run.
	Each func(Result) error
	// Skip takes every line that is no domain to check; may be nil.
	Skip func(Skipped)
}

// Result is one domain's.
type Result struct {
	Domain string // A-labels
	List   string // Name of the List
	Line   int    // in it, from 1
	Report posture.Report
	Kept   bool    // from the journal, not asked now
	Change *Change // against the baseline; nil without one
}

// Skipped is a line that gave no result.
type Skipped struct {
	List   string
	Line   int
	Text   string // as written, at most 200 octets; from outside
	Reason string // a sentence's part: "is there already, in line 3"
}

// Summary is what a run came to.
type Summary struct {
	Domains int // results given
	Kept    int // of them, those from the journal
	Skipped int
	// Left counts the domains of the journal, and Missing those of the baseline,
	// that the lists do not hold (any more).
	Left, Missing int
}

// ErrTooMany ends a run at MaxDomains.
var ErrTooMany = errors.New("fleet: more than 1,000,000 domains; split the list")

// Run checks every domain of the lists. Its error is that of the context, of
// Each, of reading a list or of writing the journal; the summary then counts
// what was done until then.
func Run(ctx context.Context, args Args) (Summary, error) {
	if args.Check == nil || args.Each == nil || args.Concurrency < 0 {
		return Summary{}, errors.New("fleet: nothing to check with, nobody to take the results, or a concurrency below zero")
	}
	return newRun(args).all(ctx)
}
