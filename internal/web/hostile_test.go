package web

import (
	"context"
	"encoding/json"
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"unspoof/forensics"
	"unspoof/internal/store"
	"unspoof/posture"
	"unspoof/spf"
)

var update = flag.Bool("update", false, "write the golden pages anew")

// hostile stands in every string of a case: it breaks out of text, attributes,
// addresses and scripts, moves the cursor of a terminal and the eye of a reader.
const hostile = "'\"><script>alert(1)</script><img src=x onerror=alert(1)>{{.}}</pre></textarea></title>--> javascript:alert(1) http://evil.example/?a=1&b=2 \u202egpj.exe\u200b\x1b[31m\x00\r\nSet-Cookie: a=b"

var (
	addrType = reflect.TypeFor[netip.Addr]()
	timeType = reflect.TypeFor[time.Time]()
	rawType  = reflect.TypeFor[json.RawMessage]()
	nodeType = reflect.TypeFor[spf.Node]() // holds itself
)

// fill puts hostile into every string below v, and two elements into each list.
func fill(v reflect.Value) {
	switch v.Type() {
	case addrType:
		v.Set(reflect.ValueOf(netip.MustParseAddr("203.0.113.7")))
		return
	case timeType:
		v.Set(reflect.ValueOf(time.Date(2026, 3, 2, 6, 30, 0, 0, time.UTC)))
		return
	case rawType, nodeType:
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(hostile)
	case reflect.Int:
		v.SetInt(3)
	case reflect.Float64:
		v.SetFloat(0.25)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				fill(v.Field(i))
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			fill(v.Index(i))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key)
		fill(value)
		v.SetMapIndex(key, value)
	}
}

// hostileCase keeps a case in which every word is hostile, with one message.
func hostileCase(t *testing.T, s *Server) store.Case {
	t.Helper()
	ctx := context.Background()
	c := store.Case{Name: hostile, Created: s.now(), Updated: s.now(), State: store.Reading}
	if err := s.store.Create(ctx, &c); err != nil {
		t.Fatal(err)
	}
	c.Mailbox, c.Posture = &forensics.MailboxReport{}, &posture.Report{}
	fill(reflect.ValueOf(c.Mailbox).Elem())
	fill(reflect.ValueOf(c.Posture).Elem())
	c.Posture.DKIM.WildcardRevoked = false // which hides the selectors
	fill(reflect.ValueOf(&c.Reasons).Elem())
	fill(reflect.ValueOf(&c.Notes).Elem())
	fill(reflect.ValueOf(&c.Senders).Elem())
	c.Mailbox.Timeline = []forensics.Bucket{
		{Start: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), Hours: 24, Counts: map[forensics.Verdict]int{forensics.Spoofed: 3, forensics.Genuine: 1}},
		{Start: time.Date(2026, 3, 3, 0, 0, 0, 0, time.UTC), Hours: 24, Counts: map[forensics.Verdict]int{forensics.Unknown: 2, forensics.Compromised: 1}},
	}
	c.Mailbox.PerMessage = map[forensics.Verdict]int{forensics.Spoofed: 3, forensics.Verdict(hostile): 1}
	c.Profile.Domains = []string{hostile}
	c.Profile.Events = []forensics.Event{{Time: time.Date(2026, 3, 3, 9, 0, 0, 0, time.UTC), Type: forensics.EventType(hostile), Account: hostile}}
	c.State = store.Ready
	keepMessage(t, s, c, hostile)
	return c
}

