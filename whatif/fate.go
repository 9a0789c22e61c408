package whatif

import (
	"unspoof/dmarc"
	"unspoof/spf"
)

// Receiver is a kind of receiver.
type Receiver string

// The kinds of receivers.
const (
	SPFOnly Receiver = "spf-only" // refuses what SPF fails, and looks at nothing else
	RFC7489 Receiver = "rfc7489"  // DMARC as first written; of a policy for some messages only (pct), the strict part
	RFC9989 Receiver = "rfc9989"  // DMARC of today
)

// receivers in their order.
var receivers = [...]Receiver{SPFOnly, RFC7489, RFC9989}

// Fate is what a receiver is asked to do with a message.
type Fate string

// The fates, from the mildest. None of them is a promise: receivers have filters
// of their own.
const (
	Accepted Fate = "accepted" // nothing is held against it
	Marked   Fate = "marked"   // it is taken, and looks suspicious
	Spam     Fate = "spam"     // quarantine: the spam folder
	Refused  Fate = "refused"
	Unknown  Fate = "unknown" // DNS or what is known of the message does not tell
)

// rank orders the fates that are known by harshness.
func (f Fate) rank() int {
	switch f {
	case Accepted:
		return 0
	case Marked:
		return 1
	case Spam:
		return 2
	case Refused:
		return 3
	}
	return -1
}

// Known reports that the fate is not Unknown.
func (f Fate) Known() bool { return f.rank() >= 0 }

// Harsher reports whether both are known, and f is the worse for the message.
func (f Fate) Harsher(g Fate) bool { return f.Known() && g.Known() && f.rank() > g.rank() }

// Kept reports that the message is not seen where people look for mail.
func (f Fate) Kept() bool { return f == Spam || f == Refused }

// bySPF is what a receiver does that checks nothing else (RFC 7208 section 8).
func bySPF(w spf.Word) Fate {
	switch w {
	case spf.Fail:
		return Refused // section 8.4
	case spf.SoftFail, spf.PermError:
		return Marked // sections 8.5 and 8.7
	case spf.TempError:
		return Unknown // section 8.6: later it may tell
	}
	return Accepted // sections 8.1 to 8.3
}

// byDMARC is what the author's domain asks for (RFC 9989 section 5.4), and what
// SPF says where it asks for nothing.
func byDMARC(res dmarc.Result, word spf.Word) Fate {
	switch res.Verdict {
	case dmarc.VerdictPass:
		return Accepted
	case dmarc.VerdictTempError:
		return Unknown
	case dmarc.VerdictPermError:
		return Marked
	}
	switch res.Applied {
	case dmarc.Reject:
		return Refused
	case dmarc.Quarantine:
		return Spam
	}
	switch word {
	case spf.Fail, spf.SoftFail:
		return Marked
	case spf.TempError:
		return Unknown
	}
	return Accepted
}
