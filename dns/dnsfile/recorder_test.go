package dnsfile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"unspoof/dns"

	"github.com/google/go-cmp/cmp"
)

// script answers each question by a function.
type script func(ctx context.Context, q dns.Question) (dns.Answer, error)

func (s script) Lookup(ctx context.Context, q dns.Question) (dns.Answer, error) { return s(ctx, q) }

// full is an answer with something in every field.
func full(q dns.Question) dns.Answer {
	return dns.Answer{
		Chain: []string{"b.example", "c\\d.\xff.example"}, TTL: time.Minute, Server: "192.0.2.53:53", Authenticated: true,
		Records: []dns.Record{
			{Name: "c", Type: dns.TypeA, TTL: time.Minute, Addr: netip.MustParseAddr("192.0.2.1")},
			{Name: "c", Type: dns.TypeAAAA, Addr: netip.MustParseAddr("::ffff:192.0.2.1")},
			{Name: "c", Type: dns.TypeMX, Pref: 65535, Host: ""},
			{Name: "c", Type: dns.TypeMX, Host: "mail.example"},
			{Name: "c", Type: dns.TypePTR, Host: "sp ace.\x00.example"},
			{Name: "c", Type: dns.TypeTXT, Text: []string{"", "v=spf1 \"\\\\065", "\xff\x00\n", "ü"}},
			{Name: "c", Type: dns.TypeSOA},
			{Name: "c", Type: dns.TypeSOA, SOA: &dns.SOA{MName: "ns.example", RName: "a\\046b.example", Serial: 1<<32 - 1, Refresh: time.Hour, Minimum: time.Second}},
			{Name: "c", Type: dns.TypeDS, DS: &dns.DS{KeyTag: 60485, Algorithm: 13, DigestType: 2, Digest: []byte{0, 255}}},
			{Name: "c", Type: dns.TypeDNSKEY, DNSKEY: &dns.DNSKEY{Flags: 257, Protocol: 3, Algorithm: 15, Key: []byte("key")}},
			{Name: "c", Type: dns.TypeTLSA, TLSA: &dns.TLSA{Usage: 3, Selector: 1, MatchingType: 1, Data: []byte{1, 2, 254}}},
			{Name: "c", Type: dns.TypeCAA, CAA: &dns.CAA{Flags: 128, Tag: "issue", Value: "ca.example; \"\\\xff"}},
			{Name: "c", Type: 257},
		},
	}
}

func TestRecordingReplaysEverything(t *testing.T) {
	answers := map[string]func(dns.Question) (dns.Answer, error){
		"full.example":   func(q dns.Question) (dns.Answer, error) { return full(q), nil },
		"nodata.example": func(q dns.Question) (dns.Answer, error) { return dns.Answer{TTL: time.Hour}, nil },
		"none.example":   func(q dns.Question) (dns.Answer, error) { return dns.Answer{RCode: dns.NXDomain}, nil },
		"alias.example": func(q dns.Question) (dns.Answer, error) {
			return dns.Answer{RCode: dns.NXDomain, Chain: []string{"x.example"}, Server: "s"}, nil
		},
		"slow.example": func(q dns.Question) (dns.Answer, error) {
			return dns.Answer{}, &dns.Error{Question: q, Kind: dns.FaultTimeout}
		},
		"broken.example": func(q dns.Question) (dns.Answer, error) {
			return dns.Answer{}, &dns.Error{Question: q, Kind: dns.FaultServFail, Server: "192.0.2.53:53", Err: errors.New("the server said SERVFAIL")}
		},
		"w\\\xff\t.example": func(q dns.Question) (dns.Answer, error) { return full(q), nil },
	}
	rec := NewRecorder(script(func(_ context.Context, q dns.Question) (dns.Answer, error) { return answers[q.Name](q) }))
	for name := range answers {
		for _, typ := range []dns.Type{dns.TypeTXT, 257} {
			rec.Lookup(t.Context(), dns.Question{Name: name, Type: typ})
		}
	}
	path := filepath.Join(t.TempDir(), "a.zone") // the name says nothing
	if err := rec.Save(path); err != nil {
		t.Fatal(err)
	}
	if fi, err := os.Stat(path); err != nil || fi.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", fi.Mode(), err)
	}
	view, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, answer := range answers {
		q := dns.Question{Name: name, Type: dns.TypeTXT}
		want, wantErr := answer(q)
		got, err := view.Lookup(t.Context(), q)
		if d := cmp.Diff(want, got, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); d != "" {
			t.Errorf("%q: %s", name, d)
		}
		if fmt.Sprint(err) != fmt.Sprint(wantErr) {
			t.Errorf("%q: %v, want %v", name, err, wantErr)
		}
	}
	if got := told(t, view, dns.TypeTXT, "other.example"); got != "offline" {
		t.Errorf("a question that was not asked: %s", got)
	}
	if got := told(t, view, dns.TypeMX, "full.example"); got != "offline" {
		t.Errorf("a type that was not asked: %s", got)
	}
	// A replay that is recorded gives the same file.
	again := NewRecorder(view)
	for name := range answers {
		for _, typ := range []dns.Type{dns.TypeTXT, 257} {
			again.Lookup(t.Context(), dns.Question{Name: name, Type: typ})
		}
	}
	var first, second bytes.Buffer
	rec.WriteTo(&first)
	again.WriteTo(&second)
	if d := cmp.Diff(first.String(), second.String()); d != "" {
		t.Error(d)
	}
}

