package probe

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"net"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"
)

// plain reports that a name is made of letters, digits, hyphens, underscores and
// dots only: it goes into commands, where anything else could end the line.
func plain(name string) bool {
	if name == "" || len(name) > 253 {
		return false
	}
	for _, c := range []byte(name) {
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (c < '0' || c > '9') && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return true
}

// mailbox reports that an address is a dot-atom in ASCII at a plain domain.
func mailbox(address string) bool {
	local, domain, ok := cutAddress(address)
	if !ok || !plain(domain) || len(local) > 64 {
		return false
	}
	for _, c := range []byte(local) {
		// RFC 5322 section 3.2.3
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (c < '0' || c > '9') && !strings.ContainsRune("!#$%&'*+-/=?^_`{|}~.", rune(c)) {
			return false
		}
	}
	return !strings.HasPrefix(local, ".") && !strings.HasSuffix(local, ".") && !strings.Contains(local, "..")
}

func cutAddress(address string) (local, domain string, ok bool) {
	i := strings.LastIndexByte(address, '@')
	if i <= 0 || i == len(address)-1 {
		return "", "", false
	}
	return address[:i], address[i+1:], true
}

func printable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

// maxLine is how much of a line a dialogue keeps, in octets.
const maxLine = 400

// clean makes one line of a dialogue: cut, UTF-8, nothing invisible.
func clean(s string) string {
	cut := len(s) > maxLine
	if cut {
		s = s[:maxLine]
	}
	s = strings.Map(func(r rune) rune {
		if r == '\t' || r == utf8.RuneError || !unicode.IsPrint(r) {
			if unicode.IsSpace(r) {
				return ' '
			}
			return utf8.RuneError
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	if cut {
		s += "…"
	}
	return s
}

// netWords is what a fault of the network comes to: "connection refused".
func netWords(err error) string {
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	var sys *os.SyscallError
	if errors.As(err, &sys) {
		err = sys.Err
	}
	return clean(err.Error())
}

// random is a local part that nobody has.
func random() string {
	b := make([]byte, 8)
	rand.Read(b) // never fails
	return "unspoof-probe-" + hex.EncodeToString(b)
}
