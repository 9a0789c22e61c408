package envelope

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func date(t testing.TB, s string) time.Time {
	t.Helper()
	d, err := time.Parse("2006-01-02 15:04", s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

var ring = BATV{Keys: []Key{{ID: 1, Secret: Secret("first secret")}, {ID: 2, Secret: Secret("second secret")}}}

func TestSignAndCheck(t *testing.T) {
	now := date(t, "2026-11-22 12:00")
	for _, tc := range []struct{ rule, address, bare string }{
		{"plain", "ada@example.com", "ada@example.com"},
		{"in angle brackets", "<ada@example.com>", "ada@example.com"},
		{"capitals", "Ada@Example.COM", "Ada@Example.COM"},
		{"subaddress", "ada+list@example.com", "ada+list@example.com"},
		{"equals sign", "ada=x@example.com", "ada=x@example.com"},
		{"quoted", `"ada \" l"@example.com`, `"ada \" l"@example.com`},
		{"at sign in quotes", `"a@b"@example.com`, `"a@b"@example.com`},
		{"quotes without need", `"ada"@example.com`, "ada@example.com"},
		{"UTF-8", "ädä@bücher.example", "ädä@bücher.example"},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			tagged, err := ring.Sign(tc.address, now)
			if err != nil {
				t.Fatal(err)
			}
			want := Tag{TagValid, tc.bare, 1, date(t, "2026-11-30 00:00")}
			if got := ring.Check(tagged, now); got != want {
				t.Errorf("%s: got %+v, want %+v", tagged, got, want)
			}
			for _, other := range []string{strings.ToUpper(tagged), strings.ToLower(tagged), "<" + tagged + ">"} {
				if got := ring.Check(other, now); got.State != TagValid {
					t.Errorf("%s is %s", other, got.State)
				}
			}
			if got := ring.Check(strings.Replace(tagged, "@", "x@", 1), now); got.State == TagValid {
				t.Errorf("the tag fits another address: %+v", got)
			}
		})
	}
}

func TestCheckTellsApart(t *testing.T) {
	signed := date(t, "2026-11-22 23:59")
	tagged, err := ring.Sign("ada@example.com", signed)
	if err != nil {
		t.Fatal(err)
	}
	second, err := BATV{Keys: ring.Keys[1:]}.Sign("ada@example.com", signed)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		rule, address string
		now           string
		state         TagState
	}{
		{"at once", tagged, "2026-11-22 23:59", TagValid},
		{"on the last day", tagged, "2026-11-29 23:59", TagValid},
		{"a day later", tagged, "2026-11-30 00:00", TagExpired},
		{"a year later", tagged, "2027-11-22 00:00", TagExpired},
		{"just before the number of the day comes again", tagged, "2029-08-17 00:00", TagExpired},
		{"by a clock that is behind", tagged, "2026-11-21 23:59", TagExpired},
		{"the second key checks", second, "2026-11-23 00:00", TagValid},
		{"no tag", "ada@example.com", "2026-11-22 00:00", Untagged},
		{"no address", "ada", "2026-11-22 00:00", Untagged},
		{"the empty sender", "<>", "2026-11-22 00:00", Untagged},
		{"nothing", "", "2026-11-22 00:00", Untagged},
		{"an address that is too long", "prvs=1890000000=" + strings.Repeat("a", maxAddress) + "@example.com", "2026-11-22 00:00", Untagged},
		{"another mailbox", strings.Replace(tagged, "ada", "bob", 1), "2026-11-22 00:00", TagWrong},
		{"another domain", strings.Replace(tagged, "example.com", "example.net", 1), "2026-11-22 00:00", TagWrong},
		{"another hash", "prvs=1786000000=ada@example.com", "2026-11-22 00:00", TagWrong},
		{"another day under the hash", strings.Replace(tagged, "prvs=1", "prvs=2", 1), "2026-11-22 00:00", TagWrong},
		{"a key that we don't have", "prvs=3786000000=ada@example.com", "2026-11-22 00:00", TagUnknownKey},
		{"no day", "prvs=1abc000000=ada@example.com", "2026-11-22 00:00", TagWrong},
		{"a sign for a digit", "prvs=1+12000000=ada@example.com", "2026-11-22 00:00", TagWrong},
		{"too short", "prvs=1=ada@example.com", "2026-11-22 00:00", TagWrong},
		{"too long a hash", "prvs=178600000000=ada@example.com", "2026-11-22 00:00", TagWrong},
		{"no hexadecimal", "prvs=1786zzzzzz=ada@example.com", "2026-11-22 00:00", TagWrong},
		{"no second sign", "prvs=ada@example.com", "2026-11-22 00:00", TagWrong},
		{"no mailbox behind the tag", "prvs=1786000000=@example.com", "2026-11-22 00:00", TagWrong},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			got := ring.Check(tc.address, date(t, tc.now))
			if got.State != tc.state {
				t.Errorf("%s: got %+v, want %s", tc.address, got, tc.state)
			}
			if dated := got.State == TagValid || got.State == TagExpired; dated == got.Expires.IsZero() {
				t.Errorf("expires %v", got.Expires)
			}
		})
	}
}

