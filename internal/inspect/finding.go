package inspect

import (
	"fmt"
	"strings"

	"unspoof/message"
	"unspoof/orgdomain"
)

// Code names one kind of finding, for good.
type Code string

const (
	NameReadsAs   Code = "name-reads-as-address"       // the display name is another address
	LocalReadsAs  Code = "local-part-reads-as-address" // the part before the at sign is another address
	Reordered     Code = "text-reordered"              // the order shown is not the order written
	ManyFrom      Code = "several-from"                // more than one author
	ReplyElse     Code = "reply-elsewhere"             // Reply-To is of another organisation
	EnvelopeElse  Code = "envelope-elsewhere"          // MAIL FROM is of another organisation
	SenderElse    Code = "sender-elsewhere"            // Sender is of another organisation
	ToYouFromYou  Code = "to-you-from-you"             // the recipient is the author, too
	OwnDomain     Code = "from-your-domain"            // from the recipient's domain, but from outside
	AsksReceipt   Code = "asks-for-receipt"            // of reading
	NothingOwn    Code = "no-own-line"                 // who handed it over is not known
	NoEnvelope    Code = "envelope-unknown"            // MAIL FROM is not known
	SignatureGone Code = "signature-broken"            // the author's domain signed, and it does not hold
)

// Finding is one thing that a reader should know.
type Finding struct {
	Code Code   `json:"code"`
	Text string `json:"text"` // sentences for people
	// Alarm: it speaks for a forgery. Else it is common in honest mail, too.
	Alarm bool `json:"alarm"`
}

// finder collects findings.
type finder struct {
	res  *Result
	list []Finding
}

func (f *finder) add(code Code, alarm bool, format string, args ...any) {
	f.list = append(f.list, Finding{Code: code, Alarm: alarm, Text: fmt.Sprintf(format, args...)})
}

func findings(header message.Header, res *Result) []Finding {
	f := finder{res: res, list: []Finding{}}
	f.authors(header)
	f.elsewhere()
	f.toYou(header)
	f.signatures()
	for _, name := range []string{"Disposition-Notification-To", "Return-Receipt-To", "X-Confirm-Reading-To"} {
		if header.Value(name) != "" {
			f.add(AsksReceipt, false, "It asks for a receipt when you read it (%s). Send none to strangers: it tells them that your address is read.", name)
			break
		}
	}
	switch {
	case res.Known.IP != "" && res.Known.MailFrom == "":
		f.add(NoEnvelope, false, "The envelope sender is not known, so SPF was asked about the greeting only. Give it with --mail-from, or the message as the mailbox keeps it.")
	case res.Known.IP == "" && !insideBorder(res.Hops):
		f.add(NothingOwn, false, "No line that your own servers wrote says who handed the message over, so SPF was not checked. Give the address with --ip, or the message as the mailbox keeps it.")
	}
	return f.list
}

// insideBorder reports whether the message was made or handed in by somebody
// inside, who has no address that SPF could judge.
func insideBorder(hops []Hop) bool {
	for _, h := range hops {
		if h.Trust == Border {
			return h.local || h.LoggedIn || h.IP.IsValid() && private(h.IP)
		}
	}
	return false
}

func (f *finder) authors(header message.Header) {
	if n := len(header.All("From")); n > 1 {
		f.add(ManyFrom, true, "It has %d From lines, where one is allowed: programs differ in which they show.", n)
	}
	for _, id := range f.res.Identities {
		if id.LocalReadsAs != "" && id.Field != "MAIL FROM" { // services put addresses in theirs
			f.add(LocalReadsAs, id.Field == "From" && !sameOrg(id.LocalReadsAs, id.Domain), "The address in %s is made to look like %s, but it belongs to %s: what stands before the last at sign is a mere name there.",
				id.Field, id.LocalReadsAs, id.Domain)
		}
		if id.Reorders {
			f.add(Reordered, id.Field == "From", "%s holds invisible signs that turn the direction of the text around, so that it is shown in another order than it is written.", id.Field)
		}
		if id.ReadsAs == "" {
			continue
		}
		alarm := !sameOrg(id.ReadsAs, id.Domain)
		f.add(NameReadsAs, alarm && id.Field == "From", "The name in %s reads as the address %s, but the address behind it is %s. Many programs show the name alone.",
			id.Field, id.ReadsAs, orNone(id.Address))
	}
}

