package plan

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"unspoof/dmarc"
	"unspoof/dns"
	"unspoof/sender"
)

// host adds an own server by name. A name that belongs to a service, or nearly
// does, is not taken: a: of an include host authorises the wrong addresses.
func (b *builder) host(ctx context.Context, typed string) error {
	if len(typed) > maxTyped {
		return fmt.Errorf("plan: a host of %d octets, at most %d are taken", len(typed), maxTyped)
	}
	text := strings.TrimSpace(typed)
	if rest, ok := cutFold(text, "include:"); ok {
		return fmt.Errorf("plan: host %q: an include belongs to the services; give %q there", typed, rest)
	}
	text, _ = cutFold(text, "a:")
	if _, _, err := ParsePrefix(text); err == nil {
		return fmt.Errorf("plan: host %q: this is an address; give it with the addresses", typed)
	}
	name, err := domainName("host", text)
	if err != nil {
		return err
	}
	if hits := sender.ByInclude(name); len(hits) > 0 && hits[0].Exact && hits[0].Service.Mechanism == "include" {
		return fmt.Errorf("plan: host %q: this is what %s gives for an include, not a server of yours; name it among the services", typed, hits[0].Service.Name)
	}
	near, err := misspelt("host", typed, name)
	if err != nil {
		return err
	}
	b.ownHost(name)
	if void := b.checkHost(ctx, name); void && len(near) > 0 {
		return fmt.Errorf("plan: host %q has no address%s", typed, didYouMean(near))
	}
	return nil
}

// ownHost lets a server of one's own in by its name.
func (b *builder) ownHost(name string) {
	switch {
	case name == b.plan.Domain:
		b.term("a")
	case !b.seen["a:"+name]:
		b.term("a:" + name)
		b.hosts = append(b.hosts, name)
	}
}

// domainName gives a name in A-labels; the error names what was typed once.
func domainName(what, typed string) (string, error) {
	name, err := dmarc.Domain(typed)
	if err != nil {
		return "", fmt.Errorf("plan: %s %s", what, strings.TrimPrefix(err.Error(), "orgdomain: "))
	}
	if owner := recordOf.FindString(name); owner != "" && what == "domain" {
		return "", fmt.Errorf("plan: domain %q is the name of a record; give the domain alone: %s", clip(typed), name[len(owner):])
	}
	return name, nil
}

// recordOf matches what the records made here have before the domain.
var recordOf = regexp.MustCompile(`^(_dmarc|([^.]+\.)?_domainkey|_mta-sts|_smtp\._tls)\.`)

// misspelt refuses names that are known not to exist, and those that differ from
// a service's include by underscores only, the usual slip. Other near spellings
// are given back: they are only worth a word if DNS has nothing there.
func misspelt(what, typed, name string) (near []string, err error) {
	if bogus, ok := sender.FindBogus(name); ok {
		hint := "ask the service for the right one"
		if s, ok := sender.Find(bogus.Service); ok && len(s.Includes) > 0 {
			hint = fmt.Sprintf("%s uses %s", s.Name, strings.Join(s.Includes, ", "))
		}
		return nil, fmt.Errorf("plan: %s %q is often copied and does not exist; %s", what, typed, hint)
	}
	near = sender.SuggestHosts(name)
	bare := strings.ReplaceAll(name, "_", "")
	for _, n := range near {
		if strings.ReplaceAll(n, "_", "") == bare {
			return nil, fmt.Errorf("plan: %s %q: the underscore is wrong; did you mean %s?", what, typed, n)
		}
	}
	return near, nil
}

func didYouMean(near []string) string {
	if len(near) == 0 {
		return ""
	}
	return " (did you mean " + strings.Join(near, " or ") + "?)"
}

// checkHost warns of a server that has no address, so that its term is void.
func (b *builder) checkHost(ctx context.Context, name string) (void bool) {
	for _, typ := range []dns.Type{dns.TypeA, dns.TypeAAAA} {
		answer, err := b.resolver.Lookup(ctx, dns.Question{Name: name, Type: typ})
		switch {
		case err != nil:
			b.warn("DNS did not answer whether %s has an address.", name)
			return false
		case !answer.Void():
			return false
		case answer.RCode == dns.NXDomain:
			b.warn("%s does not exist in DNS, so it lets nobody in. Is it spelt right?", name)
			return true
		}
	}
	b.warn("%s has no address, so it lets nobody in.", name)
	return true
}

// mx lets the domain's exchangers in, with a warning where that finds nothing.
func (b *builder) mx(ctx context.Context) {
	if b.seen["mx"] {
		return
	}
	b.term("mx")
	answer, err := b.resolver.Lookup(ctx, dns.Question{Name: b.plan.Domain, Type: dns.TypeMX})
	switch {
	case err != nil:
		b.warn("DNS did not answer which mail exchangers %s has.", b.plan.Domain)
	case answer.Void():
		b.warn("%s has no MX records, so mx lets nobody in.", b.plan.Domain)
	case len(answer.Records) == 1 && answer.Records[0].Host == "":
		b.warn("%s says with a null MX that it takes no mail (RFC 7505), so mx lets nobody in.", b.plan.Domain)
	default:
		for _, r := range answer.Records[:min(len(answer.Records), maxMXHosts)] {
			if r.Host != "" {
				b.checkHost(ctx, r.Host)
			}
		}
	}
}

// cutFold cuts a prefix in any case.
func cutFold(s, prefix string) (string, bool) {
	if len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix) {
		return s[len(prefix):], true
	}
	return s, false
}
