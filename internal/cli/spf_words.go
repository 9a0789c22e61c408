package cli

import (
	"fmt"
	"strings"

	"unspoof/sender"
	"unspoof/spf"
)

// verbs says what a match of each qualifier means.
var verbs = map[string]string{
	"+": "%s may send.", "-": "%s may not send; refuse it.", "~": "%s probably may not send; mark it.", "?": "%s: nothing is said.",
}

// termWords says a term in a sentence.
func termWords(t spf.Term) string {
	target := t.Domain.Text
	switch t.Kind {
	case spf.KindRedirect:
		return "Where no term matches, the record of " + target + named(target) + " decides."
	case spf.KindExp:
		return "Who is refused gets the text published at " + target + "."
	case spf.KindUnknown:
		return "Not defined by the standard; receivers ignore it."
	}
	host := target
	if host == "" {
		host = "the domain itself"
	}
	who := ""
	switch t.Kind {
	case spf.KindAll:
		who = "Everybody else"
	case spf.KindInclude:
		who = "Whoever the record of " + target + named(target) + " allows"
	case spf.KindA:
		who = "The addresses of " + host + networks(t)
	case spf.KindMX:
		who = "The servers that receive mail for " + host + networks(t)
	case spf.KindPTR:
		who = "Clients whose reverse name lies below " + host + " (slow and not to be used, RFC 7208 section 5.5)"
	case spf.KindIP4, spf.KindIP6:
		who = "The network " + t.Network.String()
		if t.Network.IsSingleIP() {
			who = "The address " + t.Network.Addr().String()
		}
	case spf.KindExists:
		who = "Clients for whom the name " + target + " exists"
	}
	return fmt.Sprintf(verbs[t.Qualifier], who)
}

func networks(t spf.Term) string {
	if t.Bits4 == 32 && t.Bits6 == 128 {
		return ""
	}
	return fmt.Sprintf(", with the networks around them (/%d, IPv6 /%d),", t.Bits4, t.Bits6)
}

// named gives the service behind a host in brackets, where one is known.
func named(host string) string {
	matches := sender.ByInclude(host)
	if len(matches) == 0 {
		return ""
	}
	var names []string
	for _, m := range matches {
		names = append(names, m.Service.Name)
	}
	return " (" + strings.Join(names, " or ") + ")"
}
