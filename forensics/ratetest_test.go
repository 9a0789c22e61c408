package forensics

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// even makes n messages spread evenly over a window that starts at from.
func even(n int, from time.Time, width time.Duration) []Handover {
	out := make([]Handover, 0, n)
	for i := range n {
		out = append(out, Handover{T0: from.Add(time.Duration(float64(width) * (float64(i) + 0.5) / float64(n))), Delay: -1, Campaign: i})
	}
	return out
}

func counted(n1, n2 int, t1, t2 time.Duration) RateArgs {
	a := RateArgs{Event: Event{Time: monday, Type: PasswordChanged}, Class: Compromised, Before: t1, After: t2}
	a.Messages = append(even(n1, monday.Add(-t1), t1), even(n2, monday, t2)...)
	return a
}

const day2 = 48 * time.Hour

// TestRateTable is the table of section 7, and cases around its rules. The
// figures were computed apart from this code, by bisection over sums of
// fractions.
func TestRateTable(t *testing.T) {
	for _, c := range []struct {
		name             string
		args             RateArgs
		rr, lower, upper float64
		p                float64
		say              Say
		words            string
	}{
		{"40 then none", counted(40, 0, day2, day2), 0, 0, 0.0966082, math.Pow(0.5, 40), Stopped, "They stopped"},
		{"40 then 12", counted(40, 12, day2, day2), 0.3, 0.14327017, 0.58328751, 6.3769392e-5, Dropped, "did not stop"},
		{"6 then 2", counted(6, 2, day2, day2), 1.0 / 3, 0.0329021, 1.8641461, 0.14453125, CannotTell, "every 8 hours"},
		{"5 then none", counted(5, 0, day2, day2), 0, 0, 1.0912791, 1.0 / 32, CannotTell, "quiet"},
		{"3 then none", counted(3, 0, day2, day2), 0, 0, 2.4199519, 0.125, CannotTell, "Fewer than 5"},
		{"none and none", counted(0, 0, day2, day2), -1, 0, math.Inf(1), 1, CannotTell, "nothing to compare"},
		{"none then 7", counted(0, 7, day2, day2), -1, 1.4413085, math.Inf(1), 1, CannotTell, "None came before"},
		{"17 then none is stopped", counted(17, 0, day2, day2), 0, 0, 0.2423353, math.Pow(0.5, 17), Stopped, "stopped"},
		{"16 then none is not", counted(16, 0, day2, day2), 0, 0, 0.2592987, math.Pow(0.5, 16), Dropped, "too few came before to call that stopped"},
		{"rise", counted(10, 40, day2, day2), 4, 1.965748, 8.969867, 0.9999972, CannotTell, "did not drop"},
		{"four then none in a long time proves nothing", counted(4, 0, 4*time.Hour, 480*time.Hour), 0, 0, 0.01262389, math.Pow(4.0/484, 4), CannotTell, "Fewer than 5"},
		{"half the time after, half as many", counted(20, 10, day2, day2/2), 1, 0.418012, 2.238366, 0.5847596, CannotTell, ""},
		{"a tenth of the time after, none", counted(40, 0, day2, 4*time.Hour+48*time.Minute), 0, 0, 0.9660823, math.Pow(10.0/11, 40), Dropped, ""},
	} {
		got := TestRate(c.args)
		if got.Phi > maxPhi {
			t.Fatalf("%s: phi %g", c.name, got.Phi)
		}
		if !near(got.RR, c.rr, 1e-6) || !near(got.RRLower, c.lower, 1e-6) || !near(got.RRUpper, c.upper, 1e-6) || !near(got.P, c.p, 1e-6) || got.Say != c.say {
			t.Errorf("%s: got rr %.5g (%.5g to %.5g), p %.4g, %s", c.name, got.RR, got.RRLower, got.RRUpper, got.P, got.Say)
		}
		if !strings.Contains(got.Sentence, c.words) {
			t.Errorf("%s: sentence %q lacks %q", c.name, got.Sentence, c.words)
		}
	}
}

