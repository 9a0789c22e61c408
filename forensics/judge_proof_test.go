package forensics_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"unspoof/bounce"
	"unspoof/dns"
	"unspoof/forensics"
)

// A proofCase is a message of firm.example, or one that claims to be, how it was
// signed, what happened to it, and the notice about it. Zero values are the usual:
// ada's logged message to kim, handed over by her own server at once, unknown
// there, and returned whole by kim's server.
type proofCase struct {
	name     string
	from     string // ada@firm.example
	to       string // kim@shop.example
	id       string // m1@firm.example
	body     string
	extra    string // further fields
	sign     *signing
	seal     func(t testing.TB, msg string) string
	mangle   func(msg string) string
	hops     string    // who handed over: "own", "service", "stranger", or the lines
	t0       time.Time // of the hand-over: sent
	final    string    // recipient reported: kim@shop.example
	original string    // and first given (ORCPT)
	headers  bool      // only the header came back
	none     bool      // nothing came back
	rcpt     string    // of the notice: ada@firm.example
	arrived  time.Time // t0 and five minutes
	peer     string    // who handed the notice in: mx.shop.example (…[192.0.2.30])
	reporter string    // mx.shop.example
	notice   func(msg string) string
	profile  func(p *forensics.Profile)

	want    string // verdict/subtype, rule, confidence
	account string
	report  string
	reasons []string // code, or "code strength"
	not     []string
	says    string
}

// sent is when the log has ada's message.
var sent = time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC)

const (
	kim      = "mx.shop.example (mx.shop.example [192.0.2.30])"
	own      = "out.firm.example (out.firm.example [198.51.100.10])"
	service  = "mta3.letters.example (mta3.letters.example [198.51.100.67])"
	stranger = "bot80.access.example (bot80.access.example [203.0.113.80])"
)

func later(d time.Duration) time.Time { return sent.Add(d) }

func (c *proofCase) message(t testing.TB) string {
	msg := c.extra + "From: Ada <" + orElse(c.from, "ada@firm.example") + ">\nTo: " + orElse(c.to, "kim@shop.example") +
		"\nSubject: Offer  4711\nDate: " + sent.Format(time.RFC1123Z) + "\nMessage-ID: <" + orElse(c.id, "m1@firm.example") + ">\n\n" +
		orElse(c.body, "Dear Kim,\n\nhere is the offer.\n\nAda\n")
	if c.sign != nil {
		msg = c.sign.sign(msg)
	}
	if c.seal != nil {
		msg = c.seal(t, msg)
	}
	if c.mangle != nil {
		msg = c.mangle(msg)
	}
	return msg
}

// text is the notice as it lies in the mailbox.
func (c *proofCase) text(t testing.TB) []byte {
	t0 := c.t0
	if t0.IsZero() {
		t0 = sent.Add(time.Second)
	}
	arrived := c.arrived
	if arrived.IsZero() {
		arrived = t0.Add(5 * time.Minute)
	}
	giver := map[string]string{"": own, "own": own, "service": service, "stranger": stranger}[c.hops]
	hops := c.hops
	if giver != "" {
		hops = "Received: from " + giver + "\n\tby mx.shop.example with ESMTPS id S1; " + t0.Format(time.RFC1123Z) + "\n"
	}
	rcpt := orElse(c.rcpt, "ada@firm.example")
	original := hops + c.message(t)
	kind := "message/rfc822"
	if c.headers {
		kind = "text/rfc822-headers"
		original, _, _ = strings.Cut(original, "\n\n")
		original += "\n"
	}
	var orcpt string
	if c.original != "" {
		orcpt = "Original-Recipient: rfc822; " + c.original + "\n"
	}
	var finals strings.Builder
	for a := range strings.SplitSeq(orElse(c.final, "kim@shop.example"), ",") {
		finals.WriteString("\n" + orcpt + "Final-Recipient: rfc822; " + a + "\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no such user\n")
	}
	msg := "From: MAILER-DAEMON@mx.shop.example\nTo: " + rcpt + "\nSubject: Undelivered Mail Returned to Sender\nDate: " + arrived.Format(time.RFC1123Z) +
		"\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: text/plain\n\nI am sorry.\n\n--b\n" +
		"Content-Type: message/delivery-status\n\nReporting-MTA: dns; " + orElse(c.reporter, "mx.shop.example") + "\n" + finals.String()
	if !c.none {
		msg += "\n--b\nContent-Type: " + kind + "\n\n" + original
	}
	msg += "\n--b--\n"
	if c.notice != nil {
		msg = c.notice(msg)
	}
	return []byte("Return-Path: <>\nX-Original-To: " + rcpt + "\nReceived: from " + orElse(c.peer, kim) +
		"\n\tby mx.firm.example (Postfix) with ESMTPS id N1\n\tfor <" + rcpt + ">; " + arrived.Format(time.RFC1123Z) + "\n" + msg)
}

