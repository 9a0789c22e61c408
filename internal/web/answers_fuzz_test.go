package web

import (
	"net/url"
	"testing"
)

// FuzzAnswers: whatever the address of a question says, what is read of it is
// written and read as the same, and names at most so many senders.
func FuzzAnswers(f *testing.F) {
	f.Add("domain=example.com&asked=mailboxes&send=service%3Amailchimp&drop=ip4%3A192.0.2.80&more-newsletters=brevo&q=plan")
	f.Add("send=net%3A192.0.2.0%2F24&send=net%3A%2F&send=host%3A&send=%00&addresses=192.0.2.1%2F99+::1&hosts=a..b")
	f.Add("case=%22&parked=yes&sure=1&reports=a%40b%2C+c&send=&send=x&send=x")
	f.Fuzz(func(t *testing.T, query string) {
		q, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		a := readAnswers(q)
		again := readAnswers(a.values())
		if a.at(showPlan) != again.at(showPlan) {
			t.Errorf("%q is written as %q and read as %q", query, a.at(showPlan), again.at(showPlan))
		}
		if len(a.Send) > maxAnswers || len(a.Asked) > maxAnswers || len(a.Drop) > maxAnswers {
			t.Error("more than anybody means")
		}
		if g, err := a.given(); err == nil {
			for _, p := range g.Networks {
				if !p.IsValid() {
					t.Errorf("%q names no network", query)
				}
			}
		}
	})
}
