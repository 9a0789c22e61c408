package investigation_test

import (
	"bytes"
	"fmt"
	"io"
	"time"
)

// waves is an endless mailbox of notices about forged mail, in which what a
// mailbox report groups by keeps changing: addresses, hand-offs, subjects, dates
// and Message-IDs. It reads as an mbox and makes each message as it is asked for.
type waves struct {
	left  int64 // octets still to give
	n     int   // messages made
	buf   bytes.Buffer
	start time.Time
}

func newWaves(octets int64) *waves {
	return &waves{left: octets, start: time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC)}
}

// Read implements io.Reader. It ends with a whole message.
func (w *waves) Read(p []byte) (int, error) {
	if w.buf.Len() == 0 {
		if w.left <= 0 {
			return 0, io.EOF
		}
		for w.buf.Len() < 64<<10 && w.left > 0 {
			before := w.buf.Len()
			w.message()
			w.left -= int64(w.buf.Len() - before)
		}
	}
	return w.buf.Read(p)
}

var padding = bytes.Repeat([]byte("Dear customer, your account has been limited. Follow http://login.example/verify to restore it.\n"), 16)

func (w *waves) message() {
	n := w.n
	w.n++
	at := w.start.Add(time.Duration(n) * 7 * time.Second)
	date := at.Format(time.RFC1123Z)
	ip := fmt.Sprintf("203.0.113.%d", n%250+1)
	fmt.Fprintf(&w.buf, "From MAILER-DAEMON %s\n", at.Format(time.ANSIC))
	fmt.Fprintf(&w.buf, "Return-Path: <>\nX-Original-To: user%d@shop.example\n", n%5000)
	fmt.Fprintf(&w.buf, "Received: from mx.far.example (mx.far.example [192.0.2.160])\n\tby mx.shop.example (Postfix) with ESMTP id N%d; %s\n", n, date)
	fmt.Fprintf(&w.buf, "From: MAILER-DAEMON@mx.far.example\nTo: user%d@shop.example\nSubject: Undelivered Mail Returned to Sender\nMessage-ID: <n%d@mx.far.example>\nDate: %s\n", n%5000, n, date)
	fmt.Fprintf(&w.buf, "MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=\"b%d\"\n\n", n)
	fmt.Fprintf(&w.buf, "--b%d\nContent-Type: text/plain\n\nIt could not be delivered.\n\n--b%d\nContent-Type: message/delivery-status\n\n", n, n)
	fmt.Fprintf(&w.buf, "Reporting-MTA: dns; mx.far.example\nArrival-Date: %s\n\nFinal-Recipient: rfc822; to%d@far.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 unknown user\n\n", date, n)
	fmt.Fprintf(&w.buf, "--b%d\nContent-Type: message/rfc822\n\nReceived: from h%d.bulk.example ([%s])\n\tby mx.far.example (Postfix) with ESMTP id Q%d; %s\n", n, n%250, ip, n, date)
	fmt.Fprintf(&w.buf, "From: \"Bank %d\" <user%d@shop.example>\nTo: to%d@far.example\nSubject: Your account is limited, case %d\nMessage-ID: <%d@bulk.example>\nDate: %s\n\n", n%40, n%5000, n, n%400, n, date)
	w.buf.Write(padding)
	fmt.Fprintf(&w.buf, "--b%d--\n\n", n)
}
