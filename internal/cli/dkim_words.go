package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"unspoof/dkim"
)

// signatureTagWords says a tag of a DKIM-Signature field in a sentence (RFC 6376
// section 3.5).
func signatureTagWords(t dkim.Tag, s dkim.Signature) string {
	switch t.Name {
	case "v":
		return "The version of the standard; it is always 1."
	case "a":
		return algorithmWords(s.Algorithm)
	case "b":
		return "The signature itself, over the header fields of h= and this field."
	case "bh":
		return "The fingerprint (hash) of the body: whoever changes the body breaks it."
	case "c":
		return fmt.Sprintf("How exact the comparison is: the header %s, the body %s.", canonWords[s.HeaderCanon], canonWords[s.BodyCanon])
	case "d":
		return "Who answers for the message: the owner of " + t.Value + "."
	case "h":
		return "The header fields that the signature covers." + overSigned(s.Signed)
	case "i":
		return "On whose behalf within that domain it was signed: " + s.Identity + ". No receiver checks that this person exists."
	case "l":
		return "Only that many octets of the body are signed: whatever follows them, anybody may have written. Never to be used."
	case "q":
		return "How the key is fetched; dns/txt is the only way there is."
	case "s":
		return "The name of the key: it is published at " + t.Value + "._domainkey." + s.Domain + "."
	case "t":
		return "When it was signed: " + momentWords(s.Time)
	case "x":
		return "Until when it holds: " + momentWords(s.Expires)
	case "z":
		return "A copy of header fields as they were when it was signed, to find out what changed. It proves nothing."
	}
	return "Not defined by the standard; receivers ignore it."
}

func momentWords(t time.Time) string {
	if t.IsZero() {
		return "no moment that can be read."
	}
	return stamp(t) + "."
}

var canonWords = map[dkim.Canonicalization]string{
	dkim.Simple: "to the octet", dkim.Relaxed: "but for blanks and line breaks", "": "in a way that is not known",
}

func algorithmWords(a dkim.Algorithm) string {
	switch a {
	case dkim.RSASHA256:
		return "Signed with RSA and SHA-256, which every receiver can check."
	case dkim.Ed25519SHA256:
		return "Signed with Ed25519 and SHA-256 (RFC 8463), which some receivers cannot check."
	case dkim.RSASHA1:
		return "Signed with SHA-1, which can be forged and counts no more (RFC 8301)."
	}
	return "No method of signing that is known."
}

// overSigned tells of fields that are named once more than they are there.
func overSigned(names []string) string {
	var twice []string
	seen := map[string]bool{}
	for _, n := range names {
		low := strings.ToLower(n)
		if seen[low] && !slices.Contains(twice, n) {
			twice = append(twice, n)
		}
		seen[low] = true
	}
	if len(twice) == 0 {
		return ""
	}
	return " Named more than once, so that none can be added: " + strings.Join(twice, ", ") + "."
}

// keyTagWords says a tag of a key record in a sentence (RFC 6376 section 3.6.1).
func keyTagWords(t dkim.Tag, k dkim.Key) string {
	switch t.Name {
	case "v":
		if t.Value != "DKIM1" {
			return "Not a version that is known: it has to be DKIM1, and receivers ignore the record."
		}
		return "This is a DKIM key."
	case "g":
		return "Of an older standard; receivers ignore it."
	case "h":
		return "Signatures must use one of these hashes: " + strings.Join(k.Hashes, ", ") + "."
	case "k":
		if t.Value != "rsa" && t.Value != "ed25519" {
			return "The type of the key: " + t.Value + ", which is not known; it is rsa or ed25519."
		}
		return "The type of the key: " + t.Value + "."
	case "n":
		return "A note for people."
	case "p":
		switch {
		case k.Revoked:
			return "Empty: the key is revoked, and every signature made with it fails."
		case k.Bits == 0:
			return "No public key that can be read."
		case k.Type == "rsa" && k.Bits < 1024:
			return fmt.Sprintf("The public key, %d bits: so short that it can be broken. Receivers refuse it (RFC 8301); make one of 2048.", k.Bits)
		case k.Type == "rsa" && k.Bits < 2048:
			return fmt.Sprintf("The public key, %d bits. Receivers still take it; 2048 are advised (RFC 8301).", k.Bits)
		}
		return fmt.Sprintf("The public key, %d bits. It may be known to everybody.", k.Bits)
	case "s":
		return "What it may be used for: " + strings.Join(k.Services, ", ") + "; mail is * or email."
	case "t":
		var words []string
		if k.Testing {
			words = append(words, "y: still a test, to be taken off when it works")
		}
		if k.Strict {
			words = append(words, "s: not for subdomains")
		}
		if words == nil {
			return "Flags that mean nothing to receivers."
		}
		return strings.Join(words, "; ") + "."
	}
	return "Not defined by the standard; receivers ignore it."
}
