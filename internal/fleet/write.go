package fleet

import (
	"unspoof/finding"
	"unspoof/posture"
)

// Writer writes results as they come, keeping none of them.
type Writer interface {
	// Write writes one result; those that are the same as in the baseline are
	// passed over, see [Result.Shown].
	Write(Result) error
	// Skip notes a line that gave no result.
	Skip(Skipped)
	// Close writes the end. Without it, what was written is not whole.
	Close() error
}

// Shown reports whether a result is to be shown: with a baseline, what changed
// and what could not be determined.
func (r Result) Shown() bool {
	return r.Change == nil || r.Change.Kind != Same || len(r.Change.Open) > 0 || r.Report.Verdict.Exposure == posture.Undecided
}

// Counted gives the findings that call for something: with a baseline, only what
// is new or worse.
func (r Result) Counted() []finding.Finding {
	if r.Change == nil {
		return r.Report.Findings
	}
	all := append([]finding.Finding{}, r.Change.New...)
	return append(all, r.Change.Worse...)
}

// maxNoted is how many skipped lines a document names; all are counted.
const maxNoted = 1000
