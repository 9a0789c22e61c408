package web

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"unspoof/internal/store"
	"unspoof/plan"
	"unspoof/sender"
	"unspoof/spf"
)

// recordForm is the form as it was filled in, ready to be shown again.
type recordForm struct {
	Case      string // whose DNS is asked; "" for the network
	Domain    string
	Hosts     string // one a line
	Addresses string
	Others    string // services by name
	A, MX     bool
	Parked    bool // the domain sends nothing
	Confirmed bool // whatever DNS shows
	AskIt     bool // DNS shows use, so that it is asked for
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
	Guard   []guarded // who is shut out; of a parked domain everybody is, as it says
	Settled bool      // nobody in Guard waits for a word, so that the record is shown
	Hidden  []pair    // of the form in which senders are let go
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
	if domain := cleanDomain(q.Get("for")); domain != "" {
		// No record, several or a fault: the form begins empty.
		today, _, _ := spf.Discover(r.Context(), s.resolver, domain)
		v.Form = formOfToday(domain, today)
	}
	if !q.Has("domain") {
		return s.render(w, http.StatusOK, "record.html", v)
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
	req := spfRequest(v.Form)
	p, err := plan.BuildSPF(r.Context(), req, resolver)
	// A tick that is left over, of somebody who is let in again, counts no more.
	if req.Drop = mayGo(p.ShutOut, some(q["drop"])); len(req.Drop) > 0 && errors.Is(err, plan.ErrLockOut) {
		p, err = plan.BuildSPF(r.Context(), req, resolver)
	}
	v.Settled = !errors.Is(err, plan.ErrLockOut)
	if !v.Settled && !errors.Is(err, plan.ErrTooManyLookups) {
		err = nil // the page asks about them
	}
	if !p.Parked {
		for _, one := range p.ShutOut {
			v.Guard = append(v.Guard, guarded{ShutOut: one, Domain: p.Domain, Confirmed: one.Dropped})
		}
		q.Del("drop")
		v.Hidden = hidden(q)
	}
	v.Form.AskIt = errors.Is(err, plan.ErrInUse) || v.Form.Confirmed
	if err != nil {
		v.Problem = sentence(err)
	} else {
		v.Plan = &p
	}
	return s.render(w, status(err), "record.html", v)
}

// mayGo gives the names of those shut out who were ticked.
func mayGo(list []plan.ShutOut, ticked []string) []string {
	var names []string
	for _, one := range list {
		if slices.Contains(ticked, one.Name) {
			names = append(names, one.Name)
		}
	}
	return names
}

func readRecordForm(q url.Values) recordForm {
	f := recordForm{
		Case: q.Get("case"), Domain: cleanDomain(q.Get("domain")), Hosts: q.Get("hosts"), Addresses: q.Get("addresses"), Others: q.Get("others"),
		A: q.Get("a") != "", MX: q.Get("mx") != "", Parked: q.Get("parked") != "", Confirmed: q.Get("confirmed") != "", Policy: q.Get("policy"),
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

// formFor fills the form in with who sends for the domain of a case today.
func formFor(c store.Case) recordForm {
	record := ""
	if c.Posture != nil {
		record = c.Posture.SPF
	}
	f := formOfToday(c.Domain(), record)
	f.Case = c.ID
	for _, h := range c.Profile.OwnHosts {
		ip := h.IP.String()
		if h.IP.IsValid() && h.Role == "outbound" && !slices.Contains(lines(f.Addresses), ip) {
			f.Addresses = strings.TrimPrefix(f.Addresses+"\n"+ip, "\n")
		}
	}
	return f
}

// formOfToday fills the form in with what today's record lets in, so that
// nobody is shut out by mistake. An unreadable record fills in nothing.
func formOfToday(domain, record string) recordForm {
	f := recordForm{Domain: domain}
	var hosts, addresses, others, chosen []string
	if parsed, err := spf.Parse(record); err == nil {
		for _, t := range parsed.Terms {
			target := t.Domain.Text
			switch {
			case t.Qualifier != "+" && t.Kind != spf.KindRedirect:
			case t.Kind == spf.KindA && target == "":
				f.A = true
			case t.Kind == spf.KindA:
				hosts = append(hosts, target)
			case t.Kind == spf.KindMX && target == "":
				f.MX = true
			case t.Kind == spf.KindIP4 || t.Kind == spf.KindIP6:
				addresses = append(addresses, strings.TrimSuffix(strings.TrimSuffix(t.Network.String(), "/32"), "/128"))
			case t.Kind == spf.KindInclude || t.Kind == spf.KindRedirect:
				if id := usualBehind(target); id != "" {
					chosen = append(chosen, id)
				} else {
					others = append(others, target)
				}
			}
		}
	}
	f.Hosts, f.Addresses, f.Others = strings.Join(hosts, "\n"), strings.Join(addresses, "\n"), strings.Join(others, "\n")
	f.offer(chosen)
	return f
}

// usualBehind gives the service on offer whose only include is host, or "".
func usualBehind(host string) string {
	for _, id := range usual {
		if svc, ok := sender.Find(id); ok && len(svc.Includes) == 1 && strings.EqualFold(svc.Includes[0], host) {
			return svc.ID
		}
	}
	return ""
}

// spfRequest reads what people write into the form; package plan checks it.
func spfRequest(f recordForm) plan.SPFRequest {
	req := plan.SPFRequest{
		Domain: f.Domain, A: f.A, Hosts: words(f.Hosts), MX: f.MX, Addresses: words(f.Addresses), Services: lines(f.Others), Parked: f.Parked, Confirmed: f.Confirmed, Policy: f.Policy,
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
	text := errorText(err)
	if before, after, ok := strings.Cut(text, ": "); ok && !strings.Contains(before, " ") {
		text = after
	}
	if text == "" {
		return "It failed."
	}
	if first, _, _ := strings.Cut(text, " "); !strings.ContainsAny(strings.TrimRight(first, ":,"), ":.@") { // a term or a name stays as it is
		text = strings.ToUpper(text[:1]) + text[1:]
	}
	return strings.TrimSuffix(text, ".") + "."
}

// nested is the name of a package within the text of an error, which tells people
// nothing.
var nested = regexp.MustCompile(`: (?:(?:dns|plan|spf): )+`)

// errorText is the text of an error without such names.
func errorText(err error) string { return nested.ReplaceAllString(err.Error(), ": ") }

// formsOf names the parts of a record's forms, so that the copy buttons find
// them.
type formsOf struct {
	ID     string
	Record plan.Record
}

func (f formsOf) PanelID() string  { return f.ID + "-panel" }
func (f formsOf) LabelID() string  { return f.ID + "-label" }
func (f formsOf) QuotedID() string { return f.ID + "-quoted" }
func (f formsOf) ZoneID() string   { return f.ID + "-zone" }

// Forms gives one record to the part of the page that shows it.
func (recordView) Forms(id string, r plan.Record) formsOf { return formsOf{id, r} }
