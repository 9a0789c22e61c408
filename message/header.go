package message

import (
	"bytes"
	"strings"
)

// Bounds on one header. A header is never copied, so that these bound time and
// the list of fields, not the bytes looked at once.
const (
	// maxFields is the number of fields kept of one header; real mail has
	// under 200, a list of 20,000 costs about 1 MB.
	maxFields = 20_000
	// maxValue bounds what Value copies, and so every parser that works on a
	// value; RFC 5322 has no limit, servers cut at 100 KB or less.
	maxValue = 64 << 10
	// foldLines is how many lines without a field name are looked ahead to see
	// whether the header goes on, foldBytes how many octets: a bound, or a
	// header of such lines would cost the square of its size.
	foldLines, foldBytes = 24, 4 << 10
	// maxWarnings is how many warnings one reader gives; damage of one kind
	// repeats.
	maxWarnings = 50
)

// ReadHeader reads the fields at the start of data (RFC 5322 section 2.2) up to
// the blank line, and gives them with the offset of the first octet after that
// line. The fields alias data.
//
// Line ends may be CRLF or LF. A separator line of an mbox before the first
// field is passed over. A line that is neither a field nor indented is taken for
// a continuation whose indentation got lost when fields follow, else for the
// first line of the body; both give a warning.
func ReadHeader(data []byte) (Header, int, []Warning) {
	return readHeader(data, 0, 1)
}

// readHeader is ReadHeader for a header that starts at data[base:], in line.
func readHeader(data []byte, base, line int) (Header, int, []Warning) {
	var h Header
	var warns []Warning
	pos := base
	if rest := data[pos:]; bytes.HasPrefix(rest, []byte("From ")) || bytes.HasPrefix(rest, []byte(">From ")) {
		pos = lineEnd(data, pos)
		line++
	}
	lost := false // a warning about lost indentation was given
	full := false
	for pos < len(data) {
		end := lineEnd(data, pos)
		text := data[pos:end]
		switch name := fieldName(text); {
		case isBlank(text):
			return h, end, warns
		case text[0] == ' ' || text[0] == '\t':
			if len(h.Fields) == 0 {
				if goesOn(data, end, text) {
					warns = append(warns, Warning{pos, "the first field lost its beginning; passed over"})
					break
				}
				return h, pos, append(warns, Warning{pos, "the header does not start with a field; taken for the body"})
			}
			h.extend(data, end, full)
		case name > 0 && !full:
			if h.Fields == nil {
				h.Fields = make([]Field, 0, countFields(data, pos))
			}
			h.Fields = append(h.Fields, Field{Name: intern(text[:name]), Raw: text, Offset: pos, Line: line})
			if len(h.Fields) == maxFields {
				full = true
				warns = append(warns, Warning{end, "the header has more than 20,000 fields; the rest is not read"})
			}
		case name > 0: // over the limit: passed over
		case len(h.Fields) > 0 && goesOn(data, end, text):
			if !lost {
				lost = true
				warns = append(warns, Warning{pos, "a header line has no name and is not indented; read as part of the field above"})
			}
			h.extend(data, end, full)
		default:
			return h, pos, append(warns, Warning{pos, "no blank line between header and body"})
		}
		pos = end
		line++
	}
	return h, len(data), append(warns, Warning{len(data), "the message ends inside its header"})
}

// countFields guesses how many fields the header at pos has: lines that are not
// indented up to a blank one, at most 64.
func countFields(data []byte, pos int) int {
	n := 0
	for n < 64 && pos < len(data) && data[pos] != '\n' && data[pos] != '\r' {
		if data[pos] != ' ' && data[pos] != '\t' {
			n++
		}
		pos = lineEnd(data[:min(len(data), pos+foldBytes)], pos)
	}
	return n
}

// extend lets the last field reach to end. Beyond the limit of fields the lines
// belong to none.
func (h *Header) extend(data []byte, end int, full bool) {
	if full {
		return
	}
	f := &h.Fields[len(h.Fields)-1]
	f.Raw = data[f.Offset:end]
}

// goesOn tells whether a field follows before the header ends, when the line
// text, which ends at pos, is neither a field nor indented.
func goesOn(data []byte, pos int, text []byte) bool {
	if bytes.HasPrefix(text, []byte("--")) { // a MIME delimiter, a rule
		return false
	}
	if len(data)-pos > foldBytes {
		data = data[:pos+foldBytes]
	}
	for range foldLines {
		if pos >= len(data) {
			return false
		}
		end := lineEnd(data, pos)
		next := data[pos:end]
		if isBlank(next) || bytes.HasPrefix(next, []byte("--")) {
			return false
		}
		if fieldName(next) > 0 {
			return true
		}
		pos = end
	}
	return false
}

