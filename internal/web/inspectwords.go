package web

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"unspoof/arc"
	"unspoof/dkim"
	"unspoof/dmarc"
	"unspoof/internal/inspect"
	"unspoof/orgdomain"
	"unspoof/spf"
)

// senderLight answers "who really sent this?".
func senderLight(r *inspect.Result) light {
	l := light{"warn", "Nobody vouches for it", defang(r.Sender)}
	switch forged, vouched := r.Forged(), r.Vouched(); {
	case forged && vouched:
		l.Word = "Its domain stands by it, but look twice"
	case forged:
		l.Colour, l.Word = "bad", "Don’t believe who it says it is from"
	case vouched:
		l.Colour, l.Word = "good", "From where it says"
	case r.Verdict == dmarc.VerdictTempError:
		l.Colour, l.Word = "open", "DNS did not answer"
	}
	return l
}

// findingWord is the text of a finding, for somebody at the page.
func findingWord(f inspect.Finding) string {
	if f.Code == inspect.NothingOwn {
		return "No line that your own servers wrote says who handed the message over, so SPF was not checked. Save the message as the mailbox keeps it, or fill in the address below."
	}
	return f.Text
}

func relationWord(id inspect.Identity) string {
	switch id.Relation {
	case inspect.SameAddress:
		return "the same address"
	case inspect.SameDomain:
		return "the same domain"
	case inspect.SameOrg:
		return "the same organisation"
	case inspect.Other:
		return "another organisation"
	}
	return ""
}

// identityWord explains the fields that mail programs do not show.
func identityWord(field string) string {
	switch field {
	case "MAIL FROM":
		return "Envelope (MAIL FROM)"
	case "Reply-To":
		return "Answers go to (Reply-To)"
	case "Sender":
		return "Sent on behalf by (Sender)"
	}
	return field
}

// checkLine is what one check found.
type checkLine struct {
	Name   string
	Word   string // of RFC 8601
	Colour string // as of a light
	Text   string
	Broke  []string // what was changed since a signature was made
	More   []string // for those who know mail
}

func line(name, word, text string, more ...string) checkLine {
	l := checkLine{Name: name, Word: word, Colour: "warn", Text: text, More: more}
	switch word {
	case "pass":
		l.Colour = "good"
	case "fail", "permerror":
		l.Colour = "bad"
	case "none", "temperror", "not checked":
		l.Colour = "open"
	}
	return l
}

func checkLines(r *inspect.Result, found dkim.ForensicResult) []checkLine {
	lines := []checkLine{dmarcLine(r.Verdict, r.Reason, r.Disposition), spfLine(r)}
	if rec := r.DMARC.Record; rec != nil {
		lines[0].More = append(lines[0].More, "Record: "+rec.Text)
	}
	if r.DMARC.RecordDomain != "" {
		lines[0].More = append(lines[0].More, fmt.Sprintf("Published by %s; it asks of such mail: %s.", r.DMARC.RecordDomain, r.Policy))
	}
	lines = append(lines, signatureLines(r.DKIM.Results, found, r.Domain)...)
	switch {
	case r.DKIM.TooLong:
		lines = append(lines, line("DKIM", "not checked", "Its header is longer than honest mail's, so no signature was checked."))
	case len(r.DKIM.Results) == 0:
		lines = append(lines, line("DKIM", "none", "It carries no signature."))
	}
	if r.DKIM.Skipped > 0 {
		lines = append(lines, line("DKIM", "not checked", plural(r.DKIM.Skipped, "more signature", "more signatures")+", more than honest mail has."))
	}
	if r.ARC.Result != arc.None && r.ARC.Result != "" {
		lines = append(lines, arcLine(r.ARC))
	}
	return lines
}

var askedWords = map[dmarc.Policy]string{
	dmarc.Reject:     " Receivers are asked to refuse it.",
	dmarc.Quarantine: " Receivers are asked to put it aside as suspicious.",
	dmarc.None:       " Receivers are asked to do nothing about it.",
}

func dmarcLine(verdict dmarc.Verdict, reason string, disposition dmarc.Policy) checkLine {
	text := full(reason)
	if verdict == dmarc.VerdictFail {
		text += askedWords[disposition]
	}
	return line("DMARC", string(verdict), text)
}

func spfLine(r *inspect.Result) checkLine {
	if r.Known.IP == "" {
		return line("SPF", "not checked", "It is not known which address handed the message over.")
	}
	domain := r.SPF.Domain
	if domain == "" {
		domain = "no domain"
	}
	text := fmt.Sprintf("%s, for %s", r.IP, domain)
	if r.SPF.Result.Result == spf.Pass {
		text = fmt.Sprintf("By its record, %s lets %s send for it", domain, r.IP)
	}
	if r.SPF.Identity == "helo" {
		text += " (the name in its greeting, as the envelope names nobody)"
	}
	if r.SPF.Cause != "" {
		text += ": " + r.SPF.Cause
	}
	text = full(text)
	if r.SPF.Result.Result == spf.Pass {
		text += foreign(r.SPF.Domain, r.Domain)
	}
	l := line("SPF", string(r.SPF.Result.Result), text)
	if r.SPF.Record != "" {
		l.More = append(l.More, "Record: "+r.SPF.Record)
	}
	if r.SPF.Mechanism != "" {
		l.More = append(l.More, "Decided by: "+r.SPF.Mechanism)
	}
	for _, k := range []struct{ what, where string }{{"The address", r.Known.IP}, {"The name in HELO", r.Known.HELO}, {"The envelope sender", r.Known.MailFrom}} {
		switch k.where {
		case "":
			l.More = append(l.More, k.what+" is not known.")
		case "given":
			l.More = append(l.More, k.what+" is as you gave it.")
		default:
			l.More = append(l.More, k.what+" is from "+k.where+".")
		}
	}
	return l
}

