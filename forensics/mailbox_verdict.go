package forensics

import (
	"fmt"
	"time"
)

const (
	// fromOneAccount is how many less sure messages of one account weigh as much
	// as a proof (section 7 of the evidence model).
	fromOneAccount = 3
	// enoughSpoofed is how many forged messages decide without a sure one, and
	// spoofedShare what part of all decided ones they must be.
	enoughSpoofed = 3
	spoofedShare  = 0.9
	// sessionLife is how long a session may outlive a password change.
	sessionLife = 24 * time.Hour
)

// tally counts originals by what was said about them.
type tally struct {
	messages    [verdictCount]int
	sure        [verdictCount]int // with high confidence
	middling    [verdictCount]int // with medium
	subtypes    map[Subtype]int
	stayed      map[EventType]bool     // what was done and did not end it
	unexplained int                    // left through what is the owner's, on more than hints
	forgers     reporterSet            // who reported spoofed ones
	checked     reporterSet            // and those of medium or better confidence
	perAccount  map[uint32]int         // compromised, medium or better, by account
	accounts    map[subtypeAccount]int // compromised, by way and account
	named       int                    // spoofed, refused by naming SPF, DKIM or DMARC
	refused     int                    // spoofed, with a reason given
	toYou       int
	strangers   int // to nobody whom the log knows
	familiar    int
	recipients  uint64 // refused recipients
	first, last uint32
}

// subtypeAccount is a way in and the account that it was.
type subtypeAccount struct {
	subtype Subtype
	account uint32
}

func (m *Mailbox) tally() *tally {
	t := &tally{stayed: map[EventType]bool{}, subtypes: map[Subtype]int{}, perAccount: map[uint32]int{}, accounts: map[subtypeAccount]int{}}
	for i := range m.rows.len() {
		r := m.rows.at(uint32(i))
		v := r.verdict()
		t.messages[v]++
		t.subtypes[r.subtype()]++
		if r.unexplained() {
			t.unexplained++
		}
		if v == spoofedVerdict {
			t.forgers.add(r.reporter())
			if r.confidence() >= 1 {
				t.checked.add(r.reporter())
			}
		}
		switch r.confidence() {
		case 2:
			t.sure[v]++
		case 1:
			t.middling[v]++
		}
		if v == compromisedVerdict && r.account != 0 {
			t.accounts[subtypeAccount{r.subtype(), r.account}]++
			if r.confidence() >= 1 {
				t.perAccount[r.account]++
			}
		}
		if v == spoofedVerdict && r.has(bitRefused) {
			t.refused++
			if r.has(bitNamed) {
				t.named++
			}
		}
		if r.has(bitToYou) {
			t.toYou++
		}
		if v != genuineVerdict {
			if r.has(bitStrangers) {
				t.strangers++
			}
			if r.has(bitFamiliar) {
				t.familiar++
			}
		}
		t.recipients += uint64(r.refused)
		if r.t0 != 0 {
			if t.first == 0 || r.t0 < t.first {
				t.first = r.t0
			}
			t.last = max(t.last, r.t0)
		}
	}
	return t
}

func (t *tally) decided() int {
	return t.messages[genuineVerdict] + t.messages[spoofedVerdict] + t.messages[compromisedVerdict]
}

// mostlyForged tells that what was decided was forged.
func (t *tally) mostlyForged() bool {
	forged := t.messages[spoofedVerdict]
	return forged > 0 && float64(forged) >= spoofedShare*float64(t.decided())
}

// maxUnexplained is how many messages the owner can be expected to recognise one
// by one.
const maxUnexplained = 3

// fewUnexplained tells that what left through the owner's own is little beside
// what was forged: his own mail that bounced, most likely, for him to recognise.
func (t *tally) fewUnexplained() bool {
	forged := t.messages[spoofedVerdict]
	return t.unexplained <= maxUnexplained && float64(forged) >= spoofedShare*float64(forged+t.unexplained)
}

