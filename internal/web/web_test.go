package web

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"unspoof/dns/dnsfile"
	"unspoof/internal/example"
	"unspoof/internal/store/sqlite"
)

const testToken = "token-of-this-start"

var testAddr = &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8025}

// newServer makes a server on an empty store, with the example's DNS.
func newServer(t testing.TB) *Server {
	t.Helper()
	store, err := sqlite.Open(context.Background(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	view, err := dnsfile.Parse("example", example.DNS())
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(Config{
		Addr: testAddr, Store: store, Resolver: view, Token: testToken, Logger: slog.New(slog.NewTextHandler(t.Output(), nil)),
		Now: func() time.Time { return time.Date(2026, 3, 5, 20, 0, 0, 0, time.UTC) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// browser makes a request as the page of ours in a browser does.
func (s *Server) browser(method, target string, body io.Reader) *http.Request {
	r := httptest.NewRequest(method, "http://127.0.0.1:8025"+target, body)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if method != http.MethodGet {
		r.Header.Set("Origin", "http://127.0.0.1:8025")
	}
	r.AddCookie(&http.Cookie{Name: s.cookie, Value: s.session})
	return r
}

func (s *Server) do(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func (s *Server) get(target string) *httptest.ResponseRecorder {
	return s.do(s.browser(http.MethodGet, target, nil))
}

func (s *Server) post(target string, form url.Values) *httptest.ResponseRecorder {
	r := s.browser(http.MethodPost, target, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return s.do(r)
}

// field is one field of a multipart form; name is the file's, "" for none.
type field struct{ key, name, value string }

func multi(t testing.TB, fields ...field) (body *bytes.Buffer, contentType string) {
	t.Helper()
	body = new(bytes.Buffer)
	w := multipart.NewWriter(body)
	for _, f := range fields {
		var part io.Writer
		var err error
		if f.name != "" {
			part, err = w.CreateFormFile(f.key, f.name)
		} else {
			part, err = w.CreateFormField(f.key)
		}
		if err == nil {
			_, err = io.WriteString(part, f.value)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return body, w.FormDataContentType()
}

func (s *Server) upload(t testing.TB, target string, fields ...field) *httptest.ResponseRecorder {
	t.Helper()
	body, kind := multi(t, fields...)
	r := s.browser(http.MethodPost, target, body)
	r.Header.Set("Content-Type", kind)
	return s.do(r)
}

// settle waits for the work on all cases.
func (s *Server) settle(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	lines, err := s.store.Cases(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lines {
		if !s.jobs.wait(ctx, l.ID, time.Minute) {
			t.Fatalf("the case of %s is not done after a minute", l.Name)
		}
	}
}

// onlyCase gives the ID of the single case.
func (s *Server) onlyCase(t testing.TB) string {
	t.Helper()
	s.settle(t)
	lines, err := s.store.Cases(context.Background())
	if err != nil || len(lines) != 1 {
		t.Fatalf("%d cases, error %v; want 1", len(lines), err)
	}
	return lines[0].ID
}
