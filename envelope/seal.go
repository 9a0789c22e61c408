package envelope

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"unspoof/message"
)

// SealName is the name of the field that holds the origin seal.
const SealName = "X-Origin-Seal"

// Bounds of a seal. One for an account of 30 octets and a session of 16 has
// about 180 octets.
const (
	minSecret  = 16   // octets of a key
	maxKeyID   = 999  // number of a key
	maxAccount = 128  // octets of an account's name
	maxSession = 64   // octets of a session's name
	maxSeal    = 1024 // octets of a field's value that are read
	maxSeals   = 4    // fields that are read: forwarders may seal too
	maxTime    = 1 << 40
)

// Errors of Open; those of Seal wrap ErrSeal or ErrFields.
var (
	ErrSeal       = errors.New("no seal can be made")
	ErrFields     = errors.New("the fields are not such as can be bound")
	ErrNoSeal     = errors.New("there is no seal")
	ErrMalformed  = errors.New("not in the form of a seal")
	ErrUnknownKey = errors.New("made with a key that is not in the ring")
	ErrForged     = errors.New("not our seal, or not for this message")
	ErrSeveral    = errors.New("several seals of ours that differ")
)

// Origin is what a seal hides from everybody but the holders of its key.
type Origin struct {
	Account string     // who logged in; at most 128 octets
	Client  netip.Addr // from where, without a zone; may be invalid: not known
	Session string     // name of the session in the log; at most 64 octets
}

// SealArgs are the arguments of Seal.
type SealArgs struct {
	Key    Key // at least 16 octets
	Origin Origin
	Time   time.Time // of the submission; kept to the second
	Header message.Header
	// BodyHash is the bh= of the DKIM signature that the message gets (RFC 6376
	// section 3.5), "" where it gets none: then the seal says nothing about the
	// body.
	BodyHash string
}

// Seal gives the value of an origin seal, folded once; its name is SealName. It
// binds Origin and Time to the message's From, Date and Message-ID, which have to
// be there once, and to its To and Subject, which may be missing but not be
// there twice. Fields are taken as relaxed canonicalisation leaves them (RFC 6376
// section 3.4.2), so that folding does no harm.
//
// A server that seals has to remove the seals that come in: an account that sends
// another's message again would else send it under the other's name.
//
// # Construction
//
// AES-256 in GCM, with a nonce that is not drawn but derived: the first 96 bits
// of HMAC-SHA-256 over all that is bound and all that is hidden. The two keys, for
// cipher and nonce, come from the secret by HKDF (RFC 5869). Opening derives the
// nonce again and compares it, in constant time. The same input always gives the
// same seal. What is hidden is padded to 32 octets, so that its length tells
// little.
//
// It follows the idea of RFC 8452, a synthetic nonce, with parts of the standard
// library, but is neither that algorithm nor another standard one. Its limit: two
// different inputs get the same nonce with probability 2^-33 after 2^32 seals of
// one key. Then the XOR of these two texts leaks, and GCM's own tag could be
// forged; the derived nonce would still have to be guessed.
func Seal(a SealArgs) (string, error) {
	bad := func(why string) (string, error) { return "", fmt.Errorf("envelope: %w: %s", ErrSeal, why) }
	switch {
	case len(a.Key.Secret) < minSecret:
		return bad("the key is shorter than 16 octets")
	case a.Key.ID < 0 || a.Key.ID > maxKeyID:
		return bad("the number of the key is not 0 to 999")
	case len(a.Origin.Account) > maxAccount:
		return bad("the name of the account is longer than 128 octets")
	case len(a.Origin.Session) > maxSession:
		return bad("the name of the session is longer than 64 octets")
	case a.Time.Unix() < 0 || a.Time.Unix() >= maxTime:
		return bad("the time is out of range")
	case strings.Trim(a.BodyHash, base64Digits) != "":
		return bad("the hash of the body is no base64")
	}
	b, err := bind(a.Header)
	if err != nil {
		return "", err
	}
	head := sealHead{strconv.Itoa(a.Key.ID), strconv.FormatInt(a.Time.Unix(), 10)}
	ad := b.text(head, a.BodyHash)
	c, err := newSealCipher(a.Key)
	if err != nil {
		return "", err
	}
	plain := a.Origin.encode()
	nonce := c.nonce(ad, plain)
	s := c.aead.Seal(nonce, nonce, plain, ad)
	return "v=1; k=" + head.key + "; t=" + head.time + ";\r\n\ts=" + base64.RawURLEncoding.EncodeToString(s), nil
}

