package inventory

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"unspoof/sender"
	"unspoof/spf"
)

// maxSteps bounds the steps of one sender.
const maxSteps = 12

// steps gives what is left to be set up, the most useful first: DKIM survives
// forwarding, so it comes before SPF.
func (m *merger) steps(ctx context.Context, e *entity) []Step {
	steps := m.mend(e)
	if e.Status == Hinted && len(e.Terms) == 0 && len(e.keys) == 0 {
		return append(steps, Step{Kind: StepConfirm, Missing: []string{}, Confidence: sender.High,
			Text: fmt.Sprintf("Say whether %s also sends mail for %s. If it does, name it.", e.Name, m.domain)})
	}
	if e.Status == Hinted && e.Listed() && !e.cut && !m.broken {
		if e.denies {
			return steps // the owner has said that it shall not send
		}
		return append(steps, Step{Kind: StepConfirm, Missing: []string{}, Confidence: sender.High,
			Text: fmt.Sprintf("Say whether %s sends mail for %s: the SPF record names it, and decides nothing about it. If it does, name it.", e.Name, m.domain)})
	}
	if e.DKIM.Aligned != Yes && e.Kind != KindKey && !e.symbolic() {
		steps = append(steps, m.dkimSteps(ctx, e)...)
	}
	if e.SPF.Aligned != Yes {
		steps = append(steps, m.spfSteps(e)...)
	}
	switch {
	case e.Status == Unseen && m.mailRead() && !e.Given && !slices.Contains(m.exchangers, e.Key) && !m.mayBeNameless(e):
		steps = append(steps, Step{Kind: StepRemove, Missing: []string{}, Confidence: sender.High,
			Text: fmt.Sprintf("If nothing of yours sends through %s any more, take its right away: %s.", e.Name, e.rights())})
	case e.Passes() == Yes && e.SPF.Basis != Observed && e.DKIM.Basis != Observed:
		steps = append(steps, Step{Kind: StepTest, Missing: []string{}, Confidence: sender.High,
			Text: fmt.Sprintf("Send a message through %s to a mailbox of yours, and read it again with this: the records look right, and no mail has shown it.", e.Name)})
	}
	if len(e.Forwarders) > 0 {
		steps = append(steps, Step{Kind: StepConfirm, Missing: []string{}, Confidence: sender.Low,
			Text: fmt.Sprintf("Mail that it signed was handed over by %s. Those are mailing lists and forwarders, as a rule; if one is a server of yours, name it.", m.firstOf(e.Forwarders))})
	}
	return steps[:min(len(steps), maxSteps)]
}

// mayBeNameless reports whether a server that sends and whose address is not known
// may be this one: then its right is not to be taken away.
func (m *merger) mayBeNameless(e *entity) bool {
	if e.Kind != KindHost && e.Kind != KindNetwork {
		return false
	}
	for _, other := range m.entities {
		if other != e && other.Seen.Count > 0 && other.unlocated() {
			return true
		}
	}
	return false
}

func (m *merger) firstOf(list []Address) string {
	names := []string{}
	for _, a := range list[:min(len(list), 3)] {
		names = append(names, a.Address.String())
	}
	if n := len(list) - len(names); n > 0 {
		return fmt.Sprintf("%s and %d more addresses", strings.Join(names, ", "), n)
	}
	return and(names)
}

// quoted gives some of its terms.
func (e *entity) quoted() string {
	list := []string{}
	for _, t := range e.Terms[:min(len(e.Terms), 3)] {
		list = append(list, clip(t))
	}
	return and(list)
}

// rights names the records that let the sender in.
func (e *entity) rights() string {
	parts := []string{}
	for _, t := range e.Terms[:min(len(e.Terms), 3)] {
		parts = append(parts, clip(t)+" in the SPF record")
	}
	for _, s := range e.Selectors[:min(len(e.Selectors), 3)] {
		parts = append(parts, "the key at "+s)
	}
	return and(parts)
}

// mend is for records that are there and broken.
func (m *merger) mend(e *entity) []Step {
	steps := []Step{}
	works := slices.ContainsFunc(e.keys, func(k *Key) bool { return k.State == KeyWorks })
	keys := slices.Clone(e.keys)
	slices.SortFunc(keys, byName)
	for _, k := range keys {
		if k.State == KeyWorks || k.State == KeyUnknown || k.State == KeyRevoked && works {
			continue
		}
		steps = append(steps, Step{Kind: StepMend, Name: k.Selector + "._domainkey." + k.Domain, Missing: []string{}, Confidence: sender.High,
			Text: fmt.Sprintf("Look after the DKIM selector %s. %s", k.Selector, k.Problem)})
	}
	if e.cut {
		steps = append(steps, Step{Kind: StepMend, Name: m.domain, Type: "TXT", Missing: []string{}, Confidence: sender.High,
			Text: "Mend the SPF record: it breaks before the term that lets this sender in."})
	}
	return steps
}

