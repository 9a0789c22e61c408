package auth_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"unspoof/arc"
	"unspoof/auth"
	"unspoof/dkim"
	"unspoof/dmarc"
	"unspoof/dns"
	"unspoof/spf"
)

const fromBank = "From: Ceo <ceo@bank.example>"

func TestCheck(t *testing.T) {
	signed := sign(t, "bank.example", "bank.example", "s", letter(fromBank))
	tests := []struct {
		name     string
		ip       netip.Addr
		mailFrom string
		message  string
		zone     map[string]string
		want     dmarc.Verdict
		asks     dmarc.Policy
		align    auth.Alignment
	}{
		{"both stand by it", bankIP, "ceo@bank.example", signed, nil, dmarc.VerdictPass, dmarc.None, auth.Alignment{SPF: true, DKIM: true}},
		{"forwarded: the signature does", evilIP, "ceo@bank.example", signed, nil, dmarc.VerdictPass, dmarc.None, auth.Alignment{DKIM: true}},
		{"unsigned: SPF does", bankIP, "ceo@bank.example", letter(fromBank), nil, dmarc.VerdictPass, dmarc.None, auth.Alignment{SPF: true}},
		{"changed body, own host", bankIP, "ceo@bank.example", signed + "More.\r\n", nil, dmarc.VerdictPass, dmarc.None, auth.Alignment{SPF: true}},
		{"changed body, other host", evilIP, "ceo@bank.example", signed + "More.\r\n", nil, dmarc.VerdictFail, dmarc.Reject, auth.Alignment{}},
		{"a bounce of its own", bankIP, "", letter(fromBank), nil, dmarc.VerdictPass, dmarc.None, auth.Alignment{SPF: true}},
		{"no address known", netip.Addr{}, "ceo@bank.example", signed, nil, dmarc.VerdictPass, dmarc.None, auth.Alignment{DKIM: true}},
		{"no address known, no signature", netip.Addr{}, "ceo@bank.example", letter(fromBank), nil, dmarc.VerdictFail, dmarc.Reject, auth.Alignment{}},
		{"p=quarantine", evilIP, "", letter(fromBank), map[string]string{"_dmarc.bank.example": "v=DMARC1; p=quarantine"}, dmarc.VerdictFail, dmarc.Quarantine, auth.Alignment{}},
		{"t=y asks for one level less", evilIP, "", letter(fromBank), map[string]string{"_dmarc.bank.example": "v=DMARC1; p=reject; t=y"}, dmarc.VerdictFail, dmarc.Quarantine, auth.Alignment{}},
		{"no policy", evilIP, "", letter(fromBank), map[string]string{"_dmarc.bank.example": "x"}, dmarc.VerdictNone, dmarc.None, auth.Alignment{}},
		{"policy out of reach", evilIP, "", letter(fromBank), map[string]string{"_dmarc.bank.example": "servfail"}, dmarc.VerdictTempError, dmarc.None, auth.Alignment{}},
		{"key out of reach", evilIP, "", signed, map[string]string{"s._domainkey.bank.example": "servfail"}, dmarc.VerdictTempError, dmarc.None, auth.Alignment{}},
		{"no message", bankIP, "ceo@bank.example", "", nil, dmarc.VerdictPermError, dmarc.None, auth.Alignment{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			res := check(t, auth.Args{IP: test.ip, HELO: "mail.bank.example", MailFrom: test.mailFrom, Message: []byte(test.message), Resolver: world(test.zone).with("mail.bank.example", "v=spf1 ip4:192.0.2.1 -all")})
			if res.Verdict != test.want || res.Disposition != test.asks || res.Alignment != test.align {
				t.Errorf("%s (%s), %s, %+v; want %s, %s, %+v", res.Verdict, res.Reason, res.Disposition, res.Alignment, test.want, test.asks, test.align)
			}
			if res.Reason == "" || strings.Contains(res.Reason, "  ") {
				t.Errorf("reason %q", res.Reason)
			}
			readBack(t, res)
		})
	}
}

