package forensics

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"unspoof/internal/testdata"
)

// TestSuitesSeries runs the series of timeline.yaml: hand-over times around an
// event, and the right answer of the rate test. Figures are compared to the
// digits given.
func TestSuitesSeries(t *testing.T) {
	data, err := os.ReadFile(testdata.Dir(t, "bounces/scenarios/timeline.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Series []struct {
			Name        string      `yaml:"name"`
			Event       time.Time   `yaml:"event"`
			HoursBefore float64     `yaml:"hours_before"`
			HoursAfter  float64     `yaml:"hours_after"`
			NBefore     int         `yaml:"n_before"`
			NAfter      int         `yaml:"n_after"`
			RR          yaml.Node   `yaml:"rr"`
			RRLower     yaml.Node   `yaml:"rr_lower95"`
			RRUpper     yaml.Node   `yaml:"rr_upper95"`
			P           yaml.Node   `yaml:"p_one_sided"`
			Say         Say         `yaml:"say"`
			T0          []time.Time `yaml:"t0"`
			Arrivals    []time.Time `yaml:"arrivals"`
		} `yaml:"series"`
	}
	if err := yaml.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Series) == 0 {
		t.Fatal("no series found")
	}
	for _, s := range file.Series {
		t.Run(s.Name, func(t *testing.T) {
			before := time.Duration(s.HoursBefore * float64(time.Hour))
			after := time.Duration(s.HoursAfter * float64(time.Hour))
			args := RateArgs{Event: Event{Time: s.Event, Type: PasswordChanged}, Class: Compromised, Before: before, After: after}
			for i, t0 := range s.T0 {
				h := Handover{T0: t0, Delay: -1}
				if i < len(s.Arrivals) {
					h.Delay = s.Arrivals[i].Sub(t0)
					args.Now = s.Event.Add(30 * 24 * time.Hour) // every notice is back
				}
				args.Messages = append(args.Messages, h)
			}
			got := TestRate(args)
			if got.NBefore != s.NBefore || got.NAfter != s.NAfter || got.Say != s.Say {
				t.Errorf("got %d, %d, %s; want %d, %d, %s", got.NBefore, got.NAfter, got.Say, s.NBefore, s.NAfter, s.Say)
			}
			if got.HoursBefore != s.HoursBefore || got.HoursAfter != s.HoursAfter {
				t.Errorf("windows: got %g and %g hours", got.HoursBefore, got.HoursAfter)
			}
			sameDigits(t, "rr", got.RR, s.RR.Value)
			sameDigits(t, "rr_lower95", got.RRLower, s.RRLower.Value)
			sameDigits(t, "rr_upper95", got.RRUpper, s.RRUpper.Value)
			sameDigits(t, "p_one_sided", got.P, s.P.Value)
			t.Log(got.Sentence)
		})
	}
}

// sameDigits compares to half a unit of the last digit written.
func sameDigits(t *testing.T, name string, got float64, want string) {
	t.Helper()
	w, err := strconv.ParseFloat(want, 64)
	if err != nil {
		t.Fatal(err)
	}
	mantissa, exponent := want, 0
	for i, c := range want {
		if c == 'e' || c == 'E' {
			mantissa = want[:i]
			if _, err := fmt.Sscan(want[i+1:], &exponent); err != nil {
				t.Fatal(err)
			}
			break
		}
	}
	decimals := 0
	for i, c := range mantissa {
		if c == '.' {
			decimals = len(mantissa) - i - 1
		}
	}
	if half := 0.5 * math.Pow10(exponent-decimals); math.Abs(got-w) > half*1.0001 {
		t.Errorf("%s: got %g, want %s", name, got, want)
	}
}
