package web

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestGuard(t *testing.T) {
	s := newServer(t)
	tests := []struct {
		name   string
		method string
		target string
		change func(*http.Request)
		want   int
	}{
		{"our own page", "GET", "/", nil, 200},
		{"the address bar", "GET", "/", func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "none") }, 200},
		{"a browser without fetch metadata", "GET", "/", func(r *http.Request) { r.Header.Del("Sec-Fetch-Site") }, 200},
		{"localhost is ours", "GET", "/", func(r *http.Request) { r.Host = "localhost:8025" }, 200},
		{"IPv6 loopback is ours", "GET", "/", func(r *http.Request) { r.Host = "[::1]:8025" }, 200},

		{"a rebound name", "GET", "/", func(r *http.Request) { r.Host = "rebind.example:8025" }, 421},
		{"a rebound name, static file", "GET", "/static/style.css", func(r *http.Request) { r.Host = "rebind.example:8025" }, 421},
		{"a rebound name with the token", "GET", "/?token=" + testToken, func(r *http.Request) { r.Host = "rebind.example:8025" }, 421},
		{"another port", "GET", "/", func(r *http.Request) { r.Host = "127.0.0.1:80" }, 421},
		{"no port", "GET", "/", func(r *http.Request) { r.Host = "127.0.0.1" }, 421},
		{"localhost with a dot", "GET", "/", func(r *http.Request) { r.Host = "localhost.:8025" }, 421},
		{"no host", "GET", "/", func(r *http.Request) { r.Host = "" }, 421},

		{"another site's picture", "GET", "/cases/x", func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }, 403},
		{"another port's page reads", "GET", "/api/cases", func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") }, 403},
		{"another site's fetch of the first page", "GET", "/", func(r *http.Request) {
			r.Header.Set("Sec-Fetch-Site", "cross-site")
			r.Header.Set("Sec-Fetch-Dest", "empty")
		}, 403},
		{"a link on another site to the first page", "GET", "/", func(r *http.Request) {
			r.Header.Set("Sec-Fetch-Site", "cross-site")
			r.Header.Set("Sec-Fetch-Dest", "document")
			r.Header.Del("Cookie") // SameSite=Strict
		}, 401},

		{"our form", "POST", "/cases/x/delete", nil, 404},
		{"our form, origin withheld", "POST", "/cases/x/delete", func(r *http.Request) { r.Header.Set("Origin", "null") }, 404},
		{"another site's form", "POST", "/cases/x/delete", func(r *http.Request) {
			r.Header.Set("Sec-Fetch-Site", "cross-site")
			r.Header.Set("Origin", "http://evil.example")
		}, 403},
		{"another site's form in an old browser", "POST", "/cases/x/delete", func(r *http.Request) {
			r.Header.Del("Sec-Fetch-Site")
			r.Header.Set("Origin", "http://evil.example")
		}, 403},
		{"another port's form in an old browser", "POST", "/cases/x/delete", func(r *http.Request) {
			r.Header.Del("Sec-Fetch-Site")
			r.Header.Set("Origin", "http://127.0.0.1:3000")
		}, 403},
		{"an https page of the same name", "POST", "/cases/x/delete", func(r *http.Request) {
			r.Header.Del("Sec-Fetch-Site")
			r.Header.Set("Origin", "https://127.0.0.1:8025")
		}, 403},
		{"a sandboxed frame's form in an old browser", "POST", "/cases/x/delete", func(r *http.Request) {
			r.Header.Del("Sec-Fetch-Site")
			r.Header.Set("Origin", "null")
		}, 403},
		{"a form without any origin", "POST", "/cases/x/delete", func(r *http.Request) {
			r.Header.Del("Sec-Fetch-Site")
			r.Header.Del("Origin")
		}, 403},
		{"a form from the address bar", "POST", "/cases/x/delete", func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "none") }, 403},
		{"another site's delete through the API", "DELETE", "/api/cases/x", func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }, 403},

		{"no cookie", "GET", "/", func(r *http.Request) { r.Header.Del("Cookie") }, 401},
		{"no cookie, a case", "GET", "/cases/x", func(r *http.Request) { r.Header.Del("Cookie") }, 401},
		{"no cookie, API", "GET", "/api/cases", func(r *http.Request) { r.Header.Del("Cookie") }, 401},
		{"no cookie, unknown page", "GET", "/nothing", func(r *http.Request) { r.Header.Del("Cookie") }, 401},
		{"a cookie of an earlier start", "GET", "/", func(r *http.Request) { r.Header.Set("Cookie", s.cookie+"=old") }, 401},
		{"the token is not the cookie", "GET", "/", func(r *http.Request) { r.Header.Set("Cookie", s.cookie+"="+testToken) }, 401},
		{"no cookie, static file", "GET", "/static/style.css", func(r *http.Request) { r.Header.Del("Cookie") }, 200},

		{"bearer", "GET", "/api/cases", program(testToken), 200},
		{"bearer changes something", "DELETE", "/api/cases/x", program(testToken), 404},
		{"wrong bearer", "GET", "/api/cases", program("guess"), 401},
		{"wrong bearer beside the cookie", "GET", "/api/cases", func(r *http.Request) { r.Header.Set("Authorization", "Bearer guess") }, 401},
		{"empty bearer", "GET", "/api/cases", program(""), 401},
		{"a bearer is for the API only", "GET", "/", program(testToken), 401},
		{"another site cannot use a bearer", "POST", "/api/spf/build", func(r *http.Request) {
			program(testToken)(r)
			r.Header.Set("Origin", "http://evil.example")
		}, 403},

		{"wrong token in the address", "GET", "/?token=guess", nil, 401},
		{"empty token in the address", "GET", "/?token=", nil, 401},
		{"the token on another page", "GET", "/cases/x?token=" + testToken, func(r *http.Request) { r.Header.Del("Cookie") }, 401},
		{"the token by form", "POST", "/?token=" + testToken, func(r *http.Request) { r.Header.Del("Cookie") }, 401},

		{"a file outside", "GET", "/static/..%2fweb.go", nil, 404},
		{"a folder", "GET", "/static/", nil, 404},
		{"no extension", "GET", "/static/style", nil, 404},
		{"no such page", "GET", "/nothing", nil, 404},
		{"a page under a case", "GET", "/cases/../../etc/passwd", nil, 404},
		{"an unknown method", "TRACE", "/", nil, 405},
		{"put", "PUT", "/api/cases", nil, 405},
		{"delete by link", "GET", "/cases/x/events/delete", nil, 405},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := s.browser(tt.method, tt.target, nil)
			if tt.change != nil {
				tt.change(r)
			}
			w := s.do(r)
			if w.Code != tt.want {
				t.Errorf("status %d, want %d: %s", w.Code, tt.want, w.Body)
			}
			if got := w.Header().Get("Content-Security-Policy"); got != policy {
				t.Errorf("policy %q", got)
			}
		})
	}
}

