package dmarc

import "fmt"

// Code names one kind of note or syntax error, for good.
type Code string

// Codes of a record that is no policy record (RFC 9989 sections 4.7, 4.8).
const (
	NotDMARC         Code = "not-dmarc"
	TooLong          Code = "too-long"
	LeadingSpace     Code = "leading-space"     // white space before v
	QuotedText       Code = "quoted"            // the quotes were published too
	VersionNotFirst  Code = "version-not-first" // v=DMARC1 further on
	VersionCase      Code = "version-case"      // v=dmarc1
	VersionWrong     Code = "version-wrong"     // v=DMARC2
	MissingSemicolon Code = "missing-semicolon" // v=DMARC1 p=none
	ZoneFileEscape   Code = "zone-file-escape"  // v=DMARC1\; p=none
)

// Codes of what is odd in a policy record.
const (
	PolicyMissing   Code = "p-missing"
	PolicyInvalid   Code = "p-invalid" // p, sp or np with another word
	PolicyNotSecond Code = "p-not-second"
	TagTwice        Code = "tag-twice"
	TagUnknown      Code = "tag-unknown"
	TagRemoved      Code = "tag-removed" // pct, rf, ri
	TagCase         Code = "tag-case"
	ValueInvalid    Code = "value-invalid"
	StrayText       Code = "stray-text"
	BadOctet        Code = "bad-octet"
	URIInvalid      Code = "uri-invalid"
	URISize         Code = "uri-size"
	URIScheme       Code = "uri-scheme"
	NoReports       Code = "no-rua"
	FailureNoURI    Code = "fo-without-ruf"
	SubWeaker       Code = "sp-weaker"
	MissingWeaker   Code = "np-weaker"
	TestMode        Code = "test-mode"
)

// Span is a range of bytes in a record's text.
type Span struct {
	Start int `json:"start"`
	End   int `json:"end"`
}

// Note is one oddity in a record.
type Note struct {
	Code    Code   `json:"code"`
	Span    Span   `json:"span"`    // of the record's text
	Text    string `json:"text"`    // for people
	Section string `json:"section"` // of RFC 9989
}

// SyntaxError says why a TXT record is no DMARC policy record, so that receivers
// act as if it were not there.
type SyntaxError struct {
	Code Code
	Span Span
	Text string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("dmarc: no policy record: %s (octets %d to %d)", e.Text, e.Span.Start, e.Span.End)
}

// maxNotes bounds the notes on a record that is full of mistakes.
const maxNotes = 100

func (r *Record) note(code Code, at Span, section, format string, a ...any) {
	if len(r.Notes) >= maxNotes {
		return
	}
	r.Notes = append(r.Notes, Note{Code: code, Span: at, Section: section, Text: fmt.Sprintf(format, a...)})
}
