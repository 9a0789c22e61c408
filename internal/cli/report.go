package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"unspoof/bounce"
	"unspoof/forensics"
	"unspoof/internal/cli/ui"
)

// How much of a report is shown; --json has all of it.
const (
	shownReasons   = 8 // of a single message
	shownOfEach    = 5 // of one among others
	shownLine      = 110
	shownCampaigns = 5
	shownHandoffs  = 8
	shownValues    = 6
	shownBars      = 32
	barWidth       = 30
)

var verdictWords = map[forensics.Verdict]struct {
	style ui.Style
	head  string
	short string
}{
	forensics.Spoofed:     {ui.Green, "FORGED, not hacked", "forged"},
	forensics.Compromised: {ui.Red, "HACKED", "hacked"},
	forensics.Genuine:     {ui.Green, "GENUINE: this mail was yours", "genuine"},
	forensics.Unknown:     {ui.Yellow, "UNDECIDED", "undecided"},
}

// byAlarm is the order in which verdicts are listed.
var byAlarm = []forensics.Verdict{forensics.Compromised, forensics.Spoofed, forensics.Unknown, forensics.Genuine}

// showReport prints the verdict first and the next step last.
func (p *program) showReport(rep forensics.MailboxReport, seen evidence, own ownMail) {
	o := p.out
	for _, alarm := range rep.Alarms {
		o.Text("! ", "%s", o.As(ui.Red, alarm))
	}
	w := verdictWords[rep.Verdict]
	if rep.Verdict == forensics.Unknown && rep.Unexplained > 0 {
		w.head += ": secure your account first"
	}
	if rep.Verdict == forensics.Spoofed && rep.Unexplained > 0 {
		w.style, w.head = ui.Yellow, "FORGED, and something to look at"
	}
	o.Line("%s  (confidence: %s)", o.As(w.style, w.head), rep.Confidence)
	o.Line("")
	o.Text("  ", "%s", rep.Sentence)
	p.showCounts(rep)
	p.showWhy(rep, seen)
	p.showCampaigns(rep)
	p.showHandoffs(rep)
	p.showSenders(rep)
	p.showTimeline(rep)
	p.showRateTests(rep)
	p.showLimits(rep, own)
	steps := rep.Advice
	if rep.Next(own.incomplete()) == forensics.StepAnswer {
		known := "what your profile lists"
		if own.question != "" {
			known = "what DNS names"
		}
		steps = slices.Concat([]string{"Answer one question: is " + known + " all that sends for you? If it is, run this again with --complete; a yes may decide the case."}, steps)
	}
	if len(steps) > 1 {
		o.Heading("Later")
		for _, a := range steps[1:] {
			o.Text("  - ", "%s", a)
		}
	}
	if len(steps) > 0 {
		o.Heading("Next step")
		o.Text("  ", "%s", steps[0])
	}
}

// incomplete reports that nobody has said whether the list of senders is all.
func (o ownMail) incomplete() bool {
	return o.open() || o.question == "" && !o.profile.Complete && o.profile.Address == ""
}

func (p *program) showCounts(rep forensics.MailboxReport) {
	o := p.out
	o.Line("")
	var kinds []string
	for _, k := range byCount(rep.Kinds) {
		kinds = append(kinds, fmt.Sprintf("%d × %s", rep.Kinds[k], kindWords(bounce.Kind(k))))
	}
	o.Text("  ", "%s read: %s.", count(rep.Read, "message"), strings.Join(kinds, "; "))
	var verdicts []string
	for _, v := range byAlarm {
		if n := rep.PerNotice[v]; n > 0 {
			verdicts = append(verdicts, fmt.Sprintf("%d %s", n, verdictWords[v].short))
		}
	}
	if rep.Notices > 0 {
		o.Text("  ", "%s about %s: %s.", count(rep.Notices, "notice"), count(rep.Messages, "original message"), strings.Join(verdicts, ", "))
	}
	if rep.Damage != "" {
		o.Text("  ", "%s", rep.Damage)
	}
	if !rep.From.IsZero() {
		o.Text("  ", "Handed over between %s and %s.", stamp(rep.From), stamp(rep.To))
	}
}

// showWhy prints the reasons: of the mailbox, then of each message, or of one for
// each verdict.
func (p *program) showWhy(rep forensics.MailboxReport, seen evidence) {
	o := p.out
	o.Heading("Why")
	if seen.all > 1 {
		for _, r := range rep.Reasons {
			p.showReason(r)
		}
	}
	slices.SortStableFunc(seen.examples, func(a, b example) int {
		return slices.Index(byAlarm, a.judgement.Verdict) - slices.Index(byAlarm, b.judgement.Verdict)
	})
	for _, e := range seen.examples {
		j := e.judgement
		w := verdictWords[j.Verdict]
		like := "for example "
		if seen.all == len(seen.examples) {
			like = ""
		}
		o.Text("  ", "%s%s: %s (%s, confidence %s). %s", like, e.file, o.As(w.style, w.short), j.Subtype, j.Confidence, j.Sentence)
		shown := shownOfEach
		if seen.all == 1 {
			shown = shownReasons
		}
		for _, r := range j.Reasons[:min(len(j.Reasons), shown)] {
			p.showReason(r)
		}
		if more := len(j.Reasons) - shown; more > 0 {
			o.Line("    and %d more, with --json", more)
		}
	}
}

