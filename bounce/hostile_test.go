package bounce_test

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"unspoof/bounce"
)

// hostile are messages that cost the most they can; each grows with n.
var hostile = []struct {
	name string
	make func(n int) string
}{
	{"fields", func(n int) string { return strings.Repeat("X-A: b\n", n/7) + "\nbody" }},
	{"Received fields", func(n int) string { return strings.Repeat("Received: from a (b [192.0.2.1]) by c with SMTP;\n", n/49) }},
	{"one field", func(n int) string { return "Subject: " + strings.Repeat("a ", n/2) + "\n\nbody" }},
	{"one folded field", func(n int) string { return "Received: from x" + strings.Repeat("\n (", n/3) + "\n\nbody" }},
	{"encoded words", func(n int) string { return "Subject: " + strings.Repeat("=?utf-8?q?=41?= ", n/16) + "\n\n" }},
	{"half encoded words", func(n int) string {
		return "Subject: " + strings.Repeat("=?", n/2) + "\nFrom: " + strings.Repeat("=?a?q?", n/6) + "\n\n"
	}},
	{"address brackets", func(n int) string { return "From: " + strings.Repeat("(<\"", n/3) + "\n\n" }},
	{"lines that are no fields", func(n int) string { return "A: b\n" + strings.Repeat("x\ny: z\n", n/7) }},
	{"indented lines", func(n int) string { return strings.Repeat(" x\n", n/3) }},
	{"parts", func(n int) string { return mixed("b") + strings.Repeat("--b\n\nx\n", n/7) }},
	{"nested parts", func(n int) string {
		var b strings.Builder
		for i := 0; b.Len() < n; i++ {
			fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
		}
		return b.String()
	}},
	{"parts that never close", func(n int) string { return mixed("b") + "--b\n" + strings.Repeat(mixed("c")+"--c\n", n/60) }},
	{"boundaries that are prefixes", func(n int) string { return mixed("b") + strings.Repeat("--bb\n", n/5) }},
	{"boundary inside lines", func(n int) string { return mixed("b") + strings.Repeat("x--b", n/4) }},
	{"parameters", func(n int) string { return "Content-Type: multipart/mixed;" + strings.Repeat("a*0=b;", n/6) + "\n\n" }},
	{"text lines", func(n int) string { return daemon + strings.Repeat("550 5.1.1 <a@b.example>: user unknown\n", n/37) }},
	{"addresses in one line", func(n int) string { return daemon + strings.Repeat("a@b.example ", n/12) }},
	{"at signs", func(n int) string { return daemon + strings.Repeat("@", n) }},
	{"header runs that are none", func(n int) string { return daemon + strings.Repeat("From: a\n\n", n/9) }},
	{"quote marks", func(n int) string { return daemon + strings.Repeat(">From: a\n", n/9) }},
	{"digits", func(n int) string { return daemon + strings.Repeat("5.1.1 ", n/6) }},
	{"declared parts in a line", func(n int) string { return mixed("b") + "--b\n\n" + strings.Repeat(": message/", n/10) }},
	{"status groups", func(n int) string {
		return "Content-Type: message/delivery-status\n\n" + strings.Repeat("Final-Recipient: rfc822; a@b.example\nAction: failed\n\n", n/54)
	}},
	{"status without fields", func(n int) string { return "Content-Type: message/delivery-status\n\n" + strings.Repeat("x\n\n", n/3) }},
	{"feedback", func(n int) string { return "Content-Type: message/feedback-report\n\n" + strings.Repeat("\nx\n", n/3) }},
	{"JSON depth", func(n int) string { return "\n" + strings.Repeat(`{"a":`, n/5) }},
	{"JSON in JSON", func(n int) string { return "\n" + strings.Repeat(`{"message":"{`, n/13) }},
	{"JSON members", func(n int) string { return "\n[" + strings.Repeat(`{"event":"bounce","email":"a@b.example"},`, n/41) }},
	{"HTML", func(n int) string {
		return "From: <>\nContent-Type: text/html\n\n" + strings.Repeat("<a href=x><b>", n/13)
	}},
	{"HTML tag that never ends", func(n int) string { return "From: <>\nContent-Type: text/html\n\n<a " + strings.Repeat("b=c ", n/4) }},
	{"base64", func(n int) string { return "Content-Transfer-Encoding: base64\n\n" + strings.Repeat("QUFB", n/4) }},
	{"soft line breaks", func(n int) string {
		return "Content-Transfer-Encoding: quoted-printable\n\n" + strings.Repeat("=\n", n/2)
	}},
	{"equals signs", func(n int) string { return "Content-Transfer-Encoding: quoted-printable\n\n" + strings.Repeat("=", n) }},
	{"UTF-7", func(n int) string { return "Content-Type: text/plain; charset=utf-7\n\n" + strings.Repeat("+AGE", n/4) }},
	{"ISO 2022 escapes", func(n int) string {
		return "Content-Type: text/plain; charset=iso-2022-jp\n\n" + strings.Repeat("\x1b$B", n/3)
	}},
	{"UTF-16", func(n int) string {
		return "Content-Type: text/plain; charset=utf-16\n\n" + strings.Repeat("\x00\xd8", n/2)
	}},
	{"forwarded in forwarded", func(n int) string {
		return strings.Repeat("From: a@b.example\nContent-Type: message/rfc822\n\n", n/48)
	}},
}

