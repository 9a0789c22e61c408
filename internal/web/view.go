package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"unspoof/bounce"
	"unspoof/finding"
	"unspoof/forensics"
	"unspoof/internal/spftext"
	"unspoof/internal/store"
	"unspoof/posture"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed static
var staticFiles embed.FS

var pages = template.Must(template.New("").Funcs(template.FuncMap{
	"when":      func(t time.Time) string { return "" }, // per request, see render
	"short":     func(t time.Time) string { return "" },
	"field":     func(t time.Time) string { return "" },
	"word":      word,
	"exposure":  exposureLight,
	"severity":  severityWord,
	"event":     eventWord,
	"class":     classWord,
	"kind":      kindWord,
	"strength":  strengthWord,
	"finding":   findingWord,
	"identity":  identityWord,
	"relation":  relationWord,
	"defang":    defang,
	"add":       func(a, b int) int { return a + b },
	"plural":    plural,
	"treated":   treatmentWord,
	"state":     stateOf,
	"grade":     gradeColour,
	"because":   because,
	"reasons":   reasons,
	"keys":      keysWord,
	"listed":    listed,
	"cut":       cutAt,
	"status":    statusWord,
	"aligned":   alignedWord,
	"signal":    signalWord,
	"digits":    spftext.Thousands,
	"condition": conditionWord,
	"publish":   publishWord,
	"rung":      rungWord,
	"bar":       barOf,
	"lamp":      func(colour, word, text string) light { return light{colour, word, text} },
	"addresses": addressWords,
	"list":      func(list ...any) []any { return list },
	"join":      func(list []string) string { return strings.Join(list, ", ") },
}).ParseFS(templateFiles, "templates/*.html"))

