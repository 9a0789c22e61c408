package dkim

import (
	"bytes"
	"crypto/rsa"
	"math/big"
	"strings"
)

// whyHeader tells why a signature value does not fit the header, as precisely as
// the key lets one: an RSA signature gives the hash that was signed, and a change
// to one field is found by undoing it.
func (c *check) whyHeader(r *SignatureResult, run *verification) string {
	if c.key.key.rsa != nil {
		t := newTrials(&run.header, r.Field, &c.sig, &c.key.key)
		if t.foreign {
			return "the signature value does not fit the key: another key made it, or b= was damaged"
		}
		if breaks, ok := t.single(nil); ok {
			return "header changed: " + breaks[0].Cause
		}
	}
	if name := run.added(&c.sig, r.Field); name != "" {
		return "header changed: a " + name + " field was added after signing"
	}
	return "header changed: a signed field was changed, added or removed"
}

// added finds a single field that is over-signed and yet there so often as h=
// names it: the last instance was to stay empty.
func (run *verification) added(s *Signature, own int) string {
	for _, name := range single {
		named, present := 0, 0
		for _, n := range s.Signed {
			if strings.EqualFold(n, name) {
				named++
			}
		}
		if named == 0 {
			continue
		}
		for _, i := range run.header.All(name) {
			if i != own {
				present++
			}
		}
		if named > 1 && present >= named {
			return name
		}
	}
	return ""
}

// sha256Info is the DER of DigestInfo for SHA-256 up to the digest (RFC 8017
// section 9.2).
var sha256Info = []byte{0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20}

// signedDigest opens an RSA signature and gives the SHA-256 that was signed; ok
// is false unless the padding is exactly that of RFC 8017 section 9.2, so that
// only the key's owner can have made it.
func signedDigest(pub *rsa.PublicKey, value []byte) (digest [32]byte, ok bool) {
	size := pub.Size()
	if len(value) != size || pub.E < 3 || pub.E > 1<<31-1 || size < len(sha256Info)+32+11 {
		return digest, false
	}
	s := new(big.Int).SetBytes(value)
	if s.Cmp(pub.N) >= 0 {
		return digest, false
	}
	em := s.Exp(s, big.NewInt(int64(pub.E)), pub.N).FillBytes(make([]byte, size))
	info := len(em) - 32 - len(sha256Info)
	if em[0] != 0 || em[1] != 1 || em[info-1] != 0 || !bytes.Equal(em[info:len(em)-32], sha256Info) {
		return digest, false
	}
	for _, c := range em[2 : info-1] {
		if c != 0xff {
			return digest, false
		}
	}
	return [32]byte(em[len(em)-32:]), true
}
