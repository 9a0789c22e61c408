package spf

import (
	"fmt"
	"strings"
)

// Sizes of a DNS answer over UDP.
const (
	plainAnswer = 512  // that every receiver takes (RFC 1035 section 4.2.1, RFC 7208 section 3.4)
	largeAnswer = 1232 // that travels everywhere unbroken with EDNS0 (RFC 6891)
)

// maxString is what one character-string holds (RFC 1035 section 3.3).
const maxString = 255

// minText is the room that the record of the domain gets at least, whatever else
// stands beside it.
const minText = 200

// sheet is a record being written: words in order, and those moved to parts.
type sheet struct {
	slots []slot
	tail  []string // modifiers
	parts [][]string
}

// slot is one group: its words, and the parts that hold more of them.
type slot struct {
	sign  string
	words []string
	parts []int
}

// lay makes the sheet of groups, all in one record.
func lay(groups []group, tail []string) *sheet {
	s := &sheet{tail: tail}
	for _, g := range groups {
		sl := slot{sign: sign(g.word)}
		switch {
		case g.all:
			sl.words = []string{"all"}
		case g.text != "":
			sl.words = []string{g.text}
		}
		for _, p := range g.nets {
			sl.words = append(sl.words, NetworkTerm(p))
		}
		s.slots = append(s.slots, sl)
	}
	return s
}

// sign is the qualifier for a word, which is left out for pass.
func sign(w Word) string {
	switch w {
	case Fail:
		return "-"
	case SoftFail:
		return "~"
	case Neutral:
		return "?"
	}
	return ""
}

// split moves networks to parts until the record has at most room octets, each
// part at most partRoom. It gives up where that takes more parts than look-ups are
// allowed.
func (s *sheet) split(room, partRoom, nameLength int) error {
	include := len(" include:") + nameLength
	whole := s.size(nameLength)
	for size := whole; size > room; {
		if len(s.parts) == defaultLookups {
			return fmt.Errorf("spf: the record would have %d octets; it and ten others, as many as look-ups are allowed, have room for about %d: %w", whole, room+defaultLookups*partRoom, ErrTooLarge)
		}
		widest, most := -1, 0
		for i := range s.slots {
			if n := octets(s.slots[i].words) + len(s.slots[i].words)*len(s.slots[i].sign); len(s.slots[i].words) > 1 && n > most {
				widest, most = i, n
			}
		}
		if widest < 0 || most <= include+1 {
			return fmt.Errorf("spf: what needs DNS takes %d octets, and a record has room for %d: %w", size, room, ErrTooLarge)
		}
		sl := &s.slots[widest]
		n, length := 0, len(version)+len(" -all")
		for n < len(sl.words) && length+1+len(sl.words[n]) <= partRoom {
			length += 1 + len(sl.words[n])
			n++
		}
		size -= length - len(version) - len(" -all") + n*len(sl.sign)
		size += include + len(sl.sign)
		sl.parts = append(sl.parts, len(s.parts))
		s.parts = append(s.parts, sl.words[:n])
		sl.words = sl.words[n:]
	}
	return nil
}

func octets(words []string) (n int) {
	for _, w := range words {
		n += 1 + len(w)
	}
	return n
}

func (s *sheet) size(nameLength int) int {
	n := len(version) + octets(s.tail)
	for i := range s.slots {
		sl := &s.slots[i]
		n += octets(sl.words) + len(sl.words)*len(sl.sign)
		n += len(sl.parts) * (len(" include:") + nameLength + len(sl.sign))
	}
	return n
}

// texts writes the record, and its parts under their names.
func (s *sheet) texts(names []string) (record string, parts []string) {
	words := []string{version}
	for i := range s.slots {
		sl := &s.slots[i]
		for _, n := range sl.parts {
			words = append(words, sl.sign+"include:"+quote(names[n]))
		}
		for _, w := range sl.words {
			words = append(words, sl.sign+w)
		}
	}
	for _, part := range s.parts {
		parts = append(parts, version+" "+strings.Join(part, " ")+" -all")
	}
	return strings.Join(append(words, s.tail...), " "), parts
}

// answerSize is the size of the DNS answer that holds a TXT record alone: header,
// question, the record with a pointer for its name, and an EDNS0 option (RFC 1035
// section 4, RFC 6891 section 6.1).
func answerSize(name, text string) int {
	return 12 + len(name) + 2 + 4 + recordSize(len(text)) + 11
}

// recordSize is that of a TXT record of so many octets, cut in strings.
func recordSize(text int) int { return 12 + text + (text+maxString-1)/maxString }

// roomFor is the longest text for which answerSize is at most limit with others
// octets of other records beside it.
func roomFor(limit int, name string, others int) int {
	n := limit - answerSize(name, "") - others
	return n - (n+maxString)/(maxString+1)
}

// publish writes a record with the sizes and strings that it has in DNS.
func publish(name, text string) Published {
	p := Published{Name: name, Text: text, Strings: []string{}, Octets: answerSize(name, text)}
	for len(text) > maxString {
		cut := maxString
		// Inside a word, so that no form that trims strings eats a space.
		for cut > maxString/2 && (text[cut-1] == ' ' || text[cut] == ' ') {
			cut--
		}
		p.Strings, text = append(p.Strings, text[:cut]), text[cut:]
	}
	p.Strings = append(p.Strings, text)
	return p
}
