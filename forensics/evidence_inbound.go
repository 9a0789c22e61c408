package forensics

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// maxQueueTime is how long a message can lie in a queue before the notice comes
// (RFC 5321 section 4.5.4.1: four to five days at least; some wait a week).
const maxQueueTime = 7 * 24 * time.Hour

// inboundEntry finds the line of my inbound log by which the original came in to
// be passed on: by queue ID, or by client and time.
func (q *inquiry) inboundEntry() (InboundEntry, bool) {
	for _, h := range q.path.own {
		for e := range q.inbound.of(h.ID, h.FromIP) {
			near := h.Time.IsZero() || e.Time.IsZero() || h.Time.Sub(e.Time).Abs() <= clockSkew
			sameID := e.QueueID != "" && h.ID == e.QueueID
			if strings.EqualFold(e.Result, "forwarded") && near && (sameID || !h.Time.IsZero()) && !q.sendsForMe(e.ClientIP.Unmap()) {
				return e, true
			}
		}
	}
	return InboundEntry{}, false
}

func inboundClient(e InboundEntry) string {
	if e.ClientIP.IsValid() {
		return e.ClientIP.String()
	}
	return e.Client
}

// forOwnAddress tells whether the address is in an own domain.
func (q *inquiry) forOwnAddress(address string) bool {
	_, domain, ok := strings.Cut(strings.Trim(address, "<>"), "@")
	return ok && q.own.domain(domain)
}

// ownOriginalRecipient tells whether the notice says that the message was first
// addressed to me, or reports the target of an alias of mine.
func (q *inquiry) ownOriginalRecipient() bool {
	if d := q.n.Delivery; d != nil {
		for _, r := range d.Recipients[:min(len(d.Recipients), maxRecipients)] {
			if q.forOwnAddress(r.Original) {
				return true
			}
		}
	}
	for _, r := range q.recipients() {
		for _, target := range q.profile.Aliases {
			if strings.Contains(target, "@") && strings.EqualFold(target, r) {
				return true
			}
		}
	}
	return false
}

// reflectedEvidence is E18: the message was refused by my own mail exchanger,
// tried against me, and the server that tried sends me the refusal.
func reflectedEvidence(q *inquiry, _ context.Context) {
	if q.n.Delivery == nil || q.auth.mine || q.leftMyHost() || q.entry.found {
		return // also what my own mail would look like that somebody forwarded back to me
	}
	for _, r := range q.n.Delivery.Recipients[:min(len(q.n.Delivery.Recipients), maxRecipients)] {
		if !q.remoteIsMine(r.RemoteMTA) {
			continue
		}
		f := finding{Reason: Reason{
			Code: "E18", Strength: Strong, For: Spoofed, Forgeable: byReporter,
			Text: q.auth.reporter + " tried to deliver this message to you; your own server " + r.RemoteMTA +
				" refused it, and the refusal came back because it carries your address.",
			Where: "delivery report", Line: oneLine("Remote-MTA: " + r.RemoteMTA),
		}}
		if e, ok := q.refusal(r.Final); ok {
			f.outside = true
			f.Strength, f.Forgeable = Proof, byNobody
			f.Text += fmt.Sprintf(" Your log has that refusal, %s.", e.Time.UTC().Format("2 January 2006 15:04 UTC"))
			f.Where, f.Line = "log", oneLine("inbound "+inboundClient(e)+" from "+e.From+" to "+e.To+": "+e.Result)
		}
		q.add(f)
		return
	}
}

// remoteIsMine tells whether a Remote-MTA, a name or an address literal, is mine.
func (q *inquiry) remoteIsMine(remote string) bool {
	remote, _, _ = strings.Cut(remote, " ")
	if ip, err := netip.ParseAddr(strings.Trim(remote, "[]")); err == nil {
		return q.own.ip(ip.Unmap())
	}
	return q.own.host(remote)
}

// refusal finds the line of my log by which I refused what the notice reports: the
// same client, and where both sides name one the same recipient, not after the
// notice and not long before.
func (q *inquiry) refusal(recipient string) (InboundEntry, bool) {
	clients := append(slices.Clone(q.auth.peerNames), q.auth.reporter)
	for e := range q.inbound.from(q.auth.peer, clients...) {
		rcpt := recipient == "" || e.To == "" || strings.EqualFold(recipient, e.To)
		wait := q.n.Date.Sub(e.Time)
		if isRefusal(e.Result) && rcpt && wait >= -clockSkew && wait <= maxQueueTime {
			return e, true
		}
	}
	return InboundEntry{}, false
}

// isRefusal tells a reply of refusal (RFC 5321 section 4.2.1).
func isRefusal(result string) bool {
	return len(result) >= 3 && (result[0] == '4' || result[0] == '5') && result[1] >= '0' && result[1] <= '9'
}
