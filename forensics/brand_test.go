package forensics

import (
	"strings"
	"testing"
)

func brandNames(m *brandMatcher, display, subject, text string, hosts ...string) string {
	var names []string
	for _, i := range m.find(display, subject, text, hosts) {
		names = append(names, brands[i].name)
	}
	return strings.Join(names, ", ")
}

func TestBrandsImitated(t *testing.T) {
	m := newBrandMatcher([]string{"brand.example"})
	for _, c := range []struct{ name, display, subject, text, host, want string }{
		{name: "display name", display: "PayPal Service", want: "PayPal"},
		{name: "subject", subject: "Bank of America: your account is limited", want: "Bank of America"},
		{name: "letters of another script", display: "РаyРаl", want: "PayPal"},
		{name: "digits for letters", display: "Paypa1", want: "PayPal"},
		{name: "zero-width letters inside", display: "Pay\u200bPal", want: "PayPal"},
		{name: "accents", subject: "Crédit Agricole - votre compte", want: "Crédit Agricole"},
		{name: "full width", display: "ＰａｙＰａｌ", want: "PayPal"},
		{name: "text with bait", text: "Dear customer, your Netflix password has expired", want: "Netflix"},
		{name: "text without bait", text: "we watched Netflix all night"},
		{name: "the foot of a mail", text: "update your account. Follow us on Facebook, Instagram and LinkedIn"},
		{name: "inside another word", subject: "Amazonian purchases at paypalm and dhlx", text: "account"},
		{name: "a word of the language", display: "Anna", subject: "the chase is on: apple pie for target groups", text: "your account, visa application"},
		{name: "a word as the whole name", display: "Apple", want: "Apple"},
		{name: "a name that holds the word", display: "Fiona Apple"},
		{name: "look-alike host", host: "secure.paypal.com.evil.example", want: "PayPal"},
		{name: "look-alike with digits", host: "paypa1-login.example", want: "PayPal"},
		{name: "look-alike with doubled letter", host: "paypall.example", want: "PayPal"},
		{name: "look-alike with pairs", host: "rnicrosoft.example", want: "Microsoft"},
		{name: "look-alike in another script", host: "xn--pypal-4ve.example", want: "PayPal"},
		{name: "look-alike with hyphens", host: "wells-fargo.example", want: "Wells Fargo"},
		{name: "three words with hyphens", host: "bank-of-america.example", want: "Bank of America"},
		{name: "common word in a host alone", host: "apple.example"},
		{name: "common word beside bait", host: "apple-id.example", want: "Apple"},
		{name: "the brand's own host", host: "www.paypal.com"},
		{name: "inside another label", host: "mypaypalms.example"},
		{name: "our own host", host: "paypal.brand.example"},
		{name: "most telling first", display: "DHL", subject: "PayPal invoice", want: "DHL, PayPal"},
	} {
		var hosts []string
		if c.host != "" {
			hosts = []string{c.host}
		}
		if got := brandNames(m, c.display, c.subject, c.text, hosts...); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestOwnNameIsNoBrand(t *testing.T) {
	for _, d := range []string{"paypal.example", "paypal.com", "mail.paypal.com"} {
		if got := brandNames(newBrandMatcher([]string{d}), "PayPal", "your PayPal account", "", "paypal-login.example"); got != "" {
			t.Errorf("%s: got %q", d, got)
		}
	}
	if got := brandNames(newBrandMatcher([]string{"wells-fargo.example"}), "Wells Fargo", "", ""); got != "" {
		t.Errorf("hyphen: got %q", got)
	}
}

func TestBrandTableIsInTheFormThatIsMatched(t *testing.T) {
	seen := map[string]string{}
	for _, b := range brands {
		for _, p := range append(append([]string{}, b.phrases...), b.whole...) {
			if got := strings.Join(brandWords(p, 100), " "); got != p {
				t.Errorf("%s: %q can never match, it reads %q", b.name, p, got)
			}
			if o := seen[p]; o != "" {
				t.Errorf("%q stands for %s and %s", p, o, b.name)
			}
			seen[p] = b.name
		}
		if b.key != strings.ToLower(strings.ReplaceAll(b.key, " ", "")) {
			t.Errorf("%s: key %q", b.name, b.key)
		}
	}
}

func FuzzBrands(f *testing.F) {
	m := newBrandMatcher([]string{"brand.example"})
	f.Add("PayPal", "subject", "text account dhl", "paypal.evil.example")
	f.Fuzz(func(t *testing.T, display, subject, text, host string) {
		if n := len(m.find(display, subject, text, []string{host})); n > maxBrands {
			t.Errorf("got %d", n)
		}
	})
}
