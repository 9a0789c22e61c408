package forensics

import (
	"context"
	"strings"

	"unspoof/dns"
	"unspoof/orgdomain"
	"unspoof/sender"
	"unspoof/spf"
)

// record takes what the SPF record at a name allows for a service, for the owner
// himself where service is "".
func (d *discovery) record(ctx context.Context, name, service string) error {
	if d.seen[name] {
		return nil
	}
	d.seen[name] = true
	if d.lookups++; d.lookups > maxProfileLookups {
		return errLookups
	}
	text, _, err := spf.Discover(ctx, d.resolver, name)
	if err != nil {
		return err
	}
	r, err := spf.Parse(text)
	if err != nil {
		return err
	}
	for i := range r.Terms {
		t := &r.Terms[i]
		// Only a term that gives a pass says that somebody may send.
		if t.Kind.Modifier() && t.Kind != spf.KindRedirect || !t.Kind.Modifier() && t.Qualifier != "+" {
			continue
		}
		if err := d.term(ctx, t, name, service); err != nil {
			return err
		}
	}
	return nil
}

// term takes one term of the record at name.
func (d *discovery) term(ctx context.Context, t *spf.Term, name, service string) error {
	target := canonical(t.Domain.Text)
	if strings.Contains(target, "%") || t.Kind == spf.KindExists || t.Kind == spf.KindPTR {
		if t.Kind == spf.KindInclude || service == "" {
			d.warn("the term %q allows senders that cannot be listed in advance", t.Text)
		}
		return nil
	}
	if target == "" {
		target = name
	}
	switch t.Kind {
	case spf.KindAll:
		d.warn("the SPF record at %s allows everybody (%s)", name, t.Text)
	case spf.KindIP4, spf.KindIP6:
		d.addRange(service, t.Network.Masked())
	case spf.KindA:
		return d.hosts(ctx, target, t, service)
	case spf.KindMX:
		a, err := d.ask(ctx, target, dns.TypeMX)
		if err != nil {
			return err
		}
		for _, r := range a.Records {
			if r.Host == "" {
				continue
			}
			if err := d.hosts(ctx, r.Host, t, service); err != nil {
				return err
			}
		}
	case spf.KindInclude, spf.KindRedirect:
		return d.include(ctx, target, service)
	}
	return nil
}

// include follows an include or redirect. A record of the domain's own is read as
// part of it; any other is a service's.
func (d *discovery) include(ctx context.Context, target, service string) error {
	if service == "" && !below(d.domain, target) {
		service = serviceName(target)
		d.service(service)
	}
	err := d.record(ctx, target, service)
	if err != nil && service != "" && err != errLookups {
		d.warn("the networks of %s (%s) could not be read: %v", service, target, err)
		return nil
	}
	return err
}

// serviceName names the service behind an include: by the catalogue if it is sure,
// else by the organisation.
func serviceName(include string) string {
	if hits := sender.ByInclude(include); len(hits) > 0 && hits[0].Confidence != sender.Low {
		return hits[0].Service.Name
	}
	if org := orgdomain.OfPSL(include); org != "" {
		return org
	}
	return include
}

// hosts takes the addresses behind an a or mx term.
func (d *discovery) hosts(ctx context.Context, host string, t *spf.Term, service string) error {
	if service == "" && !below(d.domain, host) {
		service = orgdomain.OfPSL(host) // somebody else's host, which others use, too
	}
	whole := t.Bits4 == 32 && t.Bits6 == 128
	if service == "" && whole {
		d.own(ctx, host, "")
		return nil
	}
	for _, typ := range []dns.Type{dns.TypeA, dns.TypeAAAA} {
		a, err := d.ask(ctx, host, typ)
		if err != nil {
			return err
		}
		for _, r := range a.Records {
			bits := t.Bits4
			if r.Addr.Unmap().Is6() {
				bits = t.Bits6
			}
			if p, err := r.Addr.Unmap().Prefix(bits); err == nil {
				d.addRange(service, p)
			}
		}
	}
	return nil
}
