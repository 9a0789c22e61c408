package spf

import "strings"

// scanMechanism reads what follows the name of a mechanism, from i on.
//
//	all     = "all"
//	include = "include" ":" domain-spec
//	a       = "a"       [ ":" domain-spec ] [ dual-cidr-length ]
//	mx      = "mx"      [ ":" domain-spec ] [ dual-cidr-length ]
//	ptr     = "ptr"     [ ":" domain-spec ]
//	ip4     = "ip4"     ":" ip4-network [ ip4-cidr-length ]
//	ip6     = "ip6"     ":" ip6-network [ ip6-cidr-length ]
//	exists  = "exists"  ":" domain-spec
func scanMechanism(text string, t *term, name uint64, i int) *SyntaxError {
	end := int(t.end)
	switch name {
	case nameIP4:
		t.kind = KindIP4
		return scanIP4(text, t, i)
	case nameIP6:
		t.kind = KindIP6
		return scanIP6(text, t, i)
	case nameAll:
		t.kind = KindAll
		if i < end {
			return syntaxError(text, t, i, end, `nothing after "all"`, "5.1")
		}
		return nil
	case nameInclude:
		t.kind = KindInclude
	case nameExists:
		t.kind = KindExists
	case nameA:
		t.kind = KindA
	case nameMX:
		t.kind = KindMX
	case namePTR:
		t.kind = KindPTR
	default:
		return unknownMechanism(text, t, i)
	}

	if t.kind == KindA || t.kind == KindMX {
		var err *SyntaxError
		if end, err = scanDualCIDR(text, t, i); err != nil {
			return err
		}
	}
	if i == end && t.kind != KindInclude && t.kind != KindExists {
		return nil // the domain itself
	}
	if i == end || text[i] != ':' {
		return syntaxError(text, t, i, end, `":" and a domain name after "`+t.kind.String()+`"`, t.kind.Section())
	}
	t.from, t.to = uint16(i+1), uint16(end)
	return scanDomainSpec(text, t)
}

// typos of mechanism names seen in published records.
var typos = map[string]string{
	"ip": "ip4", "ipv4": "ip4", "ip4s": "ip4", "ipv6": "ip6", "al": "all", "alll": "all",
	"includes": "include", "inlcude": "include", "inculde": "include", "exist": "exists",
}

func unknownMechanism(text string, t *term, i int) *SyntaxError {
	first := int(t.start)
	if text[first] == t.qualifier { // else it was not written
		first++
	}
	name := strings.ToLower(text[first:i])
	if name == "" {
		i = int(t.end)
	}
	e := syntaxError(text, t, first, i, "a mechanism (all, include, a, mx, ptr, ip4, ip6, exists) or name=value", "4.6.1")
	if fix, ok := typos[name]; ok {
		return e.hint("did you mean " + fix + "?")
	}
	if name == "redirect" || name == "exp" {
		return e.hint(`write "=" directly after ` + name)
	}
	return e
}
