package dkim

import "crypto/sha256"

// Bounds on the trials for one signature. An RSA signature tells the hash that was
// signed, so that a trial is one hash; of Ed25519 each is a key operation.
const (
	maxTriesRSA     = 2000
	maxTriesEd25519 = 120
	// maxTrialBytes is the most canonical header that is tried upon: the work
	// of all trials stays under 130 MB of hash.
	maxTrialBytes = 64 << 10
	// maxTrialHashes bounds the trials for all signatures of a message together.
	maxTrialHashes = 256 << 20
)

// trials tests what was signed: the fields of h=, each of which may be replaced.
type trials struct {
	sig   *Signature
	key   *Key
	head  *Header
	index int // of the signature in the header

	names  []string // of the fields below, as in h=
	fields [][]byte // whole fields, nil where there is none
	pieces [][]byte // the same, canonical
	own    []byte   // the signature's field
	size   int
	tries  int
	most   int
	swaps  []swap // candidates for repairs

	digest  [32]byte // what was signed; of RSA only
	opened  bool     // digest is known
	foreign bool     // an RSA signature that this key did not make
	buf     []byte
}

func newTrials(h *Header, index int, s *Signature, k *Key) *trials {
	t := &trials{sig: s, key: k, head: h, index: index, names: s.Signed, most: maxTriesEd25519}
	h.startSelection()
	for _, name := range s.Signed {
		var raw, piece []byte
		if i := h.take(name, index); i >= 0 {
			raw = h.Raw(i)
			piece = AppendField(nil, raw, s.HeaderCanon)
		}
		t.fields = append(t.fields, raw)
		t.pieces = append(t.pieces, piece)
		t.size += len(piece)
	}
	t.own = s.appendUnsigned(nil)
	if k.rsa != nil {
		t.most = maxTriesRSA
		t.digest, t.opened = signedDigest(k.rsa, s.Value)
		t.foreign = !t.opened
	}
	return t
}

// fits tests the fields with some replaced.
func (t *trials) fits(swaps ...swap) bool {
	if t.tries >= t.most {
		return false
	}
	t.tries++
	buf := t.buf[:0]
	for i, piece := range t.pieces {
		for _, s := range swaps {
			if s.at == i {
				piece = s.piece
			}
		}
		buf = append(buf, piece...)
	}
	buf = append(buf, t.own...)
	t.buf = buf
	sum := sha256.Sum256(buf)
	if t.opened {
		return sum == t.digest
	}
	return t.key.Verify(sum, t.sig.Value)
}

// swap puts another field, or none, in the place of one.
type swap struct {
	at    int
	piece []byte // canonical; nil for none
	undo  Break  // what that undoes
}

// header tells whether the header fits, with as few repairs as it takes, and
// else what probably broke it.
func (t *trials) header(repair bool, body []byte) (breaks []Break, ok bool) {
	if t.fits() {
		return nil, true
	}
	if t.foreign {
		return []Break{{Field: "DKIM-Signature", Change: Changed,
			Cause: "another key made the signature, or its b= was damaged on the way"}}, false
	}
	if !repair {
		return t.suspects(nil), false
	}
	if breaks, ok := t.single(body); ok {
		return breaks, true
	}
	swaps := t.swaps
	for i, a := range swaps {
		for _, b := range swaps[i+1:] {
			if a.at != b.at && t.fits(a, b) {
				return proven(a, b), true
			}
		}
	}
	return t.suspects(swaps), false
}

// single looks for one repair that makes the header fit.
func (t *trials) single(body []byte) ([]Break, bool) {
	if t.size > maxTrialBytes {
		return nil, false
	}
	t.swaps = t.candidates(body)
	for _, s := range t.swaps {
		if t.fits(s) {
			return proven(s), true
		}
	}
	return nil, false
}

func proven(swaps ...swap) (out []Break) {
	for _, s := range swaps {
		s.undo.Proven = true
		out = append(out, s.undo)
	}
	return out
}

// suspects names what may have broken the header, where no trial proved it.
func (t *trials) suspects(swaps []swap) (out []Break) {
	seen := map[string]bool{}
	for _, s := range swaps {
		if b := s.undo; b.Change == Changed && !seen[b.Field] && likely(b.Field, s) {
			seen[b.Field] = true
			out = append(out, b)
		}
	}
	for i, name := range t.names {
		if t.fields[i] == nil && always(name) && !seen[name] && !t.present(name) {
			seen[name] = true
			out = append(out, Break{Field: name, Change: Removed, Cause: "the signature names it, and it did not come back"})
		}
	}
	if t.sig.HeaderCanon == Simple {
		out = append(out, Break{Change: Changed, Cause: "the header is signed in simple form, which no change of folding or spaces survives"})
	}
	if out == nil {
		out = append(out, Break{Change: Changed, Cause: "a signed field was changed, added or removed; which one can't be told"})
	}
	return out
}

func (t *trials) present(name string) bool { return len(t.head.All(name)) > 0 }
