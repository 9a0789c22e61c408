package dkim_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"unspoof/dkim"
)

// archive is the history of example.com's keys: both are long gone from DNS.
func archive(t testing.TB) (out []dkim.ArchivedKey) {
	t.Helper()
	for selector, k := range map[string]dkim.PrivateKey{"r1": signed.rsa, "e1": signed.ed} {
		record, err := k.Record()
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, dkim.ArchivedKey{Domain: "example.com", Selector: selector, Record: record,
			From: now.AddDate(0, -1, 0), Removed: now.AddDate(0, 1, 0)})
	}
	return out
}

func forensic(t testing.TB, a dkim.ForensicArgs) []dkim.ForensicSignature {
	t.Helper()
	if a.Archive == nil {
		a.Archive = archive(t)
	}
	res, err := dkim.Forensic(context.Background(), a)
	if err != nil {
		t.Fatal(err)
	}
	return res.Results
}

// replace changes a message, which must have what is replaced.
func replace(t testing.TB, msg []byte, old, new string) []byte {
	t.Helper()
	if !bytes.Contains(msg, []byte(old)) {
		t.Fatalf("no %q in the message", old)
	}
	return bytes.Replace(msg, []byte(old), []byte(new), 1)
}

func headerOf(msg []byte) []byte {
	i := bytes.Index(msg, []byte("\r\n\r\n"))
	return msg[: i+2 : i+2]
}

// long is a letter of more than one MIME field.
const long = "From: \"Ada Author\" <ada@example.com>\nTo: Bob <bob@example.net>, Carol <carol@example.net>\nSubject: Numbers and plans\n" +
	"Date: Mon, 21 Sep 2026 10:00:00 +0000\nMessage-ID: <2@example.com>\nMIME-Version: 1.0\n" +
	"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nHello Bob,\n\nFrom here on: \xc3\xa4.\n.dot\n\nAda\n"

