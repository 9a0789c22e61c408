package web

import (
	"crypto/subtle"
	"net/http"
	"net/url"
	"strings"
)

// policy lets a page load its own style, script and pictures, send forms to
// itself, and nothing else: no inline script or style, no frame around it.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// guard lets only the owner's own browser, and bearers of the token, get past.
//
// A name of somebody else's that resolves to loopback (DNS rebinding) fails by
// its Host; a page of another site by Sec-Fetch-Site and Origin; another user
// or program of this machine by the token.
func (s *Server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		h.Set("Cache-Control", "no-store")

		if !s.hosts[r.Host] {
			http.Error(w, "This is unspoof at http://"+s.addr+"/ and answers under no other name.", http.StatusMisdirectedRequest)
			return
		}
		if !sameSite(r) {
			s.fail(w, r, errForeignSite)
			return
		}
		switch {
		case strings.HasPrefix(r.URL.Path, "/static/"):
			// The same for everybody, and needed by the page that says "no".
		case r.URL.Path == "/" && r.URL.Query().Has("token"):
			s.letIn(w, r)
			return
		case !s.knows(r):
			s.fail(w, r, errNoToken)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// sameSite reports whether a request comes from a page of ours, from the
// address bar, or from no browser at all.
func sameSite(r *http.Request) bool {
	safe := r.Method == http.MethodGet || r.Method == http.MethodHead
	switch r.Header.Get("Sec-Fetch-Site") {
	case "same-origin":
		return true
	case "none":
		return safe
	case "":
		// No browser of today, or none at all.
	default: // another site, or another port of this machine
		// Opening the first page by a link shows nothing without the cookie,
		// which such a request does not carry.
		return safe && r.URL.Path == "/" && r.Header.Get("Sec-Fetch-Dest") == "document"
	}
	// The browsers that send no Sec-Fetch-Site send an Origin with every
	// request that changes something; other programs send a token instead.
	origin := r.Header.Get("Origin")
	if origin == "" {
		return safe || bearer(r) != ""
	}
	u, err := url.Parse(origin)
	return err == nil && u.Scheme == "http" && u.Host == r.Host
}

// letIn exchanges the token in the start address for a cookie, so that it does
// not stay in the address bar.
func (s *Server) letIn(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet || !same(r.URL.Query().Get("token"), s.token) {
		s.fail(w, r, errNoToken)
		return
	}
	http.SetCookie(w, &http.Cookie{
		Name: s.cookie, Value: s.session, Path: "/",
		HttpOnly: true, SameSite: http.SameSiteStrictMode,
	})
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// knows reports whether the request has the cookie or, for the API, the token.
func (s *Server) knows(r *http.Request) bool {
	if token := bearer(r); token != "" && isAPI(r) {
		return same(token, s.token)
	}
	c, err := r.Cookie(s.cookie)
	return err == nil && same(c.Value, s.session)
}

func isAPI(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/api/") }

func bearer(r *http.Request) string {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return ""
	}
	return token
}

// same compares without telling by its time how much was right.
func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
