package fleet

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"unspoof/posture"
)

// Journal is the file by which a run goes on where an earlier one was stopped:
// a line for the run, and one for each domain when its report is made. It is
// JSON, a value a line, and only ever grows.
type Journal struct {
	past *past
	file *os.File

	// Begun is when the first run began, zero for a new journal.
	Begun time.Time
	// ListChanged says that the journal was begun with other lists.
	ListChanged bool
}

// JournalArgs says which journal, and for what run.
type JournalArgs struct {
	Path string
	// Options is all that makes reports differ, in words: "quick". A journal goes
	// on only with the same.
	Options string
	// List is a fingerprint of the lists; "" where they can't be read twice.
	List string
	Now  time.Time // kept as the begin of a new journal
}

// ErrOptions refuses a journal of a run that was asked for something else.
var ErrOptions = errors.New("was begun with other options")

// ErrLocked refuses a journal that another run writes.
var ErrLocked = errors.New("is being written by another run")

// OpenJournal opens a journal or begins a new one. A last line that was not
// written whole is cut off. Where the system can, it is locked until it is closed.
// What is not a journal is left as it is, and named in the error.
func OpenJournal(args JournalArgs) (*Journal, error) {
	f, err := os.OpenFile(args.Path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("fleet: %w", err)
	}
	j := &Journal{past: newPast(f), file: f}
	if err := lock(f); err != nil {
		f.Close()
		return nil, fmt.Errorf("fleet: %s %w", args.Path, err)
	}
	if err := j.begin(args); err != nil {
		f.Close()
		return nil, fmt.Errorf("fleet: %s %w", args.Path, err)
	}
	return j, nil
}

func (j *Journal) begin(args JournalArgs) error {
	info, err := j.file.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return errors.New("is no ordinary file")
	}
	if info.Size() == 0 {
		return j.write(header{journalVersion, args.Options, args.List, args.Now.UTC().Format(time.RFC3339)})
	}
	h, end, err := j.past.scanJournal(false)
	if err != nil {
		return err
	}
	if h.Options != args.Options {
		return fmt.Errorf("%w (%s, now %s)", ErrOptions, h.Options, args.Options)
	}
	j.Begun, _ = time.Parse(time.RFC3339, h.Begun)
	j.ListChanged = h.List != args.List && h.List != "" && args.List != ""
	if end < info.Size() {
		return j.file.Truncate(end)
	}
	return nil
}

// Len is how many domains were done when the journal was opened. One for which
// DNS left a question open counts as not done.
func (j *Journal) Len() int { return j.past.len() }

// Close ends the journal; the file is kept.
func (j *Journal) Close() error { return j.file.Close() }

func (j *Journal) find(domain string) (posture.Report, bool) { return j.past.find(domain) }

// add notes a report, and last as the one to compare with later, where that is
// another. Each line is one write to the end of the file, so that the
// workers need no lock, and a run that is killed leaves whole lines but for one.
func (j *Journal) add(r posture.Report, last *posture.Report) error {
	if err := j.write(saved{r.Domain, len(r.Unanswered), r, last}); err != nil {
		return fmt.Errorf("fleet: the journal could not be written: %w", err)
	}
	return nil
}

func (j *Journal) write(v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = j.file.Write(append(line, '\n'))
	return err
}
