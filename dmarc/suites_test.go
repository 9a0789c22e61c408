package dmarc

import (
	"errors"
	"maps"
	"os"
	"slices"
	"testing"

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

// outcome is what the suite says of a case; what is absent is not checked.
type outcome struct {
	Result       Verdict
	Policy       *Policy
	Applied      *Policy
	RecordDomain *string `yaml:"record_domain"`
	OrgDomain    *string `yaml:"org_domain"`
	SPFAligned   *bool   `yaml:"spf_aligned"`
	DKIMAligned  *bool   `yaml:"dkim_aligned"`
}

func (o outcome) met(r Result) bool {
	return o.Result == r.Verdict && is(o.Policy, r.Policy) && is(o.Applied, r.Applied) &&
		is(o.RecordDomain, r.RecordDomain) && is(o.OrgDomain, r.OrgDomain) &&
		is(o.SPFAligned, r.SPFAligned) && is(o.DKIMAligned, r.DKIMAligned)
}

func is[T comparable](want *T, got T) bool { return want == nil || *want == got }

func TestSuitesEvaluate(t *testing.T) {
	name := testdata.Dir(t, "dmarc/evaluate.yml")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	cases, err := dnsfile.Documents(name, text)
	if err != nil {
		t.Fatal(err)
	}
	if len(cases) == 0 {
		t.Fatal("no cases in the suite")
	}
	met := 0
	for _, doc := range cases {
		var tc struct {
			Name string
			Mode Standard
			From []string
			SPF  SPF
			DKIM []struct{ D, S, Result string }

			Expect outcome
			Accept []outcome
		}
		if err := doc.Decode(&tc); err != nil {
			t.Fatal(err)
		}
		t.Run(tc.Name, func(t *testing.T) {
			a := Args{From: tc.From, SPF: tc.SPF, Resolver: doc.View, Standard: tc.Mode}
			for _, s := range tc.DKIM {
				a.DKIM = append(a.DKIM, DKIM{s.D, s.S, s.Result})
			}
			got := Evaluate(t.Context(), a)
			for _, want := range append([]outcome{tc.Expect}, tc.Accept...) {
				if want.met(got) {
					met++
					return
				}
			}
			t.Errorf("%+v", got.Author)
		})
	}
	t.Logf("%d of %d evaluations met", met, len(cases))
}
