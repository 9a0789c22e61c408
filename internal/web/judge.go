package web

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"sync"
	"time"

	"unspoof/dns"
	"unspoof/dns/dnsfile"
	"unspoof/forensics"
	"unspoof/internal/example"
	"unspoof/internal/intake"
	"unspoof/internal/investigation"
	"unspoof/internal/store"
	"unspoof/internal/store/sqlite"
)

// maxExcerpt is how much of an original's text is kept for its page.
const maxExcerpt = 2 << 10

// filledUntil is the time up to which a case's mailbox was filled: when it was
// handed over, however much later it is judged again. A rate test that went on
// counting hours after that would call every measure a success.
func filledUntil(c store.Case) time.Time {
	if c.Example {
		return example.Now
	}
	return c.Created
}

// resolverFor gives the case's own zone, where it has one, and the network
// otherwise.
func (s *Server) resolverFor(c store.Case) (dns.Resolver, error) {
	if len(c.Zone) == 0 {
		return s.resolver, nil
	}
	return dnsfile.Parse("the case's own DNS", c.Zone)
}

// judge reads the messages of source, judges them and keeps the result. first
// says that they are new, and kept as received, too. It never fails: what goes
// wrong is written into the case.
func (s *Server) judge(ctx context.Context, one *job, c store.Case, source iter.Seq2[intake.Item, error], first bool) {
	err := s.judgeCase(ctx, one, c, source, first)
	if err == nil || errors.Is(err, store.ErrNotFound) { // deleted meanwhile
		return
	}
	if ctx.Err() != nil {
		return // the program ends; the store will say so when it is opened again
	}
	var told *problem
	note := "Something went wrong inside unspoof while it read this mailbox. The terminal in which it runs says what."
	switch {
	case errors.As(err, &told):
		note = told.text
	case errors.Is(err, sqlite.ErrFull):
		note = "This mailbox is larger than a case can be (512 MB). Hand over a part of it, a hundred messages are plenty for a verdict, or use “unspoof investigate” on the command line, which takes mailboxes of any size."
	default:
		s.log.Error("case not judged", "case", c.ID, "error", err)
	}
	c.State, c.Note, c.Updated = store.Failed, note, s.now()
	if !first { // the earlier result stands
		c.State, c.Note = store.Ready, ""
		c.Notes = append(c.Notes, note)
	}
	if err := s.store.Save(ctx, c); err != nil {
		s.log.Error("case not saved", "case", c.ID, "error", err)
	}
}

func (s *Server) judgeCase(ctx context.Context, one *job, c store.Case, source iter.Seq2[intake.Item, error], first bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	resolver, err := s.resolverFor(c)
	if err != nil {
		return err
	}
	run, err := s.store.Begin(ctx, c.ID)
	if err != nil {
		return err
	}
	profile := s.profileFor(ctx, &c, resolver)
	k := keeper{ctx: ctx, run: run, job: one, first: first, reasons: map[string]*store.ReasonCount{}}
	res, err := investigation.Run(ctx, investigation.Args{
		Source: source, Profile: profile, Resolver: resolver, Now: filledUntil(c), Each: k.each,
	})
	if err == nil && res.Mailbox.Read == 0 {
		err = nothingRead(res)
	}
	if err != nil {
		return errors.Join(err, run.Abandon(context.WithoutCancel(ctx), first))
	}
	if first {
		c.Notes = append(c.Notes, notes(res)...)
	}
	c.Mailbox, c.Reasons = &res.Mailbox, k.list(res.Mailbox.Verdict)
	if c.Posture, err = s.postureOf(ctx, c, resolver); err != nil {
		return errors.Join(err, run.Abandon(context.WithoutCancel(ctx), first))
	}
	c.State, c.Updated = store.Ready, s.now()
	return run.Finish(ctx, c)
}

// profileFor is the case's profile with the answer to the question and the
// secrets that are not kept. Where DNS was silent before, it is asked again.
func (s *Server) profileFor(ctx context.Context, c *store.Case, resolver dns.Resolver) *forensics.Profile {
	if c.Unasked {
		if p, _, err := fromDNS(ctx, resolver, &c.Profile); err == nil {
			p.Events = c.Profile.Events
			c.Profile, c.Senders, c.Unasked = *p, senders(p), false
		}
	}
	p := c.Profile
	p.Complete = c.Answer == store.Yes
	s.secrets.giveBack(c.ID, &p)
	return &p
}

// nothingRead says why a mailbox gave no message.
func nothingRead(res investigation.Result) error {
	text := "There was no message in what you handed over."
	if len(res.Unread) > 0 {
		text = ""
		for i, e := range res.Unread[:min(3, len(res.Unread))] {
			if i > 0 {
				text += " "
			}
			text += e.Sentence() + "."
		}
	}
	return &problem{400, text}
}

// maxNotes is how many files that could not be read are named.
const maxNotes = 20

func notes(res investigation.Result) []string {
	var list []string
	for _, e := range res.Unread[:min(maxNotes, len(res.Unread))] {
		list = append(list, e.Sentence()+".")
	}
	if more := len(res.Unread) + res.More - len(list); more > 0 {
		list = append(list, plural(more, "more file was not read.", "more files were not read."))
	}
	return list
}

// keeper puts messages into the store as they are judged.
type keeper struct {
	ctx     context.Context
	run     *sqlite.Run
	job     *job
	first   bool
	n       int
	reasons map[string]*store.ReasonCount // by code
}

func (k *keeper) each(m investigation.Message) error {
	k.n++
	doc, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if k.first {
		if err := k.run.Keep(k.ctx, store.Raw{N: k.n, File: m.File, Data: m.Data}); err != nil {
			return err
		}
	}
	seen := map[string]bool{}
	for _, r := range m.Judgement.Reasons {
		if seen[r.Code] {
			continue
		}
		seen[r.Code] = true
		if have := k.reasons[r.Code]; have != nil {
			have.Count++
		} else {
			k.reasons[r.Code] = &store.ReasonCount{Reason: r, Count: 1, N: k.n}
		}
	}
	k.job.messages.Store(int64(k.n))
	return k.run.Add(k.ctx, store.Message{
		N: k.n, Verdict: m.Judgement.Verdict, Doc: doc, Excerpt: clip(m.Notice.Original.Text, maxExcerpt),
	})
}

func (k *keeper) list(verdict forensics.Verdict) []store.ReasonCount {
	var list []store.ReasonCount
	for _, r := range k.reasons {
		list = append(list, *r)
	}
	sortReasons(list, verdict)
	return list
}

// kept gives the messages of a case as received, as the intake did.
func (s *Server) kept(ctx context.Context, id string) iter.Seq2[intake.Item, error] {
	return func(yield func(intake.Item, error) bool) {
		for raw, err := range s.store.Raws(ctx, id) {
			if !yield(intake.Item{File: raw.File, Data: raw.Data}, err) {
				return
			}
		}
	}
}

// secrets are the bounce tags and seal keys of profiles that were handed over
// since the program started. They are never kept.
type secrets struct {
	mu sync.Mutex
	by map[string]secret
}

type secret struct {
	tag   *forensics.BATV
	seals []forensics.SealKey
}

func (s *secrets) keep(id string, p *forensics.Profile) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.BATV != nil || len(p.SealKeys) > 0 {
		s.by[id] = secret{p.BATV, p.SealKeys}
	}
}

// giveBack puts a case's secrets into its profile.
func (s *secrets) giveBack(id string, p *forensics.Profile) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p.BATV, p.SealKeys = s.by[id].tag, s.by[id].seals
}

func (s *secrets) forget(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.by, id)
}
