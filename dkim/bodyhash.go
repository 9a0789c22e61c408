package dkim

import (
	"crypto/sha256"
	"hash"
	"slices"
)

// BodyDigest gives the SHA-256 of the canonical body, or of its first limit
// octets where limit is not negative (l=, RFC 6376 section 3.7), and the length
// of the whole canonical body. The digest is zero where the body is shorter than
// limit.
func BodyDigest(body []byte, c Canonicalization, limit int64) (digest [32]byte, size int64) {
	b := newBodyHash(c)
	b.want(limit)
	b.canon.Write(body)
	b.finish()
	digest, _ = b.at(limit)
	return digest, b.size
}

// bodyHash hashes one canonical form of a body once, for every signature of that
// form: a signature with l= wants the state of the hash at one place, which is
// noted when the octets come by.
type bodyHash struct {
	canon bodyCanon
	hash  hash.Hash
	size  int64 // canonical octets so far
	stops []bodyStop
	next  int // the first of stops that is still to come
	whole [32]byte
}

// bodyStop is the hash of the first at octets.
type bodyStop struct {
	at   int64
	sum  [32]byte
	done bool
}

func newBodyHash(c Canonicalization) *bodyHash {
	b := &bodyHash{hash: sha256.New()}
	b.canon.relaxed = c == Relaxed
	b.canon.out = b
	return b
}

// want asks for the hash of the first limit octets, or of all for a negative
// limit. All calls come before the first octet.
func (b *bodyHash) want(limit int64) {
	if limit < 0 {
		return
	}
	i, found := slices.BinarySearchFunc(b.stops, limit, func(s bodyStop, at int64) int {
		return int(min(max(s.at-at, -1), 1))
	})
	if !found {
		b.stops = slices.Insert(b.stops, i, bodyStop{at: limit})
	}
}

// Write takes canonical octets.
func (b *bodyHash) Write(p []byte) (int, error) {
	n := len(p)
	for b.next < len(b.stops) && b.size+int64(len(p)) >= b.stops[b.next].at {
		k := b.stops[b.next].at - b.size
		b.hash.Write(p[:k])
		b.size += k
		p = p[k:]
		b.stop()
	}
	b.hash.Write(p)
	b.size += int64(len(p))
	return n, nil
}

// stop notes the hash so far.
func (b *bodyHash) stop() {
	s := &b.stops[b.next]
	b.hash.Sum(s.sum[:0])
	s.done = true
	b.next++
}

// finish ends the body.
func (b *bodyHash) finish() {
	b.canon.finish()
	if b.next < len(b.stops) && b.stops[b.next].at == b.size { // l=0 of an empty body
		b.stop()
	}
	b.hash.Sum(b.whole[:0])
}

// at gives the hash that was wanted; ok is false where the body is shorter.
func (b *bodyHash) at(limit int64) (sum [32]byte, ok bool) {
	if limit < 0 {
		return b.whole, true
	}
	for i := range b.stops {
		if b.stops[i].at == limit {
			return b.stops[i].sum, b.stops[i].done
		}
	}
	return sum, false
}
