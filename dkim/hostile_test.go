package dkim_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"unspoof/dkim"
)

// repeat reads one text again and again, n octets of it.
type repeat struct {
	text []byte
	n    int64
	at   int
}

func (r *repeat) Read(p []byte) (int, error) {
	if r.n == 0 {
		return 0, io.EOF
	}
	n := 0
	for n < len(p) && r.n > 0 {
		k := copy(p[n:min(int64(len(p)), int64(n)+r.n)], r.text[r.at:])
		r.at = (r.at + k) % len(r.text)
		n += k
		r.n -= int64(k)
	}
	return n, nil
}

// TestHostileMessages are the most expensive messages: each has an answer in
// bounded time and memory.
func TestHostileMessages(t *testing.T) {
	size, some := int64(100<<20), int64(8<<20)
	if testing.Short() {
		size, some = some, 1<<20
	}
	one := signBy(t, plain, plainHead, "hi\r\n")
	field, _, _ := strings.Cut(string(one), "From: ")
	head := field + plainHead + "\r\n"
	for _, c := range []struct {
		name   string
		start  string
		text   string // repeated
		size   int64
		want   dkim.Word // of the first signature
		memory uint64    // most, in octets
	}{
		{"a large body", head, "some text  here\r\n", size, dkim.Fail, 4 << 20},
		{"one line", head, "x", size / 2, dkim.Fail, 4 << 20},
		{"one line of white space", head, " \t", some, dkim.Fail, 4 << 20},
		{"a body of line ends", head, "\r\n", some, dkim.Fail, 4 << 20},
		{"a body of CR", head, "\r", some, dkim.Fail, 4 << 20},
		{"white space and letters in turn", head, "a\t", some, dkim.Fail, 4 << 20},
		{"a header that never ends", field + plainHead, "X: y\r\n", size, dkim.Policy, 32 << 20},
		{"a header line that never ends", field + plainHead + "X: ", "x", size, dkim.Policy, 32 << 20},
		{"100,000 fields", field + plainHead + strings.Repeat("X: y\r\n", 100_000) + "\r\n", "hi\r\n", 4, dkim.Policy, 32 << 20},
		{"19,000 fields", field + plainHead + strings.Repeat("X: y\r\n", 19_000) + "\r\n", "hi\r\n", 4, dkim.Pass, 32 << 20},
		{"1,000 signatures", strings.Repeat(field, 1000) + plainHead + "\r\n", "hi\r\n", 4, dkim.Pass, 32 << 20},
		{"signatures of nothing", strings.Repeat("DKIM-Signature:\r\n", 19_000) + plainHead + "\r\n", "hi\r\n", 4, dkim.PermError, 32 << 20},
		{"an h= of 50,000 names", strings.Replace(field, "h=From", "h=From"+strings.Repeat(":From:a:b", 16_000), 1) + plainHead + "\r\n", "hi\r\n", 4, dkim.Fail, 64 << 20},
		{"a tag list of semicolons", "DKIM-Signature: " + strings.Repeat(";", 900_000) + "\r\n" + plainHead + "\r\n", "x", 1, dkim.PermError, 32 << 20},
		{"a tag list of tags", "DKIM-Signature: " + strings.Repeat("a=;", 300_000) + "\r\n" + plainHead + "\r\n", "x", 1, dkim.PermError, 32 << 20},
	} {
		t.Run(c.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			res, err := dkim.Verifier{Resolver: signed.zone}.Verify(context.Background(),
				dkim.Args{Message: []byte(c.start), Rest: &repeat{text: []byte(c.text), n: c.size}, Now: now})
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			if err != nil || len(res.Results) == 0 || len(res.Results) > dkim.DefaultSignatures {
				t.Fatalf("%d results, %v", len(res.Results), err)
			}
			if r := res.Results[0]; r.Result != c.want || r.Reason == "" {
				t.Errorf("%s (%s), want %s", r.Result, r.Reason, c.want)
			}
			used := after.TotalAlloc - before.TotalAlloc
			t.Logf("%v, %d KB, %s", took.Round(time.Millisecond), used>>10, res.Results[0].Reason)
			if used > c.memory {
				t.Errorf("%d octets allocated, bound %d", used, c.memory)
			}
			if took > time.Minute {
				t.Errorf("took %v", took)
			}
		})
	}
}

func TestHostileForensics(t *testing.T) {
	field, _, _ := strings.Cut(string(signBy(t, plain, plainHead, "hi\r\n")), "From: ")
	for name, msg := range map[string][]byte{
		"1,000 signatures":      []byte(strings.Repeat(field, 1000) + strings.ReplaceAll(plainHead, "hello", "[a] [b] hello") + "\r\nho\r\n"),
		"20 signatures, 3 MB":   []byte(strings.Repeat(field, 20) + strings.ReplaceAll(plainHead, "hello", "[a] hello") + "\r\n" + strings.Repeat("a\r\n", 1<<20)),
		"a body of boundaries":  []byte(field + plainHead + "\r\n" + strings.Repeat("--a\r\n", 100_000)),
		"a subject of brackets": []byte(field + "From: a\r\nSubject: " + strings.Repeat("[", 50_000) + "\r\n\r\n"),
		"quoted":                bytes.ReplaceAll([]byte(strings.Repeat(field, 50)+"\r\n"), []byte("\r\n"), []byte("\r\n> ")),
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			res, err := dkim.Forensic(context.Background(), dkim.ForensicArgs{Message: msg, Archive: archive(t)})
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%v, %d results", time.Since(start).Round(time.Millisecond), len(res.Results))
			if d := time.Since(start); d > 30*time.Second {
				t.Errorf("took %v", d)
			}
		})
	}
}

func TestHeaderLimitIsTheCallers(t *testing.T) {
	msg := signBy(t, plain, plainHead+fmt.Sprintf("X: %01000d\r\n", 1), "hi\r\n")
	res, err := dkim.Verifier{Resolver: signed.zone, MaxHeaderBytes: 900}.Verify(context.Background(), dkim.Args{Message: msg, Now: now})
	if err != nil || res.Results[0].Result != dkim.Policy || len(res.Notes) == 0 {
		t.Errorf("%+v, %v", res, err)
	}
}
