package posture

import (
	"unspoof/dmarc"
	"unspoof/spf"
)

// lockdown says of a parked domain what it publishes of what such domains should.
func (c *checker) lockdown() []Lock {
	if !c.report.Parked {
		return []Lock{}
	}
	d := &c.dmarc
	policy := NotKnown
	if c.dmarcErr == nil {
		policy = No
		if d.Record != nil && !d.Record.Test && d.Policy == dmarc.Reject {
			below, _, _ := d.Record.For(dmarc.Below)
			ghost, _, _ := d.Record.For(dmarc.NonExistent)
			policy = stateOf(below == dmarc.Reject && ghost == dmarc.Reject)
		}
	}
	keys := c.report.DKIM.Wildcard
	if keys == Yes {
		keys = stateOf(c.wildKey.Revoked)
	}
	return []Lock{
		{"spf", stateOf(c.spf.state == spfOK && c.spf.all == "-"), c.domain + " TXT v=spf1 -all"},
		{"dmarc", policy, "_dmarc." + c.domain + " TXT v=DMARC1; p=reject"},
		{"null-mx", stateOf(c.report.NullMX && len(c.report.MX) == 0), c.domain + " MX 0 ."},
		{"dkim", keys, "*._domainkey." + c.domain + " TXT v=DKIM1; p="},
	}
}

// demands are what large providers ask of whoever sends them much (5000 messages a
// day and more), as far as DNS shows it.
func (c *checker) demands() []Demand {
	if c.report.Parked {
		return []Demand{}
	}
	const all, two = "Gmail, Yahoo, Microsoft", "Gmail, Yahoo"
	return []Demand{
		c.demandSPF(all),
		c.demandDKIM(all),
		c.demandDMARC(all),
		c.demandReverse(two),
		{"unsubscribe", "unsubscribe links that work with one click (RFC 8058)", two, NotKnown, "DNS does not show it: look at a message you sent"},
		{"complaints", "less than 0.3 of 100 recipients complain", two, NotKnown, "DNS does not show it: the providers' postmaster pages do"},
	}
}

func (c *checker) demandSPF(who string) Demand {
	d := Demand{ID: "spf", What: "an SPF record that passes", Who: who}
	switch s := c.strictly(); {
	case c.spf.state == spfFault, s.word == "":
		d.State, d.Why = NotKnown, "DNS did not answer"
	case s.word == spf.None || s.word == spf.PermError:
		d.State, d.Why = No, c.domain+" "+s.why
	case !c.spf.letsIn:
		d.State, d.Why = No, "the record lets nobody send"
	default:
		d.State, d.Why = Yes, "there is one, and receivers can read it; whether your servers are in it, a test message shows"
	}
	return d
}

func (c *checker) demandDKIM(who string) Demand {
	d := Demand{ID: "dkim", What: "a DKIM signature", Who: who, State: NotKnown, Why: "no key was found, but selectors cannot be listed: look at a message you sent"}
	for _, s := range c.report.DKIM.Selectors {
		if s.Usable {
			d.State, d.Why = Yes, "there is a key at "+s.Name
			break
		}
		if !s.Revoked {
			d.Why = "the key at " + s.Name + " cannot be used, and others are not known: look at a message you sent"
		}
	}
	return d
}

func (c *checker) demandDMARC(who string) Demand {
	d := Demand{ID: "dmarc", What: "a DMARC record, p=none at least", Who: who}
	switch {
	case c.dmarcErr != nil:
		d.State, d.Why = NotKnown, "DNS did not answer"
	case c.dmarc.Record == nil || c.dmarc.Policy == "":
		d.State, d.Why = No, "no valid record applies"
	default:
		d.State, d.Why = Yes, "the record at "+c.dmarc.At+" applies"
	}
	return d
}

func (c *checker) demandReverse(who string) Demand {
	d := Demand{ID: "reverse", What: "reverse names of the sending addresses that lead back", Who: who, State: c.reverse}
	switch d.State {
	case Yes:
		d.Why = "the domain's own addresses that DNS shows have them"
	case No:
		d.Why = "an own address has none"
	default:
		d.State, d.Why = NotKnown, "DNS shows no address of the domain's own, or did not answer"
	}
	return d
}
