// Package investigation is the one way from messages to a report: each is read
// by bounce, judged by forensics and added to the mailbox, in the order in which
// the intake gives them. The command line and the web pages both go through it,
// so that they cannot disagree.
//
// It streams: of a message nothing stays but what the mailbox report needs.
package investigation

import (
	"context"
	"errors"
	"iter"
	"sync"
	"time"

	"unspoof/bounce"
	"unspoof/dns"
	"unspoof/forensics"
	"unspoof/internal/intake"
)

// Args is one investigation.
type Args struct {
	Source   iter.Seq2[intake.Item, error]
	Profile  *forensics.Profile // not changed while Run works
	Resolver dns.Resolver       // nil: DNS is not to be asked
	Now      time.Time          // the moment up to which rates are counted
	// Each, unless nil, gets every message, in order. Its error ends the run.
	Each func(Message) error
}

// Result is the answer.
type Result struct {
	Mailbox forensics.MailboxReport
	// Unread says what was not read, at most 100 of it; More counts the rest.
	Unread []*intake.Error
	More   int
}

const (
	// workers judge at a time: more than there are cores, because judging waits
	// for DNS now and then.
	workers = 8
	// ahead is how many messages may be in hand, so that a slow one does not
	// stop the others; it bounds memory, too.
	ahead = 2 * workers
	// keptStorage is the largest storage that a slot keeps for its next message.
	keptStorage = 1 << 20
	maxUnread   = 100
)

// Run judges every message of the source. It fails only when ctx ends, or Each
// fails; what cannot be read stands in the Result.
func Run(ctx context.Context, args Args) (Result, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	r := runner{
		Args: args, judge: forensics.NewJudge(args.Profile, args.Resolver),
		free: make(chan *slot, ahead), todo: make(chan *slot, ahead), inOrder: make(chan *slot, ahead),
	}
	for range ahead {
		r.free <- &slot{done: make(chan struct{}, 1)}
	}
	var wg sync.WaitGroup
	wg.Go(func() { r.fetch(ctx) })
	for range workers {
		wg.Go(func() { r.work(ctx) })
	}
	res, err := r.collect(ctx)
	cancel(err)
	for s := range r.inOrder { // let fetch and work come to their end
		<-s.done
		r.free <- s
	}
	wg.Wait()
	return res, err
}

// runner is one Run: fetch fills slots, work judges them in any order, collect
// takes them in theirs.
type runner struct {
	Args
	judge               *forensics.Judge
	free, todo, inOrder chan *slot
}

// slot is one message under way.
type slot struct {
	file     string
	data     []byte
	warnings []string
	err      error // of the source, in place of a message
	done     chan struct{}

	notice    *bounce.Notice
	judgement forensics.Judgement
}

func (r *runner) fetch(ctx context.Context) {
	defer close(r.inOrder)
	defer close(r.todo)
	for item, err := range r.Source {
		s := <-r.free
		if ctx.Err() != nil {
			return
		}
		if cap(s.data) > keptStorage {
			s.data = nil
		}
		s.file, s.warnings, s.err = item.File, item.Warnings, err
		s.data = append(s.data[:0], item.Data...) // the source uses its own again
		r.inOrder <- s
		r.todo <- s
	}
}

func (r *runner) work(ctx context.Context) {
	for s := range r.todo {
		if s.err == nil && ctx.Err() == nil {
			s.notice = ParseNotice(s.data, s.warnings)
			s.judgement = r.judge.Judge(ctx, s.notice)
		}
		s.done <- struct{}{}
	}
}

func (r *runner) collect(ctx context.Context) (Result, error) {
	var res Result
	box := forensics.NewMailbox(forensics.MailboxArgs{Profile: r.Profile, Now: r.Now})
	for s := range r.inOrder {
		<-s.done
		err := ctx.Err()
		switch {
		case err != nil:
		case s.err != nil:
			err = res.note(s.err)
		default:
			box.Add(s.notice, s.judgement)
			if r.Each != nil {
				err = r.Each(Message{File: s.file, Data: s.data, Notice: s.notice, Judgement: s.judgement})
			}
		}
		s.notice, s.judgement = nil, forensics.Judgement{}
		r.free <- s
		if err != nil {
			return res, err
		}
	}
	if err := ctx.Err(); err != nil {
		return res, err
	}
	res.Mailbox = box.Report(ctx, r.Resolver)
	return res, nil
}

// note keeps what the intake could not read; any other error ends the run.
func (r *Result) note(err error) error {
	var e *intake.Error
	if !errors.As(err, &e) {
		return err
	}
	if len(r.Unread) == maxUnread {
		r.More++
		return nil
	}
	r.Unread = append(r.Unread, e)
	return nil
}
