package auth_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"unspoof/auth"
	"unspoof/dmarc"
	"unspoof/dns"
)

// costly answers every question about evil.example with what costs most: records
// of ten mx with ten hosts each, keys and policies that don't exist.
type costly struct{ zone }

func (c costly) Lookup(ctx context.Context, q dns.Question) (dns.Answer, error) {
	name := dns.Canonical(q.Name)
	if !strings.HasSuffix(name, "evil.example") || strings.HasPrefix(name, "_dmarc") {
		return c.zone.Lookup(ctx, q)
	}
	a := dns.Answer{}
	switch q.Type {
	case dns.TypeTXT:
		if strings.Contains(name, "_domainkey") {
			return c.zone.Lookup(ctx, q)
		}
		text := "v=spf1"
		for i := range 10 {
			text += fmt.Sprintf(" mx:m%d.%s", i, name)
		}
		a.Records = []dns.Record{{Type: q.Type, Text: []string{text + " -all"}}}
	case dns.TypeMX:
		for i := range 10 {
			a.Records = append(a.Records, dns.Record{Type: q.Type, Host: fmt.Sprintf("h%d.%s", i, name)})
		}
	default:
		a.Records = []dns.Record{{Type: q.Type, Addr: bankIP}}
	}
	return a, nil
}

// expensive is a message that makes us ask as much as one can: two costly records,
// signatures and ARC sets of different keys, and several authors.
func expensive() auth.Args {
	var m strings.Builder
	for i := 1; i <= 50; i++ {
		cv := "pass"
		if i == 1 {
			cv = "none"
		}
		fmt.Fprintf(&m, "ARC-Seal: i=%d; a=ed25519-sha256; cv=%s; d=a%d.evil.example; s=s; b=AAAA\r\n", i, cv, i)
		fmt.Fprintf(&m, "ARC-Message-Signature: i=%d; a=ed25519-sha256; d=m%d.evil.example; s=s; h=from; bh=%s=; b=AAAA\r\n", i, i, strings.Repeat("A", 43))
		fmt.Fprintf(&m, "ARC-Authentication-Results: i=%d; x\r\n", i)
	}
	msg := m.String()
	for i := range 30 {
		msg = fmt.Sprintf("DKIM-Signature: v=1; a=ed25519-sha256; d=d%d.a.b.c.d.e.f.g.evil.example; s=s; h=from; bh=%s=; b=AAAA\r\n", i, strings.Repeat("A", 43)) + msg
	}
	msg += letter("From: x@a.b.c.d.e.f.g.evil.example, x@a.b.c.d.e.f.h.evil.example, x@a.b.c.d.e.f.i.evil.example, ceo@bank.example")
	return auth.Args{IP: evilIP, HELO: "helo.evil.example", MailFrom: "x@evil.example", Message: []byte(msg), Now: now}
}

func TestBudget(t *testing.T) {
	args := expensive()
	c := &counter{Resolver: costly{world(nil)}}
	args.Resolver = c
	res := check(t, args)
	if n := c.asked.Load(); n > 300 || int(n) != res.Questions {
		t.Errorf("%d questions were asked, %d are told", n, res.Questions)
	} else {
		t.Logf("%d questions, %q", n, res.Notes)
	}
	if !strings.Contains(strings.Join(res.Notes, " "), "more DNS questions") {
		t.Errorf("it is not told: %q", res.Notes)
	}
	// The bank's policy is known all the same.
	if res.Verdict != dmarc.VerdictFail || res.Domain != "bank.example" || res.Disposition != dmarc.Reject {
		t.Errorf("%s (%s) for %s, asks for %s", res.Verdict, res.Reason, res.Domain, res.Disposition)
	}
}

func TestNoQuestionIsAskedTwice(t *testing.T) {
	var mu sync.Mutex
	seen := map[dns.Question]int{}
	z := world(nil)
	r := resolverFunc(func(ctx context.Context, q dns.Question) (dns.Answer, error) {
		mu.Lock()
		seen[dns.Question{Name: dns.Canonical(q.Name), Type: q.Type}]++
		mu.Unlock()
		return z.Lookup(ctx, q)
	})
	m := sign(t, "bank.example", "bank.example", "s", letter(fromBank))
	m = seal(t, "bank.example", "none", m)
	res := check(t, auth.Args{IP: bankIP, HELO: "BANK.example", MailFrom: "ceo@bank.example", Message: []byte(m), Resolver: r})
	for q, n := range seen {
		if n > 1 {
			t.Errorf("%s %s was asked %d times", q.Type, q.Name, n)
		}
	}
	if len(seen) != 4 || res.Questions != 4 { // SPF, key, and the walk of two labels
		t.Errorf("%d questions: %v", len(seen), seen)
	}
}

