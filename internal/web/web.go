// Package web is the page in the browser and its JSON API: bounces in, a
// verdict with its evidence out, and the record to publish.
//
// It serves one person on the machine that it runs on. It listens on loopback
// only and lets nobody in without the token of this start; it loads nothing
// from elsewhere, and every word that came out of a message is treated as
// hostile. It has no users, no TLS and no way to be put on a network.
package web

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"unspoof/dns"
	"unspoof/internal/store/sqlite"
)

// Config is what a Server needs; all but Token and Logger is required.
type Config struct {
	// Addr is the address of the listener, with the port that it got.
	Addr  net.Addr
	Store *sqlite.Store
	// Resolver answers DNS for every case but those that bring their own zone.
	Resolver dns.Resolver
	Now      func() time.Time
	// Token lets its bearer in. Empty: a new one is made.
	Token  string
	Logger *slog.Logger // for faults of our own; nil: slog.Default
}

// Server answers the browser. Make it with New.
type Server struct {
	store    *sqlite.Store
	resolver dns.Resolver
	now      func() time.Time
	log      *slog.Logger

	addr    string // host:port
	token   string
	session string // value of the cookie
	cookie  string // its name
	hosts   map[string]bool

	maxUpload int64 // bytes; a test takes less
	// changing is held while a case is read, edited and written, so that of two
	// edits none is lost.
	changing sync.Mutex
	jobs     *jobs
	secrets  *secrets
	surveys  *surveys
	handler  http.Handler
}

// New makes a server. Close it when it is done.
func New(c Config) (*Server, error) {
	if c.Addr == nil || c.Store == nil || c.Resolver == nil || c.Now == nil {
		return nil, errors.New("web: Addr, Store, Resolver and Now are required")
	}
	host, port, err := net.SplitHostPort(c.Addr.String())
	if err != nil {
		return nil, err
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return nil, errNotLoopback
	}
	s := &Server{
		store: c.Store, resolver: c.Resolver, now: c.Now, log: c.Logger,
		maxUpload: maxUpload,
		addr:      c.Addr.String(), token: c.Token, session: rand.Text(), cookie: "unspoof_" + port,
		hosts: map[string]bool{
			c.Addr.String():                     true,
			net.JoinHostPort("localhost", port): true,
			net.JoinHostPort("127.0.0.1", port): true,
			net.JoinHostPort("::1", port):       true,
		},
	}
	if s.token == "" {
		s.token = rand.Text()
	}
	if s.log == nil {
		s.log = slog.Default()
	}
	s.jobs, s.secrets, s.surveys = newJobs(), &secrets{by: map[string]secret{}}, &surveys{}
	s.handler = s.guard(s.routes())
	return s, nil
}

// StartURL is the address to open in the browser. It holds the token.
func (s *Server) StartURL() string {
	return (&url.URL{Scheme: "http", Host: s.addr, Path: "/", RawQuery: url.Values{"token": {s.token}}.Encode()}).String()
}

// ServeHTTP implements http.Handler, guards included.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Close stops the work on cases and waits for it to end. A case that was being
// read is marked as such when the store is opened again.
func (s *Server) Close(ctx context.Context) error { return s.jobs.close(ctx) }

// routes names every page; what is not here does not exist.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.page(s.start))
	mux.HandleFunc("GET /static/{file}", s.static)
	mux.HandleFunc("POST /cases", s.page(s.create))
	mux.HandleFunc("POST /example", s.page(s.example))
	mux.HandleFunc("GET /cases/{id}", s.page(s.showCase))
	mux.HandleFunc("GET /cases/{id}/delete", s.page(s.askDelete))
	mux.HandleFunc("POST /cases/{id}/delete", s.page(s.delete))
	mux.HandleFunc("POST /cases/{id}/answer", s.page(s.answer))
	mux.HandleFunc("POST /cases/{id}/events", s.page(s.addEvent))
	mux.HandleFunc("POST /cases/{id}/events/delete", s.page(s.deleteEvent))
	mux.HandleFunc("POST /cases/{id}/check", s.page(s.checkAgain))
	mux.HandleFunc("GET /cases/{id}/messages", s.page(s.listMessages))
	mux.HandleFunc("GET /cases/{id}/messages/{n}", s.page(s.showMessage))
	mux.HandleFunc("GET /cases/{id}/messages/{n}/raw", s.page(s.rawMessage))
	mux.HandleFunc("GET /cases/{id}/messages/{n}/inspect", s.page(s.inspectKept))
	mux.HandleFunc("GET /record", s.page(s.record))
	mux.HandleFunc("GET /check", s.page(s.check))
	mux.HandleFunc("GET /spf", s.page(s.spf))
	mux.HandleFunc("GET /inventory", s.page(s.inventoryPage))
	mux.HandleFunc("GET /wizard", s.page(s.wizard))
	mux.HandleFunc("GET /explain/{id}", s.page(s.explain))
	mux.HandleFunc("GET /inspect", s.page(s.inspectPage))
	mux.HandleFunc("POST /inspect", s.page(s.inspect))
	s.apiRoutes(mux)
	s.authorRoutes(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, pattern := mux.Handler(r)
		if pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		// The mux knows whether it is the path or only the method.
		var no refusal
		if h.ServeHTTP(&no, r); no.status == http.StatusMethodNotAllowed {
			w.Header().Set("Allow", no.Header().Get("Allow"))
			s.fail(w, r, errMethod)
			return
		}
		s.fail(w, r, errNoPage)
	})
}

// refusal takes the mux's own answer, to give it in our words.
type refusal struct {
	header http.Header
	status int
}

func (n *refusal) Header() http.Header {
	if n.header == nil {
		n.header = http.Header{}
	}
	return n.header
}
func (n *refusal) Write(b []byte) (int, error) { return len(b), nil }
func (n *refusal) WriteHeader(status int)      { n.status = status }
