package probe

import (
	"fmt"
	"strings"
	"time"
)

// message is what the recipient named gets: who wrote it, why, and that nothing
// is to be done. Lines end in CRLF and none begins with a dot.
func (p *server) message(from, subject string, more ...string) string {
	head := []string{
		"From: <" + from + ">",
		"To: <" + p.Recipient + ">",
		"Subject: unspoof probe: " + subject,
		"Date: " + p.Now.Format(time.RFC1123Z),
		"Message-ID: <" + random() + "@" + p.domain + ">",
		"Auto-Submitted: auto-generated", // RFC 3834 section 5: nobody is to answer
		"MIME-Version: 1.0",
		"Content-Type: text/plain; charset=us-ascii",
		"",
		"You, or somebody whom you let, had unspoof test the mail server",
		fmt.Sprintf("%s (%s).", p.host, p.addr),
		"This message shows that the server took it. Nobody else got it,",
		"and you can delete it.",
	}
	head = append(head, more...)
	return strings.Join(head, "\r\n") + "\r\n"
}

// deliver hands a message over and gives the answer to it. A refusal before the
// message is an error: it says nothing about the message.
func (s *session) deliver(from, to, text string) (reply, error) {
	if err := s.begin(from, to); err != nil {
		return reply{}, err
	}
	if err := s.send([]byte(text+".\r\n"), "(the message) ."); err != nil {
		return reply{}, err
	}
	return s.handedOver()
}

// handedOver reads the answer to a message that was sent to its end, and counts it
// unless that refuses it: one whose answer got lost may have been taken.
func (s *session) handedOver() (reply, error) {
	r, err := s.read()
	if err != nil || r.ok() {
		s.srv.messages++
	}
	return r, err
}

// begin goes on to where the message may be sent. The sender is <> or one of
// the user's own, so that no bounce reaches a stranger.
func (s *session) begin(from, to string) error {
	r, err := s.envelope(from, "<"+to+">")
	if err == nil && r.ok() {
		r, err = s.command("DATA")
	}
	if err == nil && r.code != 354 {
		err = fmt.Errorf("it refused before the message: %s", r)
	}
	return err
}
