package dkim_test

import (
	"errors"
	"strings"
	"testing"

	"unspoof/dkim"
)

// base is a signature field that reads well.
const base = "DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=r1; h=From:To; bh=RHI91NDg1Go8f6isolS2HCe2tXiflhd+gsgHAECfFTU=; b=AAAA"

func TestParseSignature(t *testing.T) {
	long := strings.Repeat("a", 64)
	for _, c := range []struct {
		name, old, new string
		word           dkim.Word // "" is read
		reason         string
	}{
		{"as it is", "", "", "", ""},
		{"white space everywhere", "a=rsa-sha256", "\r\n\ta \t=\r\n rsa-sha256 ", "", ""},
		{"a semicolon at the end", "AAAA", "AAAA;", "", ""},
		{"an empty member", "v=1;", "v=1;;", "", ""},
		{"unknown tags", "v=1;", "v=1; zz=9; x_1=;", "", ""},
		{"h= in any case", "From:To", "to : FROM", "", ""},
		{"From twice in h=", "From:To", "From:From", "", ""},
		{"b= without padding", "AAAA", "AAA", "", ""},
		{"space in base64", "AAAA", "A A\r\n\tA A", "", ""},
		{"an underscore in s=", "s=r1", "s=_r_1", "", ""},
		{"a selector of several labels", "s=r1", "s=a.b.c", "", ""},
		{"U-labels", "d=example.com", "d=b\xc3\xbccher.example", "", ""},
		{"i= in a subdomain", "v=1;", "v=1; i=ada@mail.Example.COM;", "", ""},
		{"i= without a local part", "v=1;", "v=1; i=@example.com;", "", ""},
		{"i= quoted", "v=1;", "v=1; i=a=20b=40c@example.com;", "", ""},
		{"q= with another method first", "v=1;", "v=1; q=http/x : dns/txt;", "", ""},
		{"l= with leading zeros", "v=1;", "v=1; l=0000000000000000000000000005;", "", ""},
		{"a huge l=", "v=1;", "v=1; l=99999999999999999999999999999;", "", ""},
		{"rsa-sha1 is read", "rsa-sha256; d=example.com; s=r1; h=From:To; bh=RHI91NDg1Go8f6isolS2HCe2tXiflhd+gsgHAECfFTU=", "rsa-sha1; d=example.com; s=r1; h=From:To; bh=RHI91NDg1Go8f6isolS2HCe2tXg=", "", ""},

		{"version 2", "v=1", "v=2", dkim.Neutral, "version"},
		{"version 1.0", "v=1", "v=1.0", dkim.Neutral, "version"},
		{"no version", "v=1;", "", dkim.PermError, "v= missing"},
		{"V=", "v=1", "V=1", dkim.PermError, "v= missing"},
		{"no b=", "; b=AAAA", "", dkim.PermError, "b= missing"},
		{"an empty b=", "AAAA", "", dkim.PermError, "b= is empty"},
		{"b= no base64", "AAAA", "A*AA", dkim.PermError, "b= is not base64"},
		{"bh= too short", "RHI91NDg1Go8f6isolS2HCe2tXiflhd+gsgHAECfFTU=", "AAAA", dkim.PermError, "bh= has 3 octets"},
		{"a duplicate", "v=1;", "v=1; s=r1;", dkim.PermError, "duplicate tag s="},
		{"an unknown duplicate", "v=1;", "v=1; y=1; y=2;", dkim.PermError, "duplicate tag y="},
		{"no equals sign", "v=1;", "v=1; foo;", dkim.PermError, "no ="},
		{"a name with a digit first", "v=1;", "v=1; 1a=x;", dkim.PermError, "no name of a tag"},
		{"a name with a space", "v=1;", "v=1; a b=x;", dkim.PermError, "no name of a tag"},
		{"NUL in s=", "s=r1", "s=r\x001", dkim.PermError, "0x00 in tag s="},
		{"NUL in d=", "d=example.com", "d=example.com\x00.evil.example", dkim.PermError, "0x00 in tag d="},
		{"a quote in d=", "d=example.com", `d="example.com"`, dkim.PermError, "no label has"},
		{"parentheses in d=", "d=example.com", "d=example.com(x", dkim.PermError, "no label has"},
		{"a space in d=", "d=example.com", "d=example .com", dkim.PermError, "no label has"},
		{"a fold in s=", "s=r1", "s=r\r\n\t1", dkim.PermError, "no label has"},
		{"a dot at the end of d=", "d=example.com", "d=example.com.", dkim.PermError, "empty label"},
		{"two dots in s=", "s=r1", "s=a..b", dkim.PermError, "empty label"},
		{"a slash in s=", "s=r1", "s=a/b", dkim.PermError, "no label has"},
		{"a hyphen first", "s=r1", "s=-a", dkim.PermError, "hyphen"},
		{"a top-level domain", "d=example.com", "d=com", dkim.PermError, "single label"},
		{"a label of 64", "s=r1", "s=" + long, dkim.PermError, "over 63"},
		{"a name over 253", "s=r1", "s=" + strings.Repeat("a.", 125) + "a", dkim.PermError, "over 253"},
		{"no U-label", "d=example.com", "d=\xff\xfe.example", dkim.PermError, "internationalised"},
		{"an unknown algorithm", "rsa-sha256", "rsa-sha512", dkim.PermError, "unknown algorithm"},
		{"an algorithm in upper case", "rsa-sha256", "RSA-SHA256", dkim.PermError, "unknown algorithm"},
		{"an unknown canonicalisation", "v=1;", "v=1; c=relaxed/nofws;", dkim.PermError, "canonicalisation"},
		{"three canonicalisations", "v=1;", "v=1; c=relaxed/relaxed/simple;", dkim.PermError, "canonicalisation"},
		{"no known query", "v=1;", "v=1; q=dns;", dkim.PermError, "query method"},
		{"From not in h=", "From:To", "To:Subject", dkim.PermError, "From not in h="},
		{"X-From is not From", "From:To", "X-From:To", dkim.PermError, "From not in h="},
		{"an empty name in h=", "From:To", "From::To", dkim.PermError, "in h="},
		{"a colon at the end of h=", "From:To", "From:", dkim.PermError, "in h="},
		{"a space in a name of h=", "From:To", "From:T o", dkim.PermError, "in h="},
		{"i= elsewhere", "v=1;", "v=1; i=ada@example.org;", dkim.PermError, "outside d="},
		{"i= of which d= is only the end", "v=1;", "v=1; i=@notexample.com;", dkim.PermError, "outside d="},
		{"i= above d=", "v=1;", "v=1; i=@com;", dkim.PermError, "outside d="},
		{"i= without @", "v=1;", "v=1; i=example.com;", dkim.PermError, "no @"},
		{"i= with a line end", "v=1;", "v=1; i=a=0D=0Ab@example.com;", dkim.PermError, "control"},
		{"i= with a broken quote", "v=1;", "v=1; i=a=4@example.com;", dkim.PermError, "quoted-printable"},
		{"t= no number", "v=1;", "v=1; t=now;", dkim.PermError, "no time"},
		{"t= of 13 digits", "v=1;", "v=1; t=1000000000000;", dkim.PermError, "no time"},
		{"x= negative", "v=1;", "v=1; x=-1;", dkim.PermError, "no time"},
		{"an empty x=", "v=1;", "v=1; x=;", dkim.PermError, "no time"},
		{"l= signed", "v=1;", "v=1; l=+5;", dkim.PermError, "number of octets"},
		{"65 tags", "v=1;", "v=1;" + manyTags(65), dkim.PermError, "more than 64"},
	} {
		t.Run(c.name, func(t *testing.T) {
			field := base
			if c.old != "" {
				if field = strings.Replace(base, c.old, c.new, 1); field == base {
					t.Fatalf("no %q in the field", c.old)
				}
			}
			_, err := dkim.ParseSignature([]byte(field+"\r\n"), dkim.DKIM)
			var fault *dkim.Fault
			if errors.As(err, &fault) != (c.word != "") || fault != nil && (fault.Word != c.word || !strings.Contains(fault.Reason, c.reason)) {
				t.Errorf("%v, want %s %q", err, c.word, c.reason)
			}
		})
	}
}

