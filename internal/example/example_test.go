package example

import (
	"bytes"
	"fmt"
	"io"
	"net/mail"
	"strings"
	"testing"
)

func TestTheMailboxIsTheSameAtEveryCall(t *testing.T) {
	a, err := Mbox()
	if err != nil {
		t.Fatal(err)
	}
	b, err := Mbox()
	if err != nil || !bytes.Equal(a, b) {
		t.Errorf("two calls differ, error %v", err)
	}
}

// messages cuts the mailbox at its From lines.
func messages(t *testing.T) []string {
	t.Helper()
	box, err := Mbox()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimPrefix("\n"+string(box), "\nFrom "), "\nFrom ")
}

func TestEveryMessageCanBeRead(t *testing.T) {
	all := messages(t)
	if len(all) != forged+3+4 {
		t.Errorf("%d messages, want %d forged, 3 delay warnings, 2 replies, a complaint and a genuine notice", len(all), forged)
	}
	for i, m := range all {
		_, m, _ := strings.Cut(m, "\n")
		msg, err := mail.ReadMessage(strings.NewReader(m))
		if err != nil {
			t.Fatalf("message %d: %v\n%s", i+1, err, m)
		}
		for _, field := range []string{"From", "To", "Date", "Subject", "Received"} {
			if msg.Header.Get(field) == "" {
				t.Errorf("message %d has no %s field", i+1, field)
			}
		}
		if body, err := io.ReadAll(msg.Body); err != nil || len(body) < 20 {
			t.Errorf("message %d has %d bytes of body, error %v", i+1, len(body), err)
		}
	}
}

func TestOnlyReservedNames(t *testing.T) {
	box, err := Mbox()
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range strings.FieldsFunc(string(box)+string(profile)+string(zone), func(r rune) bool {
		return strings.ContainsRune(" \t\n<>()[]\"';,{}:=/@", r)
	}) {
		for _, real := range []string{".com", ".org", ".net", ".de", ".ru", ".co.uk"} {
			// The imitated bank's name is text in what the victims read.
			if strings.HasSuffix(strings.ToLower(word), real) && word != "paypal.com" && word != "www.paypal.com" {
				t.Errorf("%q is a name that somebody may own", word)
			}
		}
	}
}

func TestTheZoneKnowsEveryHost(t *testing.T) {
	var hosts []host
	for _, s := range spammers {
		hosts = append(hosts, s.host)
	}
	for _, r := range receivers {
		hosts = append(hosts, r.host)
	}
	for _, h := range hosts {
		forward, reverse := false, false
		for line := range strings.Lines(string(zone)) {
			f := strings.Fields(line)
			forward = forward || len(f) == 3 && f[0] == h.name+"." && f[2] == h.ip
			reverse = reverse || len(f) == 3 && f[1] == "PTR" && f[2] == h.name+"."
		}
		if !forward || !reverse {
			t.Errorf("%s %s: address %v, reverse name %v", h.name, h.ip, forward, reverse)
		}
	}
}

func Example() {
	box, err := Mbox()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(Domain, bytes.Count(box, []byte("\nReceived: ")) > 40, Now.Year())
	// Output: harbour.example true 2026
}
