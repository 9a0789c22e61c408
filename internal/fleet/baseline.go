package fleet

import (
	"errors"
	"fmt"
	"os"

	"unspoof/posture"
)

// Baseline is the results of an earlier run, to compare with: what "unspoof
// check --json" printed, or a journal.
type Baseline struct{ past *past }

// OpenBaseline reads where the reports stand; they are read themselves when
// their turn comes.
func OpenBaseline(path string) (*Baseline, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("fleet: %w", err)
	}
	b := &Baseline{newPast(f)}
	_, _, err = b.past.scanJournal(true)
	if errors.Is(err, errNoReports) {
		err = b.past.scanDocument()
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("fleet: %s %w", path, err)
	}
	return b, nil
}

// Len is how many domains it holds.
func (b *Baseline) Len() int { return b.past.len() }

// Close closes the file.
func (b *Baseline) Close() error { return b.past.file.Close() }

// ErrQuick refuses to compare a quick report with a full one: what one did not
// look for is neither new nor gone.
var ErrQuick = errors.New("one of the two is a quick check and the other a full one, which looks for more")

func (b *Baseline) compare(now posture.Report) (*Change, error) {
	was, ok := b.past.find(now.Domain)
	if !ok {
		return first(now), nil
	}
	if was.Quick != now.Quick {
		return nil, fmt.Errorf("fleet: %s can't be compared with the baseline: %w", now.Domain, ErrQuick)
	}
	return compare(was, now), nil
}
