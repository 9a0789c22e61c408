package probe

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

const (
	// maxReplyLine is more than the 512 octets of RFC 5321 section 4.5.3.1.5:
	// some servers tell long stories.
	maxReplyLine = 2048
	// maxReplyLines bounds a reply; an EHLO with a line for each registered
	// extension has about forty.
	maxReplyLines = 100
)

var (
	errReply     = errors.New("an answer that is no SMTP reply")
	errReplySize = errors.New("an answer longer than SMTP allows")
)

// reply is one answer of a server (RFC 5321 section 4.2).
type reply struct {
	code  int
	lines []string // text after the code, raw
	shown []string // the same without secrets
}

func (r reply) ok() bool      { return r.code >= 200 && r.code < 300 }
func (r reply) refused() bool { return r.code >= 500 }
func (r reply) String() string {
	text := r.shown
	if text == nil {
		text = r.lines
	}
	return fmt.Sprintf("%d %s", r.code, clean(strings.Join(text, " ")))
}

func (r reply) has(s string) bool {
	return strings.Contains(strings.ToLower(strings.Join(r.lines, " ")), s)
}

func (r reply) hasAny(words ...string) bool { return slices.ContainsFunc(words, r.has) }

// later is a refusal that may not last.
func (r reply) later() bool { return r.code >= 400 && r.code < 500 }

// aboutRelay tells a refusal to pass mail on from one for another reason: RFC
// 3463's 7.1 is "delivery not authorised", and every common server says "relay".
func (r reply) aboutRelay() bool { return !r.ok() && r.has("relay") }

// aboutDomain tells a refusal because a domain is not there or takes no mail: the
// domains for examples have a null MX (RFC 7505), and some servers look.
func (r reply) aboutDomain() bool {
	return !r.aboutRelay() && r.hasAny("nullmx", "null mx", "not found", "does not accept mail", "unrouteable", "unroutable", "no such domain", "does not exist")
}

// aboutForgery tells a refusal because a message is not whose it says.
func (r reply) aboutForgery() bool { return r.refused() && r.hasAny("dmarc", "spf", "dkim") }

// aboutLogin tells a refusal for want of a login: 530 (RFC 4954 section 6), or one
// that says so. 530 is what comes before STARTTLS, too (RFC 3207 section 4).
func (r reply) aboutLogin() bool {
	switch {
	case r.ok() || r.hasAny("starttls", "must use tls", "spf", "dkim", "dmarc"):
		return false
	case r.code == 530 || r.aboutRelay():
		return true
	}
	// The last is what Postfix says at the end of permit_sasl_authenticated, reject.
	return r.refused() && r.hasAny("authenticat", "auth required", "login", "log in", "logged in", "sasl", "recipient address rejected: access denied")
}

// readReply reads one reply. A bare LF ends a line too: it is the server that is
// judged by it, elsewhere.
func readReply(br *bufio.Reader) (reply, error) {
	var out reply
	for {
		line, err := readLine(br)
		if err != nil {
			return out, err
		}
		code, more, text, err := parseReplyLine(line)
		if err != nil {
			return out, err
		}
		if len(out.lines) > 0 && code != out.code {
			return out, errReply // RFC 5321 section 4.2.1: the same code on each line
		}
		out.code = code
		out.lines = append(out.lines, text)
		if !more {
			return out, nil
		}
		if len(out.lines) == maxReplyLines {
			return out, errReplySize
		}
	}
}

func readLine(br *bufio.Reader) (string, error) {
	var line []byte
	for {
		part, err := br.ReadSlice('\n')
		if len(line)+len(part) > maxReplyLine {
			return "", errReplySize
		}
		line = append(line, part...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(line) > 0:
			return "", io.ErrUnexpectedEOF
		case err != nil:
			return "", err
		}
		return strings.TrimSuffix(strings.TrimSuffix(string(line), "\n"), "\r"), nil
	}
}

// parseReplyLine reads "250-text", "250 text" or "250" (RFC 5321 section 4.2).
func parseReplyLine(line string) (code int, more bool, text string, err error) {
	if len(line) < 3 {
		return 0, false, "", errReply
	}
	for _, c := range []byte(line[:3]) {
		if c < '0' || c > '9' {
			return 0, false, "", errReply
		}
		code = code*10 + int(c-'0')
	}
	if code < 200 || code > 559 {
		return 0, false, "", errReply
	}
	if len(line) == 3 {
		return code, false, "", nil
	}
	switch line[3] {
	case '-':
		return code, true, line[4:], nil
	case ' ':
		return code, false, line[4:], nil
	}
	return 0, false, "", errReply
}

// extensions reads the answer to EHLO: keyword in upper case, to parameters
// (RFC 5321 section 4.1.1.1).
func extensions(r reply) map[string][]string {
	out := map[string][]string{}
	for _, l := range r.lines[min(1, len(r.lines)):] {
		// "AUTH=PLAIN" is an old way to say "AUTH PLAIN".
		l = strings.Replace(l, "AUTH=", "AUTH ", 1)
		if f := strings.Fields(strings.ToUpper(l)); len(f) > 0 {
			out[f[0]] = append(append([]string{}, out[f[0]]...), f[1:]...)
		}
	}
	return out
}
