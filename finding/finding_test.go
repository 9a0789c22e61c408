package finding

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

func TestRulesAreCompleteAndTheirIDsUnique(t *testing.T) {
	id := regexp.MustCompile(`^[A-Z]+-\d{3}$`)
	seen := map[string]bool{}
	for _, r := range Rules() {
		if !id.MatchString(r.ID) || seen[r.ID] {
			t.Errorf("%s: not an id of its own", r.ID)
		}
		seen[r.ID] = true
		if r.Severity.rank() == len(severities) || r.What == "" || r.Why == "" || r.Fix == "" {
			t.Errorf("%s: not complete: %+v", r.ID, r)
		}
		for _, s := range []string{r.What, r.Why, r.Fix} {
			if !strings.ContainsAny(s[len(s)-1:], ".}") && !strings.HasSuffix(s, "{text}") {
				t.Errorf("%s: no sentence: %q", r.ID, s)
			}
		}
	}
}

func TestAnIDIsFoundInAnyCase(t *testing.T) {
	if r, ok := Find("spf-007"); !ok || r.ID != "SPF-007" {
		t.Errorf("got %+v, %v", r, ok)
	}
	if _, ok := Find("SPF-999"); ok {
		t.Error("found a rule that there is none of")
	}
}

func TestSortPutsTheWorstFirst(t *testing.T) {
	list := []Finding{{ID: "B", Severity: Info}, {ID: "C", Severity: Critical}, {ID: "A", Severity: Info}, {ID: "D", Severity: "odd"}}
	Sort(list)
	var got string
	for _, f := range list {
		got += f.ID
	}
	if got != "CABD" {
		t.Errorf("got %s", got)
	}
}

func TestSeverityIsReadInAnyCase(t *testing.T) {
	if s, ok := ParseSeverity("High"); !ok || s != Serious {
		t.Errorf("got %q, %v", s, ok)
	}
	if _, ok := ParseSeverity("serious"); ok {
		t.Error("took a word that is none")
	}
	if !Critical.AtLeast(Serious) || Minor.AtLeast(Moderate) || !Info.AtLeast(Info) {
		t.Error("the order is wrong")
	}
}

func TestAValueIsCutAndFilledIn(t *testing.T) {
	f := New("SPF-005", map[string]string{"domain": "x"})
	if f.What != "The SPF record ends in ?all." || f.Evidence == nil {
		t.Errorf("%+v", f)
	}
	f = New("MX-002", map[string]string{"host": strings.Repeat("é", 200)})
	if len(f.What) > 260 || !strings.Contains(f.What, "é…") {
		t.Errorf("%q", f.What)
	}
}

func TestAValueIsNotReadAgain(t *testing.T) {
	f := New("MX-002", map[string]string{"host": "{domain}", "domain": "{host}"})
	if f.What != "The mail exchanger {domain} has no address." || !strings.Contains(f.Why, "Mail to {host} is") {
		t.Errorf("%q, %q", f.What, f.Why)
	}
	if got := fill("{a} {b} {", map[string]string{"b": "x"}); got != "{a} x {" {
		t.Errorf("%q", got)
	}
}

func TestPlainReadsWithoutWords(t *testing.T) {
	for text, want := range map[string]string{
		"It needs {count} look-ups.":                         "It needs … look-ups.",
		"Correct this part: {term}{hint}.":                   "Correct this part.",
		"Take out what is gone. {biggest}":                   "Take out what is gone.",
		"Nothing stands for anything in it.":                 "Nothing stands for anything in it.",
		"It uses ptr ({term}).":                              "It uses ptr.",
		"It has {wrong}: {term}, not {right}.":               "It has ….",
		"{host} is open (relay; form: {form}).":              "HOST is open (relay; form: …).",
		"Take {term} out{hint}. Then build it for {domain}.": "Take the term out. Then build it for DOMAIN.",
	} {
		if got := Plain(text); got != want {
			t.Errorf("%q: got %q", text, got)
		}
	}
}

func ExampleNew() {
	f := New("SPF-009", map[string]string{"term": "ptr:example.com"})
	fmt.Println(f.Severity, f.ID, f.What)
	// Output: low SPF-009 The SPF record uses ptr (ptr:example.com).
}