// proofProfile is the common profile with keys that can be used.
func proofProfile(t testing.TB) (*forensics.Profile, dns.Resolver) {
	t.Helper()
	p, view := mergeProfile(t, "keys", readTestdata(t, "profile.yaml"), []byte(fmt.Sprintf(`
dns:
  TXT:
    fresh._domainkey.firm.example: %q
    s1._domainkey.shop.example: %q
`, dnsKey.record(), strangeKey.record())))
	began := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	p.DKIMKeys = []forensics.DKIMKey{
		{Selector: "k2025", From: began, Record: ownKey.record()},
		{Selector: "news1", From: began, Record: serviceKey.record()},
		{Selector: "k2024", From: began, Removed: time.Date(2025, 1, 20, 0, 0, 0, 0, time.UTC), Record: oldKey.record()},
	}
	return p, view
}

func (c *proofCase) judge(t testing.TB) forensics.Judgement {
	p, view := proofProfile(t)
	if c.profile != nil {
		c.profile(p)
	}
	return forensics.NewJudge(p, view).Judge(t.Context(), c.parse(t))
}

func (c *proofCase) parse(t testing.TB) *bounce.Notice { return bounce.Parse(c.text(t)) }

// check holds what the case wants against the answer.
func (c *proofCase) check(t *testing.T) {
	t.Helper()
	got := c.judge(t)
	if have := fmt.Sprintf("%s/%s %s %s", got.Verdict, got.Subtype, got.Rule, got.Confidence); have != c.want {
		t.Errorf("judged %s, want %s", have, c.want)
	}
	if got.Account != c.account {
		t.Errorf("account %q, want %q", got.Account, c.account)
	}
	if got.Report != c.report {
		t.Errorf("report %q, want %q", got.Report, c.report)
	}
	has := func(item string) bool {
		code, strength, _ := strings.Cut(item, " ")
		return slices.ContainsFunc(got.Reasons, func(r forensics.Reason) bool {
			return r.Code == code && (strength == "" || string(r.Strength) == strength)
		})
	}
	for _, item := range c.reasons {
		if !has(item) {
			t.Errorf("reason %s is missing", item)
		}
	}
	for _, item := range c.not {
		if has(item) {
			t.Errorf("reason %s must not be given", item)
		}
	}
	said := got.Sentence
	for _, r := range got.Reasons {
		said += "\n" + r.Text
	}
	if !strings.Contains(said, c.says) {
		t.Errorf("nothing says %q", c.says)
	}
	checkManners(t, got)
	if t.Failed() {
		explain(t, got)
	}
}

func runCases(t *testing.T, cases []proofCase) {
	for _, c := range cases {
		t.Run(c.name, c.check)
	}
}

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

// TestEverySubtype: each way in which a message can have come about is reached by a
// case of ours.
func TestEverySubtype(t *testing.T) {
	reached := map[forensics.Subtype]bool{}
	for _, c := range loadCases(t) {
		reached[forensics.NewJudge(c.profile, c.dns).Judge(t.Context(), c.notice).Subtype] = true
	}
	withSeal := func(p *forensics.Profile) { p.Log, p.SealKeys = nil, sealKeys() }
	for _, c := range []proofCase{
		{sign: usual(), hops: "stranger", t0: later(100 * time.Hour), final: "e@shop.example"},
		{sign: usual(), seal: origin(atHome), profile: withSeal},
		{sign: &signing{key: serviceKey, at: sent}, id: "n9@mta.letters.example", hops: "service"},
		{sign: usual(), id: "x9@firm.example", hops: "stranger"},
	} {
		reached[c.judge(t).Subtype] = true
	}
	for _, s := range []forensics.Subtype{
		forensics.Logged, forensics.Sealed, forensics.Forwarded,
		forensics.Account, forensics.Script, forensics.ESPAccount, forensics.Key,
		forensics.Direct, forensics.ViaRelay, forensics.Replay,
		forensics.OursUnexplained, forensics.NoOriginal, forensics.NoBoundary, forensics.Conflict, forensics.ForgedNotice, forensics.SharedInfrastructure,
	} {
		if !reached[s] {
			t.Errorf("no case ends as %s", s)
		}
	}
}
