package maillog

import (
	"net/netip"
	"strings"
	"time"

	"unspoof/forensics"
)

// eximLine reads one line of Exim's main log, its stamp taken off.
func (p *parser) eximLine(t time.Time, s string) {
	id, rest, ok := strings.Cut(s, " ")
	if !ok || !isEximID(id) {
		if strings.HasPrefix(s, "H=") {
			p.eximReject(t, s)
		}
		return
	}
	if rest == "Completed" || strings.HasPrefix(rest, "Completed ") {
		if o, ok := p.queue.byID[id]; ok {
			p.finish(o)
		}
		return
	}
	flag, rest, ok := strings.Cut(rest, " ")
	if !ok {
		return
	}
	switch flag {
	case "<=":
		p.eximArrival(t, id, rest)
	case "=>", "->", ">>", "*>":
		p.eximDelivery(t, p.get(id, t), rest, "")
	case "**":
		p.eximDelivery(t, p.get(id, t), rest, "refused")
	case "==":
		p.eximDeferral(id, rest)
	}
}

// eximArrival reads "SENDER H=… [IP] P=esmtpsa A=plain:anna S=123 id=… T=… for …".
func (p *parser) eximArrival(t time.Time, id, s string) {
	o := p.begin(id, t)
	sender, rest := eximAddress(s)
	f, ok := eximFields(rest)
	if !ok {
		p.ambiguous++
		return
	}
	o.messageID = ""
	if f.id != "" && len(f.id) <= 998 {
		o.messageID = "<" + f.id + ">"
	}
	if sender == "<>" {
		o.generated = f.parent // a notice of its own, about another message
		sender = ""
	}
	o.sender, o.client, o.ip = p.word(sender), p.word(f.host), f.ip
	switch {
	case f.authenticated:
		o.origin, o.user = fromLogin, p.word(f.user)
	case f.protocol == "local" || f.local != "" && !f.ip.IsValid():
		o.origin, o.user = fromProgram, p.word(f.local)
	case !f.ip.IsValid():
		// neither a host nor a local user: nothing to go by
	case isInside(f.ip):
		o.origin = fromInside
		if parent, ok := p.queue.byMessageID[o.messageID]; ok && parent != o {
			o.carry(parent) // a filter gives it back
			parent.filtered = true
		}
	default:
		o.origin = fromOutside
	}
	if o.messageID != "" && o.origin != fromNowhere {
		p.queue.byMessageID[o.messageID] = o
	}
	for _, to := range f.recipients {
		o.addRecipient(to, "")
	}
}

// eximDelivery reads "ADDRESS <ORIGINAL> R=… T=… H=… [IP] C=…": with a host it
// went out, without one it stayed. result is "refused" for a failure.
func (p *parser) eximDelivery(t time.Time, o *open, s, result string) {
	to, rest := eximAddress(s)
	if strings.HasPrefix(rest, "<") {
		original, after, ok := bracketed(rest[1:])
		if !ok {
			p.ambiguous++
			return
		}
		to, rest = original, strings.TrimPrefix(after, " ")
	}
	if to == "" || strings.HasPrefix(to, ":") || strings.HasPrefix(to, "/") || strings.HasPrefix(to, "|") {
		return // :blackhole:, a file, a pipe
	}
	switch {
	case result != "":
		// "R=… T=… H=… [IP]: text of the other server"
		before, text, ok := strings.Cut(rest, ": ")
		if ok {
			rest = text
		}
		o.tried(before)
		result += ": " + clip(strings.Clone(rest))
	default:
		result = "delivered"
		if host, ip, ok := eximRemote(rest); ok && !ip.IsLoopback() {
			result = "forwarded"
			o.away = true
			p.relay(o, host, ip, to)
			if o.messageID == "" && !o.began {
				p.orphanUntil = later(p.orphanUntil, t)
			}
		}
	}
	o.addRecipient(to, result)
}

// eximDeferral reads "ADDRESS R=… T=… defer (-46) H=… [IP]: text": it is to go out.
func (p *parser) eximDeferral(id, s string) {
	if o, ok := p.queue.byID[id]; ok {
		_, rest := eximAddress(s)
		before, _, _ := strings.Cut(rest, ": ")
		o.tried(before)
	}
}

