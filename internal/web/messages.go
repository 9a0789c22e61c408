package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"unspoof/bounce"
	"unspoof/forensics"
	"unspoof/internal/store"
	"unspoof/internal/store/sqlite"
)

// perPage is how many messages one page lists.
const perPage = 100

// message is one message as the pages show it, read from its JSON.
type message struct {
	N int `json:"-"`
	forensics.Judgement
	File         string         `json:"file"`
	Subject      string         `json:"subject"` // of the notice
	Kind         string         `json:"kind"`
	Recipients   []string       `json:"recipients"`
	ReportingMTA string         `json:"reporting_mta"`
	Refusal      *shownRefusal  `json:"refusal"`
	Original     shownOriginal  `json:"original"`
	Warnings     []shownWarning `json:"warnings"`
}

type shownRefusal struct {
	Class string `json:"class"`
	Text  string `json:"text"`
}

type shownOriginal struct {
	From      string `json:"from"`
	Subject   string `json:"subject"`
	MessageID string `json:"message_id"`
}

type shownWarning struct {
	Text string `json:"text"`
}

func (m message) OriginalFrom() string    { return m.Original.From }
func (m message) OriginalSubject() string { return m.Original.Subject }
func (m message) MessageID() string       { return m.Original.MessageID }

func shown(m store.Message) (message, error) {
	v := message{N: m.N}
	if err := json.Unmarshal(m.Doc, &v); err != nil {
		return v, fmt.Errorf("web: message %d: %w", m.N, err)
	}
	return v, nil
}

type messagesView struct {
	Case     store.Case
	Verdict  forensics.Verdict // shown only; "" all
	Filters  []filter
	Messages []message
	First    bool // the page is the first one
	After    int  // where the next page goes on; 0: there is none
}

type filter struct {
	Verdict forensics.Verdict
	Count   int
	Current bool
}

func (s *Server) listMessages(w http.ResponseWriter, r *http.Request) error {
	c, err := s.store.Case(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	after, _ := strconv.Atoi(r.URL.Query().Get("after")) // nonsense is the first page
	v := messagesView{Case: c, Verdict: forensics.Verdict(r.URL.Query().Get("verdict")), First: after <= 0}
	v.Filters = append(v.Filters, filter{Current: v.Verdict == ""})
	known := v.Verdict == ""
	for _, verdict := range []forensics.Verdict{forensics.Spoofed, forensics.Compromised, forensics.Genuine, forensics.Unknown} {
		known = known || verdict == v.Verdict
		v.Filters = append(v.Filters, filter{Verdict: verdict, Current: verdict == v.Verdict})
	}
	if !known {
		return errNoPage
	}
	// One more than a page tells whether there is another.
	list, err := s.store.Messages(r.Context(), c.ID, sqlite.Page{Verdict: v.Verdict, After: after, Limit: perPage + 1})
	if err != nil {
		return err
	}
	for i, m := range list {
		if i == perPage {
			v.After = list[i-1].N
			break
		}
		one, err := shown(m)
		if err != nil {
			return err
		}
		v.Messages = append(v.Messages, one)
	}
	return s.render(w, http.StatusOK, "messages.html", v)
}

type messageView struct {
	Case    store.Case
	Message message
	Excerpt string
	Light   light
}

func (s *Server) showMessage(w http.ResponseWriter, r *http.Request) error {
	c, err := s.store.Case(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	n, err := number1(r)
	if err != nil {
		return err
	}
	m, err := s.store.Message(r.Context(), c.ID, n)
	if err != nil {
		return err
	}
	one, err := shown(m)
	if err != nil {
		return err
	}
	return s.render(w, http.StatusOK, "message.html", messageView{Case: c, Message: one, Excerpt: m.Excerpt, Light: messageLight(one)})
}

// messageLight answers "was it me?" for one message.
func messageLight(m message) light {
	switch {
	case m.Verdict == forensics.Spoofed:
		return light{"good", "Forged", m.Sentence}
	case m.Verdict == forensics.Compromised:
		return light{"bad", "Sent by an intruder", m.Sentence}
	case m.Verdict == forensics.Genuine:
		return light{"good", "Really yours", m.Sentence}
	case bounce.Kind(m.Kind) == bounce.Ordinary || bounce.Kind(m.Kind) == bounce.AutoReply:
		return light{"open", "Undecided", m.Sentence}
	}
	return light{"warn", "Undecided", m.Sentence}
}

// rawMessage gives one message as it was received, as a file to save. A browser
// shows no mail, and is told not to try.
func (s *Server) rawMessage(w http.ResponseWriter, r *http.Request) error {
	n, err := number1(r)
	if err != nil {
		return err
	}
	raw, err := s.store.Raw(r.Context(), r.PathValue("id"), n)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	// The name holds a number of ours and no word of the sender's.
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="message-%d.eml"`, n))
	h.Set("Content-Length", strconv.Itoa(len(raw.Data)))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	_, err = w.Write(raw.Data)
	if err != nil {
		s.log.Debug("message not sent", "error", err)
	}
	return nil
}

// number1 reads the number of a message from the address.
func number1(r *http.Request) (int, error) {
	n, err := strconv.Atoi(r.PathValue("n"))
	if err != nil || n < 1 {
		return 0, errNoPage
	}
	return n, nil
}
