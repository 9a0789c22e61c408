package forensics

import (
	"hash/maphash"
	"strings"

	"unspoof/bounce"
)

// maxAddress bounds an address (RFC 5321 section 4.5.3.1: 64 + 1 + 255).
const maxAddress = 320

// splitAddress takes a From or Return-Path value apart, tolerantly: what stands
// in the last angle brackets is the address, what stands before them the name.
// The address is lower case, plain, and has one "@" or is "".
func splitAddress(value string) (display, address string) {
	value = strings.TrimSpace(shorten(value, 4*maxAddress))
	if end := strings.LastIndexByte(value, '>'); end >= 0 {
		if start := strings.LastIndexByte(value[:end], '<'); start >= 0 {
			return unquote(value[:start]), cleanAddress(value[start+1 : end])
		}
	}
	if start := strings.IndexByte(value, '('); start >= 0 { // anna@example.com (Anna)
		return strings.Trim(value[start:], "() "), cleanAddress(value[:start])
	}
	if a := cleanAddress(value); a != "" {
		return "", a
	}
	return unquote(value), ""
}

func unquote(s string) string {
	s = strings.TrimSpace(s)
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		s = s[1 : len(s)-1]
	}
	return strings.ReplaceAll(s, `\`, "")
}

func cleanAddress(s string) string {
	s = strings.TrimSpace(s)
	at := strings.LastIndexByte(s, '@')
	if at <= 0 || at == len(s)-1 || len(s) > maxAddress || strings.ContainsAny(s, " ,;<>") {
		return ""
	}
	return plainText(strings.ToLower(s), maxAddress)
}

// localPart gives what stands before the "@", without a "+" detail.
func localPart(address string) string {
	local := address
	if at := strings.LastIndexByte(address, '@'); at >= 0 {
		local = address[:at]
	}
	if plus := strings.IndexByte(local, '+'); plus > 0 {
		local = local[:plus]
	}
	return local
}

// isOwn tells an address of the owner's. Of an owner who says nothing about
// himself, every sender in an original is taken to be one.
func (m *Mailbox) isOwn(address string) bool {
	if address == "" {
		return false
	}
	if len(m.own) == 0 && m.profile.Address == "" {
		return true
	}
	return strings.EqualFold(address, m.profile.Address) || isUnder(address[strings.LastIndexByte(address, '@')+1:], m.own)
}

// ownToOwn tells a message from one of the owner's addresses to the same one.
func (m *Mailbox) ownToOwn(from, to string) bool {
	if from == "" || to == "" || len(m.own) == 0 && m.profile.Address == "" {
		return false
	}
	_, address := splitAddress(from)
	if !m.isOwn(address) {
		return false
	}
	for one := range strings.SplitSeq(shorten(to, 4096), ",") {
		if _, a := splitAddress(one); a == address {
			return true
		}
	}
	return false
}

// localParts gives the local parts that exist, nil where the profile does not
// list them.
func localParts(p *Profile) map[string]bool {
	if len(p.Mailboxes) == 0 {
		return nil
	}
	// postmaster always exists (RFC 5321 section 4.5.1).
	out := map[string]bool{"postmaster": true}
	for _, b := range p.Mailboxes {
		out[localPart(strings.ToLower(b))] = true
	}
	for a := range p.Aliases {
		out[localPart(strings.ToLower(a))] = true
	}
	if p.CatchAll != "" {
		out[localPart(strings.ToLower(p.CatchAll))] = true
	}
	return out
}

// several stands in [Mailbox].known for a recipient of more than one message.
const several = 1

// remember notes whom the outbound log wrote to, and by which message: what
// only the message in question wrote to is no acquaintance.
func (m *Mailbox) remember(l *OutboundLog) {
	if l == nil || len(l.Entries) == 0 {
		return
	}
	m.known = map[uint64]uint64{}
	for _, e := range l.Entries {
		id := maphash.String(m.seed, e.MessageID) | 2
		for _, to := range e.Recipients {
			key := maphash.String(m.seed, strings.ToLower(to))
			if old, ok := m.known[key]; ok && old != id {
				m.known[key] = several
			} else if !ok && len(m.known) < maxKnownRecipients {
				m.known[key] = id
			}
		}
	}
	if len(m.known) == maxKnownRecipients {
		m.known = nil // half a memory would call acquaintances strangers
	}
}

// familiar tells whether another message of the log went to a recipient of this
// notice.
func (m *Mailbox) familiar(n *bounce.Notice) bool {
	id := maphash.String(m.seed, strings.TrimSpace(n.Original.MessageID)) | 2
	for _, to := range n.Recipients {
		if old, ok := m.known[maphash.String(m.seed, strings.ToLower(to))]; ok && old != id {
			return true
		}
	}
	return false
}

func lowerAll(list []string) []string {
	out := make([]string, 0, len(list))
	for _, s := range list {
		if s = strings.ToLower(strings.Trim(s, ". ")); s != "" {
			out = append(out, s)
		}
	}
	return out
}
