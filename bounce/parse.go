package bounce

import (
	"bytes"
	"strings"

	"unspoof/message"
)

// maxWarnings is how many warnings a notice has; damage of one kind repeats.
const maxWarnings = 50

// maxForwards is how many times a forwarded notice is unwrapped.
const maxForwards = 2

// Parse reads one message and says what it is and what it returns. It never
// fails and never gives nil. The notice aliases data, which must stay unchanged
// while the notice is used.
//
// Its work is bounded by the length of data and by the constants of this package
// and of package message: nothing is looked at more than a fixed number of
// times. A body that is JSON alone, as services post it, is read as well.
func Parse(data []byte) *Notice {
	return parse(data, 0)
}

func parse(data []byte, forwards int) *Notice {
	data, crOnly := lineEnds(data)
	r := reading{n: new(Notice), data: data, forwards: forwards}
	n := r.n
	root, warns := message.ParsePart(data)
	if body := bytes.TrimLeft(data[:min(len(data), 512)], " \t\r\n\ufeff"); len(body) > 0 && (body[0] == '{' || body[0] == '[') {
		// A body without a message around it, as services post it.
		root, warns = &message.Part{Type: "application/json", HasType: true, Body: data, Line: 1, BodyLine: 1}, nil
	}
	var more []message.Warning
	r.parts, more = collect(root)
	n.Header = root.Header
	if crOnly {
		r.lost(0, "the lines end with a carriage return alone; read as line feeds")
	}
	r.warn(warns)
	r.warn(more)
	n.Hops = hopsOf(root.Header)
	n.Subject = message.DecodeWords(root.Header.Value("Subject"))
	n.Date = dateReached(n)
	n.Original.Returned = ReturnedNone
	r.sender = senderOf(root.Header)
	r.decide()
	n.Bounce = n.Kind == DSNFailed || n.Kind == NonstandardFailed || n.Kind == ProviderJSON && r.event != nil && r.event.final()
	return n
}

// lineEnds gives data with line feeds when its lines end with a carriage return
// alone, as some exports have them. Offsets stay.
func lineEnds(data []byte) ([]byte, bool) {
	if bytes.IndexByte(data, '\n') >= 0 || bytes.IndexByte(data, '\r') < 0 {
		return data, false
	}
	return bytes.ReplaceAll(data, []byte{'\r'}, []byte{'\n'}), true
}

// hopsOf reads the Received fields of a header, top to bottom.
func hopsOf(h message.Header) []message.Hop {
	count := 0
	for _, f := range h.Fields {
		if len(f.Name) == 8 && strings.EqualFold(f.Name, "Received") {
			count++
		}
	}
	if count == 0 {
		return nil
	}
	hops := make([]message.Hop, 0, min(count, maxHops))
	for _, f := range h.Fields {
		if len(f.Name) == 8 && strings.EqualFold(f.Name, "Received") && len(hops) < maxHops {
			hops = append(hops, message.ParseReceived(f))
		}
	}
	return hops
}

// reading is the work on one message.
type reading struct {
	n    *Notice
	data []byte
	parts
	sender   sender
	forwards int

	blocks  []block // texts for people
	notice  string  // the first of them up to the original, UTF-8
	said    said    // what it says
	subject topic   // what the subject speaks about
	body    topic   // what the text speaks about
	lures   int     // how many lures
	lured   topic   // what text and HTML together speak about
	inside  *inside // an original in a text
	event   *event
}

func (r *reading) warn(list []message.Warning) {
	for _, w := range list {
		if len(r.n.Warnings) >= maxWarnings {
			return
		}
		r.n.Warnings = append(r.n.Warnings, w)
	}
}

// lost warns about something that is missing at an offset.
func (r *reading) lost(offset int, text string) {
	r.warn([]message.Warning{{Offset: offset, Text: text}})
}

// decide finds the kind: what the structure says goes before what words say.
func (r *reading) decide() {
	n := r.n
	switch {
	case r.feedback != nil:
		r.readFeedback()
	case r.disposition != nil:
		r.readDisposition()
	case r.delivery != nil:
		r.readDelivery()
	case r.isAggregate():
		n.Kind = ReportAggregate
	case r.readEvent():
	default:
		r.readText()
	}
}

// readFeedback reads a report after RFC 5965.
func (r *reading) readFeedback() {
	n := r.n
	n.Feedback = parseFeedback(r.feedback)
	n.Kind = ARFAbuse
	if n.Feedback.Type == "auth-failure" || n.Feedback.Type == "" && r.subjectHas("dmarc") { // RFC 6591
		n.Kind = ARFAuthFailure
	}
	r.attachedOriginal()
}

// readDisposition reads a notification after RFC 8098.
func (r *reading) readDisposition() {
	n := r.n
	n.Kind = MDN
	if rcpt := parseDisposition(r.disposition); rcpt != "" {
		n.Recipients = []string{rcpt}
	}
	r.attachedOriginal()
}

// readDelivery reads a delivery-status part.
func (r *reading) readDelivery() {
	n := r.n
	b, _, _ := r.delivery.Decode(maxReport)
	d := parseDelivery(b, r.charset())
	if d == nil {
		r.lost(r.delivery.BodyOffset, "the delivery-status part has no field that can be read; recipients and status are taken from the text")
		d = new(Delivery)
	}
	r.takeDelivery(d)
	if !r.attachedOriginal() {
		r.openText()
		r.embeddedOriginal()
	}
	n.Kind = r.deliveryKind(d)
	r.completeFromText()
}

