package dmarc

import (
	"slices"
	"strings"

	"unspoof/orgdomain"
)

// interpret takes the values of the first tag of each name. A value that is not
// valid leaves the default (RFC 9989 section 4.8). Values are matched in any
// case, as the ABNF's literals are.
func (r *Record) interpret() {
	seen := map[string]bool{}
	for _, t := range r.Tags {
		if seen[t.Name] {
			continue
		}
		seen[t.Name] = true
		switch t.Name {
		case "v":
		case "p":
			r.Policy = r.policy(t)
		case "sp":
			r.Subdomain = r.policy(t)
		case "np":
			r.NonExistent = r.policy(t)
		case "adkim":
			r.ADKIM = Mode(r.word(t, string(Relaxed), "r", "s"))
		case "aspf":
			r.ASPF = Mode(r.word(t, string(Relaxed), "r", "s"))
		case "psd":
			r.PSD = orgdomain.PSD(r.word(t, string(orgdomain.PSDUnknown), "y", "n", "u"))
		case "t":
			r.Test = r.word(t, "n", "y", "n") == "y"
		case "rua":
			r.RUA = r.uris(t)
		case "ruf":
			r.RUF = r.uris(t)
		case "fo":
			r.failureOptions(t)
		case "pct", "rf", "ri":
			r.note(TagRemoved, t.Span, "A.6", "%s was removed from the standard and is ignored by current readers", t.Name)
		default:
			r.note(TagUnknown, t.Span, "4.7", "%s is no tag of DMARC and is ignored", t.Name)
		}
	}
}

func (r *Record) policy(t Tag) Policy {
	switch p := Policy(strings.ToLower(t.Value)); p {
	case None, Quarantine, Reject:
		return p
	}
	r.note(PolicyInvalid, t.At, "4.10.1", "%s=%s is none of none, quarantine, reject", t.Name, t.Value)
	return ""
}

func (r *Record) word(t Tag, otherwise string, valid ...string) string {
	v := strings.ToLower(t.Value)
	if slices.Contains(valid, v) {
		return v
	}
	r.note(ValueInvalid, t.At, "4.7", "%s=%s is none of %s; it counts as %s", t.Name, t.Value, strings.Join(valid, ", "), otherwise)
	return otherwise
}

// failureOptions reads fo: each option once at most, not both 0 and 1 (RFC 9989
// section 4.7).
func (r *Record) failureOptions(t Tag) {
	var options []string
	for o := range strings.SplitSeq(strings.ToLower(t.Value), ":") {
		o = strings.Trim(o, wsp)
		if !slices.Contains([]string{"0", "1", "d", "s"}, o) || slices.Contains(options, o) {
			options = nil
			break
		}
		options = append(options, o)
	}
	if options == nil || slices.Contains(options, "0") && slices.Contains(options, "1") {
		r.note(ValueInvalid, t.At, "4.7", "fo=%s is no list of 0, 1, d and s; it counts as 0", t.Value)
		return
	}
	r.FO = options
}

// lint notes what is valid but hardly meant.
func (r *Record) lint() {
	whole := Span{0, len(r.Text)}
	p, hasP := r.Tag("p")
	switch {
	case !hasP:
		r.note(PolicyMissing, whole, "4.10.1", "p is missing: with a reporting address it counts as none, without one the record is ignored")
	case len(r.Tags) > 1 && r.Tags[1].Name != "p":
		r.note(PolicyNotSecond, p.Span, "4.8", "readers of the old standard want p right after v")
	}
	if len(r.RUA) == 0 {
		r.note(NoReports, whole, "4.7", "no valid rua: nobody reports who uses the domain")
	}
	if fo, ok := r.Tag("fo"); ok && len(r.RUF) == 0 {
		r.note(FailureNoURI, fo.Span, "4.7", "fo means nothing without ruf")
	}
	if sp, ok := r.Tag("sp"); ok && r.Subdomain != "" && r.Subdomain.Weaker(r.Policy) {
		r.note(SubWeaker, sp.Span, "4.7", "subdomains are protected less (%s) than the domain (%s)", r.Subdomain, r.Policy)
	}
	existing := r.Policy
	if r.Subdomain != "" {
		existing = r.Subdomain
	}
	if np, ok := r.Tag("np"); ok && r.NonExistent != "" && r.NonExistent.Weaker(existing) {
		r.note(MissingWeaker, np.Span, "4.7", "subdomains that don't exist are protected less (%s) than those that do (%s)", r.NonExistent, existing)
	}
	if t, ok := r.Tag("t"); ok && r.Test {
		r.note(TestMode, t.Span, "4.7", "t=y: the policy acts one level lower")
	}
}
