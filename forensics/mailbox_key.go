package forensics

import (
	"hash/maphash"
	"strings"

	"unspoof/bounce"
)

// minSignature is how many characters of b= identify a message: a whole
// signature of the shortest kind (Ed25519) has 86.
const minSignature = 40

// keyOf gives the number by which an original is recognised: its Message-ID,
// else its first signature, else From, Subject and Date together. false when it
// has none of these; then each notice counts as a message of its own.
//
// The number is a hash of 64 bits under a seed that nobody outside knows: among
// a million messages two meet by chance once in 40 million mailboxes.
func (m *Mailbox) keyOf(n *bounce.Notice) (uint64, bool) {
	o := &n.Original
	if id := strings.TrimSpace(o.MessageID); len(id) > 2 { // more than "<>"
		return m.hash("i", id), true
	}
	if f, ok := o.Header.First("DKIM-Signature"); ok {
		if b := signatureData(f.Value()); len(b) >= minSignature {
			return m.hash("b", b), true
		}
	}
	date := o.Header.Value("Date")
	if date == "" || o.From == "" && o.Subject == "" {
		return 0, false
	}
	return m.hash("d", o.From, o.Subject, date), true
}

// signatureData gives the b= tag (RFC 6376 section 3.5), blanks removed.
func signatureData(v string) string {
	for tag := range strings.SplitSeq(v, ";") {
		name, value, _ := strings.Cut(tag, "=")
		if strings.TrimSpace(name) == "b" {
			return strings.Join(strings.Fields(value), "")
		}
	}
	return ""
}

func (m *Mailbox) hash(parts ...string) uint64 {
	var h maphash.Hash
	h.SetSeed(m.seed)
	for _, p := range parts {
		h.WriteString(p)
		h.WriteByte(0)
	}
	return h.Sum64()
}
