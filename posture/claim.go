package posture

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"unspoof/dmarc"
	"unspoof/dns"
	"unspoof/finding"
	"unspoof/spf"
)

// use is a host that the domain rests on.
type use struct {
	host, via string
	through   string // own term that leads to the record with the host; "" where that is the domain's own
	sends     bool   // who has it sends as the domain, and passes SPF or DKIM
	reads     bool   // who has it gets reports, and no more
	at        string // of a CNAME's target: the first name that leads there
}

// shownUses is how many ways of use one finding names.
const shownUses = 3

// checkClaims looks for names that the domain rests on and that nobody seems to
// own: their registrable domain does not exist. A server that is lame or silent,
// or a host that is missing below a domain that exists, is none of these.
func (c *checker) checkClaims(ctx context.Context) {
	ask := &part{asker: c.ask, left: claimQuestions}
	own := registrable(c.domain)
	by := map[string][]use{} // by the name to be registered
	var names []string
	for _, u := range c.uses() {
		name := registrable(u.host)
		if name == "" || name == own || isReserved(name) || slices.ContainsFunc(by[name], func(o use) bool { return o.via == u.via }) {
			continue
		}
		if by[name] == nil {
			a, err := ask.Lookup(ctx, dns.Question{Name: name, Type: dns.TypeSOA})
			if err != nil || a.RCode != dns.NXDomain || !c.knowsRegistry(ctx, name) {
				continue
			}
			names = append(names, name)
		}
		by[name] = append(by[name], u)
	}
	for _, name := range names {
		c.claim(name, by[name])
	}
}

// claim reports one name that seems to belong to nobody, with all its uses.
func (c *checker) claim(name string, uses []use) {
	ev := c.ask.evidence(dns.TypeSOA, name, nil)
	id := "NAME-001"
	var via, through []string
	onlyReads := true
	for _, u := range uses {
		onlyReads = onlyReads && u.reads
		c.report.Claimable = append(c.report.Claimable, Claim{name, u.host, u.via, ev})
		via = append(via, u.via)
		if u.through != "" {
			through = append(through, u.through)
		}
		if u.sends && c.taken == "" {
			c.taken = name
		}
		if u.sends && c.takenSPF == "" && strings.HasPrefix(u.via, "SPF ") {
			c.takenSPF = name
		}
	}
	switch {
	case onlyReads:
		id = "NAME-003"
	case len(through) == len(uses):
		id = "NAME-002" // all stand in records of others
	}
	words := strings.Join(via[:min(len(via), shownUses)], ", ")
	if more := len(via) - shownUses; more > 0 {
		words += fmt.Sprintf(" and in %d more places", more)
	}
	c.report.Findings = slices.DeleteFunc(c.report.Findings, func(f finding.Finding) bool { // there is nobody to ask for consent
		return f.ID == "DMARC-008" && slices.ContainsFunc(f.Evidence, func(e finding.Evidence) bool {
			return slices.ContainsFunc(uses, func(u use) bool { return u.reads && strings.HasSuffix(e.Query, "._report._dmarc."+u.host) })
		})
	})
	slices.Sort(through)
	c.find(id, vars{"host": uses[0].host, "via": words, "name": name, "term": strings.Join(slices.Compact(through), ", ")}, ev)
}

// registrable gives the domain that somebody would have to register to have the
// host: one label below a suffix at which registries sell names. Suffixes of the
// list's private part (hosting companies') are names like any other. "" where the
// host is no name below a suffix.
func registrable(host string) string {
	host = dns.Canonical(host)
	for name := host; name != ""; {
		suffix, registry := publicsuffix.PublicSuffix(name)
		if !registry && strings.Contains(suffix, ".") {
			_, name, _ = strings.Cut(suffix, ".")
			continue
		}
		below, ok := strings.CutSuffix(host, "."+suffix)
		if !ok || below == "" {
			return ""
		}
		label := below[strings.LastIndexByte(below, '.')+1:]
		if label == "" || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return "" // no registry sells such names
		}
		return label + "." + suffix
	}
	return ""
}

