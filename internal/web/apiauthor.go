package web

import (
	"net/http"
	"strings"

	"unspoof/finding"
	"unspoof/internal/census"
	"unspoof/internal/spftext"
	"unspoof/inventory"
	"unspoof/plan"
	"unspoof/spf"
)

// The answers below are those of the command line: unspoof inventory, plan, spf
// cost, spf sets, spf diff and explain, each with --json.

func (s *Server) authorRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /api/inventory", s.page(s.apiInventory))
	mux.HandleFunc("POST /api/plan", s.page(s.apiPlan))
	mux.HandleFunc("GET /api/spf/cost", s.page(s.apiCost))
	mux.HandleFunc("GET /api/spf/sets", s.page(s.apiSets))
	mux.HandleFunc("GET /api/spf/diff", s.page(s.apiDiff))
	mux.HandleFunc("GET /api/explain", s.page(s.apiExplain))
}

// apiSubject is the subject of a question; it has to have one.
func (s *Server) apiSubject(r *http.Request) (subject, error) {
	q := r.URL.Query()
	a, err := s.about(r.Context(), q.Get("case"), q.Get("domain"))
	if err == nil && a.Domain == "" {
		err = badInput("Name the domain: ?domain=example.com")
	}
	return a, err
}

func (s *Server) apiInventory(w http.ResponseWriter, r *http.Request) error {
	a, err := s.apiSubject(r)
	if err != nil {
		return err
	}
	res, err := s.survey(r.Context(), a, inventory.Given{})
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, struct {
		inventory.Inventory
		Read census.Read `json:"read"`
	}{res.Inventory, res.Read})
}

func (s *Server) apiPlan(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Case      string   `json:"case"`
		Domain    string   `json:"domain"`
		Services  []string `json:"services"`
		Hosts     []string `json:"hosts"`
		Addresses []string `json:"addresses"`
		A         bool     `json:"a"`
		MX        bool     `json:"mx"`
		Parked    bool     `json:"parked"`
		Confirmed bool     `json:"confirmed"`
		Policy    string   `json:"policy"`
		Drop      []string `json:"drop"`
		Reports   []string `json:"rua"`
		// Inventory adds who sends, as GET /api/inventory lists it.
		Inventory bool `json:"inventory"`
	}
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	a, err := s.about(r.Context(), in.Case, in.Domain)
	if err != nil {
		return err
	}
	req := plan.Request{Reports: in.Reports, STSID: stsID(s.now()), SPF: plan.SPFRequest{
		Domain: a.Domain, A: in.A, Hosts: in.Hosts, MX: in.MX, Addresses: in.Addresses, Services: in.Services,
		Parked: in.Parked, Confirmed: in.Confirmed, Policy: in.Policy, Drop: in.Drop,
	}}
	if in.Inventory {
		res, err := s.survey(r.Context(), a, inventory.Given{})
		if err != nil {
			return err
		}
		req.SPF.Inventory = &res.Inventory
	}
	made, err := plan.Author(r.Context(), req, a.resolver)
	if err != nil && !unsettled(err) {
		return badInput(sentence(err))
	}
	return writeJSON(w, http.StatusOK, struct {
		Schema int `json:"schema"`
		plan.Authoring
		Error string `json:"error,omitempty"`
	}{schema, made, refusalOf(err)})
}

// spfSubject is a record and whose it is.
type spfSubject struct {
	Domain   string   `json:"domain"`
	Record   string   `json:"record"`
	Problems []string `json:"problems"`
}

// apiRecord reads the record that a question is about: of ?domain=, and, where
// ?record= gives one, that text in the place of what the domain publishes. Such a text
// needs no domain, as long as none of its terms mean it.
func (s *Server) apiRecord(r *http.Request, field string) (spfReading, error) {
	q := r.URL.Query()
	text := strings.TrimSpace(q.Get(field))
	a, err := s.about(r.Context(), q.Get("case"), q.Get("domain"))
	if err == nil && a.Domain == "" && text == "" {
		err = badInput("Name the domain: ?domain=example.com, or give a record: ?" + field + "=v=spf1 mx -all")
	}
	if err != nil {
		return spfReading{}, err
	}
	got, err := readSPF(r.Context(), a.resolver, a.Domain, text)
	switch {
	case err != nil:
	case a.Domain == "" && got.Set != nil && got.Set.Incomplete != "":
		err = badInput("The record cannot be read without its domain: " + got.Set.Incomplete + ". Say whose it is: &domain=example.com")
	case got.Fault:
		err = &problem{http.StatusBadGateway, "DNS did not answer which SPF record " + a.Domain + " has. Try again later."}
	}
	return got, err
}

func (s *Server) apiCost(w http.ResponseWriter, r *http.Request) error {
	got, err := s.apiRecord(r, "record")
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, struct {
		Schema int `json:"schema"`
		spfSubject
		Within bool      `json:"within"`
		Cost   *spf.Cost `json:"cost"`
		Cuts   []spf.Cut `json:"cuts"`
	}{schema, spfSubject{got.Domain, got.Record, got.Problems}, got.Cost != nil && got.Cost.WithinUnlisted(), got.Cost, got.Cuts})
}

func (s *Server) apiSets(w http.ResponseWriter, r *http.Request) error {
	got, err := s.apiRecord(r, "record")
	if err != nil {
		return err
	}
	told, err := spftext.Describe(r.Context(), got.resolver, got.Set, got.Problems)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, struct {
		Schema int `json:"schema"`
		spftext.Sets
	}{schema, told})
}

// apiDiff compares what a domain publishes, or ?old=, with ?new=.
func (s *Server) apiDiff(w http.ResponseWriter, r *http.Request) error {
	if strings.TrimSpace(r.URL.Query().Get("new")) == "" {
		return badInput("Give the new record: ?domain=example.com&new=v=spf1 mx -all")
	}
	old, err := s.apiRecord(r, "old")
	if err != nil {
		return err
	}
	now, err := s.apiRecord(r, "new")
	if err != nil {
		return err
	}
	type side struct {
		Domain   string   `json:"domain"`
		Record   string   `json:"record"`
		Problems []string `json:"problems"`
	}
	d := spf.Diff(old.Set, now.Set)
	return writeJSON(w, http.StatusOK, struct {
		Schema int  `json:"schema"`
		Old    side `json:"old"`
		New    side `json:"new"`
		spf.Difference
		Through []spftext.Sum `json:"through"`
	}{schema, side{old.Domain, old.Record, old.Problems}, side{now.Domain, now.Record, now.Problems}, d, spftext.Sums(&d)})
}

func (s *Server) apiExplain(w http.ResponseWriter, r *http.Request) error {
	ids := r.URL.Query()["id"]
	rules := []finding.Rule{}
	for _, id := range ids {
		rule, ok := finding.Find(strings.TrimSpace(id))
		if !ok {
			return &problem{http.StatusNotFound, "There is no finding " + clip(id, 40) + "."}
		}
		rules = append(rules, rule)
	}
	if len(ids) == 0 {
		rules = finding.Rules()
	}
	return writeJSON(w, http.StatusOK, struct {
		Schema int            `json:"schema"`
		Rules  []finding.Rule `json:"rules"`
	}{schema, rules})
}
