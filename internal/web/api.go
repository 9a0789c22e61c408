package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"unspoof/forensics"
	"unspoof/internal/store"
	"unspoof/internal/store/sqlite"
	"unspoof/plan"
)

// schema is the number of the API's form. It grows when a field changes its
// meaning or goes, not when one is added.
const schema = 1

type apiError struct {
	Schema int    `json:"schema"`
	Error  string `json:"error"`
}

// apiCase is a case without its messages.
type apiCase struct {
	ID      string            `json:"id"`
	Name    string            `json:"name"`
	Created time.Time         `json:"created"`
	State   store.State       `json:"state"`
	Note    string            `json:"note,omitempty"`
	Example bool              `json:"example"`
	Verdict forensics.Verdict `json:"verdict,omitempty"`
}

func (s *Server) apiRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /api/cases", s.page(s.apiList))
	mux.HandleFunc("POST /api/cases", s.page(s.apiCreate))
	mux.HandleFunc("GET /api/cases/{id}", s.page(s.apiShow))
	mux.HandleFunc("DELETE /api/cases/{id}", s.page(s.apiDelete))
	mux.HandleFunc("POST /api/cases/{id}/answer", s.page(s.apiAnswer))
	mux.HandleFunc("POST /api/cases/{id}/events", s.page(s.apiEvent))
	mux.HandleFunc("DELETE /api/cases/{id}/events/{n}", s.page(s.apiDropEvent))
	mux.HandleFunc("GET /api/check", s.page(s.apiCheck))
	mux.HandleFunc("POST /api/inspect", s.page(s.apiInspect))
	mux.HandleFunc("POST /api/spf/build", s.page(s.apiBuild))
}

func writeJSON(w http.ResponseWriter, status int, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	w.Write(append(text, '\n')) // a client that left needs no answer
	return nil
}

// readJSON reads a small body and refuses fields that nobody knows.
func readJSON(w http.ResponseWriter, r *http.Request, v any) error {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxForm))
	d.DisallowUnknownFields()
	err := d.Decode(v)
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return &problem{http.StatusRequestEntityTooLarge, fmt.Sprintf("The body is longer than %d bytes.", maxForm)}
	}
	if err != nil {
		return badInput("The body is not the JSON that is wanted: " + strings.TrimPrefix(err.Error(), "json: ") + ".")
	}
	return nil
}

func (s *Server) apiList(w http.ResponseWriter, r *http.Request) error {
	lines, err := s.store.Cases(r.Context())
	if err != nil {
		return err
	}
	list := make([]apiCase, 0, len(lines))
	for _, l := range lines {
		list = append(list, apiCase{ID: l.ID, Name: l.Name, Created: l.Created, State: l.State, Example: l.Example, Verdict: l.Verdict})
	}
	return writeJSON(w, http.StatusOK, struct {
		Schema int       `json:"schema"`
		Cases  []apiCase `json:"cases"`
	}{schema, list})
}

// apiCreate takes the same form as the first page.
func (s *Server) apiCreate(w http.ResponseWriter, r *http.Request) error {
	u, err := s.readUpload(w, r)
	if err != nil {
		return err
	}
	c, err := s.begin(r.Context(), u)
	if err != nil {
		u.remove()
		return err
	}
	w.Header().Set("Location", "/api/cases/"+c.ID)
	return s.apiState(w, r, http.StatusCreated, c.ID)
}

// apiState waits a moment for the work on a case and says how far it is.
func (s *Server) apiState(w http.ResponseWriter, r *http.Request, status int, id string) error {
	s.jobs.wait(r.Context(), id, moment)
	c, err := s.store.Case(r.Context(), id)
	if err != nil {
		return err
	}
	one := apiCase{ID: c.ID, Name: c.Name, Created: c.Created, State: c.State, Note: c.Note, Example: c.Example}
	if c.Mailbox != nil {
		one.Verdict = c.Mailbox.Verdict
	}
	return writeJSON(w, status, struct {
		Schema int     `json:"schema"`
		Case   apiCase `json:"case"`
	}{schema, one})
}

