package forensics

import (
	"context"
	"slices"
	"strings"
	"time"

	"unspoof/bounce"
	"unspoof/dkim"
	"unspoof/message"
)

const (
	// maxArchive bounds the keys of the profile that are held against one original:
	// each selector's are tried in turn.
	maxArchive = 500
	// maxVerified is how many signatures in my name are verified. A server makes
	// one or two; of those that don't fit each costs a good many trials.
	maxVerified = 4
	// maxSignedHeader is how long a header may be for that. Mail servers take 100
	// KB at most, and trials hash all of it.
	maxSignedHeader = 64 << 10
)

// signed is an own signature that fits the original: my key made it.
type signed struct {
	dkim.ForensicSignature
	field message.Field
	at    time.Time // of signing, as the signature itself says; zero: it doesn't
	// id says that the Message-ID is the signed one.
	id bool
	// altered says that something stands in the original that was not signed
	// though it should be: another body, a second From.
	altered bool
}

// signatureEvidence is E1, E1h and E1a, else E2 or E2x: what becomes of the
// signatures in my own name. No others are verified.
func signatureEvidence(q *inquiry, ctx context.Context) {
	if len(q.claims) == 0 || q.auth.standing == contradicted {
		return
	}
	if size := headerSize(q.n.Original.Header); size > maxSignedHeader {
		q.add(finding{Reason: q.onOriginal(Reason{
			Code: "E2x", Strength: Weak, Forgeable: bySender,
			Text: "The signature in your name was not verified: the header is too long.",
		}, q.claims[0].field)})
		return
	}
	res := q.verify(ctx)
	best := -1
	for i, r := range res {
		if better(r.Evidence, best, res) {
			best = i
		}
	}
	if best < 0 {
		return
	}
	switch r := res[best]; r.Evidence {
	case dkim.EvidenceFull, dkim.EvidenceHeader:
		q.proveSignature(r)
	case dkim.EvidenceInvented:
		q.inventedSignature(r)
	default:
		q.brokenSignature(r)
	}
}

// better orders the evidence: one signature that fits is enough, and one with a
// selector that I never had says more than one that broke on the way.
func better(e dkim.Evidence, best int, all []dkim.ForensicSignature) bool {
	order := []dkim.Evidence{dkim.EvidenceNone, dkim.EvidenceBroken, dkim.EvidenceInvented, dkim.EvidenceHeader, dkim.EvidenceFull}
	return best < 0 || slices.Index(order, e) > slices.Index(order, all[best].Evidence)
}

// verify asks the keys of the profile's history, else those that my domains
// publish now, about every signature in my name.
func (q *inquiry) verify(ctx context.Context) []dkim.ForensicSignature {
	o := &q.n.Original
	args := dkim.ForensicArgs{Message: q.original(), Domains: q.own.domains, HandedOver: q.path.t0}
	switch o.Returned {
	case bounce.ReturnedFull:
		args.Returned = dkim.WholeBody
	case bounce.ReturnedEmbedded:
		args.Returned = dkim.CutBody
	default:
		args.Returned = dkim.NoBody
	}
	var domains []string
	for _, c := range q.claims[:min(len(q.claims), maxVerified)] {
		if slices.Contains(domains, c.domain) {
			continue
		}
		domains = append(domains, c.domain)
		for _, k := range q.profile.DKIMKeys {
			if len(args.Archive) < maxArchive {
				args.Archive = append(args.Archive, dkim.ArchivedKey{
					Domain: c.domain, Selector: k.Selector, From: k.From, Removed: k.Removed, Record: k.Record,
				})
			}
		}
	}
	if q.guard.next != nil {
		args.Resolver = keyResolver{q}
	}
	res, _ := dkim.Forensic(ctx, args) // what the context cut short stays without evidence
	return res.Results
}

// original gives the message to verify, without signatures of mine beyond the
// first few.
func (q *inquiry) original() []byte {
	o := &q.n.Original
	switch {
	case len(o.Raw) == 0:
		return headerBytes(o.Header)
	case len(q.claims) <= maxVerified:
		return o.Raw
	}
	var b []byte
	surplus := q.claims[maxVerified:]
	for _, f := range o.Header.Fields {
		if len(surplus) > 0 && f.Offset == surplus[0].field.Offset {
			surplus = surplus[1:]
			continue
		}
		b = append(b, f.Raw...)
	}
	last := o.Header.Fields[len(o.Header.Fields)-1]
	return append(b, o.Raw[min(last.Offset+len(last.Raw), len(o.Raw)):]...)
}

func headerSize(h message.Header) (size int) {
	for _, f := range h.Fields {
		size += len(f.Raw)
	}
	return size
}

func headerBytes(h message.Header) []byte {
	var b []byte
	for _, f := range h.Fields {
		b = append(b, f.Raw...)
	}
	return b
}

