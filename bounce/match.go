package bounce

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// maxFolded bounds the text that phrases are sought in: what a notice has to say
// stands at its beginning.
const maxFolded = 24 << 10

// topic is a set of things that a text speaks about.
type topic uint16

const (
	failed    topic = 1 << iota // mail was not delivered
	final                       // and nobody will try again
	delayed                     // mail is late and will be tried again
	delayWord                   // says "delay" in a subject; too common in a text
	away                        // nobody reads this now, an automatic answer
	held                        // mail waits until the sender does something
	confirm                     // which is to confirm
	lure                        // what phishing asks for
	forward                     // a person passes a message on
	admin                       // a mail system speaks to its postmaster
)

// topics tells what s, any text in UTF-8, speaks about, in the languages of the
// phrase table.
func topics(s string) topic {
	t, _ := countTopics(s)
	return t
}

// countTopics is topics, with the number of different lures.
func countTopics(s string) (topic, int) {
	folded := fold(s)
	m := matcherOf()
	var found topic
	lures := 0
	var seen [8]int32 // the lures counted
	prevLetter := false
	for i := 0; i+4 <= len(folded); i++ {
		c := folded[i]
		letter := c >= 'a' && c <= 'z'
		skip := letter && prevLetter
		prevLetter = letter
		if skip || c == ' ' {
			continue
		}
		key := uint32(c) | uint32(folded[i+1])<<8 | uint32(folded[i+2])<<16 | uint32(folded[i+3])<<24
		h := key * 2654435761 >> 16
		if m.filter[h>>6]&(1<<(h&63)) == 0 {
			continue
		}
		for _, k := range m.buckets[key] {
			p := &m.phrases[k]
			if len(folded)-i < len(p.text) || string(folded[i:i+len(p.text)]) != p.text {
				continue
			}
			found |= p.topic
			if p.topic&lure != 0 && lures < len(seen) && !contains(seen[:lures], k) {
				seen[lures] = k
				lures++
			}
		}
	}
	return found, lures
}

func contains(list []int32, k int32) bool {
	for _, x := range list {
		if x == k {
			return true
		}
	}
	return false
}

// fold brings text to the form of the phrase table: lower case, straight
// apostrophes, each run of white space one space.
func fold(s string) []byte {
	if len(s) > maxFolded {
		s = s[:maxFolded]
	}
	out := make([]byte, 0, len(s)+len(s)/8+8)
	space := true
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			i++
			switch {
			case c <= ' ':
				if !space {
					out = append(out, ' ')
					space = true
				}
				continue
			case c >= 'A' && c <= 'Z':
				c |= 0x20
			}
			out = append(out, c)
			space = false
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		switch r {
		case '’', '‘', '´', 'ʼ':
			out = append(out, '\'')
		case '\u00a0', '\u3000', '\u2028':
			if !space {
				out = append(out, ' ')
			}
			space = true
			continue
		default:
			out = utf8.AppendRune(out, unicode.ToLower(r))
		}
		space = false
	}
	return out
}

// phrase is one entry of the matcher.
type phrase struct {
	text  string
	topic topic
}

// matcher finds all phrases in one pass over a text: the first four octets of
// each are looked up in a bit filter, then in a table.
type matcher struct {
	filter  [1 << 10]uint64
	buckets map[uint32][]int32
	phrases []phrase
}

// matcherOf gives the matcher of the phrase table, made once.
var matcherOf = sync.OnceValue(func() *matcher {
	m := &matcher{buckets: make(map[uint32][]int32)}
	for _, group := range phraseTable {
		for _, line := range strings.Split(group.phrases, "\n") {
			text := strings.TrimSpace(line)
			if len(text) < 4 {
				continue
			}
			key := uint32(text[0]) | uint32(text[1])<<8 | uint32(text[2])<<16 | uint32(text[3])<<24
			h := key * 2654435761 >> 16
			m.filter[h>>6] |= 1 << (h & 63)
			m.buckets[key] = append(m.buckets[key], int32(len(m.phrases)))
			m.phrases = append(m.phrases, phrase{text, group.topic})
		}
	}
	return m
})
