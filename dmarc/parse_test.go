package dmarc

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"unspoof/orgdomain"
)

func codes(r *Record) string {
	var out []string
	for _, n := range r.Notes {
		out = append(out, string(n.Code))
	}
	return strings.Join(out, " ")
}

func TestParse(t *testing.T) {
	const rua = "; rua=mailto:d@example.com"
	for _, tc := range []struct {
		rule, text string
		p, sp, np  Policy
		notes      string
	}{
		{"smallest", "v=DMARC1; p=none" + rua, None, "", "", ""},
		{"no tag but v", "v=DMARC1", "", "", "", "p-missing no-rua"},
		{"no blanks", "v=DMARC1;p=reject;sp=reject;np=reject" + rua, Reject, Reject, Reject, ""},
		{"blanks and tabs everywhere", "v \t=\tDMARC1 ; p = reject \t; rua = mailto:d@example.com ; ", Reject, "", "", ""},
		{"values in any case", "v=DMARC1; p=Reject; sp=NONE" + rua, Reject, None, "", "sp-weaker"},
		{"tag names in any case, with a note", "v=DMARC1; P=reject" + rua, Reject, "", "", "tag-case"},
		{"final semicolons", "v=DMARC1; p=none" + rua + ";;", None, "", "", "stray-text"},
		{"one final semicolon is fine", "v=DMARC1; p=none" + rua + "; ", None, "", "", ""},
		{"nothing between semicolons", "v=DMARC1; ; p=none" + rua, None, "", "", "stray-text"},
		{"typo in p", "v=DMARC1; p=rejet" + rua, "", "", "", "p-invalid"},
		{"typo in sp", "v=DMARC1; p=reject; sp=rejet" + rua, Reject, "", "", "p-invalid"},
		{"p not second", "v=DMARC1" + rua + "; p=none", None, "", "", "p-not-second"},
		{"p twice: the first counts", "v=DMARC1; p=none; p=reject" + rua, None, "", "", "tag-twice"},
		{"unknown tag", "v=DMARC1; p=none; policy=reject" + rua, None, "", "", "tag-unknown"},
		{"removed tags", "v=DMARC1; p=none; pct=10; ri=3600; rf=afrf" + rua, None, "", "", "tag-removed tag-removed tag-removed"},
		{"text that is no tag", "v=DMARC1; p=none; reject" + rua, None, "", "", "stray-text"},
		{"equals sign without a name", "v=DMARC1; p=none; =reject" + rua, None, "", "", "stray-text"},
		{"digits in a name", "v=DMARC1; p=none; p2=reject" + rua, None, "", "", "stray-text"},
		{"no ASCII", "v=DMARC1; p=none; sp=réject" + rua, None, "", "", "bad-octet"},
		{"control character", "v=DMARC1; p=no\x00ne" + rua, "", "", "", "bad-octet p-missing"},
		{"equals sign in a value", "v=DMARC1; p=none; rua=mailto:d@example.com?x=y", None, "", "", ""},
		{"np weaker than sp", "v=DMARC1; p=none; sp=reject; np=quarantine" + rua, None, Reject, Quarantine, "np-weaker"},
		{"np weaker than p where sp is missing", "v=DMARC1; p=reject; np=none" + rua, Reject, "", None, "np-weaker"},
		{"test mode", "v=DMARC1; p=reject; t=y" + rua, Reject, "", "", "test-mode"},
		{"invalid words fall back", "v=DMARC1; p=none; adkim=x; aspf=strict; t=1; psd=q" + rua, None, "", "", "value-invalid value-invalid value-invalid value-invalid"},
		{"fo without ruf", "v=DMARC1; p=none; fo=1" + rua, None, "", "", "fo-without-ruf"},
		{"fo with 0 and 1", "v=DMARC1; p=none; fo=0:1; ruf=mailto:f@example.com" + rua, None, "", "", "value-invalid"},
		{"fo with a word twice", "v=DMARC1; p=none; fo=d:d; ruf=mailto:f@example.com" + rua, None, "", "", "value-invalid"},
		{"fo in any order", "v=DMARC1; p=none; fo=s:0:d; ruf=mailto:f@example.com" + rua, None, "", "", ""},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			r, err := Parse(tc.text)
			if err != nil {
				t.Fatal(err)
			}
			if r.Policy != tc.p || r.Subdomain != tc.sp || r.NonExistent != tc.np {
				t.Errorf("p=%q sp=%q np=%q, want %q %q %q", r.Policy, r.Subdomain, r.NonExistent, tc.p, tc.sp, tc.np)
			}
			if got := codes(r); got != tc.notes {
				t.Errorf("notes %q, want %q", got, tc.notes)
			}
		})
	}
}

