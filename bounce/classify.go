package bounce

import (
	"net/netip"
	"strings"
)

// textKind tells what a message is that has no machine-readable part. The rules
// are ordered; each says what it rests on.
func (r *reading) textKind() Kind {
	s := &r.sender
	switch {
	case r.reportType == "delivery-status" && !r.isFake():
		// RFC 6522: a report that lost, or never had, its delivery-status part.
		return r.failedOrDelayed()
	case s.challenge && !s.daemonWrites():
		return ChallengeResponse
	case r.isComplaint():
		return ARFAbuse
	case r.isFake():
		return FakeBounce
	case r.isBounce():
		return r.failedOrDelayed()
	case r.isChallenge():
		return ChallengeResponse
	case r.isAutoReply():
		return AutoReply
	case r.isPostmasterNotice():
		return PostmasterNotice
	}
	if !s.list || r.original != nil {
		if k := r.forwarded(); k != "" {
			return k
		}
	}
	return Ordinary
}

func (r *reading) failedOrDelayed() Kind {
	if r.speaksOfDelay() {
		return NonstandardDelayed
	}
	return NonstandardFailed
}

// daemonWrites tells a message that a mail system wrote: as far as its header
// says, which anybody can forge.
func (s *sender) daemonWrites() bool {
	return s.daemon || s.nullPath || len(s.failed) > 0 || s.ndr
}

// claims tells whether the words are about mail that did not arrive.
func (r *reading) claims() bool {
	return (r.subject|r.body)&(failed|delayed) != 0 || r.subject&delayWord != 0
}

// returns tells whether an original came back.
func (r *reading) returns() bool {
	return r.original != nil || r.inside != nil
}

// detail tells whether the text has what only delivery gives: a reply, a status,
// a recipient with a line of its own.
func (r *reading) detail() bool {
	return r.said.reply || len(r.said.status) > 0 || len(r.said.listed) > 0 || len(r.said.named) > 0
}

// isBounce tells a notice of non-delivery or delay without a standard form.
func (r *reading) isBounce() bool {
	s := &r.sender
	if len(s.failed) > 0 || s.ndr {
		return true
	}
	if s.list && !s.daemon {
		return false
	}
	// A person's automatic answer may say that something was not delivered, and
	// goes out with an empty return path too (RFC 3834 section 3.3).
	if !s.daemon && (r.autoHeaders() || r.subject&away != 0) && !(r.returns() && (r.said.reply || len(r.said.status) > 0)) {
		return false
	}
	if r.subject&away != 0 && r.subject&failed == 0 && !r.returns() {
		return false
	}
	if r.isPostmasterNotice() {
		return false
	}
	switch {
	case s.daemon || s.nullPath:
		return r.claims() && (r.detail() || r.returns() || s.daemon && r.subject&(failed|delayed|delayWord) != 0) ||
			r.returns() && r.detail() // a language that the phrase table lacks
	case forwardSubject(r.n.Subject) || r.quoted() || r.body&forward != 0:
		return false
	case s.otherPath && !s.imitates:
		// Somebody in his own name: only what looks returned counts.
		return r.subject&(failed|delayed) != 0 && r.original != nil && (r.said.reply || len(r.said.status) > 0)
	}
	// Nobody tells who sent it: the words must say it, and something come back.
	return r.claims() && r.returns() && r.detail() && !s.reply
}

// quoted tells whether the original was found between quote marks: somebody
// quotes it.
func (r *reading) quoted() bool {
	return r.inside != nil && quoteLen(r.blocks[r.inside.block].raw[r.inside.start:]) > 0
}

// autoHeaders tells an automatic answer by its header (RFC 3834 section 5, and
// older customs).
func (r *reading) autoHeaders() bool {
	s := &r.sender
	return s.autoReply || strings.HasPrefix(s.automatic, "auto-replied") || strings.HasPrefix(s.automatic, "auto-notified")
}

// isAutoReply tells an automatic answer: "out of office", a receipt.
func (r *reading) isAutoReply() bool {
	s := &r.sender
	switch {
	case s.list && !s.autoReply:
		return false
	case r.autoHeaders():
		return true
	case r.subject&away != 0:
		return s.bulk || s.reply || s.nullPath || s.automatic != "" || r.body&away != 0 || startsAway(r.n.Subject)
	case s.bulk || s.nullPath || s.automatic != "" && s.automatic != "no":
		return r.body&away != 0 && !s.daemon
	}
	return false
}

// startsAway tells a subject that begins as mail programs write it: "Automatic
// reply: …".
func startsAway(subject string) bool {
	before, _, ok := strings.Cut(subject, ":")
	return ok && topics(before)&away != 0
}

