package forensics

import (
	"context"
	"net/netip"

	"unspoof/bounce"
	"unspoof/message"
	"unspoof/spf"
)

// toYouEvidence is "to you, from you": a message, no notice, that carries an
// address of mine as its sender and came in from outside. The line that my own
// mail exchanger wrote says from where; nobody can forge that.
func toYouEvidence(q *inquiry, ctx context.Context) {
	peer, from := q.cameInAsMe()
	if !peer.IsValid() {
		return
	}
	domain := from.Domain
	f := finding{outside: true, Reason: Reason{
		Code: "to-you", Strength: Proof, For: Spoofed, Forgeable: byNobody,
		Text: "Your own mail server took this message from " + peer.String() + ", outside: it did not come from your account with " + domain + ".",
	}}
	q.guard.tree(domain)
	switch q.sendsFor(ctx, peer, domain).word {
	case spf.Pass:
		return // a service that sends for me, or a colleague's way out
	case spf.Fail, spf.SoftFail:
		f.Text = "Your own mail server took this message from " + peer.String() + ", outside, which by today's SPF record of " + domain + " may not send for you."
	default:
		if !q.profile.Complete {
			return // perhaps something of mine that nobody has named so far
		}
	}
	f.Reason = f.Reason.onNotice(q.auth.peerHop.Field)
	q.add(f)
}

// cameInAsMe gives the foreign address that handed an ordinary message with an
// own sender to my own mail exchanger, and that sender; an invalid address where
// it is no such message.
func (q *inquiry) cameInAsMe() (netip.Addr, message.Address) {
	if q.n.Kind != bounce.Ordinary || !q.auth.peer.IsValid() || q.auth.peerHop == nil {
		return netip.Addr{}, message.Address{}
	}
	if _, service := q.own.service(q.auth.peer); service || q.own.ip(q.auth.peer) || inAny(q.own.clients, q.auth.peer) {
		return netip.Addr{}, message.Address{}
	}
	for _, a := range message.ParseAddresses(q.n.Header.Value("From")) {
		if q.isMe(a) {
			return q.auth.peer, a
		}
	}
	return netip.Addr{}, message.Address{}
}

// isMe reports whether the address is the owner's: of an own domain, or the one
// that he has at a provider.
func (q *inquiry) isMe(a message.Address) bool {
	if q.profile.Address != "" {
		return canonical(a.Local+"@"+a.Domain) == canonical(q.profile.Address)
	}
	return a.Domain != "" && q.own.domain(a.Domain)
}

// ruleToYou: section 6, rule 0; what the quoted original is to a notice, the
// message itself is here.
func ruleToYou(q *inquiry) (ruling, bool) {
	// The line is proof of where it came from; that nothing of mine sends from there
	// is the owner's word, or his record's.
	return ruling{verdict: Spoofed, subtype: Direct, report: publicText(q.auth.peer), limit: Medium}, q.has("to-you")
}

// providerNoticeEvidence is E6 for a notice that the owner's mailbox provider made
// itself, about a message that no server outside handed in: it lay in the
// provider's own queue. Which of its accounts sent it, the notice does not say.
func providerNoticeEvidence(q *inquiry, _ context.Context) {
	if !q.auth.inside || q.auth.mine || q.auth.standing != authentic || !q.own.provider(q.auth.reporter) ||
		!q.returned() || q.path.ip.IsValid() || q.leftMyHost() {
		return
	}
	q.add(finding{mine: true, Reason: Reason{
		Code: "E6", Strength: Weak, Forgeable: byNobody, Where: "notice",
		Text: "Your provider made this notice itself, so the message was in its own queue: somebody with an account there sent it.",
	}})
}
