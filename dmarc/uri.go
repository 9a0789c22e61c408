package dmarc

import (
	"net/url"
	"strings"

	"unspoof/orgdomain"
)

// URI is one address that reports are wanted at (RFC 9989 section 4.6).
type URI struct {
	URI     string `json:"uri"` // as written, without the obsolete size
	Scheme  string `json:"scheme"`
	Address string `json:"address,omitempty"` // of mailto
	Host    string `json:"host"`              // domain of the address or of the link, as Domain gives it
	Size    string `json:"size,omitempty"`    // obsolete limit, "10m"; to be ignored (section 4.8)
	Span    Span   `json:"span"`
}

// uris reads the list of rua or ruf; what is no URI is noted and left out.
func (r *Record) uris(t Tag) []URI {
	list := []URI{}
	for start := t.At.Start; start <= t.At.End; {
		end := start + strings.IndexByte(r.Text[start:t.At.End]+",", ',')
		at := trim(r.Text, Span{start, end})
		start = end + 1
		u, why := parseURI(r.Text[at.Start:at.End])
		if why != "" {
			r.note(URIInvalid, at, "4.6", "%s: %q %s", t.Name, r.Text[at.Start:at.End], why)
			continue
		}
		u.Span = at
		if u.Size != "" {
			r.note(URISize, at, "4.8", "the size limit !%s is obsolete and ignored", u.Size)
		}
		if u.Scheme != "mailto" {
			r.note(URIScheme, at, "4.7", "receivers have to support mailto only; %s is likely ignored", u.Scheme)
		}
		list = append(list, u)
	}
	return list
}

// parseURI reads one URI; why is not empty where it is none.
func parseURI(text string) (u URI, why string) {
	if text == "" {
		return u, "is empty"
	}
	u.URI = text
	if i := strings.LastIndexByte(text, '!'); i >= 0 {
		u.URI, u.Size = text[:i], text[i+1:]
		if !isSize(u.Size) || strings.Contains(u.URI, "!") {
			return u, "holds a ! that is not written %21" // section 4.8
		}
	}
	// RFC 3986 section 2: anything else has to be percent-encoded.
	if strings.ContainsAny(u.URI, " \t\"<>\\^`{|}") {
		return u, "holds characters that no URI may have"
	}
	scheme, rest, ok := strings.Cut(u.URI, ":")
	if !ok || strings.Contains(scheme, "@") {
		return u, "has no scheme; write mailto: before the address"
	}
	parsed, err := url.Parse(u.URI)
	if err != nil || parsed.Scheme == "" {
		return u, "is no URI"
	}
	u.Scheme = parsed.Scheme
	host := parsed.Hostname()
	if u.Scheme == "mailto" {
		address, _, _ := strings.Cut(rest, "?")
		if u.Address, err = url.PathUnescape(address); err != nil {
			return u, "is no URI"
		}
		at := strings.LastIndexByte(u.Address, '@')
		if at < 1 {
			return u, "has no mail address after mailto:"
		}
		host = u.Address[at+1:]
	}
	if u.Host, err = orgdomain.Name(host); err != nil {
		return u, "names no domain"
	}
	return u, ""
}

// isSize reports digits and an optional unit (section 4.8,
// obs-dmarc-report-size).
func isSize(s string) bool {
	if s != "" && strings.ContainsRune("kmgtKMGT", rune(s[len(s)-1])) {
		s = s[:len(s)-1]
	}
	return s != "" && strings.Trim(s, "0123456789") == ""
}