// foreign warns of a domain that vouches for itself, not for the author.
func foreign(domain, author string) string {
	if author == "" || orgdomain.SameOrg(domain, author) {
		return ""
	}
	return " That is not the domain of From, so it says nothing about " + author + "."
}

func signatureLines(results []dkim.SignatureResult, found dkim.ForensicResult, author string) []checkLine {
	var lines []checkLine
	for i, s := range results {
		by := s.Domain
		if by == "" {
			by = "a domain that cannot be read"
		}
		what := "Signature of "
		if s.Result == dkim.Pass {
			what = "Signed by "
		}
		l := line("DKIM", string(s.Result), full(what+by+": "+s.Reason))
		if s.Result == dkim.Pass {
			l.Text += foreign(s.Domain, author)
		}
		if s.Result == dkim.Fail && i < len(found.Results) {
			for _, b := range found.Results[i].Breaks {
				l.Broke = append(l.Broke, breakWord(b))
			}
		}
		if s.Header != dkim.Unchecked || s.Body != dkim.Unchecked {
			l.More = append(l.More, "Its header is "+half(s.Header)+", its body is "+half(s.Body)+".")
		}
		if len(s.Signed) > 0 {
			l.More = append(l.More, "Signed: "+strings.Join(s.Signed, ", ")+".")
		}
		if len(s.Unsigned) > 0 {
			l.More = append(l.More, "Not covered, so anybody may have added it: "+strings.Join(s.Unsigned, ", ")+".")
		}
		if s.Selector != "" {
			l.More = append(l.More, strings.TrimSuffix(fmt.Sprintf("Key: %s, %s %d bits", s.Selector, s.Algorithm, s.Bits), " 0 bits")+".")
		}
		if !s.Time.IsZero() {
			l.More = append(l.More, "Signed on "+s.Time.UTC().Format(time.RFC1123)+".")
		}
		if !s.Expires.IsZero() {
			l.More = append(l.More, "Good until "+s.Expires.UTC().Format(time.RFC1123)+".")
		}
		l.More = append(l.More, s.Notes...)
		lines = append(lines, l)
	}
	return lines
}

// breakWord says what was changed since a signature was made.
func breakWord(b dkim.Break) string {
	text := "The message was " + string(b.Change)
	switch {
	case b.Field != "":
		text = "The header field " + b.Field + " was " + string(b.Change)
	case b.End > b.Start:
		text = fmt.Sprintf("The body was %s, from octet %d to %d", b.Change, b.Start, b.End)
	}
	if b.Cause != "" {
		text += ": " + b.Cause
	}
	if b.Proven {
		return text + ". This is certain: with it undone, the signature fits."
	}
	return text + ". This is likely, and not proved."
}

// half says what became of the header or the body of a signature.
func half(v dkim.Verdict) string {
	switch v {
	case dkim.Intact:
		return "as it was signed"
	case dkim.Partial:
		return "as it was signed in its beginning only"
	case dkim.Broken:
		return "not what was signed"
	}
	return "not checked"
}

func arcLine(r arc.Result) checkLine {
	var names []string
	for _, s := range r.Sets {
		if s.Sealer != "" && !slices.Contains(names, s.Sealer) {
			names = append(names, s.Sealer)
		}
	}
	text := "Passed on by " + strings.Join(names, ", ") + ". A hint, no proof."
	if r.Result != arc.Pass || len(names) == 0 {
		text = full(r.Reason)
	}
	l := line("ARC", string(r.Result), text)
	for _, s := range r.Sets {
		if s.Results != "" {
			l.More = append(l.More, fmt.Sprintf("%s found: %s", s.Sealer, s.Results))
		}
	}
	return l
}

func handOverLines(h *inspect.HandOver, found dkim.ForensicResult, author string) []checkLine {
	if h == nil {
		return nil
	}
	return append([]checkLine{dmarcLine(h.Verdict, h.Reason, h.Disposition)}, signatureLines(h.DKIM, found, author)...)
}

// full makes a sentence of a reason.
func full(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + strings.TrimSuffix(text[1:], ".") + "."
}

// hopLine is one Received line in words.
type hopLine struct {
	inspect.Hop
	From   string
	Word   string
	Colour string
	Why    string // once for all lines that are claimed only
}

func hopLines(hops []inspect.Hop) []hopLine {
	var lines []hopLine
	told := false
	for _, h := range hops {
		l := hopLine{Hop: h, Word: "seen by your servers", Colour: "good", Why: h.Why}
		switch h.Trust {
		case inspect.Border:
			l.Word, l.Colour = "here it came in", "accent"
		case inspect.Claimed:
			l.Word, l.Colour = "only claimed", ""
			if told {
				l.Why = ""
			}
			told = true
		}
		l.From = client(h)
		lines = append(lines, l)
	}
	return lines
}

// client names who handed over at a hop.
func client(h inspect.Hop) string {
	from := h.Name
	switch {
	case h.HELO == "" || strings.EqualFold(h.HELO, h.Name):
	case from == "":
		from = "somebody who calls himself " + h.HELO
	default:
		from += ", which calls itself " + h.HELO + ","
	}
	if h.IP.IsValid() {
		from = strings.TrimSpace(from + " [" + h.IP.String() + "]")
	}
	if from == "" {
		return "not said"
	}
	return from
}
