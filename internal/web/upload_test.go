package web

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"unspoof/dns"
	"unspoof/dns/dnsfile"
	"unspoof/internal/example"
	"unspoof/internal/store"
)

const notice = "From: MAILER-DAEMON@mx.cedar.example\r\nTo: john@harbour.example\r\nSubject: Undelivered Mail Returned to Sender\r\n" +
	"Date: Mon, 02 Mar 2026 06:30:04 +0000\r\n\r\nYour message could not be delivered.\r\n\r\n<a@cedar.example>: 550 5.1.1 no such user\r\n"

func TestUploadsThatBeginACase(t *testing.T) {
	box, err := example.Mbox()
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name     string
		fields   []field
		caseName string
		read     int
		file     string // of the first message
	}{
		{"one message", []field{{"files", "a.eml", notice}, {"domain", "", "harbour.example"}}, "harbour.example", 1, "a.eml"},
		{"a mailbox", []field{{"files", "in.mbox", string(box)}, {"domain", "", "harbour.example"}}, "harbour.example", 43, "in.mbox#1"},
		{"several files", []field{{"files", "a.eml", notice}, {"files", "b.eml", notice}, {"domain", "", "harbour.example"}}, "harbour.example", 2, "a.eml"},
		{"pasted text", []field{{"paste", "", notice}, {"domain", "", "harbour.example"}}, "harbour.example", 1, "pasted text"},
		{"an empty file input beside the paste", []field{{"files", "", ""}, {"paste", "", notice}, {"domain", "", "harbour.example"}}, "harbour.example", 1, "pasted text"},
		{"a blank paste beside the file", []field{{"files", "a.eml", notice}, {"paste", "", " \r\n"}, {"domain", "", "harbour.example"}}, "harbour.example", 1, "a.eml"},
		{"a name with a path", []field{{"files", `..\..\../../etc/passwd`, notice}, {"domain", "", "harbour.example"}}, "harbour.example", 1, "passwd"},
		{"a domain as people type it", []field{{"files", "a.eml", notice}, {"domain", "", " https://WWW.Harbour.example./index.html "}}, "harbour.example", 1, "a.eml"},
		{"an address of an own domain", []field{{"files", "a.eml", notice}, {"domain", "", "anna@harbour.example"}}, "harbour.example", 1, "a.eml"},
		{"a profile names the domain", []field{{"files", "a.eml", notice}, {"profile", "p.yaml", string(example.Profile())}}, "harbour.example", 1, "a.eml"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t)
			w := s.upload(t, "/cases", tt.fields...)
			if w.Code != http.StatusSeeOther {
				t.Fatalf("status %d: %s", w.Code, w.Body)
			}
			id := s.onlyCase(t)
			if got := w.Header().Get("Location"); got != "/cases/"+id {
				t.Errorf("goes to %q", got)
			}
			c, err := s.store.Case(context.Background(), id)
			if err != nil {
				t.Fatal(err)
			}
			if c.State != store.Ready || c.Name != tt.caseName || c.Mailbox.Read != tt.read {
				t.Fatalf("case %q is %q (%s), read %d; want %q, ready, %d", c.Name, c.State, c.Note, c.Mailbox.Read, tt.caseName, tt.read)
			}
			m, err := s.store.Message(context.Background(), id, 1)
			if err != nil {
				t.Fatal(err)
			}
			if one, err := shown(m); err != nil || one.File != tt.file {
				t.Errorf("first message is from %q, error %v; want %q", one.File, err, tt.file)
			}
			spoolIsEmpty(t, s)
			if page := s.get("/cases/" + id); page.Code != http.StatusOK || !strings.Contains(page.Body.String(), "Was I hacked?") {
				t.Errorf("the page of the case: status %d", page.Code)
			}
		})
	}
}

func TestUploadsThatAreRefused(t *testing.T) {
	tests := []struct {
		name   string
		fields []field
		status int
		say    string
	}{
		{"nothing", nil, 400, "No message was handed over"},
		{"no message", []field{{"domain", "", "harbour.example"}}, 400, "No message was handed over"},
		{"no domain", []field{{"files", "a.eml", notice}}, 400, "Name your domain"},
		{"no domain name", []field{{"files", "a.eml", notice}, {"domain", "", "my bakery"}}, 400, "is not a domain"},
		{"a single word", []field{{"files", "a.eml", notice}, {"domain", "", "localhost"}}, 400, "is not a domain"},
		{"markup", []field{{"files", "a.eml", notice}, {"domain", "", "<b>.example"}}, 400, "is not a domain"},
		{"a domain that does not exist", []field{{"files", "a.eml", notice}, {"domain", "", "habour.example"}}, 400, "does not exist"},
		{"a provider's domain", []field{{"files", "a.eml", notice}, {"domain", "", "gmail.com"}}, 400, "Write your whole address"},
		{"a domain as long as a book", []field{{"files", "a.eml", notice}, {"domain", "", strings.Repeat("a", maxWord+1)}}, 400, "longer than"},
		{"an unknown field", []field{{"hack", "", "x"}}, 400, "not known here"},
		{"a profile that is none", []field{{"files", "a.eml", notice}, {"profile", "p.yaml", "domain: x.example"}}, 400, "profile file cannot be read"},
		{"too large", []field{{"files", "a.eml", strings.Repeat("x", 1<<20)}, {"domain", "", "harbour.example"}}, 413, "more than 512 MB"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t)
			s.maxUpload = 64 << 10
			w := s.upload(t, "/cases", tt.fields...)
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.say) {
				t.Errorf("status %d, want %d and a page that says %q:\n%s", w.Code, tt.status, tt.say, w.Body)
			}
			spoolIsEmpty(t, s)
			if lines, err := s.store.Cases(context.Background()); err != nil || len(lines) != 0 {
				t.Errorf("%d cases were made, error %v", len(lines), err)
			}
		})
	}
}

