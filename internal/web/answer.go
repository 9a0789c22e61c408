package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"unspoof/forensics"
	"unspoof/internal/store"
)

// What a form on a case may hold.
const (
	maxForm    = 64 << 10
	maxEvents  = 50
	maxAccount = 64
)

var (
	errBusy       = &problem{http.StatusConflict, "This case is still being read. Wait until that is done, then try again."}
	errUnfinished = &problem{http.StatusConflict, "This case was not finished. Hand over the messages again, as a new case."}
)

// change applies an edit to a ready case and judges it anew, from the messages
// as received.
func (s *Server) change(ctx context.Context, id string, edit func(*store.Case) error) error {
	s.changing.Lock()
	defer s.changing.Unlock()
	c, err := s.readyCase(ctx, id)
	if err != nil {
		return err
	}
	if err := edit(&c); err != nil {
		return err
	}
	// The work that made it ready may have its last breath to draw.
	if !s.jobs.wait(ctx, id, moment) {
		return errBusy
	}
	reading := c
	reading.State = store.Reading
	if err := s.store.Save(ctx, reading); err != nil {
		return err
	}
	if !s.jobs.start(id, func(ctx context.Context, one *job) {
		s.judge(ctx, one, c, s.kept(ctx, id), false)
	}) {
		return errors.Join(errEnding, s.store.Save(ctx, c))
	}
	return nil
}

// readyCase gives a case that nobody works on.
func (s *Server) readyCase(ctx context.Context, id string) (store.Case, error) {
	c, err := s.store.Case(ctx, id)
	switch {
	case err != nil:
	case c.State == store.Reading:
		err = errBusy
	case c.State == store.Failed:
		err = errUnfinished
	}
	return c, err
}

// changed waits a moment and goes back to the case.
func (s *Server) changed(w http.ResponseWriter, r *http.Request, what, part string) error {
	id := r.PathValue("id")
	s.jobs.wait(r.Context(), id, moment)
	http.Redirect(w, r, "/cases/"+id+"?saved="+what+"#"+part, http.StatusSeeOther)
	return nil
}

// readForm reads a small form.
func readForm(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return badInput("The form cannot be read. Try it again.")
	}
	return nil
}

// answer takes the answer to "is this all that sends for you?".
func (s *Server) answer(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	if err := s.giveAnswer(r.Context(), r.PathValue("id"), r.PostForm.Get("all")); err != nil {
		return err
	}
	return s.changed(w, r, "answer", "main")
}

func (s *Server) giveAnswer(ctx context.Context, id, word string) error {
	answer := store.Answer(word)
	if answer != store.Yes && answer != store.No {
		return badInput("The answer is yes or no.")
	}
	return s.change(ctx, id, func(c *store.Case) error {
		c.Answer = answer
		return nil
	})
}

// addEvent notes what the owner did, and when.
func (s *Server) addEvent(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	// The browser is on this machine, so its clock is ours.
	at, err := time.ParseInLocation(formTime, r.PostForm.Get("time"), s.now().Location())
	if err != nil {
		return badInput("Say when it was: a date and a time.")
	}
	e := forensics.Event{Time: at.UTC(), Type: forensics.EventType(r.PostForm.Get("type")), Account: r.PostForm.Get("account")}
	if err := s.noteEvent(r.Context(), r.PathValue("id"), e); err != nil {
		return err
	}
	return s.changed(w, r, "event", "timeline")
}

func (s *Server) noteEvent(ctx context.Context, id string, e forensics.Event) error {
	e.Account = strings.TrimSpace(e.Account)
	switch {
	case !slices.Contains(eventTypes, e.Type):
		return badInput(fmt.Sprintf("“%s” is not an event that is known here.", clip(string(e.Type), 40)))
	case e.Time.Year() < 1990 || e.Time.Year() > 9999:
		return badInput("That time cannot be right.")
	case len(e.Account) > maxAccount:
		return badInput(fmt.Sprintf("The account's name is longer than %d letters.", maxAccount))
	}
	return s.change(ctx, id, func(c *store.Case) error {
		if len(c.Profile.Events) >= maxEvents {
			return badInput(fmt.Sprintf("A case holds at most %d events.", maxEvents))
		}
		c.Profile.Events = append(c.Profile.Events, e)
		slices.SortStableFunc(c.Profile.Events, func(a, b forensics.Event) int { return a.Time.Compare(b.Time) })
		return nil
	})
}

func (s *Server) deleteEvent(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	n, err := strconv.Atoi(r.PostForm.Get("n"))
	if err != nil {
		return badInput("There is no such event.")
	}
	if err := s.dropEvent(r.Context(), r.PathValue("id"), n); err != nil {
		return err
	}
	return s.changed(w, r, "event", "timeline")
}

func (s *Server) dropEvent(ctx context.Context, id string, n int) error {
	return s.change(ctx, id, func(c *store.Case) error {
		if n < 0 || n >= len(c.Profile.Events) {
			return badInput("There is no such event.")
		}
		c.Profile.Events = slices.Delete(c.Profile.Events, n, n+1)
		return nil
	})
}
