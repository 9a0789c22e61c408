package dkim_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"unspoof/dkim"
	"unspoof/dns"
)

// plain is the start of a signature of one short body, to be completed by signBy.
const plain = "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=r1; h=From:Subject;\r\n bh=RHI91NDg1Go8f6isolS2HCe2tXiflhd+gsgHAECfFTU=; b="

const plainHead = "From: ada@example.com\r\nSubject: hello\r\n"

// with puts tags into plain.
func with(tags string) string { return strings.Replace(plain, "v=1;", "v=1; "+tags, 1) }

// TestLocalChoices holds what the package comment promises where the RFCs leave
// a choice.
func TestLocalChoices(t *testing.T) {
	record, _ := signed.rsa.Record()
	testing_ := zone{txt: map[string][][]string{"r1._domainkey.example.com": {{strings.Replace(record, "v=DKIM1;", "v=DKIM1; t=y;", 1)}}}}
	two := zone{txt: map[string][][]string{"r1._domainkey.example.com": {{record}, {"v=DKIM1; p="}}}}
	beside := zone{txt: map[string][][]string{"r1._domainkey.example.com": {{"v=spf1 -all"}, dkim.Strings(record)}}}
	for _, c := range []struct {
		name  string
		field string
		head  string // what is put in front of the signed header
		body  string
		zone  zone
		want  dkim.Word
		note  string
	}{
		{"a plain signature", plain, "", "hi\r\n", signed.zone, dkim.Pass, ""},
		{"l= over the whole body", with("l=4;"), "", "hi\r\n", signed.zone, dkim.Pass, "l= covers the whole body"},
		{"l= over less", with("l=4;"), "", "hi\r\nmore\r\n", signed.zone, dkim.Policy, ""},
		{"l= over less, and not even that", with("l=4;"), "", "ho\r\nmore\r\n", signed.zone, dkim.Fail, ""},
		{"l= over more", with("l=5;"), "", "hi\r\n", signed.zone, dkim.PermError, ""},
		{"t= in the future", with("t=4000000000;"), "", "hi\r\n", signed.zone, dkim.Pass, "in the future"},
		{"x= not later than t=", with("t=4000000000; x=4000000000;"), "", "hi\r\n", signed.zone, dkim.Policy, ""},
		{"x= passed", with("t=5; x=6;"), "", "hi\r\n", signed.zone, dkim.Policy, ""},
		{"x= this very second", with("x=1789992000;"), "", "hi\r\n", signed.zone, dkim.Pass, ""},
		{"x= a second ago", with("x=1789991999;"), "", "hi\r\n", signed.zone, dkim.Policy, ""},
		{"a second From above the signed one", plain, "From: eve@example.org\r\n", "hi\r\n", signed.zone, dkim.Pass, "not every field of these names is signed: From"},
		{"a second Subject", plain, "subject: win\r\n", "hi\r\n", signed.zone, dkim.Pass, "Subject"},
		{"a testing key", plain, "", "hi\r\n", testing_, dkim.Pass, "testing"},
		{"a testing key and another body", plain, "", "ho\r\n", testing_, dkim.Fail, "testing"},
		{"two key records", plain, "", "hi\r\n", two, dkim.PermError, ""},
		{"an SPF record beside the key", plain, "", "hi\r\n", beside, dkim.Pass, ""},
		{"another version", strings.Replace(plain, "v=1", "v=2", 1), "", "hi\r\n", signed.zone, dkim.Neutral, ""},
		{"a fault of syntax", with("t=x;"), "", "hi\r\n", signed.zone, dkim.PermError, ""},
		{"white space before the colon", plain, "Subject2 : x\r\n", "hi\r\n", signed.zone, dkim.Pass, ""},
		{"a bare LF in the body", plain, "", "hi\n", signed.zone, dkim.Pass, ""},
		{"rsa-sha1", strings.Replace(strings.Replace(plain, "rsa-sha256", "rsa-sha1", 1), "RHI91NDg1Go8f6isolS2HCe2tXiflhd+gsgHAECfFTU=", "RHI91NDg1Go8f6isolS2HCe2tXg=", 1), "", "hi\r\n", signed.zone, dkim.Policy, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			msg := append([]byte(c.head), signBy(t, c.field, plainHead, c.body)...)
			got := verify(t, c.zone, msg)
			if len(got) != 1 || got[0].Result != c.want || got[0].Reason == "" {
				t.Fatalf("%+v, want %s", got, c.want)
			}
			if notes := strings.Join(got[0].Notes, "; "); !strings.Contains(notes, c.note) || (c.note == "") != (notes == "") {
				t.Errorf("notes %q, want %q", notes, c.note)
			}
		})
	}
}

