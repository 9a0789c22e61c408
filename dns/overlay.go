package dns

import (
	"context"
	"slices"
	"strings"
	"time"
)

// Overlay answers as if records that are not published yet were: those given
// first, everything else from the resolver below. It is safe for concurrent use
// as far as that is.
//
//   - Records given for a name and type stand in place of those published there.
//     Of TXT records only those of the same kind give way, told by the version that
//     they begin with (v=spf1, v=DMARC1, v=DKIM1 and the like): a new SPF record
//     replaces the SPF records and leaves a site verification alone.
//   - An empty TXT record ("") takes away all TXT records of its name.
//   - A CNAME given takes the place of everything at its name, and any record given
//     takes the place of a CNAME published there.
//   - A name given, and every name above it, exists.
//   - A wildcard given stands for names below it that don't exist otherwise
//     (RFC 4592). One that is published already cannot be told from the names that
//     it stands for.
type Overlay struct {
	below Resolver
	sets  map[Question][]Record
	owns  map[string]bool // names given
	names map[string]bool // these, and those above them
	wild  map[string]bool // of these, the parents of wildcards
}

// overlayServer is who says so in answers that hold a given record.
const overlayServer = "records to be published"

// NewOverlay puts records, which must not be changed any more, over a resolver.
func NewOverlay(below Resolver, records []Record) *Overlay {
	o := &Overlay{below: below, sets: map[Question][]Record{}, owns: map[string]bool{}, names: map[string]bool{}, wild: map[string]bool{}}
	for _, r := range records {
		r.Name = Canonical(r.Name)
		q := Question{Name: r.Name, Type: r.Type}
		o.sets[q] = append(o.sets[q], r)
		o.owns[r.Name] = true
		if parent, ok := strings.CutPrefix(r.Name, "*."); ok {
			o.wild[parent] = true
		}
		for name := r.Name; name != "" && !o.names[name]; {
			o.names[name] = true
			_, name, _ = strings.Cut(name, ".")
		}
	}
	return o
}

// Touches reports whether records are given for the name itself, or for a
// wildcard that may stand for it.
func (o *Overlay) Touches(name string) bool {
	name = Canonical(name)
	return o.owns[name] || o.wildcard(name) != ""
}

// Lookup implements Resolver. Aliases are followed, at most 16.
func (o *Overlay) Lookup(ctx context.Context, q Question) (Answer, error) {
	var chain []string
	var ttl time.Duration
	first := q
	for {
		answer, next, err := o.step(ctx, Question{Name: Canonical(q.Name), Type: q.Type})
		if err != nil {
			return Answer{}, err
		}
		if len(chain) > 0 && answer.TTL > ttl {
			answer.TTL = ttl
		}
		ttl = answer.TTL
		chain = append(chain, answer.Chain...)
		if next == "" {
			answer.Chain = chain
			return answer, nil
		}
		if len(chain) > maxChain {
			return Answer{}, &Error{Question: first, Kind: FaultMalformed, Server: overlayServer, Err: errChain}
		}
		q.Name = next
	}
}

// step answers for one name; next is where an alias leads on to, "" at its end.
func (o *Overlay) step(ctx context.Context, q Question) (answer Answer, next string, err error) {
	if own := o.given(q.Name, TypeCNAME); len(own) > 0 && q.Type != TypeCNAME {
		target := Canonical(own[0].Host)
		return Answer{Chain: []string{target}, TTL: own[0].TTL, Server: overlayServer}, target, nil
	}
	given := o.given(q.Name, q.Type)
	if len(given) > 0 && !partial(given) {
		return o.answer(merge(given, nil)), "", nil
	}
	answer, err = o.below.Lookup(ctx, q)
	if err != nil {
		// A fault below leaves open what stands beside the records given.
		return Answer{}, "", err
	}
	if len(given) > 0 {
		kept := answer.Records
		if len(answer.Chain) > 0 {
			kept = nil // nothing stands beside a CNAME (RFC 1034 section 3.6.2)
		}
		return o.answer(merge(given, kept)), "", nil
	}
	if o.owns[q.Name] && len(answer.Chain) > 0 {
		// The alias gives way to the records given.
		return Answer{Server: overlayServer}, "", nil
	}
	for i, alias := range answer.Chain {
		if o.owns[alias] {
			return Answer{Chain: slices.Clone(answer.Chain[:i+1]), TTL: answer.TTL, Server: answer.Server}, alias, nil
		}
	}
	switch {
	case answer.RCode != NXDomain:
		return answer, "", nil
	case o.names[q.Name]:
		answer.RCode = NoError // a name given, or above one (RFC 8020)
		return answer, "", nil
	}
	if n := len(answer.Chain); n > 0 {
		// The name is there, as an alias; where it leads to may be given.
		if target := answer.Chain[n-1]; o.names[target] || o.wildcard(target) != "" {
			return Answer{Chain: answer.Chain, TTL: answer.TTL, Server: answer.Server}, target, nil
		}
		return answer, "", nil
	}
	return o.synthesised(ctx, q, answer)
}

