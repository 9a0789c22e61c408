package bounce

import (
	"bytes"
	"strings"
	"sync"
	"unicode/utf8"
)

// Bounds on the reading of a notice's own words.
const (
	// maxSaid is how much of the text of a notice is read.
	maxSaid = 64 << 10
	// maxLines is how many lines of it.
	maxLines = 2000
	// maxRefusal is the length of a refusal's text.
	maxRefusal = 500
)

// said is what the text of a notice says, line by line.
type said struct {
	listed []string // addresses that have a line for themselves
	named  []string // addresses in a line that speaks of a refusal
	other  []string // any other
	status []string // enhanced codes, each once
	host   string   // the host that wrote the notice
	code   codes    // of the first refusal
	reason string   // its text
	reply  bool     // an SMTP reply of class 4 or 5 stands in it
	links  bool     // a web address stands in it

	lower []byte // the line in lower case
}

// read goes over the lines of text, in UTF-8.
func read(text string) said {
	var s said
	if len(text) > maxSaid {
		text = text[:maxSaid]
	}
	whole := text
	reason := reasonReader{}
	for range maxLines {
		if text == "" {
			break
		}
		var line string
		line, text, _ = strings.Cut(text, "\n")
		line = strings.Trim(line, " \t\r")
		s.line(line)
		reason.line(line, &s)
	}
	if s.reason == "" {
		s.reason = tellingLine(whole)
	}
	if s.reason == "" {
		s.reason = reason.afterAddress
	}
	s.reason = shorten(strings.TrimLeft(s.reason, "-* "))
	return s
}

// line takes one line.
func (s *said) line(line string) {
	if len(line) < 3 {
		return
	}
	if !s.links && (strings.Contains(line, "http://") || strings.Contains(line, "https://")) {
		s.links = true
	}
	s.lower = appendLower(s.lower[:0], line)
	if s.host == "" {
		s.host = hostSaid(line, s.lower)
	}
	if strings.IndexByte(line, '@') >= 0 {
		s.addresses(line)
	}
	s.codes(line)
}

// appendLower appends s with its ASCII letters in lower case, so that offsets
// stay.
func appendLower(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		dst = append(dst, c)
	}
	return dst
}

// codes keeps each enhanced code once, and whether there is a reply.
func (s *said) codes(line string) {
	c, ok := codesIn(line)
	if !ok {
		return
	}
	if c.reply != 0 {
		s.reply = true
	}
	if c.enhanced != "" && len(s.status) < maxRecipients && !member(s.status, c.enhanced) && !aftermath(c, line) {
		s.status = append(s.status, c.enhanced)
	}
}

// aftermath tells the replies that only follow from an earlier refusal in the
// transcript of a session.
func aftermath(c codes, line string) bool {
	return c.reply == 503 || c.reply == 554 && c.enhanced == "5.0.0" && strings.HasSuffix(line, "Service unavailable")
}

func member(list []string, x string) bool {
	for _, s := range list {
		if s == x {
			return true
		}
	}
	return false
}

// reasonReader finds the text of the first refusal: the reply with its further
// lines, else the words behind the first address.
type reasonReader struct {
	reading      bool
	addressSeen  bool
	afterAddress string
}

func (r *reasonReader) line(line string, s *said) {
	c, ok := codesIn(line)
	switch {
	case r.reading:
		if line == "" || strings.IndexByte(line, '<') == 0 && strings.HasSuffix(line, ">:") || len(s.reason) > maxRefusal {
			r.reading = false
			break
		}
		if ok && c.at <= 4 && c.reply != 0 { // "550-5.7.1 …": the next line of the reply
			if c.reply != s.code.reply {
				r.reading = false
				break
			}
			line = strings.TrimLeft(line[c.after:], " -:")
		}
		s.reason += " " + line
	case ok && s.reason == "":
		s.code = c
		r.reading = true
		s.reason = line
		if c.reply != 0 { // "Remote host said: 550 …"; "(#5.1.1)" ends a sentence
			s.reason = line[c.at:]
		}
	case s.reason != "":
	case r.addressSeen && r.afterAddress == "" && line != "" && len(nameOf([]byte(line))) == 0 && strings.IndexByte(line, '@') < 0 && !strings.HasSuffix(line, ":") && line[0] != '-':
		r.afterAddress = line
	case len(s.listed) > 0:
		r.addressSeen = true
	}
}

// tellingLine gives the first line that has the words of a refusal, for notices
// without a code.
func tellingLine(text string) string {
	for range maxLines {
		if text == "" {
			break
		}
		var line string
		line, text, _ = strings.Cut(text, "\n")
		line = strings.Trim(line, " \t\r")
		telling := false
		classPhrases().scan(fold(line), func(_, _ int, _ *phrase) bool {
			telling = true
			return false
		})
		if telling && !strings.HasPrefix(line, "Subject:") {
			return line
		}
	}
	return ""
}

// shorten brings a reason to one line of at most maxRefusal octets.
func shorten(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > maxRefusal {
		s = s[:maxRefusal]
		for len(s) > 0 && !utf8.ValidString(s) {
			s = s[:len(s)-1]
		}
	}
	return s
}

// hostLabels are the words before the name of the host that wrote a notice, in
// lower case (letters outside ASCII as they are written).
const hostLabels = `
	mail system at host_
	program at_
	mail system at_
	mail server at_
	mail agent at_
	generating server:
	dsn generated by:
	reporting-mta:
	reporting mta:
	on the queue on_
	was generated by_
	status notification from_
	mail delivery software on_
	generierender server:
	serveur de génération
	servidor de generación:
	servidor de generación del mensaje:
	servidor generador:
	server di generazione:
	server di generazione del messaggio:
	servidor de geração:
	servidor gerador:
	genererende server:
	serwer generujący:
	Создающий сервер:
	Сервер, создавший отчет:
	生成サーバー:
	生成服务器:
	產生伺服器:
`

// hostPhrases gives the table of labels, made once.
var hostPhrases = sync.OnceValue(func() *phrases {
	t := new(phrases)
	t.add(0, hostLabels)
	return t
})

// hostSaid gives the host that a line names as the writer of the notice; lower is
// the line in lower case.
func hostSaid(line string, lower []byte) string {
	if i := strings.IndexByte(line, '.'); i <= 0 || len(line) > 400 {
		return ""
	}
	host := ""
	hostPhrases().scan(lower, func(_, end int, _ *phrase) bool {
		host = hostName(line[end:])
		return host == ""
	})
	// "This is the DragonFly Mail Agent v0.13 at df.example.jp."
	if host == "" && bytes.HasPrefix(lower, []byte("this is the ")) {
		if i := bytes.LastIndex(lower, []byte(" at ")); i > 0 {
			return hostName(line[i+4:])
		}
	}
	return host
}

// hostName gives the host name at the start of s, "" when there is none.
func hostName(s string) string {
	s = strings.TrimLeft(s, " \t\u00a0:")
	s = strings.TrimPrefix(s, "dns;")
	s = strings.TrimLeft(s, " \t")
	end := strings.IndexAny(s, " \t,;:()<>\"'")
	if end < 0 {
		end = len(s)
	}
	s = strings.Trim(s[:end], ".[]")
	if i := strings.IndexByte(s, '.'); i <= 0 || len(s) > 253 || strings.ContainsAny(s, "@/") {
		return ""
	}
	return s
}
