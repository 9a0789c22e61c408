package posture

import (
	"fmt"
	"slices"
	"strings"

	"unspoof/dmarc"
	"unspoof/dns"
	"unspoof/orgdomain"
)

// verdict answers who can send as the domain. What decides is DMARC: SPF alone
// says nothing of the From line that people see.
func (c *checker) verdict() Verdict {
	v := Verdict{Because: []string{}}
	because := func(format string, a ...any) { v.Because = append(v.Because, fmt.Sprintf(format, a...)) }
	d := &c.dmarc
	policy := d.Policy
	if d.Record != nil && d.Record.Test {
		policy = policy.Softer()
	}
	switch {
	case c.dmarcErr != nil:
		because("DNS did not answer whether there is a DMARC policy (%s)", c.openQuestions())
		return v.say(Undecided, "It cannot be told who can send as %s, because DNS did not answer. Try again, or ask another resolver.", c.domain)
	case d.Record == nil:
		c.whyNoPolicy(because)
	case d.Policy == "":
		because("its DMARC record is not valid, and receivers ignore it")
	case contradiction(d.Record) != "":
		because("its DMARC record contradicts itself (%s): readers that are strict ignore it, and others take either", contradiction(d.Record))
	case policy == dmarc.None || policy == "":
		because("its DMARC policy refuses nothing (%s)", c.policyWords())
	}
	if len(v.Because) > 0 {
		c.aboutSPF(because)
		if c.missing {
			return v.say(Anyone, "%s does not exist in DNS: check the spelling. As it stands, nothing refuses mail that claims to come from it.", c.domain)
		}
		return v.say(Anyone, "Anyone can send as %s, because %s.", c.domain, v.Because[0])
	}
	if c.spf.everyone != "" {
		if term := clip(c.spf.everyone, 100); c.spf.hidden {
			because("its SPF record lets every address send (%s): an error before that stops some receivers, and none once it is mended", term)
		} else {
			because("its SPF record lets every address send (%s), so that forged mail passes SPF and DMARC", term)
		}
		return v.say(Anyone, "Anyone can send as %s, because %s.", c.domain, v.Because[0])
	}
	if open := c.openBelow(); open != "" {
		because("%s, and mail from there passes DMARC", open)
		return v.say(Anyone, "Anyone can send as %s, because %s.", c.domain, v.Because[0])
	}
	if c.spf.state == spfFault {
		because("DMARC asks for %s, but DNS did not answer whether SPF lets strangers pass", policy)
		return v.say(Undecided, "It cannot be told for sure who can send as %s, because DNS did not answer for its SPF record.", c.domain)
	}
	if c.spf.unread != "" {
		because("DMARC asks for %s, but it is not known whom its SPF record lets pass by %s, which %s", policy, clip(c.spf.unread, 100), c.unreadWords())
		return v.say(Undecided, "It cannot be told for sure who can send as %s, because %s.", c.domain, c.unreadReason())
	}
	return c.enforced(v, policy)
}

// unreadWords says why a term of SPF was not read.
func (c *checker) unreadWords() string {
	if c.spf.cut {
		return "was not asked"
	}
	return "DNS did not answer"
}

// unreadReason says what that means for the whole.
func (c *checker) unreadReason() string {
	switch {
	case c.spf.cut && c.quick:
		return "not everything was asked: its SPF record includes more than a quick check reads; use --full"
	case c.spf.cut:
		return "not everything was asked: its SPF record includes more than one check reads"
	}
	return "DNS did not answer for a part of its SPF record (" + clip(c.spf.unread, 100) + ")"
}

// enforced words the verdict where a policy is in force.
func (c *checker) enforced(v Verdict, policy dmarc.Policy) Verdict {
	because := func(format string, a ...any) { v.Because = append(v.Because, fmt.Sprintf(format, a...)) }
	if c.taken != "" {
		because("%s does not exist, and whoever registers it passes as %s", c.taken, c.domain)
	}
	if policy == dmarc.Quarantine {
		because("forged mail is put into the spam folder and not refused (%s)", c.policyWords())
	}
	if below, ghost := c.policiesBelow(); below.asks.Weaker(policy) {
		because("names below it, such as mail.%s, are protected less (%s)", c.domain, below.words)
	} else if ghost.asks.Weaker(policy) {
		because("made-up names below it are protected less (%s)", ghost.words)
	}
	if weak := c.weakBelow(); weak != "" {
		because("%s", weak)
	}
	if c.former != "" {
		because("%s", c.former)
	}
	if pct := c.percent(); pct < 100 {
		because("older receivers only refuse a part of it (pct=%d)", pct)
	}
	if c.spf.state == spfOK && c.wideTerm() != "" {
		because("its SPF record lets in a very wide network, and whoever has a machine there passes")
	}
	if len(v.Because) == 0 {
		if why := c.formerBelow(); why != "" {
			because("older receivers protect names below it less (%s)", why)
		}
	}
	if len(v.Because) > 0 {
		return v.say(Partly, "Some forged mail in the name of %s gets through, because %s.", c.domain, v.Because[0])
	}
	if c.missing {
		because("the policy of %s covers names that don't exist (%s)", c.dmarc.At, c.policyWords())
		return v.say(Protected, "%s does not exist in DNS: check the spelling. Receivers are told to refuse mail in its name.", c.domain)
	}
	because("its DMARC policy asks receivers to refuse mail that does not prove to be its own (%s)", c.policyWords())
	return v.say(Protected, "Receivers are told to refuse forged mail in the name of %s. That makes forgeries refusable, not impossible: each receiver decides, and look-alike names are not covered.", c.domain)
}