const daemon = "Return-Path: <>\nFrom: MAILER-DAEMON\nSubject: failure notice\n\n"

func mixed(boundary string) string {
	return "Content-Type: multipart/mixed; boundary=" + boundary + "\n\n"
}

// TestHostileTime checks that eight times the octets take no more than about
// eight times the time.
func TestHostileTime(t *testing.T) {
	const small, factor = 100 << 10, 8
	for _, h := range hostile {
		t.Run(h.name, func(t *testing.T) {
			var a, b time.Duration
			// The square would be 64 times. The machine may be busy, and short
			// times are noise: it counts what is so each time.
			for range 4 {
				a = fastest([]byte(h.make(small)))
				b = fastest([]byte(h.make(small * factor)))
				if b < 40*a || b < 100*time.Millisecond {
					return
				}
			}
			t.Errorf("%d octets take %v, %d octets %v", small, a, small*factor, b)
		})
	}
}

// fastest gives the shortest of three runs.
func fastest(m []byte) time.Duration {
	best := time.Hour
	for range 3 {
		start := time.Now()
		bounce.Parse(m)
		best = min(best, time.Since(start))
	}
	return best
}

// TestHostileMemory checks that what a notice holds beside the message itself is
// bounded.
func TestHostileMemory(t *testing.T) {
	size := 4 << 20
	if testing.Short() {
		size = 1 << 20
	}
	for _, h := range hostile {
		t.Run(h.name, func(t *testing.T) {
			m := []byte(h.make(size))
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			n := bounce.Parse(m)
			runtime.GC()
			runtime.ReadMemStats(&after)
			runtime.KeepAlive(m)
			if err := sound(n, m); err != nil {
				t.Error(err)
			}
			held := int64(after.HeapAlloc) - int64(before.HeapAlloc)
			// One decoded copy of the original, and the list of its fields.
			if held > 2*int64(size)+4<<20 {
				t.Errorf("holds %d octets beside a message of %d", held, size)
			}
			if total := after.TotalAlloc - before.TotalAlloc; total > 20*uint64(size)+32<<20 {
				t.Errorf("allocated %d octets for a message of %d", total, size)
			}
		})
	}
}

// TestLarge reads a notice of 100 MB that returns all of its original.
func TestLarge(t *testing.T) {
	size := 100 << 20
	if testing.Short() {
		size = 4 << 20
	}
	m := []byte(daemon[:len(daemon)-1] + "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n" +
		"--b\n\nYour message was not delivered.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.remote.example\n\n" +
		"Final-Recipient: rfc822; kunde@remote.example\nAction: failed\nStatus: 5.1.1\n\n--b\nContent-Type: message/rfc822\n\n" +
		"From: anna@brand.example\nSubject: big\nMessage-ID: <big@brand.example>\n\n")
	m = append(m, bytes.Repeat([]byte("All work and no play makes a long line of text that goes on and on\n"), size/67)...)
	start := time.Now()
	n := bounce.Parse(m)
	if n.Kind != bounce.DSNFailed || n.Original.MessageID != "<big@brand.example>" || len(n.Original.Raw) < size-1000 || len(n.Warnings) == 0 {
		t.Errorf("kind %s, original %q of %d octets, %v", n.Kind, n.Original.MessageID, len(n.Original.Raw), n.Warnings)
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
}
