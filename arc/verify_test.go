package arc_test

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"unspoof/arc"
)

func verify(t testing.TB, z zone, message string, trusted ...string) arc.Result {
	t.Helper()
	before := []byte(message)
	res, err := arc.Verify(context.Background(), arc.Args{Message: before, Resolver: z, Now: now, TrustedSealers: trusted})
	if err != nil {
		t.Fatal(err)
	}
	if string(before) != message {
		t.Error("the message was changed")
	}
	return res
}

func TestVerify(t *testing.T) {
	keys := publish("a.example", "b.example", "c.example")
	without := func(m, start string) string { // a message without the first field that starts so
		i := strings.Index(m, start)
		end := i + strings.Index(m[i:], "\r\n") + 2
		return m[:i] + m[end:]
	}
	tests := []struct {
		name    string
		message string
		want    arc.Word
		reason  string
	}{
		{"no set is none", plain, arc.None, "no ARC field"},
		{"no message is none", "", arc.None, "no ARC field"},
		{"one set", sealed(t, "a.example"), arc.Pass, "one set"},
		{"three sets", sealed(t, "a.example", "b.example", "c.example"), arc.Pass, "3 seals"},
		{"order in the header does not count", reorder(sealed(t, "a.example", "b.example")), arc.Pass, "2 seals"},
		{"lines ending in LF", strings.ReplaceAll(sealed(t, "a.example"), "\r\n", "\n"), arc.Pass, "one set"},
		{"changed body", sealed(t, "a.example") + "More.\r\n", arc.Fail, "body was changed"},
		{"changed field", strings.Replace(sealed(t, "a.example"), "hello", "goodbye", 1), arc.Fail, "ARC-Message-Signature i=1"},
		{"changed results", strings.Replace(sealed(t, "a.example"), "dmarc=pass", "dmarc=fail", 1), arc.Fail, "ARC-Seal i=1"},
		{"changed older results", strings.Replace(sealed(t, "a.example", "b.example"), "a.example; dmarc=pass", "a.example; dmarc=fail", 1), arc.Fail, "ARC-Seal i=2"},
		{"no results", without(sealed(t, "a.example"), "ARC-Authentication-Results: i=1"), arc.Fail, "ARC-Authentication-Results i=1 is missing"},
		{"no message signature", without(sealed(t, "a.example"), "ARC-Message-Signature"), arc.Fail, "ARC-Message-Signature i=1 is missing"},
		{"no seal", without(sealed(t, "a.example"), "ARC-Seal"), arc.Fail, "ARC-Seal i=1 is missing"},
		{"a field alone", "ARC-Seal: \r\n" + plain, arc.Fail, "without an instance"},
		{"a field twice", "ARC-Authentication-Results: i=1; x.example; none\r\n" + sealed(t, "a.example"), arc.Fail, "more than one ARC-Authentication-Results i=1"},
		{"a gap", sealer{domain: "c.example"}.seal(t, sealed(t, "a.example"), 3), arc.Fail, "the set i=2 is missing"},
		{"starting at two", sealer{domain: "a.example"}.seal(t, plain, 2), arc.Fail, "the set i=1 is missing"},
		{"instance 51", sealer{domain: "a.example"}.seal(t, plain, 51), arc.Fail, "from 1 to 50"},
		{"instance 0", sealer{domain: "a.example"}.seal(t, plain, 0), arc.Fail, "from 1 to 50"},
		{"cv=pass on the first", sealer{domain: "a.example", cv: "pass"}.seal(t, plain, 1), arc.Fail, "only none can stand"},
		{"cv=none on the second", sealer{domain: "b.example", cv: "none"}.seal(t, sealed(t, "a.example"), 2), arc.Fail, "only pass can stand"},
		{"cv=fail on the newest", sealer{domain: "b.example", cv: "fail"}.seal(t, sealed(t, "a.example"), 2), arc.Fail, "had failed already"},
		{"cv=fail of an older set", sealer{domain: "b.example"}.seal(t, sealer{domain: "a.example", cv: "fail"}.seal(t, plain, 1), 2), arc.Fail, "i=1 has cv=\"fail\""},
		{"cv in capitals", sealer{domain: "a.example", cv: "NONE"}.seal(t, plain, 1), arc.Fail, "only none can stand"},
		{"h= with ARC-Seal", sealer{domain: "b.example", h: "from:arc-seal"}.seal(t, sealed(t, "a.example"), 2), arc.Fail, "h= names ARC-Seal"},
		{"h= without From", sealer{domain: "a.example", h: "to:subject"}.seal(t, plain, 1), arc.Fail, "From"},
		{"h= with an empty member", sealer{domain: "a.example", h: "from::subject"}.seal(t, plain, 1), arc.Pass, "one set"},
		{"x= in the past", sealer{domain: "a.example", extra: "x=1799999999; "}.seal(t, plain, 1), arc.Fail, "expired"},
		{"x= to come", sealer{domain: "a.example", extra: "x=1800000001; "}.seal(t, plain, 1), arc.Pass, "one set"},
		{"l= over all", sealer{domain: "a.example", extra: "l=14; "}.seal(t, plain, 1), arc.Pass, "one set"},
		{"l= over less", sealer{domain: "a.example", extra: "l=13; "}.seal(t, plain, 1), arc.Fail, "first 13 of 14"},
		{"l= over more", sealer{domain: "a.example", extra: "l=15; "}.seal(t, plain, 1), arc.Fail, "longer than the body"},
		{"v= is of no matter", sealer{domain: "a.example", extra: "v=7; "}.seal(t, plain, 1), arc.Pass, "one set"},
		{"empty tag", sealer{domain: "a.example", extra: "; "}.seal(t, plain, 1), arc.Fail, "empty member in the tag list"},
		{"no key", sealed(t, "nokey.example"), arc.Fail, "no key record"},
		{"header beyond the limit", "X: " + strings.Repeat("x", 1<<20) + "\r\n" + sealed(t, "a.example"), arc.None, "too long"},
		{"set before a header beyond the limit", strings.Replace(sealed(t, "a.example"), "From:", "X: "+strings.Repeat("x", 1<<20)+"\r\nFrom:", 1), arc.Fail, "too long"},
		{"too many fields", strings.Repeat("X: x\r\n", 30_000) + sealed(t, "a.example"), arc.None, "too long"},
		{"names that only look alike", strings.Replace(sealed(t, "a.example"), "ARC-Seal", "ARC-\u017feal", 1), arc.Fail, "ARC-Seal i=1 is missing"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			res := verify(t, keys, test.message)
			if res.Result != test.want || !strings.Contains(res.Reason, test.reason) {
				t.Errorf("%s (%s), want %s (%s)", res.Result, res.Reason, test.want, test.reason)
			}
			if res.Sets == nil {
				t.Error("Sets is nil, which JSON shows as null")
			}
		})
	}
}

