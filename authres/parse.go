package authres

import "strings"

// Parse reads the value of an Authentication-Results field, folded or not. What
// is not in the grammar of RFC 8601 section 2.2 is a *SyntaxError, but for what is
// common and has one meaning only: a final semicolon, values without quotes that
// need them, properties without a type, a reason behind properties.
//
// The result says what is written, not that it is true: see Select.
func Parse(value string) (Field, error) {
	if len(value) > maxValue {
		return Field{}, &SyntaxError{maxValue, "the field is longer than 64 KiB"}
	}
	p := &scanner{s: value}
	f := p.field()
	if p.err != nil {
		return Field{}, p.err
	}
	return f, nil
}

func (s *scanner) field() Field {
	f := Field{Version: 1, Results: []Result{}}
	s.cfws()
	start := s.pos
	if f.ID = s.id(); f.ID == "" {
		s.fail(start, "no name of the server that checked (authserv-id)")
		return f
	}
	s.cfws()
	if start = s.pos; s.pos < len(s.s) && s.s[s.pos] != ';' {
		if f.Version = s.number(); f.Version == 0 {
			s.fail(start, "neither a version nor a semicolon after the name of the server")
			return f
		}
		s.cfws()
	}
	if s.pos == len(s.s) {
		s.fail(s.pos, "neither results nor none")
	}
	none := false
	for s.pos < len(s.s) {
		if !s.take(';') {
			s.fail(s.pos, "no semicolon before the next result")
			return f
		}
		s.cfws()
		if s.pos == len(s.s) { // a final semicolon; not alone
			if len(f.Results) == 0 && !none {
				s.fail(s.pos, "neither results nor none")
			}
			return f
		}
		start = s.pos
		r, isNone := s.result()
		switch {
		case none || isNone && len(f.Results) > 0:
			s.fail(start, "none does not stand alone")
		case len(f.Results) == maxResults:
			s.fail(start, "more than 200 results")
		case !isNone:
			f.Results = append(f.Results, r)
		}
		none = isNone
	}
	return f
}

// id reads the authserv-id, a token or a quoted string (section 2.5).
func (s *scanner) id() string {
	var out strings.Builder
	if s.pos < len(s.s) && s.s[s.pos] == '"' {
		s.quoted(&out)
		return out.String()
	}
	start := s.pos
	for s.pos < len(s.s) && isToken(s.s[s.pos]) {
		s.pos++
	}
	return s.s[start:s.pos]
}

// result reads one resinfo, or the word none.
func (s *scanner) result() (r Result, none bool) {
	start := s.pos
	if r.Method = s.keyword(); r.Method == "" {
		s.fail(start, "no method")
		return r, false
	}
	s.cfws()
	if r.Method == "none" && (s.pos == len(s.s) || s.s[s.pos] == ';') { // no-result
		return r, true
	}
	if s.take('/') {
		s.cfws()
		at := s.pos
		if r.Version = s.number(); r.Version == 0 {
			s.fail(at, "no version of the method after the slash")
		}
		s.cfws()
	}
	s.equals()
	s.cfws()
	at := s.pos
	if r.Result = s.keyword(); r.Result == "" {
		s.fail(at, "no result of the method")
	}
	r.Props = []Property{}
	comment, apart := s.cfws()
	r.Comment = comment
	for s.pos < len(s.s) && s.s[s.pos] != ';' {
		if !apart {
			s.fail(s.pos, "no blank before the next property")
			return r, false
		}
		apart = s.property(&r)
	}
	return r, false
}

// property reads a propspec or the reason into r; apart says that white space or
// a comment follows.
func (s *scanner) property(r *Result) (apart bool) {
	var p Property
	at := s.pos
	if p.Name = s.keyword(); p.Name == "" {
		s.fail(at, "no property")
		return false
	}
	s.cfws()
	if s.take('.') {
		s.cfws()
		p.Type = p.Name
		if p.Name = s.keyword(); p.Name == "" {
			s.fail(at, "no name of the property after its type")
			return false
		}
		s.cfws()
	}
	s.equals()
	s.cfws()
	p.Value = s.value()
	_, apart = s.cfws()
	switch {
	case p.Type == "" && p.Name == "reason":
		if r.Reason != "" {
			s.fail(at, "a second reason")
		}
		r.Reason = p.Value
	case len(r.Props) == maxResults:
		s.fail(at, "more than 200 properties of one result")
	default:
		r.Props = append(r.Props, p)
	}
	return apart
}

func (s *scanner) equals() {
	if !s.take('=') {
		s.fail(s.pos, "no equals sign")
	}
}
