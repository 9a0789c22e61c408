package probe

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestEachWrongEndIsFound(t *testing.T) {
	t.Parallel()
	for _, e := range endings {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			got := askFake(t, &fake{ends: []string{e.octets}}, writable).expect(t, Smuggling, Found)
			_, after, _ := strings.Cut(got.Why, ": ")
			found := strings.Split(after, "; ")
			for _, other := range endings {
				// One may stand within another: LF . LF in CR LF . LF.
				if want := strings.Contains(other.octets, e.octets); slices.Contains(found, other.name) != want {
					t.Errorf("%s: %v wanted, %q", other.name, want, got.Why)
				}
			}
		})
	}
}

func TestSeveralWrongEndsAreFoundAtOnce(t *testing.T) {
	t.Parallel()
	got := askFake(t, &fake{ends: []string{"\n.\n", "\n.\r\n"}}, writable).expect(t, Smuggling, Found)
	if !strings.HasSuffix(got.Why, ": LF . LF; LF . CR LF; CR LF . LF") {
		t.Errorf("found %q", got.Why)
	}
}

func TestAWrongEndIsFoundThoughTheMessageIsRefused(t *testing.T) {
	t.Parallel()
	askFake(t, &fake{ends: []string{"\n.\n"}, refuse: "550 no"}, writable).expect(t, Smuggling, Found)
}

func TestAWrongEndIsFoundThoughTheAnswerIsLate(t *testing.T) {
	t.Parallel()
	askFake(t, &fake{ends: []string{"\n.\r\n"}, slow: 5 * home.silence}, writable).expect(t, Smuggling, Found)
}

func TestRefusingAtTheRightEndIsFine(t *testing.T) {
	t.Parallel()
	askFake(t, &fake{refuse: "550 no"}, writable).expect(t, Smuggling, Fine)
}

func TestHangingUpAtABareLFIsFine(t *testing.T) {
	t.Parallel()
	askFake(t, &fake{hangUp: "LF\n"}, writable).expect(t, Smuggling, Fine)
}

func TestARightServerGetsOneWholeMessage(t *testing.T) {
	t.Parallel()
	f := &fake{}
	p := askFake(t, f, func(p *server) {
		writable(p)
		p.Confirm = func(what string) bool { return strings.Contains(what, "wrong ends") }
	})
	if len(f.messages()) != 1 || p.messages != 1 {
		t.Errorf("%d messages, counted %d", len(f.messages()), p.messages)
	}
}

func TestASilentServerEndsInTime(t *testing.T) {
	t.Parallel()
	askFake(t, &fake{ends: []string{"\n.\n"}, slow: 24 * time.Hour}, writable).expect(t, Smuggling, Unknown)
}

func TestAnEarlierEndsLateAnswerIsNotTheNextOnes(t *testing.T) {
	t.Parallel()
	// The answer comes while the next ending is waited for.
	for _, slow := range []time.Duration{home.silence * 3 / 2, home.silence * 5 / 2} {
		got := askFake(t, &fake{ends: []string{"\r.\r\n"}, slow: slow}, writable).expect(t, Smuggling, Found)
		if !strings.HasSuffix(got.Why, ": CR . CR LF") {
			t.Errorf("after %s: %q", slow, got.Why)
		}
	}
}

func TestAServerThatAnswersWithinAnyMessageProvesNothing(t *testing.T) {
	t.Parallel()
	f := &fake{ends: []string{"Nobody else got it"}}
	p := askFake(t, f, func(p *server) {
		writable(p)
		p.Confirm = func(what string) bool { return strings.Contains(what, "wrong ends") }
	})
	got := p.expect(t, Smuggling, Unknown)
	if !strings.Contains(got.Why, "no wrong end, too") || len(f.messages()) != 2 {
		t.Errorf("%s, %d messages", got.Why, len(f.messages()))
	}
}

func TestTheNumberOfMessagesIsNamedAndKept(t *testing.T) {
	t.Parallel()
	f := &fake{}
	for _, e := range endings {
		f.ends = append(f.ends, e.octets)
	}
	asked := ""
	p := askFake(t, f, func(p *server) {
		writable(p)
		p.Confirm = func(what string) bool {
			if strings.Contains(what, "wrong ends") {
				asked = what
				return true
			}
			return false
		}
	})
	if n := len(f.messages()); n > maxSmuggling || p.messages != n || !strings.Contains(asked, fmt.Sprintf("%d in all at most", maxSmuggling)) {
		t.Errorf("%d messages, counted %d, announced: %s", n, p.messages, asked)
	}
}