func (z zone) with(name, text string) zone { z[name] = text; return z }

func TestIdentitiesOfSPF(t *testing.T) {
	z := world(map[string]string{"mail.bank.example": "v=spf1 -all"})
	res := check(t, auth.Args{IP: bankIP, HELO: "mail.bank.example", MailFrom: "ceo@bank.example", Message: []byte(letter(fromBank)), Resolver: z})
	if res.SPF.Identity != "mailfrom" || res.SPF.Result.Result != spf.Pass || res.SPF.HELO.Result != spf.Fail {
		t.Errorf("%+v", res.SPF)
	}
	res = check(t, auth.Args{IP: bankIP, HELO: "mail.bank.example", Message: []byte(letter(fromBank)), Resolver: z})
	if res.SPF.Identity != "helo" || res.SPF.Result.Result != spf.Fail || !reflect.DeepEqual(res.SPF.HELO, res.SPF.Result) {
		t.Errorf("%+v", res.SPF)
	}
}

func TestTrustedSealerIsASignal(t *testing.T) {
	m := []byte(seal(t, "list.example", "dmarc=pass header.from=bank.example", letter(fromBank)))
	args := auth.Args{IP: evilIP, HELO: "h", MailFrom: "x@list.example", Message: m, Resolver: world(nil), TrustedSealers: []string{"list.example"}}
	res := check(t, args)
	if res.Verdict != dmarc.VerdictFail || res.Disposition != dmarc.Reject || res.ARC.Result != arc.Pass {
		t.Errorf("%s, %s, arc %s", res.Verdict, res.Disposition, res.ARC.Result)
	}
	told := func(r auth.Result) bool {
		return slices.ContainsFunc(r.Notes, func(s string) bool {
			return strings.Contains(s, "list.example, a trusted sealer, passed it on, and says that it came with dmarc=pass")
		})
	}
	if !told(res) {
		t.Errorf("the sealer is not told: %q", res.Notes)
	}
	args.TrustedSealers = nil
	if res = check(t, args); told(res) {
		t.Errorf("an unknown sealer is told: %q", res.Notes)
	}
}

// TestAccountsAreNotJudged: c1 to c3, a client of the bank's own server that uses
// the address of another. What the server signs and sends passes: who may use which
// address has to be settled there, before.
func TestAccountsAreNotJudged(t *testing.T) {
	for name, m := range map[string]string{
		"c1 another's address in From":        letter("From: ceo@bank.example"),
		"c2 another's address, own in Sender": letter("From: ceo@bank.example\r\nSender: clerk@bank.example"),
		"c3 a name beside the own address":    letter("From: The CEO <clerk@bank.example>"),
	} {
		t.Run(name, func(t *testing.T) {
			m := sign(t, "bank.example", "bank.example", "s", m)
			res := check(t, auth.Args{IP: bankIP, HELO: "bank.example", MailFrom: "clerk@bank.example", Message: []byte(m), Resolver: world(nil)})
			if res.Verdict != dmarc.VerdictPass || res.Domain != "bank.example" {
				t.Errorf("%s (%s)", res.Verdict, res.Reason)
			}
		})
	}
}

// TestOrdinaryMailIsClear: what only looks like another From costs nobody his mail.
func TestOrdinaryMailIsClear(t *testing.T) {
	for name, field := range map[string]string{
		"h= folded at from":            "DKIM-Signature: v=1; h=\r\n\tfrom:to:subject; d=list.example\r\n",
		"h= folded around from":        "DKIM-Signature: v=1; h=to:\r\n\tfrom\r\n\t:subject; d=list.example\r\n",
		"a subject that speaks of one": "Subject: re\r\n From: somebody\r\n",
		"a field of a longer name":     "X-From: x@evil.example\r\nFrom-Id: 1\r\nResent-From: x@evil.example\r\n",
		"a mailbox file":               "From x@evil.example Mon Jan  1 12:00:00 2024\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			res := check(t, auth.Args{IP: bankIP, HELO: "h", MailFrom: "ceo@bank.example", Message: []byte(field + letter(fromBank)), Resolver: world(nil)})
			if res.Verdict != dmarc.VerdictPass {
				t.Errorf("%s: %s", res.Verdict, res.Reason)
			}
		})
	}
}

