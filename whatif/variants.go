package whatif

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"unspoof/dkim"
	"unspoof/dmarc"
	"unspoof/inventory"
	"unspoof/spf"
)

// variant is one case of a message of which not everything is known.
type variant struct {
	message Message
	spf     spf.Word // "" where the address is known
}

// maxVariants bounds the cases of one message.
const maxVariants = 24

// variants gives the cases of a message: those of its addresses, times whether
// signatures that nobody checked pass.
func (r *replayer) variants(ctx context.Context, s inventory.Sighting, at inventory.Attribution, planned bool) []variant {
	from := s.From
	if from == "" {
		from = s.MailFrom
	}
	base := Message{HELO: s.HELO, MailFrom: s.MailFrom, From: from}
	if base.MailFrom == "" && s.Source == inventory.FromMailbox && base.HELO == "" {
		base.MailFrom = from // of a message that was kept without its envelope
	}
	var list []variant
	for _, signatures := range r.signatures(ctx, s, at, planned) {
		m := base
		m.DKIM = signatures
		for _, ip := range r.addresses(s, at) {
			v := variant{message: m}
			if v.message.IP = ip; !ip.IsValid() {
				for _, w := range []spf.Word{spf.Pass, spf.Fail} {
					v.spf = w
					list = append(list, v)
				}
				continue
			}
			list = append(list, v)
		}
		if len(list) >= maxVariants {
			break
		}
	}
	return list
}

// addresses that the message may be handed over from; the zero Addr: none known.
func (r *replayer) addresses(s inventory.Sighting, at inventory.Attribution) []netip.Addr {
	const most = 4 // a host has few addresses
	// Of unproven mail the address is what a notice says: good enough to see what
	// would become of it.
	if s.Address.IsValid() && (s.Trusted || s.Genuine || !at.Own) {
		return []netip.Addr{s.Address}
	}
	var list []netip.Addr
	for _, a := range r.senders[at.Sender].Addresses {
		if len(list) < most {
			list = append(list, a.Address)
		}
	}
	if len(list) == 0 || !at.Own {
		return []netip.Addr{{}}
	}
	return list
}

// signatures gives the cases of a message's signatures.
func (r *replayer) signatures(ctx context.Context, s inventory.Sighting, at inventory.Attribution, planned bool) [][]dmarc.DKIM {
	good, bad := []dmarc.DKIM{}, []dmarc.DKIM{}
	add := func(domain, selector string, best, worst bool) {
		one := func(pass bool) dmarc.DKIM {
			d := dmarc.DKIM{Domain: domain, Selector: selector, Result: "fail"}
			if pass {
				d.Result = "pass"
			}
			return d
		}
		good, bad = append(good, one(best)), append(bad, one(worst))
	}
	for _, d := range s.DKIM {
		best, worst := d.Result == "pass" || d.Result == "", d.Result == "pass"
		if planned {
			switch r.keyChange(ctx, d) {
			case keyGone:
				best, worst = false, false
			case keyNew:
				// Whoever holds the new key is not known to have signed with it.
				best, worst = true, false
			}
		}
		add(d.Domain, d.Selector, best, worst)
	}
	// A log does not say whether a message is signed; what its sender is seen to do
	// tells, but not of each message.
	if len(s.DKIM) == 0 && s.Source == inventory.FromLog && at.Own {
		for _, name := range r.senders[at.Sender].Selectors {
			selector, domain, _ := strings.Cut(name, "._domainkey.")
			change := keySame
			if planned {
				change = r.keyChange(ctx, inventory.Signature{Domain: domain, Selector: selector})
			}
			add(domain, selector, change != keyGone, false)
		}
	}
	if slices.Equal(good, bad) {
		return [][]dmarc.DKIM{good}
	}
	return [][]dmarc.DKIM{good, bad}
}

// keyChange is what the planned records make of a key.
type keyChange uint8

const (
	keySame keyChange = iota
	keyGone           // no signature with it verifies any more
	keyNew            // another key
)

// maxKeys bounds the selectors looked at: they come from mail.
const maxKeys = 1000

func (r *replayer) keyChange(ctx context.Context, s inventory.Signature) keyChange {
	name, err := dkim.KeyName(s.Selector, s.Domain)
	if err != nil || !r.planned.Touches(name) {
		return keySame
	}
	if c, known := r.keys[name]; known || len(r.keys) >= maxKeys {
		return c
	}
	was, wasErr := dkim.FetchKey(ctx, r.today, s.Domain, s.Selector)
	is, isErr := dkim.FetchKey(ctx, r.planned, s.Domain, s.Selector)
	c := keySame
	switch {
	case isErr != nil || is.Revoked:
		c = keyGone
	case wasErr != nil || publicKey(was) != publicKey(is):
		c = keyNew
	}
	r.keys[name] = c
	return c
}

func publicKey(k dkim.Key) string {
	for _, t := range k.Tags {
		if t.Name == "p" {
			return k.Type + " " + strings.Join(strings.Fields(t.Value), "")
		}
	}
	return ""
}
