package probe

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"unspoof/dns/dnsfile"
)

const registryAnswer = `{"objectClassName":"domain","ldhName":"EXAMPLE.COM","status":["active","client transfer prohibited"],
"events":[{"eventAction":"registration","eventDate":"1995-08-14T04:00:00Z"},{"eventAction":"expiration","eventDate":"2027-08-13T04:00:00Z"},{"eventAction":"odd","eventDate":"never"}],
"entities":[{"roles":["registrar"],"vcardArray":["vcard",[["version",{},"text","4.0"],["fn",{},"text","Registrar Inc."]]],
"entities":[{"roles":["abuse"],"vcardArray":["vcard",[["email",{},"text","abuse@registrar.example"],["tel",{"type":"voice"},"uri","tel:+1.5555551212"],["adr",{},"text",["",""]]]]}]}]}`

// registry serves a bootstrap file and the answers given, by domain; what is not
// there is not registered.
func registry(t *testing.T, answers map[string]string) *RDAP {
	t.Helper()
	var srv *httptest.Server
	srv = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/dns.json" {
			fmt.Fprintf(w, `{"services":[[["com","net"],[%q]],[["uk"],["http://plain.example/"]],[["bad"]]]}`, srv.URL+"/rdap/")
			return
		}
		name, ok := strings.CutPrefix(r.URL.Path, "/rdap/domain/")
		a := answers[name]
		switch {
		case !ok || a == "":
			http.NotFound(w, r)
		case strings.HasPrefix(a, "http"), strings.HasPrefix(a, "/"):
			http.Redirect(w, r, a, http.StatusFound)
		case a == "429":
			w.WriteHeader(http.StatusTooManyRequests)
		case a == "loop":
			http.Redirect(w, r, r.URL.Path, http.StatusFound)
		case a == "large":
			w.Write([]byte(`{"ldhName":"` + strings.Repeat("x", maxRDAP)))
		default:
			w.Write([]byte(a))
		}
	}))
	t.Cleanup(srv.Close)
	zone, err := dnsfile.Parse("zone", []byte("example.com. 60 IN NS ns.example.com.\nindns.com. 60 IN NS ns.example.com.\n"))
	if err != nil {
		t.Fatal(err)
	}
	return &RDAP{Resolver: zone, Bootstrap: srv.URL + "/dns.json", Client: srv.Client(), Pause: time.Microsecond}
}

func TestARegistrationIsRead(t *testing.T) {
	got := registry(t, map[string]string{"example.com": registryAnswer}).Ask(context.Background(), "example.com")
	if got.State != Registered || got.Name != "example.com" || got.Registrar != "Registrar Inc." || got.Expires == nil || got.Expires.Year() != 2027 || got.Created.Year() != 1995 {
		t.Errorf("%+v", got)
	}
	if len(got.Abuse) != 2 || got.Abuse[0] != "abuse@registrar.example" || got.Abuse[1] != "+1.5555551212" {
		t.Errorf("abuse: %v", got.Abuse)
	}
}

func TestWhatIsRegisteredOrNot(t *testing.T) {
	r := registry(t, map[string]string{
		"example.com": registryAnswer, "other.com": registryAnswer, "garbage.com": "<html>", "busy.com": "429", "loop.com": "loop", "large.com": "large",
		"held.com": "/rdap/domain/gone.com", "plain.com": "http://127.0.0.1:1/x", "list.com": "[1,2]", "odd.com": `{"ldhName":"odd.com","entities":[{"vcardArray":[1,[[1]]]}],"status":["x"]}`,
	})
	for name, want := range map[string]RegistrationState{
		"example.com": Registered,
		"gone.com":    Unregistered,
		"indns.com":   RegistrationOpen, // DNS has it
		"held.com":    RegistrationOpen, // sent on, to one that does not know it
		"other.com":   RegistrationOpen, // an answer about another name
		"garbage.com": RegistrationOpen,
		"busy.com":    RegistrationOpen,
		"loop.com":    RegistrationOpen,
		"large.com":   RegistrationOpen,
		"plain.com":   RegistrationOpen, // sent on without TLS
		"list.com":    RegistrationOpen,
		"odd.com":     Registered,
		"example.uk":  RegistrationNotTested, // no server with TLS
		"example.zz":  RegistrationNotTested,
	} {
		got := r.Ask(context.Background(), name)
		if got.State != want || got.Why == "" {
			t.Errorf("%s: %s (%s), want %s", name, got.State, got.Why, want)
		}
	}
}

func TestWithoutDNSNothingIsCalledUnregistered(t *testing.T) {
	r := registry(t, nil)
	r.Resolver = silent{}
	if got := r.Ask(context.Background(), "gone.com"); got.State != RegistrationOpen {
		t.Errorf("%+v", got)
	}
}

func TestWithoutTheListNothingIsKnown(t *testing.T) {
	r := registry(t, nil)
	r.Bootstrap += "x"
	if got := r.Ask(context.Background(), "gone.com"); got.State != RegistrationOpen || !strings.Contains(got.Why, "list of registries") {
		t.Errorf("%+v", got)
	}
}