type resolverFunc func(context.Context, dns.Question) (dns.Answer, error)

func (f resolverFunc) Lookup(ctx context.Context, q dns.Question) (dns.Answer, error) {
	return f(ctx, q)
}

// TestQuestionsAreAskedAtOnce answers none of the first questions before all of them
// are asked: records of two identities, three keys, and the author's policy.
func TestQuestionsAreAskedAtOnce(t *testing.T) {
	var first sync.WaitGroup
	first.Add(6)
	var asked atomic.Int64
	z := world(nil)
	r := resolverFunc(func(ctx context.Context, q dns.Question) (dns.Answer, error) {
		if asked.Add(1) <= 6 {
			first.Done()
			first.Wait()
		}
		return z.Lookup(ctx, q)
	})
	m := letter("From: a@bank.example")
	for _, d := range []string{"bank.example", "evil.example", "list.example"} {
		m = sign(t, d, d, "s", m)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		check(t, auth.Args{IP: evilIP, HELO: "helo.evil.example", MailFrom: "x@evil.example", Message: []byte(m), Resolver: r})
	}()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Fatalf("only %d questions were asked before the first was answered", asked.Load())
	}
}

func TestManyAtOnce(t *testing.T) {
	m := []byte(seal(t, "list.example", "none", sign(t, "bank.example", "bank.example", "s", letter(fromBank))))
	args := auth.Args{IP: bankIP, HELO: "h", MailFrom: "ceo@bank.example", Message: m, Resolver: dns.Cached(world(nil)), Now: now}
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			if res, err := auth.Check(context.Background(), args); err != nil || res.Verdict != dmarc.VerdictPass {
				t.Errorf("%s (%s), %v", res.Verdict, res.Reason, err)
			}
		})
	}
	group.Wait()
}

// hostileSizes are messages whose shape could cost more than their length.
var hostileSizes = map[string]string{
	"many From fields":   strings.Repeat("From: a@b.example\r\n", 50_000) + "\r\n",
	"a From of a MB":     "From: " + strings.Repeat("a@b.example, ", 80_000) + "\r\n\r\n",
	"bare CRs":           strings.Repeat("\r", 1<<20) + "\r\n\r\n",
	"lines of From":      strings.Repeat("From\r\n", 150_000) + "\r\n",
	"From-like names":    strings.Repeat("From\x00:\r\n", 100_000) + "\r\n",
	"nothing but blanks": strings.Repeat(" ", 1<<20),
	"many signatures":    strings.Repeat("DKIM-Signature: v=1; d=bank.example; s=s\r\n", 10_000) + letter(fromBank),
	"many seals":         strings.Repeat("ARC-Seal: i=1; cv=none\r\n", 10_000) + letter(fromBank),
	"a large body":       letter(fromBank) + strings.Repeat("x y z\r\n", 1<<20),
}

func TestHostileSizesPassNothing(t *testing.T) {
	for name, m := range hostileSizes {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			res := check(t, auth.Args{IP: evilIP, HELO: "h", MailFrom: "x@evil.example", Message: []byte(m), Resolver: world(nil)})
			runtime.ReadMemStats(&after)
			if res.Verdict == dmarc.VerdictPass {
				t.Errorf("%s: %s", res.Verdict, res.Reason)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > 64<<20 { // three times the costliest
				t.Errorf("%d octets of memory", used)
			}
		})
	}
}

func BenchmarkHostileSizes(b *testing.B) {
	for name, m := range hostileSizes {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(m)))
			b.ReportAllocs()
			for b.Loop() {
				check(b, auth.Args{IP: evilIP, HELO: "h", MailFrom: "x@evil.example", Message: []byte(m), Resolver: world(nil)})
			}
		})
	}
}
