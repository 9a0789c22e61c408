// Package whatif tells what receivers would do with mail if records were
// published that are not published yet: with mail that is known, from mailboxes,
// logs and bounces, by sender and number; and with any one message that somebody
// describes.
//
// Each message is judged twice, by the records of today and by those planned, as
// three kinds of receivers do: one that checks nothing but SPF (RFC 7208), and
// those that follow DMARC by RFC 7489 and by RFC 9989. What is not known of a
// message, such as whether a signature whose body is lost still verifies, is
// taken both ways, and where that makes a difference the answer is "unknown".
//
// It publishes nothing, reads no files and has no clock. What a receiver really
// does is its own choice: only what it is asked to do can be told.
package whatif

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"unspoof/dns"
	"unspoof/inventory"
	"unspoof/orgdomain"
	"unspoof/spf"
)

// Args of Replay.
type Args struct {
	Domain   string
	Resolver dns.Resolver // today's DNS; a cache in front of it is of use
	// Records are those to be published, of this domain or of any other; see
	// dns.Overlay for how they stand beside what is there.
	Records []dns.Record
	// Inventory of the domain by today's DNS: it names the senders.
	Inventory inventory.Inventory
	// Sightings are the mail, in any order, read once; nil: none.
	Sightings iter.Seq[inventory.Sighting]
}

// Report is what would change.
type Report struct {
	Domain string `json:"domain"` // in A-labels
	// SPF is what changes in the domain's SPF record, address by address; nil where
	// its records don't touch it or DNS did not answer for them.
	SPF *spf.Difference `json:"spf,omitempty"`
	// DMARC is what changes in the policy; nil where nothing does, or DNS did not
	// answer.
	DMARC *PolicyChange `json:"dmarc,omitempty"`
	// Stranger is what becomes of mail that forges the domain in envelope and From
	// line, sent from nowhere in particular. In the order of the Receiver constants.
	Stranger []Row `json:"stranger"`
	// Risks are sentences on what may be lost besides, which only mail of one's own
	// could show. Never nil.
	Risks []string `json:"risks"`
	// Own is mail that was surely the domain's, by sender, what would be lost first;
	// Unproven is mail that says it is the domain's and that nothing proves, forged
	// for the most part. Never nil.
	Own      []Sender `json:"own"`
	Unproven []Sender `json:"unproven"`
	// Sums over all senders, for a receiver that follows RFC 9989.
	Sum Sum `json:"sum"`
	// Notes are sentences on what could not be told. Never nil.
	Notes []string `json:"notes"`
}

// Sum counts messages, at a receiver by RFC 9989.
type Sum struct {
	Own int `json:"own"` // messages
	// Lost would newly be refused or go to the spam folder; AtRisk might, what is
	// known of them does not tell; Saved would not any more.
	Lost   int `json:"lost"`
	AtRisk int `json:"at_risk"`
	Saved  int `json:"saved"`

	Unproven int `json:"unproven"`
	Stopped  int `json:"stopped"` // would newly be refused or go to the spam folder
	LetIn    int `json:"let_in"`  // would not any more
	// Through would still be taken without doubt, Unsure perhaps.
	Through int `json:"through"`
	Unsure  int `json:"unsure"`
}

// Sender is one sender's mail.
type Sender struct {
	Key       string   `json:"key"`  // of the inventory; "" where nothing tells
	Name      string   `json:"name"` // for people
	Count     int      `json:"count"`
	Receivers []Change `json:"receivers"` // in the order of the Receiver constants
	// Why says of most of its messages what they meet by the planned records, at a
	// receiver by RFC 9989.
	Why string `json:"why"`
}

// Change counts messages by what becomes of them at one kind of receiver.
type Change struct {
	Receiver Receiver     `json:"receiver"`
	Before   map[Fate]int `json:"before"`
	After    map[Fate]int `json:"after"`
	Worse    int          `json:"worse"` // harsher than before
	Better   int          `json:"better"`
	// Open counts messages that may be treated more harshly than before: what is
	// known of them does not tell.
	Open int `json:"open"`
}

// maxWays bounds the different ways of sending that are judged once and
// remembered; further ones are judged each time.
const maxWays = 20_000

// Replay judges the mail by the records of today and by those planned. The error
// is one of Args, or that of ctx.
func Replay(ctx context.Context, args Args) (Report, error) {
	domain, err := orgdomain.Name(args.Domain)
	if err != nil {
		return Report{}, fmt.Errorf("whatif: %w", err)
	}
	if args.Resolver == nil {
		return Report{}, errors.New("whatif: no resolver")
	}
	r := newReplayer(domain, args)
	r.compareSPF(ctx)
	r.comparePolicy(ctx)
	r.findRisks(ctx, args.Records)
	if args.Sightings != nil {
		for s := range args.Sightings {
			if ctx.Err() != nil {
				break
			}
			r.add(ctx, s)
		}
	}
	if err := ctx.Err(); err != nil {
		return Report{}, fmt.Errorf("whatif: %w", err)
	}
	return r.report(), nil
}
