package probe

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"
)

// TestHostileServersEndInTime has servers that answer anything but SMTP, at each
// turn: no panic, no hang, nothing found.
func TestHostileServersEndInTime(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	for name, answer := range map[string]string{
		"no code":            "hello\r\n",
		"an endless line":    "250 " + long,
		"an endless reply":   strings.Repeat("250-x\r\n", 1<<14),
		"codes that change":  "250-a\r\n550 b\r\n",
		"a code of no class": "999 x\r\n",
		"octets":             "\x00\xff\x1b[2J\r\n",
		"control characters": "250 \x1b]0;title\x07\r\n",
		"nothing":            "",
		"a line end only":    "\n",
		"half a line":        "25",
		"354 for everything": "354 go on\r\n",
		"220 for everything": "220-x\r\n220 STARTTLS\r\n",
		"more than asked":    "220 a\r\n250 b\r\n250 c\r\n354 d\r\n",
	} {
		for _, turns := range []int{0, 1, 3} {
			t.Run(fmt.Sprintf("%s after %d", name, turns), func(t *testing.T) {
				t.Parallel()
				args := Args{Domain: "d.example", Now: time.Now(), Stranger: true, Recipient: "anna@d.example", Confirm: func(string) bool { return true }, Login: &Login{User: "a", Password: "b"}}
				p := askServing(t, hostile(turns, answer), args, func(port uint16) Ports { return Ports{MX: port, Submission: port} }, func(p *server) { p.pace = abroad })
				for _, test := range p.tests {
					for _, l := range append(test.Dialogue, test.Why) {
						if strings.ContainsAny(l, "\x00\x1b\x07\r\n") || len(l) > 4*maxLine {
							t.Errorf("%s: %q is not clean", test.ID, l)
						}
					}
				}
			})
		}
	}
}

// hostile answers a few turns as it should, and then each with the same octets.
func hostile(turns int, answer string) func(net.Conn) {
	return func(c net.Conn) {
		br := bufio.NewReader(c)
		for n := 0; ; n++ {
			switch {
			case n >= turns:
				c.Write([]byte(answer))
			case n == 0:
				c.Write([]byte("220 x\r\n"))
			default:
				c.Write([]byte("250-x\r\n250 STARTTLS\r\n"))
			}
			if _, err := br.ReadString('\n'); err != nil {
				return
			}
		}
	}
}

func FuzzReadReply(f *testing.F) {
	for _, s := range []string{"250 ok\r\n", "250-a\r\n250 b\r\n", "250\r\n", "220-x\n220 y\n", "99", "250-a\r\n251 b\r\n", "500 \xff\x00\r\n", strings.Repeat("250-x\r\n", 200)} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		br := bufio.NewReaderSize(strings.NewReader(string(data)), 64)
		for range 10 {
			r, err := readReply(br)
			if err != nil {
				return
			}
			if r.code < 200 || r.code > 559 || len(r.lines) == 0 || len(r.lines) > maxReplyLines {
				t.Fatalf("%+v", r)
			}
			for _, l := range r.lines {
				if strings.Contains(l, "\n") || len(l) > maxReplyLine {
					t.Fatalf("%q", l)
				}
			}
			for k := range extensions(r) {
				if k == "" || strings.ContainsAny(k, " \t") {
					t.Fatalf("extension %q", k)
				}
			}
			if s := r.String(); strings.ContainsAny(s, "\x00\x1b\r\n") {
				t.Fatalf("%q is not clean", s)
			}
		}
	})
}

func FuzzConsent(f *testing.F) {
	for _, s := range []string{"v=unspoof1; probe=mail.example.com; expires=2026-12-31", "v=unspoof1;probe=a;expires=2026-02-30", "v=unspoof1; probe=; expires=", "v=spf1 -all", "v=unspoof1; x=y"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		rec, err := parseConsent(text)
		if err != nil {
			return
		}
		if !plain(rec.host) || rec.expires.IsZero() {
			t.Fatalf("%+v", rec)
		}
		again, err := parseConsent(ConsentRecord(rec.host, rec.expires))
		if err != nil || again != rec {
			t.Fatalf("%+v, then %+v, %v", rec, again, err)
		}
	})
}
