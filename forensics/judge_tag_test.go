package forensics_test

import (
	"testing"
	"time"

	"unspoof/envelope"
	"unspoof/forensics"
)

// tagsBegan is since when the mail of firm.example is tagged.
var tagsBegan = sent.Add(-10 * 24 * time.Hour)

func tagging() *forensics.BATV {
	return &forensics.BATV{ActiveSince: tagsBegan, KeyID: 1, Secret: []byte("tag secret"), ValidityDays: 7, Exempt: []string{"shop"}}
}

func tag(t testing.TB, address string, at time.Time) string {
	t.Helper()
	tagged, err := envelope.BATV{Keys: []envelope.Key{{ID: 1, Secret: []byte("tag secret")}}}.Sign(address, at)
	if err != nil {
		t.Fatal(err)
	}
	return tagged
}

// TestBounceTag: what the address that a notice came to says, with and without
// the tag that all mail has.
func TestBounceTag(t *testing.T) {
	const day = 24 * time.Hour
	asReply := func(msg string) string {
		return "From: kim@shop.example\nTo: info@firm.example\nSubject: Out of office\nAuto-Submitted: auto-replied\nIn-Reply-To: <x@firm.example>\n\nI am away.\n"
	}
	cases := []proofCase{
		{name: "valid tag, nothing else", none: true, rcpt: tag(t, "info@firm.example", sent), want: "unknown/ours-unexplained 5 medium", reasons: []string{"E10 strong"}, not: []string{"E10x"},
			says: "carries your valid bounce tag"},
		{name: "valid tag in capitals", none: true, rcpt: "PRVS" + tag(t, "info@firm.example", sent)[4:], want: "unknown/ours-unexplained 5 medium", reasons: []string{"E10"}},
		{name: "valid tag on a header that lost its way", rcpt: tag(t, "ada@firm.example", sent), hops: "X-Lost: yes\n", arrived: sent.Add(time.Minute),
			want: "genuine/logged 5 medium", reasons: []string{"E10", "E8"}},
		{name: "valid tag and a stolen session", rcpt: tag(t, "ada@firm.example", sent), id: "m2@firm.example", final: "victim@shop.example", hops: "X-Lost: yes\n", arrived: later(18 * time.Hour),
			want: "compromised/account 5 high", account: "ada", report: "203.0.113.66", reasons: []string{"E10", "E9 strong"}},
		{name: "expired tag decides nothing", none: true, rcpt: tag(t, "info@firm.example", sent), arrived: later(30 * day), want: "unknown/no-original 8 low",
			reasons: []string{"E10-expired weak"}, not: []string{"E10", "E10x"}},
		{name: "untagged, nothing came back", none: true, rcpt: "info@firm.example", want: "spoofed/direct 5 high", reasons: []string{"E10x proof"}, says: "came to an address without it"},
		{name: "untagged, handed over by a stranger", hops: "stranger", id: "x9@firm.example", t0: later(5 * day), want: "spoofed/direct 5 high", report: "203.0.113.80", reasons: []string{"E10x", "E5-fail"}},
		{name: "untagged, sent when tags had just begun", hops: "stranger", id: "x9@firm.example", t0: tagsBegan.Add(6 * day), arrived: later(20 * day), want: "spoofed/direct 6 medium", report: "203.0.113.80", not: []string{"E10x"}},
		{name: "untagged, and the notice too soon after the beginning", none: true, rcpt: "info@firm.example", arrived: tagsBegan.Add(4 * day), want: "unknown/no-original 8 low", not: []string{"E10x"}},
		{name: "untagged, of a sender whose mail has no tag", none: true, rcpt: "shop@firm.example", want: "unknown/no-original 8 low", not: []string{"E10x"}},
		{name: "untagged, at another's domain", none: true, rcpt: "info@else.example", want: "unknown/no-original 8 low", not: []string{"E10x"}},
		{name: "untagged, but an automatic reply may go to the From field", rcpt: "info@firm.example", notice: asReply, want: "unknown/no-original 8 low", not: []string{"E10x"}},
		{name: "untagged, but the profile is not complete", none: true, rcpt: "info@firm.example", want: "unknown/no-original 8 low", reasons: []string{"E10x weak"}},
		{name: "untagged, and left my own server", rcpt: "info@firm.example", id: "x9@firm.example", t0: later(5 * day), want: "compromised/account 4b medium", reasons: []string{"E10x", "E4", "E8x"}},
		{name: "untagged, and yet logged", t0: later(5 * day), want: "unknown/conflict 2 low", reasons: []string{"E10x", "E8"}, says: "without the bounce tag that all your mail has"},
		{name: "untagged, logged through a service with its own return path", id: "n7@mta.letters.example", hops: "service", t0: later(5 * day), final: "reader@shop.example", want: "genuine/logged 7 medium"},
		{name: "untagged, through a service that does not know the message", id: "n9@mta.letters.example", hops: "service", t0: later(5 * day), final: "reader@shop.example", want: "spoofed/direct 5 high",
			reasons: []string{"E6", "E10x"}, says: "came to an address without it"},
		{name: "copied tag, from a stranger", rcpt: tag(t, "ada@firm.example", sent), hops: "stranger", id: "x9@firm.example", want: "unknown/ours-unexplained 5 low", reasons: []string{"E10", "E5-fail"}},
		{name: "tag of a key that I don't know", none: true, rcpt: "prvs=7165abcdef=info@firm.example", want: "unknown/no-original 8 low", not: []string{"E10", "E10x"}},
	}
	for _, c := range cases {
		incomplete := c.name == "untagged, but the profile is not complete"
		c.profile = func(p *forensics.Profile) {
			p.BATV = tagging()
			p.Complete = p.Complete && !incomplete
		}
		t.Run(c.name, c.check)
	}
}
