package lint

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"regexp"
	"strings"

	"unspoof/finding"
)

// What keys should have (RFC 8301 section 3.2).
const (
	leastBits = 1024
	goodBits  = 2048
	mostBits  = 4096 // that receivers have to take
)

// usualExponent is that of nearly every RSA key there is.
const usualExponent = 65537

// isPrivate reports whether a private key stands in the text, with its armour or
// without, whole or cut off, however it is quoted.
func isPrivate(text string) bool {
	if strings.Contains(text, "PRIVATE KEY") {
		return true
	}
	text = escapedBreak.ReplaceAllString(text, "")
	text = strings.NewReplacer(`\`, "", `"`, "", "'", "", "`", "").Replace(text)
	for _, m := range derText.FindAllStringSubmatch(text, -1) {
		value := dropWhite(m[1])
		if der, err := base64.RawStdEncoding.DecodeString(value[:len(value)/4*4]); err == nil && privateForm(der) {
			return true
		}
	}
	return false
}

// derText matches base64 that starts as a sequence of DER does, and is long enough
// for a key.
var derText = regexp.MustCompile(`(?:^|[^A-Za-z0-9+/])(M[A-Za-z0-9+/\s]{40,})`)

// privateForm reports a sequence of DER that opens with a version number, as private
// keys do and public keys don't (RFC 8017 appendix A.1.2, RFC 5958 section 2).
func privateForm(der []byte) bool {
	head := 2
	if len(der) > 1 && der[1] >= 0x80 {
		head += int(der[1] & 0x7f)
	}
	return len(der) > head+3 && der[0] == 0x30 && head <= 4 && bytes.HasPrefix(der[head:], []byte{2, 1}) && der[head+2] <= 1
}

func dropWhite(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(white, r) {
			return -1
		}
		return r
	}, s)
}

// key judges p=, and k= by what p= holds.
func (l *dkimLint) key() {
	p := find(l.tags, "p")
	if p == nil {
		at := finding.Span{End: len(l.text)}
		l.find("DKIM-005", l.text, at, false, nil)
		return
	}
	if p.value == "" {
		l.find("DKIM-006", l.text, p.at, false, nil)
		return
	}
	der, ok := l.base64(p)
	if !ok {
		return
	}
	if cut, have, want := cutShort(der); cut {
		l.find("DKIM-009", l.text, p.at, false, vars{"have": fmt.Sprint(have), "want": fmt.Sprint(want)})
		return
	}
	der = l.form(p, der)
	if der == nil {
		return
	}
	l.keyType(p, der)
}

// base64 gives the octets of p=, put right where that is plain.
func (l *dkimLint) base64(p *tag) ([]byte, bool) {
	written := p.value
	value := dropWhite(written)
	if value != p.value {
		l.find("DKIM-025", l.text, p.at, true, nil)
		p.value = value
	}
	der, err := base64.StdEncoding.Strict().DecodeString(value)
	if err == nil {
		return der, true
	}
	fix := strings.NewReplacer("%2B", "+", "%2F", "/", "%3D", "=", "%2b", "+", "%2f", "/", "%3d", "=", "-", "+", "_", "/").Replace(value)
	web := fix != value
	fix = strings.TrimRight(notBase64.ReplaceAllString(fix, ""), "=")
	if pluses := strings.Join(strings.Fields(written), "+"); keyIn(pluses) {
		fix = strings.TrimRight(pluses, "=") // a web form made spaces of them
	}
	der, err = base64.RawStdEncoding.DecodeString(fix)
	whole := err == nil
	if !whole { // cut amid a group of four, or a letter too many
		der, err = base64.RawStdEncoding.DecodeString(fix[:len(fix)/4*4])
	}
	if cut, have, want := cutShort(der); err == nil && cut {
		l.find("DKIM-009", l.text, p.at, false, vars{"have": fmt.Sprint(have), "want": fmt.Sprint(want)})
		return nil, false
	}
	good := whole && isKey(der)
	fault := "its length or its padding (=) is wrong"
	switch bad := notBase64.FindString(value); {
	case strings.HasPrefix(value, "ssh-"):
		fault = "it is a key of SSH"
	case good && web:
		fault = "it is written in the base64 of web addresses, with - and _"
	case bad != "":
		fault = fmt.Sprintf("base64 has no %q", bad)
	case good && len(value) < len(written):
		fault = "spaces stand where a + belongs"
	}
	l.find("DKIM-007", l.text, p.at, good, vars{"fault": fault})
	if good {
		p.value = base64.StdEncoding.EncodeToString(der)
	}
	return der, good
}

// keyIn reports whether text is a key in base64.
func keyIn(text string) bool {
	der, err := base64.StdEncoding.DecodeString(text)
	return err == nil && isKey(der)
}

var notBase64 = regexp.MustCompile(`[^A-Za-z0-9+/=]+`)

// cutShort reports whether less is there of a DER value than it says it has.
func cutShort(der []byte) (cut bool, have, want int) {
	if len(der) < 4 || der[0] != 0x30 {
		return false, 0, 0
	}
	size, head := int(der[1]), 2
	switch {
	case der[1] == 0x81:
		size, head = int(der[2]), 3
	case der[1] == 0x82:
		size, head = int(der[2])<<8|int(der[3]), 4
	case der[1] >= 0x80:
		return false, 0, 0
	}
	return len(der) < head+size, len(der), head + size
}

func isKey(der []byte) bool {
	if len(der) == ed25519.PublicKeySize {
		return true
	}
	_, err := x509.ParsePKIXPublicKey(der)
	_, err1 := x509.ParsePKCS1PublicKey(der)
	return err == nil || err1 == nil
}

