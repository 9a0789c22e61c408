package cli

import (
	"strings"

	"unspoof/dmarc"
	"unspoof/orgdomain"
)

var policyWords = map[dmarc.Policy]string{
	dmarc.None: "deliver it all the same", dmarc.Quarantine: "put it aside as suspicious", dmarc.Reject: "refuse it",
}

// dmarcTagWords says a tag of a DMARC record in a sentence (RFC 9989 section
// 4.7).
func dmarcTagWords(t dmarc.Tag, r *dmarc.Record) string {
	if first, ok := r.Tag(t.Name); ok && first.Span != t.Span {
		return "Written before already; this one is ignored."
	}
	switch t.Name {
	case "v":
		return "This is a DMARC record."
	case "p":
		return askedFor("with mail that forges the domain", r.Policy)
	case "sp":
		return askedFor("with mail that forges a subdomain", r.Subdomain)
	case "np":
		return askedFor("with mail that forges a subdomain that does not exist", r.NonExistent)
	case "adkim":
		return "A DKIM signature counts when it is of " + modeWords(r.ADKIM)
	case "aspf":
		return "A pass of SPF counts when the envelope sender is of " + modeWords(r.ASPF)
	case "psd":
		switch r.PSD {
		case orgdomain.PSDYes:
			return "Others register their names below this domain: it speaks for those that publish nothing."
		case orgdomain.PSDNo:
			return "This is the top of an organisation: receivers look no further up."
		}
		return "Whether this is the top of an organisation is not said; receivers look for it in DNS."
	case "t":
		if r.Test {
			return "Still a test: receivers apply one level less than the policy asks for."
		}
		return "No test: the policy is meant."
	case "rua":
		return "Daily summaries of who sends as the domain go to " + addresses(r.RUA)
	case "ruf":
		return "Reports on single messages that failed go to " + addresses(r.RUF) + " Few receivers send them."
	case "fo":
		return "Single failures are reported: " + failureWords(r.FO) + "."
	case "pct":
		return "Removed from the standard. Old receivers applied the policy to that many per cent of the mail that fails."
	case "rf", "ri":
		return "Removed from the standard; it never changed anything."
	}
	return "Not defined by the standard; receivers ignore it."
}

func askedFor(what string, p dmarc.Policy) string {
	words, ok := policyWords[p]
	if !ok {
		return "No policy that is valid; it is not applied."
	}
	return "What receivers are asked to do " + what + ": " + words + "."
}

func modeWords(m dmarc.Mode) string {
	if m == dmarc.Strict {
		return "exactly the domain of the From line (strict)."
	}
	return "the same organisation as the From line (relaxed)."
}

func addresses(list []dmarc.URI) string {
	if len(list) == 0 {
		return "nobody: no address is valid."
	}
	var out []string
	for _, u := range list {
		if u.Address != "" {
			out = append(out, u.Address)
		} else {
			out = append(out, u.URI)
		}
	}
	return strings.Join(out, ", ") + "."
}

func failureWords(options []string) string {
	words := map[string]string{
		"0": "when nothing vouches for the message", "1": "when SPF or DKIM does not vouch for it",
		"d": "when a DKIM signature fails", "s": "when SPF fails",
	}
	var out []string
	for _, o := range options {
		out = append(out, words[o])
	}
	return strings.Join(out, ", ")
}