// aggregate is section 7.2: one proof of a break-in leads, however many forged
// messages there are; forged needs nearly all that is decided, and more than one
// organisation to say so. Beyond the model, what left through the owner's own and
// is not explained forbids every answer that calms, but for a message or so among
// many forged ones, as every owner's own typing errors come back; and a mailbox in
// which nothing but genuine mail was decided, and hardly anything left open, is
// called genuine.
func (t *tally) aggregate(alarmed bool) (Verdict, Confidence) {
	if t.sure[compromisedVerdict] > 0 {
		return Compromised, High
	}
	for _, n := range t.perAccount {
		if n >= fromOneAccount {
			return Compromised, Medium
		}
	}
	if t.unexplained > 0 && (!t.fewUnexplained() || alarmed) {
		return Unknown, Low
	}
	if t.mostlyForged() {
		switch {
		case t.sure[spoofedVerdict] > 0 && t.unexplained == 0:
			return Spoofed, High
		case t.messages[spoofedVerdict] < enoughSpoofed || !t.forgers.enough():
			return Unknown, Low
		case t.middling[spoofedVerdict] >= enoughSpoofed && t.checked.enough():
			return Spoofed, Medium
		}
		return Spoofed, Low
	}
	genuine, decided := t.messages[genuineVerdict], t.decided()
	if genuine > 0 && genuine == decided && float64(genuine) >= spoofedShare*float64(genuine+t.messages[unknownVerdict]) {
		if t.sure[genuineVerdict] == genuine {
			return Genuine, High
		}
		return Genuine, Medium
	}
	return Unknown, Low
}

// stillInside raises the alarm of section 7: one message of an account handed
// over when every session from before its new password had ended, or by a
// script after its removal, outweighs any statistics.
func (m *Mailbox) stillInside(events []Event, t *tally) []string {
	var out []string
	for _, e := range events[:min(len(events), maxEvents)] {
		if e.Type != PasswordChanged && e.Type != ScriptRemoved {
			continue
		}
		limit := e.Time.Add(sessionLife).Unix()
		n, latest := m.after(limit, m.ended(e))
		if n == 0 {
			if alarm := m.perhapsInside(e, limit); alarm != "" {
				out = append(out, alarm)
			}
			continue
		}
		t.stayed[e.Type] = true
		what := "Still inside: %s of %s went out more than 24 hours after %s, the last on %s. Look for an app password, a forwarding rule, an allowed app (OAuth), a second account, an API key or a web form."
		whose := "that account"
		if e.Account == "" {
			whose = "a broken-into account"
		}
		if e.Type == ScriptRemoved {
			what = "Still inside: %s by %s went out more than 24 hours after %s, the last on %s. There is another copy of it, or another way in: look at every web form, plug-in and scheduled job."
			whose = "a script"
		}
		out = append(out, fmt.Sprintf(what, plural(n, "message"), whose, eventWords(e), fromStamp(latest).Format("2 January 2006, 15:04 UTC")))
	}
	return out
}

// after counts what was handed over after a time, and gives the last time.
func (m *Mailbox) after(limit int64, want func(*mailRow) bool) (n int, latest uint32) {
	for i := range m.rows.len() {
		r := m.rows.at(uint32(i))
		if r.t0 != 0 && int64(r.t0) > limit && want(r) {
			n++
			latest = max(latest, r.t0)
		}
	}
	return n, latest
}

// ended gives the test for what an event is meant to end: a new password the
// messages of its account, a record the forged ones.
func (m *Mailbox) ended(e Event) func(*mailRow) bool {
	switch e.Type {
	case PasswordChanged:
		of := m.ofAccount(e.Account)
		return func(r *mailRow) bool {
			return r.verdict() == compromisedVerdict && r.subtype() != Script && r.subtype() != Key && of(r)
		}
	case ScriptRemoved:
		return func(r *mailRow) bool { return r.verdict() == compromisedVerdict && r.subtype() == Script }
	case SPFPublished, DKIMPublished, DMARCPublished:
		return func(r *mailRow) bool { return r.verdict() == spoofedVerdict }
	}
	return func(*mailRow) bool { return false }
}

// ofAccount gives the test for an account's messages; "" is any account.
func (m *Mailbox) ofAccount(name string) func(*mailRow) bool {
	accounts := map[uint32]bool{}
	for i, w := range m.accounts.words {
		if m.sameAccount(name, w) {
			accounts[uint32(i+1)] = true
		}
	}
	return func(r *mailRow) bool { return name == "" || accounts[r.account] }
}

// sameAccount compares "anna" with "Anna@brand.example".
func (m *Mailbox) sameAccount(a, b string) bool { return m.accountName(a) == m.accountName(b) }

func (m *Mailbox) accountName(s string) string {
	if _, address := splitAddress(s); address != "" && m.isOwn(address) {
		return localPart(address)
	}
	return foldText(plainText(s, maxNameText))
}
