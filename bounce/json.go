package bounce

import (
	"net/netip"

	"unspoof/message"
)

// View is a notice as JSON shows it: the field names of our index of test
// messages, null where the notice does not say. Embed it to add fields to a line.
type View struct {
	Kind         Kind              `json:"kind"`
	Bounce       bool              `json:"bounce"`
	Recipients   []string          `json:"recipients"`
	Status       []string          `json:"status"`
	Action       []string          `json:"action"`
	ReportingMTA *string           `json:"reporting_mta"`
	Original     OriginalView      `json:"original"`
	ARF          *FeedbackView     `json:"arf,omitempty"`
	Refusal      *Refusal          `json:"refusal"`
	Warnings     []message.Warning `json:"warnings"`
}

// OriginalView is the original as JSON shows it.
type OriginalView struct {
	Returned        Returned `json:"returned"`
	From            *string  `json:"from"`
	Subject         *string  `json:"subject"`
	MessageID       *string  `json:"message_id"`
	ReturnPath      *string  `json:"return_path"`
	Received        int      `json:"received"`
	FirstExternalIP *string  `json:"first_external_ip"`
	LastExternalIP  *string  `json:"last_external_ip"`
	DKIMDomains     []string `json:"dkim_domains"`
}

// FeedbackView is a feedback report as JSON shows it.
type FeedbackView struct {
	FeedbackType     *string `json:"feedback_type"`
	SourceIP         *string `json:"source_ip"`
	OriginalMailFrom *string `json:"original_mail_from"`
	OriginalRcptTo   *string `json:"original_rcpt_to"`
	ReportedDomain   *string `json:"reported_domain"`
}

// View gives the notice in the form of its JSON. The lists are never nil.
func (n *Notice) View() View {
	o := &n.Original
	v := View{
		Kind:         n.Kind,
		Bounce:       n.Bounce,
		Recipients:   list(n.Recipients),
		Status:       list(n.Status),
		Action:       list(n.Action),
		ReportingMTA: known(n.ReportingMTA),
		Original: OriginalView{
			Returned:        o.Returned,
			From:            present(o.From, o.HasFrom),
			Subject:         present(o.Subject, o.HasSubject),
			MessageID:       present(o.MessageID, o.HasMessageID),
			ReturnPath:      present(o.ReturnPath, o.HasReturnPath),
			Received:        o.Received,
			FirstExternalIP: address(o.FirstExternalIP),
			LastExternalIP:  address(o.LastExternalIP),
			DKIMDomains:     list(o.DKIMDomains),
		},
		Refusal:  n.Refusal,
		Warnings: n.Warnings,
	}
	if v.Warnings == nil {
		v.Warnings = []message.Warning{}
	}
	if f := n.Feedback; f != nil {
		v.ARF = &FeedbackView{
			FeedbackType:     known(f.Type),
			SourceIP:         known(f.SourceIP),
			OriginalMailFrom: known(f.OriginalMailFrom),
			OriginalRcptTo:   known(f.OriginalRcptTo),
			ReportedDomain:   known(f.ReportedDomain),
		}
	}
	return v
}

func list(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

// known gives nil for the empty string.
func known(s string) *string { return present(s, s != "") }

func present(s string, ok bool) *string {
	if !ok {
		return nil
	}
	return &s
}

func address(a netip.Addr) *string {
	if !a.IsValid() {
		return nil
	}
	return known(a.String())
}
