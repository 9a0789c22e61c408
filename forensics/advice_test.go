package forensics

import (
	"strings"
	"testing"
	"time"
)

func TestAdviceBeginsWithTheSingleNextStep(t *testing.T) {
	domain, address := brandProfile, func() *Profile { return &Profile{Address: "anna@bigmail.example"} }
	inside := compromisedAt("c", monday)
	forged := repeat(3, spoofedAt("s", monday))
	event := func(p *Profile, e EventType) *Profile {
		p.Events = []Event{{Time: monday.Add(-48 * time.Hour), Type: e}}
		return p
	}
	for _, c := range []struct {
		name    string
		profile *Profile
		samples []sample
		first   string
		also    string
		never   string
	}{
		{"account", domain(), []sample{inside}, "Lock anna", "OAuth", ""},
		{"still inside", event(domain(), PasswordChanged), []sample{inside}, "The change was not enough: sign out every session of anna", "forwarding", ""},
		{"script", domain(), []sample{with(inside, func(s *sample) { s.subtype, s.account = Script, "uid 1004" })}, "Take the script off the web now: uid 1004", "", ""},
		{"a script that stays is no matter of an account", event(domain(), ScriptRemoved), []sample{inside, with(inside, func(s *sample) { s.id, s.subtype, s.account = "<2@x>", Script, "uid 1004" })}, "The removal was not enough: take every copy of the script off the web now, and close the way that it came: uid 1004", "Lock anna", "sign out every session of anna"},
		{"a script has no account's name", domain(), []sample{with(inside, func(s *sample) { s.subtype, s.account = Script, "" }), inside}, "Take the script off the web now: its name stands", "", "now: anna"},
		{"two ways", domain(), []sample{inside, with(inside, func(s *sample) { s.id, s.subtype, s.account = "<2@x>", Script, "uid 1004" })}, "Lock anna", "Take the script off the web now: uid 1004", ""},
		{"service", domain(), []sample{with(inside, func(s *sample) { s.subtype, s.account = ESPAccount, "brand-17" })}, "API keys of your account at the sending service", "", ""},
		{"key", domain(), []sample{with(inside, func(s *sample) { s.subtype, s.account = Key, "" })}, "Replace your DKIM key", "", ""},
		{"address at a provider, broken into", address(), []sample{inside}, "Change the password of anna@bigmail.example", "OAuth", "DMARC"},
		{"forged, own domain", domain(), forged, "See who can send as brand.example", "nobody can stop it from being sent", ""},
		{"forged, records published", event(domain(), DMARCPublished), forged, "wait: servers repeat old mail", "", ""},
		{"forged, invented names", domain(), repeat(3, with(spoofedAt("s", monday), func(s *sample) { s.from = "x <nobody@brand.example>" })), "See who can send", "Turn off the catch-all", ""},
		{"forged, address at a provider", address(), forged, "Wait and see", "only he can publish", "SPF record"},
		{"undecided", domain(), []sample{{id: "<1@x>", verdict: Unknown, subtype: OursUnexplained, confidence: Low, missing: "the outbound log for 3 June"}}, "the outbound log for 3 June", "act as if somebody were in", ""},
		{"a question stays one", domain(), []sample{{id: "<1@x>", verdict: Unknown, missing: "your answer: is it all?"}}, "is it all?", "", "?."},
		{"unexplained, of an account", domain(), append(repeat(3, spoofedAt("s", monday)), unexplainedAt("o", monday)), "Secure anna now", "Look at 1 message that went out this way (“Your account is limited” of 3 June 2024). If you, or somebody with you, sent it, nothing was broken into", ""},
		{"unexplained, of no account", domain(), []sample{with(unexplainedAt("o", monday), func(s *sample) { s.account = "" })}, "Secure what they left through", "OAuth", "?."},
		{"unexplained, at a provider", address(), []sample{with(unexplainedAt("o", monday), func(s *sample) { s.account = "" })}, "Secure anna@bigmail.example now", "", "DMARC"},
		{"unexplained after the change", event(domain(), PasswordChanged), []sample{unexplainedAt("o", monday)}, "The change may not have been enough", "", ""},
		{"looks forged", domain(), repeat(2, spoofedAt("s", monday)), "Wait for 1 more bounce like them", "", "log"},
		{"genuine", domain(), []sample{{id: "<1@x>", verdict: Genuine, confidence: High}}, "Check the recipients' addresses", "", "password"},
	} {
		r := report(mailboxOf(c.profile, c.samples...))
		all := strings.Join(r.Advice, "\n")
		if !strings.Contains(r.Advice[0], c.first) {
			t.Errorf("%s: first %q", c.name, r.Advice[0])
		}
		if !strings.Contains(all, c.also) || c.never != "" && strings.Contains(all, c.never) {
			t.Errorf("%s: %q", c.name, all)
		}
	}
}

func TestWhatIsNotProvenIsSaid(t *testing.T) {
	r := report(mailboxOf(brandProfile(), repeat(3, spoofedAt("s", monday))...))
	if !strings.Contains(strings.Join(r.NotProven, " "), "nobody also knows your password") {
		t.Errorf("got %q", r.NotProven)
	}
}

func TestMissingNamesOneInput(t *testing.T) {
	u := func(missing string, n int) []sample {
		return repeat(n, sample{id: "<" + missing + "@x>", verdict: Unknown, missing: missing})
	}
	genuine := []sample{{id: "<g@x>", verdict: Genuine, confidence: High}}
	alone := with(spoofedAt("s", monday), func(s *sample) { s.reporter = "mx.evil.example" })
	office := &Profile{Domains: []string{"brand.example"}}
	full := brandProfile()
	full.Complete, full.Log = true, &OutboundLog{}
	for _, c := range []struct {
		name    string
		profile *Profile
		samples []sample
		want    string
	}{
		{"nothing read", nil, nil, "the bounces themselves"},
		{"what most lack", brandProfile(), append(u("the log", 3), u("the key", 2)...), "the log"},
		{"no domain", nil, append(u("", 1), genuine...), "your domain or address"},
		{"not complete", brandProfile(), append(repeat(2, spoofedAt("s", monday)), genuine...), "complete"},
		{"nearly enough, all forged", brandProfile(), repeat(2, spoofedAt("s", monday)), "1 more bounce like them"},
		{"one forged", brandProfile(), repeat(1, spoofedAt("s", monday)), "2 more bounces, not all from the same server"},
		{"two forged of one reporter", brandProfile(), repeat(2, alone), "1 more bounce like them, from another organisation's server"},
		{"enough, of one reporter", brandProfile(), repeat(4, alone), "another organisation"},
		{"unexplained", brandProfile(), append(repeat(4, spoofedAt("s", monday)), unexplainedAt("o", monday)), "know it?"},
		{"a break-in without proof, at a provider", office, []sample{with(compromisedAt("c", monday), func(s *sample) { s.confidence = Low })}, "list of log-ins"},
		{"a break-in without proof", brandProfile(), []sample{with(compromisedAt("c", monday), func(s *sample) { s.confidence = Low })}, "outbound log"},
		{"nothing but more notices", full, append(repeat(2, spoofedAt("s", monday)), genuine...), "more notices"},
	} {
		if r := report(mailboxOf(c.profile, c.samples...)); !strings.Contains(r.Missing, c.want) {
			t.Errorf("%s: got %q", c.name, r.Missing)
		}
	}
}
