package web

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// form is a form of a page, as a browser would send it without script.
type form struct {
	action string
	fields url.Values
	boxes  map[string]bool // values of tick boxes, and whether they are ticked
}

// formOf reads the form of a page that has a field of that name.
func formOf(t *testing.T, page, action string) form {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && n.Data == "form" && strings.HasPrefix(attr(n, "action"), action) {
			f := form{action: attr(n, "action"), fields: url.Values{}, boxes: map[string]bool{}}
			for in := range n.Descendants() {
				switch {
				case in.Type != html.ElementNode:
				case in.Data == "textarea":
					text := ""
					for c := range in.Descendants() {
						text += c.Data
					}
					f.fields.Add(attr(in, "name"), text)
				case in.Data != "input":
				case attr(in, "type") == "checkbox":
					f.boxes[attr(in, "value")] = has(in, "checked")
					if has(in, "checked") {
						f.fields.Add(attr(in, "name"), attr(in, "value"))
					}
				default:
					f.fields.Add(attr(in, "name"), attr(in, "value"))
				}
			}
			return f
		}
	}
	t.Fatalf("the page has no form to %s:\n%s", action, page)
	return form{}
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, key string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == key })
}

// untick takes a tick away.
func (f form) untick(name, value string) {
	f.fields[name] = slices.DeleteFunc(f.fields[name], func(v string) bool { return v == value })
}

func (f form) target() string {
	action, _, _ := strings.Cut(f.action, "#")
	return action + "?" + f.fields.Encode()
}

// page gets a page that is there.
func (s *Server) pageAt(t *testing.T, target string, status int) string {
	t.Helper()
	w := s.get(target)
	if w.Code != status {
		t.Fatalf("%s: status %d, want %d: %s", target, w.Code, status, w.Body)
	}
	harmless(t, w.Body.String())
	return w.Body.String()
}

var title = regexp.MustCompile(`<h1>([^<]*)</h1>`)

func h1(page string) string {
	if m := title.FindStringSubmatch(page); m != nil {
		return html.UnescapeString(m[1])
	}
	return ""
}

// walk answers every question as it stands but for what change does, and gives the
// outcome.
func (s *Server) walk(t *testing.T, start string, change func(question string, f form)) string {
	t.Helper()
	page := s.pageAt(t, start, 200)
	for range len(questions) + 1 {
		if !strings.Contains(page, `class="where"`) {
			return page
		}
		f := formOf(t, page, "/wizard")
		change(h1(page), f)
		page = s.pageAt(t, f.target(), 200)
	}
	t.Fatal("the questions do not end")
	return ""
}

var panel = regexp.MustCompile(`id="record-[0-9]+-[0-9]+-panel">([^<]*)<`)

// records are the values that the plan shows, in order.
func records(page string) []string {
	var list []string
	for _, m := range panel.FindAllStringSubmatch(page, -1) {
		list = append(list, html.UnescapeString(m[1]))
	}
	return list
}

// spfOf is the SPF record that the plan shows: to be published, or as it stands.
func spfOf(page string) string {
	_, step, _ := strings.Cut(page, "SPF: who may send")
	if m := spfRecord.FindStringSubmatch(step); m != nil {
		return html.UnescapeString(m[1])
	}
	return ""
}

var spfRecord = regexp.MustCompile(`<code[^>]*>(v=spf1[^<]*)<`)