func TestVerifyJudgesHeaderAndBodyApart(t *testing.T) {
	msg := signBy(t, plain, plainHead, "hi\r\n")
	for _, c := range []struct {
		name         string
		msg          []byte
		header, body dkim.Verdict
		reason       string
	}{
		{"whole", msg, dkim.Intact, dkim.Intact, "match"},
		{"body", replace(t, msg, "\r\n\r\nhi", "\r\n\r\nho"), dkim.Intact, dkim.Broken, "body hash"},
		{"subject", replace(t, msg, "hello", "[x] hello"), dkim.Broken, dkim.Intact, "[x] in front of the subject"},
		{"both", replace(t, replace(t, msg, "hello", "bye"), "\r\n\r\nhi", "\r\n\r\nho"), dkim.Broken, dkim.Broken, "either"},
		{"a field gone", replace(t, msg, "Subject: hello\r\n", ""), dkim.Broken, dkim.Intact, "header changed"},
		{"b= damaged", replace(t, msg, "; b=", "; b=AA"), dkim.Broken, dkim.Intact, "another key"},
		{"no blank line, no body", []byte(strings.SplitN(string(msg), "\r\n\r\n", 2)[0]), dkim.Intact, dkim.Broken, "body hash"},
	} {
		got := verify(t, signed.zone, c.msg)[0]
		if got.Header != c.header || got.Body != c.body || !strings.Contains(got.Reason, c.reason) {
			t.Errorf("%s: %s and %s (%s), want %s and %s (%s)", c.name, got.Header, got.Body, got.Reason, c.header, c.body, c.reason)
		}
	}
}

func TestHeaderTricks(t *testing.T) {
	a := args(crlf(letter))
	msg := sign(t, a)
	for _, c := range []struct {
		name, field string
		want        dkim.Word
	}{
		{"a From behind a bare LF", "X-A: b\nFrom: eve@example.org\r\n", dkim.Fail},
		{"a From with white space before the colon", "From : eve@example.org\r\n", dkim.Fail},
		{"a From in other case", "FROM: eve@example.org\r\n", dkim.Fail},
		{"a folded From", "From:\r\n eve@example.org\r\n", dkim.Fail},
		{"a line that is no field", "garbage\r\n", dkim.Pass},
		{"an indented first line", " From: eve@example.org\r\n", dkim.Pass}, // belongs to no field
		{"a signature that is none", "DKIM-Signature2: x\r\n", dkim.Pass},
	} {
		got := verify(t, signed.zone, append([]byte(c.field), msg...))
		if len(got) != 2 || got[0].Result != c.want || got[1].Result != c.want {
			t.Errorf("%s: %+v, want %s", c.name, got, c.want)
		}
	}
}

func TestASignatureNeverCoversItself(t *testing.T) {
	field := strings.Replace(plain, "h=From:Subject", "h=From:DKIM-Signature:dkim-signature", 1)
	older := "DKIM-Signature: v=1; a=older\r\n"
	msg := signBy(t, field, plainHead+older, "hi\r\n")
	got := verify(t, signed.zone, msg)
	if got[0].Result != dkim.Pass {
		t.Errorf("%+v", got[0])
	}
	if got = verify(t, signed.zone, replace(t, msg, "a=older", "a=other")); got[0].Result != dkim.Fail {
		t.Errorf("a changed older signature: %+v", got[0])
	}
}

func TestVerifyStreams(t *testing.T) {
	body := strings.Repeat("some  text \t here\r\n\r\n", 5000) + "\r\n\r\n"
	msg := sign(t, args(append(crlf("From: a@example.com\n\n"), body...)))
	for _, cut := range []int{0, 1, 30, 1000, 1200, 1230, len(msg) - 1, len(msg)} {
		for name, rest := range map[string]io.Reader{
			"whole":             bytes.NewReader(msg[cut:]),
			"halves":            iotest.HalfReader(bytes.NewReader(msg[cut:])),
			"data with the end": iotest.DataErrReader(bytes.NewReader(msg[cut:])),
		} {
			res, err := dkim.Verifier{Resolver: signed.zone}.Verify(context.Background(), dkim.Args{Message: msg[:cut:cut], Rest: rest, Now: now})
			if err != nil || len(res.Results) != 2 || res.Results[0].Result != dkim.Pass || res.Results[1].Result != dkim.Pass {
				t.Fatalf("%s, cut at %d: %+v, %v", name, cut, res, err)
			}
		}
	}
	for _, cut := range []int{10, len(msg) - 10} {
		rest := io.MultiReader(bytes.NewReader(msg[:cut]), iotest.ErrReader(errors.New("gone")))
		if _, err := (dkim.Verifier{Resolver: signed.zone}).Verify(context.Background(), dkim.Args{Rest: rest, Now: now}); err == nil || !strings.Contains(err.Error(), "gone") {
			t.Errorf("a reader that fails at %d: %v", cut, err)
		}
	}
}

