package web

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// maxWorking is how many cases are read at a time; others wait their turn. One
// keeps the machine usable, and a mailbox is read in seconds.
const maxWorking = 1

// jobs are the cases being read and judged, apart from the requests that asked
// for it: closing the browser stops nothing.
type jobs struct {
	ctx    context.Context
	cancel context.CancelFunc
	slots  chan struct{}
	wg     sync.WaitGroup

	mu      sync.Mutex
	running map[string]*job
}

// job is the work on one case.
type job struct {
	done     chan struct{}
	cancel   context.CancelFunc
	messages atomic.Int64
	bytes    atomic.Int64 // read so far
	total    atomic.Int64 // of so many; 0: not known
}

func newJobs() *jobs {
	ctx, cancel := context.WithCancel(context.Background())
	return &jobs{ctx: ctx, cancel: cancel, slots: make(chan struct{}, maxWorking), running: make(map[string]*job)}
}

// start runs work for the case, unless there is some already. It reports
// whether it does.
func (j *jobs) start(id string, work func(context.Context, *job)) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.running[id] != nil || j.ctx.Err() != nil {
		return false
	}
	ctx, cancel := context.WithCancel(j.ctx)
	one := &job{done: make(chan struct{}), cancel: cancel}
	j.running[id] = one
	j.wg.Go(func() {
		defer func() {
			cancel()
			j.mu.Lock()
			delete(j.running, id)
			j.mu.Unlock()
			close(one.done)
		}()
		select {
		case j.slots <- struct{}{}:
			defer func() { <-j.slots }()
			work(ctx, one)
		case <-ctx.Done():
			work(ctx, one) // it sees that it is not wanted, and tidies up
		}
	})
	return true
}

// of gives the work on a case, or nil.
func (j *jobs) of(id string) *job {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.running[id]
}

// wait gives the work on a case a moment to end, so that the page that follows
// has the answer already. It reports whether there is no work left.
func (j *jobs) wait(ctx context.Context, id string, moment time.Duration) bool {
	one := j.of(id)
	if one == nil {
		return true
	}
	timer := time.NewTimer(moment)
	defer timer.Stop()
	select {
	case <-one.done:
		return true
	case <-timer.C:
	case <-ctx.Done():
	}
	return false
}

// stop ends the work on a case and waits for it.
func (j *jobs) stop(ctx context.Context, id string) error {
	one := j.of(id)
	if one == nil {
		return nil
	}
	one.cancel()
	select {
	case <-one.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// close ends all work and waits for it.
func (j *jobs) close(ctx context.Context) error {
	j.mu.Lock()
	j.cancel()
	j.mu.Unlock()
	ended := make(chan struct{})
	go func() { j.wg.Wait(); close(ended) }()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
