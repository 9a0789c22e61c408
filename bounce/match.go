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
	mailLure                    // and it is about mail
	forward                     // a person passes a message on
	admin                       // a mail system speaks to its postmaster
)

// topics tells what s, any text in UTF-8, speaks about, in the languages of the
// phrase table.
func topics(s string) topic {
	t, _ := countTopics(s)
	return t
}

// countTopics is topics, with the number of different lures, at most eight.
func countTopics(s string) (found topic, lures int) {
	var seen [8]int
	topicPhrases().scan(fold(s), func(k, _ int, p *phrase) bool {
		t := topic(p.mark)
		found |= t
		if t&lure != 0 && lures < len(seen) {
			for _, x := range seen[:lures] {
				if x == k {
					return true
				}
			}
			seen[lures] = k
			lures++
		}
		return true
	})
	return found, lures
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

// phrase is one entry of a table of phrases.
type phrase struct {
	text string
	mark uint16 // what it stands for
}

// phrases finds the phrases of a table in one pass over a text: the first four
// octets of each are looked up in a bit filter, then in a map. A phrase matches
// at the start of a word; it may end inside one.
type phrases struct {
	filter  [1 << 10]uint64
	buckets map[uint32][]int32
	list    []phrase
}

// add puts the lines of text into the table; an underscore at the end of a line
// stands for a space.
func (t *phrases) add(mark uint16, text string) {
	if t.buckets == nil {
		t.buckets = make(map[uint32][]int32)
	}
	for _, line := range strings.Split(text, "\n") {
		line = strings.Trim(line, " \t")
		if cut, ok := strings.CutSuffix(line, "_"); ok {
			line = cut + " "
		}
		if len(line) < 4 {
			continue
		}
		key := uint32(line[0]) | uint32(line[1])<<8 | uint32(line[2])<<16 | uint32(line[3])<<24
		h := key * 2654435761 >> 16
		t.filter[h>>6] |= 1 << (h & 63)
		t.buckets[key] = append(t.buckets[key], int32(len(t.list)))
		t.list = append(t.list, phrase{line, mark})
	}
}

// scan calls found with the number of each phrase in b, which is folded, and the
// offset behind it, until found says false.
func (t *phrases) scan(b []byte, found func(k, end int, p *phrase) bool) {
	prevLetter := false
	for i := 0; i+4 <= len(b); i++ {
		c := b[i]
		letter := c >= 'a' && c <= 'z'
		skip := letter && prevLetter
		prevLetter = letter
		if skip || c == ' ' {
			continue
		}
		key := uint32(c) | uint32(b[i+1])<<8 | uint32(b[i+2])<<16 | uint32(b[i+3])<<24
		h := key * 2654435761 >> 16
		if t.filter[h>>6]&(1<<(h&63)) == 0 {
			continue
		}
		for _, k := range t.buckets[key] {
			p := &t.list[k]
			if end := i + len(p.text); end <= len(b) && string(b[i:end]) == p.text && !found(int(k), end, p) {
				return
			}
		}
	}
}

// topicPhrases gives the table of topics, made once.
var topicPhrases = sync.OnceValue(func() *phrases {
	t := new(phrases)
	for _, group := range phraseTable {
		if group.topic&lure == 0 {
			t.add(uint16(group.topic), group.phrases)
			continue
		}
		for _, line := range strings.Split(group.phrases, "\n") {
			mark := group.topic
			for _, word := range mailWords {
				if strings.Contains(line, word) {
					mark |= mailLure
				}
			}
			t.add(uint16(mark), line)
		}
	}
	return t
})

// mailWords tell lures about mail from those about parcels, in the languages of
// the table.
var mailWords = []string{"mail", "message", "inbox", "nachricht", "postfach", "boîte", "buzón", "mensaje", "casella", "messagg", "caixa", "mensage", "bericht", "skrzynk", "ящик", "メール", "邮箱"}
