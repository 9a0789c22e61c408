package maillog

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"unspoof/forensics"
)

// origin says how a message came to the server.
type origin int

const (
	fromNowhere origin = iota // before the log began, or made by the server
	fromLogin                 // a session that logged in
	fromProgram               // a program on the machine itself
	fromInside                // without a login from a private address or the machine
	fromOutside               // without a login from anywhere else
)

// open is a message in the queue.
type open struct {
	id        string // queue ID
	at        time.Time
	origin    origin
	user      string
	client    string // its name, as looked up
	ip        netip.Addr
	sender    string
	host      string // server, as syslog calls it
	messageID string
	// recipients in the order seen; ends tells where each went.
	recipients []string
	ends       map[string]string // recipient → result; only of fromOutside
	filtered   bool              // went on through a filter, under another queue ID
	began      bool              // its beginning is in the log
	generated  bool              // a notice by the server itself
	cut        bool              // not all recipients were kept
	away       bool              // some of it went, or was to go, to another machine
}

// queue holds the open messages, oldest first.
type queue struct {
	byID  map[string]*open
	order []*open // opened in this order; finished ones are skipped
	// byMessageID finds the message that a filter gives back: only of open ones
	// from outside the machine.
	byMessageID map[string]*open
}

func newQueue() queue {
	return queue{byID: map[string]*open{}, byMessageID: map[string]*open{}}
}

// get gives the open message of an ID, opening it where it is new.
func (p *parser) get(id string, at time.Time) *open {
	if o, ok := p.queue.byID[id]; ok {
		return o
	}
	if len(p.queue.byID) >= maxOpen {
		p.evicted++
		p.finishOldest()
	}
	o := &open{id: strings.Clone(id), at: at, host: p.host}
	p.queue.byID[o.id] = o
	p.queue.order = append(p.queue.order, o)
	return o
}

// begin opens a message anew: queue IDs are used again.
func (p *parser) begin(id string, at time.Time) *open {
	if o, ok := p.queue.byID[id]; ok && o.origin != fromNowhere {
		p.finish(o)
	}
	o := p.get(id, at)
	o.at, o.began = at, true
	return o
}

func (p *parser) finishOldest() {
	for i, o := range p.queue.order {
		if p.queue.byID[o.id] == o {
			p.queue.order = p.queue.order[i+1:]
			p.finish(o)
			return
		}
	}
	p.queue.order = nil
}

// finishAll closes what is still in the queue at the end of the log, in order.
func (p *parser) finishAll() {
	for _, o := range p.queue.order {
		if p.queue.byID[o.id] == o {
			p.finish(o)
		}
	}
	p.queue.order = nil
}

// trim drops the finished from the list once they are most of it.
func (p *parser) trim() {
	if len(p.queue.order) < 1024 || len(p.queue.order) < 2*len(p.queue.byID) {
		return
	}
	kept := make([]*open, 0, len(p.queue.byID))
	for _, o := range p.queue.order {
		if p.queue.byID[o.id] == o {
			kept = append(kept, o)
		}
	}
	p.queue.order = kept
}

// finish turns an open message into entries.
func (p *parser) finish(o *open) {
	delete(p.queue.byID, o.id)
	if p.queue.byMessageID[o.messageID] == o {
		delete(p.queue.byMessageID, o.messageID)
	}
	p.trim()
	switch {
	case o.filtered || o.generated:
	case o.origin == fromOutside:
		p.inbound(o)
	case o.origin == fromNowhere:
		p.unknown += btoi(!o.began)
	default:
		p.sent(o)
	}
}

func (p *parser) sent(o *open) {
	if o.away {
		p.left(o)
	}
	if p.countOnly {
		return
	}
	if o.messageID == "" {
		p.nameless++
		return
	}
	l := &p.log.Outbound
	if len(l.Entries) == maxSent {
		if p.full.IsZero() {
			p.full = o.at
		}
		return
	}
	if o.cut {
		p.cutRecipients++
	}
	l.Entries = append(l.Entries, forensics.Sent{MessageID: o.messageID, Time: o.at.UTC(), User: o.user, ClientIP: o.ip, Recipients: o.recipients})
}

func (p *parser) inbound(o *open) {
	for _, to := range o.recipients {
		result := o.ends[to]
		if result == "" {
			continue // still in the queue
		}
		p.addInbound(forensics.InboundEntry{QueueID: queueID(o.id), Time: o.at.UTC(), Client: o.client, ClientIP: o.ip, From: o.sender, To: to, Result: result})
	}
}

func (p *parser) addInbound(e forensics.InboundEntry) {
	if p.countOnly {
		return
	}
	if len(p.log.Inbound) == maxInbound {
		p.dropped++
		return
	}
	p.log.Inbound = append(p.log.Inbound, e)
}

