package bounce

import (
	"bytes"
	"strings"
)

// embedded is an original found inside a text.
type embedded struct {
	start int  // offset in the text
	trace bool // it has fields that only mail systems write
}

// findEmbedded finds a returned message, or its header, inside the text of a
// notice: the first run of lines that are header fields, three of them known ones
// that mail has. No words before it are needed, so that the language of the
// notice does not matter. Linear: each run is looked at once.
func findEmbedded(text []byte) (embedded, bool) {
	fresh := true // the line before was blank or no field
	for pos := 0; pos < len(text); {
		end := lineEnd(text, pos)
		line := text[pos:end]
		name := nameOf(line)
		if len(name) == 0 {
			fresh = true
			pos = end
			continue
		}
		kind := kindOf(name)
		if kind == notMail || !fresh && kind == unknownField {
			fresh = kind == notMail // delivery fields may run into the original's
			pos = end
			continue
		}
		run := scanRun(text, pos)
		if run.known >= 3 && (run.trace || run.from && run.human >= 3 && run.stray == 0) {
			return embedded{pos, run.trace}, true
		}
		fresh = false
		pos = max(end, run.end)
	}
	return embedded{}, false
}

// fieldKind sorts field names by what they tell about a run of fields.
type fieldKind byte

const (
	unknownField fieldKind = iota
	notMail                // of a delivery-status part
	humanField             // people quote them too
	mailField              // known, in mail only
	traceField             // written by mail systems
)

// kindOf sorts a field name.
func kindOf(name []byte) fieldKind {
	var buf [40]byte
	if len(name) > len(buf) {
		return unknownField
	}
	lower := buf[:0]
	for _, c := range name {
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		lower = append(lower, c)
	}
	if k, ok := fieldKinds[string(lower)]; ok {
		return k
	}
	if bytes.HasPrefix(lower, []byte("x-")) {
		if bytes.HasPrefix(lower, []byte("x-postfix-")) {
			return notMail
		}
		return mailField
	}
	return unknownField
}

var fieldKinds = func() map[string]fieldKind {
	m := make(map[string]fieldKind)
	for kind, names := range map[fieldKind]string{
		notMail: `reporting-mta received-from-mta arrival-date dsn-gateway original-envelope-id final-recipient
			original-recipient action status remote-mta diagnostic-code last-attempt-date will-retry-until
			final-log-id x-actual-recipient x-original-message-id x-supplementary-info`,
		humanField: `from to cc subject date sent reply-to sender`,
		mailField: `mime-version content-type content-transfer-encoding in-reply-to references user-agent x-mailer
			list-id list-unsubscribe precedence importance auto-submitted thread-topic thread-index
			content-language content-disposition authentication-results feedback-id envelope-to delivery-date`,
		traceField: `received return-path message-id dkim-signature domainkey-signature received-spf x-received
			arc-seal arc-message-signature arc-authentication-results delivered-to x-originating-ip`,
	} {
		for _, n := range strings.Fields(names) {
			m[n] = kind
		}
	}
	return m
}()

// run is what a run of header lines holds.
type run struct {
	end   int // offset after it
	known int // fields of known names
	human int
	from  bool
	trace bool
	stray int // lines that are no field and not indented
}

// maxStray is how many lines without name and indentation a run may have in a
// row: folded lines that lost their indentation.
const maxStray = 12

// scanRun reads the run of header lines at pos, up to a blank line.
func scanRun(text []byte, pos int) run {
	var r run
	stray := 0
	for pos < len(text) {
		end := lineEnd(text, pos)
		line := text[pos:end]
		if len(bytes.TrimRight(line, " \t\r\n")) == 0 {
			break
		}
		name := nameOf(line)
		switch {
		case len(name) > 0:
			stray = 0
			switch kindOf(name) {
			case humanField:
				r.known++
				r.human++
				r.from = r.from || len(name) == 4 && name[0]|0x20 == 'f' && kindOf(name) == humanField
			case mailField:
				r.known++
			case traceField:
				r.known++
				r.trace = true
			}
		case line[0] == ' ' || line[0] == '\t':
		default:
			r.stray++
			if stray++; stray > maxStray || r.known == 0 || bytes.HasPrefix(line, []byte("--")) {
				r.end = end
				return r
			}
		}
		pos = end
	}
	r.end = pos
	return r
}

// nameOf gives the field name that starts a line, nil when none does.
func nameOf(line []byte) []byte {
	i := bytes.IndexByte(line[:min(len(line), 80)], ':')
	if i <= 0 {
		return nil
	}
	name := line[:i]
	for _, c := range name {
		if c <= ' ' || c >= 0x7f {
			return nil
		}
	}
	if i+1 < len(line) && line[i+1] == '/' { // http://
		return nil
	}
	return name
}

func lineEnd(b []byte, pos int) int {
	if n := bytes.IndexByte(b[pos:], '\n'); n >= 0 {
		return pos + n + 1
	}
	return len(b)
}

// unquote gives text without one level of "> " quoting or of indentation, the
// number of lines kept; false when too little of it is quoted. Lines that are
// not quoted stay as they are.
func unquote(text []byte) ([]byte, bool) {
	marked := 0
	for pos := 0; pos < len(text) && marked < 4; {
		end := lineEnd(text, pos)
		if line := text[pos:end]; quoteLen(line) > 0 && len(nameOf(line[quoteLen(line):])) > 0 {
			marked++
		}
		pos = end
	}
	if marked < 3 {
		return nil, false
	}
	out := make([]byte, 0, len(text))
	for pos := 0; pos < len(text); {
		end := lineEnd(text, pos)
		line := text[pos:end]
		out = append(out, line[quoteLen(line):]...)
		pos = end
	}
	return out, true
}

// quoteLen gives the length of the quote mark at the start of a line.
func quoteLen(line []byte) int {
	if len(line) == 0 || line[0] != '>' && line[0] != '|' {
		return 0
	}
	if len(line) > 1 && line[1] == ' ' {
		return 2
	}
	return 1
}

// outdent removes the white space before the first field that has some, from all
// lines: a header that was printed indented.
func outdent(text []byte) ([]byte, bool) {
	indent := -1
	for pos := 0; pos < len(text); {
		end := lineEnd(text, pos)
		line := text[pos:end]
		trimmed := bytes.TrimLeft(line, " \t")
		if n := len(line) - len(trimmed); n > 0 && n <= 16 {
			if k := kindOf(nameOf(trimmed)); k == humanField || k == traceField {
				indent = n
				break
			}
		}
		pos = end
	}
	if indent < 0 {
		return nil, false
	}
	out := make([]byte, 0, len(text))
	for pos := 0; pos < len(text); {
		end := lineEnd(text, pos)
		line := text[pos:end]
		cut := 0
		for cut < indent && cut < len(line) && (line[cut] == ' ' || line[cut] == '\t') {
			cut++
		}
		out = append(out, line[cut:]...)
		pos = end
	}
	return out, true
}
