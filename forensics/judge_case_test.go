package forensics_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"unspoof/bounce"
	"unspoof/dns"
	"unspoof/dns/dnsfile"
	"unspoof/forensics"
	"unspoof/internal/profile"
	"unspoof/message"
)

// A case is one file testdata/judge/*.txtar. Its comment says the rule that it
// holds. Sections:
//
//	meta      kind and extent of the return, if not a failure with full original
//	notice    the notice's own header
//	report    the fields of its delivery report
//	original  the header of the returned original
//	profile   what differs from testdata/judge/profile.yaml, key by key
//	want      the judgement; only stated keys are compared
type judgeCase struct {
	name, comment string
	profile       *forensics.Profile
	dns           dns.Resolver
	notice        *bounce.Notice
	want          map[string]any
}

func loadCases(t testing.TB) []judgeCase {
	t.Helper()
	files, err := filepath.Glob("testdata/judge/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases found", err)
	}
	base, err := os.ReadFile("testdata/judge/profile.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var cases []judgeCase
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		s := sections(string(text))
		c := judgeCase{
			name:    strings.TrimSuffix(filepath.Base(file), ".txtar"),
			comment: strings.TrimSpace(string(s[""])),
			notice:  buildNotice(t, s),
		}
		c.profile, c.dns = mergeProfile(t, file, base, s["profile"])
		if err := yaml.Unmarshal(s["want"], &c.want); err != nil {
			t.Fatalf("%s: want: %v", file, err)
		}
		cases = append(cases, c)
	}
	return cases
}

// sections splits a case at its "-- name --" lines; what stands above the first
// is the section "".
func sections(text string) map[string][]byte {
	s, name := map[string][]byte{}, ""
	for line := range strings.Lines(text) {
		if n, ok := strings.CutPrefix(strings.TrimSpace(line), "-- "); ok && strings.HasSuffix(n, " --") {
			name = strings.TrimSuffix(n, " --")
			s[name] = []byte{}
			continue
		}
		s[name] = append(s[name], line...)
	}
	return s
}

// mergeProfile puts the case's keys in place of the common profile's; of dns the
// names are added.
func mergeProfile(t testing.TB, file string, base, change []byte) (*forensics.Profile, dns.Resolver) {
	t.Helper()
	var all, diff map[string]any
	if err := yaml.Unmarshal(base, &all); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(change, &diff); err != nil {
		t.Fatalf("%s: profile: %v", file, err)
	}
	for k, v := range diff {
		if k != "dns" {
			all[k] = v
			continue
		}
		records := all["dns"].(map[string]any)
		for typ, names := range v.(map[string]any) {
			if records[typ] == nil {
				records[typ] = map[string]any{}
			}
			maps.Copy(records[typ].(map[string]any), names.(map[string]any))
		}
	}
	text, err := yaml.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	p, _, err := profile.Parse(text)
	if err != nil {
		t.Fatalf("%s: profile: %v", file, err)
	}
	view, err := dnsfile.Parse("profile.yaml", text)
	if err != nil {
		t.Fatalf("%s: dns: %v", file, err)
	}
	return p, view
}

// buildNotice makes the notice of a case as bounce.Parse would read it.
func buildNotice(t testing.TB, s map[string][]byte) *bounce.Notice {
	t.Helper()
	meta := struct {
		Kind     bounce.Kind
		Returned bounce.Returned
	}{Kind: bounce.DSNFailed, Returned: bounce.ReturnedFull}
	if err := yaml.Unmarshal(s["meta"], &meta); err != nil {
		t.Fatal(err)
	}
	n := &bounce.Notice{Kind: meta.Kind, Bounce: meta.Kind == bounce.DSNFailed || meta.Kind == bounce.NonstandardFailed}
	n.Header, n.Hops = readHeader(s["notice"])
	if len(n.Hops) > 0 {
		n.Date = n.Hops[0].Time
	}
	if r, ok := s["report"]; ok {
		readReport(n, r)
	}
	o := &n.Original
	o.Returned = bounce.ReturnedNone
	if h, ok := s["original"]; ok {
		o.Returned = meta.Returned
		o.Header, o.Hops = readHeader(h)
		o.From, o.MessageID = o.Header.Value("From"), o.Header.Value("Message-ID")
		o.HasFrom, o.HasMessageID = o.From != "", o.MessageID != ""
	}
	return n
}

func readHeader(b []byte) (message.Header, []message.Hop) {
	h, _, _ := message.ReadHeader(append(slices.Clone(b), '\n'))
	var hops []message.Hop
	for _, f := range h.All("Received") {
		hops = append(hops, message.ParseReceived(f))
	}
	return h, hops
}

