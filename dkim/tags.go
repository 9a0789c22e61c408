package dkim

import (
	"fmt"
	"strings"
)

// maxTags bounds one tag list; signatures have under 20. Duplicates are found by
// comparing all with all.
const maxTags = 64

// Tag is one member of a tag list.
type Tag struct {
	Name string
	// Value without the white space around it; folds and spaces inside stay.
	Value string

	// start and end of the value in the list, with the white space around it.
	start, end int
}

// Tags is a tag list in its order (RFC 6376 section 3.2).
type Tags []Tag

// ParseTags reads a tag list: "a=rsa-sha256; d=example.com". Names are kept in
// their case, which counts. At the first fault it reads on, so that what is
// readable can be shown, and returns that fault as *Fault with the word
// PermError: no equals sign, no proper name, a control octet, more than 64 tags,
// a name twice. A list without any tag is empty, not a fault.
func ParseTags(list string) (Tags, error) {
	tags, f := parseTags(make(Tags, 0, 12), list, 0)
	if f != nil {
		return tags, f
	}
	return tags, nil
}

// parseTags appends the tags of text[from:].
func parseTags(tags Tags, text string, from int) (Tags, *Fault) {
	var fault *Fault
	note := func(format string, args ...any) {
		if fault == nil {
			fault = faultf(PermError, format, args...)
		}
	}
	for from < len(text) {
		end := len(text)
		if n := strings.IndexByte(text[from:], ';'); n >= 0 {
			end = from + n
		}
		spec := text[from:end]
		eq := strings.IndexByte(spec, '=')
		switch {
		case eq < 0 && trimFWS(spec) == "": // ";;" or the end of the list
		case eq < 0:
			note("no = in the tag list at %q", clip(trimFWS(spec)))
		case len(tags) == maxTags:
			note("more than %d tags", maxTags)
			return tags, fault
		default:
			t := Tag{trimFWS(spec[:eq]), trimFWS(spec[eq+1:]), from + eq + 1, end}
			if !isTagName(t.Name) {
				note("%q is no name of a tag", clip(t.Name))
			} else if i := control(t.Value); i >= 0 {
				note("octet 0x%02x in tag %s=", t.Value[i], clip(t.Name))
			} else if tags.has(t.Name) { // the whole list is void
				note("duplicate tag %s=", clip(t.Name))
			}
			tags = append(tags, t)
		}
		from = end + 1
	}
	return tags, fault
}

// Get gives the value of a tag, and whether it is there. Of a duplicated name it
// gives nothing: neither can be believed.
func (t Tags) Get(name string) (value string, ok bool) {
	tag, ok := t.find(name)
	return tag.Value, ok
}

func (t Tags) find(name string) (found Tag, ok bool) {
	for i := range t {
		if t[i].Name == name {
			if ok {
				return Tag{}, false
			}
			found, ok = t[i], true
		}
	}
	return found, ok
}

func (t Tags) has(name string) bool {
	for i := range t {
		if t[i].Name == name {
			return true
		}
	}
	return false
}

// String gives the list in one line.
func (t Tags) String() string {
	var b strings.Builder
	for i, tag := range t {
		if i > 0 {
			b.WriteString("; ")
		}
		fmt.Fprintf(&b, "%s=%s", tag.Name, dropFWS(tag.Value))
	}
	return b.String()
}

// isTagName checks ALPHA *ALNUMPUNC.
func isTagName(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c|0x20 >= 'a' && c|0x20 <= 'z':
		case i > 0 && (c >= '0' && c <= '9' || c == '_'):
		default:
			return false
		}
	}
	return s != ""
}

// control gives the place of an octet that no value may have, -1 without one.
// Octets over 0x7f may stand in messages of RFC 6532 (RFC 8616 section 5).
func control(s string) int {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != 0x7f {
			continue
		}
		if !isFWS(c) {
			return i
		}
	}
	return -1
}

func isFWS(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// trimFWS removes folding white space from both ends.
func trimFWS(s string) string {
	for s != "" && isFWS(s[0]) {
		s = s[1:]
	}
	for s != "" && isFWS(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}

// dropFWS removes all folding white space, as base64 values want.
func dropFWS(s string) string {
	if nextFWS(s, 0) == len(s) {
		return s
	}
	var buf [1024]byte
	return string(appendNoFWS(buf[:0], s))
}

func appendNoFWS(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		end := nextFWS(s, i)
		dst = append(dst, s[i:end]...)
		i = end
	}
	return dst
}

// nextFWS gives the place of the first white space from i on, len(s) without.
func nextFWS(s string, i int) int {
	for i < len(s) && (s[i] > ' ' || !isFWS(s[i])) {
		i++
	}
	return i
}
