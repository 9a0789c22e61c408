package plan

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"unspoof/dkim"
	"unspoof/dmarc"
	"unspoof/dns"
	"unspoof/sender"
	"unspoof/spf"
)

// ErrInUse is wrapped where a domain that is to be parked shows use in DNS, or
// DNS does not tell, and the request does not confirm that it is unused.
var ErrInUse = errors.New("confirm that the domain sends and receives no mail")

// usage is what in DNS speaks for a domain that sends or receives mail; each a
// sentence.
type usage struct {
	shows []string // which only a confirmation overrides
	hints []string // which the word that it is parked is enough for
	fault error    // where DNS did not answer: the first of them
}

// inUse looks for signs of use. It is the one judge of it, for every record that
// shuts everybody out.
func inUse(ctx context.Context, r dns.Resolver, domain string) usage {
	u := usage{shows: []string{}}
	u.receives(ctx, r, domain)
	u.sends(ctx, r, domain)
	u.signs(ctx, r, domain)
	u.reports(ctx, r, domain)
	return u
}

// failed notes that DNS did not answer.
func (u *usage) failed(err error) {
	if u.fault == nil {
		u.fault = err
	}
}

// none reports that nothing speaks for use, for sure.
func (u usage) none() bool { return len(u.shows)+len(u.hints) == 0 && u.fault == nil }

// all are both kinds of signs.
func (u usage) all() []string { return append(append([]string{}, u.shows...), u.hints...) }

// refusal is the error for a domain that is to be parked; nil where nothing stands
// against it.
func (u usage) refusal(domain string, confirmed bool) error {
	switch {
	case confirmed:
		return nil
	case len(u.shows) > 0:
		return fmt.Errorf("plan: %s shows use in DNS (%s): %w", domain, inside(u.shows), ErrInUse)
	case u.fault != nil:
		return fmt.Errorf("plan: DNS does not show whether %s is in use: %w", domain, ErrInUse)
	}
	return nil
}

// inside joins sentences to stand in brackets.
func inside(sentences []string) string {
	return strings.TrimSuffix(strings.Join(sentences, " "), ".")
}

// receives looks for where mail to the domain goes.
func (u *usage) receives(ctx context.Context, r dns.Resolver, domain string) {
	hosts, null, err := exchangers(ctx, r, domain)
	switch {
	case err != nil:
		u.failed(err)
		return
	case len(hosts) > 0:
		at := few(hosts)
		if hits := sender.ByMX(hosts[0]); len(hits) > 0 {
			at += " (" + hits[0].Service.Name + ")"
		}
		u.shows = append(u.shows, fmt.Sprintf("It takes mail at %s.", at))
		return
	case null:
		return
	}
	for _, typ := range []dns.Type{dns.TypeA, dns.TypeAAAA} {
		answer, err := r.Lookup(ctx, dns.Question{Name: domain, Type: typ})
		switch {
		case err != nil:
			u.failed(err)
		case len(answer.Records) > 0:
			u.hints = append(u.hints, "It has an address and no MX record, so mail to it is delivered to that address (RFC 5321 section 5.1).")
			return
		}
	}
}

// exchangers gives the hosts that take mail for a domain, and whether a null MX
// says that none does (RFC 7505).
func exchangers(ctx context.Context, r dns.Resolver, domain string) (hosts []string, null bool, err error) {
	answer, err := r.Lookup(ctx, dns.Question{Name: domain, Type: dns.TypeMX})
	if err != nil {
		return nil, false, err
	}
	for _, rec := range answer.Records {
		if h := dns.Canonical(rec.Host); h != "" {
			hosts = append(hosts, h)
		} else {
			null = true
		}
	}
	return hosts, null && len(hosts) == 0, nil
}

// sends looks for whom the SPF record lets in.
func (u *usage) sends(ctx context.Context, r dns.Resolver, domain string) {
	text, _, err := spf.Discover(ctx, r, domain)
	var fault *dns.Error
	switch {
	case errors.As(err, &fault):
		u.failed(err)
		return
	case errors.Is(err, spf.ErrSeveralRecords):
		u.shows = append(u.shows, "It has several SPF records, so somebody meant to send.")
		return
	case err != nil:
		return
	}
	record, err := spf.Parse(text)
	if err != nil {
		u.shows = append(u.shows, fmt.Sprintf("Its SPF record of today cannot be made out (%s).", strings.TrimPrefix(err.Error(), "spf: ")))
		return
	}
	if senders := letIn(record); len(senders) > 0 {
		u.shows = append(u.shows, fmt.Sprintf("Its SPF record of today lets in %s.", few(senders)))
	}
}

// letIn gives the terms of a record that let somebody in, as written.
func letIn(record *spf.Record) (terms []string) {
	for i := range record.Terms {
		t := &record.Terms[i]
		if t.Kind == spf.KindRedirect || !t.Kind.Modifier() && t.Result() == spf.Pass {
			terms = append(terms, t.Text)
		}
	}
	return terms
}

// usualSelectors are those of the large services and of mail servers as they
// are installed: a domain that signed with any of them was in use.
var usualSelectors = []string{"default", "google", "selector1", "selector2", "k1", "k2", "s1", "s2", "dkim", "mail"}

// signs looks for keys.
func (u *usage) signs(ctx context.Context, r dns.Resolver, domain string) {
	for _, selector := range usualSelectors {
		key, err := dkim.FetchKey(ctx, r, domain, selector)
		var fault *dkim.Fault
		switch {
		case err == nil && !key.Revoked:
			u.shows = append(u.shows, fmt.Sprintf("It has a DKIM key, %s._domainkey.", selector))
			return
		case errors.As(err, &fault) && fault.Word == dkim.TempError:
			u.failed(err)
			return
		}
	}
}

// reports looks for somebody who watches a policy that does not refuse yet, as
// for a domain on its way there. A locked domain may well be watched, too.
func (u *usage) reports(ctx context.Context, r dns.Resolver, domain string) {
	today, err := dmarc.Discover(ctx, r, domain)
	switch {
	case err != nil:
		u.failed(err)
	case today.At == domain && today.Record != nil && today.Record.Policy != dmarc.Reject && len(today.Record.RUA) > 0:
		u.hints = append(u.hints, "Its DMARC record asks for reports, and does not refuse yet.")
	}
}
