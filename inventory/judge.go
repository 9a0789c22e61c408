package inventory

import (
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"unspoof/sender"
)

// judge says of each sender whether it may send, whether its mail aligns, and what
// is left to do.
func (m *merger) judge(ctx context.Context) {
	for i := range m.terms {
		t := &m.terms[i]
		e := m.entities[t.key]
		if e == nil {
			continue
		}
		e.terms[t.text] = true
		e.pass = e.pass || t.pass && !m.broken
		e.denies = e.denies || t.denies
	}
	pairs := map[pair]bool{}
	for _, e := range m.entities {
		for a := range e.addresses {
			pairs[pair{a, m.domain}] = true
		}
	}
	for _, p := range m.given {
		for _, a := range ends(p) {
			pairs[pair{a, m.domain}] = true
		}
	}
	m.check(ctx, pairs)
	for _, key := range slices.Sorted(maps.Keys(m.entities)) {
		e := m.entities[key]
		for a, at := range e.addresses {
			at.SPF, at.Name = m.answer(a), m.names[a]
		}
		e.finish()
		e.SPF, e.DKIM = m.alignSPF(e), m.alignDKIM(e)
		e.Authorised = m.authorised(e)
		e.Status = m.status(e)
		e.Sentence = m.sentence(e)
		e.Catalogue = known(e.service)
		e.Setup = m.steps(ctx, e)
	}
	for _, e := range m.claims {
		e.finish()
		e.Authorised = Unknown
		e.SPF = Alignment{Aligned: Unknown, Why: "Nothing proves that this is mail of the domain."}
		e.DKIM = e.SPF
		e.Sentence = fmt.Sprintf("%s in the name of %s came from there; nothing proves that it was yours.", messages(e.Claimed.Count), m.domain)
		e.Catalogue = known(e.service)
		e.Setup = []Step{{Kind: StepConfirm, Missing: []string{}, Text: e.Proof, Confidence: sender.Low}}
	}
}

// authorised tells whether a sender may send today: by the SPF record, or with a
// key of the domain's.
func (m *merger) authorised(e *entity) Answer {
	for _, k := range e.keys {
		if k.State == KeyWorks {
			return Yes
		}
	}
	if e.pass {
		return Yes
	}
	unknown := m.inv.SPF.Open
	for _, a := range e.Addresses {
		switch a.SPF {
		case Yes:
			return Yes
		case Unknown:
			unknown = true
		}
	}
	switch m.covered(e) {
	case Yes:
		return Yes
	case Unknown:
		unknown = true
	}
	for w := range e.own {
		if w.proof == proofSPF && w.address.IsValid() && m.checks[pair{w.address.Addr(), w.mailFrom}].answer == Yes {
			return Yes
		}
	}
	for _, k := range e.keys {
		unknown = unknown || k.State == KeyUnknown
	}
	if unknown || e.unlocated() || e.unshown() {
		return Unknown
	}
	return No
}

// unshown reports a service that sends, and of which neither DNS nor the catalogue
// tells with which return path and key: it may have been given both.
func (e *entity) unshown() bool {
	return e.service != nil && e.Seen.Count > 0 && e.SPF.Aligned == Unknown && e.DKIM.Aligned == Unknown
}

// unlocated reports a server whose address is not known, so that the record cannot be
// asked about it.
func (e *entity) unlocated() bool {
	return e.Kind == KindHost && len(e.Addresses) == 0 && len(e.Networks) == 0
}

// covered tells whether the record lets the networks in that the owner named: their
// first and last address stand for them. No where there are none.
func (m *merger) covered(e *entity) Answer {
	if !e.Given || e.Kind != KindNetwork || len(e.Networks) == 0 {
		return No
	}
	all := Yes
	for _, p := range e.Networks {
		for _, a := range ends(p) {
			switch m.answer(a) {
			case No:
				return No
			case Unknown:
				all = Unknown
			}
		}
	}
	return all
}

