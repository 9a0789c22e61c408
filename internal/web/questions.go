package web

import (
	"slices"
	"strings"

	"unspoof/inventory"
	"unspoof/plan"
	"unspoof/sender"
)

// question is one page of the wizard.
type question struct {
	ID, Title, Help string
	More            string   // label of the field for other services; "" none
	Categories      []string // of the catalogue, that belong here
	Usual           []string // services on offer, besides those found
}

// The questions by name.
const (
	askMailboxes = "mailboxes"
	askLetters   = "newsletters"
	askServers   = "servers"
	askYours     = "yours"
	askReports   = "reports"
	showPlan     = "plan" // the outcome
)

// questions in the order in which they are asked.
var questions = []question{
	{
		ID: askMailboxes, Title: "Where do you read and write your mail?",
		Help: "The service that holds your mailboxes. If you don’t know: it is where you log in to read mail.",
		More: "Another one, by its name", Categories: []string{"mailbox", "forwarding", "gateway", "signature"},
		Usual: []string{"microsoft-365", "google-workspace", "zoho-mail", "ionos", "godaddy-professional", "fastmail", "proton-mail", "icloud-custom", "strato"},
	},
	{
		ID: askLetters, Title: "Does anything send newsletters or mail to customers for you?",
		Help: "Newsletters, customer lists (CRM), support tickets, surveys, applications. Tick all that write with your address as the sender.",
		More: "Others, by their names, one a line", Categories: []string{"marketing", "crm", "support", "hr", "security-training", "saas", "dmarc-vendor"},
		Usual: []string{"mailchimp", "brevo", "hubspot", "constant-contact", "mailerlite", "klaviyo", "salesforce", "zendesk", "freshdesk"},
	},
	{
		ID: askServers, Title: "Does a shop, a web site or a machine of yours send mail?",
		Help: "Order confirmations, invoices, contact forms, the printer that scans to mail, alarms, your own mail server.",
		More: "Other services, by their names, one a line", Categories: []string{"ecommerce", "hosting", "relay", "transactional"},
		Usual: []string{"shopify", "wix", "squarespace", "sendgrid", "mailgun", "amazon-ses", "postmark", "mailjet"},
	},
	{ID: askYours, Title: "Are these yours?"},
	{ID: askReports, Title: "Where should the reports go?"},
}

// choice is one sender to tick.
type choice struct {
	Key, Name string   // without a Key it can't be ticked
	How       []string // how it was recognised
	State     string   // what is known of it, in words
	Ticked    bool
	Quiet     bool // on offer from the catalogue; nothing shows it
}

// belongs says which question a sender of the inventory is asked about in; "" none.
func belongs(s inventory.Sender) string {
	switch s.Kind {
	case inventory.KindHost, inventory.KindNetwork:
		return askServers
	case inventory.KindInclude:
		return askYours
	case inventory.KindService:
		if s.Catalogue == nil {
			return askYours
		}
		for _, q := range questions {
			if slices.Contains(q.Usual, s.Catalogue.ID) || slices.Contains(q.Categories, s.Catalogue.Category) {
				return q.ID
			}
		}
		return askLetters
	}
	return "" // a key without a sender: nothing that could be let in
}

// choices are what is on offer in a question: what was found first, then what is
// usual.
func choices(q question, inv inventory.Inventory, a answers) []choice {
	var list []choice
	for _, s := range inv.Senders {
		if belongs(s) == q.ID {
			list = append(list, found(s, a.ticked(q.ID, s)))
		}
	}
	for _, id := range q.Usual {
		key := "service:" + id
		if slices.ContainsFunc(list, func(c choice) bool { return c.Key == key }) {
			continue
		}
		if service, ok := sender.Find(id); ok {
			list = append(list, choice{Key: key, Name: service.Name, Quiet: true, Ticked: slices.Contains(a.Send, key)})
		}
	}
	return list
}

func found(s inventory.Sender, ticked bool) choice {
	c := choice{Key: s.Key, Name: s.Name, Ticked: ticked}
	if s.Status != inventory.Unseen { // that says no more than the tick
		c.State = s.Sentence
	}
	for _, sig := range s.Signals[:min(len(s.Signals), maxSignals)] {
		c.How = append(c.How, sig.Evidence)
	}
	return c
}

// maxSignals is how many signs of a sender stand beside its tick.
const maxSignals = 2

// claims are those that only unproven mail speaks of.
func claims(inv inventory.Inventory, a answers) []choice {
	var list []choice
	for _, s := range inv.Claims[:min(len(inv.Claims), maxClaims)] {
		c := found(s, slices.Contains(a.Send, s.Key))
		if !nameable(s) {
			c.Key, c.Ticked = "", false
		}
		if n := s.Claimed.Count; n > 0 {
			c.State = plural(n, "message in your name, not proven to be yours.", "messages in your name, none of them proven to be yours.")
		}
		list = append(list, c)
	}
	return list
}

// nameable says that a tick can name a claim: a service, a host or one address. A
// whole network holds strangers, too, and is never let in by a tick.
func nameable(s inventory.Sender) bool {
	switch s.Kind {
	case inventory.KindService, inventory.KindInclude, inventory.KindHost:
		return true
	case inventory.KindNetwork:
		_, name, _ := strings.Cut(s.Key, ":")
		p, _, err := plan.ParsePrefix(name)
		return err == nil && p.IsSingleIP()
	}
	return false
}

// maxClaims is how many are asked about: more, nobody reads.
const maxClaims = 40
