package probe

import (
	"encoding/base64"
	"net/url"
	"strings"
)

// secrets are what no report may hold, in all the ways that a server may say it
// back: many repeat a command that they don't understand.
type secrets struct {
	grams map[string]bool
	sizes []int // of the grams
}

// gram is how much of a secret counts as the secret: a server may repeat only a
// part. Shorter ones count as a whole.
const gram = 8

// hidden stands in place of a secret.
const hidden = "(left out)"

func newSecrets(l *Login) *secrets {
	s := &secrets{grams: map[string]bool{}}
	if l == nil || l.Password == "" {
		return s
	}
	words := []string{l.Password, url.QueryEscape(l.Password), url.PathEscape(l.Password)}
	for _, code := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.RawURLEncoding} {
		words = append(words, code.EncodeToString([]byte(l.Password)), code.EncodeToString([]byte(l.token())))
	}
	for _, w := range words {
		s.add(asciiLower(w))
	}
	return s
}

func (s *secrets) add(word string) {
	n := min(gram, len(word))
	for i := 0; i+n <= len(word); i++ {
		s.grams[word[i:i+n]] = true
	}
	for _, known := range s.sizes {
		if known == n {
			return
		}
	}
	s.sizes = append(s.sizes, n)
}

// hide takes the secrets out of a line, in upper and lower case.
func (s *secrets) hide(line string) string {
	low := asciiLower(line)
	covered := make([]bool, len(line))
	found := false
	for _, n := range s.sizes {
		for i := 0; i+n <= len(low); i++ {
			if !s.grams[low[i:i+n]] {
				continue
			}
			found = true
			for k := i; k < i+n; k++ {
				covered[k] = true
			}
		}
	}
	if !found {
		return line
	}
	var b strings.Builder
	for i := range len(line) {
		switch {
		case !covered[i]:
			b.WriteByte(line[i])
		case i == 0 || !covered[i-1]:
			b.WriteString(hidden)
		}
	}
	return b.String()
}

// asciiLower keeps every octet where it is, which strings.ToLower does not.
func asciiLower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c | 0x20
		}
	}
	return string(b)
}

// token is the login as PLAIN sends it (RFC 4616 section 2).
func (l *Login) token() string { return "\x00" + l.User + "\x00" + l.Password }

// clean takes the secrets out of all that a report keeps of a test: errors and
// certificates may hold text of the server's, too.
func (s *secrets) clean(t Test) Test {
	t.Why = s.hide(t.Why)
	for _, lines := range [][]string{t.Dialogue, t.proof} {
		for i, l := range lines {
			lines[i] = s.hide(l)
		}
	}
	values := map[string]string{}
	for k, v := range t.values {
		values[k] = s.hide(v)
	}
	t.values = values
	return t
}