// dkimSteps say which records make its signatures the domain's own.
func (m *merger) dkimSteps(ctx context.Context, e *entity) []Step {
	s := e.service
	if slices.ContainsFunc(e.keys, func(k *Key) bool { return k.State == KeyWorks }) {
		return []Step{{Kind: StepSwitchOn, Missing: []string{}, Confidence: sender.High,
			Text: fmt.Sprintf("Its key is published. Make %s sign with it, as %s.", e.Name, m.domain)}}
	}
	if s == nil {
		text := "Make it sign with DKIM as %s: make a key, publish the record below, and let the server sign with it."
		if e.Kind == KindInclude {
			text = "Look in its settings for DKIM with your own domain (%s), and publish the record that it shows."
		}
		return []Step{{Kind: StepDKIM, Name: "{selector}._domainkey." + m.domain, Type: "TXT", Missing: []string{"selector", "key"}, Confidence: sender.High, Text: fmt.Sprintf(text, m.domain)}}
	}
	signing := SigningOf(ctx, m.ask, m.domain, *s)
	sure := s.Confidence
	if signing.Unsure {
		sure = sender.Low
	}
	if signing.Type == "" || len(s.Selectors) == 0 {
		return []Step{{Kind: StepSwitchOn, Missing: []string{}, Confidence: sure,
			Text: fmt.Sprintf("Set up DKIM for %s in the settings of %s, and publish the records that it shows.%s", m.domain, s.Name, docs(s))}}
	}
	steps := []Step{}
	for _, key := range signing.Keys {
		if key.Key != nil && key.Key.State == KeyWorks {
			continue // whosever it is: mail may be signed with it
		}
		st := Step{Kind: StepDKIM, Type: signing.Type, Name: key.Name, Value: key.Target, Missing: key.Missing, Confidence: sure}
		if len(key.Like) == 1 && strings.Contains(key.Like[0], "{") && !strings.Contains(key.Like[0], "*") {
			st.Value = key.Like[0]
		}
		switch {
		case st.Value == "" && len(key.Like) > 0:
			st.Text = fmt.Sprintf("Publish the CNAME record that the settings of %s show for it. Its target looks like %s.", s.Name, strings.Join(key.Like, " or "))
		case st.Value == "":
			st.Text = fmt.Sprintf("Make a key in the settings of %s and publish what it shows as %s record.", s.Name, st.Type)
		case len(st.Missing) > 0:
			st.Text = fmt.Sprintf("Publish this %s record. The settings of %s show what stands in braces: %s.", st.Type, s.Name, and(st.Missing))
		default:
			st.Text = fmt.Sprintf("Publish this %s record, then switch DKIM on in the settings of %s.", st.Type, s.Name)
		}
		steps = append(steps, st)
	}
	if len(steps) > 0 { // one guide for all of its records
		steps[len(steps)-1].Text += docs(s)
	}
	return steps
}

func docs(s *sender.Service) string {
	if len(s.Docs) == 0 {
		return ""
	}
	return fmt.Sprintf(" Its guide: %s (looked at on %s).", s.Docs[len(s.Docs)-1], sender.Reviewed)
}

