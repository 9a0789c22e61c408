package web

import (
	"errors"
	"net/http"

	"unspoof/internal/store"
	"unspoof/internal/store/sqlite"
)

// problem is an error that the person at the browser can do something about.
type problem struct {
	status int
	text   string // a sentence, with what to do
}

func (p *problem) Error() string { return p.text }

var (
	errNoPage      = &problem{http.StatusNotFound, "There is no such page here. It may belong to a case that was deleted."}
	errNoToken     = &problem{http.StatusUnauthorized, "This page is locked. Open the address that unspoof printed in the terminal when it started; it is a new one at every start."}
	errForeignSite = &problem{http.StatusForbidden, "Another web page tried to use unspoof through your browser, and was refused. If it was you, start from the address that unspoof printed in the terminal."}
	errNotWiped    = &problem{http.StatusInternalServerError, "The case is deleted and can no longer be opened, but its bytes could not be overwritten. The terminal says why. Delete any other case, or start unspoof again, when that is mended."}
	errEnding      = &problem{http.StatusServiceUnavailable, "unspoof is just ending. Start it again, and try once more."}
	errMethod      = &problem{http.StatusMethodNotAllowed, "This address cannot be used in that way."}
)

func badInput(text string) error { return &problem{http.StatusBadRequest, text} }

// page makes a handler of a function that may fail.
func (s *Server) page(f func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := f(w, r); err != nil {
			s.fail(w, r, err)
		}
	}
}

// fail answers with what went wrong: to people a page, to programs JSON. What
// is not their doing is logged and not told.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	var p *problem
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &p):
	case errors.Is(err, store.ErrNotFound):
		p = errNoPage
	case errors.Is(err, sqlite.ErrNotWiped):
		s.log.Error("case not wiped", "error", err)
		p = errNotWiped
	case errors.As(err, &large):
		p = errTooLarge
	case r.Context().Err() != nil:
		return // nobody is listening
	default:
		s.log.Error("request failed", "method", r.Method, "path", r.URL.Path, "error", err)
		p = &problem{http.StatusInternalServerError, "Something went wrong inside unspoof. The terminal in which it runs says what. Your cases are kept."}
	}
	if isAPI(r) {
		writeJSON(w, p.status, apiError{Schema: schema, Error: p.text})
		return
	}
	s.render(w, p.status, "problem.html", problemView{Text: p.text, Locked: p == errNoToken})
}

type problemView struct {
	Text   string
	Locked bool // nothing else can be reached, so there is no way back to show
}
