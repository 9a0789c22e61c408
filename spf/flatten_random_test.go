package spf_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"unspoof/dns"
	"unspoof/spf"
)

// flattenedZone answers with the records of a flattened one before all others.
type flattenedZone struct {
	dns.Resolver
	publish []spf.Published
}

func (z flattenedZone) Lookup(ctx context.Context, q dns.Question) (dns.Answer, error) {
	for _, p := range z.publish {
		if q.Type == dns.TypeTXT && key(q.Name) == p.Name {
			return dns.Answer{Records: []dns.Record{{Name: p.Name, Type: q.Type, Text: p.Strings}}}, nil
		}
	}
	return z.Resolver.Lookup(ctx, q)
}

// sameForAll compares two views of a domain address by address, whatever DNS may
// say of names that hang on the message.
func sameForAll(z, flat dns.Resolver, seed uint64) (cases int, difference string) {
	for _, ip := range costSpace {
		for m := range uint64(3) {
			var got [2]spf.Result
			for i, r := range []dns.Resolver{z, flat} {
				c := spf.Checker{Resolver: message{r, ip, m * (seed + 1)}, MaxLookups: 1000, MaxVoids: 1000}
				got[i] = c.Check(context.Background(), spf.Args{IP: ip, MailFrom: "ann@example.test", HELO: "helo.test"})
			}
			if cases++; got[0].Result != got[1].Result {
				return cases, fmt.Sprintf("%s, message %d: %s (%s %s), flattened %s (%s %s)", ip, m, got[0].Result, got[0].Mechanism, got[0].Cause, got[1].Result, got[1].Mechanism, got[1].Cause)
			}
		}
	}
	return cases, ""
}

// TestFlattenAgreesWithEvaluation: in 100,000 random cases (an address, a message
// and a record), what was flattened gives what the record gave.
func TestFlattenAgreesWithEvaluation(t *testing.T) {
	cases, done, changed := 0, 0, 0
	refused := map[error]int{}
	for seed := uint64(0); cases < 100_000; seed++ {
		w := world{Rand: rand.New(rand.NewPCG(2, seed)), plain: seed%3 == 0, calm: seed%4 != 0}
		w.fill()
		record := w.zone["example.test"].records[dns.TypeTXT][0].Text[0]
		args := spf.FlattenArgs{Domain: "example.test", Resolver: w.zone, All: seed%5 != 0}
		f, err := spf.Flatten(context.Background(), args)
		if err != nil {
			refused[refusal(t, err)]++
			continue
		}
		if done++; f.Changed {
			changed++
		}
		n, difference := sameForAll(w.zone, flattenedZone{w.zone, f.Publish}, seed)
		if cases += n; difference != "" {
			t.Fatalf("seed %d: %s\n%s\n%+v\n%s", seed, difference, record, f.Publish, dump(w.zone))
		}
	}
	t.Logf("%d cases of %d records, %d of them changed; refused: %v", cases, done, changed, refused)
	if changed < done/3 {
		t.Errorf("only %d of %d records were changed", changed, done)
	}
	if n := refused[spf.ErrNotEqual]; n > done/10 {
		t.Errorf("%d records were not proven equal, %d were", n, done)
	}
}

// refusal sorts the errors of Flatten, each of which must be one that it names.
func refusal(t *testing.T, err error) error {
	var syntax *spf.SyntaxError
	var fault *dns.Error
	for _, known := range []error{spf.ErrNotEqual, spf.ErrTooLarge, spf.ErrNoRecord, spf.ErrSeveralRecords} {
		if errors.Is(err, known) {
			return known
		}
	}
	if !errors.As(err, &syntax) && !errors.As(err, &fault) {
		t.Fatal(err)
	}
	return nil
}
