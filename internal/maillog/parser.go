package maillog

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

const (
	// maxGap is the longest silence between two logs that follow each other: a
	// small server may have no mail for a night.
	maxGap = 24 * time.Hour
	// maxWords bounds the texts kept once for all, maxWord the length of one.
	maxWords, maxWord = 100_000, 320
	// maxInstances bounds the names by which Postfix goes in one log.
	maxInstances = 32
)

// ErrNoMail is of a syslog file that has nothing of a mail server: another log, or a
// quiet day.
var ErrNoMail = errors.New("this is a syslog file, but it has no line of Postfix or Exim; try /var/log/mail.log or /var/log/maillog")

// parser turns lines into a Log.
type parser struct {
	now   time.Time
	log   Log
	queue queue
	// countOnly keeps no single messages.
	countOnly bool
	// words are texts that come again and again: users, clients.
	words map[string]string
	// services are the names under which smtpd of Postfix took mail in, cleanups
	// those that a cleanup has.
	services, cleanups map[string]bool

	fileCounts
	wayCount
	first, last        time.Time // of the stretch without a gap
	previous           time.Time // end of the file before
	all                fileCounts
	orphanUntil        time.Time // last delivery of a message whose Message-ID is not in the log
	gaps               [][2]time.Time
	backwards          bool // a file begins before those ahead of it
	ambiguous, evicted int
	nameless, unknown  int
	dropped            int
	cutRecipients      int
	full               time.Time
	firstYear          int // of those that stamps without a year were taken to be of; 0: none
	lastYear           int
}

// fileCounts are about the lines of one file.
type fileCounts struct {
	number        int
	syslog        int // lines of syslog, of whatever program
	postfix, exim int // lines of these
	unreadable    int
	firstBad      int
	firstText     string
}

// newFile prepares for the next file.
func (p *parser) newFile() {
	p.all.postfix += p.postfix
	p.all.exim += p.exim
	p.fileCounts = fileCounts{}
	p.previous = p.last
}

func newParser(now time.Time) *parser {
	p := &parser{now: now, queue: newQueue(), words: map[string]string{}, services: map[string]bool{}, cleanups: map[string]bool{}}
	p.log.Outbound.Paths = []string{"own"}
	return p
}

// line reads one line of the log.
func (p *parser) line(s string) {
	p.number++
	if s == "" || strings.HasPrefix(s, "-- ") { // journalctl's own remarks
		return
	}
	if t, tag, message, ok := p.syslogLine(s); ok {
		p.syslog++
		switch instance, daemon, isPostfix := postfixTag(tag); {
		case isPostfix:
			p.postfix++
			p.saw(t)
			p.postfixLine(t, instance, daemon, message)
		case tag == "exim" || tag == "exim4":
			p.exim++
			p.saw(t)
			// Exim may put its own stamp in front.
			if own, rest, ok := p.eximStamp(message); ok {
				t, message = own, rest
			}
			p.eximLine(t, message)
		}
		return
	}
	if t, message, ok := p.eximStamp(s); ok {
		if instance, daemon, m, ok := p.postfixAfter(message); ok {
			p.syslog++
			p.postfix++
			p.saw(t)
			p.postfixLine(t, instance, daemon, m)
			return
		}
		p.exim++
		p.saw(t)
		p.eximLine(t, message)
		return
	}
	p.bad(s)
}

// postfixAfter takes "host postfix/smtpd[123]: …" apart, which syslog may have
// written behind a stamp of Exim's form.
func (p *parser) postfixAfter(s string) (instance, daemon, message string, ok bool) {
	host, tag, message, ok := hostAndTag(s)
	if !ok {
		return "", "", "", false
	}
	if instance, daemon, ok = postfixTag(tag); ok {
		p.host = p.word(strings.ToLower(host))
	}
	return instance, daemon, message, ok
}

func (p *parser) bad(s string) {
	if p.unreadable++; p.unreadable == 1 {
		p.firstBad, p.firstText = p.number, strings.Clone(clip(s))
	}
}

// saw widens the period of the log.
func (p *parser) saw(t time.Time) {
	if p.postfix+p.exim == 1 && !p.previous.IsZero() && t.Sub(p.previous) > maxGap {
		p.gaps = append(p.gaps, [2]time.Time{p.previous, t})
		p.first, p.last = t, t
	}
	if p.first.IsZero() || t.Before(p.first) {
		p.backwards = p.backwards || p.postfix+p.exim == 1 && !p.previous.IsZero()
		p.first = t
	}
	if t.After(p.last) {
		p.last = t
	}
}

// refuse says what is wrong with a file that is no log of a mail server.
func (p *parser) refuse(l *lines) error {
	switch {
	case p.postfix+p.exim > 0:
		return nil
	case p.unreadable > 0:
		return fmt.Errorf("neither a Postfix log (syslog) nor an Exim main log (of systemd's journal, give what journalctl -o short-iso prints): line %d can't be read: %q", p.firstBad, p.firstText)
	case p.syslog > 0:
		return ErrNoMail
	case len(l.warnings) > 0:
		return errors.New(l.warnings[0])
	}
	return errors.New("the file has no line of a log")
}

// settle says which period the entries are complete for.
func (p *parser) settle() {
	p.log.Format = "postfix"
	if p.exim+p.all.exim > p.postfix+p.all.postfix {
		p.log.Format = "exim"
	}
	o := &p.log.Outbound
	o.From, o.To = p.first.UTC(), p.last.UTC()
	if p.orphanUntil.After(p.first) || p.orphanUntil.Equal(p.first) {
		// Deliveries within the very second are before it, too.
		o.From = p.orphanUntil.UTC().Truncate(time.Second).Add(time.Second)
	}
	if !p.full.IsZero() && p.full.Before(o.To) {
		o.To = p.full.UTC()
	}
	if o.From.After(o.To) {
		o.From = o.To
	}
}

// word keeps one copy of a text that comes again and again.
func (p *parser) word(s string) string {
	if w, ok := p.words[s]; ok {
		return w
	}
	w := strings.Clone(s)
	if len(p.words) < maxWords && len(s) <= maxWord {
		p.words[w] = w
	}
	return w
}
