package dmarc

import "unspoof/orgdomain"

// Record is a DMARC policy record. What was absent or not valid has its default.
type Record struct {
	Text string `json:"text"`
	Tags []Tag  `json:"tags"` // all, in order, v first; unknown and repeated ones too

	Policy      Policy `json:"p"`            // "" where p is absent or not valid
	Subdomain   Policy `json:"sp,omitempty"` // "" where absent or not valid
	NonExistent Policy `json:"np,omitempty"` // "" where absent or not valid

	ADKIM Mode          `json:"adkim"`
	ASPF  Mode          `json:"aspf"`
	PSD   orgdomain.PSD `json:"psd"`
	Test  bool          `json:"t"` // t=y
	RUA   []URI         `json:"rua"`
	RUF   []URI         `json:"ruf"`
	FO    []string      `json:"fo"` // "0", "1", "d", "s"

	Notes []Note `json:"notes"`
}

// Tag is one "name=value" of a record.
type Tag struct {
	Name  string `json:"name"`  // lower case
	Value string `json:"value"` // as written, white space at its ends removed
	Span  Span   `json:"span"`  // name to value
	At    Span   `json:"at"`    // value
}

// Tag gives the first tag of a name (lower case); the first is the one obeyed.
func (r *Record) Tag(name string) (Tag, bool) {
	for _, t := range r.Tags {
		if t.Name == name {
			return t, true
		}
	}
	return Tag{}, false
}

// Relation of a name to the domain whose record it gets.
type Relation string

const (
	Itself      Relation = "itself"       // the record is the name's own: p
	Below       Relation = "subdomain"    // an existing subdomain: sp
	NonExistent Relation = "non-existent" // NXDOMAIN (RFC 9989 section 3.2.13): np
)

// For gives the policy that the record asks for names of that relation, and the
// tag it comes from ("" where it is nobody's). Not ok means that receivers apply
// no DMARC at all, as if there were no record (RFC 9989 section 4.10.1). t=y is
// not applied: see Softer.
func (r *Record) For(rel Relation) (p Policy, tag string, ok bool) {
	if !r.sound() {
		// Section 4.10.1: with a reporting address the record counts as p=none.
		return None, "", len(r.RUA) > 0
	}
	switch {
	case rel == NonExistent && r.NonExistent != "":
		return r.NonExistent, "np", true
	case rel != Itself && r.Subdomain != "":
		return r.Subdomain, "sp", true
	}
	return r.Policy, "p", true
}

// sound reports a valid p, and sp and np valid where given.
func (r *Record) sound() bool {
	if r.Policy == "" {
		return false
	}
	_, sp := r.Tag("sp")
	_, np := r.Tag("np")
	return (!sp || r.Subdomain != "") && (!np || r.NonExistent != "")
}
