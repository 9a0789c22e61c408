package sender

import (
	"path"
	"strings"
	"sync"
)

// maxName is the longest domain name in text (RFC 1035 section 2.3.4). Longer
// ones match nothing.
const maxName = 253

// pattern is one name of the catalogue, made ready for matching against the
// last labels of a host.
type pattern struct {
	service *Service
	text    string   // as in the catalogue
	field   string   // of the catalogue, as Unverified names it
	globs   []string // labels left of the literal ending, right to left
	labels  int      // all of them
	literal int      // bytes that are not wildcards, to rank equals
}

// index finds patterns by their literal ending: the labels right of the last
// one that holds a wildcard.
type index struct {
	byEnding map[string][]pattern
	longest  int // labels in the longest ending
}

// tables hold the catalogue by each kind of name.
type tables struct{ include, mx, reverse, dkim index }

// lookup gives the tables, made once, at first use, from the immutable
// catalogue.
var lookup = sync.OnceValue(func() *tables {
	var t tables
	for _, x := range []*index{&t.include, &t.mx, &t.reverse, &t.dkim} {
		x.byEnding = map[string][]pattern{}
	}
	for i := range services {
		s := &services[i]
		t.include.add(s, "includes", s.Includes)
		t.include.add(s, "includes", s.Legacy)
		t.mx.add(s, "mx", s.MXPatterns)
		t.reverse.add(s, "rdns", s.ReverseSuffixes)
		t.reverse.add(s, "submission", s.Submission)
		if s.DKIMPattern != "" {
			t.dkim.add(s, "dkim", strings.Split(s.DKIMPattern, " | "))
		}
		t.dkim.add(s, "dkim", s.LegacyTargets)
	}
	return &t
})

func (x *index) add(s *Service, field string, texts []string) {
	for _, text := range texts {
		p := pattern{service: s, text: text, field: field}
		ending := ""
		labels := strings.Split(text, ".")
		for i := len(labels) - 1; i >= 0; i-- {
			l := strings.ToLower(labels[i])
			if spans(l) {
				break // what stands left of it can be anything
			}
			glob := wildcard(l)
			p.labels++
			p.literal += len(l) - strings.Count(glob, "*") - strings.Count(glob, "?")
			switch {
			case glob != l || len(p.globs) > 0 || strings.Contains(l, "*"):
				p.globs = append(p.globs, glob)
			case ending == "":
				ending = l
			default:
				ending = l + "." + ending
			}
		}
		if ending == "" {
			continue // "mail.{domain}": recognises nothing
		}
		x.byEnding[ending] = append(x.byEnding[ending], p)
		x.longest = max(x.longest, strings.Count(ending, ".")+1)
	}
}

// spans reports whether a label stands for any number of labels: the customer's
// domain, or an SPF macro.
func spans(label string) bool {
	return strings.Contains(label, "%{") || label == "{domain}" || label == "{proxy-domain}"
}

// wildcard turns the {words} of a label into "one or more characters".
func wildcard(label string) string {
	for {
		i := strings.IndexByte(label, '{')
		if i < 0 {
			return label
		}
		j := strings.IndexByte(label[i:], '}')
		if j < 0 {
			return label
		}
		label = label[:i] + "?*" + label[i+j+1:]
	}
}

// find gives the most specific patterns that the name ends with, on a label
// boundary. Work is bounded by the longest ending, not by the name.
func (x *index) find(name string) (best []pattern) {
	if name == "" || len(name) > maxName {
		return nil
	}
	start := len(name)
	for n := 0; n < x.longest && start > 0; n++ {
		start = strings.LastIndexByte(name[:start-1], '.') + 1
		for _, p := range x.byEnding[name[start:]] {
			if !p.matches(name[:start]) {
				continue
			}
			switch {
			case len(best) == 0 || p.closer(best[0]):
				best = append(best[:0], p)
			case !best[0].closer(p):
				best = append(best, p)
			}
		}
		if start > 0 && name[start-1] != '.' {
			return best
		}
	}
	return best
}

// matches compares the labels left of the ending, of which rest holds at least
// as many, each followed by a dot.
func (p *pattern) matches(rest string) bool {
	for _, glob := range p.globs {
		if rest == "" {
			return false
		}
		rest = rest[:len(rest)-1]
		cut := strings.LastIndexByte(rest, '.') + 1
		if ok, err := path.Match(glob, rest[cut:]); err != nil || !ok || rest[cut:] == "" {
			return false
		}
		rest = rest[:cut]
	}
	return true
}

// closer reports whether p says more of a name than q.
func (p pattern) closer(q pattern) bool {
	if p.labels != q.labels {
		return p.labels > q.labels
	}
	return p.literal > q.literal
}
