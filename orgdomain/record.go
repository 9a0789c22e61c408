package orgdomain

import "strings"

// PSD is the psd tag of a DMARC policy record (RFC 9989 section 4.7).
type PSD string

const (
	PSDYes     PSD = "y" // a public suffix domain
	PSDNo      PSD = "n" // the organisational domain of itself and all below
	PSDUnknown PSD = "u" // the default
)

// IsPolicyRecord reports whether a TXT record counts as a DMARC policy record:
// it starts with a v tag whose value is exactly DMARC1 (RFC 9989 sections 4.7,
// 4.8). Package dmarc reads the rest.
func IsPolicyRecord(text string) bool {
	tag, _, _ := strings.Cut(text, ";")
	name, value := cutTag(tag)
	// Section 4.8: no white space may come first; "v" is matched in any case,
	// DMARC1 exactly.
	return strings.EqualFold(name, "v") && value == "DMARC1" && (text[0] == 'v' || text[0] == 'V')
}

// psdOf reads the psd tag of a policy record; the first one counts, and what is
// not valid is as if it were not there (section 4.8).
func psdOf(text string) PSD {
	for tag := range strings.SplitSeq(text, ";") {
		name, value := cutTag(tag)
		if !strings.EqualFold(name, "psd") {
			continue
		}
		switch PSD(strings.ToLower(value)) {
		case PSDYes:
			return PSDYes
		case PSDNo:
			return PSDNo
		}
		return PSDUnknown
	}
	return PSDUnknown
}

func cutTag(tag string) (name, value string) {
	const wsp = " \t"
	name, value, _ = strings.Cut(tag, "=")
	return strings.Trim(name, wsp), strings.Trim(value, wsp)
}
