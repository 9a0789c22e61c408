package intake

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
)

// kind is what a file is, by its first octets.
type kind int

const (
	notMail kind = iota
	empty
	oneMessage
	mailbox  // mbox: begins with a From_ line (RFC 4155)
	maybe    // text with header fields in it, but not at its beginning
	zipped   // a zip archive
	gzipped  // RFC 1952
	otherTar // an archive of a kind that is not read
)

// headSize is how much of a file is looked at to see what it is. Header lines
// begin within it even where a web page's text was pasted before them.
const headSize = 8 << 10

var byteOrderMark = []byte("\xef\xbb\xbf")

// kindOf looks at the beginning of a file.
func kindOf(head []byte) kind {
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return zipped
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		return gzipped
	case len(head) > 262 && string(head[257:262]) == "ustar":
		return otherTar
	}
	text := bytes.TrimLeft(bytes.TrimPrefix(head, byteOrderMark), "\r\n")
	switch {
	case len(bytes.TrimSpace(text)) == 0 && len(head) < headSize:
		return empty
	case foreign(head) != "":
		return notMail
	}
	first, rest := cutLine(text)
	if bytes.HasPrefix(first, []byte("From ")) {
		if known, _ := fields(rest); known > 0 {
			return mailbox
		}
		return notMail
	}
	known, anywhere := fields(text)
	switch {
	case known > 0:
		return oneMessage
	case anywhere > 1:
		return maybe
	}
	return notMail
}

// knownFields are names of which every message has some, in lower case. A text
// that has none of them is no mail, whatever colons stand in it.
var knownFields = []string{
	"received", "from", "to", "subject", "date", "message-id", "return-path", "delivered-to", "x-original-to", "envelope-to",
	"mime-version", "content-type", "sender", "reply-to", "auto-submitted", "x-failed-recipients", "received-spf", "authentication-results",
	"arc-seal", "dkim-signature", "x-apparently-to", "x-store-info", "x-spam-checker-version", "importance", "thread-topic",
}

// fields counts lines that begin with a known field name: within the block of
// lines at the beginning, if that is a header, and in all of the text.
func fields(text []byte) (leading, anywhere int) {
	header := true
	for lines := 0; len(text) > 0; lines++ {
		var line []byte
		line, text = cutLine(text)
		name, _, found := bytes.Cut(line, []byte(":"))
		switch {
		case len(line) == 0:
			header = header && lines == 0
		case found && slices.Contains(knownFields, strings.ToLower(string(bytes.TrimRight(name, " \t")))):
			anywhere++
			if header {
				leading++
			}
		case lines == 0 && !(found && fieldName(name)) && !bytes.HasPrefix(line, []byte(">From ")):
			header = false
		}
	}
	return leading, anywhere
}

// fieldName holds for ftext (RFC 5322 section 3.6.8), blanks before the colon
// allowed (section 4.5.8).
func fieldName(name []byte) bool {
	name = bytes.TrimRight(name, " \t")
	return len(name) > 0 && !bytes.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r >= 0x7f })
}

func cutLine(text []byte) (line, rest []byte) {
	line, rest, _ = bytes.Cut(text, []byte("\n"))
	return bytes.TrimSuffix(line, []byte("\r")), rest
}

// signatures name what people mistake for mail, by its first octets, and what
// to do instead.
var signatures = []struct{ magic, what, fix string }{
	{"%PDF", "is a PDF document, not mail", saveAsEML},
	{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is an Outlook .msg or Office file, which cannot be read here", "drag the message into a web mailer's window, or save it there as .eml"},
	{"!BDN", "is an Outlook data file (.pst), which cannot be read here", "export the folder as mbox, or drag the messages out as .eml"},
	{"{\\rtf", "is a rich-text document, not mail", saveAsEML},
	{"\xff\xfe", "is text in UTF-16", "save it again as UTF-8 or plain text"},
	{"\xfe\xff", "is text in UTF-16", "save it again as UTF-8 or plain text"},
	{"\x89PNG", "is a picture, not mail", saveAsEML},
	{"\xff\xd8\xff", "is a picture, not mail", saveAsEML},
	{"GIF8", "is a picture, not mail", saveAsEML},
	{"7z\xbc\xaf\x27\x1c", "is a 7z archive, which cannot be read here", unpack},
	{"Rar!", "is a rar archive, which cannot be read here", unpack},
	{"\xfd7zXZ", "is an xz archive, which cannot be read here", unpack},
	{"BZh", "is a bzip2 archive, which cannot be read here", unpack},
	{"\x28\xb5\x2f\xfd", "is a zstd archive, which cannot be read here", unpack},
	{"SQLite format 3", "is a database, not mail", saveAsEML},
	{"\x7fELF", "is a program, not mail", saveAsEML},
	{"MZ", "is a program, not mail", saveAsEML},
}

const (
	saveAsEML = "in your mail program, save the message itself (“save as”, “download original”: an .eml file) and give that"
	unpack    = "unpack it first and give the folder, or make it a zip"
)

// foreign gives what a file of another kind is, "" when it has no known mark.
func foreign(head []byte) string {
	for _, s := range signatures {
		if bytes.HasPrefix(head, []byte(s.magic)) && (s.magic != "MZ" || bytes.IndexByte(head, 0) >= 0) {
			return s.what
		}
	}
	return ""
}

// refusal says why a file is not taken as mail.
func refusal(name string, head []byte, k kind) *Error {
	e := &Error{File: name}
	ext := strings.ToLower(filepath.Ext(name))
	what := foreign(head)
	switch {
	case k == empty:
		e.Problem, e.Fix = "is empty", "save the message again; if it comes from a mail program, wait until that has fetched it"
	case k == otherTar:
		e.Problem, e.Fix = "is a tar archive, which cannot be read here", unpack
	case what != "":
		e.Problem = what
		for _, s := range signatures {
			if s.what == what {
				e.Fix = s.fix
				break
			}
		}
	case slices.Contains([]string{".mbox", ".mbx"}, ext):
		e.Problem = "is not a mailbox: it begins neither with a “From ” line nor with header lines"
		e.Fix = "export the folder again as mbox, or give single messages as .eml"
	case bytes.HasPrefix(bytes.TrimSpace(head), []byte("<")):
		e.Problem, e.Fix = "is a web page or XML, not mail", saveAsEML
	default:
		e.Problem, e.Fix = "is not mail: no header lines (“From:”, “Received:” …) stand at its beginning", saveAsEML
	}
	return e
}

// singleName holds for names that promise one message, so that a From_ line at
// its beginning does not make a mailbox of it.
func singleName(name string) bool {
	ext := strings.ToLower(filepath.Ext(name))
	return ext == ".eml" || ext == ".txt" || ext == ".msg"
}
