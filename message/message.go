// Package message reads the bytes of mail as they are: header fields in order,
// each with its offset and exact octets, addresses, encoded words, the MIME
// tree and trace fields (RFC 5322, 2045–2047, 6532).
//
// It is tolerant by design: it never refuses a message. What was damaged or cut
// is said as a [Warning], the rest is given. It changes no byte, decodes only
// when asked, and copies only what it decodes, so that a signature can still be
// checked over what came.
package message

import "net/netip"
import "time"

// Warning says what could not be read and what was lost by that.
type Warning struct {
	Offset int    `json:"offset"` // octets from the start of the message
	Text   string `json:"text"`   // a sentence for people
}

// Field is one header field.
type Field struct {
	// Name as written, without the colon.
	Name string
	// Raw is the whole field, name, colon, folding and final line end, aliasing
	// the message.
	Raw []byte
	// Offset of Raw from the start of the bytes given to the reader.
	Offset int
	// Line is the number of the field's first line, from 1.
	Line int
}

// Header is the ordered list of the fields of one message or part.
type Header struct {
	Fields []Field
}

// Hop is what one Received field says (RFC 5321 section 4.4), read tolerantly
// across the dialects of mail servers.
type Hop struct {
	Field Field
	// HELO is the name the client gave for itself; never to be trusted.
	HELO string
	// FromName is the name that the receiving host looked up for the client.
	FromName string
	// FromIP is the address that the receiving host recorded: the one in the
	// comment or, where there is none, a bare literal (Exim, web mail, NNFMP).
	// Never a literal that the client gave as its HELO when a comment has an
	// address. Invalid when there is none.
	FromIP netip.Addr
	// Ambiguous says that the line has addresses of which none is surely the
	// recorded one: its comments give different ones, or a comment about the
	// client cannot be read and only a literal stands outside. FromIP is invalid.
	Ambiguous bool
	// By is the host that wrote the line; empty when it does not say.
	By string
	// With is the protocol word, upper case ("ESMTPSA"); ID and For as found,
	// For without angle brackets.
	With, ID, For string
	// Authenticated says that the line tells of a login, in a form that only the host
	// writes (ESMTPA, ESMTPSA, LMTPA, UTF8SMTPA…, "(Authenticated sender: x)",
	// "(user=x mech=…)", web mail login), never in a name of the client's; AuthUser
	// is the account where it names one. [LoginProtocol] tells the stronger sign.
	Authenticated bool
	AuthUser      string
	// Local says that the line tells of a submission on the host itself ("from
	// userid 1004", "(envelope-from …) with local", uucp, "invoked by uid").
	Local bool
	// LocalUser is the user or uid of a local submission, as written.
	LocalUser string
	// Time of the hand-over; zero when there is none that can be read.
	Time time.Time
}
