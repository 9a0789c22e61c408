package cli

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"unspoof/dns/dnsfile"
	"unspoof/finding"
	"unspoof/internal/probe"
	"unspoof/posture"
)

// testRegistry answers for .test: what is in names is registered until that day.
func testRegistry(t *testing.T, names map[string]string) (*probe.RDAP, *[]string) {
	t.Helper()
	var asked []string
	var srv *httptest.Server
	srv = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, ok := strings.CutPrefix(r.URL.Path, "/domain/")
		switch {
		case !ok:
			fmt.Fprintf(w, `{"services":[[["test"],[%q]]]}`, srv.URL)
		case names[name] == "":
			asked = append(asked, name)
			http.NotFound(w, r)
		default:
			asked = append(asked, name)
			fmt.Fprintf(w, `{"ldhName":%q,"status":["client transfer prohibited"],"events":[{"eventAction":"expiration","eventDate":"%sT00:00:00Z"}]}`, name, names[name])
		}
	}))
	t.Cleanup(srv.Close)
	zone, err := dnsfile.Parse("zone", []byte("a.test. 60 IN A 192.0.2.1\n"))
	if err != nil {
		t.Fatal(err)
	}
	return &probe.RDAP{Resolver: zone, Bootstrap: srv.URL + "/", Client: srv.Client(), Pause: time.Microsecond}, &asked
}

func guess(name string) finding.Finding {
	return finding.New("NAME-001", map[string]string{"domain": "a.test", "host": "h." + name, "via": "MX", "name": name}, finding.Evidence{Query: "SOA " + name, Answer: "NXDOMAIN"})
}

func TestRegistriesAreAskedOnceForEachNameInOrder(t *testing.T) {
	now := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	registry, asked := testRegistry(t, map[string]string{"a.test": "2027-11-22", "held.test": "2027-01-01", "soon.test": "2026-11-25", "month.test": "2026-12-10", "past.test": "2026-11-01"})
	rep := posture.Report{
		Domain:   "www.a.test",
		Findings: []finding.Finding{guess("held.test"), guess("free.test")},
		Next:     posture.NextStep{Text: guess("held.test").What + " " + guess("held.test").Fix},
		Claimable: []posture.Claim{
			{Name: "held.test", Host: "h.held.test", Via: "MX"}, {Name: "free.test", Host: "x.free.test", Via: "NS"}, {Name: "free.test", Host: "y.free.test", Via: "SPF include:y.free.test"},
		},
		Relies:     []posture.Reliance{{Name: "soon.test", Via: "NS"}, {Name: "free.test", Via: "NS"}, {Name: "month.test", Via: "MX"}, {Name: "past.test", Via: "MX"}},
		ReliesMore: 3,
	}
	rep.Grade = posture.GradeOf(rep.Findings)
	before := rep.Grade.Points
	out, found, err := askRegistries(context.Background(), registry, &rep, now)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(*asked, " "); got != "a.test held.test free.test soon.test month.test past.test" || out.Questions != 7 || out.open() {
		t.Errorf("asked %s, %d questions", got, out.Questions)
	}
	var ids []string
	for _, f := range found {
		ids = append(ids, f.ID)
	}
	if got := strings.Join(ids, " "); got != "REG-001 REG-003 REG-006" {
		t.Errorf("found %s", got)
	}
	if !strings.Contains(found[0].What, "NS, SPF include:y.free.test") {
		t.Errorf("%s", found[0].What)
	}
	if len(rep.Findings) != 0 || rep.Grade.Points <= before || strings.Contains(rep.Next.Text, "held.test") {
		t.Errorf("the guesses stay: %+v", rep)
	}
	addFindings(&rep, found)
	if !strings.HasPrefix(rep.Next.Text, found[0].What) || rep.Grade.Points != posture.GradeOf(rep.Findings).Points || len(rep.Findings) != 3 {
		t.Errorf("%+v", rep)
	}
}

// TestAReportingAddressIsNoSender: that the name is free makes nobody send.
func TestAReportingAddressIsNoSender(t *testing.T) {
	registry, _ := testRegistry(t, map[string]string{"a.test": "2027-11-22"})
	reports := finding.New("NAME-003", map[string]string{"domain": "a.test", "host": "free.test", "via": "DMARC rua", "name": "free.test"}, finding.Evidence{Query: "SOA free.test", Answer: "NXDOMAIN"})
	rep := posture.Report{Domain: "a.test", Findings: []finding.Finding{reports}, Claimable: []posture.Claim{{Name: "free.test", Host: "free.test", Via: "DMARC rua"}}}
	out, found, err := askRegistries(t.Context(), registry, &rep, time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC))
	if err != nil || len(found) != 0 || len(rep.Findings) != 1 || len(out.Names) != 2 || out.Names[1].State != probe.Unregistered {
		t.Errorf("%+v, %+v, %+v, %v", out, found, rep.Findings, err)
	}
}

func TestNamesBeyondTheLimitAreNamed(t *testing.T) {
	registry, asked := testRegistry(t, map[string]string{"a.test": "2027-11-22"})
	rep := posture.Report{Domain: "a.test"}
	for i := range 25 {
		rep.Relies = append(rep.Relies, posture.Reliance{Name: fmt.Sprintf("n%02d.test", i), Via: "MX"})
	}
	out, _, err := askRegistries(context.Background(), registry, &rep, time.Now())
	if err != nil || len(*asked) != maxRegistrations || len(out.Left) != 6 || out.Left[0] != "n19.test" {
		t.Errorf("%d asked, left %v, %v", len(*asked), out.Left, err)
	}
}

func TestWhatServersShowCountsInGradeAndNextStep(t *testing.T) {
	relay := finding.New("SMTP-001", map[string]string{"host": "mail.a.test", "form": "plain"})
	vrfy := finding.New("SMTP-006", map[string]string{"host": "mail.a.test"})
	none := finding.New("DMARC-001", map[string]string{"domain": "a.test"})
	step := posture.NextStep{Text: "Publish.", Record: "v=DMARC1"}
	for name, c := range map[string]struct {
		dns, found []finding.Finding
		next       string
	}{
		"an open relay":     {nil, []finding.Finding{vrfy, relay}, relay.What + " " + relay.Fix},
		"little of a fault": {nil, []finding.Finding{vrfy}, "Publish."},
		"less than DNS has": {[]finding.Finding{none}, []finding.Finding{vrfy}, "Publish."},
		"more than DNS has": {[]finding.Finding{vrfy}, []finding.Finding{relay}, relay.What + " " + relay.Fix},
		"nothing":           {nil, nil, "Publish."},
	} {
		rep := posture.Report{Findings: c.dns, Next: step, Grade: posture.GradeOf(c.dns)}
		rep.Grade.AtBest = true
		addFindings(&rep, c.found)
		want := posture.GradeOf(rep.Findings)
		if rep.Next.Text != c.next || rep.Grade.Letter != want.Letter || rep.Grade.Points != want.Points || !rep.Grade.AtBest || len(rep.Findings) != len(c.dns)+len(c.found) {
			t.Errorf("%s: %+v", name, rep)
		}
	}
	rep := posture.Report{Grade: posture.Grade{Reason: "DNS did not answer"}}
	addFindings(&rep, []finding.Finding{relay})
	if rep.Grade.Letter != "" || rep.Grade.Reason == "" {
		t.Errorf("%+v", rep.Grade)
	}
}
