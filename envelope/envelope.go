// Package envelope reads and writes what a sender puts into a message so that a
// later bounce proves where it came from.
//
//   - BATV tags in the address that bounces go to (draft-levine-smtp-batv-01):
//     a bounce without one was not caused by mail of ours.
//   - The origin seal, a header field that names account, client and session of
//     a submission, readable for its writer only, bound to the message's fields.
//   - The composed addresses of others, read only: SRS of forwarders and VERP of
//     mailing lists.
//
// Nothing here looks at a clock or keeps state; keys and times are arguments. A
// tag or a seal proves that the holder of a key made it, not that the message
// came straight from there: within its limits either can be sent again.
package envelope

import (
	"fmt"
	"io"
	"strings"
)

// maxAddress bounds the addresses read, in octets. RFC 5321 section 4.5.3.1.3
// allows 256; composed addresses of the field get longer.
const maxAddress = 1024

// maxLocal is the longest local part that is made (RFC 5321 section 4.5.3.1.1).
const maxLocal = 64

// Key is one key of a ring.
type Key struct {
	ID     int // 0 to 9 for BATV, 0 to 999 for the seal
	Secret Secret
}

// Secret is bytes that must not be printed or stored. It belongs to the caller
// and is only read.
type Secret []byte

const hidden = "(secret)"

func (Secret) String() string   { return hidden }
func (Secret) GoString() string { return hidden }

// MarshalText gives a placeholder, never the bytes.
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// Format hides the bytes from every verb of package fmt, %d and %x too.
func (Secret) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, hidden) // fmt looks at no error either
}

// split gives the parts of an address, without angle brackets and the quotes of
// a quoted local part (RFC 5321 section 4.1.2); ok is false where it has none.
func split(address string) (local, domain string, ok bool) {
	if len(address) > maxAddress {
		return "", "", false
	}
	address = strings.TrimSpace(address)
	if strings.HasPrefix(address, "<") && strings.HasSuffix(address, ">") {
		address = address[1 : len(address)-1]
	}
	at := strings.LastIndexByte(address, '@')
	if at < 1 {
		return "", "", false
	}
	local, domain = address[:at], strings.TrimSuffix(address[at+1:], ".")
	for i := 0; i < len(address); i++ {
		if address[i] < ' ' || address[i] == 0x7f {
			return "", "", false
		}
	}
	if domain == "" || domain[len(domain)-1] == '.' || strings.ContainsAny(domain, " \"()<>,;") {
		return "", "", false
	}
	if local[0] == '"' {
		if local, ok = unquote(local); !ok {
			return "", "", false
		}
	}
	return local, domain, local != ""
}

// join is the way back: it quotes where that is needed.
func join(local, domain string) string {
	for atom := range strings.SplitSeq(local, ".") {
		if atom == "" || strings.ContainsAny(atom, " ()<>[]:;@\\,\"") {
			return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(local) + `"@` + domain
		}
	}
	return local + "@" + domain
}

// unquote reads a quoted string as a whole.
func unquote(s string) (string, bool) {
	if len(s) < 2 || s[len(s)-1] != '"' {
		return "", false
	}
	var out strings.Builder
	for i := 1; i < len(s)-1; i++ {
		switch s[i] {
		case '"':
			return "", false
		case '\\':
			if i++; i == len(s)-1 {
				return "", false
			}
		}
		out.WriteByte(s[i])
	}
	return out.String(), true
}
