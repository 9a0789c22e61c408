package bounce

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// Bounds on JSON.
const (
	// maxJSON is how much of a body is read as JSON.
	maxJSON = 1 << 20
	// maxNodes is how many values; a notification has about 100.
	maxNodes = 20_000
	// maxJSONDepth is how deep they nest, the text inside a string included.
	maxJSONDepth = 40
)

// event is what a service's notification in JSON says about one or more
// recipients: Amazon SES (also inside SNS), Mailgun, SendGrid, Postmark,
// SparkPost, Mandrill, Mailjet, Brevo and those that name their fields alike.
type event struct {
	kind       string // the service's word, lower case
	recipients []string
	status     []string
	diagnostic string
	code       int
	host       string
	temporary  bool
	damaged    bool // the JSON ends early

	from, subject, messageID, returnPath string // of the original

	hasFrom, hasSubject, hasMessageID, hasReturnPath bool
}

// parseEvent reads a body as such a notification; false when it is none.
func parseEvent(body []byte) (*event, bool) {
	body = bytes.TrimLeft(body, " \t\r\n\ufeff")
	if len(body) == 0 || body[0] != '{' && body[0] != '[' {
		return nil, false
	}
	if len(body) > maxJSON {
		body = body[:maxJSON]
	}
	var e event
	r := jsonReader{event: &e}
	r.read(mendJSON(body), 0)
	if e.kind == "" || len(e.recipients) == 0 && e.diagnostic == "" {
		return nil, false
	}
	return &e, true
}

// mendJSON takes out the line ends that mail put inside strings: Sendmail breaks
// a line of more than 990 octets with "!" and an indented next line.
func mendJSON(b []byte) []byte {
	if bytes.IndexByte(b, '\n') < 0 {
		return b
	}
	out := make([]byte, 0, len(b))
	inside := false
	for i := 0; i < len(b); i++ {
		c := b[i]
		switch {
		case c == '\\' && inside && i+1 < len(b):
			out = append(out, c, b[i+1])
			i++
			continue
		case c == '"':
			inside = !inside
		case (c == '\n' || c == '\r') && inside:
			if n := len(out); c == '\n' && n > 0 && out[n-1] == '!' {
				out = out[:n-1]
				if i+1 < len(b) && b[i+1] == ' ' {
					i++
				}
			}
			continue
		}
		out = append(out, c)
	}
	return out
}

// jsonReader goes over the values of a text until its end or its first damage.
type jsonReader struct {
	event *event
	nodes int
	name  string // of the "name" beside the "value" that is read
}

// read takes one JSON text. What stands before damage is taken.
func (r *jsonReader) read(b []byte, depth int) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var path []string // keys of the objects that are open, "" for arrays
	key, wantKey := "", false
	var kinds []json.Delim
	for {
		t, err := d.Token()
		if err != nil {
			r.event.damaged = true
			return
		}
		if r.nodes++; r.nodes > maxNodes {
			return
		}
		switch v := t.(type) {
		case json.Delim:
			switch v {
			case '{', '[':
				if len(kinds)+depth >= maxJSONDepth {
					return
				}
				kinds = append(kinds, v)
				path = append(path, key)
				key, wantKey = "", v == '{'
			default:
				path = path[:len(path)-1]
				kinds = kinds[:len(kinds)-1]
				if len(kinds) == 0 {
					return
				}
				wantKey = kinds[len(kinds)-1] == '{'
				key = ""
				if !wantKey {
					key = path[len(path)-1]
				}
			}
			if v == '[' {
				key = path[len(path)-1] // members of an array have its name
			}
			continue
		case string:
			if wantKey {
				key, wantKey = normalKey(v), false
				continue
			}
			if depth < 3 && len(v) > 2 && v[0] == '{' && (key == "message" || key == "body" || key == "payload") { // SNS
				r.read([]byte(v), depth+len(kinds))
			} else {
				r.value(key, path, v)
			}
		case json.Number:
			r.value(key, path, v.String())
		case bool:
			r.value(key, path, strconv.FormatBool(v))
		}
		if len(kinds) > 0 && kinds[len(kinds)-1] == '{' {
			wantKey = true
		}
	}
}

// normalKey brings the ways to spell a key to one: "MessageID", "message-id" and
// "message_id" are "messageid".
func normalKey(k string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c >= 'A' && c <= 'Z':
			return c + 0x20
		case c == '-' || c == '_' || c == ' ' || c == '.':
			return -1
		}
		return c
	}, k)
}

// under tells whether a key is among the objects that are open.
func under(path []string, key string) bool { return member(path, key) }

