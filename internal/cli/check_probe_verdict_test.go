package cli

import (
	"strings"
	"testing"

	"unspoof/internal/probe"
	"unspoof/posture"
)

func TestAnOpenRelayTellsOnTheVerdict(t *testing.T) {
	t.Parallel()
	const relays = "the server mail.d.example relays for anybody, so forged mail can leave from an address that SPF lets in"
	for _, c := range []struct {
		name, rule string
		dns, want  posture.Exposure
		because    string
	}{
		{"open relay", "SMTP-001", posture.Protected, posture.Partly, relays},
		{"without login", "SMTP-002", posture.Protected, posture.Partly, relays},
		{"partly before", "SMTP-001", posture.Partly, posture.Partly, relays + "|before"},
		{"anyone before", "SMTP-001", posture.Anyone, posture.Anyone, "before"},
		{"not known before", "SMTP-001", posture.Undecided, posture.Undecided, "before"},
		{"another finding", "SMTP-013", posture.Protected, posture.Protected, "before"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			rep := posture.Report{Domain: "d.example", Verdict: posture.Verdict{Exposure: c.dns, Sentence: "before", Because: []string{"before"}}}
			relaysCount(&rep, []probe.ServerReport{{Host: "mail.d.example", Tests: []probe.Test{{State: probe.Found, Finding: c.rule}}}})
			v := rep.Verdict
			if v.Exposure != c.want || strings.Join(v.Because, "|") != c.because || strings.Contains(v.Sentence, relays) != strings.HasPrefix(c.because, relays) {
				t.Errorf("%+v", v)
			}
		})
	}
}
