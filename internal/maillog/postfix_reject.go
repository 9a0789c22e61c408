package maillog

import (
	"net/netip"
	"strings"
	"time"

	"unspoof/forensics"
)

// postfixReject reads "RCPT from NAME[IP]: 550 5.7.23 <…>: …; from=<…> to=<…>
// proto=ESMTP helo=<…>". The recipient echoed, the addresses and the HELO are
// the client's words.
func (p *parser) postfixReject(t time.Time, id, s string) {
	stage, rest, ok := strings.Cut(s, " from ")
	if !ok || strings.ContainsAny(stage, " <") {
		return
	}
	name, ip, rest, ok := clientOf2(rest)
	if !ok || isInside(ip) {
		return
	}
	text, rest, ok := strings.Cut(rest, "; from=<")
	if !ok {
		return
	}
	from, rest, ok := bracketed(rest)
	if !ok || strings.Contains(rest, "; from=<") {
		p.ambiguous++
		return
	}
	rest, ok = strings.CutPrefix(rest, " to=<")
	if !ok {
		return // refused before a recipient was named
	}
	to, rest, ok := bracketed(rest)
	if !ok || !strings.HasPrefix(rest, " proto=") {
		p.ambiguous++
		return
	}
	if id == "NOQUEUE" {
		id = ""
	}
	if strings.HasPrefix(text, "4.") || strings.HasPrefix(text, "5.") { // a milter's, logged without the code
		text = text[:1] + "50 " + text
	}
	p.addInbound(forensics.InboundEntry{QueueID: strings.Clone(id), Time: t.UTC(), Client: p.word(name), ClientIP: ip,
		From: strings.Clone(from), To: strings.Clone(to), Result: clip(strings.Clone(text))})
}

// clientOf2 reads "NAME[IP]: TEXT".
func clientOf2(s string) (name string, ip netip.Addr, rest string, ok bool) {
	name, ip, rest, ok = clientOf(s)
	rest, colon := strings.CutPrefix(rest, ": ")
	return name, ip, rest, ok && colon
}
