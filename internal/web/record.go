package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"unspoof/internal/store"
	"unspoof/plan"
	"unspoof/sender"
)

// recordForm is the form as it was filled in, ready to be shown again.
type recordForm struct {
	Case      string // whose DNS is asked; "" for the network
	Domain    string
	Hosts     string // one a line
	Addresses string
	Others    string // services by name
	A, MX     bool
	Policy    string
	Usual     []usualService
	Policies  []policyChoice
}

type usualService struct {
	ID, Name string
	Chosen   bool
}

type policyChoice struct {
	Value, Text string
	Chosen      bool
}

// usual are the services that the form offers to tick; the others are typed.
var usual = []string{"google-workspace", "microsoft-365", "mailchimp", "brevo", "sendgrid", "amazon-ses", "zoho-mail", "mailgun", "hubspot", "ionos", "godaddy", "salesforce"}

type recordView struct {
	Form    recordForm
	Plan    *plan.SPFPlan
	Problem string
}

// status of an answer to a form that may have been filled in wrongly.
func status(err error) int {
	if err != nil {
		return http.StatusBadRequest
	}
	return http.StatusOK
}

// record shows the form, and the record where it was filled in.
func (s *Server) record(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	v := recordView{Form: readRecordForm(q)}
	if !q.Has("domain") {
		return s.render(w, r, http.StatusOK, "record.html", v)
	}
	resolver := s.resolver
	if v.Form.Case != "" {
		c, err := s.store.Case(r.Context(), v.Form.Case)
		if err != nil {
			return err
		}
		if resolver, err = s.resolverFor(c); err != nil {
			return err
		}
	}
	p, err := plan.BuildSPF(r.Context(), spfRequest(v.Form), resolver)
	if err != nil {
		v.Problem = sentence(err)
	} else {
		v.Plan = &p
	}
	return s.render(w, r, status(err), "record.html", v)
}

func readRecordForm(q url.Values) recordForm {
	f := recordForm{
		Case: q.Get("case"), Domain: cleanDomain(q.Get("domain")), Hosts: q.Get("hosts"), Addresses: q.Get("addresses"), Others: q.Get("others"),
		A: q.Get("a") != "", MX: q.Get("mx") != "", Policy: q.Get("policy"),
	}
	f.offer(q["service"])
	return f
}

// offer fills in the choices.
func (f *recordForm) offer(chosen []string) {
	for _, id := range usual {
		if svc, ok := sender.Find(id); ok {
			f.Usual = append(f.Usual, usualService{svc.ID, svc.Name, slices.Contains(chosen, svc.ID)})
		}
	}
	for _, p := range []policyChoice{
		{"", "what fits (recommended)", false},
		{"softfail", "mail from elsewhere is suspicious (~all)", false},
		{"fail", "mail from elsewhere is to be refused (-all)", false},
		{"neutral", "say nothing about it (?all)", false},
	} {
		p.Chosen = p.Value == f.Policy
		f.Policies = append(f.Policies, p)
	}
}

// formFor fills the form in with what is known of a case.
func formFor(c store.Case) recordForm {
	f := recordForm{Case: c.ID, Domain: c.Domain()}
	var chosen []string
	var others, addresses []string
	if c.Posture != nil {
		for _, name := range c.Posture.Services {
			if svc, ok := sender.Find(name); ok && slices.Contains(usual, svc.ID) {
				chosen = append(chosen, svc.ID)
			} else {
				others = append(others, name)
			}
		}
	}
	for _, h := range c.Profile.OwnHosts {
		if h.IP.IsValid() && (h.Role == "outbound" || h.Role == "") {
			addresses = append(addresses, h.IP.String())
		}
	}
	f.Others, f.Addresses = strings.Join(others, "\n"), strings.Join(addresses, "\n")
	f.offer(chosen)
	return f
}

// spfRequest reads what people write into the form; package plan checks it.
func spfRequest(f recordForm) plan.SPFRequest {
	req := plan.SPFRequest{
		Domain: f.Domain, A: f.A, Hosts: words(f.Hosts), MX: f.MX, Addresses: words(f.Addresses), Services: lines(f.Others), Policy: f.Policy,
	}
	for _, u := range f.Usual {
		if u.Chosen {
			req.Services = append(req.Services, u.ID)
		}
	}
	return req
}

// words cuts at white space, commas and semicolons; lines at line ends, commas
// and semicolons, because names of services have spaces.
func words(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" \t\r\n,;", r) })
}

func lines(s string) []string {
	var list []string
	for _, l := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("\r\n,;", r) }) {
		if l = strings.TrimSpace(l); l != "" {
			list = append(list, l)
		}
	}
	return list
}

// sentence makes one of an error: without the package's name, with a capital
// and a full stop.
func sentence(err error) string {
	text := err.Error()
	if before, after, ok := strings.Cut(text, ": "); ok && !strings.Contains(before, " ") {
		text = after
	}
	if text == "" {
		return "It failed."
	}
	return strings.ToUpper(text[:1]) + strings.TrimSuffix(text[1:], ".") + "."
}

// formsOf names the parts of a record's forms, so that the copy buttons find
// them.
type formsOf struct {
	ID     string
	Record plan.Record
}

func (f formsOf) PanelID() string  { return f.ID + "-panel" }
func (f formsOf) QuotedID() string { return f.ID + "-quoted" }
func (f formsOf) ZoneID() string   { return f.ID + "-zone" }

// Forms gives one record to the part of the page that shows it.
func (recordView) Forms(id string, r plan.Record) formsOf { return formsOf{id, r} }
