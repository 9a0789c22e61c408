package forensics

import (
	"context"
	"fmt"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"unspoof/bounce"
)

// maxPerMessage is the promise of the package: octets a message, over
// everything, with a report being made.
const maxPerMessage = 200

// hostile makes the i-th notice of a mailbox that wants to fill the memory:
// nothing in it was seen before.
func hostile(i int) (*bounce.Notice, Judgement) {
	long := strings.Repeat(fmt.Sprintf("%d ", i), 400)
	var links strings.Builder
	for k := range 20 {
		fmt.Fprintf(&links, "http://h%d-%d.evil.example/%s ", i, k, strings.Repeat("p", 100))
	}
	words := fmt.Sprintf("w%sx w%sy", letters(i), letters(i*7))
	n, j := sample{
		id: fmt.Sprintf("<%d.%s@x.example>", i, strings.Repeat("y", 200)), from: fmt.Sprintf("%s %s <u%d@brand.example>", words, long[:200], i),
		subject: words + " " + long, text: links.String() + long, to: fmt.Sprintf("u%d@brand.example", i), rcpt: fmt.Sprintf("r%d@far.example", i),
		t0: monday.Add(time.Duration(i%200_000) * time.Second), verdict: []Verdict{Spoofed, Compromised, Unknown, Genuine}[i%4], subtype: Account,
		confidence: Medium, account: fmt.Sprintf("account %d %s", i, long[:100]), missing: fmt.Sprintf("missing %d", i), class: bounce.Spam,
	}.notice()
	j.HandoffIP = netip.AddrFrom16([16]byte{0x20, 1, 0xd, 0xb8, byte(i >> 24), byte(i >> 16), byte(i >> 8), byte(i), 1})
	return n, j
}

// ordinary makes the i-th notice of a usual wave: few subjects, many hosts.
func ordinary(i int) (*bounce.Notice, Judgement) {
	n, j := sample{
		id: fmt.Sprintf("<%d@x.example>", i), from: fmt.Sprintf("Support <u%d@brand.example>", i%300), subject: fmt.Sprintf("Your account %d is limited", i),
		text: "Dear customer, log in at http://evil.example/login?u=" + fmt.Sprint(i), rcpt: fmt.Sprintf("r%d@far.example", i),
		t0: monday.Add(time.Duration(i%300_000) * time.Second), verdict: Spoofed, subtype: Direct, confidence: Medium, class: bounce.UnknownUser,
	}.notice()
	j.HandoffIP = netip.AddrFrom4([4]byte{203, 0, byte(i >> 8), byte(i)})
	return n, j
}

func letters(i int) string {
	var b []byte
	for range 6 {
		b = append(b, byte('a'+i%26))
		i /= 26
	}
	return string(b)
}

func heapInUse() int64 {
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return int64(s.HeapAlloc)
}

// TestMemoryStaysInBounds adds half a million synthetic notices (of the hostile
// ones, which are slow to make, fewer) and divides the live heap, before a
// report and at its widest, by their number.
func TestMemoryStaysInBounds(t *testing.T) {
	if testing.Short() {
		t.Skip("half a million notices take some seconds")
	}
	for _, c := range []struct {
		name string
		n    int
		make func(int) (*bounce.Notice, Judgement)
	}{{"usual wave", 500_000, ordinary}, {"hostile mailbox", 60_000, hostile}} {
		t.Run(c.name, func(t *testing.T) {
			n := c.n
			if raceDetector {
				n = 10_000
			}
			before := heapInUse()
			p := brandProfile()
			p.Events = []Event{{Time: monday.Add(24 * time.Hour), Type: SPFPublished}, {Time: monday.Add(25 * time.Hour), Type: PasswordChanged}}
			m := NewMailbox(MailboxArgs{Profile: p})
			for i := range n {
				m.Add(c.make(i))
			}
			kept := heapInUse() - before
			k := m.cluster()
			widest := heapInUse() - before
			near := m.near(k, p.Events[0], rateWindow, m.ended(p.Events[0]))
			widest = max(widest, heapInUse()-before)
			runtime.KeepAlive(near)
			runtime.KeepAlive(k)
			start := time.Now()
			r := m.Report(context.Background(), nil)
			took := time.Since(start)
			t.Logf("%d messages: %d octets each kept, %d at the report's widest; report in %v; %d campaigns formed, %d shapes, %d senders; warnings %q",
				n, kept/int64(n), widest/int64(n), took.Round(time.Millisecond), len(r.Campaigns), m.shapes.list.len(), len(m.senders.words), r.Warnings)
			if fixed := int64(4 << 20); widest-fixed > int64(n)*maxPerMessage {
				t.Errorf("%d octets a message", widest/int64(n))
			}
			if r.Messages != n {
				t.Errorf("%d originals counted", r.Messages)
			}
		})
	}
}

func BenchmarkMailboxAdd(b *testing.B) {
	for _, c := range []struct {
		name string
		make func(int) (*bounce.Notice, Judgement)
	}{{"usual", ordinary}, {"hostile", hostile}} {
		b.Run(c.name, func(b *testing.B) {
			const many = 4096
			notices, judgements := make([]*bounce.Notice, many), make([]Judgement, many)
			for i := range many {
				notices[i], judgements[i] = c.make(i)
			}
			m := NewMailbox(MailboxArgs{Profile: brandProfile()})
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				n := notices[i%many]
				n.Original.MessageID = fmt.Sprint(i)
				m.Add(n, judgements[i%many])
			}
		})
	}
}