func TestForensicJudgesHeaderAndBodyApart(t *testing.T) {
	msg := sign(t, args(crlf(long)))
	trace := []byte("Return-Path: <x@example.net>\r\nReceived: from a by b; Mon, 21 Sep 2026 11:00:00 +0000\r\n")
	for _, c := range []struct {
		name     string
		msg      []byte
		returned dkim.Returned
		evidence dkim.Evidence
		body     dkim.Verdict
		field    string // of the first break
		cause    string
	}{
		{"whole", msg, dkim.WholeBody, dkim.EvidenceFull, dkim.Intact, "", ""},
		{"header only", headerOf(msg), dkim.NoBody, dkim.EvidenceHeader, dkim.Unchecked, "", ""},
		{"body cut", msg[:len(msg)-8], dkim.CutBody, dkim.EvidenceHeader, dkim.Unchecked, "", ""},
		{"said to be cut, and whole", msg, dkim.CutBody, dkim.EvidenceFull, dkim.Intact, "", ""},
		{"trace fields in front", append(bytes.Clone(trace), msg...), dkim.WholeBody, dkim.EvidenceFull, dkim.Intact, "", ""},
		{"LF", bytes.ReplaceAll(msg, []byte("\r\n"), []byte("\n")), dkim.WholeBody, dkim.EvidenceFull, dkim.Intact, "", ""},
		{"another body", append(headerOf(msg), "\r\nBuy now\r\n"...), dkim.WholeBody, dkim.EvidenceHeader, dkim.Broken, "", "the body was changed"},
		{"a list footer", append(bytes.Clone(msg), "--\r\nlist@example.net\r\n"...), dkim.WholeBody, dkim.EvidenceFull, dkim.Intact, "", "added under line 6 of the body"},
		{"a banner", replace(t, msg, "Hello Bob", "CAUTION: external\r\n\r\nHello Bob"), dkim.WholeBody, dkim.EvidenceFull, dkim.Intact, "", "2 lines were added above"},
		{"mbox quoting", replace(t, msg, "\nFrom here", "\n>From here"), dkim.WholeBody, dkim.EvidenceFull, dkim.Intact, "", "> was put before lines"},
		{"dots doubled", replace(t, msg, "\n.dot", "\n..dot"), dkim.WholeBody, dkim.EvidenceFull, dkim.Intact, "", "dots at the start"},
		{"transcoded", replace(t, replace(t, msg, ": 8bit", ": quoted-printable"), "\xc3\xa4", "=C3=A4"), dkim.WholeBody, dkim.EvidenceFull, dkim.Intact, "Content-Transfer-Encoding", "transfer encoding"},
		{"quoted", append([]byte("> "), bytes.TrimSuffix(bytes.ReplaceAll(msg, []byte("\r\n"), []byte("\r\n> ")), []byte("> "))...), dkim.WholeBody, dkim.EvidenceFull, dkim.Intact, "", "quoted with >"},
		{"a subject tag", replace(t, msg, "Subject: ", "Subject: [SPAM] "), dkim.WholeBody, dkim.EvidenceFull, dkim.Intact, "Subject", "[SPAM]"},
		{"two subject tags", replace(t, msg, "Subject: ", "Subject: [EXTERNAL] *****SPAM***** "), dkim.NoBody, dkim.EvidenceHeader, dkim.Unchecked, "Subject", "SPAM"},
		{"a tag and a footer", append(replace(t, msg, "Subject: ", "Subject: [list] "), "--\r\nlist\r\n"...), dkim.WholeBody, dkim.EvidenceFull, dkim.Intact, "Subject", "[list]"},
		{"a second From", append([]byte("From: list@example.net\r\n"), msg...), dkim.WholeBody, dkim.EvidenceFull, dkim.Intact, "From", "added after signing"},
		{"From rewritten", replace(t, msg, "From: \"Ada Author\" <ada@example.com>", "From: Ada via list <list@example.net>\r\nX-Original-From: \"Ada Author\" <ada@example.com>"),
			dkim.WholeBody, dkim.EvidenceFull, dkim.Intact, "From", "X-Original-From"},
		{"quotes lost", replace(t, msg, "\"Ada Author\"", "Ada Author"), dkim.WholeBody, dkim.EvidenceFull, dkim.Intact, "From", "rewrote the address list"},
		{"spaces lost", replace(t, msg, ">, Carol", ">,Carol"), dkim.WholeBody, dkim.EvidenceFull, dkim.Intact, "To", "rewrote the address list"},
		{"MIME-Version lost", replace(t, msg, "MIME-Version: 1.0\r\n", ""), dkim.WholeBody, dkim.EvidenceFull, dkim.Intact, "MIME-Version", "removed"},
		{"a tag, and quotes lost", replace(t, replace(t, msg, "\"Ada Author\"", "Ada Author"), "Subject: ", "Subject: [x] "), dkim.WholeBody, dkim.EvidenceFull, dkim.Intact, "From", "rewrote"},
		{"indentation lost", bytes.ReplaceAll(msg, []byte("\r\n\t"), []byte("\r\n")), dkim.WholeBody, dkim.EvidenceFull, dkim.Intact, "", "lost their indentation"},
		{"another Subject", replace(t, msg, "Numbers", "Win money"), dkim.WholeBody, dkim.EvidenceBroken, dkim.Intact, "", "can't be told"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := forensic(t, dkim.ForensicArgs{Message: c.msg, Returned: c.returned})
			if len(got) != 2 {
				t.Fatalf("%d signatures, want 2", len(got))
			}
			for _, r := range got {
				if r.Evidence != c.evidence || r.Body != c.body {
					t.Errorf("%s: %s, body %s (%s), want %s and %s; %+v", r.Signature.Algorithm, r.Evidence, r.Body, r.Reason, c.evidence, c.body, r.Breaks)
				}
				if c.evidence != dkim.EvidenceBroken && !r.Archived {
					t.Errorf("%s: the key is not said to be archived", r.Signature.Algorithm)
				}
				if c.cause == "" {
					if len(r.Breaks) > 0 {
						t.Errorf("breaks %+v", r.Breaks)
					}
					continue
				}
				if len(r.Breaks) == 0 || r.Breaks[0].Field != c.field || !strings.Contains(r.Breaks[0].Cause, c.cause) {
					t.Errorf("%s: breaks %+v, want %s: %s", r.Signature.Algorithm, r.Breaks, c.field, c.cause)
				}
			}
		})
	}
}

