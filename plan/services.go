package plan

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"unspoof/dns"
	"unspoof/inventory"
	"unspoof/sender"
	"unspoof/spf"
)

// service adds a service by its name in the catalogue, or by include host.
func (b *builder) service(ctx context.Context, typed string) error {
	if len(typed) > maxTyped {
		return fmt.Errorf("plan: a service of %d octets, at most %d are taken", len(typed), maxTyped)
	}
	text := strings.TrimSpace(typed)
	if s, ok := sender.Find(text); ok {
		b.asked[s.ID] = true
		return b.known(ctx, s)
	}
	host, isInclude := cutFold(text, "include:")
	if !isInclude && !strings.Contains(host, ".") {
		var near []string
		for _, s := range sender.Suggest(text) {
			near = append(near, s.Name)
		}
		if len(near) > 0 {
			return fmt.Errorf("plan: service %q is not known; did you mean %s?", typed, strings.Join(near, " or "))
		}
		return fmt.Errorf("plan: service %q is not known; give the include host from its set-up guide", typed)
	}
	return b.include(ctx, typed, host)
}

// include adds an include host that the customer was given.
func (b *builder) include(ctx context.Context, typed, host string) error {
	if len(inventory.Missing(host)) > 0 {
		return fmt.Errorf("plan: service %q: fill in what stands in braces; the service's settings show it", typed)
	}
	if hits := sender.ByInclude(host); strings.Contains(host, "%{") && len(hits) > 0 {
		// A macro hangs on each message, so there is nothing to look up; the record
		// is read back in the end.
		b.unsure(hits[0].Confidence, hits[0].Service.Name)
		b.explain(hits[0].Service)
		b.term(hits[0].Service.Mechanism + ":" + host)
		return nil
	}
	name, err := domainName("service", host)
	if err != nil {
		return err
	}
	near, err := misspelt("service", typed, name)
	if err != nil {
		return err
	}
	hits := sender.ByInclude(name)
	if len(hits) == 0 {
		if !b.includedToday(name) {
			b.warn("include:%s is of no service known here%s. Check its spelling with the service's guide.", name, didYouMean(near))
		}
		return b.includeTerm(ctx, name, "", near)
	}
	hit := hits[0]
	switch {
	case !hit.Exact:
		b.warn("include:%s lies below a name of %s, and is not one that its guides give%s. Check its spelling.", name, hit.Service.Name, didYouMean(near))
		return b.includeTerm(ctx, name, "", near)
	case b.leftOut(hit.Service) != "":
		b.explainLeftOut(ctx, hit.Service)
		return nil
	}
	b.unsure(hit.Confidence, hit.Service.Name)
	b.explain(hit.Service)
	return b.mechanism(ctx, hit.Service, name)
}

// known adds a service of the catalogue.
func (b *builder) known(ctx context.Context, s sender.Service) error {
	if b.leftOut(s) != "" {
		b.explainLeftOut(ctx, s)
		return nil
	}
	hosts := s.Includes
	several := len(hosts) == 0 || s.Pick == sender.PickOne || s.SPFStatus == "per_customer" || s.SPFStatus == "vendor" || slices.ContainsFunc(hosts, func(h string) bool { return len(inventory.Missing(h)) > 0 })
	if (several || needless(s) != "") && b.published(ctx, s) {
		b.unsure(s.Confidence, s.Name)
		return nil
	}
	switch {
	case s.SPFStatus == "per_customer" || s.SPFStatus == "vendor":
		return fmt.Errorf("plan: %s gives each customer an include of its own%s: copy it from its settings and name that host", s.Name, like(hosts))
	case len(hosts) == 0:
		b.warn("%s: no include is known for it, so the record has none. Set up DKIM there, and ask its support what SPF needs.", s.Name)
		return nil
	case s.Pick == sender.PickOne:
		return fmt.Errorf("plan: %s has several includes, and your region or product decides which: give one of %s", s.Name, strings.Join(hosts, ", "))
	case s.Pick == sender.PickFirst:
		hosts = hosts[:1]
	}
	for _, h := range hosts {
		if missing := inventory.Missing(h); len(missing) > 0 {
			return fmt.Errorf("plan: %s needs your %s in its include, %s: fill it in and name that host", s.Name, strings.Join(missing, " and "), h)
		}
	}
	b.unsure(s.Confidence, s.Name)
	b.explain(s)
	for _, h := range hosts {
		if err := b.mechanism(ctx, s, h); err != nil {
			return err
		}
	}
	return nil
}

