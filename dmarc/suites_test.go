package dmarc

import (
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"unspoof/dns"
	"unspoof/dns/dnsfile"
	"unspoof/internal/testdata"

	"go.yaml.in/yaml/v3"
)

// warnings are the words of the suite for our codes.
var warnings = map[string]Code{
	"pct removed":                      TagRemoved,
	"rf removed":                       TagRemoved,
	"ri removed":                       TagRemoved,
	"size suffix obsolete":             URISize,
	"unknown tag foo":                  TagUnknown,
	"old readers want p second":        PolicyNotSecond,
	"p missing":                        PolicyMissing,
	"p invalid":                        PolicyInvalid,
	"rua is no URI":                    URIInvalid,
	"scheme not supported by most":     URIScheme,
	"stray text after rua":             StrayText,
	"fo without ruf":                   FailureNoURI,
	"fo invalid":                       ValueInvalid,
	"p twice":                          TagTwice,
	"sp weaker than p":                 SubWeaker,
	"t=y: policy acts one level lower": TestMode,
	"zone-file escape in value":        ZoneFileEscape,
	"no rua: p=none without reports does nothing": NoReports,
}

func TestSuitesRecords(t *testing.T) {
	text, err := os.ReadFile(testdata.Dir(t, "dmarc/records.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var suite struct {
		Records []struct {
			Name, Record string
			IsDMARC      bool `yaml:"is_dmarc"`
			Tags         map[string]any
			Warn         []string
		}
	}
	if err := yaml.Unmarshal(text, &suite); err != nil {
		t.Fatal(err)
	}
	if len(suite.Records) == 0 {
		t.Fatal("no records in the suite")
	}
	for _, tc := range suite.Records {
		t.Run(tc.Name, func(t *testing.T) {
			r, err := Parse(tc.Record)
			if (err == nil) != tc.IsDMARC {
				t.Fatalf("is_dmarc %v, but Parse says %v", tc.IsDMARC, err)
			}
			var got []Code
			var syntax *SyntaxError
			if errors.As(err, &syntax) {
				got = append(got, syntax.Code)
			} else {
				for _, n := range r.Notes {
					got = append(got, n.Code)
				}
				if tc.Tags != nil {
					compareTags(t, given(r), tc.Tags)
				}
			}
			for _, w := range tc.Warn {
				if code, ok := warnings[w]; !ok || !slices.Contains(got, code) {
					t.Errorf("warning %q (%s) is not among %v", w, code, got)
				}
			}
		})
	}
}

// given gives the valid values that a record states itself, in the suite's form.
func given(r *Record) map[string]any {
	m := map[string]any{}
	put := func(name string, valid bool, value any) {
		if _, ok := r.Tag(name); ok && valid {
			m[name] = value
		}
	}
	bad := map[string]bool{}
	for _, n := range r.Notes {
		if n.Code == ValueInvalid {
			for _, t := range r.Tags {
				bad[t.Name] = bad[t.Name] || t.At == n.Span
			}
		}
	}
	uris := func(list []URI) (out []any) {
		for _, u := range list {
			out = append(out, u.URI)
		}
		return out
	}
	var fo []any
	for _, o := range r.FO {
		fo = append(fo, o)
	}
	put("p", r.Policy != "", string(r.Policy))
	put("sp", r.Subdomain != "", string(r.Subdomain))
	put("np", r.NonExistent != "", string(r.NonExistent))
	put("adkim", !bad["adkim"], string(r.ADKIM))
	put("aspf", !bad["aspf"], string(r.ASPF))
	put("psd", !bad["psd"], string(r.PSD))
	put("t", !bad["t"], map[bool]string{true: "y", false: "n"}[r.Test])
	put("fo", !bad["fo"], fo)
	put("rua", len(r.RUA) > 0, uris(r.RUA))
	put("ruf", len(r.RUF) > 0, uris(r.RUF))
	return m
}

func compareTags(t *testing.T, got, want map[string]any) {
	t.Helper()
	same := func(a, b any) bool {
		la, oka := a.([]any)
		lb, okb := b.([]any)
		if oka && okb {
			return slices.Equal(la, lb)
		}
		return !oka && !okb && a == b
	}
	if !maps.EqualFunc(got, want, same) {
		t.Errorf("tags %v, want %v", got, want)
	}
}

// outcome is what the suite says of a case; only what discovery tells is used.
type outcome struct {
	Result       string
	Policy       string
	RecordDomain string `yaml:"record_domain"`
	OrgDomain    string `yaml:"org_domain"`
}

func TestSuitesDiscovery(t *testing.T) {
	name := testdata.Dir(t, "dmarc/evaluate.yml")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	cases, err := dnsfile.Documents(name, text)
	if err != nil {
		t.Fatal(err)
	}
	ran := 0
	for _, doc := range cases {
		var tc struct {
			Name, Mode string
			From       []string
			Expect     outcome
			Accept     []outcome
		}
		if err := doc.Decode(&tc); err != nil {
			t.Fatal(err)
		}
		if tc.Mode != "9989" || len(tc.From) != 1 || strings.Count(tc.From[0], "<") > 1 {
			continue // RFC 7489 and the choice among several authors are a verdict's business
		}
		ran++
		t.Run(tc.Name, func(t *testing.T) {
			domain := strings.Trim(tc.From[0][strings.LastIndexByte(tc.From[0], '@')+1:], "<> ")
			d, err := Discover(t.Context(), doc.View, domain)
			got := found(t, d, err)
			for _, want := range append([]outcome{tc.Expect}, tc.Accept...) {
				if meets(got, want) {
					return
				}
			}
			t.Errorf("got %+v, want %+v or %+v", got, tc.Expect, tc.Accept)
		})
	}
	if ran < 60 {
		t.Errorf("only %d cases ran", ran)
	}
}

func found(t *testing.T, d Discovery, err error) outcome {
	var fault *dns.Error
	switch {
	case errors.As(err, &fault):
		return outcome{Result: "temperror"}
	case err != nil:
		t.Fatal(err)
	case d.Policy == "":
		return outcome{Result: "none", OrgDomain: d.OrgDomain}
	}
	return outcome{Result: "policy", Policy: string(d.Policy), RecordDomain: d.At, OrgDomain: d.OrgDomain}
}

func meets(got, want outcome) bool {
	if want.Result == "pass" || want.Result == "fail" {
		want.Result = "policy"
	}
	blank := func(g, w string) bool { return w == "" || g == w }
	return got.Result == want.Result && blank(got.Policy, want.Policy) &&
		blank(got.RecordDomain, want.RecordDomain) && blank(got.OrgDomain, want.OrgDomain)
}