// spfSteps say what would make SPF speak for the domain.
func (m *merger) spfSteps(e *entity) []Step {
	s := e.service
	if e.cut || (e.pass || m.covered(e) == Yes) && !e.symbolic() && (s == nil || s.ReturnPath == "native") {
		return nil // it is let in already, or the record has to be mended first
	}
	switch {
	case e.Kind == KindKey:
		return nil
	case e.denies && !e.pass:
		return []Step{{Kind: StepConfirm, Missing: []string{}, Confidence: sender.High,
			Text: fmt.Sprintf("The SPF record refuses %s (%s). If it is yours and shall send, take that out of the record first.", e.Name, e.quoted())}}
	case e.symbolic():
		return []Step{{Kind: StepConfirm, Missing: []string{}, Confidence: sender.High,
			Text: fmt.Sprintf("The SPF record has %s, which asks DNS anew for each message. Who may send by it, its names say; which mail that is, only mail can show.", e.quoted())}}
	}
	switch e.Kind {
	case KindHost:
		host := strings.TrimPrefix(e.Key, "host:")
		if !strings.Contains(host, ".") {
			return []Step{{Kind: StepConfirm, Missing: []string{"full name of the server"}, Confidence: sender.High,
				Text: "Name this server in full, or its addresses: its log does not, so whether the SPF record lets it in is not known."}}
		}
		if e.unlocated() {
			return []Step{{Kind: StepConfirm, Missing: []string{"addresses of the server"}, Confidence: sender.High,
				Text: fmt.Sprintf("Find out from which addresses %s sends, and name those: its name leads to none.", e.Name)}}
		}
		return []Step{{Kind: StepSPF, Name: m.domain, Type: "TXT", Value: "a:" + host, Missing: []string{}, Confidence: sender.High,
			Text: fmt.Sprintf("Let %s in by the SPF record, by its name or by its addresses.", e.Name)}}
	case KindNetwork:
		terms := m.ownTerms(e)
		if terms == "" {
			return []Step{{Kind: StepConfirm, Missing: []string{"public addresses"}, Confidence: sender.High,
				Text: fmt.Sprintf("Name the addresses that the Internet sees of it: %s is used inside networks only, and stands for nobody in an SPF record.", e.Name)}}
		}
		return []Step{{Kind: StepSPF, Name: m.domain, Type: "TXT", Value: terms, Missing: []string{}, Confidence: sender.High,
			Text: "If this is yours, let it in by the SPF record."}}
	case KindInclude:
		return []Step{{Kind: StepSPF, Name: m.domain, Type: "TXT", Value: "include:" + strings.TrimPrefix(e.Key, "include:"), Missing: []string{}, Confidence: sender.Medium,
			Text: "Let it in by the SPF record, if its guide asks for that."}}
	}
	sure := s.Confidence
	switch s.ReturnPath {
	case "yes", "partial":
		if doubted(s, "return_path") {
			sure = sender.Low
		}
		return []Step{{Kind: StepReturnPath, Missing: []string{}, Confidence: sure,
			Text: fmt.Sprintf("Set up a return path of your own below %s in the settings of %s (it may be called custom bounce, MAIL FROM or return-path domain), and publish the records that it shows.%s", m.domain, s.Name, docs(s))}}
	case "native":
		if doubted(s, "includes") {
			sure = sender.Low
		}
		st := Step{Kind: StepSPF, Name: m.domain, Type: "TXT", Confidence: sure}
		hosts := s.Includes
		if s.Pick == sender.PickFirst {
			hosts = hosts[:min(len(hosts), 1)]
		}
		mechanism := s.Mechanism
		if mechanism == "" {
			mechanism = "include"
		}
		values := []string{}
		for _, h := range hosts {
			values = append(values, mechanism+":"+h)
		}
		st.Value = strings.Join(values, " ")
		st.Missing = Missing(st.Value)
		st.Text = fmt.Sprintf("Let %s in by the SPF record: it sends with your own address as return path.%s", s.Name, docs(s))
		if s.Pick == sender.PickOne && len(hosts) > 1 {
			st.Text = fmt.Sprintf("Let %s in by the SPF record with the one of these that your region or product needs.%s", s.Name, docs(s))
		}
		if st.Value == "" {
			st.Text = fmt.Sprintf("Ask %s what it wants in the SPF record.%s", s.Name, docs(s))
		}
		return []Step{st}
	}
	return nil
}

// ownTerms gives the terms for the networks and addresses of a sender that the
// Internet sees.
func (m *merger) ownTerms(e *entity) string {
	out := []string{}
	add := func(p netip.Prefix) {
		if t := spf.NetworkTerm(p); !slices.Contains(out, t) && len(out) < 20 {
			out = append(out, t)
		}
	}
	for _, p := range e.Networks {
		if p.Addr().IsPrivate() || p.Addr().IsLoopback() || p.Addr().IsLinkLocalUnicast() {
			continue
		}
		add(p)
	}
	for _, a := range e.Addresses {
		if a.SPF == No && !slices.ContainsFunc(e.Networks, func(p netip.Prefix) bool { return p.Contains(a.Address) }) {
			add(netip.PrefixFrom(a.Address, a.Address.BitLen()))
		}
	}
	return strings.Join(out, " ")
}
