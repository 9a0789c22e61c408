package authres

import (
	"strings"

	"golang.org/x/net/idna"

	"unspoof/message"
)

// SelectArgs are the arguments of Select.
type SelectArgs struct {
	Header message.Header
	// IDs are the authserv-ids of one's own servers.
	IDs []string
	// Boundary is how many fields, from the top, one's own servers wrote: those
	// above and with the Received field of the server at one's border. Zero is the
	// message as it came in: nothing in it is ours. len(Header.Fields) is right only
	// behind a server that has removed all that Strip names.
	Boundary int
}

// Selection of Select. Each list is in the order of the header.
type Selection struct {
	Trusted []Found // written by one's own servers
	Others  []Found // written by others: hearsay
	// Strip gives the indexes in Header.Fields of the fields that a border server
	// has to remove (RFC 8601 section 5).
	Strip []int
}

// Found is a field of a header.
type Found struct {
	Field
	Index int // in Header.Fields
}

// Select tells the results that can be relied on from those that anybody may
// have written. Trusted are the fields above the boundary with one of the IDs,
// in version 1. To be stripped is what stands below the boundary and claims one
// of the IDs, or cannot be read: what one reader refuses, another may take for
// ours.
//
// IDs are compared as domain names are: in any case, A-labels and U-labels
// alike, with or without a final dot. Comments and quotes make no difference.
func Select(a SelectArgs) Selection {
	var sel Selection
	own := map[string]bool{}
	for _, id := range a.IDs {
		if id = canonical(id); id != "" {
			own[id] = true
		}
	}
	for i, h := range a.Header.Fields {
		if !strings.EqualFold(h.Name, Name) {
			continue
		}
		f, err := Parse(h.Value())
		if err == nil && len(h.Raw) > maxValue {
			err = &SyntaxError{maxValue, "the field is longer than 64 KiB"} // Value cut it
		}
		ours := err == nil && own[canonical(f.ID)]
		switch {
		case i >= a.Boundary && (ours || err != nil):
			sel.Strip = append(sel.Strip, i)
		case err != nil:
		case ours && f.Version == 1: // section 2.2: others may mean anything
			sel.Trusted = append(sel.Trusted, Found{f, i})
		default:
			sel.Others = append(sel.Others, Found{f, i})
		}
	}
	return sel
}

// canonical gives an authserv-id in the form that it is compared in (RFC 8601
// section 2.5).
func canonical(id string) string {
	id = strings.TrimSuffix(strings.TrimSpace(id), ".")
	if len(id) <= maxText {
		if a, err := idna.Lookup.ToASCII(id); err == nil {
			id = strings.TrimSuffix(a, ".") // dots of other scripts count as dots
		}
	}
	return strings.ToLower(id)
}
