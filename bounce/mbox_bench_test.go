package bounce_test

import (
	"errors"
	"io"
	"runtime"
	"testing"
	"time"

	"unspoof/bounce"
	"unspoof/message/mbox"
)

// BenchmarkMbox2GB reads a mailbox of 2 GB (64 MB with -short) that is made while
// it is read, and reports the largest heap seen: it does not grow with the
// mailbox.
func BenchmarkMbox2GB(b *testing.B) {
	size := int64(2 << 30)
	if testing.Short() {
		size = 64 << 20
	}
	msgs := corpus(b, "testdata")
	b.SetBytes(size)
	for b.Loop() {
		r := mbox.NewReader(&mailbox{msgs: msgs, left: size})
		count, bounces := 0, 0
		var peak uint64
		start := time.Now()
		for {
			m, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				b.Fatal(err)
			}
			count++
			if bounce.Parse(m).Bounce {
				bounces++
			}
			if count%20_000 == 0 {
				var ms runtime.MemStats
				runtime.ReadMemStats(&ms)
				peak = max(peak, ms.HeapInuse)
			}
		}
		if bounces == 0 || bounces == count {
			b.Fatalf("%d of %d messages are bounces", bounces, count)
		}
		b.ReportMetric(float64(count)/time.Since(start).Seconds(), "msgs/s")
		b.ReportMetric(float64(peak)/(1<<20), "peak-MiB")
	}
}

// mailbox is a reader of messages, one after the other, as an mbox.
type mailbox struct {
	msgs [][]byte
	next int
	rest []byte
	left int64
}

func (m *mailbox) Read(p []byte) (int, error) {
	if len(m.rest) == 0 {
		if m.left <= 0 {
			return 0, io.EOF
		}
		msg := m.msgs[m.next%len(m.msgs)]
		m.next++
		m.rest = append([]byte("From MAILER-DAEMON Mon Jun  3 10:00:05 2024\n"), msg...)
		m.rest = append(m.rest, "\n\n"...)
		m.left -= int64(len(m.rest))
	}
	n := copy(p, m.rest)
	m.rest = m.rest[n:]
	return n, nil
}