// synthesised answers by the wildcard given that stands for a name which does not
// exist; without one, none is what the resolver below said.
func (o *Overlay) synthesised(ctx context.Context, q Question, none Answer) (answer Answer, next string, err error) {
	w := o.wildcard(q.Name)
	if w == "" {
		return none, "", nil
	}
	// A name between the two that exists keeps the wildcard from what lies below it
	// (RFC 4592 section 3.3.1).
	for name := parent(q.Name); name != w[len("*."):]; name = parent(name) {
		between, err := o.below.Lookup(ctx, Question{Name: name, Type: q.Type})
		if err != nil {
			return Answer{}, "", err
		}
		if between.RCode != NXDomain || len(between.Chain) > 0 {
			return none, "", nil
		}
	}
	if list := o.sets[Question{Name: w, Type: q.Type}]; len(list) > 0 {
		named := slices.Clone(list)
		for i := range named {
			named[i].Name = q.Name
		}
		return o.answer(merge(named, nil)), "", nil
	}
	if list := o.sets[Question{Name: w, Type: TypeCNAME}]; len(list) > 0 {
		target := Canonical(list[0].Host)
		return Answer{Chain: []string{target}, TTL: list[0].TTL, Server: overlayServer}, target, nil
	}
	none.RCode = NoError
	return none, "", nil
}

// parent is the name above, "" above a top-level domain.
func parent(name string) string {
	_, above, _ := strings.Cut(name, ".")
	return above
}

func (o *Overlay) given(name string, t Type) []Record {
	if !o.names[name] {
		return nil
	}
	return o.sets[Question{Name: name, Type: t}]
}

// wildcard gives the wildcard that stands for a name, "" where none does: the
// closest name above it that is given decides (RFC 4592 section 3.3.1).
func (o *Overlay) wildcard(name string) string {
	for name = parent(name); name != ""; name = parent(name) {
		switch {
		case o.wild[name]:
			return "*." + name
		case o.names[name]:
			return ""
		}
	}
	return ""
}

// answer gives records; what is empty by now is NODATA.
func (o *Overlay) answer(list []Record) Answer {
	a := Answer{Records: list, Server: overlayServer}
	for i, r := range list {
		if i == 0 || r.TTL < a.TTL {
			a.TTL = r.TTL
		}
	}
	return a
}

// partial reports that records leave others of their name and type alone: text,
// but for DKIM keys and what takes all away.
func partial(given []Record) bool {
	return given[0].Type == TypeTXT && !strings.Contains(given[0].Name, "._domainkey.") && !slices.ContainsFunc(given, emptyText)
}

func emptyText(r Record) bool { return r.Type == TypeTXT && strings.Join(r.Text, "") == "" }

// merge adds to the records given those published ones that they don't replace.
func merge(given, published []Record) []Record {
	var list []Record
	for _, r := range published {
		kind := textKind(r)
		if kind == "" || !slices.ContainsFunc(given, func(g Record) bool { return textKind(g) == kind }) {
			list = append(list, r)
		}
	}
	for _, r := range given {
		if !emptyText(r) {
			list = append(list, r)
		}
	}
	return list
}

// textKind is the version that a TXT record begins with, in lower case; "" where
// it has none. A DKIM key may leave it out (RFC 6376 section 3.6.1).
func textKind(r Record) string {
	if strings.Contains(r.Name, "._domainkey.") {
		return "v=dkim1"
	}
	const longest = 40 // no version is longer, blanks included
	text := strings.TrimLeft(strings.Join(r.Text, ""), " \t\"")
	tag, rest, ok := strings.Cut(text[:min(len(text), longest)], "=")
	if !ok || !strings.EqualFold(strings.TrimSpace(tag), "v") {
		return ""
	}
	// Tag lists allow blanks around the sign (RFC 9989 section 4.8).
	word, _, _ := strings.Cut(strings.TrimLeft(rest, " \t"), " ")
	if i := strings.IndexAny(word, "\t;\\"); i >= 0 {
		word = word[:i]
	}
	return "v=" + strings.ToLower(word)
}
