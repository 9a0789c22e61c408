package maillog

import (
	"net/netip"
	"strings"
	"time"
)

// postfixDaemons are the programs of Postfix whose lines tell something.
var postfixDaemons = map[string]bool{
	"smtpd": true, "pickup": true, "cleanup": true, "qmgr": true, "oqmgr": true, "nqmgr": true, "bounce": true,
	"smtp": true, "relay": true, "lmtp": true, "local": true, "virtual": true, "pipe": true, "error": true, "discard": true, "retry": true,
	"anvil": true, "scache": true, "master": true, "postfix-script": true, "trivial-rewrite": true, "postscreen": true, "tlsmgr": true,
}

// postfixTag takes "postfix/submission/smtpd" apart. An instance of its own name
// has queue IDs of its own.
func postfixTag(tag string) (instance, daemon string, ok bool) {
	instance, daemon, ok = strings.Cut(tag, "/")
	if i := strings.LastIndexByte(daemon, '/'); i >= 0 {
		daemon = daemon[i+1:]
	}
	return instance, daemon, ok && postfixDaemons[daemon]
}

// postfixLine reads the message of one line.
func (p *parser) postfixLine(t time.Time, instance, daemon, s string) {
	id, rest, ok := strings.Cut(s, ": ")
	if !ok || !isQueueID(id) {
		return // not about a message
	}
	if rest2, ok := strings.CutPrefix(rest, "reject: "); ok && daemon == "smtpd" {
		p.postfixReject(t, id, rest2)
		return
	}
	if rest2, ok := strings.CutPrefix(rest, "milter-reject: "); ok && (daemon == "smtpd" || daemon == "cleanup") {
		p.postfixReject(t, id, rest2)
		return
	}
	if id == "NOQUEUE" {
		return
	}
	key := instance + " " + id
	switch daemon {
	case "smtpd":
		if strings.HasPrefix(rest, "client=") {
			if !p.services[instance] && len(p.services) < maxInstances {
				p.services[strings.Clone(instance)] = true
			}
			p.postfixClient(p.begin(key, t), rest)
		}
	case "pickup":
		if uid, _, ok := strings.Cut(rest, " "); ok && strings.HasPrefix(uid, "uid=") && isNumber(uid[4:]) {
			o := p.begin(key, t)
			o.origin, o.user = fromProgram, p.word("uid "+uid[4:])
		}
	case "cleanup":
		if id, ok := strings.CutPrefix(rest, "message-id="); ok {
			p.ofService(instance, key)
			p.postfixMessageID(p.get(key, t), strings.TrimSpace(id))
		}
	case "qmgr", "oqmgr", "nqmgr":
		p.postfixQueue(key, rest)
	case "bounce":
		if child, ok := strings.CutPrefix(rest, "sender non-delivery notification: "); ok && isQueueID(child) {
			if o, ok := p.queue.byID[instance+" "+child]; ok {
				o.generated = true
			}
		}
	case "smtp", "relay", "lmtp", "local", "virtual", "pipe", "error", "discard", "retry":
		p.postfixDelivery(p.get(key, t), t, daemon, rest)
	}
}

// ofService gives an instance the message that one of its services took in under a
// name of its own (syslog_name=submission, without the instance's in front): such a
// service has no cleanup, whose line is the next about the message.
func (p *parser) ofService(instance, key string) {
	if !p.cleanups[instance] && len(p.cleanups) < maxInstances {
		p.cleanups[strings.Clone(instance)] = true
	}
	if _, known := p.queue.byID[key]; known {
		return
	}
	for service := range p.services {
		o, ok := p.queue.byID[service+" "+queueID(key)]
		if ok && !p.cleanups[service] && o.messageID == "" {
			delete(p.queue.byID, o.id)
			o.id = strings.Clone(key)
			p.queue.byID[o.id] = o
			return
		}
	}
}

// postfixClient reads "client=NAME[IP], sasl_method=…, sasl_username=…".
func (p *parser) postfixClient(o *open, s string) {
	name, ip, rest, ok := clientOf(strings.TrimPrefix(s, "client="))
	if !ok {
		p.ambiguous++
		return
	}
	o.client, o.ip, o.origin = p.word(name), ip, fromOutside
	if isInside(ip) {
		o.origin = fromInside
	}
	attributes, ok := pairs(rest)
	if !ok {
		o.origin = fromNowhere
		p.ambiguous++
		return
	}
	if parent, ok := p.queue.byID[o.id[:strings.LastIndexByte(o.id, ' ')+1]+attributes["orig_queue_id"]]; ok && o.origin == fromInside && parent != o {
		o.carry(parent)
		parent.filtered = true
		return
	}
	if user := attributes["sasl_username"]; user != "" {
		o.origin, o.user = fromLogin, p.word(user)
	}
}

// clientOf reads "NAME[IP]" or "NAME[IP]:PORT". A name has no bracket: Postfix
// takes none that is no host name.
func clientOf(s string) (name string, ip netip.Addr, rest string, ok bool) {
	open := strings.IndexByte(s, '[')
	end := strings.IndexByte(s, ']')
	if open < 0 || end < open || strings.ContainsAny(s[:open], " ,<>=") {
		return "", ip, "", false
	}
	a, err := netip.ParseAddr(s[open+1 : end])
	if err == nil {
		ip = a.Unmap().WithZone("")
	}
	rest = s[end+1:]
	if len(rest) > 1 && rest[0] == ':' && isNumber(rest[1:2]) {
		rest = strings.TrimLeft(rest[1:], "0123456789")
	}
	return s[:open], ip, rest, rest == "" || rest[0] == ',' || rest[0] == ':'
}

