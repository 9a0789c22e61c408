package arc_test

import (
	"fmt"
	"strings"
	"testing"

	"unspoof/arc"
)

func TestReliable(t *testing.T) {
	keys := publish("a.example", "list.example", "evil.example")
	changed := func(m string) string {
		return strings.Replace(m, "Subject: hello", "Subject: [list] hello", 1)
	}
	viaList := sealer{domain: "list.example"}.seal(t, changed(sealed(t, "a.example")), 2)
	viaEvil := sealer{domain: "evil.example"}.seal(t, changed(sealed(t, "a.example")), 2)
	tests := []struct {
		name    string
		message string
		trusted []string
		want    string // instances
	}{
		{"nobody is listed", sealed(t, "a.example"), nil, "[]"},
		{"the one sealer", sealed(t, "a.example"), []string{"a.example"}, "[1]"},
		{"names in any case, with a final dot", sealed(t, "a.example"), []string{"A.Example."}, "[1]"},
		{"not a subdomain", sealed(t, "a.example"), []string{"example"}, "[]"},
		{"an empty name lists nobody", sealed(t, "a.example"), []string{"", "."}, "[]"},
		{"a list changed it, both are listed", viaList, []string{"a.example", "list.example"}, "[1 2]"},
		{"a list changed it that is not listed", viaList, []string{"a.example"}, "[]"},
		{"only the list is listed", viaList, []string{"list.example"}, "[2]"},
		{"a stranger sealed, but changed nothing", sealed(t, "a.example", "evil.example"), []string{"a.example"}, "[1]"},
		{"an old chain before a new message", viaEvil, []string{"a.example", "list.example"}, "[]"},
		{"a second From that was not signed", "From: boss@bank.example\r\n" + sealed(t, "a.example"), []string{"a.example"}, "[]"},
		{"a chain that fails", sealed(t, "a.example") + "x", []string{"a.example"}, "[]"},
		{
			"the message signature is another's", sealer{domain: "a.example", signer: "evil.example"}.seal(t, plain, 1),
			[]string{"a.example"}, "[]",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			res := verify(t, keys, test.message, test.trusted...)
			got := []int{}
			for _, s := range res.Sets {
				if s.Reliable {
					got = append(got, s.Instance)
				}
			}
			if fmt.Sprint(got) != test.want {
				t.Errorf("reliable %v, want %s: %s (%s)", got, test.want, res.Result, res.Reason)
			}
		})
	}
}

func TestSet(t *testing.T) {
	res := verify(t, publish("a.example", "m.example"), sealer{domain: "a.example", signer: "m.example"}.seal(t, plain, 1))
	got := res.Sets[0]
	want := arc.Set{
		Instance: 1, Sealer: "a.example", Selector: "s", Signer: "m.example", CV: "none", Time: got.Time,
		Seal: arc.Check{Result: arc.Pass, Reason: "verifies"}, Message: arc.Check{Result: arc.Pass, Reason: "verifies"},
		Results: "a.example; dmarc=pass header.from=author.example",
	}
	if got != want || got.Time.Unix() != 1799999999 {
		t.Errorf("%+v\nwant %+v", got, want)
	}
}