// The limits hold what they promise: at a true ratio on the limit, the counted
// outcome is at the 2.5 % tail (rational arithmetic).
func TestRateLimitsAreExactForUnequalWindows(t *testing.T) {
	for _, c := range []struct {
		n1, n2 int
		t1, t2 time.Duration
	}{{12, 3, 48 * time.Hour, 10 * time.Hour}, {9, 9, 10 * time.Hour, 48 * time.Hour}, {30, 1, 36 * time.Hour, 7 * time.Hour}} {
		got := TestRate(counted(c.n1, c.n2, c.t1, c.t2))
		odds := func(rr float64) float64 { return rr * c.t2.Hours() / c.t1.Hours() }
		if tail := exactOdds(c.n2, c.n1+c.n2, odds(got.RRUpper)); !near(tail, 0.025, 1e-8) {
			t.Errorf("%+v: upper tail %g", c, tail)
		}
		if tail := 1 - exactOdds(c.n2-1, c.n1+c.n2, odds(got.RRLower)); !near(tail, 0.025, 1e-8) {
			t.Errorf("%+v: lower tail %g", c, tail)
		}
	}
}

func TestRateOfHugeCounts(t *testing.T) {
	start := time.Now()
	a := counted(1_000_000, 990_000, day2, day2)
	for i := range a.Messages {
		a.Messages[i].Campaign = i % 50
	}
	got := TestRate(a)
	if !near(got.RR, 0.99, 1e-9) || got.Say != Dropped || got.RRLower < 0.987 || got.RRUpper > 0.993 || got.P > 1e-11 || got.P == 0 {
		t.Errorf("got %+v", got)
	}
	if d := time.Since(start); d > 10*time.Second {
		t.Errorf("took %v", d)
	}
}

func TestEventsInTheFutureAndJustNow(t *testing.T) {
	a := counted(40, 0, day2, day2)
	a.Now = monday.Add(-time.Hour)
	if got := TestRate(a); got.Say != CannotTell || got.HoursAfter != 0 || !strings.Contains(got.Sentence, "future") {
		t.Errorf("future: %+v", got)
	}
	a.Now = monday
	if got := TestRate(a); got.Say != CannotTell || !strings.Contains(got.Sentence, "look again") {
		t.Errorf("just now: %+v", got)
	}
	a.Now = monday.Add(6 * time.Hour)
	if got := TestRate(a); got.HoursAfter != 6 || got.Say != Dropped {
		t.Errorf("six hours later: %+v", got)
	}
}

func TestWindowEdges(t *testing.T) {
	a := RateArgs{Event: Event{Time: monday}}
	for _, d := range []time.Duration{-48*time.Hour - time.Second, -48 * time.Hour, -time.Second, 0, 48*time.Hour - time.Second, 48 * time.Hour} {
		a.Messages = append(a.Messages, Handover{T0: monday.Add(d)})
	}
	if got := TestRate(a); got.NBefore != 2 || got.NAfter != 2 {
		t.Errorf("got %d and %d", got.NBefore, got.NAfter)
	}
}

// Half of all notices need 10 hours. Six hours after the event only half of what
// was sent can be back.
func TestExposureIsWeightedWithTheDelays(t *testing.T) {
	a := counted(40, 0, day2, day2)
	for i := range a.Messages {
		a.Messages[i].Delay = time.Duration(i%2) * 10 * time.Hour
	}
	a.Now = monday.Add(6 * time.Hour)
	got := TestRate(a)
	if !near(got.ExposureAfter, 3, 1e-9) || !near(got.ExposureBefore, 46, 1e-9) { // (48 + 44)/2
		t.Errorf("got exposures %g and %g", got.ExposureBefore, got.ExposureAfter)
	}
	a.Now = monday.Add(100 * time.Hour)
	if got := TestRate(a); got.ExposureAfter != 48 || got.ExposureBefore != 48 {
		t.Errorf("long after: exposures %g and %g", got.ExposureBefore, got.ExposureAfter)
	}
	for i := range a.Messages {
		a.Messages[i].Delay = -1
	}
	a.Now = monday.Add(6 * time.Hour)
	if got := TestRate(a); got.ExposureAfter != 6 || got.ExposureBefore != 48 {
		t.Errorf("delays not known: exposures %g and %g", got.ExposureBefore, got.ExposureAfter)
	}
}

