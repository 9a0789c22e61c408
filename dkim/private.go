package dkim

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
)

// newRSABits is the length of the RSA keys made here: what RFC 8301 section 3.2
// advises, and what still fits every host panel.
const newRSABits = 2048

// PrivateKey signs. Printing it shows its kind, never the key.
type PrivateKey struct {
	signer crypto.Signer // *rsa.PrivateKey or ed25519.PrivateKey; nil in the zero value
}

// Generate makes a key for RSASHA256 (2048 bits) or Ed25519SHA256.
func Generate(a Algorithm) (PrivateKey, error) {
	switch a {
	case RSASHA256:
		k, err := rsa.GenerateKey(rand.Reader, newRSABits)
		if err != nil {
			return PrivateKey{}, fmt.Errorf("dkim: making an RSA key: %w", err)
		}
		return PrivateKey{k}, nil
	case Ed25519SHA256:
		_, k, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return PrivateKey{}, fmt.Errorf("dkim: making an Ed25519 key: %w", err)
		}
		return PrivateKey{k}, nil
	}
	return PrivateKey{}, fmt.Errorf("dkim: no keys for algorithm %q: want %s or %s", clip(string(a)), RSASHA256, Ed25519SHA256)
}

// ParsePrivateKey reads the first private key of a PEM file: PKCS #8 ("PRIVATE
// KEY", RFC 5958) of RSA or Ed25519, or PKCS #1 ("RSA PRIVATE KEY", RFC 8017). RSA
// keys under 1024 bits are refused (RFC 8301).
func ParsePrivateKey(text []byte) (PrivateKey, error) {
	for {
		block, rest := pem.Decode(text)
		if block == nil {
			return PrivateKey{}, errors.New(`dkim: no private key in PEM form: want a block "PRIVATE KEY" or "RSA PRIVATE KEY"`)
		}
		text = rest
		switch block.Type {
		case "PRIVATE KEY":
			k, err := x509.ParsePKCS8PrivateKey(block.Bytes)
			if err != nil {
				return PrivateKey{}, fmt.Errorf("dkim: reading the PKCS #8 key: %w", err)
			}
			return newPrivateKey(k)
		case "RSA PRIVATE KEY":
			if block.Headers["DEK-Info"] != "" {
				return PrivateKey{}, errors.New("dkim: the private key is encrypted; decrypt it first (openssl pkey)")
			}
			k, err := x509.ParsePKCS1PrivateKey(block.Bytes)
			if err != nil {
				return PrivateKey{}, fmt.Errorf("dkim: reading the PKCS #1 key: %w", err)
			}
			return newPrivateKey(k)
		case "ENCRYPTED PRIVATE KEY":
			return PrivateKey{}, errors.New("dkim: the private key is encrypted; decrypt it first (openssl pkey)")
		}
	}
}

func newPrivateKey(k any) (PrivateKey, error) {
	switch k := k.(type) {
	case *rsa.PrivateKey:
		if n := k.N.BitLen(); n < minRSABits || n > maxRSABits {
			return PrivateKey{}, fmt.Errorf("dkim: the RSA key has %d bits; make one of %d", n, newRSABits)
		}
		return PrivateKey{k}, nil
	case ed25519.PrivateKey:
		return PrivateKey{k}, nil
	}
	return PrivateKey{}, fmt.Errorf("dkim: a key of type %T can't sign mail: want RSA or Ed25519", k)
}

// PEM gives the key in PKCS #8. Whoever has it can sign as the domain: write it
// to a file that nobody else can read, and never over an older key.
func (k PrivateKey) PEM() ([]byte, error) {
	if k.signer == nil {
		return nil, errNoKey
	}
	der, err := x509.MarshalPKCS8PrivateKey(k.signer)
	if err != nil {
		return nil, fmt.Errorf("dkim: writing the key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

var errNoKey = errors.New("dkim: the private key is empty")

// Algorithm tells what the key signs with, "" for the zero value.
func (k PrivateKey) Algorithm() Algorithm {
	switch k.signer.(type) {
	case *rsa.PrivateKey:
		return RSASHA256
	case ed25519.PrivateKey:
		return Ed25519SHA256
	}
	return ""
}

// Bits is the length of the key: of the modulus, or 256 for Ed25519.
func (k PrivateKey) Bits() int {
	switch k := k.signer.(type) {
	case *rsa.PrivateKey:
		return k.N.BitLen()
	case ed25519.PrivateKey:
		return 256
	}
	return 0
}

// Record gives the text of the key record to publish (RFC 6376 section 3.6.1,
// RFC 8463 section 4.2).
func (k PrivateKey) Record() (string, error) {
	switch key := k.signer.(type) {
	case *rsa.PrivateKey:
		der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
		if err != nil {
			return "", fmt.Errorf("dkim: writing the public key: %w", err)
		}
		return "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der), nil
	case ed25519.PrivateKey:
		return "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(key.Public().(ed25519.PublicKey)), nil
	}
	return "", errNoKey
}

// Equal tells whether both are the same key.
func (k PrivateKey) Equal(other PrivateKey) bool {
	if key, ok := k.signer.(interface{ Equal(crypto.PrivateKey) bool }); ok {
		return key.Equal(other.signer)
	}
	return other.signer == nil
}

// String names the kind of key.
func (k PrivateKey) String() string {
	if k.signer == nil {
		return "no private key"
	}
	return fmt.Sprintf("private key for %s, %d bits", k.Algorithm(), k.Bits())
}

// GoString keeps the key out of %#v.
func (k PrivateKey) GoString() string { return "dkim.PrivateKey{" + k.String() + "}" }

// MarshalText refuses: keys leave through PEM alone.
func (k PrivateKey) MarshalText() ([]byte, error) {
	return nil, errors.New("dkim: a private key is not written with other data; use PEM")
}

// sign signs a SHA-256.
func (k PrivateKey) sign(digest [sha256.Size]byte) ([]byte, error) {
	switch key := k.signer.(type) {
	case *rsa.PrivateKey:
		return rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:])
	case ed25519.PrivateKey: // RFC 8463 section 3: the hash is the message
		return ed25519.Sign(key, digest[:]), nil
	}
	return nil, errNoKey
}