// proveSignature is E1, or E1h where nothing is known of the body, and with an
// archived key that is no longer published E1a as well.
func (q *inquiry) proveSignature(r dkim.ForensicSignature) {
	s := &signed{ForensicSignature: r, field: q.claimOf(&r.Signature)}
	s.at = q.signingTime(s)
	s.id = q.covers(s, "Message-ID")
	s.altered = !q.covers(s, "From") || !q.covers(s, "To") || !q.covers(s, "Subject") ||
		q.n.Original.Returned == bounce.ReturnedFull && r.Body != dkim.Intact
	q.signed = s

	reason := Reason{Code: "E1", Strength: Proof, Forgeable: byNobody}
	key := "Your key " + oneLine(r.Signature.Selector) + " of " + canonical(r.Signature.Domain)
	switch {
	case r.Evidence == dkim.EvidenceFull:
		reason.Text = key + " signed this message, header and body."
	case r.Body == dkim.Partial:
		reason.Code = "E1h"
		reason.Text = key + " signed this header, and only the first part of the body: the rest anybody may have added."
	case r.Body == dkim.Broken:
		reason.Code = "E1h"
		reason.Text = key + " signed this header. The body that came back is not the one signed: it was cut or changed."
	default:
		reason.Code = "E1h"
		reason.Text = key + " signed this header. Its body did not come back, so that nothing is known about it."
	}
	if cause := undone(r.Breaks); cause != "" {
		reason.Text += " It fits once a change made on the way is undone: " + cause + "."
	}
	if r.Expiry == dkim.ExpiryPassed {
		reason.Text += " The signature had expired when the message was handed over."
	}
	reason.Text += " Who has one of your messages can send it again, but nobody else can make one."
	q.add(finding{mine: true, outside: true, Reason: q.onOriginal(reason, s.field)})
	if r.Archived && !r.KeyRemoved.IsZero() {
		q.add(finding{mine: true, outside: true, Reason: q.onOriginal(Reason{
			Code: "E1a", Strength: Proof, Forgeable: byNobody,
			Text: "The key is from your archive: it was taken out of DNS on " + day(r.KeyRemoved) + ".",
		}, s.field)})
	}
}

// undone names the repair that a signature needed.
func undone(breaks []dkim.Break) string {
	for _, b := range breaks {
		if b.Proven {
			what := b.Cause
			if b.Field != "" {
				what = b.Field + ", " + what
			}
			return oneLine(what)
		}
	}
	return ""
}

func (q *inquiry) inventedSignature(r dkim.ForensicSignature) {
	selector := canonical(r.Signature.Selector)
	if slices.ContainsFunc(q.profile.Services, func(v Service) bool { return canonical(v.Selector) == selector }) {
		return // of a service, whose keys the history need not have
	}
	q.add(finding{Reason: q.onOriginal(Reason{
		Code: "E2", Strength: Strong, For: Spoofed, Forgeable: bySender,
		Text: "The message claims a signature of " + canonical(r.Signature.Domain) + " with the selector " + oneLine(selector) +
			", which you never had: it is made up.",
	}, q.claimOf(&r.Signature))})
}

// brokenSignature is E2x. It is evidence for nothing: mail is changed on its way.
func (q *inquiry) brokenSignature(r dkim.ForensicSignature) {
	text := "The signature in your name proves nothing, neither for nor against you: " + oneLine(r.Reason)
	for _, b := range r.Breaks {
		if !b.Proven && b.Cause != "" {
			text += "; perhaps " + oneLine(b.Cause)
			break
		}
	}
	q.add(finding{Reason: q.onOriginal(Reason{
		Code: "E2x", Strength: Weak, Forgeable: bySender, Text: strings.TrimSuffix(text, ".") + ".",
	}, q.claimOf(&r.Signature))})
}

// claimOf finds the field of a signature, to which a reason points.
func (q *inquiry) claimOf(s *dkim.Signature) message.Field {
	value, _ := s.Tags.Get("b")
	value = strings.Join(strings.Fields(value), "")
	at := 0
	for i, c := range q.claims {
		if c.domain == canonical(s.Domain) && c.selector == canonical(s.Selector) {
			at = i
			if tag(c.field.Value(), "b") == value {
				break
			}
		}
	}
	return q.claims[at].field
}

// covers tells that every field of that name is signed, as it stands there.
func (q *inquiry) covers(s *signed, name string) bool {
	named := 0
	for _, h := range s.Signature.Signed {
		if strings.EqualFold(h, name) {
			named++
		}
	}
	present := len(q.n.Original.Header.All(name))
	repaired := slices.ContainsFunc(s.Breaks, func(b dkim.Break) bool { return strings.EqualFold(b.Field, name) })
	return named > 0 && present <= named && !repaired
}

// signingTime is t=, else the Date where that is signed.
func (q *inquiry) signingTime(s *signed) time.Time {
	if !s.Signature.Time.IsZero() || !q.covers(s, "Date") {
		return s.Signature.Time
	}
	t, _ := message.ParseDate(q.n.Original.Header.Value("Date"))
	return t
}

// signingService gives the service whose selector signed.
func (q *inquiry) signingService() (Service, bool) {
	if q.signed == nil {
		return Service{}, false
	}
	selector := canonical(q.signed.Signature.Selector)
	for _, s := range q.profile.Services {
		if s.Selector != "" && canonical(s.Selector) == selector {
			return s, true
		}
	}
	return Service{}, false
}