func TestNoPolicyRecord(t *testing.T) {
	for _, tc := range []struct {
		rule, text string
		want       Code
	}{
		{"empty", "", NotDMARC},
		{"another record", "v=spf1 -all", NotDMARC},
		{"white space first", " v=DMARC1; p=none", LeadingSpace},
		{"version in lower case", "v=dmarc1; p=none", VersionCase},
		{"another version", "v=DMARC2; p=none", VersionWrong},
		{"longer version", "v=DMARC10; p=none", VersionWrong},
		{"version further on", "p=none; v=DMARC1", VersionNotFirst},
		{"no semicolon", "v=DMARC1 p=none", MissingSemicolon},
		{"comma for semicolon", "v=DMARC1, p=none", MissingSemicolon},
		{"escape of a zone file", `v=DMARC1\; p=none`, ZoneFileEscape},
		{"quotes published", `"v=DMARC1; p=none"`, QuotedText},
		{"host name before the record", "_dmarc v=DMARC1; p=none", VersionNotFirst},
		{"longer than DNS can hold", "v=DMARC1; p=none;" + strings.Repeat(" ", 65536), TooLong},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			_, err := Parse(tc.text)
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || syntax.Code != tc.want {
				t.Errorf("got %v, want %s", err, tc.want)
			}
		})
	}
}

func TestSpansPointAtTheText(t *testing.T) {
	r, err := Parse("v=DMARC1; rua = mailto:d@example.com!10m , d@example.com; p = nonne ; x=1")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, tag := range r.Tags {
		got = append(got, r.Text[tag.Span.Start:tag.Span.End], r.Text[tag.At.Start:tag.At.End])
	}
	want := []string{
		"v=DMARC1", "DMARC1",
		"rua = mailto:d@example.com!10m , d@example.com", "mailto:d@example.com!10m , d@example.com",
		"p = nonne", "nonne", "x=1", "1",
	}
	if !slices.Equal(got, want) {
		t.Errorf("tags %q, want %q", got, want)
	}
	for code, want := range map[Code]string{
		URISize: "mailto:d@example.com!10m", URIInvalid: "d@example.com", PolicyInvalid: "nonne", TagUnknown: "x=1", PolicyNotSecond: "p = nonne",
	} {
		i := slices.IndexFunc(r.Notes, func(n Note) bool { return n.Code == code })
		if i < 0 || r.Text[r.Notes[i].Span.Start:r.Notes[i].Span.End] != want {
			t.Errorf("%s: got %+v, want the span of %q", code, r.Notes, want)
		}
	}
}

func TestURIs(t *testing.T) {
	for _, tc := range []struct{ rule, value, addresses, notes string }{
		{"one", "mailto:d@example.com", "d@example.com", ""},
		{"blanks around commas", "mailto:a@example.com , mailto:b@example.com", "a@example.com b@example.com", ""},
		{"scheme in capitals", "MAILTO:d@example.com", "d@example.com", ""},
		{"query", "mailto:d@example.com?subject=x", "d@example.com", ""},
		{"percent-encoded", "mailto:d%2Cx@example.com", "d,x@example.com", ""},
		{"size", "mailto:d@example.com!10m", "d@example.com", "uri-size"},
		{"size without unit", "mailto:d@example.com!5000", "d@example.com", "uri-size"},
		{"exclamation mark that is no size", "mailto:d!x@example.com", "", "uri-invalid no-rua"},
		{"no scheme", "d@example.com", "", "uri-invalid no-rua"},
		{"empty item", "mailto:d@example.com,", "d@example.com", "uri-invalid"},
		{"empty value", "", "", "uri-invalid no-rua"},
		{"address without domain", "mailto:d", "", "uri-invalid no-rua"},
		{"address without local part", "mailto:@example.com", "", "uri-invalid no-rua"},
		{"blank after the scheme", "mailto: d@example.com", "", "uri-invalid no-rua"},
		{"angle brackets", "mailto:<d@example.com>", "", "uri-invalid no-rua"},
		{"bad percent", "mailto:%zz@example.com", "", "uri-invalid no-rua"},
		{"second address without scheme", "mailto:a@example.com,b@example.com", "a@example.com", "uri-invalid"},
		{"link", "https://r.example.com/x", "", "uri-scheme"},
		{"domain that is none", "mailto:d@exa_mple..com", "", "uri-invalid no-rua"},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			r, err := Parse("v=DMARC1; p=none; rua=" + tc.value)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, u := range r.RUA {
				if u.Address != "" {
					got = append(got, u.Address)
				}
			}
			if s := strings.Join(got, " "); s != tc.addresses {
				t.Errorf("addresses %q, want %q", s, tc.addresses)
			}
			if got := codes(r); got != tc.notes {
				t.Errorf("notes %q, want %q", got, tc.notes)
			}
		})
	}
}