func TestFindingsOfRegistrations(t *testing.T) {
	day := func(n int) *time.Time { d := today.AddDate(0, 0, n); return &d }
	locked := []string{"client transfer prohibited"}
	for _, c := range []struct {
		name string
		reg  Registration
		want string
	}{
		{"in order", Registration{Name: "a.com", State: Registered, Expires: day(200), Status: locked}, ""},
		{"ends soon", Registration{Name: "a.com", State: Registered, Expires: day(10), Status: locked}, "REG-002"},
		{"ended", Registration{Name: "a.com", State: Registered, Expires: day(-1), Status: locked}, "REG-002"},
		{"relied on, ends in a month", Registration{Name: "a.com", User: "MX", State: Registered, Expires: day(20), Status: locked}, ""},
		{"relied on, ends soon", Registration{Name: "a.com", User: "MX", State: Registered, Expires: day(5), Status: locked}, "REG-003"},
		{"relied on, ended", Registration{Name: "a.com", User: "MX", State: Registered, Expires: day(-1), Status: locked}, "REG-006"},
		{"relied on, lapsed", Registration{Name: "a.com", User: "MX", State: Registered, Status: []string{"pending delete"}}, "REG-006"},
		{"relied on, not locked", Registration{Name: "a.com", User: "MX", State: Registered, Expires: day(200), Status: []string{"active"}}, ""},
		{"relied on, free", Registration{Name: "a.com", User: "MX", State: Unregistered}, "REG-001"},
		{"lapsed", Registration{Name: "a.com", State: Registered, Expires: day(-10), Status: append([]string{"redemption period"}, locked...)}, "REG-004"},
		{"not locked", Registration{Name: "a.com", State: Registered, Expires: day(200), Status: []string{"active"}}, "REG-005"},
		{"no lock in country domains", Registration{Name: "a.de", State: Registered, Status: []string{"active"}}, ""},
		{"unknown", Registration{Name: "a.com", User: "MX", State: RegistrationOpen}, ""},
	} {
		var got []string
		for _, f := range c.reg.Findings("a.com", today) {
			got = append(got, f.ID)
			if strings.ContainsAny(f.What+f.Why+f.Fix, "{}") {
				t.Errorf("%s: %+v", c.name, f)
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v, want %s", c.name, got, c.want)
		}
	}
}

func FuzzRegistration(f *testing.F) {
	f.Add(registryAnswer)
	f.Add(`{"ldhName":"example.com","entities":[{"entities":[{"entities":[{"entities":[{}]}]}]}]}`)
	f.Add(`{"ldhName":"example.com","entities":[{"roles":["abuse"],"vcardArray":["vcard",[["email",{},"text","\u001b[2J"]]]}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		var doc rdapDomain
		if json.Unmarshal([]byte(text), &doc) != nil {
			return
		}
		var g Registration
		g.read(doc)
		for _, s := range append(append([]string{g.Registrar}, g.Abuse...), g.Status...) {
			if strings.ContainsAny(s, "\x00\x1b\r\n") {
				t.Fatalf("%q is not clean", s)
			}
		}
		if len(g.Abuse) > maxEntities || len(g.Status) > maxStatus {
			t.Fatal("no bound")
		}
	})
}

func TestTheListIsAskedForOnce(t *testing.T) {
	r := registry(t, nil)
	r.Bootstrap += "x"
	for range 5 {
		r.Ask(context.Background(), "gone.com")
	}
	if r.Questions != 1 {
		t.Errorf("%d questions", r.Questions)
	}
}

func TestQuestionsAreCountedAndPacedWhereTheyAreSentOn(t *testing.T) {
	r := registry(t, map[string]string{"example.com": registryAnswer})
	r.Pause = 30 * time.Millisecond
	begin := time.Now()
	r.Ask(context.Background(), "loop.com")
	first := r.Questions
	r2 := registry(t, map[string]string{"loop.com": "loop"})
	r2.Pause = r.Pause
	r2.Ask(context.Background(), "loop.com")
	if first != 2 || r2.Questions < 2+maxRedirects || time.Since(begin) < 5*r.Pause {
		t.Errorf("%d and %d questions in %s", first, r2.Questions, time.Since(begin))
	}
}

func TestOnlyTheWebsPortIsAsked(t *testing.T) {
	zone, err := dnsfile.Parse("zone", []byte("a.example. 60 IN A 9.9.9.9\n"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := dialPublic(zone)(context.Background(), "tcp", "a.example:25"); err == nil || !strings.Contains(err.Error(), "port 25") {
		t.Errorf("%v", err)
	}
}

func TestAHoldIsSaid(t *testing.T) {
	for status, want := range map[string]string{"client hold": "registrar keeps it out of DNS", "server hold": "registry keeps it out of DNS", "active": "registered"} {
		var g Registration
		g.read(rdapDomain{Status: []string{status}})
		if !strings.Contains(g.Why, want) {
			t.Errorf("%s: %s", status, g.Why)
		}
	}
}