// mechanism adds the term that the service documents.
func (b *builder) mechanism(ctx context.Context, s sender.Service, host string) error {
	switch s.Mechanism {
	case "a":
		b.term("a:" + host)
		b.checkHost(ctx, host)
		return nil
	case "exists":
		b.term("exists:" + host)
		return nil
	}
	return b.includeTerm(ctx, host, s.Name, nil)
}

// includeTerm adds an include after asking for its record: without one, every
// check of ours would end in permerror (RFC 7208 section 5.2).
func (b *builder) includeTerm(ctx context.Context, host, service string, near []string) error {
	b.term("include:" + host)
	_, _, err := spf.Discover(ctx, b.resolver, host)
	var fault *dns.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &fault):
		b.warn("DNS did not answer whether %s has an SPF record.", host)
		return nil
	case service != "":
		// The catalogue or this DNS is wrong; only the owner can find out which.
		b.plan.Broken = append(b.plan.Broken, host)
		b.warn("%s has no SPF record in DNS as seen from here, though %s is known to use it. Published like this, the whole record would fail. Ask the service's support before you publish.", host, service)
		return nil
	}
	if errors.Is(err, spf.ErrNoRecord) {
		err = spf.ErrNoRecord // the host is named once
	}
	return fmt.Errorf("plan: include:%s would make the whole record invalid%s: %w", host, didYouMean(near), err)
}

func (b *builder) explainLeftOut(ctx context.Context, s sender.Service) {
	if slices.ContainsFunc(b.plan.LeftOut, func(l LeftOut) bool { return l.Service == s.ID }) {
		return // named twice
	}
	b.plan.LeftOut = append(b.plan.LeftOut, LeftOut{Service: s.ID, Name: s.Name, Why: s.Name + " gets no term: " + needless(s) + ".", DKIM: b.keys.setUp(ctx, s)})
	b.why("%s gets no term: %s. Set up its DKIM instead%s; that is what makes its mail pass DMARC.%s", s.Name, needless(s), dkimAdvice(s), remark(s))
}

func (b *builder) explain(s sender.Service) {
	switch {
	case s.SPFStatus == "optional":
		b.why("%s: its include is optional, and costs look-ups. With its DKIM set up%s it can be left out.%s", s.Name, dkimAdvice(s), remark(s))
	case s.ReturnPath == "native":
		b.why("%s sends with your own envelope address, so it has to be in the record. Set up its DKIM too%s.%s", s.Name, dkimAdvice(s), remark(s))
	default:
		b.why("%s is let in. Set up its DKIM too%s: SPF helps DMARC only where the envelope address is yours.%s", s.Name, dkimAdvice(s), remark(s))
	}
}

func (b *builder) unsure(c sender.Confidence, name string) {
	if c == sender.Low {
		b.warn("%s: what is known of its include comes from no confirmed source. Compare it with the service's own guide before you publish.", name)
	}
}

// dkimAdvice names the selectors, as far as they are the same for everybody.
func dkimAdvice(s sender.Service) string {
	var selectors []string
	for _, sel := range s.Selectors {
		if !strings.Contains(sel, "{") {
			selectors = append(selectors, sel+"._domainkey")
		}
	}
	if len(selectors) == 0 {
		return ""
	}
	kind := map[string]string{"cname": "CNAME records", "txt": "TXT records"}[s.DKIMRecord]
	if kind == "" {
		kind = "records"
	}
	return fmt.Sprintf(" (%s at %s)", kind, strings.Join(selectors[:min(len(selectors), 4)], ", "))
}

func remark(s sender.Service) string {
	if s.Notes == "" {
		return ""
	}
	return " " + s.Notes
}

func like(hosts []string) string {
	if len(hosts) == 0 {
		return ""
	}
	return ", like " + hosts[0]
}