// TestJSON holds the names that programs rely on.
func TestJSON(t *testing.T) {
	m := []byte(sign(t, "bank.example", "bank.example", "s", letter(fromBank)))
	text, err := json.Marshal(check(t, auth.Args{IP: bankIP, HELO: "bank.example", MailFrom: "ceo@bank.example", Message: m, Resolver: world(nil)}))
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	at := func(path ...any) any {
		var v any = got
		for _, p := range path {
			switch p := p.(type) {
			case string:
				v = v.(map[string]any)[p]
			case int:
				v = v.([]any)[p]
			}
		}
		return v
	}
	for _, want := range []struct {
		path  []any
		value any
	}{
		{[]any{"result"}, "pass"}, {[]any{"domain"}, "bank.example"}, {[]any{"policy"}, "reject"}, {[]any{"disposition"}, "none"},
		{[]any{"alignment", "spf"}, true}, {[]any{"alignment", "dkim"}, true}, {[]any{"ip"}, "192.0.2.1"},
		{[]any{"helo"}, "bank.example"}, {[]any{"mail_from"}, "ceo@bank.example"},
		{[]any{"spf", "result"}, "pass"}, {[]any{"spf", "identity"}, "mailfrom"}, {[]any{"spf", "helo", "result"}, "pass"},
		{[]any{"dkim", "results", 0, "result"}, "pass"}, {[]any{"dkim", "results", 0, "domain"}, "bank.example"},
		{[]any{"arc", "result"}, "none"}, {[]any{"dmarc", "result"}, "pass"}, {[]any{"dmarc", "record_domain"}, "bank.example"},
	} {
		if v := at(want.path...); v != want.value {
			t.Errorf("%v is %v, want %v", want.path, v, want.value)
		}
	}
	names := []string{}
	for name := range got {
		names = append(names, name)
	}
	slices.Sort(names)
	if want := "[alignment arc disposition dkim dmarc domain helo ip mail_from notes policy questions reason result spf]"; fmt.Sprint(names) != want {
		t.Errorf("names %v\nwant  %s", names, want)
	}
}

func TestArgs(t *testing.T) {
	for _, args := range []auth.Args{{Now: now}, {Resolver: zone{}}} {
		if _, err := auth.Check(context.Background(), args); err == nil {
			t.Errorf("no error for %+v", args)
		}
	}
}

func TestContextEnds(t *testing.T) {
	m := sign(t, "evil.example", "evil.example", "slow", letter(fromBank))
	z := world(map[string]string{"slow._domainkey.evil.example": "slow", "evil.example": "slow"})
	synctest.Test(t, func(t *testing.T) { // all that is not slow takes no time
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		res, err := auth.Check(ctx, auth.Args{IP: evilIP, HELO: "h", MailFrom: "x@evil.example", Message: []byte(m), Resolver: z, Now: now})
		if err != nil {
			t.Fatal(err)
		}
		// What the forger makes slow is open; what the bank publishes is known.
		if res.SPF.Result.Result != spf.TempError || res.DKIM.Results[0].Result != dkim.TempError {
			t.Errorf("spf %s, dkim %s", res.SPF.Result.Result, res.DKIM.Results[0].Result)
		}
		if res.Verdict != dmarc.VerdictFail || res.Disposition != dmarc.Reject {
			t.Errorf("%s (%s), %s", res.Verdict, res.Reason, res.Disposition)
		}
	})
}

var _ dns.Resolver = zone{}
