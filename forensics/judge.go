package forensics

import (
	"context"
	"net/netip"

	"unspoof/bounce"
	"unspoof/dns"
	"unspoof/spf"
)

// Judge decides, notice by notice, for one profile. It indexes the profile
// once, and keeps what DNS said about an address for as long as it lives: make
// one for each run. It may be used by several goroutines at a time.
type Judge struct {
	profile  *Profile
	resolver dns.Resolver
	own      *ownership
	log      *logIndex
	inbound  *inboundIndex

	// Bounded, because every key comes out of mail.
	records *spf.Cache
	names   *cache[netip.Addr, nameAnswer]
	spf     *cache[spfKey, spfAnswer]
	orgs    *cache[string, string]
	shared  *cache[string, []string]
	keys    *cache[string, keyAnswer]
}

// NewJudge makes a Judge. The profile is read, not copied: don't change it while
// the Judge is in use. Every question goes to resolver; nil means that DNS is
// not to be asked, which leaves more undecided but decides nothing wrongly.
//
// Of the names that stand in the mail itself only the host that reports, the
// address that handed the message over, and selectors under the profile's own
// domains are ever looked up, so that the sender learns nothing from being judged.
func NewJudge(profile *Profile, resolver dns.Resolver) *Judge {
	if profile == nil {
		profile = new(Profile)
	}
	own := newOwnership(profile)
	return &Judge{
		profile:  profile,
		resolver: resolver,
		own:      own,
		log:      newLogIndex(profile, own),
		inbound:  newInboundIndex(profile),
		records:  spf.NewCache(0),
		names:    newCache[netip.Addr, nameAnswer](),
		spf:      newCache[spfKey, spfAnswer](),
		orgs:     newCache[string, string](),
		shared:   newCache[string, []string](),
		keys:     newCache[string, keyAnswer](),
	}
}

// Judge gives the verdict on one notice, as [bounce.Parse] read it: first
// whether the notice is what it claims to be, then where the original was handed
// over, then each piece of evidence, then the ordered rules, of which the first
// that matches decides.
//
// It never fails. What DNS could not answer stays open and is not held against
// anybody.
func (j *Judge) Judge(ctx context.Context, n *bounce.Notice) Judgement {
	q := &inquiry{Judge: j, n: n, guard: newGuard(j.resolver, j.own.domains), findings: make([]finding, 0, 10)}
	q.auth = q.authenticate(ctx)
	if q.auth.standing != contradicted {
		q.path = q.walk(ctx)
	}
	q.rcpt = q.envelopeRecipient()
	q.entry = q.logEntry()
	q.claims = q.ownSignatures()
	for _, collect := range collectors() {
		collect(q, ctx)
	}
	return q.decide()
}

// inquiry is the work on one notice.
type inquiry struct {
	*Judge
	n     *bounce.Notice
	guard *guard

	auth  authentication
	path  path
	rcpt  addressee
	entry logged

	claims []signature // fields that claim to be signed by an own domain
	signed *signed     // the one of them that fits; nil: none does
	sealed *sealed     // nil: no seal that fits

	findings []finding

	confirmations int // addresses that DNS was asked about
	keyNames      int // and names of keys
}