func TestLateArrivalsCountByHandover(t *testing.T) {
	a := counted(36, 0, day2, day2)
	for i := range a.Messages {
		a.Messages[i].Delay = 60 * time.Hour // all arrive after the event
	}
	a.Now = monday.Add(30 * 24 * time.Hour)
	if got := TestRate(a); got.NBefore != 36 || got.NAfter != 0 || got.Say != Stopped {
		t.Errorf("got %+v", got)
	}
}

// Forty messages in two bursts of one campaign are two events, not forty.
func TestBurstsCountOnceEachSixHours(t *testing.T) {
	a := RateArgs{Event: Event{Time: monday, Type: SPFPublished}, Class: Spoofed}
	for i := range 40 {
		at := monday.Add(-40 * time.Hour)
		if i >= 20 {
			at = monday.Add(-20 * time.Hour)
		}
		a.Messages = append(a.Messages, Handover{T0: at.Add(time.Duration(i) * time.Second), Delay: -1, Campaign: 1})
	}
	got := TestRate(a)
	if got.Phi <= maxPhi || got.CellsBefore != 2 || got.CellsAfter != 0 || got.Say != CannotTell || got.NBefore != 40 {
		t.Errorf("got %+v", got)
	}
	if !near(got.P, 0.25, 1e-9) || !strings.Contains(got.Sentence, "bursts") {
		t.Errorf("p %g, %q", got.P, got.Sentence)
	}
	// The same in twenty campaigns: forty cells at most, some evidence again.
	for i := range a.Messages {
		a.Messages[i].Campaign = i % 20
	}
	if got := TestRate(a); got.CellsBefore != 40 || got.Say != Stopped {
		t.Errorf("many campaigns: %+v", got)
	}
	// With some after, the quasi-Poisson p is the larger one.
	a.Messages = append(a.Messages, even(20, monday, day2)...)
	got = TestRate(a)
	z := math.Log(0.5) / math.Sqrt(got.Phi*(1/40.5+1/20.5))
	if want := normalAtMost(z); !near(got.P, want, 1e-9) {
		t.Errorf("p %g, want %g", got.P, want)
	}
	if got.RR < got.RRLower || got.RR > got.RRUpper {
		t.Errorf("rr %g outside %g to %g", got.RR, got.RRLower, got.RRUpper)
	}
}

func TestCellsAreBlocksOnEitherSide(t *testing.T) {
	at := func(h float64) rateItem { return rateItem{at: time.Duration(h * float64(time.Hour))} }
	for _, c := range []struct {
		name string
		in   []rateItem
		want int
	}{
		{"either side of the event", []rateItem{at(-0.1), at(0.1)}, 2},
		{"first block before", []rateItem{at(-0.1), at(-6)}, 1},
		{"second block before", []rateItem{at(-0.1), at(-6.1)}, 2},
		{"first block after", []rateItem{at(0), at(5.9)}, 1},
		{"second block after", []rateItem{at(0), at(6)}, 2},
	} {
		if got := cells(c.in); got != c.want {
			t.Errorf("%s: got %d", c.name, got)
		}
	}
}

func TestDispersionOfChanceIsAboutOne(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	sum := 0.0
	const rounds = 200
	for range rounds {
		var m []rateItem
		for range 480 {
			m = append(m, rateItem{at: -time.Duration(r.Int64N(int64(day2)-1) + 1)})
		}
		sum += rateWindows{day2, day2}.dispersion(m)
	}
	if mean := sum / rounds; mean < 0.95 || mean > 1.05 {
		t.Errorf("mean dispersion %g", mean)
	}
}

func TestTooFewNeverWorked(t *testing.T) {
	for n1 := range minBefore {
		for _, t2 := range []time.Duration{time.Hour, day2, 1000 * time.Hour} {
			if got := TestRate(counted(n1, 0, time.Hour, t2)); got.Say != CannotTell {
				t.Errorf("%d before: %s", n1, got.Say)
			}
		}
	}
}

