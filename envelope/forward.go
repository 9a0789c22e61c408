package envelope

import (
	"strings"
	"time"
)

// SRS is an address that a forwarder rewrote (Sender Rewriting Scheme). The hash
// is the forwarder's: nobody else can tell whether the address was really made
// there, so that Original is a claim.
type SRS struct {
	Version  int    // 0: one forwarder; 1: handed on by another
	Original string // the address before the first forwarder
	// Forwarder is the first that rewrote, and By the last; the same for version 0.
	Forwarder, By string
	Hash, Stamp   string // as written; Stamp is "" where it is not in the form
}

// ParseSRS reads "SRS0=hash=stamp=domain=local@forwarder" and
// "SRS1=hash=first-forwarder==hash=stamp=domain=local@forwarder", with the
// separators =, + and - behind the version; false for any other address.
func ParseSRS(address string) (SRS, bool) {
	local, domain, ok := split(address)
	if !ok || len(local) < 5 || !strings.EqualFold(local[:3], "SRS") || !strings.ContainsRune("=+-", rune(local[4])) {
		return SRS{}, false
	}
	s := SRS{Forwarder: domain, By: domain}
	rest := local[5:]
	switch local[3] {
	case '0':
	case '1':
		s.Version = 1
		var hash, inner string
		hash, rest, ok = strings.Cut(rest, "=")
		if !ok {
			return SRS{}, false
		}
		// A second = stands for the separator of the inner SRS0.
		s.Forwarder, inner, ok = strings.Cut(rest, "=")
		if !ok || s.Forwarder == "" || inner == "" || !strings.ContainsRune("=+-", rune(inner[0])) {
			return SRS{}, false
		}
		s.Hash, rest = hash, inner[1:]
	default:
		return SRS{}, false
	}
	part := strings.SplitN(rest, "=", 4)
	if len(part) != 4 || part[2] == "" || part[3] == "" {
		return SRS{}, false
	}
	if s.Version == 0 {
		s.Hash = part[0]
	}
	s.Stamp, s.Original = part[1], join(part[3], part[2])
	return s, true
}

const (
	stampDigits = "abcdefghijklmnopqrstuvwxyz234567" // RFC 4648 section 6
	stampCycle  = 1 << 10
)

// Day gives the day on which the first forwarder rewrote the address: stamps
// count days modulo 1024, and the last such day not after latest is meant. False
// where Stamp is not two digits of base32.
func (s SRS) Day(latest time.Time) (time.Time, bool) {
	if len(s.Stamp) != 2 {
		return time.Time{}, false
	}
	hi := strings.IndexByte(stampDigits, lower(s.Stamp[0]))
	lo := strings.IndexByte(stampDigits, lower(s.Stamp[1]))
	if hi < 0 || lo < 0 {
		return time.Time{}, false
	}
	today := dayNumber(latest)
	ago := ((today-(hi<<5|lo))%stampCycle + stampCycle) % stampCycle
	if ago > today {
		return time.Time{}, false
	}
	return time.Unix(0, 0).UTC().Add(time.Duration(today-ago) * day), true
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// maxRecipients bounds what VERPRecipients gives.
const maxRecipients = 10

// VERPRecipients gives the addresses that a variable envelope return path may
// have been made for: "list-return-12-ada=example.com@lists.example" for
// ada@example.com. Where the recipient begins is not marked, so that there may be
// several, at most ten, the longest first: compare them with the recipients that
// are known. It gives none for addresses of another form, tags and SRS among
// them.
func VERPRecipients(address string) []string {
	local, _, ok := split(address)
	if !ok || hasTag(local) {
		return nil
	}
	if _, srs := ParseSRS(address); srs {
		return nil
	}
	eq := strings.LastIndexByte(local, '=')
	if eq < 1 || !isDomain(local[eq+1:]) {
		return nil
	}
	var out []string
	rest := local[:eq]
	for len(out) < maxRecipients {
		i := strings.IndexAny(rest, "+-")
		if i < 0 {
			break
		}
		if rest = rest[i+1:]; rest != "" && !strings.ContainsAny(rest, "=") {
			out = append(out, join(rest, local[eq+1:]))
		}
	}
	return out
}

// isDomain tells a name of letters, digits, hyphens and at least one dot.
func isDomain(s string) bool {
	for label := range strings.SplitSeq(s, ".") {
		if label == "" {
			return false
		}
		for i := 0; i < len(label); i++ {
			if c := lower(label[i]); !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c >= 0x80) {
				return false
			}
		}
	}
	return strings.Contains(s, ".")
}
