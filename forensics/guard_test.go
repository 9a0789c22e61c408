package forensics_test

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"

	"unspoof/dns"
	"unspoof/dns/dnsfile"
	"unspoof/forensics"
)

// asked is a resolver that writes down every question and every name that an
// answer gave.
type asked struct {
	next dns.Resolver

	mu        sync.Mutex
	questions []string
	answered  []string
}

func (a *asked) Lookup(ctx context.Context, q dns.Question) (dns.Answer, error) {
	ans, err := a.next.Lookup(ctx, q)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.questions = append(a.questions, q.Type.String()+" "+dns.Canonical(q.Name))
	for _, r := range ans.Records {
		a.answered = append(a.answered, r.Host, strings.Join(r.Text, ""))
	}
	return ans, err
}

const hostileNotice = `X-Original-To: info@firm.example
Received: from helo.evil.example (vps66.cheap.example [203.0.113.66])
	by mx.firm.example (Postfix) with ESMTPS id N1
	for <info@firm.example>; Mon, 10 Mar 2025 06:05:00 +0000
Received: from leak1.evil.example (leak2.evil.example [203.0.113.1]) by leak3.evil.example; Mon, 10 Mar 2025 06:04:00 +0000
From: postmaster@leak4.evil.example
Reply-To: x@leak5.evil.example
DKIM-Signature: v=1; a=rsa-sha256; d=leak6.evil.example; s=sel; h=From; bh=AA==; b=BB==
Authentication-Results: leak7.evil.example; spf=pass
List-Unsubscribe: <https://leak8.evil.example/x>
`

const hostileReport = `Reporting-MTA: mx.reporter.example
Final-Recipient: a@leak9.evil.example
Original-Recipient: b@leak10.evil.example
Remote-MTA: leak11.evil.example
Received-From-MTA: leak12.evil.example
Diagnostic-Code: 550 5.7.1 see http://leak13.evil.example/ DMARC of leak14.evil.example [203.0.113.9]
`

const hostileOriginal = `Received: from leak15.evil.example (leak16.evil.example [203.0.113.80]) by mx.reporter.example with ESMTP id S1; Mon, 10 Mar 2025 06:00:01 +0000
Received: from leak17.evil.example (leak18.evil.example [203.0.113.3]) by leak19.evil.example with ESMTPSA id X; Mon, 10 Mar 2025 06:00:00 +0000
DKIM-Signature: v=1; a=rsa-sha256; d=leak20.evil.example; s=leak21; h=From; bh=AA==; b=BB==
DKIM-Signature: v=1; a=rsa-sha256; d=firm.example; s=mine22; h=From; bh=AA==; b=BB==
From: <secret-local-part@leak23.evil.example>
Sender: x@leak24.evil.example
Return-Path: <secret-local-part@leak25.evil.example>
Date: Mon, 10 Mar 2025 06:00:00 +0000
Message-ID: <x@leak26.evil.example>
X-Originating-IP: [203.0.113.4]
`

// TestGuardHostileMail lists every question that a notice full of names may cause:
// about the address that handed the notice in, about the reporting host, and about
// my own domain and its keys. The address that handed the original over is not asked about,
// because nothing depends on its name.
func TestGuardHostileMail(t *testing.T) {
	for _, fault := range []bool{false, true} {
		p, view := baseProfile(t)
		rec := &asked{next: view}
		if fault {
			rec.next = failing{}
		}
		n := buildNotice(t, map[string][]byte{
			"notice": []byte(hostileNotice), "report": []byte(hostileReport), "original": []byte(hostileOriginal),
		})
		forensics.NewJudge(p, rec).Judge(t.Context(), n)
		slices.Sort(rec.questions)
		want := []string{
			"A vps66.cheap.example", "PTR 66.113.0.203.in-addr.arpa", "TXT _spf.letters.example",
			"TXT mine22._domainkey.firm.example", "TXT reporter.example",
		}
		if fault {
			want = []string{"PTR 66.113.0.203.in-addr.arpa", "TXT _spf.letters.example", "TXT mine22._domainkey.firm.example", "TXT reporter.example"}
		}
		if got := slices.Compact(rec.questions); !slices.Equal(got, want) {
			t.Errorf("fault %v: asked\n  %q\nwant\n  %q", fault, got, want)
		}
	}
}

// TestGuardEveryCase holds for all cases that nothing is asked but what was
// granted: own names, the two addresses, the reporter's organisation, catalogue
// hosts, and names that an earlier answer gave.
func TestGuardEveryCase(t *testing.T) {
	for _, c := range loadCases(t) {
		rec := &asked{next: c.dns}
		j := forensics.NewJudge(c.profile, rec).Judge(t.Context(), c.notice)
		reporter := c.notice.ReportingMTA
		if reporter == "" && len(c.notice.Original.Hops) > 0 {
			reporter = c.notice.Original.Hops[0].By
		}
		org := reporter[strings.IndexByte(reporter, '.')+1:]
		for _, q := range rec.questions {
			typ, name, _ := strings.Cut(q, " ")
			switch {
			case typ == "PTR" && slices.ContainsFunc(addressesOf(c), func(ip netip.Addr) bool { return dns.ReverseName(ip) == name }):
			case strings.HasSuffix(name, "firm.example") || name == "bigpost.example":
			case org != "" && (name == org || strings.HasSuffix(name, "."+org)):
			case reporter == "googlemail.com" && (name == "_spf.google.com" || name == "googlemail.com"):
			case slices.ContainsFunc(append(rec.answered, historyOf(c.profile)...), func(s string) bool { return strings.Contains(s, name) }):
			default:
				t.Errorf("%s: asked %s (handoff %s)", c.name, q, j.HandoffIP)
			}
		}
	}
}