// value takes one value.
func (r *jsonReader) value(key string, path []string, v string) {
	e := r.event
	switch key {
	case "notificationtype", "eventtype", "event", "recordtype", "type":
		r.kind(key, path, v)
	case "bouncetype", "severity", "bounceclassification", "subtype", "bouncesubtype":
		if l := strings.ToLower(v); l == "transient" || l == "temporary" || l == "soft" || l == "softbounce" {
			e.temporary = true
		}
	case "hardbounce":
		e.temporary = v == "false"
	case "emailaddress", "recipient", "email", "rcptto", "rawrcptto", "finalrecipient", "recipientemail":
		if under(path, "headers") || under(path, "commonheaders") || !strings.Contains(v, "@") {
			return
		}
		e.recipients = appendAddress(e.recipients, strings.Trim(v, "<> "))
	case "status", "bounceclass", "enhancedcode", "statuscode", "enhancedstatuscode":
		if s := statusOf(v); s != "" && !member(e.status, s) {
			e.status = append(e.status, s)
		} else if n, err := strconv.Atoi(v); err == nil && n >= 400 && n < 600 && e.code == 0 {
			e.code = n
		}
	case "code", "errorcode", "smtpcode":
		if n, err := strconv.Atoi(v); err == nil && n >= 400 && n < 600 && e.code == 0 {
			e.code = n
		}
	case "diagnosticcode", "reason", "rawreason", "diag", "details", "error", "description", "response", "bouncedescription":
		if e.diagnostic == "" && v != "" {
			e.diagnostic = afterType(v)
		}
	case "message":
		if e.diagnostic == "" && under(path, "deliverystatus") {
			e.diagnostic = v
		}
	case "reportingmta":
		e.host = hostOf(v)
	case "source", "msgfrom", "returnpath":
		if key == "returnpath" && under(path, "commonheaders") {
			setOnce(&e.returnPath, &e.hasReturnPath, v)
		} else if key == "source" && strings.Contains(v, "@") && !e.hasFrom {
			e.from = v // until a From comes
		}
	case "from", "friendlyfrom", "sender":
		if v != "" {
			setOnce(&e.from, &e.hasFrom, v)
		}
	case "subject":
		setOnce(&e.subject, &e.hasSubject, v)
	case "messageid", "smtpid":
		// A service's own number is no Message-ID: that has an at sign.
		if strings.Contains(v, "@") {
			if !strings.HasPrefix(v, "<") {
				v = "<" + v + ">"
			}
			setOnce(&e.messageID, &e.hasMessageID, v)
		}
	case "name":
		r.name = normalKey(v)
	default:
	}
	if key == "value" && under(path, "headers") { // {"name":"Subject","value":"…"}
		switch r.name {
		case "from", "subject", "messageid", "returnpath":
			r.value(r.name, path[:0], v)
		}
		r.name = ""
	}
}

func setOnce(dst *string, has *bool, v string) {
	if !*has {
		*dst, *has = v, true
	}
}

// eventWords are the services' words for an event about delivery.
var eventWords = map[string]bool{ // value: nobody will try again
	"bounce": true, "bounced": true, "hardbounce": true, "failed": true, "dropped": true, "rejected": true, "reject": true,
	"blocked": true, "undelivered": true, "outofband": true, "policyrejection": true, "invalidemail": true, "invalid": true, "permfail": true,
	"softbounce": false, "deferred": false, "deliverydelay": false, "delay": false, "tempfail": false, "transient": false,
	"complaint": false, "spamcomplaint": false, "spam": false, "delivery": false, "delivered": false,
}

// kind takes the word that says what happened.
func (r *jsonReader) kind(key string, path []string, v string) {
	w := normalKey(v)
	final, known := eventWords[w]
	if !known {
		return
	}
	e := r.event
	if key == "type" && e.kind != "" && w != "hardbounce" && w != "softbounce" && w != "blocked" {
		return
	}
	if e.kind == "" {
		e.kind = w
	}
	if !final {
		e.temporary = true
		if e.kind == "bounce" || e.kind == "bounced" {
			e.kind = w
		}
	}
}

// final tells whether the event is a non-delivery that nobody will try again.
func (e *event) final() bool {
	return eventWords[e.kind] && !e.temporary
}

// complaint tells a reader's complaint, which refuses nothing.
func (e *event) complaint() bool {
	return strings.Contains(e.kind, "complaint") || e.kind == "spam" || strings.HasPrefix(e.kind, "deliver") && e.kind != "deliverydelay"
}
