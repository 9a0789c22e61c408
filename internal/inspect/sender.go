package inspect

import (
	"fmt"
	"slices"
	"strings"

	"unspoof/dkim"
	"unspoof/dmarc"
	"unspoof/orgdomain"
	"unspoof/spf"
)

// Vouched reports whether the author's organisation stands by the message, be
// there a policy or not.
func (r *Result) Vouched() bool {
	if r.Verdict != dmarc.VerdictNone {
		return r.Verdict == dmarc.VerdictPass
	}
	return r.Domain != "" && (r.spfOf(r.Domain) || slices.ContainsFunc(r.signers(), func(d string) bool { return orgdomain.SameOrg(d, r.Domain) }))
}

// Forged reports whether the message pretends to be what nothing shows it to be. A
// failure of DMARC counts only where SPF had all that it needs.
func (r *Result) Forged() bool {
	alarm := slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Alarm })
	return alarm || r.Verdict == dmarc.VerdictPermError || r.Verdict == dmarc.VerdictFail && r.complete()
}

// complete reports whether the transaction is known, so that SPF could speak.
func (r *Result) complete() bool { return r.Known.IP != "" && r.Known.MailFrom != "" }

// spfOf reports whether SPF passes for a domain of that organisation.
func (r *Result) spfOf(domain string) bool {
	return r.SPF.Result.Result == spf.Pass && orgdomain.SameOrg(r.SPF.Domain, domain)
}

// signers are the domains whose signatures hold.
func (r *Result) signers() []string {
	var list []string
	for _, s := range r.DKIM.Results {
		if s.Result == dkim.Pass && !slices.Contains(list, s.Domain) {
			list = append(list, s.Domain)
		}
	}
	return list
}

// sender says who sent the message, as far as it can be known.
func (r *Result) sender() string {
	parts := []string{r.author()}
	var others []string
	for _, d := range r.signers() {
		if r.Domain == "" || !orgdomain.SameOrg(d, r.Domain) {
			others = append(others, d)
		}
	}
	if len(others) > 0 {
		parts = append(parts, fmt.Sprintf("It was signed by %s.", strings.Join(others, ", ")))
	}
	if r.SPF.Result.Result == spf.Pass && (r.Domain == "" || !r.spfOf(r.Domain)) {
		parts = append(parts, fmt.Sprintf("Its envelope is of %s, which lets %s send for it.", r.SPF.Domain, r.IP))
	}
	return strings.Join(append(parts, r.handedOver()), " ")
}

// author says what is known of the one whom From names.
func (r *Result) author() string {
	switch r.Verdict {
	case dmarc.VerdictPass:
		return r.Domain + " stands by this message: " + r.because() + ". That shows where it is from, not that it is honest."
	case dmarc.VerdictFail:
		if !r.complete() {
			return fmt.Sprintf("Nothing in it shows that %s sent this, but not all is known of how it came, so that SPF could not speak for it.", r.Domain)
		}
		return fmt.Sprintf("Nothing shows that %s sent this. %s", r.Domain, asked[r.Disposition])
	case dmarc.VerdictNone:
		if r.Vouched() {
			return r.Domain + " sent this: " + r.because() + ". It publishes no policy (DMARC) for mail that is forged in its name."
		}
		return fmt.Sprintf("Nothing shows that %s sent this, and it publishes no policy (DMARC) that would tell its mail from forged mail.", r.Domain)
	case dmarc.VerdictTempError:
		return "Whether the author's domain sent this is not known now. " + r.Reason
	}
	return "This message is to be taken for nobody's. " + r.Reason
}

var asked = map[dmarc.Policy]string{
	dmarc.Reject:     "It asks receivers to refuse such mail.",
	dmarc.Quarantine: "It asks receivers to put such mail aside as suspicious.",
	dmarc.None:       "It asks receivers for reports only.",
}

// because says what of the author's domain passes.
func (r *Result) because() string {
	signed := slices.ContainsFunc(r.signers(), func(d string) bool { return orgdomain.SameOrg(d, r.Domain) })
	switch byPath := r.spfOf(r.Domain); {
	case signed && byPath:
		return "its signature holds, and it lets " + r.IP.String() + " send for it (SPF)"
	case byPath:
		if r.Known.IP == Given {
			return "it lets " + r.IP.String() + " send for it (SPF)"
		}
		return fmt.Sprintf("it lets %s send for it (SPF), if your own server wrote the line that says so (%s)", r.IP, r.Known.IP)
	}
	return "its signature holds"
}

// handedOver says who handed the message over.
func (r *Result) handedOver() string {
	for _, h := range r.Hops {
		if h.Trust != Border {
			continue
		}
		switch {
		case h.LoggedIn && h.User != "":
			return fmt.Sprintf("It was handed in by somebody who had logged in as %s.", h.User)
		case h.LoggedIn:
			return "It was handed in by somebody who had logged in."
		case h.local:
			return fmt.Sprintf("It was made on %s itself.", h.By)
		case h.IP.IsValid() && private(h.IP):
			return fmt.Sprintf("It came from %s, an address inside a network: from there, or through a server that makes all look so.", h.IP)
		}
	}
	switch {
	case !r.IP.IsValid():
		return "Who handed it over is not known."
	case r.HELO != "":
		return fmt.Sprintf("It was handed over by %s, which calls itself %s.", r.IP, r.HELO)
	}
	return fmt.Sprintf("It was handed over by %s.", r.IP)
}
