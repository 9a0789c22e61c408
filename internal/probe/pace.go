package probe

import (
	"context"
	"net/netip"
	"time"
)

// pace is how slowly a server is asked.
type pace struct {
	command    time.Duration // before each command
	connection time.Duration // before each connection but the first
	reply      time.Duration // the longest wait for an answer
	silence    time.Duration // how long a server must stay quiet to count as quiet
	patience   time.Duration // the same where it is to be sure
}

var (
	// abroad is that of other machines: a few commands a second and one
	// connection at a time are less than a single busy sender makes. Answers
	// may be slow on purpose (RFC 5321 section 4.5.3.2 allows minutes).
	abroad = pace{command: 200 * time.Millisecond, connection: 3 * time.Second, reply: 90 * time.Second, silence: 8 * time.Second, patience: 20 * time.Second}
	// at home nobody else is served by waiting.
	home = pace{command: time.Millisecond, connection: 5 * time.Millisecond, reply: 30 * time.Second, silence: 300 * time.Millisecond, patience: time.Second}
)

const (
	// maxServerTime bounds all tests of one server.
	maxServerTime = 20 * time.Minute
	// maxConnections and maxCommands bound what one server is asked, whatever
	// it answers; a run takes about a third.
	maxConnections = 90
	maxCommands    = 500
	// dialTime bounds one attempt to connect.
	dialTime = 15 * time.Second
	// maxRefused is after how many refusals a new connection is made: servers
	// slow down or hang up on who makes many mistakes (Postfix after ten).
	maxRefused = 6
)

func paceFor(ip netip.Addr) pace {
	if ip.IsLoopback() {
		return home
	}
	return abroad
}

// wait sleeps, unless ctx ends first.
func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
