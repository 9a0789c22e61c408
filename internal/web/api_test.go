package web

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"unspoof/internal/example"
)

// call makes a request as a program with the token does.
func (s *Server) call(method, target, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://127.0.0.1:8025"+target, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+testToken)
	return s.do(r)
}

func TestAPI(t *testing.T) {
	s := newServer(t)
	box, err := example.Mbox()
	if err != nil {
		t.Fatal(err)
	}
	body, kind := multi(t, field{"files", "in.mbox", string(box)}, field{"profile", "profile.yaml", string(example.Profile())})
	r := httptest.NewRequest("POST", "http://127.0.0.1:8025/api/cases", body)
	r.Header.Set("Authorization", "Bearer "+testToken)
	r.Header.Set("Content-Type", kind)
	w := s.do(r)
	var made struct {
		Schema int
		Case   struct{ ID, Name, State string }
	}
	decode(t, w, http.StatusCreated, &made)
	if made.Schema != 1 || made.Case.Name != "harbour.example" || w.Header().Get("Location") != "/api/cases/"+made.Case.ID {
		t.Errorf("made %+v at %q", made, w.Header().Get("Location"))
	}
	s.settle(t)
	path := "/api/cases/" + made.Case.ID

	var list struct {
		Cases []struct{ ID, State, Verdict string }
	}
	decode(t, s.call("GET", "/api/cases", ""), 200, &list)
	if len(list.Cases) != 1 || list.Cases[0].ID != made.Case.ID || list.Cases[0].State != "ready" || list.Cases[0].Verdict != "spoofed" {
		t.Errorf("list %+v", list)
	}

	var whole struct {
		Schema   int
		State    string
		Answer   string
		Messages []struct {
			File, Verdict, Kind string
			Reasons             []struct{ Code string }
		}
		Mailbox struct {
			Verdict string
			Read    int
		}
		Posture struct{ Verdict struct{ Exposure string } }
		Events  []struct{ Type string }
	}
	decode(t, s.call("GET", path, ""), 200, &whole)
	if whole.Schema != 1 || len(whole.Messages) != 43 || whole.Messages[0].File != "in.mbox#1" || len(whole.Messages[0].Reasons) == 0 ||
		whole.Mailbox.Read != 43 || whole.Posture.Verdict.Exposure != "anyone" || len(whole.Events) != 1 {
		t.Errorf("schema %d, %d messages, mailbox %+v, posture %+v, events %v", whole.Schema, len(whole.Messages), whole.Mailbox, whole.Posture, whole.Events)
	}

	decode(t, s.call("POST", path+"/answer", `{"all":"yes"}`), 200, &made)
	s.settle(t)
	decode(t, s.call("POST", path+"/events", `{"time":"2026-03-04T10:00:00Z","type":"dmarc-published"}`), 200, &made)
	s.settle(t)
	decode(t, s.call("GET", path, ""), 200, &whole)
	if whole.Answer != "yes" || len(whole.Events) != 2 || whole.State != "ready" {
		t.Errorf("answer %q, events %v, state %q", whole.Answer, whole.Events, whole.State)
	}
	decode(t, s.call("DELETE", path+"/events/1", ""), 200, &made)
	s.settle(t)
	decode(t, s.call("GET", path, ""), 200, &whole)
	if len(whole.Events) != 1 {
		t.Errorf("events after a deletion %v", whole.Events)
	}
	if w := s.call("DELETE", path, ""); w.Code != http.StatusNoContent {
		t.Errorf("delete: status %d", w.Code)
	}
	if w := s.call("GET", path, ""); w.Code != http.StatusNotFound {
		t.Errorf("after the deletion: status %d", w.Code)
	}
}

func TestAPITools(t *testing.T) {
	s := newServer(t)
	var built struct {
		Plan struct {
			Record  struct{ Name, Value string }
			Lookups int
		}
		Error string
	}
	decode(t, s.call("POST", "/api/spf/build", `{"domain":"harbour.example","parked":true,"confirmed":true}`), 200, &built)
	decode(t, s.call("POST", "/api/spf/build", `{"domain":"harbour.example","addresses":["192.0.2.10"],"policy":"fail"}`), 200, &built)
	if built.Plan.Record.Value != "v=spf1 ip4:192.0.2.10 -all" || built.Plan.Record.Name != "harbour.example" || !strings.Contains(built.Error, "shuts out include:_spf.letters.example") {
		t.Errorf("%+v", built)
	}
	built.Error = ""
	decode(t, s.call("POST", "/api/spf/build", `{"domain":"harbour.example","addresses":["192.0.2.10"],"drop":["_spf.letters.example"]}`), 200, &built)
	if built.Error != "" {
		t.Errorf("dropped by a word, and refused: %s", built.Error)
	}
	var checked struct{ Posture struct{ Domain string } }
	decode(t, s.call("GET", "/api/check?domain=harbour.example", ""), 200, &checked)
	if checked.Posture.Domain != "harbour.example" {
		t.Errorf("%+v", checked)
	}
}

func TestAPIErrorsAreJSON(t *testing.T) {
	s := newServer(t)
	id := loadExample(t, s)
	tests := []struct {
		method, target, body string
		want                 int
	}{
		{"GET", "/api/nothing", "", 404},
		{"GET", "/api/cases/x", "", 404},
		{"DELETE", "/api/cases/x", "", 404},
		{"PATCH", "/api/cases", "", 405},
		{"POST", "/api/cases", "{}", 400},
		{"POST", "/api/cases/" + id + "/answer", `{"all":"perhaps"}`, 400},
		{"POST", "/api/cases/" + id + "/answer", `{"every":"yes"}`, 400},
		{"POST", "/api/cases/" + id + "/answer", `yes`, 400},
		{"POST", "/api/cases/" + id + "/answer", strings.Repeat(" ", maxForm+1), 413},
		{"POST", "/api/cases/" + id + "/events", `{"type":"party","time":"2026-03-04T10:00:00Z"}`, 400},
		{"POST", "/api/cases/" + id + "/events", `{"type":"spf-published","time":"soon"}`, 400},
		{"DELETE", "/api/cases/" + id + "/events/7", "", 400},
		{"DELETE", "/api/cases/" + id + "/events/x", "", 404},
		{"POST", "/api/spf/build", `{"domain":"harbour.example","services":["malchimp"]}`, 400},
		{"POST", "/api/spf/build", `{"domain":""}`, 400},
		{"POST", "/api/spf/build", `{"domain":"harbour.example"}`, 400}, // it has mail exchangers
		{"GET", "/api/check?domain=", "", 400},
	}
	for _, tt := range tests {
		w := s.call(tt.method, tt.target, tt.body)
		var e struct {
			Schema int
			Error  string
		}
		if err := json.Unmarshal(w.Body.Bytes(), &e); w.Code != tt.want || err != nil || e.Schema != 1 || e.Error == "" {
			t.Errorf("%s %s %.40s: status %d, want %d: %s", tt.method, tt.target, tt.body, w.Code, tt.want, w.Body)
		}
	}
}

func decode(t *testing.T, w *httptest.ResponseRecorder, status int, v any) {
	t.Helper()
	if w.Code != status {
		t.Fatalf("status %d, want %d: %s", w.Code, status, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), v); err != nil {
		t.Fatalf("%v: %s", err, w.Body)
	}
}
