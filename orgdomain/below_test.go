package orgdomain

import "testing"

func TestBelow(t *testing.T) {
	for _, c := range []struct {
		domain, name string
		want         bool
	}{
		{"example.com", "example.com", true}, {"example.com", "a.example.com", true}, {"example.com", "notexample.com", false},
		{"example.com", "com", false}, {"example.com", "", false}, {"", "example.com", false}, {"", "", false},
	} {
		if got := Below(c.domain, c.name); got != c.want {
			t.Errorf("%q below %q: %v", c.name, c.domain, got)
		}
	}
}

func TestTidy(t *testing.T) {
	for in, want := range map[string]string{"": "", " MAIL.Example.com. ": "mail.example.com", "a b": "", "192.0.2.1": "", "a@b.example": ""} {
		if got := Tidy(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
