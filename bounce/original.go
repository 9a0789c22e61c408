package bounce

import (
	"net/netip"
	"strings"

	"unspoof/message"
)

// maxOriginalText is the length of [Original.Text].
const maxOriginalText = 16 << 10

// setOriginal fills the original from the octets that came back. Line is the
// number of their first line in the notice, 0 when the lines don't correspond.
func (n *Notice) setOriginal(raw []byte, returned Returned, line int) {
	p, _ := message.ParsePart(raw)
	o := &n.Original
	o.Returned = returned
	o.Raw = raw
	o.Header = p.Header
	if line > 0 {
		o.HeaderLine = line - 1
	}
	o.fill()
	if returned != ReturnedHeaders {
		o.Text = bodyText(p)
	}
}

// fill takes from the header what a notice tells about its original.
func (o *Original) fill() {
	for _, f := range o.Header.Fields {
		switch name := f.Name; len(name) {
		case 4:
			if strings.EqualFold(name, "From") && !o.HasFrom {
				o.From, o.HasFrom = message.DecodeWords(f.Value()), true
			}
		case 7:
			if strings.EqualFold(name, "Subject") && !o.HasSubject {
				o.Subject, o.HasSubject = message.DecodeWords(f.Value()), true
			}
		case 8:
			if strings.EqualFold(name, "Received") {
				o.Received++
			}
		case 10:
			if strings.EqualFold(name, "Message-ID") && !o.HasMessageID {
				o.MessageID, o.HasMessageID = messageID(f.Value()), true
			}
		case 11:
			if strings.EqualFold(name, "Return-Path") && !o.HasReturnPath {
				o.ReturnPath, o.HasReturnPath = f.Value(), true
			}
		case 14:
			if strings.EqualFold(name, "DKIM-Signature") && len(o.DKIMDomains) < maxHops {
				if d := tag(f.Value(), "d"); d != "" {
					o.DKIMDomains = append(o.DKIMDomains, d)
				}
			}
		}
	}
	o.Hops = hopsOf(o.Header)
	for _, h := range o.Hops {
		if !external(h.FromIP) {
			continue
		}
		if !o.FirstExternalIP.IsValid() {
			o.FirstExternalIP = h.FromIP
		}
		o.LastExternalIP = h.FromIP
	}
}

// messageID gives the identifier with its angle brackets, without what some
// servers write behind it.
func messageID(v string) string {
	if i := strings.IndexByte(v, '<'); i >= 0 {
		if k := strings.IndexByte(v[i:], '>'); k > 0 {
			return v[i : i+k+1]
		}
	}
	return v
}

// tag gives the value of a tag of a DKIM-Signature (RFC 6376 section 3.2).
func tag(v, name string) string {
	for v != "" {
		var t string
		t, v, _ = strings.Cut(v, ";")
		key, value, ok := strings.Cut(t, "=")
		if ok && strings.TrimSpace(key) == name {
			return strings.Join(strings.Fields(value), "")
		}
	}
	return ""
}

// cgnat is the shared address space of RFC 6598.
var cgnat = netip.MustParsePrefix("100.64.0.0/10")

// external tells an address that a host outside the network of the receiver can
// have. The documentation ranges count as external: they stand for public
// addresses in anonymised mail.
func external(a netip.Addr) bool {
	return a.IsValid() && !a.IsLoopback() && !a.IsPrivate() && !a.IsLinkLocalUnicast() && !a.IsUnspecified() &&
		!a.IsMulticast() && !cgnat.Contains(a)
}

// appendLinks appends the link targets that are not in text yet.
func appendLinks(text string, links []string) string {
	var out strings.Builder
	out.WriteString(text)
	for _, l := range links {
		if out.Len() < maxOriginalText && !strings.Contains(text, l) {
			out.WriteString("\n<")
			out.WriteString(l)
			out.WriteByte('>')
		}
	}
	return out.String()
}

// bodyText gives what a reader of the message would see.
func bodyText(root *message.Part) string {
	var out strings.Builder
	var html *message.Part
	message.Walk(root, func(p *message.Part) bool {
		if out.Len() >= maxOriginalText {
			return false
		}
		switch p.Type {
		case "text/plain":
			if p.Depth > 0 && p.Filename() != "" {
				break
			}
			// A charset takes at most three octets more a character.
			t := strings.TrimSpace(p.Text(maxOriginalText))
			if t != "" && out.Len() > 0 {
				out.WriteString("\n\n")
			}
			out.WriteString(t)
		case "text/html":
			if html == nil {
				html = p
			}
		}
		return true
	})
	text := out.String()
	if html != nil {
		doc := html.Text(maxText)
		if text == "" {
			text, _ = message.HTMLText(doc, maxOriginalText)
		} else { // what a link leads to stands in the HTML alone
			text = appendLinks(text, message.HTMLLinks(doc))
		}
	}
	if len(text) > maxOriginalText {
		text = strings.ToValidUTF8(text[:maxOriginalText], "")
	}
	return text
}