func TestExpiryAcrossTheThousand(t *testing.T) {
	// Days 20994 to 21004 since 1970.
	for number := 20990; number < 21010; number++ {
		signed := time.Unix(int64(number)*86400+3600, 0)
		tagged, err := ring.Sign("ada@example.com", signed)
		if err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf("prvs=1%03d", (number+7)%1000); !strings.HasPrefix(tagged, want) {
			t.Errorf("day %d: %s", number, tagged)
		}
		end := time.Unix(int64(number+8)*86400, 0)
		if got := ring.Check(tagged, end.Add(-time.Second)); got.State != TagValid || !got.Expires.Equal(end) {
			t.Errorf("day %d, last second: %+v", number, got)
		}
		if got := ring.Check(tagged, end); got.State != TagExpired || !got.Expires.Equal(end) {
			t.Errorf("day %d, a second later: %+v", number, got)
		}
	}
}

func TestTagOfAnotherMaker(t *testing.T) {
	// Over the address as it is written, capitals kept.
	const head, address = "1786", "Ada@Example.com"
	tagged := "prvs=" + head + hex.EncodeToString(digest(ring.Keys[0].Secret, head, address)) + "=" + address
	if got := ring.Check(tagged, date(t, "2026-11-22 00:00")); got.State != TagValid {
		t.Errorf("got %+v", got)
	}
}

func TestSignRefuses(t *testing.T) {
	now := date(t, "2026-11-22 12:00")
	for _, tc := range []struct {
		rule, address string
		b             BATV
	}{
		{"the empty sender", "<>", ring},
		{"no domain", "ada", ring},
		{"nothing before the at sign", "@example.com", ring},
		{"a line end", "ada\r\n@example.com", ring},
		{"a blank in the domain", "ada@example .com", ring},
		{"tagged already", "prvs=1786000000=ada@example.com", ring},
		{"a local part that gets too long", strings.Repeat("a", 49) + "@example.com", ring},
		{"no key", "ada@example.com", BATV{}},
		{"a key without a secret", "ada@example.com", BATV{Keys: []Key{{ID: 1}}}},
		{"a key of two digits", "ada@example.com", BATV{Keys: []Key{{ID: 10, Secret: Secret("x")}}}},
		{"too many days", "ada@example.com", BATV{Keys: ring.Keys, Days: 500}},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			if got, err := tc.b.Sign(tc.address, now); !errors.Is(err, ErrTag) || got != "" {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
	if _, err := ring.Sign(strings.Repeat("a", 48)+"@example.com", now); err != nil {
		t.Error(err)
	}
}

func TestAKeyWithoutASecretProvesNothing(t *testing.T) {
	empty := BATV{Keys: []Key{{ID: 1}}}
	tagged := "prvs=1786" + hex.EncodeToString(digest(nil, "1786", "ada@example.com")) + "=ada@example.com"
	if got := empty.Check(tagged, date(t, "2026-11-22 00:00")); got.State != TagUnknownKey {
		t.Errorf("got %+v", got)
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	k := Key{ID: 1, Secret: Secret("topsecret")}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		if out := fmt.Sprintf(verb, k) + fmt.Sprintf(verb, k.Secret); strings.Contains(out, "tops") || strings.Contains(out, "746f70") || strings.Contains(out, "116 111") {
			t.Errorf("%s: %s", verb, out)
		}
	}
	if text, err := k.Secret.MarshalText(); err != nil || string(text) != hidden {
		t.Errorf("%s, %v", text, err)
	}
}

func FuzzCheck(f *testing.F) {
	for _, s := range []string{"prvs=1786000000=ada@example.com", `"prvs=1786000000=a b"@x.example`, "prvs==@x", "<prvs=>@", `"\"@x`} {
		f.Add(s, int64(1795348800))
	}
	f.Fuzz(func(t *testing.T, address string, seconds int64) {
		now := time.Unix(seconds%(1<<36), 0)
		if got := ring.Check(address, now); got.State == "" {
			t.Error("no state")
		}
		_, _ = ParseSRS(address)
		VERPRecipients(address)
		tagged, err := ring.Sign(address, now)
		if err != nil {
			return
		}
		if got := ring.Check(tagged, now); got.State != TagValid {
			t.Errorf("%q is tagged as %q, which is %+v", address, tagged, got)
		}
	})
}
