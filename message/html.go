package message

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Bounds on HTML.
const (
	// maxHTML is how much of a document is read; what a person sees at first
	// stands in it.
	maxHTML = 256 << 10
	// maxToken bounds one tag or text: the tokenizer keeps it in memory.
	maxToken = 64 << 10
	// maxLinks is how many link targets are given.
	maxLinks = 200
)

// HTMLText reduces HTML to what a reader sees of it, at most limit octets: text,
// a line break for each block, and behind the text of a link its target in angle
// brackets where the text is not the target itself. Links holds each target
// once. Nothing is fetched; scripts, styles and comments are left out. At most
// 256 KiB of the document are read, in linear time.
func HTMLText(doc string, limit int) (text string, links []string) {
	if len(doc) > maxHTML {
		doc = doc[:maxHTML]
	}
	z := html.NewTokenizer(strings.NewReader(doc))
	z.SetMaxBuf(maxToken)
	h := htmlReader{limit: limit}
	for h.out.Len() < limit {
		switch z.Next() {
		case html.ErrorToken:
			h.closeLink()
			return h.finish()
		case html.TextToken:
			if h.hidden == 0 {
				h.text(string(z.Text()))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, attrs := z.TagName()
			h.open(atom.Lookup(name), z, attrs)
		case html.EndTagToken:
			name, _ := z.TagName()
			h.close(atom.Lookup(name))
		}
	}
	return h.finish()
}

// HTMLLinks gives the link targets of HTML alone, each once, within the bounds of
// [HTMLText]. It looks at tags only, hidden ones too, and takes a fraction of the
// time.
func HTMLLinks(doc string) []string {
	if len(doc) > maxHTML {
		doc = doc[:maxHTML]
	}
	var h htmlReader
	for {
		i := strings.IndexByte(doc, '<')
		if i < 0 {
			return h.links
		}
		doc = doc[i+1:]
		name := ""
		switch {
		case hasTag(doc, "a"), hasTag(doc, "area"):
			name = "href"
		case hasTag(doc, "form"):
			name = "action"
		default:
			continue
		}
		end := strings.IndexByte(doc, '>')
		if end < 0 {
			end = len(doc)
		}
		h.link(rawAttr(doc[:end], name))
		doc = doc[end:]
	}
}

// hasTag tells whether a tag of that name, in lower case, starts at s.
func hasTag(s, name string) bool {
	return len(s) > len(name) && strings.EqualFold(s[:len(name)], name) && strings.IndexByte(" \t\r\n/", s[len(name)]) >= 0
}

// rawAttr gives an attribute from the text of a tag, "" without it.
func rawAttr(tag, name string) string {
	for {
		i := indexFold(tag, name)
		if i < 1 {
			return ""
		}
		before := tag[i-1]
		tag = strings.TrimLeft(tag[i+len(name):], " \t\r\n")
		if strings.IndexByte(" \t\r\n\"'/", before) < 0 || !strings.HasPrefix(tag, "=") {
			continue
		}
		v := strings.TrimLeft(tag[1:], " \t\r\n")
		end := 0
		if v != "" && (v[0] == '"' || v[0] == '\'') {
			quote := v[0]
			v = v[1:]
			end = strings.IndexByte(v, quote)
		} else {
			end = strings.IndexAny(v, " \t\r\n")
		}
		if end >= 0 {
			v = v[:end]
		}
		return html.UnescapeString(v)
	}
}

// link keeps a target once.
func (h *htmlReader) link(href string) string {
	href = strings.TrimSpace(href)
	if href == "" || strings.HasPrefix(href, "#") {
		return ""
	}
	if !h.seen[href] && len(h.links) < maxLinks {
		if h.seen == nil {
			h.seen = make(map[string]bool)
		}
		h.seen[href] = true
		h.links = append(h.links, href)
	}
	return href
}

type htmlReader struct {
	out    strings.Builder
	limit  int
	hidden atom.Atom // the element whose content is not shown
	href   string    // of the link that is open
	anchor int       // length of out at its start
	space  bool      // white space is due
	pre    int
	seen   map[string]bool
	links  []string
}

func (h *htmlReader) finish() (string, []string) {
	s := h.out.String()
	if len(s) > h.limit {
		s = strings.ToValidUTF8(s[:h.limit], "")
	}
	return strings.TrimSpace(s), h.links
}

func (h *htmlReader) text(s string) {
	if h.pre > 0 {
		h.out.WriteString(s)
		return
	}
	for i, w := range strings.Fields(s) {
		if (i > 0 || h.space || startsWithSpace(s)) && h.out.Len() > 0 {
			h.blank()
		}
		h.space = false
		h.out.WriteString(w)
	}
	if s != "" && strings.TrimRight(s, " \t\r\n") != s {
		h.space = true
	}
}

func startsWithSpace(s string) bool {
	return strings.IndexByte(" \t\r\n", s[0]) >= 0
}

// blank writes a space unless a line has just begun.
func (h *htmlReader) blank() {
	if s := h.out.String(); s[len(s)-1] != '\n' && s[len(s)-1] != ' ' {
		h.out.WriteByte(' ')
	}
}

// line ends the line, unless it is empty.
func (h *htmlReader) line() {
	h.space = false
	if s := h.out.String(); s != "" && s[len(s)-1] != '\n' {
		h.out.WriteByte('\n')
	}
}

func (h *htmlReader) open(a atom.Atom, z *html.Tokenizer, attrs bool) {
	if h.hidden != 0 {
		return
	}
	switch a {
	case atom.Script, atom.Style, atom.Title, atom.Noscript, atom.Template:
		h.hidden = a
	case atom.Pre:
		h.line()
		h.pre++
	case atom.Br, atom.P, atom.Div, atom.Tr, atom.Li, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6,
		atom.Table, atom.Ul, atom.Ol, atom.Hr, atom.Blockquote, atom.Form, atom.Section, atom.Article:
		h.line()
	case atom.Td, atom.Th:
		h.space = true
	case atom.A, atom.Area:
		h.closeLink()
		h.href, h.anchor = attr(z, attrs, "href"), h.out.Len()
		if a == atom.Area {
			h.closeLink()
		}
	case atom.Img:
		if alt := attr(z, attrs, "alt"); alt != "" {
			h.space = true
			h.text(alt)
		}
	}
	if a == atom.Form {
		if action := attr(z, attrs, "action"); action != "" {
			h.href, h.anchor = action, h.out.Len()
			h.closeLink()
		}
	}
}

func (h *htmlReader) close(a atom.Atom) {
	switch {
	case h.hidden != 0:
		if a == h.hidden {
			h.hidden = 0
		}
	case a == atom.A:
		h.closeLink()
	case a == atom.Pre:
		h.pre = max(0, h.pre-1)
		h.line()
	case a == atom.P, a == atom.Div, a == atom.Tr, a == atom.Table, a == atom.Li:
		h.line()
	}
}

// closeLink writes the target of the open link behind its text.
func (h *htmlReader) closeLink() {
	href := h.link(h.href)
	h.href = ""
	if href == "" {
		return
	}
	shown := strings.TrimSpace(h.out.String()[h.anchor:])
	if shown == href || strings.EqualFold("mailto:"+shown, href) {
		return
	}
	if h.out.Len() > 0 {
		h.blank()
	}
	h.out.WriteByte('<')
	h.out.WriteString(href)
	h.out.WriteByte('>')
	h.space = true
}

// attr gives an attribute of the tag that the tokenizer stands on.
func attr(z *html.Tokenizer, more bool, name string) string {
	for more {
		var key, val []byte
		key, val, more = z.TagAttr()
		if string(key) == name {
			return string(val)
		}
	}
	return ""
}
