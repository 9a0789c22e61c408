package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"unspoof/inventory"
)

// wizardView is one question.
type wizardView struct {
	Subject  subject
	Question question
	N, Of    int // which question it is
	Problem  string
	Hidden   []pair
	Back     string // address of the question before, with the answers; "" none

	Domain             string // as typed, on the first page
	Choices, Claims    []choice
	Servers            string // address of the question about servers
	More               string
	Hosts, Addresses   string
	FromProfile        bool // Addresses are from the owner's profile
	Reports, ReportsTo string
	Unknown            []string // what DNS did not answer
	NothingSends       string   // address of the outcome for a domain that sends nothing
	Absent             bool     // there is no such domain
	Asked              asked
}

// wizard asks how mail is sent, one question at a time, and then shows the plan.
func (s *Server) wizard(w http.ResponseWriter, r *http.Request) error {
	a := readAnswers(r.URL.Query())
	about, err := s.about(r.Context(), a.Case, a.Domain)
	var wrong *problem
	if errors.As(err, &wrong) && a.Case == "" {
		return s.render(w, wrong.status, "wizard.html", wizardView{Domain: a.Domain, Problem: wrong.text})
	}
	if err != nil {
		return err
	}
	if about.Domain == "" {
		return s.render(w, http.StatusOK, "wizard.html", wizardView{})
	}
	if isProvider(about.Domain) {
		return s.render(w, http.StatusBadRequest, "wizard.html", wizardView{Domain: a.Domain, Problem: about.Domain + " belongs to a mail provider. Only the provider can change what it publishes, so there are no records for you to make."})
	}
	if s.anew(w, r, about) {
		return nil
	}
	a.Domain = about.Domain
	want := r.URL.Query().Get("q")
	if a.Parked {
		want = showPlan
	}
	// An answer that cannot be used is asked for again, before anything else.
	given, err := a.given()
	var no *refused
	if errors.As(err, &no) {
		return s.ask(w, r, about, a, no.question, no.text)
	}
	if err != nil {
		return err
	}
	if want == showPlan {
		return s.showPlan(w, r, about, a, given)
	}
	return s.ask(w, r, about, a, want, "")
}

// ask shows one question, the first for a name that none has.
func (s *Server) ask(w http.ResponseWriter, r *http.Request, about subject, a answers, id, wrong string) error {
	res, err := s.survey(r.Context(), about, inventory.Given{})
	if err != nil {
		return err
	}
	list := fitting(res.Inventory)
	at := max(slices.IndexFunc(list, func(q question) bool { return q.ID == id }), 0)
	q := list[at]
	v := wizardView{
		Subject: about, Question: q, N: at + 1, Of: len(list), Problem: wrong, Domain: about.Domain,
		Choices: choices(q, res.Inventory, a), More: a.More[q.ID], Hosts: a.Hosts, Addresses: a.Addresses,
		Reports: a.Reports, ReportsTo: "dmarc@" + about.Domain,
		Unknown: res.Inventory.Unknown, Absent: res.Inventory.Absent, Asked: askedFor(r, res.Made),
	}
	offered := map[string]bool{}
	for _, c := range v.Choices {
		offered[c.Key] = true
	}
	if q.ID == askYours {
		v.Claims = claims(res.Inventory, a)
		v.Servers = a.at(askServers)
		for _, c := range v.Claims {
			offered[c.Key] = true
		}
	}
	if q.ID == askServers && a.Addresses == "" && !slices.Contains(a.Asked, askServers) {
		v.Addresses = strings.Join(profileServers(about, res.Inventory), "\n")
		v.FromProfile = v.Addresses != ""
	}
	if at > 0 {
		v.Back = a.at(list[at-1].ID)
	} else {
		parked := a
		parked.Parked = true
		v.NothingSends = parked.at(showPlan)
	}
	next := showPlan
	if at+1 < len(list) {
		next = list[at+1].ID
	}
	carried := a
	carried.Asked = some(append(slices.Clone(a.Asked), q.ID))
	carried.Send = slices.DeleteFunc(slices.Clone(a.Send), func(key string) bool { return offered[key] })
	v.Hidden = append(hidden(carried.values(fieldsOf(q.ID)...)), pair{"q", next})
	status := http.StatusOK
	if wrong != "" {
		status = http.StatusBadRequest
	}
	return s.render(w, status, "wizard.html", v)
}

// fitting are the questions that make sense for an inventory.
func fitting(inv inventory.Inventory) []question {
	var list []question
	for _, q := range questions {
		if q.ID == askYours && len(choices(q, inv, answers{})) == 0 && len(claims(inv, answers{})) == 0 {
			continue
		}
		list = append(list, q)
	}
	return list
}

// fieldsOf are the fields of a question besides its ticks.
func fieldsOf(id string) []string {
	switch id {
	case askServers:
		return []string{"more-" + id, "hosts", "addresses"}
	case askReports:
		return []string{"reports"}
	}
	return []string{"more-" + id}
}
