package forensics

import (
	"context"
	"net/netip"
	"strings"

	"unspoof/bounce"
)

// ownHostEvidence is E4 and E4n: it left my host, or came from its queue.
func ownHostEvidence(q *inquiry, _ context.Context) {
	if q.auth.mine && q.returned() {
		top := q.n.Hops[0]
		q.add(finding{mine: true, Reason: Reason{
			Code: "E4n", Strength: Proof, Forgeable: byNobody,
			Text: "Your own mail server " + top.By + " made this " + q.heading() + ", so the message was in its queue.",
		}.onNotice(top.Field)})
	}
	if q.path.found && q.own.ip(q.path.ip) {
		q.add(finding{mine: true, Reason: q.onOriginal(Reason{
			Code: "E4", Strength: Proof, Forgeable: byReporter,
			Text: q.path.hop.By + " took the message from " + q.path.ip.String() + ", which is your own server.",
		}, q.path.hop.Field)})
	}
}

// returned tells whether anything at all came back of the original.
func (q *inquiry) returned() bool {
	o := &q.n.Original
	return o.Returned != bounce.ReturnedNone && o.Returned != "" && len(o.Header.Fields) > 0
}

// leftMyHost tells whether the chain leads into my own hosts.
func (q *inquiry) leftMyHost() bool { return q.has("E4", "E4n", "E7") }

// loginEvidence is E7 on my own hosts and E7f on a foreign one.
func loginEvidence(q *inquiry, _ context.Context) {
	if h := q.path.login; h != nil {
		who := "somebody who had logged in"
		if u := q.loginName(); u != "" {
			who = "the account " + u
		}
		if q.path.client.IsValid() {
			who += ", from " + q.path.client.String()
		}
		server, strength := "Your own server ", Proof
		if q.own.provider(h.By) {
			server, strength = "Your provider's server ", Strong
		}
		q.add(finding{mine: true, Reason: q.onOriginal(Reason{
			Code: "E7", Strength: strength, Forgeable: forgersOf(q),
			Text: server + h.By + " took the message from " + who + ".",
		}, h.Field)})
		return
	}
	h := q.path.hop
	if h == nil || !h.Authenticated || q.own.host(h.By) || q.own.ip(q.path.ip) {
		return
	}
	if q.own.provider(h.By) {
		q.add(finding{mine: true, Reason: q.onOriginal(Reason{
			Code: "E6", Strength: Weak, Forgeable: byReporter,
			Text: "Your provider's server " + h.By + " says that somebody with an account there handed the message over; it does not say which account.",
		}, h.Field)})
		return
	}
	text := h.By + " says that somebody logged in there handed the message over"
	if h.AuthUser != "" {
		text += " (account " + h.AuthUser + ")"
	}
	q.add(finding{Reason: q.onOriginal(Reason{
		Code: "E7f", Strength: Strong, For: Spoofed, Forgeable: byReporter,
		Text: text + ". That is an account at that server, not with you.",
	}, h.Field)})
}

// ownProviderLogin tells, for somebody with an address at a provider, whether a
// login there was with that address.
func (q *inquiry) ownProviderLogin(user, by string) bool {
	address := q.profile.Address
	if address == "" || user == "" || !q.own.provider(by) {
		return false
	}
	local, _, _ := strings.Cut(address, "@")
	return strings.EqualFold(user, address) || strings.EqualFold(user, local)
}

// forgersOf says who could have invented lines of my own hosts: when my server
// made the notice nobody, else the server that returned them.
func forgersOf(q *inquiry) string {
	if q.auth.mine {
		return byNobody
	}
	return byReporter
}

// sendsForMe tells addresses from which mail of mine may come in without a login:
// known networks and services.
func (q *inquiry) sendsForMe(ip netip.Addr) bool {
	_, service := q.own.service(ip)
	return service || inAny(q.own.clients, ip) || q.own.ip(ip)
}

// heloEvidence is E13: somebody gave my name as his own.
func heloEvidence(q *inquiry, _ context.Context) {
	h := q.path.hop
	if h == nil || !q.path.ip.IsValid() || q.own.ip(q.path.ip) || q.own.host(h.By) {
		return
	}
	if _, service := q.own.service(q.path.ip); service || !q.own.host(h.HELO) {
		return
	}
	q.add(finding{Reason: q.onOriginal(Reason{
		Code: "E13", Strength: Strong, For: Spoofed, Forgeable: byReporter,
		Text: q.path.ip.String() + " introduced itself as " + canonical(h.HELO) + ", but that address is not yours.",
	}, h.Field)})
}

// unlistedEvidence is the owner's own word: he named all that sends for him, and
// this address is not in it.
func unlistedEvidence(q *inquiry, _ context.Context) {
	if !q.profile.Complete || !q.path.ip.IsValid() || q.own.ip(q.path.ip) || q.own.host(q.path.hop.By) || q.has("E6") {
		return
	}
	q.add(finding{Reason: Reason{
		Code: "not-listed", Strength: Strong, For: Spoofed, Forgeable: byReporter,
		Text:  q.path.ip.String() + " is none of the servers and services that you listed as all that sends for you.",
		Where: "profile", Line: "profile_complete: true",
	}})
}

// forwardedEvidence finds that the message came in from outside before it left:
// for an alias of mine that leads out, or into a mailbox that refused it.
func forwardedEvidence(q *inquiry, _ context.Context) {
	if !q.auth.mine && !q.own.ip(q.path.ip) || q.path.login != nil {
		return
	}
	if f, ok := q.inboundEntry(); ok {
		q.add(finding{outside: q.auth.standing == authentic, Reason: Reason{
			Code: "E4f", Strength: Proof, For: Spoofed, Forgeable: byNobody,
			Text:  "Your server's log shows that this message came in from outside, from " + inboundClient(f) + ", for " + f.To + ", and was passed on.",
			Where: "log", Line: oneLine("inbound " + f.QueueID + " " + inboundClient(f) + " to " + f.To + ": " + f.Result),
		}})
		return
	}
	h := q.path.entry
	if h == nil || h.Authenticated || h.Local || !q.path.client.IsValid() || q.sendsForMe(q.path.client) {
		return
	}
	if !q.forOwnAddress(h.For) && !q.ownOriginalRecipient() {
		return
	}
	q.add(finding{Reason: q.onOriginal(Reason{
		Code: "E4f", Strength: Proof, For: Spoofed, Forgeable: forgersOf(q),
		Text: "Your server " + h.By + " took this message from " + q.path.client.String() +
			", without a login, for an address of yours, and passed it on.",
	}, h.Field)})
}