// Somebody without a domain of his own: the provider's records are not his to
// change, and the page does not ask him to.
func TestAnAddressAtAProvider(t *testing.T) {
	s := newServer(t)
	view, err := dnsfile.Parse("provider", []byte("gmail.com. 60 IN MX 5 in.bigmail.example.\ngmail.com. 60 IN TXT \"v=spf1 ip4:192.0.2.0/28 ~all\"\nin.bigmail.example. 60 IN A 192.0.2.1\n"))
	if err != nil {
		t.Fatal(err)
	}
	s.resolver = view
	if w := s.upload(t, "/cases", field{"files", "a.eml", notice}, field{"domain", "", "Somebody@Gmail.com"}); w.Code != http.StatusSeeOther {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	c := readCase(t, s, s.onlyCase(t))
	if c.Name != "somebody@gmail.com" || c.Profile.Address != "somebody@gmail.com" || len(c.Profile.Domains) != 0 || c.Posture != nil {
		t.Errorf("name %q, profile %+v, posture %v", c.Name, c.Profile, c.Posture)
	}
	page := s.get("/cases/" + c.ID).Body.String()
	if !strings.Contains(page, "belongs to your mail provider") || strings.Contains(page, "The record to publish") || strings.Contains(page, "Is this all that sends for you?") {
		t.Error("the page asks for what only the provider can do")
	}
	if w := s.post("/cases/"+c.ID+"/check", nil); w.Code != http.StatusSeeOther {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
}

// DNS that does not answer stops nothing, and is asked again later.
func TestSilentDNS(t *testing.T) {
	s := newServer(t)
	view := s.resolver
	s.resolver = silent{}
	s.upload(t, "/cases", field{"files", "a.eml", notice}, field{"domain", "", "harbour.example"})
	c := readCase(t, s, s.onlyCase(t))
	if !c.Unasked || len(c.Senders) != 0 || c.Posture.Verdict.Exposure != "unknown" {
		t.Errorf("unasked %v, senders %v, exposure %s", c.Unasked, c.Senders, c.Posture.Verdict.Exposure)
	}
	if page := s.get("/cases/" + c.ID).Body.String(); !strings.Contains(page, "DNS did not answer") {
		t.Error("the page does not say that DNS was silent")
	}
	s.resolver = view
	s.post("/cases/"+c.ID+"/answer", url.Values{"all": {"no"}})
	if c = readCase(t, s, c.ID); c.Unasked || len(c.Senders) == 0 {
		t.Errorf("after DNS came back: unasked %v, senders %v", c.Unasked, c.Senders)
	}
	s.resolver = silent{}
	if w := s.post("/cases/"+c.ID+"/check", nil); w.Code != http.StatusSeeOther {
		t.Errorf("asking again: status %d", w.Code)
	}
}

// silent is a DNS that never answers.
type silent struct{}

func (silent) Lookup(_ context.Context, q dns.Question) (dns.Answer, error) {
	return dns.Answer{}, &dns.Error{Question: q, Kind: dns.FaultTimeout}
}

func TestWhatWasTypedComesBackWithTheProblem(t *testing.T) {
	s := newServer(t)
	w := s.upload(t, "/cases", field{"domain", "", "harbour.example"})
	if !strings.Contains(w.Body.String(), `value="harbour.example"`) {
		t.Error("the domain has to be typed again")
	}
}

func TestBrokenForms(t *testing.T) {
	s := newServer(t)
	body, kind := multi(t, field{"files", "a.eml", notice}, field{"domain", "", "harbour.example"})
	whole := body.Bytes()
	tests := []struct{ name, kind, body string }{
		{"no form", "text/plain", notice},
		{"an ordinary form", "application/x-www-form-urlencoded", "domain=harbour.example"},
		{"no boundary", "multipart/form-data", string(whole)},
		{"the wrong boundary", "multipart/form-data; boundary=other", string(whole)},
		{"cut off", kind, string(whole[:len(whole)-60])},
		{"empty", kind, ""},
		{"JSON", "application/json", "{}"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := s.browser("POST", "/cases", strings.NewReader(tt.body))
			r.Header.Set("Content-Type", tt.kind)
			if w := s.do(r); w.Code != 400 {
				t.Errorf("status %d: %s", w.Code, w.Body)
			}
			spoolIsEmpty(t, s)
		})
	}
}

func TestTooManyFiles(t *testing.T) {
	s := newServer(t)
	var b bytes.Buffer
	for i := range maxFiles + 1 {
		fmt.Fprintf(&b, "--x\r\nContent-Disposition: form-data; name=\"files\"; filename=\"%d\"\r\n\r\nx\r\n", i)
	}
	b.WriteString("--x--\r\n")
	r := s.browser("POST", "/cases", &b)
	r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	if w := s.do(r); w.Code != 400 || !strings.Contains(w.Body.String(), "zip file") {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
	spoolIsEmpty(t, s)
}

func TestFilesThatAreNoMailGetASentence(t *testing.T) {
	tests := []struct{ name, content string }{
		{"invoice.pdf", "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"},
		{"photo.png", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"},
		{"broken.zip", "PK\x03\x04 and nothing more"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t)
			s.upload(t, "/cases", field{"files", tt.name, tt.content}, field{"domain", "", "harbour.example"})
			w := s.get("/cases/" + s.onlyCase(t))
			if w.Code != 200 || !strings.Contains(w.Body.String(), "This case was not finished") || !strings.Contains(w.Body.String(), tt.name) {
				t.Errorf("status %d: %s", w.Code, w.Body)
			}
			spoolIsEmpty(t, s)
		})
	}
}

func TestSecretsOfAProfileAreNotWritten(t *testing.T) {
	s := newServer(t)
	const secret = "6b65657020746869732073656372657421"
	text := string(example.Profile()) + "batv: {active_since: 2026-01-01T00:00:00Z, key_id: 1, secret_hex: " + secret + ", validity_days: 7}\n" +
		"dns:\n  TXT:\n    harbour.example: \"v=spf1 -all\"\n"
	w := s.upload(t, "/cases", field{"files", "a.eml", notice}, field{"profile", "p.yaml", text})
	if w.Code != http.StatusSeeOther {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	id := s.onlyCase(t)
	if tag := s.secrets.by[id].tag; tag == nil || string(tag.Secret) != "keep this secret!" {
		t.Errorf("the secret cannot be used while the program runs: %v", tag)
	}
	c, err := s.store.Case(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	if !c.SecretLeftOut || !strings.Contains(string(c.Zone), "v=spf1 -all") {
		t.Errorf("left out %v, zone %s", c.SecretLeftOut, c.Zone)
	}
	for _, page := range []string{"/cases/" + id, "/api/cases/" + id, "/cases/" + id + "/messages/1"} {
		if body := s.get(page).Body.String(); strings.Contains(body, secret) || strings.Contains(body, "keep this secret!") {
			t.Errorf("%s shows the secret", page)
		}
	}
	folder := filepath.Dir(s.store.Spool())
	err = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if bytes.Contains(data, []byte(secret)) || bytes.Contains(data, []byte("keep this secret!")) {
			t.Errorf("%s holds the secret", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	s.post("/cases/"+id+"/delete", nil)
	if s.secrets.by[id].tag != nil {
		t.Error("the secret outlives its case")
	}
}

func spoolIsEmpty(t testing.TB, s *Server) {
	t.Helper()
	s.settle(t)
	left, err := os.ReadDir(s.store.Spool())
	if err != nil || len(left) != 0 {
		t.Errorf("%d uploads are left on the disk, error %v", len(left), err)
	}
}

func FuzzUpload(f *testing.F) {
	body, kind := multi(f, field{"files", "a.eml", notice}, field{"domain", "", "harbour.example"}, field{"paste", "", "x"})
	f.Add(kind, body.Bytes())
	f.Add("multipart/form-data; boundary=x", []byte("--x\r\nContent-Disposition: form-data; name=\"files\"; filename=\"../a\"\r\n\r\nFrom: a\r\n\r\n--x--\r\n"))
	f.Add("multipart/form-data; boundary=x", []byte("--x\r\nContent-Disposition: form-data; name=\"profile\"\r\n\r\ndomains: [a.example]\r\n--x--\r\n"))
	f.Add("multipart/form-data; boundary=\"", []byte("--"))
	s := newServer(f)
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		r := s.browser("POST", "/cases", io.NopCloser(bytes.NewReader(body)))
		r.Header.Set("Content-Type", kind)
		w := s.do(r)
		if w.Code >= 500 || w.Code < 300 {
			t.Errorf("status %d: %s", w.Code, w.Body)
		}
		spoolIsEmpty(t, s)
		lines, err := s.store.Cases(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range lines {
			if w := s.get("/cases/" + l.ID); w.Code != 200 {
				t.Errorf("the page of the case: status %d", w.Code)
			}
			if err := s.store.Delete(context.Background(), l.ID); err != nil {
				t.Fatal(err)
			}
		}
	})
}
