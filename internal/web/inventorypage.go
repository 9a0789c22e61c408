package web

import (
	"errors"
	"net/http"
	"slices"

	"unspoof/internal/census"
	"unspoof/inventory"
)

// inventoryView is the list of who sends.
type inventoryView struct {
	Subject subject
	Domain  string // as typed
	Problem string
	*census.Result
	Asked  asked
	Light  light
	Unread []string
	Wizard string
}

func (s *Server) inventoryPage(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	v := inventoryView{Domain: q.Get("domain")}
	about, err := s.about(r.Context(), q.Get("case"), v.Domain)
	var wrong *problem
	if errors.As(err, &wrong) && q.Get("case") == "" {
		v.Problem = wrong.text
		return s.render(w, wrong.status, "inventory.html", v)
	}
	if err != nil {
		return err
	}
	if about.Domain == "" {
		return s.render(w, http.StatusOK, "inventory.html", v)
	}
	if s.anew(w, r, about) {
		return nil
	}
	res, err := s.survey(r.Context(), about, inventory.Given{})
	if err != nil {
		return err
	}
	v.Subject, v.Domain, v.Result, v.Asked = about, about.Domain, &res.Result, askedFor(r, res.Made)
	v.Light = inventoryLight(res.Inventory)
	v.Wizard = about.At("/wizard")
	for _, e := range res.Unread[:min(len(res.Unread), maxNotes)] {
		v.Unread = append(v.Unread, e.Sentence()+".")
	}
	return s.render(w, http.StatusOK, "inventory.html", v)
}

// inventoryLight says in a word how well the senders stand.
func inventoryLight(inv inventory.Inventory) light {
	passes := func(a inventory.Answer) bool {
		return slices.ContainsFunc(inv.Senders, func(s inventory.Sender) bool { return s.Status != inventory.Hinted && s.Passes() == a })
	}
	not := slices.ContainsFunc(inv.Senders, func(s inventory.Sender) bool {
		return s.Status == inventory.Unauthorised || s.Status == inventory.ByHand
	})
	switch {
	case inv.Absent:
		return light{"open", "There is no such domain", "DNS does not know this name. Is it spelt right?"}
	case inv.SPF.Everybody:
		return light{"bad", "Its SPF record lets everybody send", "What the list says of SPF proves nothing until that is mended."}
	case inv.SPF.Broken:
		return light{"bad", "Its SPF record is broken", "Receivers let nobody in by it, the senders of this list neither."}
	case not || passes(inventory.No):
		return light{"warn", "Something needs to be set up", "Mail of yours leaves that receivers cannot tell from forged mail. It stands first in the list."}
	case len(inv.Senders) == 0 && len(inv.Unknown) > 0:
		return light{"open", "DNS did not answer everything", "So it is not known who sends for this domain. Try again later."}
	case len(inv.Senders) == 0:
		return light{"open", "Nobody is known to send", "DNS names nothing that sends mail for this domain."}
	case passes(inventory.Unknown) || len(inv.Unknown) > 0:
		return light{"open", "Not everything is known yet", "These may send as you today. Whether their mail really counts as yours, only a message from each can show."}
	}
	return light{"good", "All of it counts as yours", "Mail of everybody who sends for you can be told from forged mail."}
}

// statusWord says what is known of a sender.
func statusWord(s inventory.Sender) light {
	if s.Status == inventory.Hinted && s.Listed() {
		return light{Colour: "open", Word: "in the record, not let in"}
	}
	switch s.Status {
	case inventory.InUse:
		return light{Colour: "good", Word: "sends, and may"}
	case inventory.Unseen:
		return light{Colour: "open", Word: "may send"}
	case inventory.Unauthorised:
		return light{Colour: "bad", Word: "sends, but may not"}
	case inventory.ByHand:
		return light{Colour: "warn", Word: "named by you, may not send yet"}
	case inventory.Hinted:
		return light{Colour: "open", Word: "receives"}
	case inventory.Undecided:
		return light{Colour: "open", Word: "not known"}
	}
	return light{Colour: "open", Word: "not proven to be yours"}
}

// alignedWord says whether mail counts as the domain's own.
func alignedWord(a inventory.Alignment) light {
	switch a.Aligned {
	case inventory.Yes:
		if a.Basis == inventory.Observed {
			return light{Colour: "good", Word: "yes"}
		}
		// What is published has not been seen to work.
		return light{Colour: "good", Word: "yes, by its records"}
	case inventory.No:
		return light{Colour: "warn", Word: "no"}
	}
	return light{Colour: "open", Word: "not known"}
}

// signalWord names the kind of a sign.
func signalWord(k inventory.SignalKind) string {
	switch k {
	case inventory.SignalOwner:
		return "named by you"
	case inventory.SignalDKIM:
		return "DKIM key"
	case inventory.SignalReturnPath:
		return "return path"
	case inventory.SignalSPF:
		return "SPF record"
	case inventory.SignalLog:
		return "server log"
	case inventory.SignalReceived:
		return "your server's own line"
	case inventory.SignalReverse:
		return "reverse name"
	case inventory.SignalMX:
		return "receives your mail"
	case inventory.SignalAddress:
		return "address"
	}
	return string(k)
}
