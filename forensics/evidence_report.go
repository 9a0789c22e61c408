package forensics

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"unspoof/bounce"
)

// maxDiagnostic is how much of a diagnostic is searched for addresses.
const maxDiagnostic = 2000

// diagnosticEvidence is E15: the report says that SPF, DKIM or DMARC failed, and
// for which address.
func diagnosticEvidence(q *inquiry, _ context.Context) {
	ip, line, failed := q.authenticationFailure()
	if !failed || !ip.IsValid() {
		return
	}
	r := Reason{Code: "E15", Forgeable: byReporter, Where: "delivery report", Line: oneLine(line)}
	_, service := q.own.service(ip)
	switch {
	case q.own.ip(ip):
		r.Strength = Weak
		r.Text = "It was refused because " + ip.String() + ", your own server, did not pass the check of the sender: a fault in your records, not abuse."
	case service:
		r.Strength = Weak
		r.Text = "It was refused because " + ip.String() + ", of a service of yours, did not pass the check of the sender: perhaps your records miss that service."
	default:
		r.Strength, r.For = Strong, Spoofed
		r.Text = "It was refused because " + ip.String() + ", which is not yours, did not pass the check of the sender."
	}
	q.add(finding{Reason: r})
}

// authenticationFailure finds a diagnostic that says that sender authentication
// failed, and the address that it is about.
func (q *inquiry) authenticationFailure() (ip netip.Addr, line string, failed bool) {
	var texts []string
	if d := q.n.Delivery; d != nil {
		for _, r := range d.Recipients[:min(len(d.Recipients), maxRecipients)] {
			texts = append(texts, r.Diagnostic)
		}
	}
	if r := q.n.Refusal; r != nil && len(texts) == 0 {
		texts = append(texts, r.Text)
	}
	for i, text := range texts {
		classed := i == 0 && q.n.Refusal != nil && q.n.Refusal.Class == bounce.Authentication
		if !classed && !saysCheckFailed(text) {
			continue
		}
		if ip := q.refusedAddress(text); ip.IsValid() {
			return ip, "Diagnostic-Code: " + text, true
		}
		failed = true
	}
	return netip.Addr{}, "", failed
}

// checkCodes are the enhanced status codes about SPF, DKIM and DMARC: RFC
// 7372 section 3, and those of large providers.
var checkCodes = [...]string{
	"5.7.20", "5.7.21", "5.7.22", "5.7.23", "5.7.24", "5.7.26", "5.7.27", "5.7.30", "5.7.509", "5.7.515",
}

// saysCheckFailed looks for the words and codes as whole words.
func saysCheckFailed(text string) bool {
	text = strings.ToLower(text[:min(len(text), maxDiagnostic)])
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.')
	}) {
		word = strings.Trim(word, ".")
		if word == "spf" || word == "dkim" || word == "dmarc" {
			return true
		}
		for _, code := range checkCodes {
			if word == code {
				return true
			}
		}
	}
	return false
}

// maxAddresses of one text that are looked at.
const maxAddresses = 8

// addressPrefix is how RFC 5321 section 4.1.3 marks an IPv6 literal; without it
// the digit would read as a part of the address.
var addressPrefix = strings.NewReplacer("IPv6:", " ", "ipv6:", " ", "IPV6:", " ")

// ipsIn finds the IP addresses in free text, in order.
func ipsIn(text string) []netip.Addr {
	var out []netip.Addr
	text = addressPrefix.Replace(text[:min(len(text), maxDiagnostic)])
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool {
		return !(r >= 'a' && r <= 'f' || r >= 'A' && r <= 'F' || r >= '0' && r <= '9' || r == '.' || r == ':')
	}) {
		word = strings.Trim(word, ".")
		if strings.Count(word, ".") == 3 {
			word = word[strings.LastIndexByte(strings.TrimRight(word, ":"), ':')+1:] // "SPF:192.0.2.1"
		} else if strings.Count(word, ":") < 2 {
			continue
		}
		if !strings.HasSuffix(word, "::") {
			word = strings.TrimSuffix(word, ":")
		}
		if ip, err := netip.ParseAddr(word); err == nil && len(out) < maxAddresses {
			out = append(out, ip.Unmap())
		}
	}
	return out
}

// firstAddress is the first of them; invalid when there is none.
func firstAddress(text string) netip.Addr {
	if all := ipsIn(text); len(all) > 0 {
		return all[0]
	}
	return netip.Addr{}
}

// refusedAddress is the address that a diagnostic is about: the one that handed
// the message over if it is named, else the first that is not the reporter's own.
func (q *inquiry) refusedAddress(text string) netip.Addr {
	all := ipsIn(text)
	if q.path.ip.IsValid() && slices.Contains(all, q.path.ip) {
		return q.path.ip
	}
	for _, ip := range all {
		if ip != q.auth.peer && !isPrivate(ip) {
			return ip
		}
	}
	return netip.Addr{}
}
