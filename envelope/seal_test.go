package envelope

import (
	"encoding/base64"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"unspoof/message"
)

const letter = "From: Ada <ada@example.com>\r\nTo: bob@example.net\r\nSubject: Report of\r\n\tthe month\r\n" +
	"Date: Sun, 22 Nov 2026 12:00:00 +0000\r\nMessage-ID: <1@example.com>\r\n"

const hash = "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8="

var (
	sealKeys = []Key{{ID: 3, Secret: Secret("a secret of sixteen octets or more")}, {ID: 4, Secret: Secret("another secret of some octets")}}
	origin   = Origin{"ada", netip.MustParseAddr("192.0.2.7"), "4FzX1"}
	when     = time.Unix(1795348800, 0).UTC()
)

func read(text string) message.Header {
	h, _, _ := message.ReadHeader([]byte(text + "\r\n"))
	return h
}

func seal(t testing.TB, text, bodyHash string) string {
	t.Helper()
	value, err := Seal(SealArgs{Key: sealKeys[0], Origin: origin, Time: when, Header: read(text), BodyHash: bodyHash})
	if err != nil {
		t.Fatal(err)
	}
	return SealName + ": " + value + "\r\n"
}

func TestSealComesBack(t *testing.T) {
	field := seal(t, letter, "")
	signature := "DKIM-Signature: v=1; d=example.com;\r\n\tbh=2jUSOH9NhtVGCQWNr9BrIAPr\r\n\t eKQjO6Sn7XIkfJVOzv8=; b=AA\r\n"
	covering := seal(t, letter, hash)
	all := "from to subject date message-id"
	for _, tc := range []struct{ rule, text, bodyHash, covered string }{
		{"as it left", field + letter, "", all},
		{"with trace fields", "Return-Path: <x@example.net>\r\nReceived: x\r\n" + field + letter, "", all},
		{"at the end of the header", letter + field, "", all},
		{"refolded", strings.NewReplacer("\r\n\tthe", " the", "From: Ada", "FROM:Ada\r\n  ", "t=", "\r\n t=").Replace(field + letter), "", all},
		{"bare line ends", strings.ReplaceAll(field+letter, "\r\n", "\n"), "", all},
		{"fields in another order", field + "Message-ID: <1@example.com>\r\n" + strings.Replace(letter, "Message-ID: <1@example.com>\r\n", "", 1), "", all},
		{"a hash that it does not cover", field + letter, hash, all},
		{"the body's hash given", covering + letter, hash, all + " bh"},
		{"the hash of the signature", covering + signature + letter, "", all + " bh"},
		{"the hash among wrong ones", covering + "DKIM-Signature: bh=AAAA; b=x\r\n" + signature + letter, "BBBB", all + " bh"},
		{"another's seal beside", SealName + ": v=1; k=9; t=1; s=" + strings.Repeat("A", 60) + "\r\n" + field + letter, "", all},
		{"the same seal twice", field + field + letter, "", all},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			got, err := Open(OpenArgs{Keys: sealKeys, Header: read(tc.text), BodyHash: tc.bodyHash})
			if err != nil || got.Origin != origin || !got.Time.Equal(when) || got.Key != 3 || strings.Join(got.Covered, " ") != tc.covered {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

func TestSealDoesNotOpen(t *testing.T) {
	field := seal(t, letter, "")
	covering := seal(t, letter, hash)
	body := field[strings.Index(field, "s=")+2 : len(field)-2]
	other, err := Seal(SealArgs{Key: sealKeys[1], Origin: Origin{Account: "bob"}, Time: when, Header: read(letter)})
	if err != nil {
		t.Fatal(err)
	}
	swap := func(old, new string) string { return strings.Replace(field+letter, old, new, 1) }
	for _, tc := range []struct {
		rule, text string
		want       error
	}{
		{"no seal", letter, ErrNoSeal},
		{"another author", swap("Ada", "Eve"), ErrForged},
		{"another recipient", swap("bob@", "eve@"), ErrForged},
		{"another subject", swap("Report", "[SPAM] Report"), ErrForged},
		{"another date", swap("12:00:00", "12:00:01"), ErrForged},
		{"another identifier", swap("<1@", "<2@"), ErrForged},
		{"no recipient any more", swap("To: bob@example.net\r\n", ""), ErrForged},
		{"no subject any more", swap("Subject: Report of\r\n\tthe month\r\n", ""), ErrForged},
		{"a blank within a word", swap("Report", "Re port"), ErrForged},
		{"letters of another case", swap("Report", "REPORT"), ErrForged},
		{"another time", swap("t=1795348800", "t=1795348801"), ErrForged},
		{"the number of another key", swap("k=3", "k=4"), ErrForged},
		{"a key that is not in the ring", swap("k=3", "k=5"), ErrUnknownKey},
		{"a changed octet", swap(body[:8], "AAAAAAAA"), ErrForged},
		{"a cut end", swap(body, body[:len(body)-8]), ErrForged},
		{"the hash it covers is not to be had", covering + letter, ErrForged},
		{"the hash it covers is another", covering + "DKIM-Signature: bh=AAAA\r\n" + letter, ErrForged},
		{"two authors", field + letter + "From: eve@example.net\r\n", ErrFields},
		{"two subjects", field + letter + "subject: x\r\n", ErrFields},
		{"two recipient fields", field + letter + "To: eve@example.net\r\n", ErrFields},
		{"no author", swap("From: Ada <ada@example.com>\r\n", ""), ErrFields},
		{"no identifier", swap("Message-ID: <1@example.com>\r\n", ""), ErrFields},
		{"a subject that is too long", swap("Report", strings.Repeat("x", maxField)), ErrFields},
		{"two seals of ours that differ", field + SealName + ": " + other + "\r\n" + letter, ErrSeveral},
		{"many seals", strings.Repeat(field, maxSeals+1) + letter, ErrMalformed},
		{"nothing in it", SealName + ":\r\n" + letter, ErrMalformed},
		{"another version", swap("v=1", "v=2"), ErrMalformed},
		{"tags in another order", swap("v=1; k=3", "k=3; v=1"), ErrMalformed},
		{"a tag twice", swap("k=3;", "k=3; k=3;"), ErrMalformed},
		{"a tag that is unknown", swap("k=3;", "k=3; x=3;"), ErrMalformed},
		{"zeros in front", swap("k=3;", "k=03;"), ErrMalformed},
		{"a negative time", swap("t=1", "t=-1"), ErrMalformed},
		{"padding", swap(body, body+"="), ErrMalformed},
		{"other base64", swap(body, "+/"+body), ErrMalformed},
		{"nothing sealed", swap(body, "AAAA"), ErrMalformed},
		{"too long", swap(body, strings.Repeat("A", maxSeal)), ErrMalformed},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			if got, err := Open(OpenArgs{Keys: sealKeys, Header: read(tc.text)}); !errors.Is(err, tc.want) || got.Account != "" {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
	if _, err := Open(OpenArgs{Header: read(field + letter)}); !errors.Is(err, ErrUnknownKey) {
		t.Errorf("no keys: %v", err)
	}
	if _, err := Open(OpenArgs{Keys: []Key{{ID: 3}}, Header: read(field + letter)}); !errors.Is(err, ErrUnknownKey) {
		t.Errorf("a key without a secret: %v", err)
	}
}

func TestSealRefuses(t *testing.T) {
	good := SealArgs{Key: sealKeys[0], Origin: origin, Time: when, Header: read(letter)}
	for _, tc := range []struct {
		rule   string
		change func(*SealArgs)
		want   error
	}{
		{"a short key", func(a *SealArgs) { a.Key.Secret = a.Key.Secret[:15] }, ErrSeal},
		{"no key", func(a *SealArgs) { a.Key = Key{} }, ErrSeal},
		{"the number of a key out of range", func(a *SealArgs) { a.Key.ID = 1000 }, ErrSeal},
		{"a long account", func(a *SealArgs) { a.Origin.Account = strings.Repeat("x", maxAccount+1) }, ErrSeal},
		{"a long session", func(a *SealArgs) { a.Origin.Session = strings.Repeat("x", maxSession+1) }, ErrSeal},
		{"a time before 1970", func(a *SealArgs) { a.Time = time.Unix(-1, 0) }, ErrSeal},
		{"a hash that is none", func(a *SealArgs) { a.BodyHash = "x\ny" }, ErrSeal},
		{"no date", func(a *SealArgs) { a.Header = read(strings.Replace(letter, "Date:", "X-Date:", 1)) }, ErrFields},
		{"two recipient fields", func(a *SealArgs) { a.Header = read(letter + "to: x@example.org\r\n") }, ErrFields},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			a := good
			tc.change(&a)
			if got, err := Seal(a); !errors.Is(err, tc.want) || got != "" {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func TestSealHidesAndIsStable(t *testing.T) {
	field := seal(t, letter, "")
	if field != seal(t, letter, "") {
		t.Error("the same message is sealed in two ways")
	}
	if len(field) > 200 {
		t.Errorf("%d octets: %s", len(field), field)
	}
	text := field[strings.Index(field, "s=")+2 : len(field)-2]
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(raw), "ada") || strings.Contains(field, "192.0.2.7") {
		t.Errorf("the account can be read: %q", raw)
	}
	nonces := []string{string(raw[:nonceLen])}
	for _, change := range []func(*SealArgs){
		func(a *SealArgs) { a.Origin.Account = "bob" },
		func(a *SealArgs) { a.Origin.Session = "" },
		func(a *SealArgs) { a.Origin.Client = netip.Addr{} },
		func(a *SealArgs) { a.Time = a.Time.Add(time.Second) },
		func(a *SealArgs) { a.Key = sealKeys[1] },
		func(a *SealArgs) { a.Key.ID = 1 },
		func(a *SealArgs) { a.BodyHash = hash },
		func(a *SealArgs) { a.Header = read(strings.Replace(letter, "bob", "cy", 1)) },
	} {
		a := SealArgs{Key: sealKeys[0], Origin: origin, Time: when, Header: read(letter)}
		change(&a)
		value, err := Seal(a)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := base64.RawURLEncoding.DecodeString(value[strings.Index(value, "s=")+2:])
		if err != nil {
			t.Fatal(err)
		}
		if n := string(raw[:nonceLen]); slices.Contains(nonces, n) {
			t.Errorf("a nonce comes twice: %x", n)
		} else {
			nonces = append(nonces, n)
		}
	}
	for _, o := range []Origin{{}, {Account: strings.Repeat("x", maxAccount), Client: netip.MustParseAddr("2001:db8::7"), Session: strings.Repeat("y", maxSession)}, {Account: "a\x00"}, {Session: "s"}} {
		value, err := Seal(SealArgs{Key: sealKeys[0], Origin: o, Time: when, Header: read(letter)})
		if err != nil {
			t.Fatal(err)
		}
		got, err := Open(OpenArgs{Keys: sealKeys, Header: read(SealName + ": " + value + "\r\n" + letter)})
		if err != nil || got.Origin != o {
			t.Errorf("%+v comes back as %+v, %v", o, got, err)
		}
	}
}

func FuzzOpen(f *testing.F) {
	f.Add(strings.TrimPrefix(seal(f, letter, ""), SealName+": "), "bob@example.net", hash)
	f.Add("v=1; k=3; t=0; s=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "", "")
	f.Fuzz(func(t *testing.T, value, to, bodyHash string) {
		h := read("X: y\r\n" + letter)
		h.Fields[2].Raw = []byte("To:" + to)
		if got, err := Open(OpenArgs{Keys: sealKeys, Header: read(SealName + ": " + value + "\r\n" + letter), BodyHash: bodyHash}); err == nil && (got.Origin != origin || !got.Time.Equal(when)) {
			t.Fatalf("forged: %+v", got)
		}
		made, err := Seal(SealArgs{Key: sealKeys[1], Origin: Origin{Account: to, Session: value}, Time: when, Header: h, BodyHash: bodyHash})
		if err != nil {
			return
		}
		h.Fields[0] = message.Field{Name: SealName, Raw: []byte(SealName + ": " + made + "\r\n")}
		if got, err := Open(OpenArgs{Keys: sealKeys, Header: h, BodyHash: bodyHash}); err != nil || got.Account != to || got.Session != value {
			t.Errorf("got %+v, %v", got, err)
		}
	})
}

// FuzzOrigin: what is not ours never reaches decodeOrigin, but must not panic
// there either.
func FuzzOrigin(f *testing.F) {
	f.Add(origin.encode())
	f.Add([]byte{1})
	f.Fuzz(func(t *testing.T, b []byte) {
		o, ok := decodeOrigin(b)
		if !ok || len(o.Account) > maxAccount || len(o.Session) > maxSession || o.Client.Zone() != "" || o.Client.Is4In6() {
			return
		}
		if back, ok := decodeOrigin(o.encode()); !ok || back != o {
			t.Errorf("%+v comes back as %+v", o, back)
		}
	})
}

func BenchmarkSeal(b *testing.B) {
	a := SealArgs{Key: sealKeys[0], Origin: origin, Time: when, Header: read(letter), BodyHash: hash}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Seal(a); err != nil {
			b.Fatal(err)
		}
	}
}