// OpenArgs are the arguments of Open.
type OpenArgs struct {
	Keys   []Key
	Header message.Header // of the original, as a bounce returned it
	// BodyHash is the hash of the body where that was returned as well, in the form
	// of bh=. Those that DKIM-Signature fields of Header state are tried too.
	BodyHash string
}

// Opened is what a seal of ours says.
type Opened struct {
	Origin
	Time time.Time // of the submission, UTC
	Key  int       // number of the key
	// Covered are the fields that the seal binds and that were there, in lower
	// case, and "bh" for the hash of the body: these are as they left us. That
	// the hash is the body's is DKIM's to say.
	Covered []string
}

// Open reads the seal of a message that came back. Success proves that a holder
// of the key sealed these fields; see Opened.Covered. The error wraps one of
// ErrNoSeal, ErrMalformed, ErrFields, ErrUnknownKey, ErrForged and ErrSeveral;
// only ErrForged and ErrSeveral speak against the message, and weakly: gateways
// rewrite fields.
func Open(a OpenArgs) (Opened, error) {
	seals := a.Header.All(SealName)
	if len(seals) == 0 {
		return Opened{}, fmt.Errorf("envelope: %w", ErrNoSeal)
	}
	if len(seals) > maxSeals {
		return Opened{}, fmt.Errorf("envelope: %d seals: %w", len(seals), ErrMalformed)
	}
	b, err := bind(a.Header)
	if err != nil {
		return Opened{}, err
	}
	hashes := bodyHashes(a)
	var opened []Opened
	var failed error
	for _, f := range seals {
		o, err := open(a.Keys, b, hashes, f)
		if err == nil {
			opened = append(opened, o)
		} else if failed == nil || errors.Is(err, ErrForged) {
			failed = err
		}
	}
	switch {
	case len(opened) == 0:
		return Opened{}, fmt.Errorf("envelope: %w", failed)
	case slices.ContainsFunc(opened, func(o Opened) bool { return o.Origin != opened[0].Origin || !o.Time.Equal(opened[0].Time) }):
		return Opened{}, fmt.Errorf("envelope: %w", ErrSeveral)
	}
	return opened[0], nil
}

// open tries one seal.
func open(keys []Key, b binding, hashes []string, f message.Field) (Opened, error) {
	head, s, ok := parseSeal(f)
	if !ok {
		return Opened{}, ErrMalformed
	}
	err := ErrUnknownKey
	for _, k := range keys {
		if strconv.Itoa(k.ID) != head.key || len(k.Secret) < minSecret {
			continue
		}
		c, cerr := newSealCipher(k)
		if cerr != nil {
			return Opened{}, cerr
		}
		err = ErrForged
		for _, bh := range hashes {
			ad := b.text(head, bh)
			plain, aerr := c.aead.Open(nil, s[:nonceLen], s[nonceLen:], ad)
			if aerr != nil || !hmac.Equal(s[:nonceLen], c.nonce(ad, plain)) {
				continue
			}
			o := Opened{Key: k.ID, Covered: b.covered(bh)}
			seconds, terr := strconv.ParseInt(head.time, 10, 64)
			if o.Origin, ok = decodeOrigin(plain); !ok || terr != nil {
				return Opened{}, ErrMalformed
			}
			o.Time = time.Unix(seconds, 0).UTC()
			return o, nil
		}
	}
	return Opened{}, err
}

// sealCipher is a key ready for use.
type sealCipher struct {
	aead   cipher.AEAD
	nonces []byte
}

const nonceLen = 12

func newSealCipher(k Key) (sealCipher, error) {
	keys, err := hkdf.Key(sha256.New, k.Secret, nil, "unspoof origin seal 1", 64)
	if err != nil {
		return sealCipher{}, fmt.Errorf("envelope: key %d: %w", k.ID, err)
	}
	block, err := aes.NewCipher(keys[:32])
	if err != nil {
		return sealCipher{}, fmt.Errorf("envelope: key %d: %w", k.ID, err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return sealCipher{}, fmt.Errorf("envelope: key %d: %w", k.ID, err)
	}
	return sealCipher{aead, keys[32:]}, nil
}

// nonce derives the nonce. The length of ad comes first, so that no two inputs
// read the same.
func (c sealCipher) nonce(ad, plain []byte) []byte {
	mac := hmac.New(sha256.New, c.nonces)
	fmt.Fprintf(mac, "%d:", len(ad))
	mac.Write(ad)
	mac.Write(plain)
	return mac.Sum(nil)[:nonceLen:nonceLen]
}
