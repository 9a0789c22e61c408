package dkim

import (
	"fmt"
	"strings"
)

// KeyName gives the name at which the record of a selector stands (RFC 6376
// section 3.6.2.1), in A-labels.
func KeyName(selector, domain string) (string, error) {
	if why := checkDomain(selector, 1); why != "" {
		return "", fmt.Errorf("dkim: selector %q %s", clip(selector), why)
	}
	if why := checkDomain(domain, 2); why != "" {
		return "", fmt.Errorf("dkim: domain %q %s", clip(domain), why)
	}
	name := keyName(selector, domain)
	if len(name) > 253 {
		return "", fmt.Errorf("dkim: selector and domain make a name over 253 octets")
	}
	return strings.ToLower(name), nil
}

// maxString is the length of a character-string (RFC 1035 section 3.3).
const maxString = 255

// Strings cuts the text of a record into the character-strings of its TXT record
// (RFC 6376 section 3.6.2.2).
func Strings(record string) []string {
	var out []string
	for len(record) > maxString {
		out = append(out, record[:maxString])
		record = record[maxString:]
	}
	return append(out, record)
}

// Quoted gives the text of a record as quoted strings in one line, as panels
// want it that don't cut by themselves: "v=DKIM1; …" "…".
func Quoted(record string) string {
	parts := Strings(record)
	for i, p := range parts {
		parts[i] = quote(p)
	}
	return strings.Join(parts, " ")
}

// ZoneLine gives the record in the form of a zone file (RFC 1035 section 5.1),
// with the full name.
func ZoneLine(name, record string) string {
	parts := Strings(record)
	if len(parts) == 1 {
		return fmt.Sprintf("%s. IN TXT %s\n", name, quote(record))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s. IN TXT (\n", name)
	for _, p := range parts {
		fmt.Fprintf(&b, "\t%s\n", quote(p))
	}
	b.WriteString("\t)\n")
	return b.String()
}

// quote writes a character-string of a zone file.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c >= 0x7f:
			fmt.Fprintf(&b, "\\%03d", c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// RevokedRecord is what a revoked key's name shows (RFC 6376 section 3.6.1).
const RevokedRecord = "v=DKIM1; p="
