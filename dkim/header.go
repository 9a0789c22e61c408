package dkim

import (
	"bytes"
)

// maxFields bounds the fields of one header, as package message does: whoever
// reads the From there and the signature here must see the same fields.
const maxFields = 20_000

// Header is the fields of a message in their order, as octets (RFC 5322 section
// 2.2). It aliases the message, which must not change while it is used. It is
// not safe for concurrent use.
type Header struct {
	data   []byte
	fields []headerField
	full   bool // there were more than maxFields

	// The index, made when first wanted: fields of one name form a chain from
	// the bottom to the top, since that is the order in which h= takes them.
	groups []fieldGroup
	slots  []int32 // hash table of groups, -1 where free

	// Room for the index of an ordinary header.
	someGroups [48]fieldGroup
	someSlots  [128]int32
}

// headerField is one field: its place in data, where its name and its colon end,
// and the next field above of the same name, -1 without one.
type headerField struct {
	start, name, colon, end int32
	above                   int32
}

// fieldGroup is a name that occurs: its lowest field, and the next one that h=
// would take.
type fieldGroup struct {
	last, next int32
}

// ReadHeader reads the header at the start of a message, up to the blank line,
// and gives it with the body behind that line. Line ends are CRLF or LF. What is
// neither a field nor indented belongs to no field, and can't be signed.
func ReadHeader(message []byte) (h *Header, body []byte) {
	end, body := splitHeader(message)
	h = new(Header)
	h.read(message[:end])
	return h, body
}

// splitHeader finds the blank line; without one everything is header.
func splitHeader(message []byte) (end int, body []byte) {
	for pos := 0; pos < len(message); {
		n := blankLine(message[pos:])
		if n > 0 {
			return pos, message[pos+n:]
		}
		pos = lineEnd(message, pos)
	}
	return len(message), nil
}

// blankLine gives the length of an empty line at the start of b, else 0.
func blankLine(b []byte) int {
	switch {
	case len(b) > 0 && b[0] == '\n':
		return 1
	case len(b) > 1 && b[0] == '\r' && b[1] == '\n':
		return 2
	}
	return 0
}

func lineEnd(b []byte, pos int) int {
	if n := bytes.IndexByte(b[pos:], '\n'); n >= 0 {
		return pos + n + 1
	}
	return len(b)
}

// read finds the fields of data, which holds the header alone.
func (h *Header) read(data []byte) {
	h.data = data
	h.fields = make([]headerField, 0, min(bytes.Count(data, []byte{'\n'})+1, 64))
	open := false // the line above belongs to a field
	for pos := 0; pos < len(data); {
		end := lineEnd(data, pos)
		line := data[pos:end]
		if line[0] == ' ' || line[0] == '\t' {
			if open {
				h.fields[len(h.fields)-1].end = int32(end)
			}
			pos = end
			continue
		}
		colon := bytes.IndexByte(line, ':')
		open = colon > 0
		if open && len(h.fields) == maxFields {
			h.full = true
			return
		}
		if open {
			name := colon
			for name > 0 && isWSP(line[name-1]) { // RFC 5322 section 4.5.8
				name--
			}
			h.fields = append(h.fields, headerField{int32(pos), int32(pos + name), int32(pos + colon), int32(end), -1})
		}
		pos = end
	}
}

// Len is the number of fields.
func (h *Header) Len() int { return len(h.fields) }

// Name gives the name of field i as written, without white space before the
// colon. It aliases the message.
func (h *Header) Name(i int) []byte { return h.data[h.fields[i].start:h.fields[i].name] }

// Raw gives the whole field i with its line end, aliasing the message.
func (h *Header) Raw(i int) []byte { return h.data[h.fields[i].start:h.fields[i].end] }

// All gives the indexes of the fields of that name, in any case, top to bottom.
func (h *Header) All(name string) []int {
	var out []int
	for i := range h.fields {
		if equalName(h.Name(i), name) {
			out = append(out, i)
		}
	}
	return out
}

func equalName(b []byte, name string) bool {
	if len(b) != len(name) {
		return false
	}
	for i, c := range b {
		if lower(c) != lower(name[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

func isWSP(c byte) bool { return c == ' ' || c == '\t' }
