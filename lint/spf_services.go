package lint

import (
	"regexp"
	"slices"
	"strings"

	"unspoof/sender"
	"unspoof/spf"
)

// service judges the names of services.
func (l *spfLint) service(t *spf.Term, i int) {
	name, fixed := t.Domain.Name()
	if !fixed || t.Kind == spf.KindExp || t.Kind == spf.KindUnknown {
		return
	}
	if l.args.Domain != "" && strings.EqualFold(name, l.args.Domain) && (t.Kind == spf.KindInclude || t.Kind == spf.KindRedirect) {
		l.wrong("SPF-023", i, nil, "")
		return
	}
	if l.args.Resolver == nil && (t.Kind == spf.KindInclude || t.Kind == spf.KindRedirect) && l.misspelt(i, name) {
		return
	}
	hits := sender.ByInclude(name)
	if len(hits) == 0 || t.Result() != spf.Pass && t.Kind != spf.KindRedirect {
		return
	}
	s := hits[0].Service
	v := vars{"service": s.Name}
	switch {
	case s.ReturnPath == "no" && s.SPFStatus == "legacy" && s.Category == "marketing":
		l.wrong("SPF-021", i, v)
	case s.Category == "hosting" || s.Category == "relay":
		l.wrong("SPF-011", i, v)
	case today(s, name) != "":
		v["now"] = today(s, name)
		l.wrong("SPF-042", i, v, strings.Replace(l.words[i].text, t.Domain.Text, v["now"], 1))
	}
}

// bracketed matches the name of a record in brackets, which may be what a guide asks
// to be filled in.
var bracketed = regexp.MustCompile(`^([-~?+]?(?i:include:|redirect=))<([A-Za-z0-9_.-]+)>$`)

// inMarks judges a word with marks in it.
func inMarks(text string) (fault, bool) {
	if m := bracketed.FindStringSubmatch(text); m != nil && documented(m[2]) {
		return meant("SPF-032", vars{"what": "brackets"}, m[1]+m[2])
	}
	return unclear("SPF-032", vars{"what": "quotation marks, brackets or backslashes"})
}

// documented reports whether a service documents that very name for an include.
func documented(name string) bool {
	return slices.ContainsFunc(sender.ByInclude(name), func(m sender.Match) bool {
		return slices.ContainsFunc(slices.Concat(m.Service.Includes, m.Service.Legacy), func(h string) bool { return strings.EqualFold(h, name) })
	})
}

// misspelt finds, without DNS, names that never existed and such as look like the
// slip of a keyboard.
func (l *spfLint) misspelt(i int, name string) bool {
	if b, ok := sender.FindBogus(name); ok && b.Confirmed {
		v := vars{"host": name, "fault": "the name is in guides, but not in DNS", "hint": ""}
		if s, ok := sender.Find(b.Service); ok && len(s.Includes) > 0 && !strings.Contains(s.Includes[0], "{") {
			v["hint"] = " (for " + s.Name + ": " + strings.Join(s.Includes, ", ") + ")"
		}
		l.wrong("SPF-012", i, v, "")
		return true
	}
	near := nearest(name)
	if near == "" || strings.HasSuffix(name, "."+near) {
		return false
	}
	l.wrong("SPF-038", i, vars{"host": name, "near": near}) // a stranger's name may be right
	return true
}

// nearest gives the one include host that is spelt almost so, in the form that its
// service documents today; "" where there is none, or more than one.
func nearest(host string) string {
	near := sender.SuggestHosts(host)
	if len(near) != 1 || strings.ContainsAny(near[0], "{%") {
		return ""
	}
	for _, m := range sender.ByInclude(near[0]) {
		if now := today(m.Service, near[0]); now != "" {
			return now
		}
	}
	return near[0]
}

// today gives the include host that replaces one of older guides, "" where the host
// is none of those, or its service has several.
func today(s sender.Service, host string) string {
	old := slices.ContainsFunc(s.Legacy, func(h string) bool { return strings.EqualFold(h, host) })
	if !old || len(s.Includes) != 1 || strings.ContainsAny(s.Includes[0], "{%") {
		return ""
	}
	return s.Includes[0]
}
