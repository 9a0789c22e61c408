package main

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// words are the values that each enumerated field may take.
var words = map[string][]string{
	"pick":        {"all", "one", "first"},
	"term":        {"include", "a", "exists"},
	"dkim":        {"txt", "cname", "ns", "txt_or_cname", "cname_or_ns", "unknown"},
	"return_path": {"native", "yes", "partial", "no", "unknown", "n/a"},
	"spf": {
		"recommended", "optional", "legacy", "not_needed", "not_needed_with_domain_auth",
		"not_needed_with_return_path", "on_subdomain", "per_customer", "vendor",
	},
	"confidence": {"high", "medium", "low"},
	"field":      {"all", "includes", "mx", "rdns", "selectors", "dkim", "return_path"},
}

var (
	idForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	// labelForm is a label of a host name in SPF or DKIM, in which * and {words}
	// stand for what differs.
	labelForm = regexp.MustCompile(`^(%?\{[a-z0-9-]+\}|[A-Za-z0-9_*-])+$`)
	// hostForm is a name without wildcards.
	hostForm     = regexp.MustCompile(`^[a-z0-9_-]+(\.[a-z0-9_-]+)+$`)
	selectorForm = regexp.MustCompile(`^(\{[a-z0-9-]+\}|[A-Za-z0-9_-])+$`)
)

// check gives every mistake at once, each with the entry that it is in.
func (c *catalogue) check() error {
	var all []error
	fail := func(where, format string, a ...any) {
		all = append(all, fmt.Errorf(where+": "+format, a...))
	}
	ids := map[string]bool{}
	for _, s := range c.Services {
		if ids[s.ID] {
			fail(s.ID, "id used twice")
		}
		ids[s.ID] = true
	}
	if len(c.Services) == 0 {
		fail("services", "none")
	}
	for _, b := range c.Bogus {
		if !hostForm.MatchString(b.Host) {
			fail("bogus", "%q is no host name", b.Host)
		}
		if b.Service != "" && !ids[b.Service] {
			fail("bogus", "%s: no service %q", b.Host, b.Service)
		}
	}
	for i := range c.Services {
		s := &c.Services[i]
		for _, err := range s.check() {
			fail(s.ID, "%w", err)
		}
		if s.RunsOn != "" && (!ids[s.RunsOn] || s.RunsOn == s.ID) {
			fail(s.ID, "runs_on: no other service %q", s.RunsOn)
		}
		for _, b := range c.Bogus {
			if slices.Contains(s.Includes, b.Host) || slices.Contains(s.Legacy, b.Host) {
				fail(s.ID, "includes %q, which does not exist", b.Host)
			}
		}
	}
	return errors.Join(all...)
}

func (s *service) check() []error {
	var all []error
	fail := func(format string, a ...any) { all = append(all, fmt.Errorf(format, a...)) }
	if !idForm.MatchString(s.ID) {
		fail("id %q is not lower-case words joined by -", s.ID)
	}
	for field, value := range map[string]string{"name": s.Name, "category": s.Category} {
		if strings.TrimSpace(value) == "" {
			fail("%s is missing", field)
		}
	}
	for field, value := range map[string]string{
		"pick": s.Pick, "term": s.Term, "dkim": s.DKIM,
		"return_path": s.ReturnPath, "spf": s.SPF, "confidence": s.Confidence,
	} {
		if !slices.Contains(words[field], value) {
			fail("%s %q is none of %s", field, value, strings.Join(words[field], ", "))
		}
	}
	lists := map[string][]string{
		"includes": s.Includes, "legacy": s.Legacy, "mx": s.MX, "rdns": s.Reverse, "submission": s.Submission,
		"selectors": s.Selectors, "targets": s.Targets, "old_selectors": s.OldNames, "old_targets": s.OldTargets,
	}
	var values []string
	for field, list := range lists {
		values = append(values, list...)
		for i, v := range list {
			if slices.Contains(list[:i], v) {
				fail("%s: %q twice", field, v)
			}
			if err := checkValue(field, v); err != nil {
				fail("%s: %w", field, err)
			}
		}
	}
	if s.Pick != "all" && len(s.Includes) < 2 {
		fail("pick %q with fewer than two includes", s.Pick)
	}
	for _, d := range s.Docs {
		if !strings.HasPrefix(d, "https://") {
			fail("docs: %q is no https link", d)
		}
	}
	for _, u := range s.Unverified {
		if !slices.Contains(words["field"], u) && !slices.Contains(values, u) {
			fail("unverified: %q is neither a field nor a value of this entry", u)
		}
	}
	return all
}

func checkValue(field, v string) error {
	switch field {
	case "selectors", "old_selectors":
		if !selectorForm.MatchString(v) {
			return fmt.Errorf("%q is no selector", v)
		}
	case "rdns", "legacy":
		if !hostForm.MatchString(v) {
			return fmt.Errorf("%q is no host name", v)
		}
	default:
		for label := range strings.SplitSeq(v, ".") {
			if !labelForm.MatchString(label) || len(label) > 63 {
				return fmt.Errorf("%q is no pattern of a host name", v)
			}
		}
	}
	return nil
}
