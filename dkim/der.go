package dkim

import (
	"bytes"
	"crypto/rsa"
	"math/big"
)

// rsaAlgorithm is AlgorithmIdentifier of rsaEncryption with NULL parameters (RFC
// 8017 appendix C), in DER.
var rsaAlgorithm = []byte{0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00}

// Tags of DER (X.690).
const (
	derInteger   = 0x02
	derBitString = 0x03
	derSequence  = 0x30
)

// parseRSA reads SubjectPublicKeyInfo, which everybody publishes, or
// RSAPublicKey, which RFC 6376 section 3.6.1 names. It is exact: one form, no
// octets left over.
func parseRSA(der []byte) (*rsa.PublicKey, bool) {
	body, rest, ok := derValue(der, derSequence)
	if !ok || len(rest) > 0 {
		return nil, false
	}
	if bytes.HasPrefix(body, rsaAlgorithm) {
		bits, rest, ok := derValue(body[len(rsaAlgorithm):], derBitString)
		if !ok || len(rest) > 0 || len(bits) == 0 || bits[0] != 0 {
			return nil, false
		}
		if body, rest, ok = derValue(bits[1:], derSequence); !ok || len(rest) > 0 {
			return nil, false
		}
	}
	n, body, ok := derPositive(body)
	if !ok {
		return nil, false
	}
	e, body, ok := derPositive(body)
	if !ok || len(body) > 0 || len(e) > 4 {
		return nil, false
	}
	exponent := 0
	for _, c := range e {
		exponent = exponent<<8 | int(c)
	}
	if exponent < 2 || exponent > 1<<31-1 { // what crypto/rsa takes
		return nil, false
	}
	return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: exponent}, true
}

// derPositive reads an INTEGER over zero and gives its octets without a leading
// zero.
func derPositive(der []byte) (value, rest []byte, ok bool) {
	value, rest, ok = derValue(der, derInteger)
	if !ok || len(value) == 0 || value[0] >= 0x80 {
		return nil, nil, false
	}
	if value[0] == 0 {
		value = value[1:]
		if len(value) == 0 || value[0] < 0x80 { // zero, or not the shortest form
			return nil, nil, false
		}
	}
	return value, rest, true
}

// derValue reads one element of that tag with a definite length of the shortest
// form.
func derValue(der []byte, tag byte) (value, rest []byte, ok bool) {
	if len(der) < 2 || der[0] != tag {
		return nil, nil, false
	}
	n, der := int(der[1]), der[2:]
	if n >= 0x80 {
		size := n - 0x80
		if size < 1 || size > 2 || len(der) < size { // keys are under 64 KB
			return nil, nil, false
		}
		n = 0
		for _, c := range der[:size] {
			n = n<<8 | int(c)
		}
		if n < 0x80 || size == 2 && n < 0x100 {
			return nil, nil, false
		}
		der = der[size:]
	}
	if len(der) < n {
		return nil, nil, false
	}
	return der[:n], der[n:], true
}
