package envelope

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"unspoof/message"
)

// sealHead is what a seal says in the clear, as written.
type sealHead struct{ key, time string }

const base64Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="

// parseSeal reads "v=1; k=…; t=…; s=…", in that order, folded anywhere.
func parseSeal(f message.Field) (h sealHead, s []byte, ok bool) {
	value := f.Value()
	if len(value) > maxSeal {
		return h, nil, false
	}
	value = strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\r\n", r) {
			return -1
		}
		return r
	}, value)
	tags := strings.Split(strings.TrimSuffix(value, ";"), ";")
	if len(tags) != 4 || tags[0] != "v=1" {
		return h, nil, false
	}
	var okK, okT, okS bool
	h.key, okK = strings.CutPrefix(tags[1], "k=")
	h.time, okT = strings.CutPrefix(tags[2], "t=")
	text, okS := strings.CutPrefix(tags[3], "s=")
	if !okK || !okT || !okS || !isNumber(h.key, maxKeyID) || !isNumber(h.time, maxTime-1) {
		return h, nil, false
	}
	s, err := base64.RawURLEncoding.Strict().DecodeString(text)
	return h, s, err == nil && len(s) > nonceLen
}

// isNumber tells a decimal number up to most, without zeros in front.
func isNumber(s string, most int64) bool {
	n, err := strconv.ParseInt(s, 10, 64)
	return err == nil && n >= 0 && n <= most && strconv.FormatInt(n, 10) == s
}

// pad is what hidden text is filled up to a multiple of.
const pad = 32

// encode gives the text to hide: length and octets of each part, then zeros.
func (o Origin) encode() []byte {
	client, _ := o.Client.Unmap().WithZone("").MarshalBinary() // has no error
	var out []byte
	for _, part := range [][]byte{[]byte(o.Account), client, []byte(o.Session)} {
		out = append(append(out, byte(len(part))), part...)
	}
	return append(out, make([]byte, (pad-len(out)%pad)%pad)...)
}

func decodeOrigin(b []byte) (Origin, bool) {
	var part [3][]byte
	for i := range part {
		if len(b) == 0 || int(b[0]) >= len(b) {
			return Origin{}, false
		}
		end := 1 + int(b[0])
		part[i], b = b[1:end], b[end:]
	}
	o := Origin{Account: string(part[0]), Session: string(part[2])}
	err := o.Client.UnmarshalBinary(part[1])
	return o, err == nil && len(bytes.Trim(b, "\x00")) == 0
}

// sealed are the fields that a seal binds, in their order; must says which have
// to be there.
var sealed = [...]struct {
	name string
	must bool
}{{"from", true}, {"to", false}, {"subject", false}, {"date", true}, {"message-id", true}}

// maxField bounds each bound field, in octets: all of them are hashed for every
// pair of seal and body hash.
const maxField = 64 << 10

// binding is what a seal is bound to.
type binding struct {
	fields []byte // canonical fields, each with its line end
	names  []string
}

// bind takes the fields out of a header. A second field of a name is refused:
// readers may show that one.
func bind(h message.Header) (binding, error) {
	var b binding
	for _, want := range sealed {
		fields := h.All(want.name)
		switch {
		case len(fields) > 1:
			return binding{}, fmt.Errorf("envelope: %w: %d of %s", ErrFields, len(fields), want.name)
		case len(fields) == 1 && len(fields[0].Raw) > maxField:
			return binding{}, fmt.Errorf("envelope: %w: %s is longer than 64 KiB", ErrFields, want.name)
		case len(fields) == 1:
			b.names = append(b.names, want.name)
			b.fields = appendRelaxed(b.fields, want.name, fields[0].Raw)
		case want.must:
			return binding{}, fmt.Errorf("envelope: %w: %s is missing", ErrFields, want.name)
		}
	}
	return b, nil
}

// text gives all that is authenticated beside what is hidden. No part can hold a
// line end, so that no two bindings read the same.
func (b binding) text(h sealHead, bodyHash string) []byte {
	out := fmt.Appendf(nil, "v=1\nk=%s\nt=%s\nbh=%s\n", h.key, h.time, bodyHash)
	return append(out, b.fields...)
}

func (b binding) covered(bodyHash string) []string {
	out := append([]string(nil), b.names...)
	if bodyHash != "" {
		out = append(out, "bh")
	}
	return out
}

// appendRelaxed adds a field as RFC 6376 section 3.4.2 has it: the name in lower
// case, unfolded, white space reduced to single blanks and removed at both ends.
// Line ends count as white space even alone.
func appendRelaxed(dst []byte, name string, raw []byte) []byte {
	dst = append(append(dst, name...), ':')
	start := len(dst)
	blank := false
	for _, c := range raw[bytes.IndexByte(raw, ':')+1:] {
		if c == ' ' || c == '\t' || c == '\r' || c == '\n' {
			blank = true
			continue
		}
		if blank && len(dst) > start {
			dst = append(dst, ' ')
		}
		blank = false
		dst = append(dst, c)
	}
	return append(dst, '\n')
}

// maxHashes bounds the hashes tried for one seal.
const maxHashes = 8

// bodyHashes gives the hashes that a seal may cover; "" is for those that cover
// none.
func bodyHashes(a OpenArgs) []string {
	var out []string
	add := func(bh string) {
		if bh != "" && !slices.Contains(out, bh) && len(out) < maxHashes && strings.Trim(bh, base64Digits) == "" {
			out = append(out, bh)
		}
	}
	add(a.BodyHash)
	for _, f := range a.Header.All("DKIM-Signature") {
		for tag := range strings.SplitSeq(f.Value(), ";") {
			if name, value, _ := strings.Cut(tag, "="); strings.TrimSpace(name) == "bh" {
				add(strings.Join(strings.Fields(value), "")) // RFC 6376 section 3.5: FWS within is ignored
				break
			}
		}
		if len(out) == maxHashes {
			break
		}
	}
	return append(out, "")
}