// program makes a request that of a program with a token, and no browser.
func program(token string) func(*http.Request) {
	return func(r *http.Request) {
		r.Header = http.Header{"Authorization": {"Bearer " + token}}
	}
}

func TestHeadersOfEveryAnswer(t *testing.T) {
	s := newServer(t)
	want := map[string]string{
		"X-Content-Type-Options":       "nosniff",
		"X-Frame-Options":              "DENY",
		"Referrer-Policy":              "no-referrer",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Cache-Control":                "no-store",
	}
	for _, target := range []string{"/", "/static/style.css", "/nothing", "/api/cases", "/check", "/record"} {
		w := s.get(target)
		for name, value := range want {
			if got := w.Header().Get(name); got != value {
				t.Errorf("%s: %s is %q, want %q", target, name, got, value)
			}
		}
		if strings.Contains(w.Header().Get("Content-Security-Policy"), "unsafe") || w.Header().Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %v", target, w.Header())
		}
	}
}

func TestTheTokenBecomesACookie(t *testing.T) {
	s := newServer(t)
	if got, want := s.StartURL(), "http://127.0.0.1:8025/?token="+testToken; got != want {
		t.Errorf("start address %q, want %q", got, want)
	}
	r := httptest.NewRequest("GET", s.StartURL(), nil)
	r.Header.Set("Sec-Fetch-Site", "none")
	w := s.do(r)
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/" {
		t.Fatalf("status %d to %q, want 303 to / without the token", w.Code, w.Header().Get("Location"))
	}
	cookies := w.Result().Cookies()
	if len(cookies) != 1 {
		t.Fatalf("%d cookies", len(cookies))
	}
	c := cookies[0]
	if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Domain != "" || strings.Contains(c.Value, testToken) {
		t.Errorf("cookie %+v", c)
	}
	r = httptest.NewRequest("GET", "http://127.0.0.1:8025/", nil)
	r.AddCookie(c)
	if w := s.do(r); w.Code != http.StatusOK {
		t.Errorf("with the cookie: status %d", w.Code)
	}
	if other := newServerWithoutToken(t); other.token == "" || other.token == s.token || other.session == s.session {
		t.Error("the token is not a new one at every start")
	}
}

func newServerWithoutToken(t *testing.T) *Server {
	t.Helper()
	s := newServer(t)
	other, err := New(Config{Addr: testAddr, Store: s.store, Resolver: s.resolver, Now: s.now})
	if err != nil {
		t.Fatal(err)
	}
	return other
}

func TestOnlyLoopback(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", "[::]:0", ":0", "192.0.2.1:8025", "example.com:80", "8025", "127.0.0.1", ""} {
		if l, err := Listen(context.Background(), address); err == nil {
			l.Close()
			t.Errorf("listens on %q", address)
		}
	}
	for _, address := range []string{"127.0.0.1:0", "localhost:0", "127.0.0.2:0"} {
		l, err := Listen(context.Background(), address)
		if err != nil {
			t.Errorf("%q: %v", address, err)
			continue
		}
		if _, err := Listen(context.Background(), l.Addr().String()); err == nil || !strings.Contains(err.Error(), "--listen") {
			t.Errorf("%q twice: error %v does not say what to do", address, err)
		}
		l.Close()
	}
	s := newServer(t)
	_, err := New(Config{Addr: &net.TCPAddr{IP: net.IPv4zero, Port: 1}, Store: s.store, Resolver: s.resolver, Now: s.now})
	if !errors.Is(err, errNotLoopback) {
		t.Errorf("New on every address: error %v", err)
	}
}

func TestServeEndsWithItsContext(t *testing.T) {
	s := newServer(t)
	ctx, cancel := context.WithCancel(context.Background())
	l, err := Listen(ctx, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	real, err := New(Config{Addr: l.Addr(), Store: s.store, Resolver: s.resolver, Now: s.now})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- real.Serve(ctx, l) }()
	resp, err := http.Get("http://" + l.Addr().String() + "/")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("status %d, want 401", resp.StatusCode)
	}
	cancel()
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(2 * time.Minute):
		t.Error("goes on after its context ended")
	}
}
