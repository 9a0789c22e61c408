package maillog

import (
	"net/netip"
	"strings"
)

// eximArrivalFields are those of an arrival line.
type eximArrivalFields struct {
	host          string
	ip            netip.Addr
	protocol      string
	authenticated bool
	user          string // of A=authenticator:user
	local         string // U=
	parent        bool   // R= names the message that this is a notice about
	id            string // id=, without angle brackets
	recipients    []string
}

// eximFields reads the fields of an arrival line. Who it was stands before the
// size (S=), all of it written by Exim but the HELO; there a field that comes
// twice, or anything that is no field, makes the line ambiguous. What follows
// the size holds words of the sender and says nothing about who he was.
func eximFields(s string) (f eximArrivalFields, ok bool) {
	seen := map[string]bool{}
	last := ""
	for s = strings.TrimLeft(s, " "); s != ""; s = strings.TrimLeft(s, " ") {
		if strings.HasPrefix(s, "H=") {
			if seen["H"] {
				return f, false
			}
			seen["H"] = true
			if f.host, f.ip, s, ok = eximHost(s[len("H="):]); !ok {
				return f, false
			}
			continue
		}
		key, value, rest, ok := eximField(s)
		switch {
		case !ok && last == "A" && len(f.user) <= maxWord: // a login name with a blank in it
			word, rest, _ := strings.Cut(s, " ")
			f.user += " " + word
			s = rest
			continue
		case !ok || seen[key]:
			return f, false
		}
		seen[key], last, s = true, key, rest
		switch key {
		case "U":
			f.local = value
		case "P":
			f.protocol = value
		case "A":
			f.authenticated = true
			_, user, _ := strings.Cut(value, ":")
			f.user, _, _ = strings.Cut(user, ":")
		case "R":
			f.parent = true
		case "S":
			f.sendersWords(s)
			return f, true
		}
	}
	return f, true
}

// sendersWords reads what stands behind the size: the Message-ID, which may hold
// blanks, the subject in quotes, and the recipients.
func (f *eximArrivalFields) sendersWords(s string) {
	named := false
	for s = strings.TrimLeft(s, " "); s != ""; s = strings.TrimLeft(s, " ") {
		switch {
		case strings.HasPrefix(s, "id=") && !named:
			named = true
			end := len(s)
			for _, mark := range []string{` T="`, " from <", " for "} {
				if i := strings.Index(s, mark); i >= 0 {
					end = min(end, i)
				}
			}
			f.id, s = strings.Clone(s[len("id="):end]), s[end:]
		case strings.HasPrefix(s, `T="`):
			_, _, rest, ok := eximField(s)
			if !ok {
				return
			}
			s = rest
		case strings.HasPrefix(s, "from <"):
			_, rest, ok := bracketed(s[len("from <"):])
			if !ok {
				return
			}
			s = rest
		case strings.HasPrefix(s, "for "):
			f.recipients = eximRecipients(s[len("for "):])
			return
		default:
			_, s, _ = strings.Cut(s, " ")
		}
	}
}

// eximField reads KEY=VALUE, KEY="quoted value", or a flag of capital letters.
func eximField(s string) (key, value, rest string, ok bool) {
	end := strings.IndexAny(s, " =")
	if end < 0 || s[end] == ' ' {
		token, rest, _ := strings.Cut(s, " ")
		return token, "", rest, isFlag(token)
	}
	key, s = s[:end], s[end+1:]
	if !isKey(key) {
		return "", "", "", false
	}
	if !strings.HasPrefix(s, `"`) {
		value, rest, _ = strings.Cut(s, " ")
		return key, value, rest, true
	}
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return key, s[1:i], s[i+1:], true
		}
	}
	return "", "", "", false
}

func isField(token string) bool {
	if strings.HasPrefix(token, "[") {
		return false
	}
	key, _, ok := strings.Cut(token, "=")
	return ok && isKey(key) || isFlag(token)
}

// isKey tells a name of a field: H, CV, DKIM, id, M8S …
func isKey(s string) bool {
	return s == "id" || s != "" && len(s) <= 8 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789i") == ""
}

// isFlag tells a field without a value: K, L-, PRDR, TFO*.
func isFlag(s string) bool {
	return s != "" && len(s) <= 12 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789*-_") == ""
}

func eximRecipients(s string) []string {
	var out []string
	for s != "" && len(out) < maxRecipients {
		var to string
		if to, s = eximAddress(s); to != "" {
			out = append(out, to)
		}
	}
	return out
}
