package spf

// Kind is what a term of a record is (RFC 7208 sections 5 and 6).
type Kind uint8

// The mechanisms, and after them the modifiers.
const (
	KindAll      Kind = iota + 1 // section 5.1
	KindInclude                  // section 5.2
	KindA                        // section 5.3
	KindMX                       // section 5.4
	KindPTR                      // section 5.5
	KindIP4                      // section 5.6
	KindIP6                      // section 5.6
	KindExists                   // section 5.7
	KindRedirect                 // section 6.1
	KindExp                      // section 6.2
	KindUnknown                  // any other modifier, to be ignored: section 6
)

var kinds = [...]struct{ name, section string }{
	KindAll:      {"all", "5.1"},
	KindInclude:  {"include", "5.2"},
	KindA:        {"a", "5.3"},
	KindMX:       {"mx", "5.4"},
	KindPTR:      {"ptr", "5.5"},
	KindIP4:      {"ip4", "5.6"},
	KindIP6:      {"ip6", "5.6"},
	KindExists:   {"exists", "5.7"},
	KindRedirect: {"redirect", "6.1"},
	KindExp:      {"exp", "6.2"},
	KindUnknown:  {"unknown", "6"},
}

// String gives the name as records write it, "unknown" for a modifier that the
// standard does not define.
func (k Kind) String() string {
	if int(k) < len(kinds) {
		return kinds[k].name
	}
	return ""
}

// MarshalText gives String, so that JSON shows names.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// Section gives the section of RFC 7208 that defines the kind.
func (k Kind) Section() string {
	if int(k) < len(kinds) {
		return kinds[k].section
	}
	return ""
}

// Modifier reports whether the kind is a modifier (name=value), not a mechanism.
func (k Kind) Modifier() bool { return k >= KindRedirect }

// Counts reports whether a term of this kind counts to the limit of ten
// look-ups (section 4.6.4).
func (k Kind) Counts() bool {
	switch k {
	case KindInclude, KindA, KindMX, KindPTR, KindExists, KindRedirect:
		return true
	}
	return false
}

// term is a scanned term in the form that is evaluated: no pointers, offsets
// into the text of the record. A TXT record is at most 65,535 octets
// long, so offsets fit.
type term struct {
	network    address // of ip4 and ip6
	mask       uint64  // of the first half of that
	start, end uint16  // the whole term
	from, to   uint16  // domain-spec, network or value; empty: none
	kind       Kind
	qualifier  byte     // '+', '-', '~', '?'; 0 in a modifier
	bits       [2]uint8 // prefix lengths by family, at most 32 and 128
	flags      termFlags
}

type termFlags uint8

const (
	flagMacro     termFlags = 1 << iota // the domain-spec must be expanded
	flagUnaskable                       // it is no DNS name
)

// word is the result that a match of the term gives (section 4.6.2).
func (t *term) word() Word {
	switch t.qualifier {
	case '-':
		return Fail
	case '~':
		return SoftFail
	case '?':
		return Neutral
	}
	return Pass
}

// record is a scanned record in the form that is evaluated and cached.
type record struct {
	text     string
	terms    []term
	redirect int // index in terms, -1: none
	exp      int
}
