package web

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"unspoof/forensics"
	"unspoof/internal/store"
)

// formTime is the form of <input type="datetime-local">.
const formTime = "2006-01-02T15:04"

type caseView struct {
	Case    store.Case
	Domain  string // "" for an address at a provider
	Address string
	Saved   string

	Hacked     light
	PerMessage []verdictCount
	Kinds      []forensics.Count // what was read, in words
	Refusals   []forensics.Count // why it came back, in words
	Networks   bool              // some hand-off address has a network or country
	Next       *step
	Asks       bool // whether the question about senders makes sense
	Chart      *chart
	Order      []forensics.Verdict
	Events     []forensics.Event
	EventTypes []forensics.EventType
	EventTime  time.Time // proposed in the form
	// FilledUntil is when the messages were handed over.
	FilledUntil time.Time
	Record      recordForm
}

type verdictCount struct {
	Verdict forensics.Verdict
	Count   int
}

// step is the single next thing to do.
type step struct {
	Text         string
	Name, Record string // what to publish, and where
	Link, Label  string
	Later        []string // what comes after it
}

// Upper writes the upper limit of a rate ratio.
func (caseView) Upper(f float64) string {
	if f < 0 || math.IsInf(f, 1) {
		return "no limit"
	}
	return fmt.Sprintf("%.2f", f)
}

// saved are the sentences after a form was sent, by the word in the address.
var saved = map[string]string{
	"answer": "Thank you. All messages were judged anew with your answer.",
	"event":  "Noted. All messages were judged anew.",
	"check":  "DNS was asked again.",
}

func (s *Server) showCase(w http.ResponseWriter, r *http.Request) error {
	c, err := s.store.Case(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	switch c.State {
	case store.Reading:
		return s.reading(w, r, c)
	case store.Failed:
		return s.render(w, http.StatusOK, "failed.html", c)
	}
	return s.render(w, http.StatusOK, "case.html", s.caseView(c, saved[r.URL.Query().Get("saved")]))
}

func (s *Server) caseView(c store.Case, saved string) caseView {
	v := caseView{
		Case: c, Domain: c.Domain(), Address: c.Profile.Address, Saved: saved,
		Order: order, Events: c.Profile.Events, EventTypes: eventTypes, EventTime: s.now(), FilledUntil: filledUntil(c),
		Asks: c.Domain() != "", Record: formFor(c),
	}
	if c.Example {
		v.EventTime = v.FilledUntil
	}
	if m := c.Mailbox; m != nil {
		v.Hacked = hackedLight(m)
		for _, verdict := range []forensics.Verdict{forensics.Spoofed, forensics.Compromised, forensics.Genuine, forensics.Unknown} {
			if n := m.PerMessage[verdict]; n > 0 {
				v.PerMessage = append(v.PerMessage, verdictCount{verdict, n})
			}
		}
		v.Kinds, v.Refusals = inWords(m.Kinds, kindWord), inWords(m.Classes, classWord)
		v.Networks = slices.ContainsFunc(m.Handoffs, func(h forensics.Handoff) bool { return h.Network != "" || h.Country != "" })
		v.Chart = draw(m.Timeline, c.Profile.Events, s.now().Location())
		v.Next = next(c)
	}
	return v
}

// next puts into words the one thing to do now.
func next(c store.Case) *step {
	m := c.Mailbox
	advice := &step{}
	if len(m.Advice) > 0 {
		advice.Text, advice.Later = m.Advice[0], m.Advice[1:]
	}
	switch m.Next(c.Answer == store.NotAnswered && c.Domain() != "") {
	case forensics.StepAnswer:
		return &step{Text: "Answer one question: is what DNS names all that sends for you? A yes may decide the case.", Link: "#question", Label: "To the question", Later: m.Advice}
	case forensics.StepProtect:
		if c.Posture != nil && c.Posture.Next.Text != "" {
			n := c.Posture.Next
			return &step{Text: n.Text, Name: n.Name, Record: n.Record, Link: "/wizard?case=" + c.ID, Label: "Tell me how you send mail", Later: advice.Later}
		}
	}
	if advice.Text == "" {
		return nil
	}
	return advice
}

// inWords counts by the word for a value, the most frequent first.
func inWords(counts map[string]int, word func(string) string) []forensics.Count {
	by := map[string]int{}
	for value, n := range counts {
		by[word(value)] += n
	}
	var list []forensics.Count
	for value, n := range by {
		list = append(list, forensics.Count{Value: value, Count: n})
	}
	slices.SortFunc(list, func(a, b forensics.Count) int {
		if d := b.Count - a.Count; d != 0 {
			return d
		}
		return strings.Compare(a.Value, b.Value)
	})
	return list
}

type readingView struct {
	Case           store.Case
	Messages       int
	Total, Percent int64
}

// reading shows how far the work is; the page looks again by itself.
func (s *Server) reading(w http.ResponseWriter, r *http.Request, c store.Case) error {
	v := readingView{Case: c}
	if one := s.jobs.of(c.ID); one != nil {
		v.Messages, v.Total = int(one.messages.Load()), one.total.Load()
		if v.Total > 0 {
			v.Percent = min(one.bytes.Load()*100/v.Total, 100)
		}
	}
	// The address is named, for the one in the browser may end in the part of a page
	// ("#timeline"), and to go there again from here loads nothing.
	again := "/cases/" + c.ID
	if word := r.URL.Query().Get("saved"); saved[word] != "" {
		again += "?saved=" + word
	}
	w.Header().Set("Refresh", "2; url="+again)
	return s.render(w, http.StatusOK, "reading.html", v)
}

func (s *Server) askDelete(w http.ResponseWriter, r *http.Request) error {
	c, err := s.store.Case(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return s.render(w, http.StatusOK, "delete.html", c)
}

func (s *Server) delete(w http.ResponseWriter, r *http.Request) error {
	if err := s.remove(r); err != nil {
		return err
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

// remove ends the work on a case and deletes it.
func (s *Server) remove(r *http.Request) error {
	id := r.PathValue("id")
	if _, err := s.store.Case(r.Context(), id); err != nil {
		return err
	}
	if err := s.jobs.stop(r.Context(), id); err != nil {
		return err
	}
	s.secrets.forget(id)
	s.surveys.forget(id)
	return s.store.Delete(r.Context(), id)
}

// sortReasons puts those first that speak for the verdict, and of these the
// strongest and most frequent.
func sortReasons(reasons []store.ReasonCount, verdict forensics.Verdict) {
	rank := func(r store.ReasonCount) int {
		n := 0
		if r.For != verdict {
			n += 10
		}
		if r.For == "" {
			n += 10
		}
		switch r.Strength {
		case forensics.Proof:
		case forensics.Strong:
			n++
		default:
			n += 2
		}
		return n
	}
	slices.SortFunc(reasons, func(a, b store.ReasonCount) int {
		if d := rank(a) - rank(b); d != 0 {
			return d
		}
		if d := b.Count - a.Count; d != 0 {
			return d
		}
		return a.N - b.N
	})
}