// isChallenge tells a request to prove that a person sent the mail, which waits
// until then.
func (r *reading) isChallenge() bool {
	if r.subject&failed != 0 || r.said.reply {
		return false
	}
	all := r.subject | r.body
	if all&held == 0 || all&confirm == 0 || r.sender.list {
		return false
	}
	return r.said.links || r.subject&confirm != 0 || r.autoHeaders() || r.sender.bulk
}

// isPostmasterNotice tells what a mail system writes to its own postmaster about
// a session or its queue: nobody's mail came back.
func (r *reading) isPostmasterNotice() bool {
	s := &r.sender
	if r.returns() || len(s.failed) > 0 {
		return false
	}
	if (r.subject|r.body)&admin == 0 {
		return false
	}
	if r.subject&admin != 0 && (s.daemon || s.nullPath) {
		return true
	}
	for _, to := range s.to {
		switch strings.ToLower(to.Local) {
		case "postmaster", "root", "hostmaster", "mail-admin", "admin":
			return s.daemon || s.nullPath
		}
	}
	return false
}

// isFake tells phishing that imitates a notice. Such a message returns nothing,
// names no recipient but the reader himself, and wants a click: each of these a
// real notice does not do together.
func (r *reading) isFake() bool {
	s := &r.sender
	if s.list && !s.imitates && !s.daemon {
		return false
	}
	// What somebody wrote like a header proves nothing, trace fields do.
	if r.original != nil || r.inside != nil && r.inside.trace || r.autoHeaders() && !s.daemon && !s.imitates {
		return false
	}
	imitates := s.imitates || s.daemon
	if !imitates && r.subject&(failed|delayed|delayWord) == 0 || !r.claims() && r.lures < 2 {
		return false
	}
	bait, lures := r.bait()
	if !bait || !imitates && r.lured&mailLure == 0 {
		return false
	}
	for _, a := range r.recipients() {
		if !s.addressee(a) && !sameDomainBox(a, s) {
			// It names somebody else: a lure must be plain, and no empty return
			// path or list of failed recipients speak for a mail system.
			return lures >= 2 && !s.nullPath && len(s.failed) == 0
		}
	}
	return lures > 0 || !s.nullPath && imitates
}

// sameDomainBox tells an address that is the sender's or a mail system's.
func sameDomainBox(addr string, s *sender) bool {
	return isDaemon(splitAddr(addr)) || strings.EqualFold(addr, s.from.String())
}

// bait tells whether there is something to click or to open, and how many lures
// the words around it hold.
func (r *reading) bait() (bool, int) {
	for _, p := range r.files {
		if dangerous(p.Filename()) || dangerousType(p.Type) {
			r.lured |= mailLure
			return true, r.lures + 1
		}
	}
	r.lured |= r.subject | r.body
	if r.parts.html == nil {
		return r.said.links, r.lures
	}
	text := r.htmlText()
	about, lures := countTopics(text)
	r.lured |= about
	lures = max(lures, r.lures)
	return r.said.links || strings.Contains(text, "<http") || strings.Contains(text, "http"), lures
}

// dangerous tells names of files that no mail system attaches to a notice.
func dangerous(name string) bool {
	i := strings.LastIndexByte(name, '.')
	if i < 0 {
		return false
	}
	switch strings.ToLower(name[i+1:]) {
	case "htm", "html", "shtml", "xhtml", "hta", "exe", "scr", "pif", "com", "bat", "cmd", "js", "jse", "vbs", "vbe", "wsf", "lnk", "iso", "img",
		"zip", "rar", "7z", "ace", "gz", "cab", "doc", "docm", "docx", "xls", "xlsm", "xlsx", "pdf", "one", "svg":
		return true
	}
	return false
}

func dangerousType(t string) bool {
	switch t {
	case "application/zip", "application/x-zip-compressed", "application/x-msdownload", "application/x-msdos-program", "application/vnd.rar", "application/pdf":
		return true
	}
	return false
}

// isComplaint tells a reader's complaint that a service passes on without RFC
// 5965: the subject names the address, the message is attached.
func (r *reading) isComplaint() bool {
	const words = "complaint about message from "
	subject := strings.ToLower(r.n.Subject)
	i := strings.Index(subject, words)
	if i < 0 || r.original == nil {
		return false
	}
	ip, err := netip.ParseAddr(firstWord(subject[i+len(words):]))
	if err == nil {
		r.n.Feedback = &Feedback{Type: "abuse", SourceIP: ip.String()}
	}
	return err == nil
}
