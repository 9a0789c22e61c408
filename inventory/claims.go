package inventory

import (
	"fmt"
)

// assignClaims counts unproven mail: to the sender that it came through, where that
// is one for sure, else to an entry of its own among the claims.
func (m *merger) assignClaims() {
	for _, w := range m.tally.claims.list() {
		s := m.tally.claims.seen[w.way]
		id, kind, value := m.tally.claimant(w.way)
		e := m.entities[id.key]
		if e == nil {
			e = get(m.claims, id)
			e.Status = Claim
			e.Proof = proofOf(id)
			if w.way.address.IsValid() {
				e.Networks = append(e.Networks, w.way.address)
			}
		}
		e.claimed[w.way] = s
		if _, sender := m.entities[id.key]; !sender {
			e.signal(kind, value, id.confidence, fmt.Sprintf("Mail that says it is of %s and that nothing proves%s.", m.domain, where(s)))
		}
	}
}

// proofOf says what would make a claim a sender.
func proofOf(id identity) string {
	switch id.kind {
	case KindService:
		return fmt.Sprintf("If you use %s, name it; or set up its DKIM for your domain, so that its mail carries your signature. If you don't, somebody else's account there wrote in your name.", id.name)
	case KindHost:
		return fmt.Sprintf("If a server of %s is yours or sends for you, name its host or address. Its log, or a signature with your key, would show it too. If not, this is forged mail.", id.name)
	}
	return "If one of these addresses is yours, name it. Its log, or a signature with your key, would show it too. If not, this is forged mail."
}
