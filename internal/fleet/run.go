package fleet

import (
	"cmp"
	"context"
	"fmt"
	"sync"

	"unspoof/posture"
)

// run is one Run under way: a reader of lists, workers, and the one goroutine
// that puts results in order and calls the caller's functions.
type run struct {
	Args
	lines    *lines
	slots    chan struct{} // one for each entry between reader and caller
	jobs     chan job
	done     chan outcome
	summary  Summary
	baseline int // domains met that the baseline holds
}

// job is an entry with its place among all.
type job struct {
	seq int
	entry
}

// outcome is what became of a job.
type outcome struct {
	job
	report posture.Report
	kept   bool
	change *Change
	err    error // ends the run
}

func newRun(args Args) *run {
	args.Concurrency = min(cmp.Or(args.Concurrency, DefaultConcurrency), MaxConcurrency)
	return &run{
		Args: args, lines: newLines(args.Lists),
		slots: make(chan struct{}, window), jobs: make(chan job), done: make(chan outcome, args.Concurrency),
	}
}

func (r *run) all(ctx context.Context) (Summary, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	// The reader may hang in a terminal or pipe that says nothing any more; a run
	// that is ended does not wait for it.
	read := make(chan error, 1)
	go func() {
		defer close(r.jobs)
		read <- r.read(ctx)
	}()
	var wg sync.WaitGroup
	for range r.Concurrency {
		wg.Go(func() { r.work(ctx) })
	}
	go func() { wg.Wait(); close(r.done) }()
	r.collect(stop)
	if err := context.Cause(ctx); err != nil {
		return r.summary, err
	}
	err := <-read
	if err == nil {
		r.count()
	}
	return r.summary, err
}

// count tells, after the last line, what the lists did not hold.
func (r *run) count() {
	if r.Journal != nil {
		r.summary.Left = r.Journal.past.len() - r.summary.Kept
	}
	if r.Baseline != nil {
		r.summary.Missing = r.Baseline.past.len() - r.baseline
	}
}

// read hands out the entries, no more than window ahead of the caller.
func (r *run) read(ctx context.Context) error {
	seq := 0
	return r.lines.each(func(e entry) bool {
		select {
		case r.slots <- struct{}{}:
		case <-ctx.Done():
			return false
		}
		select {
		case r.jobs <- job{seq, e}:
			seq++
			return true
		case <-ctx.Done():
			return false
		}
	})
}

func (r *run) work(ctx context.Context) {
	for {
		select {
		case j, more := <-r.jobs:
			if !more {
				return
			}
			o := outcome{job: j}
			if j.reason == "" {
				r.one(ctx, &o)
			}
			r.done <- o
		case <-ctx.Done():
			return
		}
	}
}

// one takes the report from the journal or makes it, and compares it.
func (r *run) one(ctx context.Context, o *outcome) {
	if r.Journal != nil {
		o.report, o.kept = r.Journal.find(o.domain)
	}
	if !o.kept {
		if ctx.Err() != nil {
			o.err = context.Cause(ctx)
			return
		}
		report, err := r.Check(ctx, o.domain)
		switch {
		case ctx.Err() != nil:
			o.err = context.Cause(ctx)
			return
		case err != nil:
			o.err = fmt.Errorf("fleet: %s: %w", o.domain, err)
			return
		}
		o.report = report
	}
	var last *posture.Report
	if r.Baseline != nil {
		if o.change, last, o.err = r.Baseline.compare(o.report); o.err != nil {
			return
		}
	}
	if r.Journal != nil && !o.kept {
		o.err = r.Journal.add(o.report, last)
	}
}

// collect gives the outcomes to the caller in the order of the lists.
func (r *run) collect(stop context.CancelCauseFunc) {
	var waiting [window]*outcome // by seq; never more than window are under way
	next := 0
	failed := false
	for o := range r.done {
		waiting[o.seq%window] = &o
		for {
			first := waiting[next%window]
			if first == nil {
				break
			}
			waiting[next%window] = nil
			next++
			<-r.slots
			if failed {
				continue // only to let the others end
			}
			err := first.err
			if err == nil {
				err = r.give(first)
			}
			if err != nil {
				failed = true
				stop(err)
			}
		}
	}
}

func (r *run) give(o *outcome) error {
	if o.reason != "" {
		r.summary.Skipped++
		if r.Skip != nil {
			r.Skip(Skipped{o.list, o.line, o.text, o.reason})
		}
		return nil
	}
	r.summary.Domains++
	if o.kept {
		r.summary.Kept++
	}
	if o.change != nil && o.change.Kind != First {
		r.baseline++
	}
	return r.Each(Result{Domain: o.domain, List: o.list, Line: o.line, Report: o.report, Kept: o.kept, Change: o.change})
}