// reorder turns the header around.
func reorder(m string) string {
	head, body, _ := strings.Cut(m, "\r\n\r\n")
	lines := strings.Split(head, "\r\n")
	for i, j := 0, len(lines)-1; i < j; i, j = i+1, j-1 {
		lines[i], lines[j] = lines[j], lines[i]
	}
	return strings.Join(lines, "\r\n") + "\r\n\r\n" + body
}

func TestFaultOfDNSIsNoFailure(t *testing.T) {
	m := sealed(t, "a.example", "b.example")
	keys := publish("a.example", "b.example")
	keys["s._domainkey.a.example"] = "servfail"
	if res := verify(t, keys, m); res.Result != arc.TempError {
		t.Errorf("%s (%s), want temperror", res.Result, res.Reason)
	}
	// What is certain comes first.
	if res := verify(t, keys, m+"More.\r\n"); res.Result != arc.Fail {
		t.Errorf("%s (%s), want fail", res.Result, res.Reason)
	}
}

func TestOldestPass(t *testing.T) {
	m := sealed(t, "a.example")
	m = strings.Replace(m, "Subject: hello", "Subject: [list] hello", 1)
	m = sealer{domain: "b.example"}.seal(t, m, 2)
	m = sealer{domain: "c.example"}.seal(t, m, 3)
	res := verify(t, publish("a.example", "b.example", "c.example"), m)
	if res.Result != arc.Pass || res.OldestPass != 2 {
		t.Errorf("%s (%s), oldest-pass %d, want pass and 2", res.Result, res.Reason, res.OldestPass)
	}
	if res.Sets[0].Message.Result != arc.Fail || res.Sets[1].Message.Result != arc.Pass {
		t.Errorf("message signatures: %+v", res.Sets)
	}
	res = verify(t, publish("a.example", "b.example"), sealed(t, "a.example", "b.example"))
	if res.OldestPass != 0 {
		t.Errorf("oldest-pass %d where all pass, want 0", res.OldestPass)
	}
}

