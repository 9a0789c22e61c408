package dmarc

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"unspoof/dns"
)

// sigs are the results of passing signatures, or of "domain=result".
func sigs(list ...string) (out []DKIM) {
	for _, s := range list {
		d, result, ok := strings.Cut(s, "=")
		if !ok {
			result = "pass"
		}
		out = append(out, DKIM{Domain: d, Selector: "s1", Result: result})
	}
	return out
}

func reasons(r Result) string {
	var out []string
	for _, why := range r.Reasons {
		out = append(out, string(why.Code))
	}
	return strings.Join(out, " ")
}

func TestEvaluate(t *testing.T) {
	const reject = `txt: {_dmarc.example.com: ["v=DMARC1; p=reject"]}`
	const from = "Ada <ada@example.com>"
	pass := func(domain string) SPF { return SPF{domain, "pass"} }
	for _, tc := range []struct {
		rule, zone, from string
		spf              SPF
		dkim             []DKIM
		verdict          Verdict
		applied          Policy
		reasons          string
	}{
		{"SPF of the author's domain", reject, from, pass("example.com"), nil, "pass", None, "policy aligned"},
		{"SPF below it", reject, from, pass("bounces.example.com"), nil, "pass", None, "policy aligned"},
		{"a signature", reject, from, SPF{}, sigs("example.com"), "pass", None, "policy aligned"},
		{"words in any case", reject, from, SPF{}, []DKIM{{"EXAMPLE.COM.", "s", "PASS"}}, "pass", None, "policy aligned"},
		{"the author below the identifier", `{` + reject + `, exists: [news.example.com]}`, "x@news.example.com", SPF{}, sigs("example.com"), "pass", None, "policy aligned"},
		{"siblings", `{` + reject + `, exists: [news.example.com]}`, "x@news.example.com", SPF{}, sigs("shop.example.com"), "pass", None, "policy aligned"},
		{"one of many is enough", reject, from, SPF{"example.com", "fail"}, sigs("example.net", "example.com=fail", "example.com"), "pass", None, "policy not-passed not-aligned not-passed aligned"},
		{"nothing at all", reject, from, SPF{}, nil, "fail", Reject, "policy nothing"},
		{"softfail", reject, from, SPF{"example.com", "softfail"}, nil, "fail", Reject, "policy not-passed"},
		{"neutral and policy are no pass", reject, from, SPF{"example.com", "neutral"}, sigs("example.com=policy", "example.com=neutral"), "fail", Reject, "policy not-passed not-passed not-passed"},
		{"a name that only ends the same", reject, from, pass("badexample.com"), nil, "fail", Reject, "policy not-aligned"},
		{"the domain as a prefix", reject, from, pass("example.com.example.net"), nil, "fail", Reject, "policy not-aligned"},
		{"a domain that is none", reject, from, pass("exa mple.com"), sigs("example.com\x00.example.net", "example.com/x"), "fail", Reject, "policy not-aligned not-aligned not-aligned"},
		{"an address literal", reject, from, pass("[192.0.2.1]"), nil, "fail", Reject, "policy not-aligned"},
		{"the parent suffix", reject, from, pass("com"), nil, "fail", Reject, "policy not-aligned"},
		{"SPF without a domain counts as no check", reject, from, SPF{"", "pass"}, nil, "fail", Reject, "policy nothing"},
		{"no record", `txt: {}`, from, pass("example.com"), nil, "none", "", "no-record"},
		{"a record with neither policy nor address", `txt: {_dmarc.example.com: ["v=DMARC1"]}`, from, pass("example.com"), nil, "none", "", "record-ignored"},
		{"a policy that is not valid, with an address", `txt: {_dmarc.example.com: ["v=DMARC1; p=rejct; rua=mailto:d@example.com"]}`, from, SPF{}, nil, "fail", None, "falls-back nothing"},
		{"two records", `txt: {_dmarc.example.com: [["v=DMARC1; p=reject"], ["v=DMARC1; p=none"]]}`, from, SPF{}, nil, "none", "", "several-records no-record"},
		{"t=y", `txt: {_dmarc.example.com: ["v=DMARC1; p=quarantine; t=y"]}`, from, SPF{}, nil, "fail", None, "policy nothing test-mode"},
		{"t=y with nothing to soften", `txt: {_dmarc.example.com: ["v=DMARC1; p=none; t=y"]}`, from, SPF{}, nil, "fail", None, "policy nothing"},
		{"strict for signatures only", `txt: {_dmarc.example.com: ["v=DMARC1; p=reject; adkim=s"]}`, from, SPF{}, sigs("a.example.com"), "fail", Reject, "policy not-aligned"},
		{"strict for signatures leaves SPF relaxed", `txt: {_dmarc.example.com: ["v=DMARC1; p=reject; adkim=s"]}`, from, pass("a.example.com"), nil, "pass", None, "policy aligned"},
		{"psd=n parts a department", `txt: {_dmarc.example.com: ["v=DMARC1; p=reject"], _dmarc.lab.example.com: ["v=DMARC1; p=none; psd=n"]}`, from, pass("lab.example.com"), nil, "fail", Reject, "policy not-aligned"},
		{"psd=n parts what is below the department", `txt: {_dmarc.example.com: ["v=DMARC1; p=reject"], _dmarc.lab.example.com: ["v=DMARC1; p=none; psd=n"]}`, from, pass("x.lab.example.com"), nil, "fail", Reject, "policy not-aligned"},
		{"psd=y parts its customers from itself", `txt: {_dmarc.bank.example: ["v=DMARC1; p=reject; psd=y"]}`, "x@bank.example", SPF{}, sigs("giant.bank.example"), "fail", Reject, "policy not-aligned"},
		{"policy not to be had", `servfail: [_dmarc.example.com]`, from, pass("example.com"), nil, "temperror", "", "dns-fault"},
		{"organisation not to be had, same name", `{txt: {_dmarc.m.example.com: ["v=DMARC1; p=reject"]}, servfail: [_dmarc.example.com]}`, "x@m.example.com", pass("m.example.com"), nil, "pass", None, "policy org-unknown aligned"},
		{"organisation not to be had, sibling", `{txt: {_dmarc.m.example.com: ["v=DMARC1; p=reject"]}, servfail: [_dmarc.example.com]}`, "x@m.example.com", pass("example.com"), nil, "temperror", "", "policy org-unknown open open"},
		{"organisation not to be had, stranger", `{txt: {_dmarc.m.example.com: ["v=DMARC1; p=reject"]}, servfail: [_dmarc.example.com]}`, "x@m.example.com", pass("example.net"), nil, "fail", Reject, "policy org-unknown not-aligned"},
		{"organisation not to be had, strict", `{txt: {_dmarc.m.example.com: ["v=DMARC1; p=reject; aspf=s"]}, servfail: [_dmarc.example.com]}`, "x@m.example.com", pass("example.com"), nil, "fail", Reject, "policy org-unknown not-aligned"},
		{"identifier's walk fails", `{` + reject + `, servfail: [_dmarc.b.example.com]}`, from, pass("b.example.com"), nil, "temperror", "", "policy open open"},
		{"identifier's walk fails, another vouches", `{` + reject + `, servfail: [_dmarc.b.example.com]}`, from, pass("b.example.com"), sigs("example.com"), "pass", None, "policy open aligned"},
		{"SPF had a fault", reject, from, SPF{"example.com", "temperror"}, nil, "temperror", "", "policy open open"},
		{"SPF of a stranger had a fault", reject, from, SPF{"example.net", "temperror"}, nil, "fail", Reject, "policy not-passed"},
		{"a key could not be had", reject, from, SPF{}, sigs("a.example.com=temperror"), "temperror", "", "policy open open"},
		{"a record of the author is wrong", reject, from, SPF{"example.com", "permerror"}, nil, "fail", Reject, "policy not-passed"},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			r := Evaluate(t.Context(), Args{From: []string{tc.from}, SPF: tc.spf, DKIM: tc.dkim, Resolver: view(t, tc.zone)})
			if r.Verdict != tc.verdict || r.Applied != tc.applied || reasons(r) != tc.reasons {
				t.Errorf("%s, applied %q, because %s; want %s, %q, %s", r.Verdict, r.Applied, reasons(r), tc.verdict, tc.applied, tc.reasons)
			}
			var fault *dns.Error
			if (r.Fault != nil) && !errors.As(r.Fault, &fault) {
				t.Errorf("fault %v is none of DNS", r.Fault)
			}
		})
	}
}

