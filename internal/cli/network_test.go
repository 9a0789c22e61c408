package cli

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"unspoof/dns"
)

// outcome answers every question in the same way.
type outcome struct {
	err   error
	asked int
}

func (o *outcome) Lookup(_ context.Context, q dns.Question) (dns.Answer, error) {
	o.asked++
	return dns.Answer{}, o.err
}

func ask(t *testing.T, n *network, times int) {
	t.Helper()
	for range times {
		n.Lookup(context.Background(), dns.Question{Name: "example.com", Type: dns.TypeTXT})
	}
}

func TestWhereNobodyAnswersNotEveryQuestionIsAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &outcome{err: &dns.Error{Kind: dns.FaultTimeout}}
		n := &network{Resolver: o}
		ask(t, n, 100)
		if o.asked != hopeless || !n.silent() {
			t.Errorf("asked %d times, silent: %v", o.asked, n.silent())
		}
		var fault *dns.Error
		if _, err := n.Lookup(context.Background(), dns.Question{Name: "x.example"}); !errors.As(err, &fault) {
			t.Errorf("got %v, want a fault", err)
		}
		time.Sleep(hopeAgain + time.Second)
		o.err = nil
		ask(t, n, 10)
		if o.asked != hopeless+10 || n.silent() {
			t.Errorf("after the network came back: asked %d times, silent: %v", o.asked, n.silent())
		}
	})
}

func TestOneAnswerKeepsTheNetworkTrusted(t *testing.T) {
	for _, first := range []error{nil, &dns.Error{Kind: dns.FaultServFail}, &dns.Error{Kind: dns.FaultRefused}} {
		o := &outcome{err: first}
		n := &network{Resolver: o}
		ask(t, n, 1)
		o.err = &dns.Error{Kind: dns.FaultTimeout}
		ask(t, n, 50)
		if o.asked != 51 || n.silent() {
			t.Errorf("%v first: asked %d times, silent: %v", first, o.asked, n.silent())
		}
	}
}

func TestACallerWhoGivesUpIsNoFaultOfTheNetwork(t *testing.T) {
	for _, err := range []error{&dns.Error{Kind: dns.FaultCanceled}, &dns.Error{Kind: dns.FaultName}, errors.New("other")} {
		o := &outcome{err: err}
		n := &network{Resolver: o}
		ask(t, n, 10)
		if o.asked != 10 || n.silent() {
			t.Errorf("%v: asked %d times, silent: %v", err, o.asked, n.silent())
		}
	}
}
