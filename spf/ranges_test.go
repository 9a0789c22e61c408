package spf_test

import (
	"encoding/json"
	"net/netip"
	"slices"
	"testing"

	"unspoof/spf"
)

func TestRange(t *testing.T) {
	for _, c := range []struct {
		text, count string
		prefixes    []string
	}{
		{"192.0.2.1", "1", []string{"192.0.2.1/32"}},
		{"192.0.2.0/24", "256", []string{"192.0.2.0/24"}},
		{"0.0.0.0/0", "4294967296", []string{"0.0.0.0/0"}},
		{"255.255.255.255", "1", []string{"255.255.255.255/32"}},
		{"192.0.2.1-192.0.2.6", "6", []string{"192.0.2.1/32", "192.0.2.2/31", "192.0.2.4/31", "192.0.2.6/32"}},
		{"0.0.0.0-255.255.255.254", "4294967295", nil},
		{"2001:db8::/32", "79228162514264337593543950336", []string{"2001:db8::/32"}},
		{"::/0", "340282366920938463463374607431768211456", []string{"::/0"}},
		{"::-::1:0:0:0:0", "18446744073709551617", []string{"::/64", "0:0:0:1::/128"}},
		{"2001:db8::fffe-2001:db8::1:0001", "4", []string{"2001:db8::fffe/127", "2001:db8::1:0/127"}},
	} {
		var r spf.Range
		if err := r.UnmarshalText([]byte(c.text)); err != nil {
			t.Fatal(err)
		}
		if got := r.Count().String(); got != c.count {
			t.Errorf("%s: %s addresses, want %s", c.text, got, c.count)
		}
		var again spf.Range
		if err := again.UnmarshalText([]byte(r.String())); err != nil || again != r {
			t.Errorf("%s becomes %s and then %v (%v)", c.text, r, again, err)
		}
		sum, next := spf.Count{}, r.From
		for _, p := range r.Prefixes() {
			if q := spf.RangeOf(p); q.From != next {
				t.Errorf("%s: network %s does not begin at %s", c.text, p, next)
			} else {
				sum, next = sum.Plus(q.Count()), q.To.Next()
			}
		}
		if sum != r.Count() || next != r.To.Next() {
			t.Errorf("%s: networks %v", c.text, r.Prefixes())
		}
		var got []string
		for _, p := range r.Prefixes() {
			got = append(got, p.String())
		}
		if c.prefixes != nil && !slices.Equal(got, c.prefixes) {
			t.Errorf("%s: %v, want %v", c.text, got, c.prefixes)
		}
	}
}

func TestRangeText(t *testing.T) {
	for _, bad := range []string{"", "x", "192.0.2.0/33", "192.0.2.9-192.0.2.1", "192.0.2.1-::1", "192.0.2.1-", "-", "192.0.2.1-x"} {
		var r spf.Range
		if err := r.UnmarshalText([]byte(bad)); err == nil {
			t.Errorf("%q is taken as %s", bad, r)
		}
	}
	r := spf.RangeOf(netip.MustParsePrefix("192.0.2.77/24"))
	if text, err := json.Marshal(r); err != nil || string(text) != `"192.0.2.0/24"` {
		t.Errorf("%s, %v", text, err)
	}
}

func TestCount(t *testing.T) {
	all := spf.RangeOf(netip.MustParsePrefix("::/0")).Count()
	one := spf.RangeOf(netip.MustParsePrefix("::/128")).Count()
	if all.Compare(one) <= 0 || one.Compare(all) >= 0 || all.Compare(all) != 0 || all.Plus(one).Compare(all) <= 0 {
		t.Error("the order of counts is wrong")
	}
	if _, ok := all.Uint64(); ok {
		t.Error("2^128 fits in 64 bits")
	}
	if n, ok := one.Plus(one).Uint64(); !ok || n != 2 {
		t.Errorf("1+1 is %d", n)
	}
	if text, err := json.Marshal(all.Plus(all)); err != nil || string(text) != "680564733841876926926749214863536422912" {
		t.Errorf("%s, %v", text, err)
	}
}

func TestMerge(t *testing.T) {
	var list []spf.Range
	for _, s := range []string{"192.0.2.8/30", "::1", "192.0.2.0/29", "192.0.2.1", "255.255.255.255", "::", "192.0.2.14"} {
		var r spf.Range
		if err := r.UnmarshalText([]byte(s)); err != nil {
			t.Fatal(err)
		}
		list = append(list, r)
	}
	list = append(list, spf.Range{}, spf.Range{From: list[1].From, To: list[0].To})
	text, err := json.Marshal(spf.Merge(list))
	if want := `["192.0.2.0-192.0.2.11","192.0.2.14","255.255.255.255","::/127"]`; err != nil || string(text) != want {
		t.Errorf("%s, want %s (%v)", text, want, err)
	}
}