func readReport(n *bounce.Notice, b []byte) {
	h, _ := readHeader(b)
	n.ReportingMTA = h.Value("Reporting-MTA")
	r := bounce.DeliveryRecipient{
		Final: h.Value("Final-Recipient"), Original: h.Value("Original-Recipient"),
		RemoteMTA: h.Value("Remote-MTA"), Diagnostic: h.Value("Diagnostic-Code"),
	}
	n.Delivery = &bounce.Delivery{
		ReportingMTA: n.ReportingMTA, ReceivedFromMTA: h.Value("Received-From-MTA"),
		Recipients: []bounce.DeliveryRecipient{r},
	}
	n.Delivery.ArrivalDate, _ = message.ParseDate(h.Value("Arrival-Date"))
	n.Recipients = []string{r.Final}
	if ip := h.Value("Source-IP"); ip != "" {
		n.Feedback = &bounce.Feedback{Type: "abuse", SourceIP: ip}
	}
}

func TestJudge(t *testing.T) {
	for _, c := range loadCases(t) {
		t.Run(c.name, func(t *testing.T) {
			got := forensics.NewJudge(c.profile, c.dns).Judge(t.Context(), c.notice)
			compareJudgement(t, got, c.want)
			checkManners(t, got)
			if t.Failed() {
				t.Log(c.comment)
				explain(t, got)
			}
		})
	}
}

// compareJudgement holds the stated keys against the answer.
func compareJudgement(t *testing.T, got forensics.Judgement, want map[string]any) {
	t.Helper()
	text := map[string]string{
		"verdict": string(got.Verdict), "subtype": string(got.Subtype), "confidence": string(got.Confidence),
		"rule": got.Rule, "account": got.Account, "report": got.Report,
		"t0": "", "handoff_ip": "", "client_ip": "",
	}
	if !got.T0.IsZero() {
		text["t0"] = got.T0.UTC().Format(time.RFC3339)
	}
	if got.HandoffIP.IsValid() {
		text["handoff_ip"] = got.HandoffIP.String()
	}
	if got.ClientIP.IsValid() {
		text["client_ip"] = got.ClientIP.String()
	}
	codes := map[string]forensics.Strength{}
	for _, r := range got.Reasons {
		if codes[r.Code] == "" || r.Strength == forensics.Proof {
			codes[r.Code] = r.Strength
		}
	}
	for k, v := range want {
		switch k {
		case "reasons": // code, or "code strength"
			for _, item := range v.([]any) {
				code, strength, _ := strings.Cut(item.(string), " ")
				if has, ok := codes[code]; !ok || strength != "" && string(has) != strength {
					t.Errorf("reason %s: have %q", item, has)
				}
			}
		case "not":
			for _, item := range v.([]any) {
				if s, ok := codes[item.(string)]; ok {
					t.Errorf("reason %s (%s) must not be given", item, s)
				}
			}
		case "says":
			if !strings.Contains(got.Sentence, v.(string)) {
				t.Errorf("sentence lacks %q", v)
			}
		case "missing":
			if !strings.Contains(got.Missing, v.(string)) || got.Missing == "" && v != "" {
				t.Errorf("missing = %q, want %q in it", got.Missing, v)
			}
		default:
			have, ok := text[k]
			if !ok {
				t.Fatalf("want: unknown key %q", k)
			}
			s, _ := v.(string)
			if at, ok := v.(time.Time); ok {
				s = at.UTC().Format(time.RFC3339)
			}
			if have != s {
				t.Errorf("%s = %q, want %q", k, have, s)
			}
		}
	}
}

// checkManners holds what is true of every judgement.
func checkManners(t *testing.T, j forensics.Judgement) {
	t.Helper()
	if j.Verdict == "" || j.Subtype == "" || j.Confidence == "" || j.Rule == "" || j.Sentence == "" {
		t.Errorf("not everything is said: %+v", j)
	}
	if !strings.HasSuffix(j.Sentence, ".") || strings.Contains(j.Sentence, "..") || strings.Contains(j.Sentence, "invalid IP") {
		t.Errorf("sentence %q", j.Sentence)
	}
	if j.Verdict == forensics.Unknown && j.Subtype != forensics.ForgedNotice && j.Missing == "" {
		t.Error("an unknown must name what would decide it")
	}
	if j.Verdict == forensics.Compromised && j.Subtype == forensics.Account && !strings.Contains(j.Sentence, "app passwords") {
		t.Error("K-13: a password alone does not settle it")
	}
	if len(j.Reasons) == 0 {
		t.Error("no reasons")
	}
	for _, r := range j.Reasons {
		if r.Code == "" || r.Strength == "" || r.Text == "" || r.Where == "" && r.Code != "notice-unchecked" || r.Forgeable == "" || len(r.Line) > 300 {
			t.Errorf("incomplete reason %+v", r)
		}
	}
}

func explain(t *testing.T, j forensics.Judgement) {
	t.Logf("rule %s: %s/%s (%s): %s\n  missing: %s", j.Rule, j.Verdict, j.Subtype, j.Confidence, j.Sentence, j.Missing)
	for _, r := range j.Reasons {
		t.Logf("  %s %s for %q: %s [%s, forgeable by %s] %s", r.Code, r.Strength, r.For, r.Text, r.Where, r.Forgeable, r.Line)
	}
}

func readTestdata(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata/judge", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