func manyTags(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("n" + string(rune('a'+i/26)) + string(rune('a'+i%26)) + "=1;")
	}
	return b.String()
}

func TestParseSignatureOfARC(t *testing.T) {
	message := strings.Replace(strings.Replace(base, "DKIM-Signature: v=1; ", "ARC-Message-Signature: i=1; ", 1), "", "", 1)
	const seal = "ARC-Seal: i=2; a=rsa-sha256; cv=pass; d=example.com; s=r1; t=5; b=AAAA\r\n"
	for _, c := range []struct {
		name, field string
		kind        dkim.Kind
		reason      string
	}{
		{"a message signature", message, dkim.ARCMessage, ""},
		{"no instance", strings.Replace(message, "i=1; ", "", 1), dkim.ARCMessage, "i= missing"},
		{"instance 0", strings.Replace(message, "i=1", "i=0", 1), dkim.ARCMessage, "1 to 50"},
		{"instance 51", strings.Replace(message, "i=1", "i=51", 1), dkim.ARCMessage, "1 to 50"},
		{"a seal", seal, dkim.ARCSeal, ""},
		{"a seal with h=", strings.Replace(seal, "t=5", "h=From", 1), dkim.ARCSeal, "h= in an ARC-Seal"},
		{"a seal without cv=", strings.Replace(seal, "cv=pass; ", "", 1), dkim.ARCSeal, "cv= missing"},
	} {
		_, err := dkim.ParseSignature([]byte(c.field), c.kind)
		if (err == nil) != (c.reason == "") || err != nil && !strings.Contains(err.Error(), c.reason) {
			t.Errorf("%s: %v, want %q", c.name, err, c.reason)
		}
	}
}

func TestParseTags(t *testing.T) {
	tags, err := dkim.ParseTags(" a = 1 ;\r\n b=2\r\n\t3; c=")
	if err != nil || len(tags) != 3 || tags.String() != "a=1; b=23; c=" {
		t.Errorf("%v (%v)", tags, err)
	}
	if v, ok := tags.Get("c"); v != "" || !ok {
		t.Error("an empty value is a value")
	}
	tags, err = dkim.ParseTags("a=1; a=2; b=3")
	if _, ok := tags.Get("a"); err == nil || ok {
		t.Error("of a duplicated tag there is no value")
	}
	if v, _ := tags.Get("b"); v != "3" {
		t.Error("the other tags are read on")
	}
}