func TestForensicSimpleFolding(t *testing.T) {
	// A signer that uses c=simple/simple, with a folded field.
	head := "From: ada@example.com\r\nSubject: one\r\n two\r\nTo: b@example.net,\r\n c@example.net\r\n"
	sig := "DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=r1; h=From:Subject:To;\r\n bh=" + bodyHash("hi\r\n") + ";\r\n b="
	msg := signBy(t, sig, head, "hi\r\n")
	for name, m := range map[string][]byte{
		"tabs for spaces":   bytes.ReplaceAll(msg, []byte("\r\n "), []byte("\r\n\t")),
		"one field only":    replace(t, msg, "one\r\n two", "one\r\n\ttwo"),
		"eight spaces":      bytes.ReplaceAll(msg, []byte("\r\n "), []byte("\r\n        ")),
		"quoted, and as is": msg,
	} {
		t.Run(name, func(t *testing.T) {
			if got := forensic(t, dkim.ForensicArgs{Message: m}); len(got) != 1 || got[0].Evidence != dkim.EvidenceFull {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestForensicSelectors(t *testing.T) {
	msg := sign(t, args(crlf(long)))
	invented := replace(t, replace(t, msg, "s=r1;", "s=r9;"), "s=e1;", "s=e9;")
	elsewhere := []dkim.ArchivedKey{{Domain: "example.org", Selector: "r1", Record: "v=DKIM1; p="}}
	for _, c := range []struct {
		name string
		args dkim.ForensicArgs
		want dkim.Evidence
	}{
		{"a selector that never was", dkim.ForensicArgs{Message: invented}, dkim.EvidenceInvented},
		{"likewise, and DNS has none", dkim.ForensicArgs{Message: invented, Resolver: zone{}}, dkim.EvidenceInvented},
		{"no history to say so", dkim.ForensicArgs{Message: invented, Archive: elsewhere}, dkim.EvidenceNone},
		{"DNS does not answer", dkim.ForensicArgs{Message: invented, Resolver: zone{servfail: []string{"r9._domainkey.example.com", "e9._domainkey.example.com"}}}, dkim.EvidenceNone},
		{"DNS knows it", dkim.ForensicArgs{Message: msg, Archive: elsewhere, Resolver: signed.zone}, dkim.EvidenceFull},
		{"a revoked key in the archive", dkim.ForensicArgs{Message: msg, Archive: []dkim.ArchivedKey{{Domain: "example.com", Selector: "r1", Record: "p="}, {Domain: "example.com", Selector: "e1", Record: "p="}}}, dkim.EvidenceNone},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, r := range forensic(t, c.args) {
				if r.Evidence != c.want {
					t.Errorf("%q (%s), want %q", r.Evidence, r.Reason, c.want)
				}
			}
		})
	}
	if got := forensic(t, dkim.ForensicArgs{Message: msg, Domains: []string{"example.org"}}); len(got) != 0 {
		t.Errorf("a signature of another domain was judged: %+v", got)
	}
	if got := forensic(t, dkim.ForensicArgs{Message: msg, Domains: []string{"COM"}}); len(got) != 2 {
		t.Errorf("names under the domain were left out: %+v", got)
	}
}

func TestForensicComparesTimesWithTheHandOver(t *testing.T) {
	a := args(crlf(long))
	a.Expire = 24 * time.Hour
	msg := sign(t, a)
	for _, c := range []struct {
		at       time.Time
		expiry   dkim.Expiry
		outdated bool
	}{
		{time.Time{}, dkim.ExpiryUnjudged, false},
		{now.Add(time.Hour), dkim.ExpiryKept, false},
		{now.Add(25 * time.Hour), dkim.ExpiryPassed, false},
		{now.AddDate(1, 0, 0), dkim.ExpiryPassed, true},
		{now.AddDate(-1, 0, 0), dkim.ExpiryKept, true},
	} {
		for _, r := range forensic(t, dkim.ForensicArgs{Message: msg, HandedOver: c.at}) {
			if r.Expiry != c.expiry || r.Outdated != c.outdated || r.Evidence != dkim.EvidenceFull {
				t.Errorf("at %v: %s, outdated %v, %s", c.at, r.Expiry, r.Outdated, r.Evidence)
			}
		}
	}
}

func TestForensicLength(t *testing.T) {
	head := "From: ada@example.com\r\n"
	sig := "DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=r1; h=From; l=4;\r\n bh=" + bodyHash("hi\r\n") + "; b="
	for body, want := range map[string]dkim.Verdict{"hi\r\n": dkim.Intact, "hi\r\nmore\r\n": dkim.Partial, "ho\r\nmore\r\n": dkim.Broken, "h": dkim.Broken} {
		got := forensic(t, dkim.ForensicArgs{Message: signBy(t, sig, head, body)})
		if len(got) != 1 || got[0].Header != dkim.Intact || got[0].Body != want {
			t.Errorf("%q: %+v, want %s", body, got, want)
		}
	}
}

func TestForensicCopiedFields(t *testing.T) {
	head := "From: ada@example.com\r\nSubject: changed\r\n"
	sig := "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed; d=example.com; s=r1; h=From:Subject;\r\n z=From:ada@example.com|Subject:=20first=20one;\r\n bh=" + bodyHash("hi\r\n") + "; b="
	msg := signBy(t, sig, strings.Replace(head, "changed", "first one", 1), "hi\r\n")
	msg = replace(t, msg, "Subject: first one", "Subject: changed")
	got := forensic(t, dkim.ForensicArgs{Message: msg})
	if got[0].Evidence != dkim.EvidenceFull || got[0].Breaks[0].Field != "Subject" || !strings.Contains(got[0].Breaks[0].Cause, "z=") {
		t.Errorf("%+v", got)
	}
}

func TestForensicIsBounded(t *testing.T) {
	// Every field is a candidate, none fits.
	var b strings.Builder
	b.WriteString("From: \"A\" <a@example.com>\n")
	for range 200 {
		fmt.Fprintf(&b, "Subject: [a] [b] [c] x\nTo: \"x\" <a@example.net>, b@example.net\n")
	}
	b.WriteString("\nbody\n" + strings.Repeat("line\n", 10_000))
	msg := sign(t, args(crlf(b.String())))
	msg = replace(t, replace(t, msg, "[c] x", "[c] y"), "body\r\n", "other\r\n")
	start := time.Now()
	for _, r := range forensic(t, dkim.ForensicArgs{Message: msg}) {
		if r.Evidence != dkim.EvidenceBroken || r.Tries > 20_000 {
			t.Errorf("%s after %d tries", r.Evidence, r.Tries)
		}
	}
	if d := time.Since(start); d > 20*time.Second {
		t.Errorf("took %v", d)
	}
}
