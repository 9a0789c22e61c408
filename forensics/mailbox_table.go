package forensics

import "strings"

// chunks is a list that grows without moving what it holds, so that growth
// never needs twice the room.
type chunks[T any] struct{ parts [][]T }

const chunkSize = 1024

func (c *chunks[T]) add(v T) uint32 {
	n := c.len()
	if n%chunkSize == 0 {
		c.parts = append(c.parts, make([]T, 0, chunkSize))
	}
	last := &c.parts[len(c.parts)-1]
	*last = append(*last, v)
	return uint32(n)
}

func (c *chunks[T]) at(i uint32) *T { return &c.parts[i/chunkSize][i%chunkSize] }

func (c *chunks[T]) len() int {
	if len(c.parts) == 0 {
		return 0
	}
	return (len(c.parts)-1)*chunkSize + len(c.parts[len(c.parts)-1])
}

// entryCost is what a text costs in a table besides its octets: its header
// twice, and its share of the map.
const entryCost = 80

// wordTable numbers texts from 1, as long as there is room for them.
type wordTable struct {
	room, allowance int
	used            int
	numbers         map[string]uint32
	words           []string
	missed          int // asked for without room
}

func newWordTable(room, allowance int) wordTable {
	return wordTable{room: room, allowance: allowance, numbers: map[string]uint32{}}
}

// intern gives the number of s, 0 when there is no room; messages is how many
// earn an allowance.
func (t *wordTable) intern(s string, messages int) uint32 {
	if n, ok := t.numbers[s]; ok {
		return n
	}
	if cost := len(s) + entryCost; t.used+cost <= t.room+t.allowance*messages {
		t.used += cost
		t.words = append(t.words, strings.Clone(s))
		n := uint32(len(t.words))
		t.numbers[t.words[n-1]] = n
		return n
	}
	t.missed++
	return 0
}

// word gives the text of a number, "" for 0.
func (t *wordTable) word(n uint32) string {
	if n == 0 {
		return ""
	}
	return t.words[n-1]
}