func TestEvaluateFormer(t *testing.T) {
	for _, tc := range []struct {
		rule, zone, domain string
		spf                SPF
		sample             int
		verdict            Verdict
		policy, applied    Policy
		asked              int
	}{
		{"own record", `txt: {_dmarc.example.com: ["v=DMARC1; p=reject"]}`, "example.com", SPF{}, 0, "fail", Reject, Reject, 1},
		{"nothing between is asked", `{txt: {_dmarc.example.co.uk: ["v=DMARC1; p=none; sp=reject"], _dmarc.b.example.co.uk: ["v=DMARC1; p=none"]}}`, "a.b.example.co.uk", SPF{}, 0, "fail", Reject, Reject, 2},
		{"np is unknown", `txt: {_dmarc.example.com: ["v=DMARC1; p=none; np=reject"]}`, "ghost.example.com", SPF{}, 0, "fail", None, None, 2},
		{"an invalid np is unknown too", `txt: {_dmarc.example.com: ["v=DMARC1; p=reject; np=x"]}`, "example.com", SPF{}, 0, "fail", Reject, Reject, 1},
		{"an invalid sp is not", `txt: {_dmarc.example.com: ["v=DMARC1; p=reject; sp=x"]}`, "example.com", SPF{}, 0, "none", "", "", 1},
		{"an invalid sp with reports is none", `txt: {_dmarc.example.com: ["v=DMARC1; p=reject; sp=x; rua=mailto:d@example.com"]}`, "example.com", SPF{}, 0, "fail", None, None, 1},
		{"t is unknown", `txt: {_dmarc.example.com: ["v=DMARC1; p=reject; t=y"]}`, "example.com", SPF{}, 0, "fail", Reject, Reject, 1},
		{"psd is unknown", `txt: {_dmarc.example.com: ["v=DMARC1; p=reject; psd=y"]}`, "example.com", SPF{"a.example.com", "pass"}, 0, "pass", Reject, None, 1},
		{"a suffix has no record above", `txt: {}`, "co.uk", SPF{}, 0, "none", "", "", 1},
		{"customers of a suffix are strangers", `txt: {_dmarc.a.co.uk: ["v=DMARC1; p=reject"]}`, "a.co.uk", SPF{"b.co.uk", "pass"}, 0, "fail", Reject, Reject, 1},
		{"inside the sample", `txt: {_dmarc.example.com: ["v=DMARC1; p=reject; pct=30"]}`, "example.com", SPF{}, 29, "fail", Reject, Reject, 1},
		{"outside the sample", `txt: {_dmarc.example.com: ["v=DMARC1; p=reject; pct=30"]}`, "example.com", SPF{}, 30, "fail", Reject, Quarantine, 1},
		{"outside the sample of quarantine", `txt: {_dmarc.example.com: ["v=DMARC1; p=quarantine; pct=30"]}`, "example.com", SPF{}, 99, "fail", Quarantine, None, 1},
		{"a pct that is none", `txt: {_dmarc.example.com: ["v=DMARC1; p=reject; pct=-5"]}`, "example.com", SPF{}, 99, "fail", Reject, Reject, 1},
		{"a pct beyond all", `txt: {_dmarc.example.com: ["v=DMARC1; p=reject; pct=999"]}`, "example.com", SPF{}, 99, "fail", Reject, Reject, 1},
		{"a fault", `{txt: {_dmarc.a.example.com: ["v=spf1 -all"]}, servfail: [_dmarc.example.com]}`, "a.example.com", SPF{}, 0, "temperror", "", "", 2},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			v := view(t, tc.zone)
			r := Evaluate(t.Context(), Args{Domain: tc.domain, SPF: tc.spf, Resolver: v, Standard: RFC7489, Sample: tc.sample})
			if r.Verdict != tc.verdict || r.Policy != tc.policy || r.Applied != tc.applied {
				t.Errorf("%s, policy %q, applied %q; want %s, %q, %q", r.Verdict, r.Policy, r.Applied, tc.verdict, tc.policy, tc.applied)
			}
			if len(v.asked) != tc.asked {
				t.Errorf("asked %q, want %d questions", v.asked, tc.asked)
			}
		})
	}
}

