package fleet

import (
	"errors"
	"fmt"
	"os"

	"unspoof/posture"
)

// Baseline is the results of an earlier run, to compare with: what "unspoof
// check --json" printed, or a journal.
type Baseline struct {
	past  *past
	quick bool // its first report
}

// OpenBaseline reads where the reports stand; they are read themselves when
// their turn comes.
func OpenBaseline(path string) (*Baseline, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("fleet: %w", err)
	}
	b := &Baseline{past: newPast(f)}
	err = b.scan()
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("fleet: %s %w", path, err)
	}
	return b, nil
}

func (b *Baseline) scan() error {
	if info, err := b.past.file.Stat(); err == nil && !info.Mode().IsRegular() {
		return ErrNoFile
	}
	_, _, err := b.past.scanJournal(true)
	if errors.Is(err, errNoReports) {
		err = b.past.scanDocument()
	}
	if err != nil {
		return err
	}
	if first, ok := b.past.first(); ok {
		b.quick = first.Quick
	}
	return nil
}

// Errors of opening a baseline that a caller may have a hint for.
var (
	// ErrNoFile refuses a pipe or the like: reports are read when their turn comes.
	ErrNoFile = errors.New("is no ordinary file, in which reports can be looked up")
	// ErrPartial refuses the JSON of a run with a baseline.
	ErrPartial = errors.New("holds only what changed since an earlier baseline, not all domains")
)

// Comparable reports, before anything is asked, whether a quick check (or a full
// one) can be compared with it; its error is ErrQuick.
func (b *Baseline) Comparable(quick bool) error {
	if b.Len() > 0 && quick != b.quick {
		return ErrQuick
	}
	return nil
}

// Len is how many domains it holds.
func (b *Baseline) Len() int { return b.past.len() }

// Close closes the file.
func (b *Baseline) Close() error { return b.past.file.Close() }

// ErrQuick refuses to compare a quick report with a full one: what one did not
// look for is neither new nor gone.
var ErrQuick = errors.New("one of the two is a quick check and the other a full one, which looks for more")

// compare gives what changed, and the last report to which DNS answered
// everything, where now is none such: nil otherwise.
func (b *Baseline) compare(now posture.Report) (*Change, *posture.Report, error) {
	was, ok := b.past.find(now.Domain)
	if !ok {
		return first(now), nil, nil
	}
	if was.Quick != now.Quick {
		return nil, nil, fmt.Errorf("fleet: %s can't be compared with the baseline: %w", now.Domain, ErrQuick)
	}
	if len(now.Unanswered) > 0 && len(was.Unanswered) == 0 {
		return compare(was, now), &was, nil
	}
	return compare(was, now), nil, nil
}