// pairs reads ", key=value, key=value"; the keys are those of the client line.
// A key that comes twice makes the whole ambiguous: a login name may hold ", ".
func pairs(s string) (map[string]string, bool) {
	out := map[string]string{}
	for s != "" {
		s = strings.TrimPrefix(s, ", ")
		key := clientKey(s)
		if _, twice := out[key]; twice || key == "" {
			return nil, false
		}
		value := s[len(key)+1:]
		end := 0
		for {
			n := strings.Index(value[end:], ", ")
			if n < 0 {
				end = len(value)
				break
			}
			end += n
			if clientKey(value[end+2:]) != "" {
				break
			}
			end += 2
		}
		out[key], s = value[:end], value[end:]
	}
	return out, true
}

// clientKey gives the key that s begins with, "" without one.
func clientKey(s string) string {
	for _, k := range [...]string{"sasl_method", "sasl_username", "sasl_sender", "orig_queue_id", "orig_client"} {
		if rest, ok := strings.CutPrefix(s, k); ok && strings.HasPrefix(rest, "=") {
			return k
		}
	}
	return ""
}

// postfixMessageID reads what is all the sender's: nothing after it counts.
func (p *parser) postfixMessageID(o *open, id string) {
	o.began = true
	if len(id) > 998 { // the longest line of a message (RFC 5322 section 2.1.1)
		return
	}
	if o.messageID != "" {
		return // the first one is that of the message, later ones of attached ones
	}
	o.messageID = strings.Clone(id)
	if parent, ok := p.queue.byMessageID[id]; ok && parent != o {
		switch o.origin {
		case fromInside: // a filter gives it back
			o.carry(parent)
			parent.filtered = true
		case fromNowhere: // an alias sends it on
			o.carry(parent)
		}
	}
	if o.origin != fromNowhere && id != "" && id != "<>" {
		p.queue.byMessageID[o.messageID] = o
	}
}

// postfixQueue reads "from=<…>, size=…" and "removed".
func (p *parser) postfixQueue(key, s string) {
	o, ok := p.queue.byID[key]
	if !ok {
		return
	}
	if s == "removed" {
		p.finish(o)
		return
	}
	if rest, ok := strings.CutPrefix(s, "from=<"); ok {
		if address, _, ok := bracketed(rest); ok {
			o.sender = p.word(address)
		}
	}
}

// postfixDelivery reads "to=<…>, orig_to=<…>, relay=…, …, status=sent (…)".
func (p *parser) postfixDelivery(o *open, t time.Time, daemon, s string) {
	rest, ok := strings.CutPrefix(s, "to=<")
	if !ok {
		return
	}
	to, rest, ok := bracketed(rest)
	if !ok {
		p.ambiguous++
		return
	}
	if r, ok := strings.CutPrefix(rest, ", orig_to=<"); ok {
		if to, rest, ok = bracketed(r); !ok {
			p.ambiguous++
			return
		}
	}
	// What follows up to the status is Postfix's own; the text behind it is the
	// other server's.
	before, after, ok := strings.Cut(rest, ", status=")
	if !ok || !strings.HasPrefix(before, ", relay=") {
		return
	}
	status, text, _ := strings.Cut(after, " ")
	text = strings.TrimSuffix(strings.TrimPrefix(text, "("), ")")
	result := ""
	remote := daemon == "smtp" || daemon == "relay"
	if status == "sent" && remote && o.messageID == "" && !o.began {
		p.orphanUntil = later(p.orphanUntil, t)
	}
	ip := relayOf(before)
	if remote && !ip.IsLoopback() {
		o.away = true
		if status == "sent" {
			p.relay(o, relayName(before), ip, to)
		}
	}
	switch {
	case status == "sent" && remote && ip.IsLoopback():
		// to a filter on the machine, which gives it back under another queue ID
	case status == "sent" && (remote && !isInside(ip) || strings.HasPrefix(text, "forwarded as ")):
		result = "forwarded"
	case status == "sent":
		result = "delivered"
	case status == "bounced":
		result = "refused: " + clip(text)
	}
	o.addRecipient(to, result)
}

// relayName gives the name there.
func relayName(s string) string {
	s, _, _ = strings.Cut(strings.TrimPrefix(s, ", relay="), ",")
	name, _, _, _ := clientOf(s)
	return name
}

// relayOf gives the address in ", relay=NAME[IP]:PORT, …".
func relayOf(s string) netip.Addr {
	s, _, _ = strings.Cut(strings.TrimPrefix(s, ", relay="), ",")
	_, ip, _, _ := clientOf(s)
	return ip
}

// bracketed reads an address up to its closing ">", which in a quoted local part
// (RFC 5321 section 4.1.2) does not close.
func bracketed(s string) (address, rest string, ok bool) {
	quoted := false
	for i := 0; i < len(s) && i <= 1024; i++ {
		switch {
		case quoted && s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == '>' && !quoted:
			return s[:i], s[i+1:], true
		}
	}
	return "", "", false
}

// isQueueID tells a queue ID of either form, or NOQUEUE.
func isQueueID(s string) bool {
	if len(s) < 5 || len(s) > 32 {
		return false
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; !('0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z') {
			return false
		}
	}
	return true
}

func isNumber(s string) bool {
	return s != "" && len(s) < 12 && strings.Trim(s, "0123456789") == ""
}

// isInside tells an address that nobody outside can have.
func isInside(a netip.Addr) bool {
	return a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast()
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
