package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"unspoof/forensics"
	"unspoof/internal/example"
	"unspoof/internal/store"
)

// loadExample makes the example's case and waits for it.
func loadExample(t *testing.T, s *Server) string {
	t.Helper()
	if w := s.post("/example", nil); w.Code != http.StatusSeeOther {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	return s.onlyCase(t)
}

func readCase(t *testing.T, s *Server, id string) store.Case {
	t.Helper()
	s.settle(t)
	c, err := s.store.Case(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	if c.State != store.Ready {
		t.Fatalf("the case is %q: %s", c.State, c.Note)
	}
	return c
}

func TestTheExampleIsForgedNotHacked(t *testing.T) {
	s := newServer(t)
	c := readCase(t, s, loadExample(t, s))
	m := c.Mailbox
	if m.Verdict != forensics.Spoofed || m.Confidence != forensics.High {
		t.Errorf("verdict %s, confidence %s: %s", m.Verdict, m.Confidence, m.Sentence)
	}
	// Four more came under names that exist; the answer to the question decides them.
	if m.Read != 43 || m.PerMessage[forensics.Spoofed] < 34 || m.PerMessage[forensics.Genuine] != 1 || m.PerMessage[forensics.Compromised] != 0 {
		t.Errorf("read %d, per message %v; want 43, at least 34 forged and 1 genuine", m.Read, m.PerMessage)
	}
	if len(m.Campaigns) < 2 || len(m.Handoffs) != 12 || len(m.UnknownSenders) != 14 || m.CatchAll == "" {
		t.Errorf("%d campaigns, %d hand-offs, %d unknown senders, catch-all %q", len(m.Campaigns), len(m.Handoffs), len(m.UnknownSenders), m.CatchAll)
	}
	if c.Posture == nil || c.Posture.Verdict.Exposure != "anyone" || c.Posture.Next.Record == "" {
		t.Errorf("posture %+v", c.Posture)
	}
	page := s.get("/cases/" + c.ID).Body.String()
	if !strings.Contains(page, ">_spf.letters.example</textarea>") || !strings.Contains(page, ">192.0.2.10</textarea>") {
		t.Error("the form for the record does not begin with what sends today")
	}
	for _, want := range []string{"Forged, not hacked", "Anyone can send as you", "Your account is limited", "Your next step", "<svg", "password changed", "203.0.113.11", "data-copy"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if strings.Contains(page, "paypal.com.login-check.example/secure") && strings.Contains(page, "http://paypal") {
		t.Error("a link of the forged mail works")
	}
}

func TestAnswerJudgesAnew(t *testing.T) {
	s := newServer(t)
	id := loadExample(t, s)
	before := readCase(t, s, id).Mailbox.PerMessage
	for _, answer := range []string{"yes", "no"} {
		w := s.post("/cases/"+id+"/answer", url.Values{"all": {answer}})
		if w.Code != http.StatusSeeOther {
			t.Fatalf("status %d: %s", w.Code, w.Body)
		}
		c := readCase(t, s, id)
		if string(c.Answer) != answer || c.Mailbox.Read != 43 {
			t.Errorf("answer %q, read %d", c.Answer, c.Mailbox.Read)
		}
		after := c.Mailbox.PerMessage
		if answer == "yes" && after[forensics.Spoofed] <= before[forensics.Spoofed] || answer == "no" && after[forensics.Spoofed] != before[forensics.Spoofed] {
			t.Errorf("per message %v before, %v after the answer %s", before, after, answer)
		}
		target, _, _ := strings.Cut(w.Header().Get("Location"), "#")
		if page := s.get(target); !strings.Contains(page.Body.String(), "judged anew") || !strings.Contains(page.Body.String(), `aria-pressed="true"`) {
			t.Error("the page does not show the answer")
		}
	}
	if w := s.post("/cases/"+id+"/answer", url.Values{"all": {"perhaps"}}); w.Code != 400 {
		t.Errorf("status %d for an answer that is none", w.Code)
	}
}

// Judged again days later, the quiet since then does not count as success: the
// messages end where they were handed over.
func TestTimeGoesOnButNotForTheMailbox(t *testing.T) {
	s := newServer(t)
	box, err := example.Mbox()
	if err != nil {
		t.Fatal(err)
	}
	s.upload(t, "/cases", field{"files", "in.mbox", string(box)}, field{"domain", "", "harbour.example"})
	id := s.onlyCase(t)
	form := url.Values{"type": {"spf-published"}, "time": {"2026-03-05T19:00"}} // an hour before
	s.post("/cases/"+id+"/events", form)
	before := readCase(t, s, id).Mailbox.RateTests
	later := s.now().AddDate(0, 1, 0)
	s.now = func() time.Time { return later }
	s.post("/cases/"+id+"/answer", url.Values{"all": {"no"}})
	after := readCase(t, s, id).Mailbox.RateTests
	if len(before) == 0 || !cmp.Equal(before, after, cmpopts.EquateNaNs()) {
		t.Errorf("rate tests %+v, a month later %+v", before, after)
	}
}

// As soon as the store says that a case is ready, the next edit is taken, and
// of edits at the same time none is lost without a word.
func TestEditsInARow(t *testing.T) {
	s := newServer(t)
	s.upload(t, "/cases", field{"files", "a.eml", notice}, field{"domain", "", "harbour.example"})
	id := s.onlyCase(t)
	for i := range 20 {
		taken := make(chan bool, 2)
		for k := range 2 {
			go func() {
				at := time.Date(2026, 3, 1, 0, 2*i+k, 0, 0, time.UTC)
				err := s.noteEvent(context.Background(), id, forensics.Event{Time: at, Type: forensics.SPFPublished})
				if err != nil && err != errBusy {
					t.Error(err)
				}
				taken <- err == nil
			}()
		}
		n := 0
		for range 2 {
			if <-taken {
				n++
			}
		}
		for c := (store.Case{}); c.State != store.Ready; {
			var err error
			if c, err = s.store.Case(context.Background(), id); err != nil {
				t.Fatal(err)
			}
			if c.State == store.Ready && len(c.Profile.Events) != n {
				t.Fatalf("round %d: %d events of %d that were taken", i, len(c.Profile.Events), n)
			}
		}
		for range n {
			for s.dropEvent(context.Background(), id, 0) != nil {
				time.Sleep(time.Millisecond)
			}
		}
		s.settle(t)
	}
}

func TestEvents(t *testing.T) {
	s := newServer(t)
	id := loadExample(t, s)
	w := s.post("/cases/"+id+"/events", url.Values{"type": {"spf-published"}, "time": {"2026-03-03T08:15"}, "account": {" "}})
	if w.Code != http.StatusSeeOther {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	c := readCase(t, s, id)
	if len(c.Profile.Events) != 2 || c.Profile.Events[0].Type != forensics.SPFPublished || !c.Profile.Events[0].Time.Equal(time.Date(2026, 3, 3, 8, 15, 0, 0, time.UTC)) {
		t.Fatalf("events %+v; want the new one first, by time", c.Profile.Events)
	}
	if len(c.Mailbox.Events) != 2 || len(c.Mailbox.RateTests) == 0 {
		t.Errorf("%d events and %d rate tests in the new judgement", len(c.Mailbox.Events), len(c.Mailbox.RateTests))
	}
	bad := []url.Values{
		{"type": {"party"}, "time": {"2026-03-03T08:15"}},
		{"type": {"spf-published"}, "time": {"yesterday"}},
		{"type": {"spf-published"}},
		{"type": {"spf-published"}, "time": {"0001-01-01T00:00"}},
		{"type": {"spf-published"}, "time": {"2026-03-03T08:15"}, "account": {strings.Repeat("a", maxAccount+1)}},
	}
	for _, form := range bad {
		if w := s.post("/cases/"+id+"/events", form); w.Code != 400 {
			t.Errorf("%v: status %d", form, w.Code)
		}
	}
	for _, n := range []string{"-1", "2", "x", ""} {
		if w := s.post("/cases/"+id+"/events/delete", url.Values{"n": {n}}); w.Code != 400 {
			t.Errorf("deleting event %q: status %d", n, w.Code)
		}
	}
	if w := s.post("/cases/"+id+"/events/delete", url.Values{"n": {"0"}}); w.Code != http.StatusSeeOther {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
	if c := readCase(t, s, id); len(c.Profile.Events) != 1 || c.Profile.Events[0].Type != forensics.PasswordChanged {
		t.Errorf("events after a deletion: %+v", c.Profile.Events)
	}
}

func TestACaseSurvivesARestartOfTheServer(t *testing.T) {
	s := newServer(t)
	id := loadExample(t, s)
	if err := s.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	again, err := New(Config{Addr: testAddr, Store: s.store, Resolver: s.resolver, Now: s.now})
	if err != nil {
		t.Fatal(err)
	}
	if w := again.get("/"); !strings.Contains(w.Body.String(), "/cases/"+id) {
		t.Error("the first page does not list the case")
	}
	if w := again.get("/cases/" + id); w.Code != 200 || !strings.Contains(w.Body.String(), "Was I hacked?") {
		t.Errorf("the case: status %d", w.Code)
	}
	if w := again.do(s.browser("GET", "/", nil)); w.Code != http.StatusUnauthorized {
		t.Errorf("the cookie of the earlier start: status %d, want 401", w.Code)
	}
	again.post("/cases/"+id+"/answer", url.Values{"all": {"yes"}})
	if c := readCase(t, again, id); c.Mailbox.Read != 43 {
		t.Errorf("judged anew after a restart: read %d", c.Mailbox.Read)
	}
}

func TestDelete(t *testing.T) {
	s := newServer(t)
	id := loadExample(t, s)
	if w := s.get("/cases/" + id + "/delete"); w.Code != 200 || !strings.Contains(w.Body.String(), "Delete for good") {
		t.Errorf("the question: status %d", w.Code)
	}
	if w := s.get("/cases/" + id); w.Code != 200 {
		t.Fatal("asking alone deleted the case")
	}
	if w := s.post("/cases/"+id+"/delete", nil); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/" {
		t.Errorf("status %d", w.Code)
	}
	for _, page := range []string{"", "/messages", "/messages/1", "/messages/1/raw", "/delete"} {
		if w := s.get("/cases/" + id + page); w.Code != 404 {
			t.Errorf("/cases/ID%s after the deletion: status %d", page, w.Code)
		}
	}
	if w := s.post("/cases/"+id+"/delete", nil); w.Code != 404 {
		t.Errorf("deleting twice: status %d", w.Code)
	}
}

// A case is deleted while its messages are read, and nothing comes back.
func TestDeleteWhileReading(t *testing.T) {
	s := newServer(t)
	c := store.Case{Name: "harbour.example", Created: s.now(), State: store.Reading}
	if err := s.store.Create(context.Background(), &c); err != nil {
		t.Fatal(err)
	}
	reading := make(chan struct{})
	s.jobs.start(c.ID, func(ctx context.Context, one *job) {
		one.messages.Store(7)
		close(reading)
		<-ctx.Done()
	})
	<-reading
	if w := s.get("/cases/" + c.ID); w.Code != 200 || !strings.Contains(w.Body.String(), "7 messages read so far") || w.Header().Get("Refresh") == "" {
		t.Errorf("while reading: status %d: %s", w.Code, w.Body)
	}
	// Where a form leads ends in a part of the page, which a browser would only look
	// for in the page that it has.
	for query, want := range map[string]string{"": "", "?saved=answer": "?saved=answer", "?saved=x%22;url=//evil.example": ""} {
		if got := s.get("/cases/" + c.ID + query).Header().Get("Refresh"); got != "2; url=/cases/"+c.ID+want {
			t.Errorf("%s: refresh %q", query, got)
		}
	}
	if w := s.post("/cases/"+c.ID+"/answer", url.Values{"all": {"yes"}}); w.Code != http.StatusConflict {
		t.Errorf("an answer while reading: status %d, want 409", w.Code)
	}
	if w := s.post("/cases/"+c.ID+"/delete", nil); w.Code != http.StatusSeeOther {
		t.Errorf("status %d", w.Code)
	}
	if w := s.get("/cases/" + c.ID); w.Code != 404 {
		t.Errorf("after the deletion: status %d", w.Code)
	}
}

func TestPagesOfMessages(t *testing.T) {
	s := newServer(t)
	id := loadExample(t, s)
	tests := []struct {
		query string
		want  int
	}{
		{"", 200}, {"?after=40", 200}, {"?after=9999", 200}, {"?after=x", 200}, {"?verdict=spoofed", 200}, {"?verdict=genuine&after=2", 200}, {"?verdict=evil", 404},
	}
	for _, tt := range tests {
		if w := s.get("/cases/" + id + "/messages" + tt.query); w.Code != tt.want {
			t.Errorf("%q: status %d, want %d", tt.query, w.Code, tt.want)
		}
	}
	for _, n := range []string{"0", "-1", "44", "x", "1e1", "99999999999999999999"} {
		for _, tail := range []string{"", "/raw"} {
			if w := s.get("/cases/" + id + "/messages/" + n + tail); w.Code != 404 {
				t.Errorf("message %s%s: status %d, want 404", n, tail, w.Code)
			}
		}
	}
	if w := s.get("/cases/" + id + "/messages/1"); w.Code != 200 || !strings.Contains(w.Body.String(), "Could be forged by") {
		t.Errorf("message 1: status %d", w.Code)
	}
}

func TestRecordForm(t *testing.T) {
	s := newServer(t)
	id := loadExample(t, s)
	tests := []struct {
		name, query string
		status      int
		say         string
	}{
		{"empty form", "", 200, "Who sends for you?"},
		{"an address", "?domain=harbour.example&addresses=192.0.2.10&drop=include:_spf.letters.example", 200, "v=spf1 ip4:192.0.2.10 ~all"},
		{"three forms", "?domain=harbour.example&addresses=192.0.2.10&drop=include:_spf.letters.example", 200, "harbour.example. 3600 IN TXT"},
		{"of a case, by its own DNS", "?case=" + id + "&domain=harbour.example&addresses=192.0.2.10&others=_spf.letters.example", 200, "include:_spf.letters.example"},
		{"DMARC comes next", "?domain=harbour.example&addresses=192.0.2.10&drop=include:_spf.letters.example", 200, "_dmarc.harbour.example"},
		{"a misspelt service", "?domain=harbour.example&others=malchimp", 400, "Mailchimp"},
		{"no address", "?domain=harbour.example&addresses=300.1.1.1", 400, "300.1.1.1"},
		{"no domain", "?domain=&addresses=192.0.2.10", 400, "Not yet"},
		{"no policy", "?domain=harbour.example&mx=yes&policy=maybe", 400, "maybe"},
		{"an empty form for a domain in use", "?domain=harbour.example", 400, "Nobody is named who sends for harbour.example"},
		{"nothing sends, ticked, and DNS shows use", "?domain=harbour.example&parked=yes", 400, "It is not used for mail, whatever DNS shows"},
		{"nothing sends, whatever DNS shows", "?domain=harbour.example&parked=yes&confirmed=yes", 200, "Nobody sends for it"},
		{"who is shut out", "?domain=harbour.example&mx=yes", 200, "who could no longer send"},
		{"parked shuts out everybody", "?domain=harbour.example&parked=yes&confirmed=yes", 200, "It shuts out who may send today"},
		{"a tick for somebody who is named again", "?domain=harbour.example&addresses=192.0.2.10&others=_spf.letters.example&drop=include:_spf.letters.example", 200, "v=spf1 ip4:192.0.2.10 include:_spf.letters.example ~all"},
		{"a tick for nobody", "?domain=harbour.example&mx=yes&drop=nobody.example", 200, "who could no longer send"},
		{"begins with today's record", "?for=harbour.example", 200, ">_spf.letters.example</textarea>"},
		{"the only one", "?domain=idle.example&addresses=192.0.2.10", 200, "It has to be the only one there"},
		{"begins with nothing", "?for=nothing.example", 200, "Who sends for you?"},
		{"no such case", "?case=x&domain=harbour.example", 404, "no such page"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := s.get("/record" + tt.query)
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.say) {
				t.Errorf("status %d, want %d and %q:\n%s", w.Code, tt.status, tt.say, w.Body)
			}
		})
	}
}

// The plain form, too, wants a word for each who may send today, and shows no record
// before.
func TestRecordFormShutsOutNobodyWithoutAWord(t *testing.T) {
	s := newServer(t)
	page := s.pageAt(t, "/record?domain=harbour.example&mx=yes&policy=fail", 200)
	f := formOf(t, page, "/record")
	if len(f.boxes) != 2 || f.boxes["include:_spf.letters.example"] || f.fields.Get("policy") != "fail" || strings.Contains(page, "spf-panel") {
		t.Fatalf("boxes %v, fields %v:\n%s", f.boxes, f.fields, page)
	}
	f.fields.Add("drop", "include:_spf.letters.example")
	page = s.pageAt(t, f.target(), 200)
	if f = formOf(t, page, "/record"); !f.boxes["include:_spf.letters.example"] || strings.Contains(page, "spf-panel") {
		t.Errorf("one word for two: boxes %v", f.boxes)
	}
	for name, ticked := range f.boxes {
		if !ticked {
			f.fields.Add("drop", name)
		}
	}
	page = s.pageAt(t, f.target(), 200)
	if !strings.Contains(page, "as you said") || !strings.Contains(page, ">v=spf1 mx -all</code>") {
		t.Errorf("each had its word:\n%s", page)
	}
}

func TestSentence(t *testing.T) {
	for text, want := range map[string]string{
		"plan: nobody is named":           "Nobody is named.",
		"plan: include:x.y is not there.": "include:x.y is not there.",
		"plan: include:x.y would make the whole record invalid: spf: x.y: no SPF record": "include:x.y would make the whole record invalid: x.y: no SPF record.",
		"census: shop.example: no such domain":                                           "shop.example: no such domain.",
	} {
		if got := sentence(errors.New(text)); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestCheckPage(t *testing.T) {
	s := newServer(t)
	if w := s.get("/check"); w.Code != 200 {
		t.Errorf("status %d", w.Code)
	}
	if w := s.get("/check?domain=HARBOUR.example"); w.Code != 200 || !strings.Contains(w.Body.String(), "Anyone can send as") {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
	if w := s.get("/check?domain=no+domain"); w.Code != 400 || !strings.Contains(w.Body.String(), "is not a domain") {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
}