// apiShow gives the whole case: what unspoof investigate --json gives, and the
// posture. Messages are written as they are read from the store.
func (s *Server) apiShow(w http.ResponseWriter, r *http.Request) error {
	c, err := s.store.Case(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	head, err := json.Marshal(struct {
		Schema  int               `json:"schema"`
		ID      string            `json:"id"`
		Name    string            `json:"name"`
		Created time.Time         `json:"created"`
		State   store.State       `json:"state"`
		Note    string            `json:"note,omitempty"`
		Example bool              `json:"example"`
		Answer  store.Answer      `json:"answer"`
		Events  []forensics.Event `json:"events"`
		Senders []string          `json:"senders"`
		Notes   []string          `json:"notes"`
		Mailbox any               `json:"mailbox"`
		Posture any               `json:"posture"`
	}{schema, c.ID, c.Name, c.Created, c.State, c.Note, c.Example, c.Answer,
		list(c.Profile.Events), list(c.Senders), list(c.Notes), c.Mailbox, c.Posture})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Write(head[:len(head)-1])
	w.Write([]byte(`,"messages":[`))
	for after, more := 0, true; more; {
		page, err := s.store.Messages(r.Context(), c.ID, sqlite.Page{After: after, Limit: 500})
		if err != nil {
			// The header is out; a body that is no JSON says that it is not all.
			s.log.Error("case not sent", "case", c.ID, "error", err)
			return nil
		}
		for _, m := range page {
			if after > 0 {
				w.Write([]byte(",\n"))
			}
			w.Write(m.Doc)
			after = m.N
		}
		more = len(page) > 0
	}
	w.Write([]byte("]}\n"))
	return nil
}

// list makes an empty list of none, for JSON.
func list[T any](l []T) []T {
	if l == nil {
		return []T{}
	}
	return l
}

func (s *Server) apiDelete(w http.ResponseWriter, r *http.Request) error {
	if err := s.remove(r); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Server) apiAnswer(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		All string `json:"all"`
	}
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	if err := s.giveAnswer(r.Context(), r.PathValue("id"), in.All); err != nil {
		return err
	}
	return s.apiState(w, r, http.StatusOK, r.PathValue("id"))
}

func (s *Server) apiEvent(w http.ResponseWriter, r *http.Request) error {
	var e forensics.Event
	if err := readJSON(w, r, &e); err != nil {
		return err
	}
	if err := s.noteEvent(r.Context(), r.PathValue("id"), e); err != nil {
		return err
	}
	return s.apiState(w, r, http.StatusOK, r.PathValue("id"))
}

func (s *Server) apiDropEvent(w http.ResponseWriter, r *http.Request) error {
	n, err := strconv.Atoi(r.PathValue("n"))
	if err != nil {
		return errNoPage
	}
	if err := s.dropEvent(r.Context(), r.PathValue("id"), n); err != nil {
		return err
	}
	return s.apiState(w, r, http.StatusOK, r.PathValue("id"))
}

func (s *Server) apiCheck(w http.ResponseWriter, r *http.Request) error {
	domain, err := checkDomain(cleanDomain(r.URL.Query().Get("domain")))
	if err != nil {
		return err
	}
	report, err := s.posture(r.Context(), domain, s.resolver)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, struct {
		Schema  int `json:"schema"`
		Posture any `json:"posture"`
	}{schema, report})
}

func (s *Server) apiBuild(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Domain    string   `json:"domain"`
		Hosts     []string `json:"hosts"`
		Addresses []string `json:"addresses"`
		Services  []string `json:"services"`
		A         bool     `json:"a"`
		MX        bool     `json:"mx"`
		Parked    bool     `json:"parked"`
		Confirmed bool     `json:"confirmed"`
		Policy    string   `json:"policy"`
		Drop      []string `json:"drop"`
	}
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	p, err := plan.BuildSPF(r.Context(), plan.SPFRequest{
		Domain: cleanDomain(in.Domain), A: in.A, Hosts: in.Hosts, MX: in.MX, Addresses: in.Addresses, Services: in.Services, Parked: in.Parked, Confirmed: in.Confirmed, Policy: in.Policy, Drop: in.Drop,
	}, s.resolver)
	if err != nil && (!errors.Is(err, plan.ErrLockOut) || errors.Is(err, plan.ErrTooManyLookups)) {
		return badInput(sentence(err))
	}
	return writeJSON(w, http.StatusOK, struct {
		Schema int          `json:"schema"`
		Plan   plan.SPFPlan `json:"plan"`
		Error  string       `json:"error,omitempty"`
	}{schema, p, refusalOf(err)})
}

// refusalOf says why a plan is not to be published as it is, "" where it may be.
func refusalOf(err error) string {
	if err == nil {
		return ""
	}
	return strings.TrimPrefix(errorText(err), "plan: ")
}