// addressesOf gives the addresses whose reverse names may be asked: of the notice's
// and the original's Received lines that own hosts or the reporter can have written.
func addressesOf(c judgeCase) (out []netip.Addr) {
	for _, h := range slices.Concat(c.notice.Hops, c.notice.Original.Hops) {
		if h.FromIP.IsValid() {
			out = append(out, h.FromIP)
		}
	}
	return out
}

// TestGuardManySelectors: whoever signs in my name with a hundred selectors makes
// nobody ask for more than four of them.
func TestGuardManySelectors(t *testing.T) {
	p, view := baseProfile(t)
	rec := &asked{next: view}
	var fields strings.Builder
	for i := range 100 {
		fmt.Fprintf(&fields, "DKIM-Signature: v=1; a=rsa-sha256; d=firm.example; s=s%d; h=From; bh=%s; b=BBBB\n", i, strings.Repeat("A", 43)+"=")
	}
	n := buildNotice(t, map[string][]byte{
		"notice": []byte(hostileNotice), "report": []byte(hostileReport), "original": []byte(fields.String() + hostileOriginal),
	})
	forensics.NewJudge(p, rec).Judge(t.Context(), n)
	asked := 0
	for _, q := range rec.questions {
		if strings.Contains(q, "_domainkey") {
			asked++
		}
	}
	if asked != 4 {
		t.Errorf("%d keys asked: %q", asked, rec.questions)
	}
}

func historyOf(p *forensics.Profile) (out []string) {
	for _, s := range p.SPFHistory {
		out = append(out, s.Record)
	}
	return out
}

// failing answers nothing.
type failing struct{}

func (failing) Lookup(_ context.Context, q dns.Question) (dns.Answer, error) {
	return dns.Answer{}, &dns.Error{Question: q, Kind: dns.FaultTimeout}
}

func baseProfile(t testing.TB) (*forensics.Profile, dns.Resolver) {
	t.Helper()
	return mergeProfile(t, "profile.yaml", readTestdata(t, "profile.yaml"), nil)
}

// TestJudgeWithoutDNS: with no resolver, or one that never answers, evidence that
// needs DNS is missing, but nothing is decided the other way.
func TestJudgeWithoutDNS(t *testing.T) {
	for _, c := range loadCases(t) {
		want := forensics.NewJudge(c.profile, c.dns).Judge(t.Context(), c.notice)
		for name, r := range map[string]dns.Resolver{"none": nil, "failing": failing{}} {
			got := forensics.NewJudge(c.profile, r).Judge(t.Context(), c.notice)
			checkManners(t, got)
			if got.Verdict != want.Verdict && got.Verdict != forensics.Unknown && got.Confidence != forensics.Low {
				t.Errorf("%s, %s resolver: %s/%s (%s), with DNS %s/%s", c.name, name,
					got.Verdict, got.Subtype, got.Confidence, want.Verdict, want.Subtype)
			}
		}
	}
}

// TestGuardMacros: a record with macros in the reporter's name can only be asked
// below its fixed part, and gets no local part of the mail.
func TestGuardMacros(t *testing.T) {
	p, _ := baseProfile(t)
	p.SPFHistory = nil
	view, err := dnsfile.Parse("zone.yaml", []byte(`
dns:
  TXT:
    firm.example: "v=spf1 exists:%{l}.%{i}._x.firm.example -all"
    reporter.example: "v=spf1 exists:%{i}.%{l}.%{h}._spf.collector.example ?all"
  PTR: {203.0.113.66: vps66.cheap.example}
  A: {vps66.cheap.example: 203.0.113.66}
`))
	if err != nil {
		t.Fatal(err)
	}
	rec := &asked{next: view}
	n := buildNotice(t, map[string][]byte{
		"notice": []byte(hostileNotice), "report": []byte(hostileReport), "original": []byte(hostileOriginal),
	})
	forensics.NewJudge(p, rec).Judge(t.Context(), n)
	for _, q := range rec.questions {
		if strings.Contains(q, "secret") || strings.Contains(q, "leak") {
			t.Errorf("asked %s", q)
		}
	}
	if !slices.Contains(rec.questions, "A postmaster.203.0.113.80._x.firm.example") {
		t.Errorf("the own record's macro was not followed: %q", rec.questions)
	}
}

// TestGuardInventedChain: a forged notice with a hundred inner hops, each from
// another address with a name of the forger's, costs a handful of questions.
func TestGuardInventedChain(t *testing.T) {
	p, _ := baseProfile(t)
	p.SPFHistory = nil
	var zoneText, chain strings.Builder
	zoneText.WriteString("  A:\n    vps66.cheap.example: 203.0.113.66\n  PTR:\n    203.0.113.66: vps66.cheap.example\n")
	for i := range 100 {
		fmt.Fprintf(&zoneText, "    192.0.2.%d: h%d.cheap.example\n", i+1, i)
		fmt.Fprintf(&chain, "Received: from h%d.cheap.example (h%d.cheap.example [192.0.2.%d]) by mx.cheap.example with ESMTP id X; Mon, 10 Mar 2025 06:00:01 +0000\n", i, i, i+1)
	}
	rec := &asked{next: zone(t, zoneText.String())}
	n := buildNotice(t, map[string][]byte{
		"notice":   []byte(hostileNotice),
		"report":   []byte("Reporting-MTA: mx.cheap.example\n"),
		"original": []byte(chain.String() + "From: info@firm.example\n"),
	})
	forensics.NewJudge(p, rec).Judge(t.Context(), n)
	if len(rec.questions) > 40 {
		t.Errorf("%d questions", len(rec.questions))
	}
}