// keepMessage finishes a run of one message, whose every string is text.
func keepMessage(t *testing.T, s *Server, c store.Case, text string) {
	t.Helper()
	ctx := context.Background()
	run, err := s.store.Begin(ctx, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := json.Marshal(map[string]any{
		"file": text, "verdict": text, "subtype": text, "confidence": text, "bounce": true,
		"t0": "2026-03-02T06:30:00Z", "handoff_ip": "203.0.113.7", "client_ip": nil, "account": text, "report": text,
		"sentence": text, "missing": text, "arrived": nil, "subject": text, "kind": text,
		"reasons":    []any{map[string]any{"code": text, "strength": text, "for": text, "text": text, "where": text, "line": text, "forgeable": text}},
		"recipients": []string{text, text}, "reporting_mta": text, "refusal": map[string]any{"code": 550, "enhanced": text, "text": text, "class": text},
		"original": map[string]any{"from": text, "subject": text, "message_id": text}, "warnings": []any{map[string]any{"offset": 1, "text": text}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Keep(ctx, store.Raw{N: 1, File: text, Data: []byte("Subject: " + text + "\r\n\r\n" + text)}); err != nil {
		t.Fatal(err)
	}
	if err := run.Add(ctx, store.Message{N: 1, Verdict: forensics.Verdict(text), Doc: doc, Excerpt: text}); err != nil {
		t.Fatal(err)
	}
	if err := run.Finish(ctx, c); err != nil {
		t.Fatal(err)
	}
}

func TestHostileTextStaysText(t *testing.T) {
	s := newServer(t)
	c := hostileCase(t, s)
	failed := store.Case{Name: hostile, Created: s.now().Add(time.Second), State: store.Failed, Note: hostile, Notes: []string{hostile}}
	reading := store.Case{Name: hostile, Created: s.now().Add(2 * time.Second), State: store.Reading}
	for _, c := range []*store.Case{&failed, &reading} {
		if err := s.store.Create(context.Background(), c); err != nil {
			t.Fatal(err)
		}
	}
	q := strings.NewReplacer("%", "%25", "&", "%26", "#", "%23", "+", "%2B", " ", "+", "\x00", "%00", "\r", "%0D", "\n", "%0A", "\x1b", "%1B", "\"", "%22", "<", "%3C", ">", "%3E").Replace(hostile)
	pages := []struct{ name, target string }{
		{"start", "/"},
		{"case", "/cases/" + c.ID},
		{"messages", "/cases/" + c.ID + "/messages"},
		{"message", "/cases/" + c.ID + "/messages/1"},
		{"delete", "/cases/" + c.ID + "/delete"},
		{"failed", "/cases/" + failed.ID},
		{"reading", "/cases/" + reading.ID},
		{"record", "/record?domain=" + q + "&others=" + q + "&addresses=" + q + "&hosts=" + q + "&policy=" + q},
		{"check", "/check?domain=" + q},
		{"problem", "/cases/" + c.ID + "/messages?verdict=" + q},
	}
	for _, p := range pages {
		t.Run(p.name, func(t *testing.T) {
			w := s.get(p.target)
			if kind := w.Header().Get("Content-Type"); kind != "text/html; charset=utf-8" {
				t.Errorf("content type %q", kind)
			}
			page := w.Body.String()
			if strings.ContainsAny(page, "\x1b\x00\r\u202e\u200b") {
				t.Error("a character that hides or moves text is in the page")
			}
			harmless(t, page)
			if p.name == "case" && !strings.Contains(page, "[U+202E]gpj.exe[U+200B][U+001B][31m") {
				t.Error("what hides in the text is not shown")
			}
			golden(t, p.name, strings.NewReplacer(c.ID, "CASE", failed.ID, "FAILED", reading.ID, "READING").Replace(page))
		})
	}
}

// harmless parses a page as a browser does and looks for what must not be there.
func harmless(t *testing.T, page string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		for _, a := range n.Attr {
			switch key := strings.ToLower(a.Key); {
			case strings.HasPrefix(key, "on"), key == "style", key == "srcdoc":
				t.Errorf("<%s> has %s=%q", n.Data, a.Key, a.Val)
			case key == "href" || key == "src" || key == "action" || key == "formaction" || key == "data":
				if !(strings.HasPrefix(a.Val, "/") && !strings.HasPrefix(a.Val, "//")) && !strings.HasPrefix(a.Val, "#") {
					t.Errorf("<%s> leads to %q", n.Data, a.Val)
				}
			}
		}
		switch n.Data {
		case "script":
			if n.FirstChild != nil || len(n.Attr) == 0 || n.Attr[0].Val != "/static/page.js" {
				t.Error("a script that is not ours")
			}
		case "style", "iframe", "object", "embed", "base", "link", "img":
			ours := false
			for _, a := range n.Attr {
				ours = ours || strings.HasPrefix(a.Val, "/static/")
			}
			if !ours {
				t.Errorf("<%s> that is not ours", n.Data)
			}
		}
	}
}

// golden compares a page with the one that was looked at last; go test -update
// writes it anew.
func golden(t *testing.T, name, page string) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name+".html")
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got, old := strings.Split(page, "\n"), strings.Split(string(want), "\n")
	for i := range max(len(got), len(old)) {
		var g, o string
		if i < len(got) {
			g = got[i]
		}
		if i < len(old) {
			o = old[i]
		}
		if g != o {
			t.Errorf("line %d differs from %s (go test -update, after a look):\n got %s\nwant %s", i+1, path, g, o)
			return
		}
	}
}

func TestASavedMessageIsNoPage(t *testing.T) {
	s := newServer(t)
	c := hostileCase(t, s)
	w := s.get("/cases/" + c.ID + "/messages/1/raw")
	if w.Code != 200 || w.Header().Get("Content-Type") != "application/octet-stream" ||
		w.Header().Get("Content-Disposition") != `attachment; filename="message-1.eml"` ||
		!strings.Contains(w.Header().Get("Content-Security-Policy"), "sandbox") || w.Header().Get("Set-Cookie") != "" {
		t.Errorf("status %d, header %v", w.Code, w.Header())
	}
	if want := "Subject: " + hostile + "\r\n\r\n" + hostile; w.Body.String() != want {
		t.Error("the message is not as it was received")
	}
}

func TestHostileTextInJSON(t *testing.T) {
	s := newServer(t)
	c := hostileCase(t, s)
	w := s.get("/api/cases/" + c.ID)
	if kind := w.Header().Get("Content-Type"); w.Code != 200 || kind != "application/json; charset=utf-8" {
		t.Errorf("status %d, content type %q", w.Code, kind)
	}
	if strings.Contains(w.Body.String(), "<script") {
		t.Error("markup is not escaped, so a browser that guesses could run it")
	}
	var got struct {
		Schema   int
		Name     string
		Messages []struct{ File, Verdict string }
		Mailbox  *forensics.MailboxReport
		Posture  *posture.Report
	}
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Schema != 1 || got.Name != hostile || len(got.Messages) != 1 || got.Messages[0].File != hostile ||
		got.Mailbox.Sentence != hostile || got.Posture.Verdict.Sentence != hostile {
		t.Errorf("%+v", got)
	}
}
