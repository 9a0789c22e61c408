package sender

import (
	"slices"
	"strings"
	"testing"
)

func TestFind(t *testing.T) {
	for _, tc := range []struct{ rule, name, want string }{
		{"id", "microsoft-365", "microsoft-365"},
		{"full name", "Microsoft 365 / Exchange Online", "microsoft-365"},
		{"usual name", "Office 365", "microsoft-365"},
		{"spaces and case do not matter", "  gOOgle  workspace ", "google-workspace"},
		{"name without its bracket", "Brevo", "brevo"},
		{"name in the bracket", "Sendinblue", "brevo"},
		{"ampersand", "1&1", "ionos"},
		{"empty", "", ""},
		{"only punctuation", "--", ""},
		{"host names are for ByInclude", "_spf.google.com", ""},
		{"huge", strings.Repeat("mailchimp", 1000), ""},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			s, ok := Find(tc.name)
			if s.ID != tc.want || ok != (tc.want != "") {
				t.Errorf("Find(%q) = %q, %v, want %q", tc.name, s.ID, ok, tc.want)
			}
		})
	}
}

func TestNamesAreUnique(t *testing.T) {
	owner := map[string]string{}
	for _, s := range All() {
		for _, n := range s.names() {
			k := key(n)
			if k == "" {
				t.Errorf("%s: name %q has no letter", s.ID, n)
			}
			if o := owner[k]; o != "" && o != s.ID {
				t.Errorf("%q means both %s and %s", n, o, s.ID)
			}
			owner[k] = s.ID
		}
	}
}

func TestSuggest(t *testing.T) {
	for _, tc := range []struct{ rule, name, want string }{
		{"a letter missing", "mailchmp", "mailchimp"},
		{"letters swapped", "mialchimp", "mailchimp"},
		{"underscore too many (K-05)", "_secureserver.net", "godaddy-professional"},
		{"copied with the mechanism", "include:_secureserver.net", "godaddy-professional"},
		{"underscore missing (K-05)", "spf.perfora.net", "ionos"},
		{"top-level domain wrong", "sendgrid.com", "sendgrid"},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			got := Suggest(tc.name)
			if len(got) == 0 || got[0].ID != tc.want {
				t.Errorf("Suggest(%q) = %v, want %s first", tc.name, got, tc.want)
			}
			if len(got) > maxSuggestions {
				t.Errorf("Suggest(%q) gives %d", tc.name, len(got))
			}
		})
	}
	for _, far := range []string{"", "x", "our own server", "example.com", strings.Repeat("z", 1<<20)} {
		if got := Suggest(far); got != nil {
			t.Errorf("Suggest(%.20q) = %v, want nothing", far, got)
		}
	}
}

func TestSuggestHosts(t *testing.T) {
	for _, tc := range []struct {
		rule, host string
		want       []string
	}{
		{"underscore too many", "_secureserver.net", []string{"secureserver.net"}},
		{"underscore missing", "spf.kundenserver.de", []string{"_spf.kundenserver.de"}},
		{"with the mechanism", "include:_spf.gogle.com", []string{"_spf.google.com"}},
		{"right as it is", "secureserver.net", nil},
		{"far from all", "mail.example.com", nil},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			if got := SuggestHosts(tc.host); !slices.Equal(got, tc.want) {
				t.Errorf("SuggestHosts(%q) = %q, want %q", tc.host, got, tc.want)
			}
		})
	}
}

func TestFindBogus(t *testing.T) {
	b, ok := FindBogus("_SPF.mimecast.com.")
	if !ok || b.Service != "mimecast" || !b.Confirmed {
		t.Errorf("got %+v, %v", b, ok)
	}
	if b, ok := FindBogus("us._netblocks.mimecast.com"); ok {
		t.Errorf("got %+v", b)
	}
}

func TestDistance(t *testing.T) {
	for _, tc := range []struct {
		a, b        string
		limit, want int
	}{
		{"", "", 2, 0}, {"abc", "abc", 2, 0}, {"abc", "ab", 2, 1}, {"abc", "xabc", 2, 1},
		{"abc", "axc", 2, 1}, {"abc", "acb", 2, 1}, {"kitten", "sitting", 3, 3},
		{"kitten", "sitting", 2, 3}, {"a", "abcdef", 2, 3}, {"abcdefgh", "badcfehg", 4, 4},
		{"abcdefgh", "hgfedcba", 3, 4},
	} {
		if got := distance(tc.a, tc.b, tc.limit); got != tc.want {
			t.Errorf("distance(%q, %q, %d) = %d, want %d", tc.a, tc.b, tc.limit, got, tc.want)
		}
		if got := distance(tc.b, tc.a, tc.limit); got != tc.want {
			t.Errorf("distance(%q, %q, %d) = %d, want %d", tc.b, tc.a, tc.limit, got, tc.want)
		}
	}
}
