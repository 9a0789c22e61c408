package forensics

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"unspoof/bounce"
)

// series makes n messages spread over the hours from a to b relative to monday.
func series(n int, from, to float64, make func(string, time.Time) sample) []sample {
	var out []sample
	for i := range n {
		h := from + (to-from)*(float64(i)+0.5)/float64(n)
		out = append(out, make(fmt.Sprintf("%g-%d", from, i), monday.Add(time.Duration(h*float64(time.Hour)))))
	}
	return out
}

func TestReportTestsEachEventOnItsClass(t *testing.T) {
	p := brandProfile()
	p.Events = []Event{{Time: monday, Type: SPFPublished}, {Time: monday.Add(-time.Hour), Type: PasswordChanged, Account: "anna"}, {Time: monday, Type: "holiday"}}
	samples := series(40, -48, 0, spoofedAt)
	samples = append(samples, series(40, -48, -1, compromisedAt)...)
	samples = append(samples, series(30, -1, 47, compromisedAt)...)
	samples = append(samples, series(9, -1, 47, func(id string, at time.Time) sample {
		return with(compromisedAt("b"+id, at), func(s *sample) { s.account = "bernd" })
	})...)
	r := report(mailboxOf(p, samples...))
	if len(r.RateTests) != 2 {
		t.Fatalf("got %d tests", len(r.RateTests))
	}
	password, record := r.RateTests[0], r.RateTests[1]
	if password.Class != Compromised || password.NBefore != 40 || password.NAfter != 30 || password.Composition != nil {
		t.Errorf("password: %+v", password)
	}
	if record.Class != Spoofed || record.NBefore != 40 || record.NAfter != 0 || record.Say != Stopped || record.Composition != nil {
		t.Errorf("record: %+v", record)
	}
	if record.Control == nil || record.Control.Class != Compromised || !strings.Contains(record.Sentence, "does not prove") && !strings.Contains(record.Sentence, "does not show") && !strings.Contains(record.Sentence, "speaks for") {
		t.Errorf("control %+v, %q", record.Control, record.Sentence)
	}
	if len(r.Alarms) != 1 {
		t.Errorf("alarms %q", r.Alarms)
	}
}

func TestArrivalsDoNotCount(t *testing.T) {
	p := brandProfile()
	p.Events = []Event{{Time: monday, Type: PasswordChanged}}
	late := series(36, -48, 0, func(id string, at time.Time) sample {
		return with(compromisedAt(id, at), func(s *sample) { s.after = 72 * time.Hour })
	})
	r := report(mailboxOf(p, late...))
	if got := r.RateTests[0]; got.NBefore != 36 || got.NAfter != 0 || got.Say != Stopped || len(r.Alarms) != 0 {
		t.Errorf("got %+v, alarms %q", got, r.Alarms)
	}
}

func TestCompositionOfRefusals(t *testing.T) {
	p := brandProfile()
	p.Events = []Event{{Time: monday, Type: DMARCPublished}}
	refused := func(class bounce.Class, enhanced string) func(string, time.Time) sample {
		return func(id string, at time.Time) sample {
			return with(spoofedAt(string(class)+enhanced+id, at), func(s *sample) { s.class, s.enhanced = class, enhanced })
		}
	}
	samples := series(40, -48, 0, refused(bounce.UnknownUser, "5.1.1"))
	samples = append(samples, series(3, 0, 48, refused(bounce.UnknownUser, "5.1.1"))...)
	samples = append(samples, series(9, 0, 48, refused(bounce.Policy, "5.7.26"))...)
	got := report(mailboxOf(p, samples...)).RateTests[0]
	if c := got.Composition; c == nil || c.Before != 40 || c.NamedBefore != 0 || c.After != 12 || c.NamedAfter != 9 || !strings.Contains(got.Sentence, "rose from 0 of 40 to 9 of 12") {
		t.Errorf("got %+v, %q", got.Composition, got.Sentence)
	}
}

func TestWindowsAreWhatTheMailboxCovers(t *testing.T) {
	p := brandProfile()
	p.Events = []Event{{Time: monday, Type: SPFPublished}}
	for _, c := range []struct {
		name  string
		n     int
		from  float64
		older bool // an ordinary message from long before
		want  float64
	}{
		{"covered", 40, -48, false, 48},
		{"few messages, silence no longer than chance has it", 6, -40, false, 48},
		{"begins 20 hours before", 40, -20, false, 20},
		{"the mailbox is older than the wave", 40, -20, true, 48},
		{"never shorter than 12 hours", 40, -2, false, 12},
		{"none before", 0, -20, false, 48},
	} {
		m := mailboxOf(p, series(c.n, c.from, 0, spoofedAt)...)
		if c.older {
			m.Add(&bounce.Notice{Kind: bounce.Ordinary, Date: monday.Add(-1000 * time.Hour)}, Judgement{Verdict: Unknown})
		}
		r := report(m)
		if got := r.RateTests[0].HoursBefore; got != c.want {
			t.Errorf("%s: %g hours", c.name, got)
		}
		if said := strings.Contains(r.RateTests[0].Sentence, "begins only"); said != (c.want < 48) {
			t.Errorf("%s: %q", c.name, r.RateTests[0].Sentence)
		}
	}
}

func TestSilenceIsBelievedOnlyOfACompleteMailbox(t *testing.T) {
	p := brandProfile()
	p.Events = []Event{{Time: monday, Type: SPFPublished}}
	m := mailboxOf(p, series(40, -48, 0, spoofedAt)...)
	if s := report(m).RateTests[0].Sentence; !strings.Contains(s, "only if the mailbox is complete") {
		t.Errorf("got %q", s)
	}
	m.Add(&bounce.Notice{Kind: bounce.Ordinary, Date: monday.Add(60 * time.Hour)}, Judgement{Verdict: Unknown})
	if s := report(m).RateTests[0].Sentence; strings.Contains(s, "only if the mailbox is complete") {
		t.Errorf("with later mail: %q", s)
	}
}