func TestPolicyForARelation(t *testing.T) {
	for _, tc := range []struct {
		rule, text       string
		self, sub, ghost Policy
		ok               bool
	}{
		{"p for all", "v=DMARC1; p=reject", Reject, Reject, Reject, true},
		{"sp for all below", "v=DMARC1; p=reject; sp=none", Reject, None, None, true},
		{"np for the non-existent", "v=DMARC1; p=none; sp=quarantine; np=reject", None, Quarantine, Reject, true},
		{"np without sp", "v=DMARC1; p=none; np=reject", None, None, Reject, true},
		{"no p: ignored", "v=DMARC1; sp=reject", None, None, None, false},
		{"no p, but rua: none", "v=DMARC1; sp=reject; rua=mailto:d@example.com", None, None, None, true},
		{"typo in sp spoils all", "v=DMARC1; p=reject; sp=x; rua=mailto:d@example.com", None, None, None, true},
		{"typo in np without rua: ignored", "v=DMARC1; p=reject; np=x", None, None, None, false},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			r, err := Parse(tc.text)
			if err != nil {
				t.Fatal(err)
			}
			for rel, want := range map[Relation]Policy{Itself: tc.self, Below: tc.sub, NonExistent: tc.ghost} {
				if got, _, ok := r.For(rel); got != want || ok != tc.ok {
					t.Errorf("For(%s) = %s, %v, want %s, %v", rel, got, ok, want, tc.ok)
				}
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"", "v=DMARC1", "v=DMARC1; p=reject; sp=quarantine; np=reject; adkim=s; aspf=r; fo=1:d:s; rua=mailto:a@example.com,mailto:b@example.net!10m; t=y; psd=n",
		"v=DMARC1\t;\tp\t=\tnone", "v=DMARC1;;=;x;p=", `v=DMARC1\; p=none`, "V = DMARC1;PSD=Y", "v=DMARC1; rua=,,,mailto:%", " v=DMARC1",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := Parse(text)
		if is := orgdomain.IsPolicyRecord(text) && len(text) <= maxRecord; is != (err == nil) {
			t.Fatalf("record: %v, but Parse says %v", is, err)
		}
		var syntax *SyntaxError
		if err != nil {
			if !errors.As(err, &syntax) || syntax.Span.End > len(text) || syntax.Span.Start > syntax.Span.End {
				t.Fatalf("%v", err)
			}
			return
		}
		spans := []Span{}
		for _, tag := range r.Tags {
			spans = append(spans, tag.Span, tag.At)
			if text[tag.At.Start:tag.At.End] != tag.Value {
				t.Errorf("tag %+v", tag)
			}
		}
		for _, n := range r.Notes {
			spans = append(spans, n.Span)
		}
		for _, u := range append(r.RUA, r.RUF...) {
			spans = append(spans, u.Span)
			if u.Host == "" || u.Scheme == "" {
				t.Errorf("URI %+v", u)
			}
		}
		for _, s := range spans {
			if s.Start < 0 || s.Start > s.End || s.End > len(text) {
				t.Errorf("span %+v of %d octets", s, len(text))
			}
		}
		for _, rel := range []Relation{Itself, Below, NonExistent} {
			if p, _, _ := r.For(rel); p.rank() == 0 {
				t.Errorf("no policy for %s", rel)
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse("v=DMARC1; p=quarantine; sp=reject; rua=mailto:d@example.com"); err != nil {
			b.Fatal(err)
		}
	}
}
