package web

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"unspoof/inventory"
	"unspoof/plan"
	"unspoof/sender"
)

// answers are what the wizard was told. They live in the address of its pages and
// nowhere else, so that the browser's way back is the wizard's way back.
type answers struct {
	Case, Domain string
	Parked       bool     // nothing sends
	Sure         bool     // that it is parked, whatever DNS shows
	Asked        []string // questions that were answered
	Send         []string // keys of senders that were ticked
	More         map[string]string
	Hosts        string // own servers by name, as typed
	Addresses    string
	Reports      string
	Drop         []string // names of who may be shut out, each ticked by itself
}

// maxAnswers bounds each list: an address of 32 KiB can hold no more that are
// meant.
const maxAnswers = 400

func readAnswers(q url.Values) answers {
	a := answers{
		Case: q.Get("case"), Domain: q.Get("domain"), Parked: q.Get("parked") != "", Sure: q.Get("sure") != "",
		Asked: some(q["asked"]), Send: some(q["send"]), Drop: some(q["drop"]),
		Hosts: q.Get("hosts"), Addresses: q.Get("addresses"), Reports: q.Get("reports"), More: map[string]string{},
	}
	for _, question := range questions {
		if text := q.Get("more-" + question.ID); text != "" {
			a.More[question.ID] = text
		}
	}
	return a
}

// some gives the words of a list, each once.
func some(list []string) []string {
	var out []string
	for _, word := range list {
		if word != "" && len(out) < maxAnswers && !slices.Contains(out, word) {
			out = append(out, word)
		}
	}
	return out
}

// values writes the answers as an address has them; but leaves fields out, so that
// a form can ask for them anew.
func (a answers) values(but ...string) url.Values {
	q := url.Values{}
	set := func(key string, list ...string) {
		for _, v := range list {
			if v != "" && !slices.Contains(but, key) {
				q.Add(key, v)
			}
		}
	}
	flag := map[bool]string{true: "yes"}
	set("case", a.Case)
	set("domain", a.Domain)
	set("parked", flag[a.Parked])
	set("sure", flag[a.Sure])
	set("asked", a.Asked...)
	set("send", a.Send...)
	for id, text := range a.More {
		set("more-"+id, text)
	}
	set("hosts", a.Hosts)
	set("addresses", a.Addresses)
	set("reports", a.Reports)
	set("drop", a.Drop...)
	return q
}

// at is the address of a question, or of the outcome, with these answers.
func (a answers) at(question string) string {
	q := a.values()
	q.Set("q", question)
	return "/wizard?" + q.Encode()
}

// hidden are the fields that a form carries along.
func hidden(q url.Values) []pair {
	var list []pair
	for _, key := range slices.Sorted(maps.Keys(q)) {
		for _, v := range q[key] {
			list = append(list, pair{key, v})
		}
	}
	return list
}

type pair struct{ Name, Value string }

// ticked reports whether a sender is among those that send: as answered, or, where
// nobody was asked yet, where DNS lets it send today.
func (a answers) ticked(question string, s inventory.Sender) bool {
	if slices.Contains(a.Asked, question) {
		return slices.Contains(a.Send, s.Key)
	}
	return allowed(s)
}

// allowed says that DNS lets a sender send today, or that a working key of the
// domain's is its own.
func allowed(s inventory.Sender) bool { return s.Authorised == inventory.Yes || len(s.Terms) > 0 }

// given is what the answers name, as package inventory takes it. Senders that the
// inventory has without being named, and that nothing was said about, are not in it.
func (a answers) given() (inventory.Given, error) {
	var g inventory.Given
	for _, key := range a.Send {
		kind, name, _ := strings.Cut(key, ":")
		switch inventory.Kind(kind) {
		case inventory.KindService, inventory.KindInclude:
			g.Services = append(g.Services, name)
		case inventory.KindHost:
			g.Hosts = append(g.Hosts, name)
		case "net":
			// Some stand for no one network; those are what DNS lets in already.
			if p, _, err := plan.ParsePrefix(name); err == nil {
				g.Networks = append(g.Networks, p)
			}
		}
	}
	for _, q := range questions {
		for _, typed := range lines(a.More[q.ID]) {
			if err := checkService(typed); err != nil {
				return g, &refused{q.ID, err.Error()}
			}
			g.Services = append(g.Services, typed)
		}
	}
	for _, typed := range words(a.Hosts) {
		name, err := checkDomain(cleanDomain(typed))
		if err != nil {
			return g, &refused{askServers, fmt.Sprintf("“%s” is not the name of a server. It looks like mail.example.com.", clip(typed, 80))}
		}
		g.Hosts = append(g.Hosts, name)
	}
	for _, typed := range words(a.Addresses) {
		p, _, err := plan.ParsePrefix(typed)
		if err != nil {
			return g, &refused{askServers, sentence(err)}
		}
		g.Networks = append(g.Networks, p)
	}
	return g, nil
}

// checkService says what is wrong with a service as it was typed.
func checkService(typed string) error {
	if _, ok := sender.Find(typed); ok || strings.Contains(typed, ".") && !strings.ContainsAny(typed, " @/") {
		return nil
	}
	text := fmt.Sprintf("“%s” is not known here.", clip(typed, 80))
	if near := sender.Suggest(typed); len(near) > 0 {
		var names []string
		for _, n := range near {
			names = append(names, n.Name)
		}
		return badInput(text + " Did you mean " + strings.Join(names, " or ") + "?")
	}
	return badInput(text + " Write the include host that its set-up guide names, such as spf.service.example; or leave it out for now.")
}

// refused is an answer that the question has to be asked again for.
type refused struct{ question, text string }

func (e *refused) Error() string { return e.text }