// tried notes that another machine was asked to take the message.
func (o *open) tried(s string) {
	if _, ip, ok := eximRemote(s); ok && !ip.IsLoopback() {
		o.away = true
	}
}

// eximReject reads "H=NAME (HELO) [IP] F=<FROM> rejected RCPT <TO>: text".
func (p *parser) eximReject(t time.Time, s string) {
	host, ip, rest, ok := eximHost(s[len("H="):])
	if !ok || isInside(ip) {
		return
	}
	var from string
	for {
		rest = strings.TrimLeft(rest, " ")
		if r, ok := strings.CutPrefix(rest, "F=<"); ok {
			if from, rest, ok = bracketed(r); !ok {
				p.ambiguous++
				return
			}
			continue
		}
		if strings.HasPrefix(rest, "rejected RCPT <") {
			break
		}
		token, after, ok := strings.Cut(rest, " ")
		if !ok || !isField(token) || strings.HasPrefix(token, "A=") {
			return // another remark, or one's own user
		}
		rest = after
	}
	to, text, ok := bracketed(rest[len("rejected RCPT <"):])
	text, colon := strings.CutPrefix(text, ": ")
	if !ok || !colon {
		return
	}
	if !startsWithCode(text) {
		text = "550 " + text // Exim's answer unless the administrator set another; the log leaves it out
	}
	p.addInbound(forensics.InboundEntry{Time: t.UTC(), Client: p.word(host), ClientIP: ip, From: strings.Clone(from), To: strings.Clone(to), Result: clip(strings.Clone(text))})
}

func startsWithCode(s string) bool {
	return len(s) > 3 && (s[0] == '4' || s[0] == '5') && s[3] == ' ' && isNumber(s[:3])
}

// eximAddress takes the address at the start of s, which may have a quoted local
// part with blanks in it.
func eximAddress(s string) (address, rest string) {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case quoted && s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == ' ' && !quoted:
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}

// eximRemote gives the host that a delivery line names: "… T=… H=NAME [IP] …".
// The addresses before it (F=, P=) may hold anything.
func eximRemote(s string) (string, netip.Addr, bool) {
	for s = strings.TrimLeft(s, " "); s != ""; s = strings.TrimLeft(s, " ") {
		if strings.HasPrefix(s, "H=") {
			host, ip, _, ok := eximHost(s[len("H="):])
			return host, ip, ok
		}
		if len(s) > 3 && s[1] == '=' && s[2] == '<' {
			_, rest, ok := bracketed(s[3:])
			if !ok {
				return "", netip.Addr{}, false
			}
			s = rest
			continue
		}
		_, s, _ = strings.Cut(s, " ")
	}
	return "", netip.Addr{}, false
}

// isEximID tells a message ID of Exim: 6-6-2 characters of base 62, since 4.97
// 6-11-4.
func isEximID(s string) bool {
	var second int
	switch len(s) {
	case 16:
		second = 6
	case 23:
		second = 11
	default:
		return false
	}
	if s[6] != '-' || s[7+second] != '-' {
		return false
	}
	return isQueueID(s[:6]) && isQueueID(s[7:7+second]) && strings.Trim(s[8+second:], "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") == ""
}

// eximHost reads "NAME (HELO) [IP]:PORT", what follows "H=".
func eximHost(s string) (host string, ip netip.Addr, rest string, ok bool) {
	if !strings.HasPrefix(s, "(") && !strings.HasPrefix(s, "[") {
		host, s, ok = strings.Cut(s, " ")
		if !ok || strings.ContainsAny(host, "()[]=") {
			return "", ip, "", false
		}
	}
	if strings.HasPrefix(s, "(") {
		// What stands in parentheses the client said. It ends before the address;
		// where it holds what ends it, nothing after it counts.
		helo, after, ok := strings.Cut(s[1:], ") ")
		if !ok || strings.ContainsAny(helo, " ()") {
			return "", ip, "", false
		}
		s = after
	}
	inner, after, ok := strings.Cut(s, "]")
	if !ok || !strings.HasPrefix(inner, "[") {
		return "", ip, "", false
	}
	a, err := netip.ParseAddr(inner[1:])
	if err != nil {
		return "", ip, "", false
	}
	if strings.HasPrefix(after, ":") {
		after = strings.TrimLeft(after[1:], "0123456789")
	}
	return host, a.Unmap().WithZone(""), after, true
}
