package cli

import (
	"fmt"
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"

	"unspoof/dns"
)

// envelopeSender reads the address of MAIL FROM: empty, <> or local@domain (RFC 5321
// section 4.1.2), the latter with or without angle brackets.
func envelopeSender(text string) (string, error) {
	addr := text
	if inner, ok := strings.CutPrefix(addr, "<"); ok && strings.HasSuffix(inner, ">") {
		addr = strings.TrimSuffix(inner, ">")
	}
	if addr == "" {
		return "", nil
	}
	at := strings.LastIndexByte(addr, '@')
	if at < 1 || !isLocal(addr[:at]) || !isHost(addr[at+1:]) {
		return "", usage(fmt.Sprintf("--mail-from %q is no envelope sender", text), `write one address, as anna@example.com, or "" for a bounce`)
	}
	return addr, nil
}

// isLocal reports whether a local part is a dot-string or a quoted string, more
// tolerant than RFC 5321 of where dots stand.
func isLocal(s string) bool {
	if !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return false
	}
	if len(s) > 2 && s[0] == '"' && s[len(s)-1] == '"' {
		inner := strings.NewReplacer(`\\`, "", `\"`, "").Replace(s[1 : len(s)-1])
		return !strings.ContainsAny(inner, `"\`)
	}
	return !strings.ContainsAny(s, "<>()[]\\,;:@\" ")
}

// isHost reports whether a text is a domain name or an address literal (RFC 5321
// section 4.1.3).
func isHost(s string) bool {
	if inner, ok := strings.CutPrefix(s, "["); ok && strings.HasSuffix(inner, "]") {
		inner = strings.TrimSuffix(inner, "]")
		if len(inner) > 5 && strings.EqualFold(inner[:5], "IPv6:") {
			inner = inner[5:]
		}
		ip, err := netip.ParseAddr(inner)
		return err == nil && ip.Zone() == ""
	}
	name := strings.TrimSuffix(s, ".")
	if name == "" || strings.ContainsFunc(name, func(r rune) bool {
		return r < utf8.RuneSelf && !strings.ContainsRune("-_.", r) && !unicode.IsLetter(r) && !unicode.IsDigit(r) || !unicode.IsPrint(r)
	}) {
		return false
	}
	return dns.CheckName(dns.Canonical(name)) == nil
}
