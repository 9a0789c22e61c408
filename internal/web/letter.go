package web

import (
	"fmt"
	"slices"
	"strings"

	mail "unspoof/message"
)

// What of a message is shown: what a person reads, and an end to it.
const (
	maxShown    = 128 << 10 // octets of text, those of attached messages included
	maxPart     = 256 << 10 // octets of one part that are looked at
	maxTexts    = 20
	maxFileList = 100
	maxLinkList = 50
	maxHead     = 2 << 10 // octets of one header field
	maxLink     = 300
	// maxAttached is how deep messages attached to messages are opened: the
	// original in a notice.
	maxAttached = 1
)

// letter is a message as text that can do nothing: decoded, its HTML reduced to
// what a reader sees, its links made harmless, its files only named.
type letter struct {
	Head     []headLine
	Texts    []letterText
	Files    []letterFile
	Unlisted int      // files beyond those
	Links    []string // of HTML, made harmless
	MoreLink int      // links beyond those
	Attached []letter
	Warnings []mail.Warning
}

type headLine struct{ Name, Value string }

type letterText struct {
	Kind string // what it was made of
	Text string
	Cut  bool // there is more
}

type letterFile struct{ Name, Type, Size string }

// readLetter makes the safe view. Nothing is fetched.
func readLetter(data []byte) letter {
	r := letterReader{left: maxShown}
	return r.letter(data, 0)
}

type letterReader struct {
	left  int // octets of text that may still be shown
	texts int
}

func (r *letterReader) letter(data []byte, depth int) letter {
	root, warnings := mail.ParsePart(data)
	l := letter{Head: headLines(root.Header), Warnings: warnings}
	l.Warnings = append(l.Warnings, mail.Walk(root, func(p *mail.Part) bool {
		switch {
		case p.Multipart():
		case isMessage(p.Type) && depth < maxAttached && len(l.Attached) < maxTexts:
			inner, _, _ := p.Decode(len(data))
			l.Attached = append(l.Attached, r.letter(inner, depth+1))
		case !r.text(&l, p):
			l.file(p)
		}
		return true
	})...)
	return l
}

func isMessage(kind string) bool {
	return kind == "message/rfc822" || kind == "message/global" || kind == "text/rfc822-headers" || kind == "message/rfc822-headers"
}

// shownFields are what mail programs show of a header.
var shownFields = []string{"From", "Sender", "Reply-To", "To", "Cc", "Date", "Subject"}

func headLines(h mail.Header) []headLine {
	var lines []headLine
	for _, name := range shownFields {
		for i, f := range h.All(name) {
			if i == 3 {
				break
			}
			lines = append(lines, headLine{name, clip(mail.DecodeWords(f.Value()), maxHead)})
		}
	}
	return lines
}

// text adds a part that people read; false for one that is a file.
func (r *letterReader) text(l *letter, p *mail.Part) bool {
	how, _, _ := strings.Cut(p.Header.Value("Content-Disposition"), ";")
	if strings.EqualFold(strings.TrimSpace(how), "attachment") || r.texts == maxTexts {
		return false
	}
	t := letterText{Kind: "Text"}
	switch p.Type {
	case "text/plain":
		t.Text = p.Text(maxPart)
	case "text/html":
		var links []string
		t.Kind = "Web page (HTML), reduced to its text"
		t.Text, links = mail.HTMLText(p.Text(maxPart), maxPart)
		l.link(links)
	case "message/delivery-status", "message/global-delivery-status", "message/disposition-notification", "message/feedback-report":
		t.Kind = "Report for machines"
		t.Text = p.Text(maxPart)
	default:
		return false
	}
	t.Cut = len(p.Body) > maxPart
	if t.Text = strings.TrimSpace(t.Text); len(t.Text) > r.left {
		t.Text, t.Cut = clip(t.Text, r.left), true
	}
	r.left -= min(r.left, len(t.Text))
	if t.Text != "" || t.Cut {
		r.texts++
		l.Texts = append(l.Texts, t)
	}
	return true
}

func (l *letter) link(links []string) {
	for _, target := range links {
		target = inert(target)
		switch {
		case slices.Contains(l.Links, target):
		case len(l.Links) == maxLinkList:
			l.MoreLink++
		default:
			l.Links = append(l.Links, target)
		}
	}
}

func (l *letter) file(p *mail.Part) {
	if len(l.Files) == maxFileList {
		l.Unlisted++
		return
	}
	name := p.Filename()
	if name == "" {
		name = "without a name"
	}
	size := len(p.Body)
	if p.Encoding == "base64" {
		size = size * 57 / 78 // a line of 76 letters holds 57 octets (RFC 2045 section 6.8)
	}
	l.Files = append(l.Files, letterFile{clip(name, maxName), clip(p.Type, maxName), sizeWord(size)})
}

func sizeWord(n int) string {
	switch {
	case n < 1<<10:
		return "under 1 KB"
	case n < 1<<20:
		return fmt.Sprintf("about %d KB", n>>10)
	}
	return fmt.Sprintf("about %.1f MB", float64(n)/(1<<20))
}

// inert shows where a link leads so that no program makes it live, not even when
// it is copied.
func inert(link string) string {
	link = strings.Join(strings.Fields(clip(link, maxLink)), " ")
	scheme, rest, ok := strings.Cut(link, ":")
	switch strings.ToLower(scheme) {
	case "http", "https":
		link = "hxxp" + strings.ToLower(scheme)[4:] + ":" + rest
	default:
		if ok {
			link = scheme + "[:]" + rest
		}
	}
	return strings.NewReplacer(".", "[.]", "@", "[at]").Replace(link)
}