// showReason prints what a reason says, and the line that it rests on with who
// could have written that line falsely.
func (p *program) showReason(r forensics.Reason) {
	o := p.out
	o.Text(fmt.Sprintf("    %-6s ", r.Strength), "%s [%s]", r.Text, r.Code)
	if r.Where == "" {
		return
	}
	where := r.Where
	if r.Forgeable != "" {
		where += " (" + r.Forgeable + " could forge it)"
	}
	if r.Line != "" {
		where += ": " + ui.Cut(ui.Clean(r.Line), shownLine)
	}
	o.Text("           ", "%s", o.As(ui.Dim, where))
}

func (p *program) showCampaigns(rep forensics.MailboxReport) {
	if len(rep.Campaigns) == 0 {
		return
	}
	o := p.out
	o.Heading("What was sent in your name")
	for _, c := range rep.Campaigns[:min(len(rep.Campaigns), shownCampaigns)] {
		subject := c.Subject
		if subject == "" {
			subject = "(no subject)"
		}
		o.Text("  - ", "“%s”: %s, %s in %s", ui.Cut(ui.Clean(subject), 80), verdictWords[c.Verdict].short, count(c.Messages, "message"), count(c.Notices, "notice"))
		detail := func(label, value string) {
			if value != "" {
				o.Text("      ", "%s: %s", label, value)
			}
		}
		if c.From != "" {
			detail("calls itself", c.From)
		}
		detail("imitates", strings.Join(c.Brands, ", "))
		detail("your addresses used", values(c.Senders, c.NSenders))
		detail("links (made harmless)", strings.Join(c.Links[:min(len(c.Links), shownValues)], " "))
		detail("volume", c.Estimate)
	}
	if more := len(rep.Campaigns) - shownCampaigns; more > 0 {
		o.Line("  and %d more, with --json", more)
	}
	if len(rep.Languages) > 1 {
		var scripts []string
		for _, s := range byCount(rep.Languages) {
			scripts = append(scripts, fmt.Sprintf("%s (%d)", s, rep.Languages[s]))
		}
		o.Text("  ", "Written in: %s.", strings.Join(scripts, ", "))
	}
}

func (p *program) showHandoffs(rep forensics.MailboxReport) {
	if len(rep.Handoffs) == 0 {
		return
	}
	o := p.out
	o.Heading("Who handed it over")
	var rows [][]any
	for _, h := range rep.Handoffs[:min(len(rep.Handoffs), shownHandoffs)] {
		rows = append(rows, []any{h.IP, h.Count, verdictWords[h.Verdict].short, strings.Join(strings.Fields(h.Name+" "+h.Network+" "+h.Country), " ")})
	}
	o.Table(2, rows)
	if more := len(rep.Handoffs) - shownHandoffs; more > 0 {
		o.Line("  and %d more, with --json", more)
	}
}

func (p *program) showSenders(rep forensics.MailboxReport) {
	o := p.out
	var lines []string
	add := func(text string) {
		if text != "" {
			lines = append(lines, text)
		}
	}
	if len(rep.AbusedSenders) > 0 {
		add("Addresses of yours that were used: " + values(rep.AbusedSenders, len(rep.AbusedSenders)) + ".")
	}
	if len(rep.UnknownSenders) > 0 {
		add("Of these, no mailbox of yours: " + values(rep.UnknownSenders, len(rep.UnknownSenders)) + ".")
	}
	if len(rep.Accounts) > 0 {
		add("To lock or clean: " + values(rep.Accounts, len(rep.Accounts)) + ".")
	}
	if rep.ToYouFromYou > 0 {
		add(count(rep.ToYouFromYou, "message") + " came “to you, from you”: your own address as the sender of mail to yourself.")
	}
	add(rep.CatchAll)
	add(rep.Origin)
	if len(lines) == 0 {
		return
	}
	o.Heading("Your addresses")
	for _, l := range lines {
		o.Text("  - ", "%s", l)
	}
}

// showLimits says what the verdict does not show.
func (p *program) showLimits(rep forensics.MailboxReport, own ownMail) {
	o := p.out
	var open []string
	if own.open() {
		open = append(open, "One question is open. "+own.question+" Is this all that sends mail for you? If so, add --complete.")
	}
	if rep.Missing != "" {
		open = append(open, "What would decide: "+rep.Missing)
	}
	open = slices.Concat(open, rep.NotProven, rep.Warnings)
	if len(open) == 0 {
		return
	}
	o.Heading("What is not certain")
	for _, s := range open {
		o.Text("  - ", "%s", s)
	}
}

// values lists the first of counts; all is how many there are.
func values(counts []forensics.Count, all int) string {
	var words []string
	for _, c := range counts[:min(len(counts), shownValues)] {
		words = append(words, fmt.Sprintf("%s (%d)", c.Value, c.Count))
	}
	if more := all - len(words); more > 0 {
		words = append(words, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(words, ", ")
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// byCount gives the keys of m, most frequent first.
func byCount(m map[string]int) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int {
		if m[a] != m[b] {
			return m[b] - m[a]
		}
		return strings.Compare(a, b)
	})
	return keys
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