// charset gives the charset that a text of the notice declares, for parts that
// can't.
func (r *reading) charset() string {
	for _, p := range r.texts {
		if c := p.Param("charset"); c != "" {
			return c
		}
	}
	return ""
}

// takeDelivery fills the notice from delivery-status fields.
func (r *reading) takeDelivery(d *Delivery) {
	n := r.n
	n.Delivery = d
	n.ReportingMTA = d.ReportingMTA
	for _, rc := range d.Recipients {
		switch {
		case rc.Final != "":
			n.Recipients = append(n.Recipients, rc.Final)
		case rc.Original != "":
			n.Recipients = append(n.Recipients, rc.Original)
		}
		if rc.Status != "" {
			n.Status = append(n.Status, rc.Status)
		}
		if rc.Action != "" {
			n.Action = append(n.Action, rc.Action)
		}
	}
}

// deliveryKind tells a failure from a delay and from the rest by the actions (RFC
// 3464 section 2.3.3), where they are lost by the status, else by the words.
func (r *reading) deliveryKind(d *Delivery) Kind {
	lost, late, fine := 0, 0, 0
	for _, rc := range d.Recipients {
		switch action, class := rc.Action, firstByte(rc.Status); {
		case action == "failed" || action == "" && class == '5':
			lost++
		case action == "" && class == '4':
			// Queues give up with the last temporary status.
			if r.openText(); r.subject&failed != 0 && !r.speaksOfDelay() {
				lost++
			} else {
				late++
			}
		case action == "delayed":
			late++
		case action == "delivered" || action == "relayed" || action == "expanded" || action == "" && class == '2':
			fine++
		case class == '5': // a word that the RFC does not know
			lost++
		}
	}
	switch {
	case lost > 0:
		return DSNFailed
	case late > 0:
		return DSNDelayed
	case fine > 0:
		return DSNOther
	}
	r.openText()
	if r.speaksOfDelay() {
		return DSNDelayed
	}
	return DSNFailed
}

func firstByte(s string) byte {
	if s == "" {
		return 0
	}
	return s[0]
}

// completeFromText takes from the text what the delivery-status part lacks.
func (r *reading) completeFromText() {
	n := r.n
	var first DeliveryRecipient
	for _, rc := range n.Delivery.Recipients {
		if first = rc; rc.Action == "failed" {
			break
		}
	}
	if len(n.Recipients) == 0 || len(n.Status) == 0 || n.ReportingMTA == "" || first.Diagnostic == "" {
		r.openText()
	}
	if len(n.Recipients) == 0 {
		n.Recipients = r.recipients()
	}
	if len(n.Status) == 0 {
		n.Status = r.said.status
	}
	if n.ReportingMTA == "" {
		n.ReportingMTA = r.said.host
	}
	if n.Kind == DSNOther {
		return
	}
	text := first.Diagnostic
	if text == "" {
		text = r.said.reason
	}
	status := first.Status
	if status == "" && len(n.Status) > 0 {
		status = n.Status[0]
	}
	n.Refusal = refusalOf(text, status, n.Kind == DSNDelayed)
}

// readEvent reads a body in JSON.
func (r *reading) readEvent() bool {
	n := r.n
	var body []byte
	switch {
	case !r.root.Multipart():
		body, _, _ = r.root.Decode(maxJSON)
	case len(r.texts) > 0:
		body, _, _ = r.texts[0].Decode(maxJSON)
	}
	for _, p := range r.files {
		if p.Type == "application/json" {
			body, _, _ = p.Decode(maxJSON)
			break
		}
	}
	e, ok := parseEvent(body)
	if !ok {
		return false
	}
	r.event = e
	n.Kind = ProviderJSON
	if e.damaged {
		r.lost(r.root.BodyOffset, "the JSON of the notification is damaged; only what stands before the damage is read")
	}
	n.Recipients, n.Status, n.ReportingMTA = e.recipients, e.status, e.host
	o := &n.Original
	o.From, o.HasFrom = message.DecodeWords(e.from), e.hasFrom || e.from != ""
	o.Subject, o.HasSubject = message.DecodeWords(e.subject), e.hasSubject
	o.MessageID, o.HasMessageID = e.messageID, e.hasMessageID
	o.ReturnPath, o.HasReturnPath = e.returnPath, e.hasReturnPath
	if o.HasFrom || o.HasSubject || o.HasMessageID {
		o.Returned = ReturnedPartial
	}
	if _, known := eventWords[e.kind]; known && (eventWords[e.kind] || e.temporary) && e.diagnostic+first(e.status) != "" && !e.complaint() {
		n.Refusal = refusalOf(e.diagnostic, first(e.status), !e.final())
		if n.Refusal.Code == 0 {
			n.Refusal.Code = e.code
		}
		if len(n.Status) == 0 && n.Refusal.Enhanced != "" {
			n.Status = []string{n.Refusal.Enhanced}
		}
	}
	return true
}

func first(s []string) string {
	if len(s) == 0 {
		return ""
	}
	return s[0]
}
