package investigation

import (
	"net/netip"
	"time"

	"unspoof/bounce"
	"unspoof/forensics"
	"unspoof/message"
)

// Message is one message of the mailbox with what was read and judged. All of it
// is valid only while it is handed on: copy what is to be kept.
type Message struct {
	File      string // as in intake.Item
	Data      []byte // as received
	Notice    *bounce.Notice
	Judgement forensics.Judgement
}

// messageJSON is the answer for one message; its names are promised to scripts.
type messageJSON struct {
	File       string               `json:"file"`
	Verdict    forensics.Verdict    `json:"verdict"`
	Subtype    forensics.Subtype    `json:"subtype"`
	Confidence forensics.Confidence `json:"confidence"`
	Bounce     bool                 `json:"bounce"`
	T0         *time.Time           `json:"t0"`
	HandoffIP  *netip.Addr          `json:"handoff_ip"`
	ClientIP   *netip.Addr          `json:"client_ip"`
	Account    *string              `json:"account"`
	Report     *string              `json:"report"`
	Sentence   string               `json:"sentence"`
	Missing    string               `json:"missing,omitempty"`
	Arrived    *time.Time           `json:"arrived"`
	Subject    string               `json:"subject"` // of the notice
	Reasons    []forensics.Reason   `json:"reasons"`
	bounce.View
}

// MarshalJSON gives the message as an object. What is not known is null; times
// are in UTC (RFC 3339).
func (m Message) MarshalJSON() ([]byte, error) {
	j := m.Judgement
	reasons := j.Reasons
	if reasons == nil {
		reasons = []forensics.Reason{}
	}
	return encode(messageJSON{
		File: m.File, Verdict: j.Verdict, Subtype: j.Subtype, Confidence: j.Confidence, Bounce: j.Bounce,
		T0: moment(j.T0), HandoffIP: address(j.HandoffIP), ClientIP: address(j.ClientIP), Account: known(j.Account), Report: known(j.Report),
		Sentence: j.Sentence, Missing: j.Missing, Arrived: moment(j.Arrived), Subject: m.Notice.Subject, Reasons: reasons,
		View: m.Notice.View(),
	})
}

// ParseNotice reads what intake found; the warnings of both are in the notice.
func ParseNotice(data []byte, warnings []string) *bounce.Notice {
	n := bounce.Parse(data)
	for _, w := range warnings {
		n.Warnings = append(n.Warnings, message.Warning{Offset: len(data), Text: w})
	}
	return n
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func address(a netip.Addr) *netip.Addr {
	if !a.IsValid() {
		return nil
	}
	return &a
}

func known(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
