package dkim

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"strings"
)

// Bounds on RSA keys.
const (
	minRSABits = 1024 // RFC 8301 section 3.2: shorter ones must not verify
	maxRSABits = 8192 // RFC 8301 wants 4096 at least; the work grows with the square
)

// maxKeyRecord bounds the text of a key record; one of RSA 8192 has 1500 octets.
const maxKeyRecord = 16 << 10

// Key is a public key as published in DNS (RFC 6376 section 3.6.1).
type Key struct {
	// Record is the text, the character-strings of its TXT record joined.
	Record string
	Type   string // k=: "rsa" or "ed25519"; other words are kept, and a fault
	Bits   int    // of the modulus; 256 for Ed25519; 0 where there is no key
	// Hashes (h=) and Services (s=) are nil where every one is allowed.
	Hashes, Services []string
	Testing          bool // t=y: the domain is trying DKIM out
	Strict           bool // t=s: i= must have the domain of d= itself
	Revoked          bool // p= is empty
	Tags             Tags

	rsa     *rsa.PublicKey
	ed25519 ed25519.PublicKey
}

// ParseKey reads the text of a key record. The error is a *Fault with the word
// PermError; the Key then holds what could be read, and verifies nothing.
func ParseKey(record string) (Key, error) {
	k, f := parseKey(record)
	if f != nil {
		return k, f
	}
	return k, nil
}

func parseKey(record string) (Key, *Fault) {
	k := Key{Record: record, Type: "rsa"}
	if len(record) > maxKeyRecord {
		k.Record = record[:maxKeyRecord]
		return k, faultf(PermError, "key record over %d octets", maxKeyRecord)
	}
	var fault *Fault
	k.Tags, fault = parseTags(make(Tags, 0, 6), record, 0)
	if fault != nil {
		fault.Reason = "key record: " + fault.Reason
		return k, fault
	}
	if v, ok := k.Tags.Get("v"); ok { // section 3.6.1: first, and DKIM1
		switch {
		case v != "DKIM1":
			return k, faultf(PermError, "key record: version v=%q is not DKIM1", clip(v))
		case k.Tags[0].Name != "v":
			return k, faultf(PermError, "key record: v= is not its first tag")
		}
	}
	if t, ok := k.Tags.Get("k"); ok {
		k.Type = t
	}
	k.Hashes, k.Services = k.list("h"), k.list("s")
	for _, flag := range k.list("t") {
		k.Testing = k.Testing || flag == "y"
		k.Strict = k.Strict || flag == "s"
	}
	return k, k.readKey()
}

// list reads a tag of words between colons, nil where it is missing.
func (k *Key) list(name string) []string {
	v, ok := k.Tags.Get(name)
	if !ok {
		return nil
	}
	words := strings.Split(v, ":")
	for i := range words {
		words[i] = trimFWS(words[i])
	}
	return words
}

// readKey reads p=.
func (k *Key) readKey() *Fault {
	p, ok := k.Tags.Get("p")
	switch {
	case !ok:
		return faultf(PermError, "key record: p= missing")
	case p == "": // section 3.6.1
		k.Revoked = true
		return faultf(PermError, "key revoked: p= is empty")
	}
	der, ok := decodeBase64(p)
	if !ok {
		return faultf(PermError, "key record: p= is not base64%s", cutHint(k.Record))
	}
	switch k.Type {
	case "rsa":
		pub, ok := parseRSA(der)
		if !ok {
			return faultf(PermError, "key record: p= is no RSA key%s", cutHint(k.Record))
		}
		k.rsa, k.Bits = pub, pub.N.BitLen()
	case "ed25519":
		if len(der) != ed25519.PublicKeySize { // RFC 8463 section 4.2
			return faultf(PermError, "key record: p= has %d octets, an Ed25519 key has %d", len(der), ed25519.PublicKeySize)
		}
		k.ed25519, k.Bits = ed25519.PublicKey(der), 256
	default:
		return faultf(PermError, "key record: unknown key type k=%q", clip(k.Type))
	}
	return nil
}

// cutHint names the commonest cause of a key that does not parse.
func cutHint(record string) string {
	if len(record) == 255 {
		return "; the record ends at 255 octets, its other character-strings are missing"
	}
	return ""
}

// Fit tells whether the key may be used for that signature: type, hash, service,
// length and the domain of i= (RFC 6376 section 6.1.2). The error is a *Fault,
// PermError or, for the length, Policy.
func (k Key) Fit(s Signature) error {
	if f := k.fit(&s); f != nil {
		return f
	}
	return nil
}

func (k *Key) fit(s *Signature) *Fault {
	if want := s.Algorithm.keyType(); k.Type != want {
		return faultf(PermError, "k=%s of the key record does not fit a=%s", clip(k.Type), s.Algorithm)
	}
	if k.Hashes != nil && !contains(k.Hashes, "sha256") {
		return faultf(PermError, "the key record does not allow sha256 (h=)")
	}
	if k.Services != nil && !contains(k.Services, "email") && !contains(k.Services, "*") {
		return faultf(PermError, "the key is not for mail (s= of the key record)")
	}
	if k.Strict && s.Kind == DKIM {
		if _, equal := within(s.identityDomain(), s.Domain); !equal {
			return faultf(PermError, "t=s of the key record forbids the subdomain in i=")
		}
	}
	if k.rsa != nil && k.Bits < minRSABits {
		return faultf(Policy, "key of %d bits, under %d (RFC 8301)", k.Bits, minRSABits)
	}
	if k.rsa != nil && k.Bits > maxRSABits {
		return faultf(Policy, "key of %d bits, over %d", k.Bits, maxRSABits)
	}
	return nil
}

// Verify checks the signature value over digest, the SHA-256 of what was signed,
// and tells whether it fits. The key's type decides how (RFC 8463 section 3 for
// Ed25519); whether it may be used at all is for Fit to say.
func (k Key) Verify(digest [32]byte, value []byte) bool {
	switch {
	case k.rsa != nil && k.Bits >= minRSABits && k.Bits <= maxRSABits:
		return rsa.VerifyPKCS1v15(k.rsa, crypto.SHA256, digest[:], value) == nil
	case k.ed25519 != nil:
		return ed25519.Verify(k.ed25519, digest[:], value)
	}
	return false
}

func contains(words []string, word string) bool {
	for _, w := range words {
		if w == word {
			return true
		}
	}
	return false
}
