package bounce

import (
	"strconv"
	"strings"

	"unspoof/message"
)

// refusalOf makes a refusal of what a notice says for its first recipient: the
// text of the diagnosis, and the status where the text has no code itself.
func refusalOf(text, status string, later bool) *Refusal {
	text = shorten(message.DecodeWords(text))
	r := &Refusal{Text: text, Enhanced: status}
	if c, ok := codesIn(text); ok {
		r.Code = c.reply
		if c.enhanced != "" {
			r.Enhanced = c.enhanced
		}
	}
	r.Class = classOf(r, later)
	return r
}

// classOf sorts a refusal: what the words say goes before what the codes say,
// since 5.0.0, 5.7.1 and 550 are used for everything. Later says that the mail
// will be tried again.
func classOf(r *Refusal, later bool) Class {
	rule := len(classRules)
	classPhrases().scan(fold(r.Text), func(_, _ int, p *phrase) bool {
		rule = min(rule, int(p.mark))
		return true
	})
	if rule < len(classRules) {
		return classRules[rule].class
	}
	class, subject, detail := splitStatus(r.Enhanced)
	// RFC 3463 section 3, and the register of RFC 5248.
	switch {
	case subject == 7 && (detail >= 20 && detail <= 27 || detail == 30 || detail == 509 || detail == 515): // RFC 7372, Exchange
		return Authentication
	case subject == 1 && detail == 2, subject == 4 && detail == 4 && class == 5, subject == 4 && detail == 3:
		return DNS
	case subject == 2 && detail == 2:
		return MailboxFull
	case subject == 2 && detail == 3, subject == 3 && detail == 4:
		return Size
	case subject == 1 && (detail == 1 || detail == 3 || detail == 6 || detail == 10 || detail == 0), subject == 2 && detail == 1:
		if class == 5 {
			return UnknownUser
		}
	case subject == 7 && class == 5:
		return Policy
	}
	switch {
	case later, class == 4, r.Code >= 400 && r.Code < 500:
		return Temporary
	case r.Code == 552:
		return MailboxFull // RFC 821: exceeded storage allocation
	}
	return Other
}

// splitStatus takes an enhanced code apart.
func splitStatus(s string) (class, subject, detail int) {
	a, rest, _ := strings.Cut(s, ".")
	b, c, _ := strings.Cut(rest, ".")
	class, _ = strconv.Atoi(a)
	subject, _ = strconv.Atoi(b)
	detail, _ = strconv.Atoi(c)
	if rest == "" {
		return 0, -1, -1
	}
	return class, subject, detail
}
