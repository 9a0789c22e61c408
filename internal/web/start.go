package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"unspoof/dmarc"
	"unspoof/internal/example"
	"unspoof/internal/intake"
	"unspoof/internal/profile"
	"unspoof/internal/store"
)

// moment is how long a request waits for the work that it began, so that small
// mailboxes need no second page.
const moment = 1500 * time.Millisecond

type startView struct {
	Cases []startCase
	// What was typed, when the form is shown again with a problem.
	Problem string
	Domain  string
}

type startCase struct {
	store.Line
	Light light
}

// start is the first page.
func (s *Server) start(w http.ResponseWriter, r *http.Request) error {
	return s.startPage(w, r, http.StatusOK, startView{})
}

func (s *Server) startPage(w http.ResponseWriter, r *http.Request, status int, v startView) error {
	lines, err := s.store.Cases(r.Context())
	if err != nil {
		return err
	}
	for _, l := range lines {
		v.Cases = append(v.Cases, startCase{l, stateWord(l)})
	}
	return s.render(w, status, "start.html", v)
}

// create takes messages in and begins a case.
func (s *Server) create(w http.ResponseWriter, r *http.Request) error {
	u, err := s.readUpload(w, r)
	if err != nil {
		return err
	}
	c, err := s.begin(r.Context(), u)
	if err != nil {
		u.remove()
		var p *problem
		if errors.As(err, &p) && p.status == http.StatusBadRequest {
			return s.startPage(w, r, p.status, startView{Problem: p.text, Domain: u.who})
		}
		return err
	}
	s.jobs.wait(r.Context(), c.ID, moment)
	http.Redirect(w, r, "/cases/"+c.ID, http.StatusSeeOther)
	return nil
}

// begin checks what was handed over, keeps a new case and starts the work on
// it, which removes the upload when it is done.
func (s *Server) begin(ctx context.Context, u *upload) (store.Case, error) {
	if len(u.files) == 0 {
		return store.Case{}, badInput("No message was handed over. Choose or drop the files with the messages that came back, or paste one of them.")
	}
	k, err := s.know(ctx, u)
	if err != nil {
		return store.Case{}, err
	}
	now := s.now()
	c := store.Case{
		Name: k.name(), Created: now, Updated: now, State: store.Reading,
		Profile: *k.profile, Senders: senders(k.profile), Zone: k.zone, Unasked: k.unasked, Notes: k.notes,
	}
	if k.profile.Complete {
		c.Answer = store.Yes
	}
	if err := s.store.Create(ctx, &c); err != nil {
		return store.Case{}, err
	}
	s.secrets.keep(c.ID, k.profile)
	source := intake.Args{Uploads: u.files}
	if !s.jobs.start(c.ID, func(ctx context.Context, one *job) {
		defer u.remove()
		one.total.Store(u.size)
		source.Progress = func(done, _ int64) { one.bytes.Store(done) }
		s.judge(ctx, one, c, intake.Messages(ctx, source), true)
	}) {
		return c, errors.Join(errEnding, s.store.Delete(ctx, c.ID))
	}
	return c, nil
}

// example makes the case of the example mailbox.
func (s *Server) example(w http.ResponseWriter, r *http.Request) error {
	box, err := example.Mbox()
	if err != nil {
		return err
	}
	p, _, err := profile.Parse(example.Profile())
	if err != nil {
		return err
	}
	c := store.Case{Name: example.Domain, Created: s.now(), Updated: s.now(), State: store.Reading, Example: true, Profile: *p, Senders: senders(p), Zone: example.DNS()}
	if err := s.store.Create(r.Context(), &c); err != nil {
		return err
	}
	source := intake.Args{Uploads: []intake.Upload{{Name: example.Name, Data: bytes.NewReader(box), Size: int64(len(box))}}}
	if !s.jobs.start(c.ID, func(ctx context.Context, one *job) {
		s.judge(ctx, one, c, intake.Messages(ctx, source), true)
	}) {
		return errors.Join(errEnding, s.store.Delete(r.Context(), c.ID))
	}
	s.jobs.wait(r.Context(), c.ID, moment)
	http.Redirect(w, r, "/cases/"+c.ID, http.StatusSeeOther)
	return nil
}

// cleanDomain reads a domain or an address as people type it: with "www." or
// "https://" before it, in capitals, with a dot at its end.
func cleanDomain(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	if _, after, ok := strings.Cut(s, "://"); ok {
		s = after
	}
	s, _, _ = strings.Cut(s, "/")
	s = strings.TrimPrefix(s, "www.")
	return strings.TrimSuffix(s, ".")
}

// checkDomain gives a domain in A-labels, or says what is wrong with it.
func checkDomain(domain string) (string, error) {
	name, err := dmarc.Domain(domain)
	if err != nil || !strings.Contains(name, ".") || strings.ContainsAny(name, " @:?#\"'<>,;()[]\\") {
		return "", badInput(fmt.Sprintf("“%s” is not a domain. A domain looks like example.com: what stands behind the @ of your address.", clip(domain, 80)))
	}
	return name, nil
}
