package message

import (
	"net/netip"
	"slices"
	"strings"
)

// comment takes a comment of a Received field, without its brackets.
func (p *receivedParser) comment(c string) {
	p.login(c)
	p.submission(c)
	if proto, ok := strings.CutPrefix(c, "via "); ok && isProtocol(strings.ToUpper(proto)) {
		p.via = strings.ToUpper(proto)
	}
	if p.at == clauseFrom {
		p.client(c)
	}
}

// client reads a comment of the from clause: the name and address that the
// receiving host recorded, and the HELO name where the word before is not it.
//
//	(name [address])  (name[address])  ([address] helo=x)  (HELO x) (address)  (user@address)
//
// What stands behind HELO, a login or an envelope sender is the client's word:
// an address there is never what the host recorded.
func (p *receivedParser) client(c string) {
	p.fromComments++
	var addresses, claimed, nextIsHELO bool
	silent := aboutOther(c)
	for first := true; ; first = false {
		c = strings.TrimLeft(c, " \t(),")
		if c == "" {
			break
		}
		end := strings.IndexAny(c, " \t(),")
		if end < 0 {
			end = len(c)
		}
		w := c[:end]
		c = c[end:]
		switch {
		case nextIsHELO:
			nextIsHELO = false
			p.setHELO(strings.Trim(w, "?"))
		case len(w) == 4 && isHELO(w):
			nextIsHELO, claimed = true, true
		case len(w) > 5 && strings.EqualFold(w[:5], "helo="):
			claimed = true
			p.setHELO(w[5:])
		case isClaim(w):
			claimed = true
		case claimed:
		default:
			name, ips := nameAndAddresses(w)
			for _, ip := range ips {
				addresses = true
				p.recorded(ip)
			}
			if first && p.fromComments == 1 && p.hop.FromName == "" && strings.IndexByte(name, '.') > 0 {
				p.hop.FromName = hostName(name)
			}
		}
	}
	if !addresses && !silent {
		p.unread = true
	}
}

func (p *receivedParser) setHELO(name string) {
	if p.helo == "" {
		p.helo = name
	}
}

// recorded takes an address of the comments. Several that differ are none:
// which of them the host saw cannot be told.
func (p *receivedParser) recorded(ip netip.Addr) {
	switch {
	case !p.hop.FromIP.IsValid():
		p.hop.FromIP = ip
	case p.hop.FromIP != ip:
		p.several = true
	}
}

// nameAndAddresses cuts a word of a comment at its brackets: name[address],
// <name>[address], name:address. name is what stands first and is no address.
func nameAndAddresses(w string) (name string, ips []netip.Addr) {
	for i, part := range strings.FieldsFunc(w, func(r rune) bool { return strings.ContainsRune("[]<>", r) }) {
		if ip := parseIP(part); ip.IsValid() {
			ips = append(ips, ip)
			continue
		}
		before, after, _ := strings.Cut(part, ":")
		if ip := parseIP(after); ip.IsValid() {
			ips = append(ips, ip)
			part = before
		} else if _, value, ok := strings.Cut(part, "="); ok {
			if ip := parseIP(value); ip.IsValid() {
				ips = append(ips, ip)
			}
		}
		if i == 0 {
			name = part
		}
	}
	return name, ips
}

// isClaim tells the words behind which a comment repeats what the client said.
func isClaim(w string) bool {
	key, _, _ := strings.Cut(w, "=")
	switch strings.ToLower(strings.TrimSuffix(key, ":")) {
	case "ident", "user", "account", "auth", "authenticated", "envelope-from", "sender":
		return true
	}
	return false
}

// aboutOther tells a comment of the from clause that is not about the client's
// name and address, so that their absence means nothing: (helo=x) (port=25)
// (using TLSv1.3 with cipher …) (Client did not present a certificate)
// (authenticated bits=0) (via HTTP).
func aboutOther(c string) bool {
	c = strings.TrimLeft(c, " \t")
	end := strings.IndexAny(c, " \t=:,")
	if end < 0 {
		end = len(c)
	}
	switch strings.ToLower(c[:end]) {
	case "helo", "ehlo", "lhlo", "port", "ident", "user", "account", "auth", "authenticated", "envelope-from", "sender",
		"using", "client", "via", "uid", "no", "not", "version", "cipher", "tls", "smtp-auth", "squirrelmail":
		return true
	}
	return false
}

func isHELO(w string) bool {
	return strings.EqualFold(w, "HELO") || strings.EqualFold(w, "EHLO") || strings.EqualFold(w, "LHLO")
}

// parseIP reads an address as Received lines write it: in square brackets or
// bare, with "IPv6:" before it, with a port or a zone or a user in front. The
// result is invalid when w is no address.
func parseIP(w string) netip.Addr {
	if len(w) < 3 || len(w) > 120 {
		return netip.Addr{}
	}
	if i := strings.LastIndexByte(w, '@'); i >= 0 {
		w = w[i+1:]
	}
	if strings.HasPrefix(w, "[") {
		w = w[1:]
		if i := strings.IndexByte(w, ']'); i >= 0 {
			w = w[:i]
		}
	}
	if len(w) > 5 && strings.EqualFold(w[:5], "IPv6:") { // RFC 5321 section 4.1.3
		w = w[5:]
	}
	dots, colons := 0, 0
	for i := 0; i < len(w); i++ {
		switch c := w[i]; {
		case c == '.':
			dots++
		case c == ':':
			colons++
		case c == '%':
			w = w[:i]
		case !isHex(c):
			return netip.Addr{}
		}
	}
	if dots == 3 && colons == 1 { // a port
		w = w[:strings.IndexByte(w, ':')]
	} else if colons < 2 && dots != 3 {
		return netip.Addr{}
	}
	addr, err := netip.ParseAddr(w)
	if err != nil {
		return netip.Addr{}
	}
	return addr.Unmap()
}