// form gives the key as DKIM wants it: SubjectPublicKeyInfo for RSA, the bare
// octets for Ed25519 (RFC 8463 section 4.2). nil: it is no key that DKIM knows.
func (l *dkimLint) form(p *tag, der []byte) []byte {
	if len(der) == ed25519.PublicKeySize {
		return der
	}
	wrong := func(fault string, key any) []byte {
		var out []byte
		switch k := key.(type) {
		case *rsa.PublicKey:
			out, _ = x509.MarshalPKIXPublicKey(k)
		case ed25519.PublicKey:
			out = k
		}
		l.find("DKIM-028", l.text, p.at, out != nil, vars{"fault": fault})
		if out != nil {
			p.value = base64.StdEncoding.EncodeToString(out)
		}
		return out
	}
	if key, err := x509.ParsePKIXPublicKey(der); err == nil {
		switch key := key.(type) {
		case *rsa.PublicKey:
			return der
		case ed25519.PublicKey:
			return wrong("an Ed25519 key stands alone in p=, without the wrapping of a key file", key)
		case *ecdsa.PublicKey:
			return wrong("it is a key of an elliptic curve that DKIM does not know", nil)
		}
	}
	if key, err := x509.ParsePKCS1PublicKey(der); err == nil {
		return wrong("the key lacks the wrapping of a key file (SubjectPublicKeyInfo)", key)
	}
	if cert, err := x509.ParseCertificate(der); err == nil {
		return wrong("it is a certificate, not a key", cert.PublicKey)
	}
	if block, _ := pem.Decode(der); block != nil { // the file itself, in base64
		if key, err := x509.ParsePKIXPublicKey(block.Bytes); err == nil {
			return wrong("the key file was made base64 a second time", key)
		}
	}
	l.find("DKIM-007", l.text, p.at, false, vars{"fault": "it is base64, but no key"})
	return nil
}

// keyType judges the key itself, and k=.
func (l *dkimLint) keyType(p *tag, der []byte) {
	is := "ed25519"
	if len(der) != ed25519.PublicKeySize {
		is = "rsa"
	}
	k := find(l.tags, "k")
	switch {
	case k == nil && is == "ed25519":
		l.find("DKIM-017", l.text, p.at, true, vars{"fault": "it is an Ed25519 key, and without k= it is read as RSA"})
		at := len(l.tags)
		for i := range l.tags {
			if !l.tags[i].gone && l.tags[i].name == "p" {
				at = i
			}
		}
		l.tags = append(l.tags[:at:at], append([]tag{{name: "k", value: is, at: p.at}}, l.tags[at:]...)...)
	case k != nil && k.value != is:
		l.find("DKIM-017", l.text, k.at, true, vars{"fault": "k=" + k.value + ", but it is k=" + is})
		k.value = is
	}
	if why := notorious(der); why != "" {
		l.find("DKIM-030", l.text, p.at, false, vars{"fault": why})
	}
	if is != "rsa" {
		return
	}
	key, _ := x509.ParsePKIXPublicKey(der)
	pub, ok := key.(*rsa.PublicKey)
	if !ok {
		return
	}
	bits := pub.N.BitLen()
	v := vars{"bits": fmt.Sprint(bits)}
	switch {
	case bits < leastBits:
		l.find("DKIM-011", l.text, p.at, false, v)
	case bits < goodBits:
		l.find("DKIM-012", l.text, p.at, false, v)
	case bits > mostBits:
		l.find("DKIM-013", l.text, p.at, false, v)
	}
	if pub.E != usualExponent {
		l.find("DKIM-026", l.text, p.at, false, vars{"exponent": fmt.Sprint(pub.E)})
	}
	if why := breakable(pub.N); why != "" {
		l.find("DKIM-030", l.text, p.at, false, vars{"fault": why})
	}
}

// samples are public keys whose private halves are printed in standards: of RFC
// 6376 appendix C, and RFC 8463 appendix A.2.
var samples = func() (keys [][]byte) {
	for _, s := range []string{
		"MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB",
		"11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
	} {
		der, _ := base64.StdEncoding.DecodeString(s)
		keys = append(keys, der)
	}
	return keys
}()

func notorious(der []byte) string {
	for _, s := range samples {
		if bytes.Equal(s, der) {
			return "it is the sample of a standard, which prints the private half as well"
		}
	}
	return ""
}

// maxFermat is how many steps are tried to find two primes that are near each other;
// broken key makers are found in the first few.
const maxFermat = 100

// smallPrimes is the product of the odd primes up to 100, by which no modulus may be
// divided.
var smallPrimes = func() *big.Int {
	n := big.NewInt(1)
	for _, p := range []int64{3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97} {
		n.Mul(n, big.NewInt(p))
	}
	return n
}()

// breakable says why anybody can compute the private half of a modulus, "" where
// that is not plain.
func breakable(n *big.Int) string {
	if n.Bit(0) == 0 || new(big.Int).GCD(nil, nil, n, smallPrimes).Cmp(big.NewInt(1)) != 0 {
		return "its modulus has a small divisor"
	}
	if n.BitLen() > mostBits {
		return ""
	}
	// Fermat: n = a*a - b*b with a just over the root of n.
	a := new(big.Int).Sqrt(n)
	one := big.NewInt(1)
	a.Add(a, one)
	b2 := new(big.Int)
	for range maxFermat {
		b2.Mul(a, a)
		b2.Sub(b2, n)
		if low := b2.Bit(1)<<1 | b2.Bit(0); low > 1 { // squares end in 0 or 1 by 4
			a.Add(a, one)
			continue
		}
		if r := new(big.Int).Sqrt(b2); r.Mul(r, r).Cmp(b2) == 0 {
			return "its two primes are so near to each other that they can be computed"
		}
		a.Add(a, one)
	}
	return ""
}
