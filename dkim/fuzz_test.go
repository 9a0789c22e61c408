package dkim

import (
	"bytes"
	"context"
	"crypto/rsa"
	"crypto/x509"
	"math/big"
	"strings"
	"testing"
	"time"

	"unspoof/dns"
)

func FuzzParseTags(f *testing.F) {
	for _, s := range []string{"", "a=1; b=2", "a=1;a=2", ";;", "=", "a = b\r\n\tc ;", "a=\x00", "v=DKIM1; p=", strings.Repeat("a=;", 70)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		tags, err := ParseTags(s)
		if len(tags) > maxTags {
			t.Fatalf("%d tags", len(tags))
		}
		for _, tag := range tags {
			if tag.start > tag.end || tag.end > len(s) || trimFWS(s[tag.start:tag.end]) != tag.Value {
				t.Fatalf("%+v is not where it says", tag)
			}
		}
		if err != nil {
			return
		}
		again, err := ParseTags(tags.String())
		if err != nil || len(again) != len(tags) {
			t.Fatalf("%q does not read back: %v", tags.String(), err)
		}
	})
}

func FuzzParseKey(f *testing.F) {
	for _, s := range []string{"v=DKIM1; k=rsa; p=AAAA", "k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "p=", "v=spf1 -all", "h=sha1:sha256; s=*; t=y:s; p=MA=="} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		k, err := ParseKey(s)
		if err != nil && (k.rsa != nil || k.ed25519 != nil) {
			t.Fatal("a faulty record has a key")
		}
		if err == nil && k.Bits == 0 {
			t.Fatal("a good record has no key")
		}
		k.Verify([32]byte{}, []byte(s))
	})
}

// FuzzParseRSA compares our reader of keys with the standard library's.
func FuzzParseRSA(f *testing.F) {
	for _, e := range []int{3, 65537, 1<<31 - 1} {
		n := bytes.Repeat([]byte{0xa5}, 128)
		pub := &rsa.PublicKey{E: e, N: new(big.Int).SetBytes(n)}
		der, err := x509.MarshalPKIXPublicKey(pub)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(der)
		f.Add(x509.MarshalPKCS1PublicKey(pub))
	}
	f.Fuzz(func(t *testing.T, der []byte) {
		got, ok := parseRSA(der)
		var want *rsa.PublicKey
		if pub, err := x509.ParsePKIXPublicKey(der); err == nil {
			want, _ = pub.(*rsa.PublicKey)
		} else if pub, err := x509.ParsePKCS1PublicKey(der); err == nil {
			want = pub
		}
		if ok && (want == nil || !got.Equal(want)) {
			t.Fatalf("we read %v, the library %v", got, want)
		}
		// The library overlooks octets left over in a sequence; we take the one DER form.
		if !ok && want != nil && want.N.BitLen() <= maxRSABits && want.E > 1 && isDER(der, want) {
			t.Fatalf("we refuse what the library reads: %v", want)
		}
	})
}

// isDER tells whether the octets are what the key is written as.
func isDER(der []byte, key *rsa.PublicKey) bool {
	spki, err := x509.MarshalPKIXPublicKey(key)
	return err == nil && bytes.Equal(der, spki) || bytes.Equal(der, x509.MarshalPKCS1PublicKey(key))
}

func FuzzParseSignature(f *testing.F) {
	for _, s := range []string{
		"DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=a; h=From; bh=RHI91NDg1Go8f6isolS2HCe2tXiflhd+gsgHAECfFTU=; b=AA==",
		"DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed; d=b\xc3\xbccher.example; s=\xc3\xa4; i=a=20@x.b\xc3\xbccher.example; h=From:To; bh=RHI91NDg1Go8f6isolS2HCe2tXiflhd+gsgHAECfFTU=; b=AA==; l=9; t=1; x=2; q=dns/txt; z=From:a",
		"ARC-Seal: i=1; a=rsa-sha256; cv=none; d=example.com; s=a; b=AAAA", "DKIM-Signature", ":", "",
	} {
		for kind := range uint8(3) {
			f.Add([]byte(s), kind)
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte, kind uint8) {
		s, err := ParseSignature(raw, Kind(kind%3))
		s.AppendUnsigned(nil)
		h, _ := ReadHeader(raw)
		s.HeaderDigest(h, 0)
		if err != nil {
			return
		}
		if strings.ContainsAny(s.Domain+s.Selector, "\x00\r\n \"()<>;/") {
			t.Fatalf("d=%q s=%q", s.Domain, s.Selector)
		}
		if _, err := KeyName(s.Selector, s.Domain); err != nil {
			t.Fatal(err)
		}
		if s.Kind == DKIM {
			if inside, _ := within(s.identityDomain(), s.Domain); !inside || control(s.Identity) >= 0 {
				t.Fatalf("i=%q of d=%q", s.Identity, s.Domain)
			}
		}
	})
}