// closedSuffixes are those below which names are given to some only: to offices,
// universities and the like, or to the company that the top-level domain is named
// after. A name that is missing there is nobody's to take.
var closedSuffixes = func() map[string]bool {
	m := map[string]bool{}
	for _, s := range strings.Fields(`arpa edu gov int mil aero bank coop insurance museum post xxx
		abbott abbvie aig airbus akdn allianz amazon amex amica android apple aramco audi aws axa azure baidu bananarepublic
		barclays bbc bbva bing bloomberg bmw bnpparibas bosch bridgestone brother canon cern chanel chase chrome cisco citi
		dell deloitte delta dhl discover docs drive dvag emerck epson ericsson fedex ferrari ford fox fresenius gmail goog google
		gmx hangout hbo hdfc hitachi honda hsbc hyundai ibm ieee ikano infiniti itv jaguar java jcb jnj jpmorgan kddi kia
		komatsu kpmg lamborghini landrover leclerc lego lexus lidl lilly linde lplfinancial man mattel microsoft mini
		mitsubishi monash msd netflix nexus nfl nhk nike nikon nissan nokia nra ntt office oracle orange otsuka panasonic
		philips pictet pioneer play prudential pwc realtor ricoh rogers sandvik sanofi sap saxo sbi schaeffler schwarz
		scor seat seven shell skype softbank sony statefarm suzuki swatch symantec target tata teva tiaa tjx toray
		toshiba toyota travelers tui ubs unicom visa volkswagen volvo walmart weber windows xbox xerox yahoo yandex youtube zara`) {
		m[s] = true
	}
	return m
}()

// isReserved reports a name that is not for anybody to register. Below country codes,
// the label before tells offices, schools and the like.
func isReserved(name string) bool {
	_, suffix, _ := strings.Cut(name, ".")
	label, country, nested := strings.Cut(suffix, ".")
	if nested && len(country) == 2 {
		return slices.Contains([]string{"ac", "edu", "go", "gob", "gouv", "gov", "govt", "gub", "gv", "health", "int", "jus", "leg", "mil", "mod", "nhs", "police", "sch"}, label)
	}
	return closedSuffixes[suffix]
}

// knowsRegistry reports that who answers here knows the registry that a name hangs
// below: the zone of its suffix, or of one above, shows itself. A file of one zone
// does not know it, nor does a name below a top-level domain that is misspelt; a
// name that is missing there tells nothing.
func (c *checker) knowsRegistry(ctx context.Context, name string) bool {
	_, zone, _ := strings.Cut(name, ".")
	for zone != "" {
		a, err := c.registry.Lookup(ctx, dns.Question{Name: zone, Type: dns.TypeSOA})
		if err != nil || a.RCode != dns.NoError {
			return false
		}
		if !a.Void() {
			return true
		}
		_, zone, _ = strings.Cut(zone, ".")
	}
	return false
}

// doubt says that a name of another owner's may be missing only to who answers
// here, "" where there is no such doubt.
func (c *checker) doubt(ctx context.Context, t dns.Type, host string) string {
	name := registrable(host)
	if c.quick || name == registrable(c.domain) || !c.ask.isMissing(t, host) {
		return ""
	}
	if name == "" || c.knowsRegistry(ctx, name) {
		return ""
	}
	_, suffix, _ := strings.Cut(name, ".")
	return " (where this was asked, nothing is known of ." + suffix + " at all: ask elsewhere before you act on it)"
}

// uses lists the hosts of other owners, each way of use in a fixed order.
func (c *checker) uses() []use {
	var out []use
	for _, b := range c.spf.broken {
		if c.ask.isMissing(dns.TypeTXT, b.host) {
			out = append(out, c.spfUse(b.host, b.term, b.term))
		}
	}
	for _, n := range c.spf.cost.Tree {
		out = append(out, c.emptyTerms(n.Term, []spf.Node{n})...)
	}
	for _, host := range c.report.MX {
		if c.ask.isMissing(dns.TypeA, host) {
			out = append(out, use{host: host, via: "MX"})
		}
	}
	for _, host := range c.nameServers {
		out = append(out, use{host: host, via: "NS"})
	}
	if c.dmarc.Record != nil && c.dmarc.At == c.domain {
		for _, u := range c.dmarc.Record.RUA {
			out = append(out, use{host: u.Host, via: "DMARC rua", reads: true})
		}
	}
	for _, text := range c.report.Transport.RUA {
		if u, err := url.Parse(text); err == nil {
			out = append(out, use{host: cmp.Or(u.Hostname(), text[strings.LastIndexByte(text, '@')+1:]), via: "TLS-RPT rua", reads: true})
		}
	}
	for _, u := range c.ask.lostAliases() {
		// Who holds the target of such a name publishes SPF for it, and passes with an
		// envelope there unless alignment is strict.
		below := u.at == existing+c.domain || u.at == probe+c.domain
		u.sends = u.sends || below && c.dmarc.Record != nil && c.dmarc.Record.ASPF != dmarc.Strict
		out = append(out, u)
	}
	return out
}

// spfUse is that of a host which a term names, met through a term of the domain's
// own.
func (c *checker) spfUse(host, term, own string) use {
	u := use{host: dns.Canonical(host), via: "SPF " + clip(term, 100), sends: true}
	if !strings.Contains(strings.ToLower(own), u.host) {
		u.through = clip(own, 100)
	}
	return u
}

