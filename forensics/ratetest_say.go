package forensics

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// eventWords names what was done, as the middle of a sentence.
func eventWords(e Event) string {
	switch e.Type {
	case PasswordChanged:
		if e.Account != "" {
			return "the new password of " + plainText(e.Account, maxNameText)
		}
		return "the new password"
	case SPFPublished:
		return "the SPF record"
	case DKIMPublished:
		return "the DKIM key"
	case DMARCPublished:
		return "the DMARC record"
	case ScriptRemoved:
		return "the removal of the script"
	}
	return "the event"
}

// classWords names the messages of a class, plural.
func classWords(v Verdict) string {
	switch v {
	case Compromised:
		return "messages sent from inside"
	case Spoofed:
		return "forged messages"
	case Genuine:
		return "genuine messages"
	}
	return "unexplained messages"
}

// sentence says the outcome, the figures and their limits.
func (r *RateTest) sentence(now time.Time) string {
	what, event := classWords(r.Class), eventWords(r.Event)
	when := r.Event.Time.UTC().Format("2 January 2006, 15:04 UTC")
	switch {
	case !now.IsZero() && now.Before(r.Event.Time):
		return fmt.Sprintf("%s (%s) lies in the future: there is nothing to compare yet.", upperFirst(event), when)
	case r.ExposureAfter <= 0:
		return fmt.Sprintf("What was handed over after %s (%s) can't have come back yet: look again in some hours.", event, when)
	case r.NBefore == 0 && r.NAfter == 0:
		return fmt.Sprintf("No %s in the %s before %s (%s) or the %s after it: there is nothing to compare.",
			what, hoursWords(r.HoursBefore), event, when, hoursWords(r.HoursAfter))
	}
	expected := float64(r.NBefore) * r.ExposureAfter / r.ExposureBefore
	s := fmt.Sprintf("%s: %s handed over in the %s before %s (%s), %s in the %s after it",
		upperFirst(what), countWords(r.NBefore), hoursWords(r.HoursBefore), event, when, countWords(r.NAfter), hoursWords(r.HoursAfter))
	if r.NBefore > 0 {
		s += fmt.Sprintf(", where about %s would have come at the old pace", number(expected))
	}
	if r.CellsBefore > 0 {
		s += fmt.Sprintf(". They came in bursts, so each six hours of a campaign count once (%d before, %d after)", r.CellsBefore, r.CellsAfter)
	}
	return s + ". " + r.conclusion()
}

// conclusion is the part of the sentence that says what may be concluded.
func (r *RateTest) conclusion() string {
	limits := fmt.Sprintf("the new rate is between %s and %s of the old one (95 %% limits)", percent(r.RRLower), percent(r.RRUpper))
	if r.RRLower == 0 {
		limits = fmt.Sprintf("the new rate is at most %s of the old one (95 %% limit)", percent(r.RRUpper))
	}
	switch {
	case r.Say == Stopped:
		return fmt.Sprintf("They stopped: %s, and %s.", luckWords(r.P), limits)
	case r.Say == Dropped && r.NAfter == 0:
		return fmt.Sprintf("They dropped (%s; %s), but too few came before to call that stopped%s.", luckWords(r.P), limits, r.waitWords())
	case r.Say == Dropped:
		return fmt.Sprintf("They dropped, and did not stop: %s, and %s.", luckWords(r.P), limits)
	case r.NBefore == 0:
		return "None came before, so there is no old pace to compare with."
	case r.RRLower > 1:
		return fmt.Sprintf("They did not drop: %s.", limits)
	case r.NBefore < minBefore || r.CellsBefore > 0 && r.CellsBefore < minBefore:
		return fmt.Sprintf("Fewer than %d came before: too few to tell, whatever comes after.", minBefore)
	case r.NAfter == 0:
		return fmt.Sprintf("It is quiet, but too few came before to be sure (%s)%s.", limits, r.waitWords())
	}
	return fmt.Sprintf("That is too few to tell a change from luck: %s; one came about every %s before, so wait that long for each one that seems to be missing.",
		limits, hoursWords(r.ExposureBefore/float64(r.NBefore)))
}

// waitWords says until when it must stay quiet before "stopped" may be said:
// with none after, the upper limit falls below a quarter at
// t2 = t1/0.25 · (0.025^(-1/n) - 1).
func (r *RateTest) waitWords() string {
	n := r.NBefore
	if r.CellsBefore > 0 {
		n = r.CellsBefore
	}
	need := r.ExposureBefore / stoppedBelow * (math.Pow(0.025, -1/float64(n)) - 1)
	if need <= r.HoursAfter || need > 60*24 {
		return ""
	}
	return fmt.Sprintf("; if none comes for %s after the event, it can be", hoursWords(math.Ceil(need)))
}

// luckWords says a chance in words.
func luckWords(p float64) string {
	switch {
	case p < 1e-6:
		return "luck alone does that less than once in a million times"
	case p < 0.01:
		return fmt.Sprintf("luck alone does that about once in %s times", number(1/p))
	}
	return fmt.Sprintf("luck alone does that in %s of all cases", percent(p))
}

func percent(x float64) string {
	switch {
	case math.IsInf(x, 1) || x >= 100:
		return "any multiple"
	case x == 0:
		return "0 %"
	case x < 0.01:
		return "less than 1 %"
	}
	return strconv.FormatFloat(math.Round(100*x), 'f', -1, 64) + " %"
}

// number gives at most two significant digits, grouped by thousands.
func number(x float64) string {
	if x < 10 {
		return strconv.FormatFloat(math.Round(x*10)/10, 'f', -1, 64)
	}
	scale := math.Pow(10, math.Floor(math.Log10(x))-1)
	return grouped(uint64(min(math.Round(x/scale)*scale, 1e18)))
}

// grouped gives all digits, in groups of three.
func grouped(n uint64) string {
	digits := strconv.FormatUint(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

func hoursWords(h float64) string {
	if h = math.Round(h*10) / 10; h == 1 {
		return "1 hour"
	}
	return strconv.FormatFloat(h, 'f', -1, 64) + " hours"
}

func countWords(n int) string {
	if n == 0 {
		return "none"
	}
	return strconv.Itoa(n)
}

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
