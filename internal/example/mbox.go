package example

import (
	"bytes"
	"embed"
	"encoding/base64"
	"fmt"
	"sort"
	"strings"
	"text/template"
	"time"
)

// Each family of mail servers words its notices in its own way.
//
//go:embed mail/*.eml
var families embed.FS

// others are the replies, a complaint and a genuine notice, in mbox form.
//
//go:embed mail/others.mbox
var others string

// rfc5322 is the date form of header fields (RFC 5322 section 3.3).
const rfc5322 = "Mon, 02 Jan 2006 15:04:05 -0700"

// Mbox makes the mailbox, in the mboxrd form, in the order of arrival.
func Mbox() ([]byte, error) {
	text, err := template.New("").Funcs(template.FuncMap{
		"date":  func(t time.Time) string { return t.Format(rfc5322) },
		"b64":   func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
		"lines": lines,
	}).ParseFS(families, "mail/*.eml")
	if err != nil {
		return nil, fmt.Errorf("example: %w", err)
	}
	type message struct {
		arrived time.Time
		text    string
	}
	var all []message
	for _, n := range wave() {
		body, err := write(text, n)
		if err != nil {
			return nil, fmt.Errorf("example: notice %d: %w", n.Number, err)
		}
		from := "From MAILER-DAEMON " + n.Arrived.Format(time.ANSIC) + "\n"
		all = append(all, message{n.Arrived, from + body + "\n"})
	}
	for _, m := range strings.SplitAfter(others, "\n\nFrom ") {
		m = strings.TrimSuffix(m, "From ")
		if !strings.HasPrefix(m, "From ") {
			m = "From " + m
		}
		line, _, _ := strings.Cut(m, "\n")
		_, date, _ := strings.Cut(strings.TrimPrefix(line, "From "), " ")
		arrived, err := time.Parse(time.ANSIC, date)
		if err != nil {
			return nil, fmt.Errorf("example: others.mbox: %w", err)
		}
		all = append(all, message{arrived, m})
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].arrived.Before(all[j].arrived) })
	var b bytes.Buffer
	for _, m := range all {
		b.WriteString(m.text)
	}
	return b.Bytes(), nil
}

// write fills the template of the notice's family, with its campaign's message
// as the original.
func write(text *template.Template, n notice) (string, error) {
	t, err := text.Clone()
	if err != nil {
		return "", err
	}
	if _, err := t.AddParseTree("original", text.Lookup(n.campaign+".eml").Tree); err != nil {
		return "", err
	}
	var b strings.Builder
	err = t.ExecuteTemplate(&b, n.family+".eml", n)
	return b.String(), err
}

// lines breaks base64 into lines of 76 (RFC 2045 section 6.8).
func lines(s string) string {
	var b strings.Builder
	for len(s) > 76 {
		b.WriteString(s[:76] + "\n")
		s = s[76:]
	}
	return b.String() + s
}
