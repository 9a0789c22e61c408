package whatif

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"unspoof/dkim"
	"unspoof/dmarc"
	"unspoof/dns"
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

// signatures gives the cases of a message's signatures: the best and the worst.
func (r *replayer) signatures(ctx context.Context, s inventory.Sighting, at inventory.Attribution, planned bool) [][]dmarc.DKIM {
	best, worst := []dmarc.DKIM{}, []dmarc.DKIM{}
	add := func(domain, selector string, may, must bool) {
		best, worst = append(best, signed(domain, selector, may)), append(worst, signed(domain, selector, must))
	}
	for _, d := range s.DKIM {
		switch {
		case d.Result == "pass":
			may, must := r.verifies(ctx, d, at, planned)
			add(d.Domain, d.Selector, may, must)
		case d.Result == "" && at.Own:
			may, _ := r.verifies(ctx, d, at, planned)
			add(d.Domain, d.Selector, may, false)
		case d.Result == "":
			// What a stranger claims is not worth a question.
			add(d.Domain, d.Selector, true, false)
		default:
			add(d.Domain, d.Selector, false, false)
		}
	}
	// A log does not say whether a message is signed; what its sender is seen to do
	// tells, but not of each message.
	if len(s.DKIM) == 0 && s.Source == inventory.FromLog && at.Own {
		for _, name := range r.senders[at.Sender].Selectors {
			selector, domain, _ := strings.Cut(name, "._domainkey.")
			may, _ := r.verifies(ctx, inventory.Signature{Domain: domain, Selector: selector}, at, planned)
			add(domain, selector, may, false)
		}
	}
	if slices.Equal(best, worst) {
		return [][]dmarc.DKIM{best}
	}
	return [][]dmarc.DKIM{best, worst}
}

func signed(domain, selector string, pass bool) dmarc.DKIM {
	d := dmarc.DKIM{Domain: domain, Selector: selector, Result: "fail"}
	if pass {
		d.Result = "pass"
	}
	return d
}

// verifies tells whether mail that was signed so verifies, by the key of today or
// by that planned: whether it may, and whether it surely does.
func (r *replayer) verifies(ctx context.Context, s inventory.Signature, at inventory.Attribution, planned bool) (may, must bool) {
	k := r.key(ctx, s)
	state := k.today
	if planned {
		state = k.then
	}
	switch {
	case state == keyGood:
		return true, true
	case state == keyOther, state == keyOpen:
		return true, false
	case k.today == keyNone && !planned || k.today == keyNone && k.then == keyNone:
		// It was changed since; its sender may sign with another one by now.
		return r.signsOtherwise(at.Sender, s), false
	}
	return false, false
}

// signsOtherwise reports that a sender has another key in DNS that works.
func (r *replayer) signsOtherwise(sender string, s inventory.Signature) bool {
	return sender != "" && slices.ContainsFunc(r.inv.DKIM.Keys, func(k inventory.Key) bool {
		return k.Sender == sender && k.State == inventory.KeyWorks && k.Selector != s.Selector
	})
}

// keyState is what becomes of the key with which a message was signed.
type keyState uint8

const (
	keyOpen  keyState = iota // not known
	keyGood                  // it is there
	keyOther                 // another one stands in its place: who signs with it is not known
	keyNone                  // none works
)

// keyStates of a selector, today and by what is planned.
type keyStates struct{ today, then keyState }

// maxKeys bounds the selectors looked at: they come from mail.
const maxKeys = 1000

func (r *replayer) key(ctx context.Context, s inventory.Signature) keyStates {
	name, err := dkim.KeyName(s.Selector, s.Domain)
	if err != nil {
		return keyStates{keyNone, keyNone}
	}
	if k, known := r.keys[name]; known {
		return k
	}
	if len(r.keys) >= maxKeys {
		r.notes[fmt.Sprintf("Mail is signed with more than %d different keys; of the rest it is not known whether they stay.", maxKeys)] = true
		return keyStates{}
	}
	was, today := r.fetch(ctx, r.today, s)
	k := keyStates{today, today}
	if r.planned.Touches(name) {
		var is dkim.Key
		is, k.then = r.fetch(ctx, r.planned, s)
		switch {
		case k.then != keyGood || today == keyGood && publicKey(was) == publicKey(is):
		case today == keyOpen:
			k.then = keyOpen
		default:
			k.then = keyOther
		}
	}
	r.keys[name] = k
	return k
}

func (r *replayer) fetch(ctx context.Context, from dns.Resolver, s inventory.Signature) (dkim.Key, keyState) {
	key, err := dkim.FetchKey(ctx, from, s.Domain, s.Selector)
	var fault *dkim.Fault
	switch {
	case errors.As(err, &fault) && fault.Word == dkim.TempError:
		r.notes[fmt.Sprintf("DNS did not answer for the key of selector %s of %s.", s.Selector, s.Domain)] = true
		return key, keyOpen
	case err != nil || key.Revoked:
		return key, keyNone
	}
	return key, keyGood
}

func publicKey(k dkim.Key) string {
	for _, t := range k.Tags {
		if t.Name == "p" {
			return k.Type + " " + strings.Join(strings.Fields(t.Value), "")
		}
	}
	return ""
}