// queueID takes the instance's name, by which IDs are told apart here, off.
func queueID(key string) string { return key[strings.LastIndexByte(key, ' ')+1:] }

// addRecipient notes a recipient, each once.
func (o *open) addRecipient(to, result string) {
	if to == "" {
		return
	}
	if o.origin == fromOutside {
		if o.ends == nil {
			o.ends = map[string]string{}
		}
		if old, known := o.ends[to]; known {
			if result != "" && old != "forwarded" {
				o.ends[to] = result
			}
			return
		}
		if len(o.recipients) < maxRecipients {
			to = strings.Clone(to)
			o.ends[to] = result
			o.recipients = append(o.recipients, to)
		}
		return
	}
	// A retry names the same recipient again: most messages have one or two.
	if n := len(o.recipients); n > 0 && (o.recipients[n-1] == to || o.recipients[0] == to) {
		return
	}
	if len(o.recipients) >= maxRecipients {
		o.cut = true
		return
	}
	if len(o.recipients) >= 64 { // look up in a set instead
		if o.ends == nil {
			o.ends = make(map[string]string, 2*len(o.recipients))
			for _, r := range o.recipients {
				o.ends[r] = ""
			}
		}
		if _, known := o.ends[to]; known {
			return
		}
		to = strings.Clone(to)
		o.ends[to] = ""
		o.recipients = append(o.recipients, to)
		return
	}
	for _, r := range o.recipients {
		if r == to {
			return
		}
	}
	o.recipients = append(o.recipients, strings.Clone(to))
}

// carry makes a message what another one was: a filter gave it back, or an
// alias sent it on.
func (o *open) carry(from *open) {
	o.at, o.origin, o.user, o.client, o.ip, o.began = from.at, from.origin, from.user, from.client, from.ip, true
	if o.sender == "" {
		o.sender = from.sender
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// fileWarnings are about the file just read.
func (p *parser) fileWarnings(name string) []string {
	if p.unreadable == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%s: lines that could not be read and were left out: %d; the first is line %d: %q", name, p.unreadable, p.firstBad, p.firstText)}
}

func (p *parser) warnings() []string {
	var out []string
	say := func(n int, one, more string) {
		switch {
		case n == 1:
			out = append(out, one)
		case n > 1:
			out = append(out, fmt.Sprintf(more, n))
		}
	}
	for _, g := range p.gaps {
		out = append(out, fmt.Sprintf("There is a gap in the logs from %s to %s; they count as complete only after it.", g[0].UTC().Format(time.RFC3339), g[1].UTC().Format(time.RFC3339)))
	}
	if p.backwards {
		out = append(out, "A log begins before the one that was given ahead of it: give the oldest first, since messages may begin in one and leave in the next.")
	}
	say(p.ambiguous, "One line can be read in two ways (somebody may have put words of a log into a name) and was left out.",
		"%d lines can be read in two ways (somebody may have put words of a log into a name) and were left out.")
	say(p.evicted, "One message was closed early: more were in the queue than are followed.",
		"%d messages were closed early: more were in the queue than are followed.")
	say(p.nameless, "One message has no Message-ID in the log, so no bounce can be matched with it.",
		"%d messages have no Message-ID in the log, so no bounce can be matched with them.")
	say(p.dropped, "One line about mail from outside was left out: there are more than are kept.",
		"%d lines about mail from outside were left out: there are more than are kept.")
	say(p.uncounted, "One message is not counted: the log has more domains that were sent as than are kept.",
		"%d messages are not counted: the log has more domains that were sent as than are kept.")
	say(p.cutRecipients, "One message went to more recipients than are kept.", "%d messages went to more recipients than are kept.")
	if !p.full.IsZero() {
		out = append(out, fmt.Sprintf("The log holds more than %d sent messages; those after %s were left out.", maxSent, p.full.UTC().Format(time.RFC3339)))
	}
	if p.unknown > 0 && !p.orphanUntil.IsZero() {
		out = append(out, fmt.Sprintf("%d messages were accepted before the log begins; it counts as complete only from %s. Give the log before this one, too.",
			p.unknown, p.log.Outbound.From.Format(time.RFC3339)))
	}
	if p.firstYear > 0 {
		years := fmt.Sprint(p.firstYear)
		if p.lastYear != p.firstYear {
			years = fmt.Sprintf("%d to %d", p.firstYear, p.lastYear)
		}
		out = append(out, fmt.Sprintf("The stamps of the log name no year: %s was taken, so that it ends before %s. If that is the wrong year, give the file the date of its last line.", years, p.now.Format(time.DateOnly)))
	}
	return out
}

// clip shortens a line for a message.
func clip(s string) string {
	if len(s) > 120 {
		s = strings.ToValidUTF8(s[:120], "") + "…"
	}
	return s
}