// ends gives the first and the last address of a network.
func ends(p netip.Prefix) []netip.Addr {
	last := p.Masked().Addr().AsSlice()
	for i := p.Bits(); i < 8*len(last); i++ {
		last[i/8] |= 0x80 >> (i % 8)
	}
	end, _ := netip.AddrFromSlice(last)
	return []netip.Addr{p.Masked().Addr(), end}
}

func (m *merger) status(e *entity) Status {
	switch {
	case e.Authorised == Yes && e.Seen.Count > 0:
		return InUse
	case e.Authorised == Yes:
		return Unseen
	case e.Authorised == Unknown:
		return Undecided
	case e.Seen.Count > 0:
		return Unauthorised
	case e.Given:
		return ByHand
	}
	return Hinted
}

func (m *merger) sentence(e *entity) string {
	switch e.Status {
	case InUse:
		return fmt.Sprintf("It may send for %s, and %s of it %s seen.", m.domain, messages(e.Seen.Count), were(e.Seen.Count))
	case Unseen:
		if !m.mailRead() {
			return fmt.Sprintf("It may send for %s. No mail that is surely of %[1]s was read, so whether it does is not known.", m.domain)
		}
		return fmt.Sprintf("It may send for %s, and was not seen in the mail that was read.", m.domain)
	case Unauthorised:
		return fmt.Sprintf("It sends for %s (%s %s seen), and is not allowed to: neither the SPF record nor a key of the domain covers it.", m.domain, messages(e.Seen.Count), were(e.Seen.Count))
	case ByHand:
		return fmt.Sprintf("You named it. It is not allowed to send for %s so far.", m.domain)
	case Undecided:
		if e.unlocated() && !m.inv.SPF.Open {
			text := "Its address is not known, so neither is whether it may send."
			if e.Seen.Count > 0 {
				text = fmt.Sprintf("It sends for %s (%s %s seen). %s", m.domain, messages(e.Seen.Count), were(e.Seen.Count), text)
			}
			return text
		}
		if e.unshown() && !m.inv.SPF.Open {
			return fmt.Sprintf("It sends for %s (%s %s seen). With which return path and key no mail has shown, so whether it may is not known.", m.domain, messages(e.Seen.Count), were(e.Seen.Count))
		}
		return "DNS did not answer, so whether it may send is not known."
	}
	if len(e.Terms) > 0 {
		switch {
		case e.cut || m.broken:
			return fmt.Sprintf("It stands in the SPF record of %s, which is broken, so that it is not let in.", m.domain)
		case e.denies:
			return fmt.Sprintf("The SPF record of %s names it, and refuses it: %s.", m.domain, e.quoted())
		}
		return fmt.Sprintf("The SPF record of %s names it, and does not let it in: %s.", m.domain, e.quoted())
	}
	if len(e.keys) > 0 {
		return fmt.Sprintf("Its key stands in DNS below %s, and does not work.", m.domain)
	}
	return fmt.Sprintf("It receives mail for %s. Whether it also sends is for you to say.", m.domain)
}

// mailRead reports whether mail of the domain was looked at.
func (m *merger) mailRead() bool {
	for _, c := range m.tally.sources {
		if c.Own > 0 {
			return true
		}
	}
	return false
}

func messages(n int) string {
	if n == 1 {
		return "1 message"
	}
	return fmt.Sprintf("%d messages", n)
}

func were(n int) string {
	if n == 1 {
		return "was"
	}
	return "were"
}

// known gives what the catalogue has of a service.
func known(s *sender.Service) *Catalogue {
	if s == nil {
		return nil
	}
	return &Catalogue{
		ID: s.ID, Name: s.Name, Category: s.Category, ReturnPath: s.ReturnPath, SPFStatus: s.SPFStatus, DKIMRecord: s.DKIMRecord,
		Notes: s.Notes, Confidence: s.Confidence, Unverified: full(s.Unverified), Docs: full(s.Docs), Reviewed: sender.Reviewed,
	}
}

// and joins names for people: "a, b and c".
func and(names []string) string {
	if n := len(names) - 1; n > 0 {
		return strings.Join(names[:n], ", ") + " and " + names[n]
	}
	return strings.Join(names, "")
}