func TestQuestionsAreBounded(t *testing.T) {
	const record = `"v=DMARC1; p=reject"`
	var list []DKIM
	for i := range 1000 {
		list = append(list, DKIM{Domain: fmt.Sprintf("a.b.c.d.e.f.g.s%d.example.com", i), Result: "pass"})
	}
	v := view(t, `txt: {_dmarc.example.com: [`+record+`]}`)
	r := Evaluate(t.Context(), Args{From: []string{"a@example.com"}, DKIM: list, Resolver: v})
	if most := 9 + 8*maxWalks; len(v.asked) > most || len(r.Identifiers) != maxIdentifiers {
		t.Errorf("%d questions (at most %d), %d identifiers", len(v.asked), most, len(r.Identifiers))
	}
	var from []string
	for i := range 1000 {
		from = append(from, fmt.Sprintf("a@x%d.example", i))
	}
	v = view(t, `txt: {}`)
	r = Evaluate(t.Context(), Args{From: []string{strings.Join(from, ", ")}, Resolver: v})
	if r.Verdict != VerdictPermError || len(v.asked) != 0 {
		t.Errorf("a thousand authors: %s, %d questions", r.Verdict, len(v.asked))
	}
	v = view(t, `txt: {_dmarc.example.com: [`+record+`]}`)
	list = nil
	for i := range 50 {
		list = append(list, DKIM{Domain: fmt.Sprintf("s%d.example.net", i), Result: "pass"}, DKIM{Domain: "a.example.com", Result: "fail"})
	}
	if Evaluate(t.Context(), Args{From: []string{"a@example.com"}, DKIM: list, Resolver: v}); len(v.asked) != 2 {
		t.Errorf("strangers and failures cost questions: %q", v.asked)
	}
}