// askedBelow is what is asked for names below the domain.
type askedBelow struct {
	asks  dmarc.Policy
	words string // "sp=none at example.com"
}

// policiesBelow gives it for names that exist and for those that don't. They get it
// from the organisational domain, not from a name between (RFC 9989 section 4.10.1).
func (c *checker) policiesBelow() (below, ghost askedBelow) {
	r, at := c.dmarc.Record, c.dmarc.At
	if at == c.domain && !c.ownCovers() {
		at = c.dmarc.OrgDomain
		i := slices.IndexFunc(c.dmarc.Steps, func(s orgdomain.Step) bool { return s.Domain == at })
		if i < 0 {
			return below, ghost
		}
		var err error
		if r, err = dmarc.Parse(c.dmarc.Steps[i].Valid()); err != nil {
			return below, ghost
		}
	}
	asked := func(rel dmarc.Relation) askedBelow {
		p, tag, _ := r.For(rel)
		a := askedBelow{p, policyTag(tag, p)}
		if r.Test {
			a.asks, a.words = p.Softer(), a.words+"; t=y"
		}
		if at != c.domain {
			a.words += " at " + at
		}
		return a
	}
	return asked(dmarc.Below), asked(dmarc.NonExistent)
}

// formerBelow says by what older receivers let forged mail of names below through, as
// far as the truth table was made.
func (c *checker) formerBelow() string {
	for _, row := range c.report.TruthTable {
		if row.From != "" && row.From != c.domain && (row.Former.Does == Accepted || row.Former.Does == SpamFolder) {
			return row.Former.Why
		}
	}
	return ""
}

// ownCovers reports that the domain's own record is that of the names below it, too.
func (c *checker) ownCovers() bool {
	d := &c.dmarc
	return d.At == c.domain && (d.OrgDomain == c.domain || d.OrgDomain == "")
}

func (v Verdict) say(e Exposure, format string, a ...any) Verdict {
	v.Exposure, v.Sentence = e, fmt.Sprintf(format, a...)
	return v
}

func (c *checker) whyNoPolicy(because func(string, ...any)) {
	switch {
	case c.has("DMARC-002"):
		because("it has several DMARC records, and receivers ignore all of them")
	case c.has("DMARC-004"):
		because("what it publishes as its DMARC record is none, and receivers ignore it")
	case c.missing:
		because("the name does not exist, and no DMARC policy above it covers it")
	default:
		because("it has no DMARC record, and nothing else protects the From line that people see")
	}
}

// aboutSPF adds what SPF does where DMARC does nothing.
func (c *checker) aboutSPF(because func(string, ...any)) {
	s := &c.spf
	switch {
	case c.missing, s.state == spfFault:
	case s.everyone != "":
		because("its SPF record lets every address send (%s)", clip(s.everyone, 100))
	case s.state == spfNone:
		because("it has no SPF record")
	case s.state != spfOK || s.oversteps():
		because("its SPF record is an error to receivers, who then ignore it")
	case len(s.broken) > 0:
		because("its SPF record turns into an error at %s, and receivers then ignore it", clip(s.broken[0].term, 100))
	case s.all == "-":
		because("its SPF record (-all) only protects the envelope, which people never see")
	case s.all == "~":
		because("its SPF record ends in ~all, which marks mail and refuses none, and only looks at the envelope")
	default:
		because("its SPF record says nothing about mail from other servers")
	}
	if c.report.CatchAll != "" && strings.Contains(c.report.CatchAll, "wildcard") {
		because("mail to made-up subdomains is taken in, so bounces for them arrive")
	}
}

// policyWords quotes the policy and where it stands.
func (c *checker) policyWords() string {
	d := &c.dmarc
	tag := d.Tag
	if tag == "" {
		tag = "p"
	}
	s := fmt.Sprintf("%s=%s", tag, d.Policy)
	if d.Record.Test {
		s += "; t=y"
	}
	if d.At != c.domain {
		s += " at " + d.At
	}
	return s
}

// openQuestions names what DNS left open, the first few.
func (c *checker) openQuestions() string {
	var list []string
	for _, e := range c.report.Unanswered {
		if strings.HasPrefix(e.Query, dns.TypeTXT.String()+" _dmarc.") || e.Query == "A "+c.domain {
			list = append(list, e.Query+": "+e.Answer)
		}
	}
	return strings.Join(list[:min(len(list), 3)], "; ")
}