func sameOrg(address, domain string) bool {
	return orgdomain.SameOrg(address[strings.LastIndexByte(address, '@')+1:], domain)
}

func orNone(address string) string {
	if address == "" {
		return "none at all"
	}
	return address
}

// elsewhere tells of names that belong to another organisation than From.
func (f *finder) elsewhere() {
	told := map[string]bool{}
	for _, id := range f.res.Identities {
		if id.Relation != Other || told[id.Field] {
			continue
		}
		told[id.Field] = true
		switch id.Field {
		case "Reply-To":
			f.add(ReplyElse, false, "Answers go to %s, not to the domain of From.", id.Address)
		case "Sender":
			f.add(SenderElse, false, "%s says that it sent this on behalf of From.", id.Address)
		case "MAIL FROM":
			f.add(EnvelopeElse, false, "Failures are reported to %s (the envelope sender), not to the domain of From. So do services and lists, and forgers.", id.Address)
		}
	}
}

// recipients are the fields that name whom the message was for.
var recipients = []string{"Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc"}

// maxRecipients bounds the comparison with From.
const maxRecipients = 200

// toYou finds mail "to you, from you".
func (f *finder) toYou(header message.Header) {
	vouched := f.res.Vouched()
	own := false
	for _, a := range readers(header) {
		switch f.compare(a) {
		case SameAddress:
			f.fromYou(a.String(), vouched)
			return
		case SameDomain:
			own = true
		}
	}
	if own && !vouched && f.res.complete() {
		f.add(OwnDomain, true, "It says that it is from the recipient's own domain, but it came from outside, from %s, and nothing shows that the domain sent it.", f.res.IP)
	}
}

// readers gives the first of those whom the message was for.
func readers(header message.Header) []message.Address {
	var list []message.Address
	for _, field := range recipients {
		for _, h := range header.All(field) {
			list = append(list, message.ParseAddresses(h.Value())...)
			if len(list) >= maxRecipients {
				return list[:maxRecipients]
			}
		}
	}
	return list
}

// compare gives the relation of a recipient to the authors.
func (f *finder) compare(a message.Address) Relation {
	closest := Other
	for _, id := range f.res.Identities {
		if id.Field != "From" || a.Domain == "" || !strings.EqualFold(id.Domain, a.Domain) {
			continue
		}
		if strings.EqualFold(id.Address, a.String()) {
			return SameAddress
		}
		closest = SameDomain
	}
	return closest
}

func (f *finder) fromYou(address string, vouched bool) {
	if vouched {
		f.add(ToYouFromYou, false, "To you, from you: it says that %s wrote to itself, and the domain stands by it. If you did not send it, somebody is inside the account: change its password.", address)
		return
	}
	f.add(ToYouFromYou, f.res.Known.IP != "", "To you, from you: it says that %s wrote to itself, and nothing shows that the domain sent it. Anybody can write your address on his mail; this is no sign that he is inside your account.", address)
}

// signatures tells of signatures of the author's organisation that do not hold.
func (f *finder) signatures() {
	r := f.res
	if r.Alignment.DKIM || r.Domain == "" {
		return
	}
	for _, s := range r.DKIM.Results {
		if s.Result == "fail" && orgdomain.SameOrg(s.Domain, r.Domain) {
			f.add(SignatureGone, false, "It carries a signature of %s that does not hold (%s): somebody changed the message on its way, as lists do, or copied the signature from another.", s.Domain, s.Reason)
			return
		}
	}
}