func TestEveryReasonIsASentenceWithASection(t *testing.T) {
	v := view(t, `{txt: {_dmarc.example.com: ["v=DMARC1; p=reject; t=y"]}, servfail: [_dmarc.example.net]}`)
	r := Evaluate(t.Context(), Args{
		From: []string{"a@example.com, b@example.net, c@example.org", "x@y z"}, Resolver: v,
		SPF: SPF{"example.net", "pass"}, DKIM: sigs("example.com=fail"),
	})
	all := r.Reasons
	for _, o := range r.Others {
		all = append(all, o.Reasons...)
	}
	if len(all) < 6 {
		t.Fatalf("only %d reasons", len(all))
	}
	for _, why := range all {
		if why.Text == "" || why.Section == "" || strings.ContainsAny(why.Text, "\r\n") {
			t.Errorf("%+v", why)
		}
	}
	if slices.ContainsFunc(all, func(r Reason) bool { return strings.Contains(r.Text, "%!") }) {
		t.Errorf("a format is wrong: %v", all)
	}
}

// everywhere answers every question for TXT with one record, or with a fault.
type everywhere string

func (e everywhere) Lookup(_ context.Context, q dns.Question) (dns.Answer, error) {
	switch {
	case strings.Contains(string(e), "fault"):
		return dns.Answer{}, &dns.Error{Question: q, Kind: dns.FaultTimeout}
	case q.Type != dns.TypeTXT:
		return dns.Answer{RCode: dns.NXDomain}, nil
	}
	return dns.Answer{Records: []dns.Record{{Type: dns.TypeTXT, Text: []string{string(e)}}}}, nil
}

func FuzzEvaluate(f *testing.F) {
	f.Add("v=DMARC1; p=reject; psd=n", "a@x.example.com", "example.com", "y.example.com", "pass")
	f.Add("v=DMARC1; p=none; np=reject; t=y; pct=3; adkim=s", "a@example.com, b@example.net", "com", "example.com", "temperror")
	f.Add("v=DMARC1; rua=mailto:a@b", "a@a.a.a.a.a.a.a.a.a.a", "a.a.a.a.a.a.a.a.a", "a", "fail")
	f.Add("fault", "", "", "", "")
	f.Fuzz(func(t *testing.T, record, from, mailfrom, d, result string) {
		a := Args{From: []string{from}, SPF: SPF{mailfrom, result}, DKIM: []DKIM{{d, "s", "pass"}}, Resolver: everywhere(record)}
		c := Compare(t.Context(), a)
		for _, r := range []Result{c.Current, c.Former} {
			vouched := slices.ContainsFunc(r.Identifiers, Identifier.Vouches)
			if (r.Verdict == VerdictPass) && !vouched || (r.Verdict == VerdictFail) && vouched {
				t.Errorf("RFC %s: %s with %+v", r.Standard, r.Verdict, r.Identifiers)
			}
			for _, id := range r.Identifiers {
				if id.Aligned && !strings.HasSuffix("."+id.Domain, r.Domain[strings.LastIndexByte(r.Domain, '.')+1:]) {
					t.Errorf("%q is aligned with %q", id.Domain, r.Domain)
				}
			}
			if r.Verdict == "" || len(r.Reasons) == 0 || r.Verdict == VerdictPass && len(r.Domain) == 0 {
				t.Errorf("%+v", r)
			}
			for _, why := range r.Reasons {
				if strings.Contains(why.Text, "%!") && !strings.Contains(record+from+mailfrom+d+result, "%!") {
					t.Errorf("a format is wrong: %s", why.Text)
				}
			}
		}
	})
}
