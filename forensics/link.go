package forensics

import (
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

const (
	// maxLinkScan bounds the links read of one message, maxURL the octets of one:
	// more tell nothing new about who sent it.
	maxLinkScan = 32
	maxURL      = 2048
	// maxLinkText bounds a link as shown.
	maxLinkText = 120
)

// link is an address on the web found in a message.
type link struct {
	scheme string // "http", "https" or "ftp"
	host   string // lower case, A-labels, or an address; without user and port
	path   string // what follows the authority, as found
}

// findLinks gives the first links of a text, each host and path once.
func findLinks(text string) []link {
	var out []link
	add := func(scheme, rest string) {
		l, ok := readLink(scheme, rest)
		if !ok {
			return
		}
		for _, o := range out {
			if o == l {
				return
			}
		}
		out = append(out, l)
	}
	tries := 0 // of what only looks like a link, too
	for pos := 0; tries < 4*maxLinkScan && len(out) < maxLinkScan; tries++ {
		i := strings.Index(text[pos:], "://")
		if i < 0 {
			break
		}
		at := pos + i
		pos = at + 3
		if scheme := schemeBefore(text[:at]); scheme != "" {
			add(scheme, text[pos:])
		}
	}
	for pos := 0; tries < 4*maxLinkScan && len(out) < maxLinkScan; tries++ {
		i := strings.Index(text[pos:], "www.")
		if i < 0 {
			break
		}
		at := pos + i
		pos = at + 4
		if r, _ := utf8.DecodeLastRuneInString(text[:at]); at == 0 || r != '/' && r != '.' && r != '@' && r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			add("http", text[at:])
		}
	}
	return out
}

func schemeBefore(s string) string {
	for _, scheme := range []string{"https", "http", "ftp"} {
		if n := len(s) - len(scheme); n >= 0 && strings.EqualFold(s[n:], scheme) {
			return scheme
		}
	}
	return ""
}

// readLink takes what follows "://", authority and path, as browsers read them.
func readLink(scheme, rest string) (link, bool) {
	rest = shorten(rest, maxURL)
	end := strings.IndexFunc(rest, func(r rune) bool {
		switch r {
		case '<', '>', '"', '\'', '`', '{', '}', '|', '^':
			return true
		}
		return isBlankRune(r) || isHiddenRune(r)
	})
	if end >= 0 {
		rest = rest[:end]
	}
	rest = strings.TrimRight(rest, ".,;:!?)]»“”")
	authority, path := rest, ""
	if i := strings.IndexAny(rest, "/?#\\"); i >= 0 {
		authority, path = rest[:i], rest[i:]
	}
	// What stands before the last "@" is a user name, often a trusted host's
	// name to deceive the reader.
	authority = authority[strings.LastIndexByte(authority, '@')+1:]
	host := cleanHost(authority)
	return link{scheme, host, path}, host != ""
}

// cleanHost gives the host of an authority in one spelling, "" if it is none.
func cleanHost(s string) string {
	if len(s) > 0 && s[0] == '[' {
		a, err := netip.ParseAddr(strings.Trim(s[:strings.IndexByte(s+"]", ']')], "[]"))
		if err != nil || a.Zone() != "" {
			return ""
		}
		return a.String()
	}
	if i := strings.IndexByte(s, ':'); i >= 0 {
		s = s[:i]
	}
	s = strings.TrimSuffix(strings.ToLower(s), ".")
	if s == "" || len(s) > 253 || !strings.Contains(s, ".") || s[0] == '.' || strings.Contains(s, "..") {
		return ""
	}
	for _, r := range s {
		if r != '.' && r != '-' && r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.M, r) {
			return ""
		}
	}
	if ascii, err := idna.Punycode.ToASCII(s); err == nil && len(ascii) <= 253 {
		return ascii
	}
	return ""
}

// defanged shows a link so that no program makes it live: hxxp, dots in
// brackets; without the query, which may name its reader.
func (l link) defanged() string {
	path := l.path
	if i := strings.IndexAny(path, "?#"); i >= 0 {
		path = path[:i+1] + "…"
	}
	host := l.host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return plainText(hideSchemes(l.scheme+"://")+disarm(host)+disarm(plainText(path, maxLinkText)), maxLinkText)
}

// disarm takes what makes a host, an address or a link out of text.
var disarm = strings.NewReplacer(".", "[.]", "://", "[:]//", "@", "[at]").Replace

// excerpt gives the beginning of a text, plain, its links disarmed.
func excerpt(text string) string {
	words := strings.Fields(plainText(text, maxExcerptText))
	for i, w := range words {
		if strings.Contains(w, "://") || strings.Contains(w, "www.") || strings.Contains(w, ".") && strings.Contains(w, "/") {
			words[i] = strings.ReplaceAll(hideSchemes(w), ".", "[.]")
		}
	}
	return strings.Join(words, " ")
}

// hideSchemes turns each http into hxxp and each ftp into fxp, in any case.
func hideSchemes(w string) string {
	var b strings.Builder
	for {
		at := strings.Index(w, "://")
		if at < 0 {
			b.WriteString(w)
			return b.String()
		}
		scheme := schemeBefore(w[:at])
		b.WriteString(w[:at-len(scheme)])
		switch scheme {
		case "ftp":
			b.WriteString("fxp")
		case "":
		default:
			b.WriteString("hxxp" + scheme[4:])
		}
		b.WriteString("://")
		w = w[at+3:]
	}
}

// everywhere are hosts that stand in mail of all kinds, so that sharing one
// says nothing about the sender.
var everywhere = []string{
	"w3.org", "google.com", "googleapis.com", "gstatic.com", "facebook.com", "instagram.com", "twitter.com", "x.com", "youtube.com",
	"linkedin.com", "apple.com", "microsoft.com", "microsoftonline.com", "office.com", "outlook.com", "wikipedia.org", "whatsapp.com",
	"t.me", "bit.ly", "tinyurl.com", "paypal.com", "amazon.com", "amazonaws.com", "github.com", "gmail.com", "yahoo.com", "cloudflare.com",
}

// isUnder tells whether host is one of the domains or below one.
func isUnder(host string, domains []string) bool {
	for _, d := range domains {
		if len(d) > 0 && strings.HasSuffix(host, d) && (len(host) == len(d) || host[len(host)-len(d)-1] == '.') {
			return true
		}
	}
	return false
}

// unpuny shows the letters that A-labels stand for; host itself where they
// can't be read.
func unpuny(host string) string {
	if !strings.Contains(host, "xn--") {
		return host
	}
	if u, err := idna.Punycode.ToUnicode(host); err == nil {
		return u
	}
	return host
}
