package dmarc

import (
	"context"
	"fmt"
)

// DifferenceCode names one kind of difference between two readings, for good.
type DifferenceCode string

// Codes of differences, the outcome first and then what is behind it.
const (
	DifferVerdict   DifferenceCode = "verdict"    // pass here, fail there
	DifferApplied   DifferenceCode = "applied"    // another treatment of a message that fails
	DifferRecord    DifferenceCode = "record"     // another record, or one only here
	DifferPolicy    DifferenceCode = "policy"     // another policy from the same record
	DifferOrg       DifferenceCode = "org-domain" // another organisational domain
	DifferAlignment DifferenceCode = "alignment"  // an identifier aligned here only
	DifferTest      DifferenceCode = "test-mode"  // t=y is unknown to RFC 7489
	DifferPercent   DifferenceCode = "pct"        // pct is ignored by RFC 9989
	DifferFault     DifferenceCode = "dns-fault"  // one reading could not be had
)

// Difference is one point in which the readings differ.
type Difference struct {
	Code DifferenceCode `json:"code"`
	Text string         `json:"text"` // a sentence for people
}

// Comparison of the two readings of one message or domain.
type Comparison struct {
	Current     Result       `json:"current"` // by RFC 9989
	Former      Result       `json:"former"`  // by RFC 7489
	Differences []Difference `json:"differences"`
}

// Compare evaluates a message, or a domain, as both kinds of receivers do, and
// says where they differ: Standard is not looked at. For a domain alone the
// verdicts are those on a forged message, which nothing vouches for.
//
// Where From names several domains, the one that decided is compared.
func Compare(ctx context.Context, a Args) Comparison {
	a.Standard = RFC9989
	c := Comparison{Current: Evaluate(ctx, a), Differences: []Difference{}}
	a.Standard = RFC7489
	c.Former = Evaluate(ctx, a)
	c.compare()
	return c
}

func (c *Comparison) add(code DifferenceCode, format string, a ...any) {
	c.Differences = append(c.Differences, Difference{code, fmt.Sprintf(format, a...)})
}

func (c *Comparison) compare() {
	now, old := c.Current.Author, c.Former.Author
	if now.Verdict != old.Verdict {
		c.add(DifferVerdict, "receivers of RFC 9989 say %s, those of RFC 7489 say %s", now.Verdict, old.Verdict)
	}
	if (now.Verdict == VerdictTempError) != (old.Verdict == VerdictTempError) {
		c.add(DifferFault, "the two ask different names, and not all name servers answered: the comparison is not complete")
	}
	if now.Domain != old.Domain {
		return // another author decided: what is behind the verdicts has nothing in common
	}
	if now.Verdict == VerdictFail && old.Verdict == VerdictFail && now.Applied != old.Applied {
		c.add(DifferApplied, "a message that fails gets %s by RFC 9989 and %s by RFC 7489", now.Applied, old.Applied)
	}
	c.compareRecords(now, old)
	c.compareAlignment(now, old)
}

// compareRecords compares what was found and how it is read.
func (c *Comparison) compareRecords(now, old Author) {
	if (now.Fault != nil || old.Fault != nil) && (now.Record == nil || old.Record == nil) {
		return
	}
	switch {
	case now.RecordDomain != old.RecordDomain:
		c.add(DifferRecord, "RFC 9989 finds %s, RFC 7489 finds %s", recordOf(now), recordOf(old))
	case now.Policy != old.Policy:
		c.add(DifferPolicy, "the record of %s asks for %s by RFC 9989 (%s) and for %s by RFC 7489 (%s)",
			now.RecordDomain, now.Policy, tagOf(now), old.Policy, tagOf(old))
	}
	if now.Record != nil && now.Record.Test && now.Policy.Softer() != now.Policy {
		c.add(DifferTest, "t=y makes RFC 9989 apply one level less (%s); RFC 7489 does not know it", now.Policy.Softer())
	}
	if old.Record == nil {
		return
	}
	if pct := old.Record.percent(); pct < 100 && old.Policy.Softer() != old.Policy {
		c.add(DifferPercent, "pct=%d makes RFC 7489 apply %s to %d %% of the mail that fails and %s to the rest; RFC 9989 ignores it",
			pct, old.Policy, pct, old.Policy.Softer())
	}
}

func (c *Comparison) compareAlignment(now, old Author) {
	if now.OrgDomain != "" && old.OrgDomain != "" && now.OrgDomain != old.OrgDomain {
		c.add(DifferOrg, "the organisational domain of %s is %s by what DNS says (RFC 9989), %s by the public suffix list (RFC 7489)",
			now.Domain, now.OrgDomain, old.OrgDomain)
	}
	if len(now.Identifiers) != len(old.Identifiers) {
		return // one of them found no policy and did not look
	}
	for i, id := range now.Identifiers {
		if was := old.Identifiers[i]; id.Result == "pass" && !id.Open && id.Aligned != was.Aligned {
			by, not := RFC9989, RFC7489
			if was.Aligned {
				by, not = not, by
			}
			c.add(DifferAlignment, "%s of %s speaks for %s by RFC %s, not by RFC %s", id.Method, id.Domain, now.Domain, by, not)
		}
	}
}

func recordOf(a Author) string {
	if a.RecordDomain == "" {
		return "no policy that applies"
	}
	return "the record of " + a.RecordDomain
}

func tagOf(a Author) string {
	if a.Tag == "" {
		return "as it is not valid in part"
	}
	return "tag " + a.Tag
}