func TestWorkIsBounded(t *testing.T) {
	fifty := make([]string, 50)
	for i := range fifty {
		fifty[i] = fmt.Sprintf("d%d.example", i)
	}
	m := plain
	for i, d := range fifty {
		m = sealer{domain: d, signer: "m" + d}.seal(t, m, i+1)
	}
	domains := fifty
	for _, d := range fifty {
		domains = append(domains, "m"+d)
	}
	c := &counter{Resolver: publish(domains...)}
	res, err := arc.Verify(context.Background(), arc.Args{Message: []byte(m), Resolver: c, Now: now})
	if err != nil || res.Result != arc.Pass || len(res.Sets) != 50 {
		t.Errorf("50 sets: %s (%s), %v", res.Result, res.Reason, err)
	}
	if n := c.asked.Load(); n != 100 {
		t.Errorf("%d questions for 50 sets of two keys each", n)
	}

	// One more is refused before any question.
	c = &counter{Resolver: zone{}}
	res, _ = arc.Verify(context.Background(), arc.Args{Message: []byte(strings.Repeat("ARC-Seal: i=1\r\n", 51) + plain), Resolver: c, Now: now})
	if res.Result != arc.Fail || !strings.Contains(res.Reason, "more than 50") || c.asked.Load() != 0 {
		t.Errorf("51 fields: %s (%s), %d questions", res.Result, res.Reason, c.asked.Load())
	}

	hostile, z := longLists(), publish("a.example")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	res = verify(t, z, hostile)
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; res.Result != arc.Fail || used > 20<<20 { // three times what it takes
		t.Errorf("long lists: %s (%s), %d octets of memory", res.Result, res.Reason, used)
	}
}

// longLists has fifty seals with a long list in every signature, and one long
// field for each to hash.
func longLists() string {
	m := "From: " + strings.Repeat("x", 400<<10) + "\r\n\r\n"
	for i := 1; i <= 50; i++ {
		cv := "pass"
		if i == 1 {
			cv = "none"
		}
		m = fmt.Sprintf("ARC-Seal: i=%d; a=ed25519-sha256; cv=%s; d=a.example; s=s; b=AAAA\r\n"+
			"ARC-Message-Signature: i=%d; a=ed25519-sha256; d=a.example; s=s; bh=%s=; h=from%s; b=AAAA\r\nARC-Authentication-Results: i=%d; x\r\n",
			i, cv, i, strings.Repeat("A", 43), strings.Repeat(":a", 4000), i) + m
	}
	return m
}

func BenchmarkLongLists(b *testing.B) {
	m, z := longLists(), publish("a.example")
	b.SetBytes(int64(len(m)))
	b.ReportAllocs()
	for b.Loop() {
		verify(b, z, m)
	}
}

func TestArgs(t *testing.T) {
	for _, args := range []arc.Args{{Now: now}, {Resolver: zone{}}} {
		if _, err := arc.Verify(context.Background(), args); err == nil {
			t.Errorf("no error for %+v", args)
		}
	}
}

func FuzzVerify(f *testing.F) {
	for _, m := range []string{
		plain, sealed(f, "a.example"), sealed(f, "a.example", "b.example"), empties,
		"ARC-Seal: i=1;;cv=none\nARC-Authentication-Results: (a(b)\\)) i (c) = 1 ; x\n\n",
	} {
		f.Add([]byte(m))
	}
	keys := publish("a.example", "b.example")
	f.Fuzz(func(t *testing.T, m []byte) {
		before := bytes.Clone(m)
		res := verify(t, keys, string(m), "a.example")
		if !bytes.Equal(before, m) {
			t.Error("changed")
		}
		if res.Reason == "" || len(res.Sets) > arc.MaxInstance {
			t.Errorf("%+v", res)
		}
		for _, s := range res.Sets {
			if s.Reliable && (res.Result != arc.Pass || s.Seal.Result != arc.Pass || !s.Listed) {
				t.Errorf("reliable without reason: %+v", res)
			}
		}
	})
}

const empties = "ARC-Message-Signature: i=1; h=:; b=; d=\r\nARC-Seal: i=2\r\nARC-Authentication-Results: i=03 (x) ;\r\n\r\n"