// login finds the comments by which hosts say that the client had logged in, and
// as whom:
//
//	(Authenticated sender: x)  (authenticated bits=0)  (user=x mech=LOGIN)
//	(SquirrelMail authenticated user x)  (AUTH: LOGIN x)  (account x)
//	(x@address with plain)  (smtp-auth username x, mechanism login)
//
// Only a whole comment of such a form counts. Names in HELO, in DNS and in ident
// are the client's to choose, and stand in comments too: none of them holds a
// blank, so the word behind the first one is never of its choice.
func (p *receivedParser) login(c string) {
	if len(c) > 2000 { // no comment about a login is so long
		return
	}
	w := strings.Fields(c)
	if len(w) < 2 || slices.ContainsFunc(w, func(s string) bool { return s[0] == '[' && parseIP(s).IsValid() }) {
		return // a name and the address that it was looked up for
	}
	first, second := strings.ToLower(w[0]), strings.ToLower(w[1])
	switch {
	case first == "authenticated" && startsLogin(second):
		p.loggedIn(c[len(w[0]):])
	case second == "authenticated" && len(w) > 2 && strings.EqualFold(w[2], "user"): // web mail
		p.loggedIn(strings.Join(w[3:], " "))
	case strings.HasPrefix(first, "user=") && strings.HasPrefix(second, "mech="):
		p.loggedIn(w[0][len("user="):])
	case first == "auth:" && len(w) > 2 && isWord(second):
		p.loggedIn(w[2])
	case first == "account" && p.at == clauseFrom && !isHELO(w[1]) && strings.IndexByte("(<", w[1][0]) < 0 && !parseIP(w[1]).IsValid():
		p.loggedIn(w[1])
	case len(w) == 3 && second == "with" && (w[2] == "plain" || w[2] == "login"): // Yahoo
		if i := strings.LastIndexByte(w[0], '@'); i > 0 && parseIP(w[0][i+1:]).IsValid() {
			p.loggedIn(w[0][:i])
		}
	case first == "smtp-auth" && second == "username" && len(w) > 2:
		p.loggedIn(w[2])
	}
}

func (p *receivedParser) loggedIn(as string) {
	p.hop.Authenticated = true
	p.user(as)
}

// startsLogin tells the words that hosts write behind "authenticated".
func startsLogin(w string) bool {
	switch w {
	case "sender:", "sender", "user:", "user", "as":
		return true
	}
	return strings.HasPrefix(w, "bits=") || strings.HasPrefix(w, "user=")
}

// isWord tells what may be the name of a login mechanism.
func isWord(w string) bool {
	for i := range len(w) {
		if c := w[i]; !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_') {
			return false
		}
	}
	return w != ""
}

// user takes the account from the text after the words about a login.
func (p *receivedParser) user(s string) {
	if p.hop.AuthUser != "" {
		return
	}
	for _, w := range strings.FieldsFunc(s[:min(len(s), 300)], func(r rune) bool {
		return r == ' ' || r == '\t' || r == ':' || r == '=' || r == ',' || r == '(' || r == ')'
	}) {
		switch strings.ToLower(w) {
		case "sender", "user", "username", "as", "id", "-", "-sender", "-user", "with", "by", "smtp", "for":
			continue
		case "bits", "mech", "using", "via", "no", "none", "0", "1", "tls", "ssl":
			return
		}
		p.hop.AuthUser = strings.Trim(w, "<>'\"")
		return
	}
}

// submission finds words that tell of a submission on the host itself, and by
// whom:
//
//	(Postfix, from userid 1004)  (qmail 1 invoked by uid 0)  (from apache@localhost)
//	(uid 0)  ([local])
func (p *receivedParser) submission(c string) {
	user := ""
	switch {
	case strings.Contains(c, ", from userid "):
		user = after(c, "from userid ")
	case strings.Contains(c, "invoked by uid "):
		user = after(c, "invoked by uid ")
	case p.at == clauseFrom && strings.HasPrefix(c, "uid ") && isNumber(c[len("uid "):]): // DragonFly: from root (uid 0)
		user = p.from
	case p.at == clauseNone && strings.HasPrefix(c, "from ") && strings.HasSuffix(c, "@localhost"): // Sendmail
		user = strings.TrimSuffix(c[len("from "):], "@localhost")
	case p.at == clauseFrom && p.fromComments == 0 && endsLocal(c): // OpenSMTPD
	default:
		return
	}
	p.hop.Local = true
	p.hop.LocalUser = user
}

// endsLocal tells "name [local]", where only the name is the client's.
func endsLocal(c string) bool {
	w := strings.Fields(c)
	return len(w) == 1 && w[0] == "[local]" || len(w) == 2 && w[1] == "[local]" && !isHELO(w[0])
}

func isNumber(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// after gives the word in s behind mark.
func after(s, mark string) string {
	s = s[strings.Index(s, mark)+len(mark):]
	if i := strings.IndexAny(s, " \t,;)"); i >= 0 {
		s = s[:i]
	}
	return s
}

// indexFold is strings.Index for an ASCII word in lower case, whatever the case
// of s.
func indexFold(s, word string) int {
	for i := 0; i+len(word) <= len(s); i++ {
		if s[i]|0x20 == word[0]|0x20 && strings.EqualFold(s[i:i+len(word)], word) {
			return i
		}
	}
	return -1
}