func TestAttribution(t *testing.T) {
	treated := func() RateTest { return TestRate(counted(40, 2, day2, day2)) }
	for _, c := range []struct {
		name    string
		control RateArgs
		words   string
		did     float64
	}{
		{"both fell", counted(40, 4, day2, day2), "ended by itself", 0.5},
		{"only the treated fell", counted(40, 40, day2, day2), "speaks for", 0.05},
		{"nothing to compare with", counted(2, 1, day2, day2), "too few forged messages", 0.1},
		{"control stopped", counted(40, 0, day2, day2), "ended by itself", -1},
	} {
		c.control.Class = Spoofed
		r := treated()
		r.attribute(TestRate(c.control))
		if !strings.Contains(r.Sentence, c.words) || r.Control == nil || !near(r.Control.DiD, c.did, 1e-9) {
			t.Errorf("%s: %q, %+v", c.name, r.Sentence, r.Control)
		}
	}
	r := TestRate(counted(3, 0, day2, day2))
	before := r.Sentence
	r.attribute(RateTest{Class: Spoofed, Say: CannotTell})
	if r.Sentence != before || r.Control != nil {
		t.Errorf("no effect, yet attributed: %q", r.Sentence)
	}
}

func TestComposition(t *testing.T) {
	for _, c := range []struct {
		in    Composition
		words string
	}{
		{Composition{Before: 40, NamedBefore: 1, After: 12, NamedAfter: 9}, "receivers act on the record"},
		{Composition{Before: 4, NamedBefore: 1, After: 3, NamedAfter: 1}, "no rise beyond luck"},
	} {
		var r RateTest
		r.compose(c.in)
		if !strings.Contains(r.Sentence, c.words) || r.Composition.P != fisherRise(c.in.NamedBefore, c.in.Before, c.in.NamedAfter, c.in.After) {
			t.Errorf("%+v: %q", c.in, r.Sentence)
		}
	}
	var r RateTest
	if r.compose(Composition{}); r.Composition != nil || r.Sentence != "" {
		t.Errorf("nothing refused: %+v", r)
	}
}

func TestRateTestAsJSON(t *testing.T) {
	for _, a := range []RateArgs{counted(0, 0, day2, day2), counted(40, 1, day2, day2)} {
		r := TestRate(a)
		b, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		var back RateTest
		if err := json.Unmarshal(b, &back); err != nil || back != r {
			t.Errorf("%v: got back %+v, want %+v from %s", err, back, r, b)
		}
		if math.IsInf(r.RRUpper, 1) != strings.Contains(string(b), `"rr_upper95":-1`) {
			t.Errorf("upper limit in %s", b)
		}
	}
}

func FuzzTestRate(f *testing.F) {
	f.Add(int64(0), int64(48), int64(100), uint16(40), uint16(3), uint8(1))
	f.Add(int64(-1), int64(1<<40), int64(0), uint16(0), uint16(0), uint8(0))
	f.Fuzz(func(t *testing.T, before, after, now int64, n1, n2 uint16, campaigns uint8) {
		a := RateArgs{Event: Event{Time: monday, Type: DMARCPublished}, Class: Spoofed, Before: time.Duration(before), After: time.Duration(after), Now: monday.Add(time.Duration(now))}
		for i := range int(n1%500) + int(n2%500) {
			at := -time.Duration(i+1) * time.Duration(before>>8)
			if i >= int(n1%500) {
				at = time.Duration(i) * time.Duration(after>>8)
			}
			a.Messages = append(a.Messages, Handover{T0: monday.Add(at), Delay: time.Duration(i) * time.Second, Campaign: i % (int(campaigns) + 1)})
		}
		r := TestRate(a)
		if math.IsNaN(r.P) || r.P < 0 || r.P > 1 || math.IsNaN(r.RR) || math.IsNaN(r.RRLower) || math.IsNaN(r.RRUpper) || r.RRLower > r.RRUpper || math.IsNaN(r.Phi) {
			t.Errorf("%+v", r)
		}
		if _, err := json.Marshal(r); err != nil {
			t.Error(err)
		}
	})
}
