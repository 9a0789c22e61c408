package posture

import (
	"context"
	"slices"

	"unspoof/dns"
	"unspoof/lint"
	"unspoof/spf"
)

// wildcard names what gives made-up names below the domain their records.
func (c *checker) wildcard() string { return "*." + c.domain }

// strangerAt is what SPF says of an address that nobody named, for a name below the
// domain. by says how it comes to a record: to one that does not exist, a wildcard may
// give it.
func (c *checker) strangerAt(ctx context.Context, r dns.Resolver, name, by string) stranger {
	text, answer, err := spf.Discover(ctx, r, name)
	switch {
	case isFault(err):
		return stranger{why: "did not answer for an SPF record"}
	case err != nil && answer.RCode == dns.NXDomain:
		return stranger{word: spf.None, why: "does not exist and so has no SPF record"}
	case err != nil:
		return stranger{word: spf.None, why: "has no SPF record"}
	case text == c.spf.text:
		return c.stranger()
	}
	out := stranger{record: text}
	args := spf.SetArgs{Domain: name, Record: text, Resolver: r}
	set, err := spf.Sets(ctx, args)
	if err != nil {
		out.word, out.why = spf.PermError, "has an SPF record that is not valid"+by
		return out
	}
	if _, term, yes := lint.EverybodyOnceMended(ctx, args, set); yes {
		out.word, out.open = spf.Pass, clip(term, 100)
		out.why = "lets every address send (" + out.open + ")" + by
		return out
	}
	switch out.word = most(set, spf.WithLimits, spf.Neutral, spf.SoftFail, spf.Fail, spf.PermError, spf.TempError, spf.Unknown); out.word {
	case spf.PermError:
		out.why = "has an SPF record that ends in an error" + by
	case spf.TempError, spf.Unknown:
		out.word, out.why = "", "has an SPF record of which a part is not known"+by
	default:
		out.why = wordsFor[out.word] + by
		if rec, err := spf.Parse(text); err == nil {
			if i := slices.IndexFunc(passing(rec), isWide); i >= 0 {
				out.wide = clip(passing(rec)[i].Text, 100)
			}
		}
	}
	return out
}

// most gives which of some words most addresses get.
func most(set *spf.Set, reading spf.Reading, words ...spf.Word) spf.Word {
	best, n := words[0], set.Count(words[0], reading)
	for _, w := range words[1:] {
		if m := set.Count(w, reading); m.IPv4.Plus(m.IPv6).Compare(n.IPv4.Plus(n.IPv6)) > 0 {
			best, n = w, m
		}
	}
	return best
}

// cell gives what receivers of RFC 9989 do with one kind of forgery, the zero value
// where that was not looked at.
func (c *checker) cell(id string) Outcome {
	for _, row := range c.report.TruthTable {
		if row.ID == id {
			return row.DMARC
		}
	}
	return Outcome{}
}

// openBelow names what lets everybody send as a name below the domain, and with that as
// the domain itself; "" nothing.
func (c *checker) openBelow() string {
	switch {
	case c.below.open != "" && c.cell("from-exact-mail-from-missing").Does == Accepted:
		return "every name below it (" + c.wildcard() + ") has an SPF record that lets every address send (" + c.below.open + ")"
	case c.openWWW() && c.cell("from-exact-mail-from-subdomain").Does == Accepted:
		return existing + c.domain + " has an SPF record that lets every address send (" + c.www.open + ")"
	}
	return ""
}

// openWWW reports an SPF record of its own that lets everybody in.
func (c *checker) openWWW() bool {
	return c.www.open != "" && c.www.record != c.below.record && c.www.record != c.spf.text
}

// weakBelow says what a wildcard takes from the policy for made-up names, "" nothing.
func (c *checker) weakBelow() string {
	if c.below.open != "" && c.cell("missing").Does == Accepted {
		return "made-up names below it (" + c.wildcard() + ") have an SPF record that lets every address send (" + c.below.open + ")"
	}
	if c.openWWW() && c.cell("subdomain").Does == Accepted {
		return existing + c.domain + " has an SPF record that lets every address send (" + c.www.open + ")"
	}
	if c.below.wide != "" && c.below.record != c.spf.text && c.cell("missing").Does == Mostly {
		return "made-up names below it (" + c.wildcard() + ") have an SPF record that lets in a very wide network (" + c.below.wide + ")"
	}
	out := c.cell("from-missing")
	if out.At != probe+c.domain {
		return ""
	}
	does := map[Treatment]string{Accepted: "accepted", SpamFolder: "put into the spam folder"}[out.Does]
	if does == "" {
		return ""
	}
	return "made-up names below it have a DMARC record of their own (" + c.wildcard() + "), by which forged mail is " + does
}

// findOpenBelow tells of SPF records below the domain that let everybody send.
func (c *checker) findOpenBelow() {
	if c.below.open != "" {
		c.find("SPF-004", vars{"domain": c.wildcard(), "term": c.below.open + " at " + c.wildcard()}, c.ask.evidence(dns.TypeTXT, probe+c.domain, looksLikeSPF))
	}
	if name := existing + c.domain; c.openWWW() {
		c.find("SPF-004", vars{"domain": name, "term": c.www.open + " at " + name}, c.ask.evidence(dns.TypeTXT, name, looksLikeSPF))
	}
}

// nextBelow takes back what a wildcard gives away.
func (c *checker) nextBelow() NextStep {
	if c.below.open != "" {
		return NextStep{Text: "Take the SPF record at " + c.wildcard() + " out: it lets everybody send as any name below " + c.domain + " (" + c.below.open + ")."}
	}
	if c.openWWW() {
		return NextStep{Text: "Take what lets everybody send out of the SPF record at " + existing + c.domain + " (" + c.www.open + "), or the whole record if no mail comes from there."}
	}
	if c.below.wide != "" && c.below.record != c.spf.text {
		return NextStep{Text: "Take the SPF record at " + c.wildcard() + " out: it lets a very wide network send as any name below " + c.domain + " (" + c.below.wide + ")."}
	}
	return NextStep{Text: "Take the DMARC record at " + c.wildcard() + " out: made-up names get it in place of the policy of " + c.domain + "."}
}