func TestVerifyWithoutSignature(t *testing.T) {
	for _, msg := range []string{"", "\r\n", "From: a@example.com\r\n\r\nx", "x"} {
		if got := verify(t, signed.zone, []byte(msg)); len(got) != 0 {
			t.Errorf("%q: %+v", msg, got)
		}
	}
}

func TestVerifyWantsItsArguments(t *testing.T) {
	if _, err := (dkim.Verifier{}).Verify(context.Background(), dkim.Args{Now: now}); err == nil {
		t.Error("no resolver")
	}
	if _, err := (dkim.Verifier{Resolver: zone{}}).Verify(context.Background(), dkim.Args{}); err == nil {
		t.Error("no clock")
	}
}

// counter counts the questions and the most that were asked at once.
type counter struct {
	zone
	asked, now, most atomic.Int32
}

func (c *counter) Lookup(ctx context.Context, q dns.Question) (dns.Answer, error) {
	c.asked.Add(1)
	if n := c.now.Add(1); n > c.most.Load() {
		c.most.Store(n)
	}
	time.Sleep(time.Millisecond)
	defer c.now.Add(-1)
	return c.zone.Lookup(ctx, q)
}

func TestLookUpsAreBoundedAndShared(t *testing.T) {
	one := signBy(t, plain, plainHead, "hi\r\n")
	field, _, _ := strings.Cut(string(one), "From: ")
	other := strings.Replace(field, "s=r1", "s=r2", 1)
	c := &counter{zone: signed.zone}
	msg := []byte(strings.Repeat(field, 5) + strings.Repeat(other, 5) + strings.Repeat(field, 30) + string(one))
	res, err := dkim.Verifier{Resolver: c}.Verify(context.Background(), dkim.Args{Message: msg, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	if c.asked.Load() != 2 || c.most.Load() != 2 {
		t.Errorf("%d questions, %d at once, want 2 and 2", c.asked.Load(), c.most.Load())
	}
	if len(res.Results) != dkim.DefaultSignatures || res.Skipped != 41-dkim.DefaultSignatures || len(res.Notes) == 0 {
		t.Errorf("%d results, %d skipped, %q", len(res.Results), res.Skipped, res.Notes)
	}
	words := []dkim.Word{dkim.Pass, dkim.Pass, dkim.Pass, dkim.Pass, dkim.Pass, dkim.PermError}
	for i, w := range words {
		if res.Results[i].Result != w {
			t.Errorf("result %d is %s (%s), want %s", i, res.Results[i].Result, res.Results[i].Reason, w)
		}
	}
	res, err = dkim.Verifier{Resolver: c, MaxSignatures: 1}.Verify(context.Background(), dkim.Args{Message: msg, Now: now})
	if err != nil || len(res.Results) != 1 || res.Skipped != 40 {
		t.Errorf("%+v, %v", res, err)
	}
}

func TestVerifyEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	msg := signBy(t, plain, plainHead, "hi\r\n")
	res, err := dkim.Verifier{Resolver: signed.zone}.Verify(ctx, dkim.Args{Message: msg, Now: now})
	if err != nil || res.Results[0].Result != dkim.TempError {
		t.Errorf("%+v, %v", res, err)
	}
}

func TestResultTellsTheFacts(t *testing.T) {
	a := args(crlf(letter))
	a.Expire = time.Hour
	got := verify(t, signed.zone, sign(t, a))
	r := got[0]
	if r.Domain != "example.com" || r.Selector != "r1" || r.Identity != "@example.com" || r.Bits != 2048 || r.KeyType != "rsa" ||
		r.Length != -1 || r.BodySize != int64(len("Hello Bob,\r\n\r\nthe numbers are up.\r\n See you soon.\r\n\r\nAda\r\n")) || len(r.Value) != 344 {
		t.Errorf("%+v", r)
	}
	if !slices.Contains(r.Signed, "Subject") || len(r.Unsigned) != 0 || len(r.Notes) != 0 {
		t.Errorf("%+v", r)
	}
	if got[1].Bits != 256 || got[1].KeyType != "ed25519" {
		t.Errorf("%+v", got[1])
	}
}
