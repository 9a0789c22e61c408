package web

import (
	"fmt"
	"strings"

	"unspoof/spf"
)

// verbs says what a match of each qualifier means.
var verbs = map[string]string{
	"+": "%s may send.", "-": "%s may not send, and is to be refused.", "~": "%s probably may not send, and is to be marked.", "?": "Of %s, nothing is said.",
}

// termWords says a term in a sentence.
func termWords(t spf.Term) string {
	target := t.Domain.Text
	behind := ""
	if who := serviceBehind(target); who != "" {
		behind = " (" + who + ")"
	}
	switch t.Kind {
	case spf.KindRedirect:
		return "Of everybody else, the record of " + target + behind + " decides."
	case spf.KindExp:
		return "Whoever is refused gets the text that stands at " + target + "."
	case spf.KindUnknown:
		return "The standard does not know it; receivers pass over it."
	}
	host := target
	if host == "" {
		host = "the domain itself"
	}
	who := ""
	switch t.Kind {
	case spf.KindAll:
		who = "everybody else"
	case spf.KindInclude:
		who = "whoever the record of " + target + behind + " lets in"
	case spf.KindA:
		who = "the server " + host + around(t)
	case spf.KindMX:
		who = "the servers that receive mail for " + host + around(t)
	case spf.KindPTR:
		who = "whoever has a reverse name below " + host + " (slow, and not to be used)"
	case spf.KindIP4, spf.KindIP6:
		who = "the network " + t.Network.String()
		if t.Network.IsSingleIP() {
			who = "the address " + t.Network.Addr().String()
		}
	case spf.KindExists:
		who = "whoever the name " + target + " exists for"
	}
	text := fmt.Sprintf(verbs[t.Qualifier], who)
	return strings.ToUpper(text[:1]) + text[1:]
}

func around(t spf.Term) string {
	if t.Bits4 == 32 && t.Bits6 == 128 {
		return ""
	}
	return fmt.Sprintf(" with the networks around it (/%d, IPv6 /%d)", t.Bits4, t.Bits6)
}