// emptyTerms lists the names of a, mx and exists that do not exist, and the hosts
// of mx that don't; nested ones too.
func (c *checker) emptyTerms(own string, nodes []spf.Node) (out []use) {
	for _, n := range nodes {
		if len(n.Nodes) > 0 {
			out = append(out, c.emptyTerms(own, n.Nodes)...)
			continue
		}
		if n.Target == "" {
			continue
		}
		if c.ask.isMissing(dns.TypeA, n.Target) || c.ask.isMissing(dns.TypeMX, n.Target) {
			out = append(out, c.spfUse(n.Target, n.Term, own))
		}
		if !strings.HasPrefix(strings.ToLower(strings.TrimLeft(n.Term, "+-~?")), "mx") {
			continue
		}
		for _, rec := range c.ask.answered(dns.TypeMX, n.Target) {
			if c.ask.isMissing(dns.TypeA, rec.Host) {
				u := c.spfUse(rec.Host, n.Term, own)
				u.through = clip(own, 100) // the MX record is another's, or is listed as MX
				out = append(out, u)
			}
		}
	}
	return out
}

// isMissing reports that a name was asked for and does not exist, aliases aside.
func (a *asker) isMissing(t dns.Type, name string) bool {
	a.mu.Lock()
	r := a.asked[dns.Question{Name: dns.Canonical(name), Type: t}]
	a.mu.Unlock()
	if r == nil {
		return false
	}
	<-r.done
	return r.err == nil && r.answer.RCode == dns.NXDomain && len(r.answer.Chain) == 0
}

// lostAliases lists the targets of aliases met that do not exist. Those of keys
// come first; an alias that every name has (a wildcard) is told once.
func (a *asker) lostAliases() (out []use) {
	a.mu.Lock()
	order := slices.Clone(a.order)
	a.mu.Unlock()
	at := map[string][]string{} // by target
	for _, r := range order {
		<-r.done
		if n := len(r.answer.Chain); r.err == nil && r.answer.RCode == dns.NXDomain && n > 0 {
			at[r.answer.Chain[n-1]] = append(at[r.answer.Chain[n-1]], r.question.Name)
		}
	}
	for target, names := range at {
		slices.SortFunc(names, func(x, y string) int {
			if isKeyName(x) != isKeyName(y) {
				return cmp.Compare(strings.Count(y, "._domainkey."), strings.Count(x, "._domainkey."))
			}
			return strings.Compare(x, y)
		})
		names = slices.Compact(names)
		via := "CNAME at " + names[0]
		if more := len(names) - 1; more > 0 {
			via += fmt.Sprintf(" and %d other names", more)
		}
		out = append(out, use{host: target, via: via, sends: isKeyName(names[0]), at: names[0]})
	}
	slices.SortFunc(out, func(x, y use) int { return strings.Compare(x.via+x.host, y.via+y.host) })
	return out
}

func isKeyName(name string) bool { return strings.Contains(name, "._domainkey.") }

// checkNameServers notes who serves the zone, and whether it is signed.
func (c *checker) checkNameServers(ctx context.Context, r dns.Resolver) {
	zone := c.domain
	a, err := r.Lookup(ctx, dns.Question{Name: zone, Type: dns.TypeNS})
	if org := registrable(c.domain); err == nil && a.Void() && org != "" && org != zone {
		zone = org
		a, err = r.Lookup(ctx, dns.Question{Name: zone, Type: dns.TypeNS})
	}
	if err != nil {
		return
	}
	for _, rec := range a.Records[:min(len(a.Records), maxNameServers)] {
		c.nameServers = append(c.nameServers, rec.Host)
	}
	slices.Sort(c.nameServers)
	ds, err := r.Lookup(ctx, dns.Question{Name: zone, Type: dns.TypeDS})
	if err != nil || a.Void() {
		return // no zone of its own that we know of
	}
	if ds.Void() && !c.seesParent(ctx, r, zone) {
		return
	}
	c.report.Transport.DNSSEC = stateOf(!ds.Void())
	if ds.Void() {
		c.find("DNS-003", nil, c.ask.evidence(dns.TypeDS, zone, nil))
	}
}

// seesParent reports that a missing DS record tells something: DS stands in the
// parent zone (RFC 4035 section 2.4), which a file of the zone itself does not hold.
// A zone with keys is likely signed, unless who validates says otherwise.
func (c *checker) seesParent(ctx context.Context, r dns.Resolver, zone string) bool {
	if !c.knowsRegistry(ctx, zone) {
		return false
	}
	keys, err := r.Lookup(ctx, dns.Question{Name: zone, Type: dns.TypeDNSKEY})
	return err == nil && (keys.Void() || c.ask.validated())
}