// FuzzBodyCanon compares the canonicaliser with the RFC's words, whole and in two
// pieces.
func FuzzBodyCanon(f *testing.F) {
	for _, s := range []string{"", "a \t b\r\n\r\n", "\r\r\n \r", "a\nb", " \t\r\n", "\x00\xff \r \n"} {
		f.Add([]byte(s), uint(1))
	}
	f.Fuzz(func(t *testing.T, body []byte, cut uint) {
		for _, c := range []Canonicalization{Simple, Relaxed} {
			want := slowCanon(body, c)
			var out bytes.Buffer
			b := bodyCanon{out: &out, relaxed: c == Relaxed}
			n := int(cut % uint(len(body)+1))
			b.Write(body[:n])
			b.Write(body[n:])
			b.finish()
			if !bytes.Equal(out.Bytes(), want) {
				t.Fatalf("%s cut at %d: %q, want %q", c, n, out.Bytes(), want)
			}
		}
	})
}

// FuzzHeaderCanon checks that relaxed form stays what it is, and that folding
// does not change it.
func FuzzHeaderCanon(f *testing.F) {
	for _, s := range []string{"A: b\r\n", "A : b \r\n\tc\r\n", "A:\r\n", ":", "A: \r\n \r\n x", "A: b\r c"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		h, _ := ReadHeader(raw)
		for i := range h.Len() {
			once := appendRelaxed(nil, h.Raw(i))
			if twice := appendRelaxed(nil, once); !bytes.Equal(once, twice) {
				t.Fatalf("%q, then %q", once, twice)
			}
			_, value, _ := bytes.Cut(once, []byte{':'})
			if bytes.Contains(value, []byte("  ")) || bytes.ContainsAny(value, "\t\n") {
				t.Fatalf("white space in %q", once)
			}
			if refolded := appendRelaxed(nil, refold(h.Raw(i), "\r\n\t")); !bytes.Equal(refolded, once) {
				t.Fatalf("%q, refolded %q", once, refolded)
			}
		}
	})
}

// keyEverywhere answers every question with one record.
type keyEverywhere string

func (k keyEverywhere) Lookup(context.Context, dns.Question) (dns.Answer, error) {
	return dns.Answer{Records: []dns.Record{{Text: []string{string(k)}}}}, nil
}

// FuzzVerify checks that any message has an answer, the same however it comes.
func FuzzVerify(f *testing.F) {
	const key = "k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
	f.Add([]byte("DKIM-Signature: v=1; a=ed25519-sha256; d=example.com; s=a; h=From; bh=RHI91NDg1Go8f6isolS2HCe2tXiflhd+gsgHAECfFTU=; b=AA==\r\nFrom: a\r\n\r\nhi\r\n"), uint(20))
	f.Add([]byte("dkim-signature : v=1;\n\n"), uint(3))
	f.Add([]byte("\r\n\r\n"), uint(1))
	f.Fuzz(func(t *testing.T, msg []byte, cut uint) {
		v := Verifier{Resolver: keyEverywhere(key), MaxHeaderBytes: 1 << 12}
		now := time.Unix(1790000000, 0)
		n := int(cut % uint(len(msg)+1))
		whole, err := v.Verify(context.Background(), Args{Message: msg, Now: now})
		if err != nil {
			t.Fatal(err)
		}
		parts, err := v.Verify(context.Background(), Args{Message: msg[:n:n], Rest: bytes.NewReader(msg[n:]), Now: now})
		if err != nil || len(parts.Results) != len(whole.Results) {
			t.Fatalf("%+v, in pieces %+v, %v", whole, parts, err)
		}
		for i, r := range whole.Results {
			if p := parts.Results[i]; p.Result != r.Result || p.Reason != r.Reason || r.Result == "" || r.Reason == "" || r.Result == Pass {
				t.Fatalf("%+v, in pieces %+v", r, p)
			}
		}
	})
}

// FuzzForensic checks that repairs never prove what no key signed.
func FuzzForensic(f *testing.F) {
	f.Add([]byte("DKIM-Signature: v=1; a=ed25519-sha256; d=example.com; s=a; h=From:Subject; bh=RHI91NDg1Go8f6isolS2HCe2tXiflhd+gsgHAECfFTU=; b=AA==\r\nFrom: \"a\" <a@example.com>\r\nSubject: [x] y\r\n\r\n--b\r\nhi\r\n"))
	f.Add([]byte("> DKIM-Signature: v=1;\n> From: x\n"))
	f.Add([]byte(" \tA: b\n \tc=3D\n"))
	f.Fuzz(func(t *testing.T, msg []byte) {
		res, err := Forensic(context.Background(), ForensicArgs{Message: msg,
			Resolver: keyEverywhere("k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range res.Results {
			if r.Header == Intact || r.Evidence == EvidenceFull || r.Evidence == EvidenceHeader {
				t.Fatalf("%+v", r)
			}
			for _, b := range r.Breaks {
				if b.Start < 0 || b.End < b.Start || b.End > len(msg) {
					t.Fatalf("%+v", b)
				}
			}
		}
	})
}

func FuzzParsePrivateKey(f *testing.F) {
	f.Add([]byte("-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n"))
	f.Add([]byte("-----BEGIN RSA PRIVATE KEY-----\nMAA=\n-----END RSA PRIVATE KEY-----\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		k, err := ParsePrivateKey(text)
		if err != nil {
			return
		}
		pem, err := k.PEM()
		if err != nil {
			t.Fatal(err)
		}
		if again, err := ParsePrivateKey(pem); err != nil || !again.Equal(k) {
			t.Fatalf("%v does not read back: %v", k, err)
		}
	})
}
