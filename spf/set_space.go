package spf

import "sync"

// setSpace is memory that walks use one after the other: nothing of a Set lies in
// it.
type setSpace struct {
	buffers [2][2][]piece // of fold, for each family
	chunk   []piece       // of address runs; what is before its length is in use
	sources []origin
}

// maxSetSpace bounds what is kept for the next walk, in pieces of each list: that
// of a record with some ten thousand networks.
const maxSetSpace = 1 << 15

var setSpaces = sync.Pool{New: func() any { return new(setSpace) }}

// room gives a list without pieces and with space for n.
func (s *setSpace) room(n int) []piece {
	if cap(s.chunk)-len(s.chunk) < n {
		s.chunk = make([]piece, 0, max(n, 2*cap(s.chunk))) // others may still use the old one
	}
	at := len(s.chunk)
	return s.chunk[at:at:cap(s.chunk)]
}

// take says that n pieces of the room given last stay in use.
func (s *setSpace) take(n int) { s.chunk = s.chunk[:len(s.chunk)+n] }

// release gives the space to the next walk.
func (s *setSpace) release() {
	for f := range s.buffers {
		for i := range s.buffers[f] {
			if cap(s.buffers[f][i]) > maxSetSpace {
				s.buffers[f][i] = nil
			}
		}
	}
	if cap(s.chunk) > maxSetSpace {
		s.chunk = nil
	}
	if cap(s.sources) > maxSetSpace {
		s.sources = nil
	}
	s.chunk, s.sources = s.chunk[:0], s.sources[:0]
	setSpaces.Put(s)
}