func TestRecorderGivesOneAnswerToAQuestion(t *testing.T) {
	n := 0
	rec := NewRecorder(script(func(_ context.Context, q dns.Question) (dns.Answer, error) {
		if n++; n == 1 {
			return dns.Answer{}, &dns.Error{Question: q, Kind: dns.FaultServFail}
		}
		return full(q), nil
	}))
	for _, name := range []string{"a.example", "A.example."} {
		if got := told(t, rec, dns.TypeTXT, name); got != "servfail" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestRecorderLeavesOutWhatSaysNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	rec := NewRecorder(script(func(_ context.Context, q dns.Question) (dns.Answer, error) {
		switch q.Name {
		case "canceled":
			return dns.Answer{}, &dns.Error{Question: q, Kind: dns.FaultCanceled}
		case "odd":
			return dns.Answer{}, errors.New("no *dns.Error")
		case "late":
			cancel()
			return dns.Answer{}, &dns.Error{Question: q, Kind: dns.FaultTimeout}
		}
		return dns.Answer{}, &dns.Error{Question: q, Kind: dns.FaultName}
	}))
	for _, name := range []string{"canceled", "odd", "a..b", "late"} {
		if _, err := rec.Lookup(ctx, dns.Question{Name: name}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if n := len(rec.recording().Answers); n != 0 {
		t.Errorf("%d answers kept", n)
	}
}

func TestRecorderIsBoundedAndSaysSo(t *testing.T) {
	rec := NewRecorder(script(func(_ context.Context, q dns.Question) (dns.Answer, error) { return dns.Answer{}, nil }))
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := w; i < maxRecorded+2; i += 4 {
				rec.Lookup(context.Background(), dns.Question{Name: fmt.Sprint(i)})
			}
		})
	}
	wg.Wait()
	path := filepath.Join(t.TempDir(), "f")
	if err := rec.Save(path); err == nil || !strings.Contains(err.Error(), "2 more were not kept") {
		t.Error(err)
	}
	if _, err := Open(path); err != nil {
		t.Error(err)
	}
}

func TestSaveLeavesTheOldFileOnFailure(t *testing.T) {
	dir := t.TempDir()
	rec := NewRecorder(parse(t, zone))
	if err := rec.Save(filepath.Join(dir, "none", "f")); err == nil {
		t.Error("saved in a folder that is not there")
	}
	if err := rec.Save(dir); err == nil || !strings.Contains(err.Error(), dir) {
		t.Errorf("saved over a folder: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(dir), ".dns-recording-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestOpenSaysWhichFile(t *testing.T) {
	for _, path := range []string{filepath.Join(t.TempDir(), "none.yml"), t.TempDir()} {
		if _, err := Open(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
	}
}