// First gives the first field of that name, whatever its case.
func (h Header) First(name string) (Field, bool) {
	for _, f := range h.Fields {
		if len(f.Name) == len(name) && strings.EqualFold(f.Name, name) {
			return f, true
		}
	}
	return Field{}, false
}

// All gives every field of that name, whatever its case, from top to bottom.
func (h Header) All(name string) []Field {
	var out []Field
	for _, f := range h.Fields {
		if len(f.Name) == len(name) && strings.EqualFold(f.Name, name) {
			out = append(out, f)
		}
	}
	return out
}

// Value gives the unfolded value of the first field of that name, "" without
// one.
func (h Header) Value(name string) string {
	f, _ := h.First(name)
	return f.Value()
}

// Value gives what follows the colon, trimmed, each fold (RFC 5322 section
// 2.2.3) replaced by one space; at most 64 KiB of it. Nothing is decoded.
func (f Field) Value() string {
	b := f.body()
	if bytes.IndexByte(b, '\n') < 0 {
		return string(b)
	}
	var out strings.Builder
	out.Grow(len(b))
	for len(b) > 0 {
		n := bytes.IndexByte(b, '\n')
		if n < 0 {
			out.Write(b)
			break
		}
		out.Write(bytes.TrimRight(b[:n], "\r"))
		out.WriteByte(' ')
		b = bytes.TrimLeft(b[n+1:], " \t")
	}
	return out.String()
}

// body gives the octets after the colon without the white space around them,
// folds kept, at most maxValue.
func (f Field) body() []byte {
	i := bytes.IndexByte(f.Raw, ':')
	if i < 0 {
		return nil
	}
	b := f.Raw[i+1:]
	if len(b) > maxValue {
		b = b[:maxValue]
	}
	return bytes.Trim(b, " \t\r\n")
}

// fieldName gives the length of the field name at the start of line (RFC 5322
// section 3.6.8, white space before the colon as in section 4.5.8), 0 if the
// line is no field.
func fieldName(line []byte) int {
	for i, c := range line {
		switch {
		case c == ':':
			if bytes.HasPrefix(line[i+1:], []byte("//")) { // a web address
				return 0
			}
			return i
		case c == ' ' || c == '\t':
			rest := bytes.TrimLeft(line[i:min(len(line), i+8)], " \t")
			if len(rest) > 0 && rest[0] == ':' {
				return i
			}
			return 0
		case !nameOctet[c]:
			return 0
		}
	}
	return 0
}

// nameOctet tells the octets of field names. The standard allows more; quotes and
// brackets only ever start prose or JSON.
var nameOctet = func() (t [256]bool) {
	for c := '!'; c <= '~'; c++ {
		t[c] = !strings.ContainsRune("\"(),:;<=>?@[\\]{}", c)
	}
	return t
}()

// lineEnd gives the offset after the line that starts at pos.
func lineEnd(data []byte, pos int) int {
	if n := bytes.IndexByte(data[pos:], '\n'); n >= 0 {
		return pos + n + 1
	}
	return len(data)
}

// isBlank tells a line of nothing but its line end.
func isBlank(line []byte) bool {
	return len(line) == 1 && line[0] == '\n' || len(line) == 2 && line[0] == '\r' && line[1] == '\n'
}

// intern gives the name as a string, without a copy for the common ones.
func intern(name []byte) string {
	if s, ok := commonNames[string(name)]; ok {
		return s
	}
	return string(name)
}

// commonNames are field names that most messages have, as they are spelled.
var commonNames = func() map[string]string {
	m := make(map[string]string)
	for _, s := range strings.Fields(`Received From To Cc Bcc Subject Date Message-ID Message-Id Message-id
		Return-Path Return-path Reply-To Sender MIME-Version Mime-Version Content-Type Content-type
		Content-Transfer-Encoding Content-transfer-encoding Content-Disposition Content-Description
		Content-Language Content-ID DKIM-Signature X-Google-DKIM-Signature DomainKey-Signature
		ARC-Seal ARC-Message-Signature ARC-Authentication-Results Authentication-Results Received-SPF
		Delivered-To X-Original-To Envelope-To Envelope-to Delivery-date Auto-Submitted Precedence
		In-Reply-To References List-Id List-Unsubscribe X-Mailer User-Agent X-Priority Importance
		X-Received X-Gm-Message-State X-Google-Smtp-Source X-Failed-Recipients X-Originating-IP
		X-Virus-Scanned X-Spam-Status X-Spam-Level X-Spam-Flag X-Spam-Checker-Version
		Thread-Topic Thread-Index X-MSMail-Priority X-MimeOLE X-Auto-Response-Suppress
		Reporting-MTA Received-From-MTA Arrival-Date Final-Recipient Original-Recipient Action Status
		Remote-MTA Diagnostic-Code Last-Attempt-Date Will-Retry-Until X-Postfix-Queue-ID X-Postfix-Sender`) {
		m[s] = s
	}
	return m
}()
