package forensics_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"time"
)

// testKey signs as a mail server with a DKIM key of its own would; unlike
// dkim.Sign also badly.
type testKey struct {
	selector string
	private  ed25519.PrivateKey
}

func newTestKey(selector string) testKey {
	seed := sha256.Sum256([]byte(selector))
	return testKey{selector, ed25519.NewKeyFromSeed(seed[:])}
}

func (k testKey) record() string {
	return "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(k.private.Public().(ed25519.PublicKey))
}

// signing is how a message is signed; zero values are the usual.
type signing struct {
	key     testKey
	domain  string    // firm.example
	at      time.Time // t=; zero: none
	expires time.Time
	length  int    // l=; 0: none
	fields  string // h=
}

const usualFields = "From:To:Subject:Date:Message-ID"

// sign puts a relaxed/relaxed signature in front of a message with line feeds.
func (s signing) sign(msg string) string {
	header, body, _ := strings.Cut(msg, "\n\n")
	canonical := relaxedBody(body)
	tags := "v=1; a=ed25519-sha256; c=relaxed/relaxed; d=" + orElse(s.domain, "firm.example") + "; s=" + s.key.selector + ";"
	if !s.at.IsZero() {
		tags += fmt.Sprintf(" t=%d;", s.at.Unix())
	}
	if !s.expires.IsZero() {
		tags += fmt.Sprintf(" x=%d;", s.expires.Unix())
	}
	if s.length > 0 {
		canonical = canonical[:s.length]
		tags += fmt.Sprintf(" l=%d;", s.length)
	}
	sum := sha256.Sum256([]byte(canonical))
	fields := orElse(s.fields, usualFields)
	tags += " h=" + fields + "; bh=" + base64.StdEncoding.EncodeToString(sum[:]) + "; b="
	var input strings.Builder
	for name := range strings.SplitSeq(fields, ":") {
		for line := range strings.Lines(header + "\n") {
			if n, v, ok := strings.Cut(line, ":"); ok && strings.EqualFold(n, name) {
				input.WriteString(strings.ToLower(n) + ":" + strings.Join(strings.Fields(v), " ") + "\r\n")
			}
		}
	}
	input.WriteString("dkim-signature:" + tags)
	digest := sha256.Sum256([]byte(input.String()))
	return "DKIM-Signature: " + tags + base64.StdEncoding.EncodeToString(ed25519.Sign(s.key.private, digest[:])) + "\n" + msg
}

// relaxedBody is RFC 6376 section 3.4.4.
func relaxedBody(body string) string {
	var out strings.Builder
	for line := range strings.Lines(strings.TrimRight(body, "\n") + "\n") {
		line = strings.TrimRight(line, " \t\n")
		var fields []string
		if strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t") {
			fields = append(fields, "")
		}
		out.WriteString(strings.Join(append(fields, strings.Fields(line)...), " ") + "\r\n")
	}
	return out.String()
}

// The keys of firm.example: the one it signs with, its letter service's, one that
// was retired, and one that only DNS has.
var (
	ownKey     = newTestKey("k2025")
	serviceKey = newTestKey("news1")
	oldKey     = newTestKey("k2024")
	dnsKey     = newTestKey("fresh")
	strangeKey = newTestKey("strange")
)

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
