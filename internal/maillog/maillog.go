// Package maillog reads what a mail server wrote down: from the logs of Postfix
// (in syslog) and Exim (main log, or in syslog), what really left for its users,
// and what came in from outside and was passed on, delivered or refused.
//
// A log line holds words that strangers chose: senders, HELO names, Message-IDs,
// subjects. So lines are read by their structure from the left, never searched
// for a word, and a line that can be read in two ways yields nothing but a
// warning. It keeps no line, reads one pass, and holds only the messages still
// in the queue.
package maillog

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"time"

	"unspoof/forensics"
)

const (
	// maxOpen bounds the messages held open; servers keep some thousands in the
	// queue. Beyond, the oldest counts as finished.
	maxOpen = 100_000
	// maxRecipients bounds the recipients kept of one message: mailing lists have
	// tens of thousands.
	maxRecipients = 100_000
	// maxSent and maxInbound bound the entries kept; what is longer ends the period
	// that the log is said to cover, or is counted.
	maxSent, maxInbound = 4_000_000, 500_000
)

// Log is what a log says.
type Log struct {
	// Outbound is what left for users of the server, by the time it was accepted
	// from them. Its period is that within which a message that left without an
	// entry was not accepted from a user: it begins later than the file where
	// messages from before the file were still in the queue.
	Outbound forensics.OutboundLog
	// Inbound is what came in from outside, in the order of the log; Result is
	// "forwarded", "delivered", or the refusal as given.
	Inbound []forensics.InboundEntry
	// Ways counts what left for users, by server and by the domain that it was sent
	// as; SmartHost is the host that nearly all mail was handed to, whomever it was
	// for, "" without one, and SmartFor up to five domains that it took mail for. A
	// provider's exchanger looks the same in the log of one whose customers are all
	// there; only DNS can tell.
	Ways      []Way
	SmartHost string
	SmartFor  []string
	Format    string   // "postfix" or "exim"
	Lines     int      // read, of whatever program
	Warnings  []string // sentences for people
}

// Read reads one log, plain or compressed with gzip. name is for messages; now
// is when the log was taken, best the time at which its file was last written:
// syslog leaves out the year, and the latest is taken that is not after now, with
// a warning that names it. Its
// location is the zone of stamps that name none. Memory is that of the result
// and of the messages in the queue; time is linear in the octets.
//
// An error says that the file is no such log, or could not be read. What is
// merely damaged is left out with a warning.
func Read(r io.Reader, name string, now time.Time) (*Log, error) {
	reader := NewReader(now)
	if err := reader.Add(r, name); err != nil {
		return nil, err
	}
	return reader.Log(), nil
}

// Reader reads the logs of one server one after the other, as rotation cut them:
// a message may begin in one and leave in the next.
type Reader struct {
	p     *parser
	lines int
	notes []string
}

// NewReader takes the time as [Read] does.
func NewReader(now time.Time) *Reader { return &Reader{p: newParser(now)} }

// CountOnly leaves the single messages out of the Log, Outbound.Entries and Inbound:
// then its memory does not grow with the log. It is for before the first Add.
func (r *Reader) CountOnly() { r.p.countOnly = true }

// Add reads the next log; the oldest comes first. After an error, which is as
// that of [Read], the Reader is of no more use; but after [ErrNoMail] it goes on.
func (r *Reader) Add(file io.Reader, name string) error {
	lines, err := newLines(file)
	if err != nil {
		return fmt.Errorf("maillog: %s: %w", name, err)
	}
	r.p.newFile()
	for lines.next() {
		r.p.line(lines.text)
	}
	if lines.err != nil {
		return fmt.Errorf("maillog: %s: after line %d: %w", name, lines.number, lines.err)
	}
	if err := r.p.refuse(lines); err != nil {
		return fmt.Errorf("maillog: %s: %w", name, err)
	}
	r.lines += lines.number
	r.notes = append(r.notes, lines.warnings...)
	r.notes = append(r.notes, r.p.fileWarnings(name)...)
	return nil
}

// Log gives what was read. The Reader is of no more use then.
func (r *Reader) Log() *Log {
	r.p.finishAll()
	r.p.settle()
	l := r.p.log
	l.Lines = r.lines
	l.Ways = r.p.list()
	l.SmartHost, l.SmartFor = r.p.smartHost()
	l.Warnings = append(r.notes, r.p.warnings()...)
	slices.SortStableFunc(l.Outbound.Entries, func(a, b forensics.Sent) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.MessageID, b.MessageID))
	})
	return &l
}
