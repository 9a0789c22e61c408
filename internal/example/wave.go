package example

import (
	"fmt"
	"time"
)

// host is a machine with its name and address, as in harbour.zone.
type host struct{ name, ip string }

// The machines that the forged mail came from, and the words by which they
// greeted; spammers' machines lie or know no better.
var spammers = []struct {
	host
	helo string
}{
	{host{"vps-11.cloudlet.example", "203.0.113.11"}, "mail.harbour.example"},
	{host{"dyn-66.access.example", "203.0.113.66"}, "DESKTOP-7Q2M"},
	{host{"vps-12.cloudlet.example", "203.0.113.12"}, "paypal.com"},
	{host{"dsl-130.telco.example", "203.0.113.130"}, "WIN-PC"},
	{host{"web5.sharedhost.example", "198.51.100.205"}, "web5.sharedhost.example"},
	{host{"dyn-71.access.example", "203.0.113.71"}, "localhost"},
	{host{"vps-40.cloudlet.example", "203.0.113.40"}, "vps-40"},
	{host{"dsl-144.telco.example", "203.0.113.144"}, "home"},
	{host{"box.lettings.example", "198.51.100.222"}, "box.lettings.example"},
	{host{"dyn-98.access.example", "203.0.113.98"}, "User"},
	{host{"web9.sharedhost.example", "198.51.100.209"}, "web9.sharedhost.example"},
}

// senders are local parts put before the bakery's domain; four of them exist.
var senders = []string{
	"john", "mary", "sales", "billing", "info", "david", "susan", "contact",
	"support", "peter", "linda", "office", "anna", "robert", "karen", "service",
}

// receiver is a server that took a forged message and sent a notice later.
type receiver struct {
	host
	family  string // template below mail/
	domains []string
}

var receivers = []receiver{
	{host{"mx.cedar.example", "192.0.2.150"}, "postfix", []string{"cedar.example"}},
	{host{"shared7.webhost.example", "192.0.2.160"}, "exim", []string{"garden.example", "club.example"}},
	{host{"out-a.bigmail.example", "2001:db8:b16::a1"}, "bigmail", []string{"bigmail.example"}},
	{host{"mx.oldmail.example", "192.0.2.170"}, "qmail", []string{"oldmail.example"}},
	{host{"mx1.firm.example", "192.0.2.151"}, "postfix", []string{"firm.example"}},
	{host{"out-b.bigmail.example", "2001:db8:b16::b2"}, "bigmail", []string{"bigmail.example"}},
	{host{"shared9.webhost.example", "192.0.2.161"}, "exim", []string{"library.example"}},
	{host{"post.school.example", "192.0.2.152"}, "postfix", []string{"school.example"}},
	{host{"mx.union.example", "192.0.2.171"}, "qmail", []string{"union.example"}},
	{host{"out-c.bigmail.example", "2001:db8:b16::c3"}, "bigmail", []string{"bigmail.example"}},
	{host{"relay.clinic.example", "192.0.2.153"}, "postfix", []string{"clinic.example"}},
}

// refusals by reason; a real mailbox of notices is just such a mixture.
var refusals = []struct{ status, text string }{
	{"5.1.1", "550 5.1.1 no such user here"},
	{"5.1.1", "550 5.1.1 recipient address rejected: user unknown"},
	{"5.7.23", "550 5.7.23 SPF check failed: %s may not send for harbour.example"},
	{"5.1.1", "550 5.1.1 mailbox unavailable"},
	{"5.7.1", "554 5.7.1 message looks like spam"},
	{"5.2.2", "552 5.2.2 mailbox full"},
	{"5.1.1", "550 5.1.1 unknown user"},
}

// notice is one notice about one forged message: what a template is filled with.
type notice struct {
	Number           int
	ID               string
	Sender           string
	Recipient        string
	MessageID        string
	Subject, Body    string
	Host, HostIP     string // that sent the forged message
	HELO             string
	Server, ServerIP string // that sends the notice
	Status, Refusal  string
	Delayed          bool

	Sent, Reported, Arrived time.Time

	family, campaign string
}

// The wave has two campaigns: bank, and a smaller one, parcel.
const (
	forged     = 36
	parcelFrom = 24 // from this message on every second one is of parcel
)

var waveStart = time.Date(2026, 3, 2, 6, 10, 0, 0, time.UTC)

// wave gives the notices in the order in which the forged messages were sent.
func wave() []notice {
	var all []notice
	sent := waveStart
	for i := range forged {
		// Gaps between 20 minutes and 4 hours, without a pattern that shows.
		sent = sent.Add(time.Duration(20+(i*i*37+i*53)%220) * time.Minute)
		n := forge(i, sent)
		if i%12 == 4 { // first a warning, later the notice
			late := n
			late.family, late.Delayed = "postfix", true
			late.ID += "D"
			late.Status, late.Refusal = "4.2.2", "452 4.2.2 mailbox over quota, try again later"
			late.Reported = sent.Add(4 * time.Hour)
			late.Arrived = late.Reported.Add(9 * time.Second)
			all = append(all, late)
			n.Reported = sent.Add(26 * time.Hour)
			n.Status, n.Refusal = "5.2.2", "552 5.2.2 mailbox full"
		}
		n.Arrived = n.Reported.Add(time.Duration(3+i%7) * time.Second)
		all = append(all, n)
	}
	return all
}

func forge(i int, sent time.Time) notice {
	from, to, no := spammers[(i*5+i/11)%len(spammers)], receivers[i%len(receivers)], refusals[(i*3)%len(refusals)]
	n := notice{
		Number: i + 10, ID: fmt.Sprintf("3F%03dA%02d", i*7+101, i),
		Sender:    senders[(i*7)%len(senders)] + "@" + Domain,
		Recipient: fmt.Sprintf("r%d%s@%s", i*17%89, []string{".blake", "moss", "_reed", ".lane"}[i%4], to.domains[i%len(to.domains)]),
		Host:      from.name, HostIP: from.ip, HELO: from.helo,
		Server: to.name, ServerIP: to.ip,
		Status: no.status, Refusal: no.text,
		Sent: sent, Reported: sent.Add(time.Duration(4+i%5*11) * time.Second),
		family: to.family, campaign: "bank",
		Subject: "Your account is limited",
		Body:    bankBody,
	}
	n.MessageID = fmt.Sprintf("<%04d.storm@%s>", i+1, from.name)
	if i >= parcelFrom && i%2 == 1 {
		n.campaign, n.Subject, n.Body = "parcel", "Your parcel is waiting for a payment of 1.99", parcelBody
		n.MessageID = fmt.Sprintf("<%d.%d@%s>", 77000+i*31, i, from.helo)
	}
	if no.status == "5.7.23" {
		n.Refusal = fmt.Sprintf(no.text, from.ip)
	}
	return n
}

const bankBody = `<html><body><p>Dear customer,</p>
<p>We have noticed unusual activity. Your PayPal account is limited.</p>
<p><a href="http://paypal.com.login-check.example/secure?id=4711">https://www.paypal.com/signin</a></p>
<p>Confirm your details within 24 hours or your account will be closed.</p>
</body></html>
`

const parcelBody = `Hello,

your DHL parcel could not be delivered. A payment of 1.99 is open.
Pay here: http://parcel-desk.example/pay?n=88120

DHL Parcel Service`