// render writes one page. It is made whole before the first byte goes out, so
// that a fault never leaves half a page, and goes through visible.
func (s *Server) render(w http.ResponseWriter, status int, name string, view any) error {
	t, err := pages.Clone()
	if err != nil {
		return err
	}
	loc := s.now().Location()
	t.Funcs(template.FuncMap{
		"short": func(t time.Time) string { return t.In(loc).Format("2 Jan, 15:04") },
		"when": func(t time.Time) string {
			if t.IsZero() {
				return "not known"
			}
			return t.In(loc).Format("Mon 2 Jan 2006, 15:04 MST")
		},
		"field": func(t time.Time) string { return t.In(loc).Format(formTime) },
	})
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, name, view); err != nil {
		return fmt.Errorf("web: %s: %w", name, err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, err = w.Write(visible(b.Bytes()))
	if err != nil {
		s.log.Debug("page not sent", "page", name, "error", err)
	}
	return nil
}

// static serves the files that the pages load.
func (s *Server) static(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("file")
	text, err := fs.ReadFile(staticFiles, "static/"+name)
	if err != nil {
		s.fail(w, r, errNoPage)
		return
	}
	kinds := map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
	w.Header().Set("Content-Type", kinds[name[strings.LastIndexByte(name, '.'):]])
	w.Write(text)
}

// light is a traffic light: a colour, the word that says the same, a sentence.
type light struct {
	Colour string // "good", "warn", "bad", "open": names of classes
	Word   string
	Text   string
}

// hackedLight answers "was I hacked?".
func hackedLight(m *forensics.MailboxReport) light {
	switch m.Verdict {
	case forensics.Spoofed:
		if m.Unexplained > 0 {
			return light{"warn", "Forged; look at one thing more", m.Sentence}
		}
		return light{"good", "Forged, not hacked", m.Sentence}
	case forensics.Compromised:
		return light{"bad", "Somebody got in", m.Sentence}
	case forensics.Genuine:
		return light{"good", "These are your own messages", m.Sentence}
	default:
		if m.Unexplained > 0 {
			return light{"warn", "Not decided yet: secure your account first", m.Sentence}
		}
		return light{"warn", "Not decided yet", m.Sentence}
	}
}

// exposureLight answers "who can send as me?".
func exposureLight(v posture.Verdict) light {
	switch v.Exposure {
	case posture.Anyone:
		return light{"bad", "Anyone can send as you", v.Sentence}
	case posture.Partly:
		return light{"warn", "Partly protected", v.Sentence}
	case posture.Protected:
		return light{"good", "Protected", v.Sentence}
	default:
		return light{"open", "DNS did not answer", v.Sentence}
	}
}

func word(v forensics.Verdict) string {
	switch v {
	case forensics.Spoofed:
		return "forged"
	case forensics.Compromised:
		return "sent by an intruder"
	case forensics.Genuine:
		return "really yours"
	case forensics.Unknown:
		return "undecided"
	}
	return string(v)
}

func severityWord(v finding.Severity) string {
	switch v {
	case finding.Critical:
		return "urgent"
	case finding.Serious:
		return "important"
	case finding.Moderate:
		return "should be fixed"
	case finding.Minor:
		return "minor"
	}
	return "good to know"
}

func strengthWord(v forensics.Strength) string {
	switch v {
	case forensics.Proof:
		return "proves it"
	case forensics.Strong:
		return "strong sign"
	}
	return "weak sign"
}

// eventTypes are what the form offers, in this order.
var eventTypes = []forensics.EventType{
	forensics.PasswordChanged, forensics.SPFPublished, forensics.DKIMPublished, forensics.DMARCPublished, forensics.ScriptRemoved,
}

func eventWord(t forensics.EventType) string {
	switch t {
	case forensics.PasswordChanged:
		return "password changed"
	case forensics.SPFPublished:
		return "SPF record published"
	case forensics.DKIMPublished:
		return "DKIM key published"
	case forensics.DMARCPublished:
		return "DMARC record published"
	case forensics.ScriptRemoved:
		return "script removed from the web site"
	}
	return string(t)
}

func classWord(c string) string {
	switch bounce.Class(c) {
	case bounce.UnknownUser:
		return "no such recipient"
	case bounce.MailboxFull:
		return "mailbox full"
	case bounce.Policy:
		return "refused by a rule of the receiver"
	case bounce.Spam:
		return "taken for spam"
	case bounce.Authentication:
		return "recognised as forged (SPF, DKIM or DMARC)"
	case bounce.DNS:
		return "no such domain or route"
	case bounce.Size:
		return "too large"
	case bounce.Temporary:
		return "for the time being"
	}
	return "other reasons"
}

func kindWord(k string) string {
	switch bounce.Kind(k) {
	case bounce.DSNFailed, bounce.NonstandardFailed, bounce.ProviderJSON:
		return "non-delivery notice"
	case bounce.DSNDelayed, bounce.NonstandardDelayed:
		return "delay warning"
	case bounce.DSNOther:
		return "delivery report"
	case bounce.ARFAbuse, bounce.ARFAuthFailure:
		return "abuse report"
	case bounce.AutoReply:
		return "automatic reply"
	case bounce.ChallengeResponse:
		return "challenge (\"prove that you are human\")"
	case bounce.MDN:
		return "read receipt"
	case bounce.ReportAggregate:
		return "DMARC report"
	case bounce.PostmasterNotice:
		return "postmaster notice"
	case bounce.ForwardedBounce:
		return "forwarded notice"
	case bounce.ForwardedMessage:
		return "forwarded message"
	case bounce.FakeBounce:
		return "fake notice (phishing)"
	}
	return "ordinary message or complaint"
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprint(n) + " " + many
}

// stateWord is for the list of cases.
func stateWord(l store.Line) light {
	switch {
	case l.State == store.Reading:
		return light{Colour: "open", Word: "being read"}
	case l.State == store.Failed:
		return light{Colour: "open", Word: "not finished"}
	}
	return hackedLight(&forensics.MailboxReport{Verdict: l.Verdict})
}
