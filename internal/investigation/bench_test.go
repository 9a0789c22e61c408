package investigation_test

import (
	"context"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"unspoof/internal/intake"
	"unspoof/internal/investigation"
)

// BenchmarkMailbox investigates a mailbox of 2 GB, 300 MB with -short, that is
// made as it is read:
//
//	go test ./internal/investigation -run - -bench Mailbox -benchtime 1x
//
// B/message is the growth of the live heap while the mailbox is held, at its
// worst over the run, for each message read by then: tables of constant size,
// messages in hand and all. peak-MB is the process's largest resident size, with
// the collector's slack.
func BenchmarkMailbox(b *testing.B) {
	size := int64(2 << 30)
	if testing.Short() {
		size = 300 << 20
	}
	for range b.N {
		before := liveHeap()
		mailbox := newWaves(size)
		counted, worst := 0, 0.0
		res, err := investigation.Run(context.Background(), investigation.Args{
			Source:  intake.Messages(context.Background(), intake.Args{Paths: []string{"-"}, Stdin: mailbox}),
			Profile: owner(), Resolver: nowhere{}, Now: mailbox.start.AddDate(1, 0, 0),
			Each: func(investigation.Message) error {
				if counted++; counted%checkpoint == 0 {
					worst = max(worst, float64(liveHeap()-before)/float64(counted))
				}
				return nil
			},
		})
		if err != nil || counted != mailbox.n || res.Mailbox.Read != mailbox.n || len(res.Unread) > 0 {
			b.Fatalf("%d of %d messages, %d read, unread %v, error %v", counted, mailbox.n, res.Mailbox.Read, res.Unread, err)
		}
		b.ReportMetric(worst, "B/message")
		b.ReportMetric(float64(mailbox.n), "messages")
		b.ReportMetric(peakResident(), "peak-MB")
	}
	b.SetBytes(size)
}

// checkpoint is how many messages lie between two measures. Before the first, the
// tables of constant size would outweigh the messages.
const checkpoint = 100_000

func liveHeap() int64 {
	var m runtime.MemStats
	for range 2 { // pools are emptied at the second
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// peakResident reads the process's high-water mark; 0 where that is not told.
func peakResident() float64 {
	text, _ := os.ReadFile("/proc/self/status")
	_, after, _ := strings.Cut(string(text), "VmHWM:")
	line, _, _ := strings.Cut(after, "kB")
	kb, _ := strconv.ParseFloat(strings.TrimSpace(line), 64)
	return kb / 1024
}

// TestMemoryStaysBoundedPerMessage holds the promise of 200 octets a message,
// measured while the mailbox still exists.
func TestMemoryStaysBoundedPerMessage(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 200 MB")
	}
	const allowed, base = 200, 6 << 20 // a message; tables of constant size
	mailbox := newWaves(200 << 20)
	before, worst, n := liveHeap(), int64(0), 0
	_, err := investigation.Run(context.Background(), investigation.Args{
		Source:  intake.Messages(context.Background(), intake.Args{Paths: []string{"-"}, Stdin: mailbox}),
		Profile: owner(), Resolver: nowhere{}, Now: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC),
		Each: func(investigation.Message) error {
			if n++; n%20000 == 0 {
				worst = max(worst, liveHeap()-before-int64(n)*allowed)
			}
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if worst > base {
		t.Errorf("%d octets more than %d a message", worst, allowed)
	}
	t.Logf("%d messages; %d octets beyond %d a message", n, worst, allowed)
}
