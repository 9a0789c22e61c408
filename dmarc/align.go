package dmarc

import (
	"context"
	"strings"

	"unspoof/orgdomain"
)

// Bounds on what one message can make us ask. Mail has one to four signatures;
// those of unrelated domains cost no question.
const (
	maxIdentifiers = 100 // looked at for one author; DKIM verifiers stop long before
	maxWalks       = 8   // tree walks for identifiers of one author
)

// Identifier is a domain that SPF or DKIM speaks of, and its relation to the
// author's domain (RFC 9989 section 4.4).
type Identifier struct {
	Method   string `json:"method"` // "spf", "dkim"
	Domain   string `json:"domain"` // as Domain gives it, or as given where it is no domain name
	Selector string `json:"selector,omitempty"`
	Result   string `json:"result"` // lower case
	Mode     Mode   `json:"mode"`   // of alignment, that the record asks for
	Aligned  bool   `json:"aligned"`
	// OrgDomain of Domain, where it had to be found.
	OrgDomain string `json:"org_domain,omitempty"`
	// Open says that a fault of DNS left the alignment open; Fault is its error.
	Open  bool  `json:"open,omitempty"`
	Fault error `json:"-"`
}

// Vouches reports that the identifier passed and is aligned: it makes DMARC
// pass.
func (i Identifier) Vouches() bool { return i.Aligned && i.Result == "pass" }

// mayVouch reports that it might have, but for a fault of DNS.
func (i Identifier) mayVouch() bool {
	return i.Open && i.Result == "pass" || (i.Aligned || i.Open) && i.Result == "temperror"
}

// aligner finds out whose an identifier is; what it found it keeps.
type aligner struct {
	args   Args
	author *Author
	walks  map[string]walked
	capped bool // a walk was refused
}

type walked struct {
	org string
	err error
}

// align judges SPF's domain and those of the signatures (RFC 9989 section
// 4.4.1 and 4.4.2).
func (e *Author) align(ctx context.Context, a Args) {
	al := aligner{args: a, author: e, walks: map[string]walked{}}
	if a.SPF.Domain != "" {
		al.add(ctx, Identifier{Method: "spf", Domain: a.SPF.Domain, Result: a.SPF.Result, Mode: e.Record.ASPF})
	}
	for i, sig := range a.DKIM {
		if i == maxIdentifiers {
			e.reason(ReasonTooMany, "4.4.1", "the message has %d signatures; the first %d were looked at", len(a.DKIM), maxIdentifiers)
			break
		}
		al.add(ctx, Identifier{Method: "dkim", Domain: sig.Domain, Selector: sig.Selector, Result: sig.Result, Mode: e.Record.ADKIM})
	}
	if len(e.Identifiers) == 0 {
		e.reason(ReasonNothing, "4.4", "neither SPF nor a signature speaks for the message")
	}
}

func (al *aligner) add(ctx context.Context, id Identifier) {
	id.Result = strings.ToLower(id.Result)
	if name, err := Domain(id.Domain); err == nil {
		id.Domain = name
		al.judge(ctx, &id)
	}
	e := al.author
	e.Identifiers = append(e.Identifiers, id)
	how := "an organisational domain in common"
	if id.Mode == Strict {
		how = "the very same name, as the record asks for"
	}
	switch {
	case id.Vouches():
		e.reason(ReasonAligned, "4.4", "%s passes for %s, which speaks for %s", id.Method, id.Domain, e.Domain)
	case id.mayVouch():
		e.reason(ReasonOpen, "5.3.6", "%s: a fault of DNS leaves open whether %s speaks for %s", id.Method, id.Domain, e.Domain)
	case id.Result != "pass":
		e.reason(ReasonNotPassed, "4.4", "%s for %.100q gives %.100q, which is no pass", id.Method, id.Domain, id.Result)
	default:
		e.reason(ReasonNotAligned, "4.4", "%s passes for %.100q, which is not aligned with %s: it would take %s", id.Method, id.Domain, e.Domain, how)
	}
}

// judge sets Aligned, or Open.
func (al *aligner) judge(ctx context.Context, id *Identifier) {
	e := al.author
	switch {
	case id.Domain == e.Domain: // section 4.10.2: no walk is needed
		id.Aligned = true
		return
	case id.Mode == Strict:
		return
	case al.args.Standard == RFC7489: // RFC 7489 section 3.2
		id.OrgDomain = orgdomain.OfPSL(id.Domain)
		id.Aligned = id.OrgDomain == e.OrgDomain
		return
	case id.Result != "pass" && id.Result != "temperror":
		return // nothing hangs on it
	case e.OrgDomain == "":
		// The walk broke off above the author's record. The public suffix list
		// tells strangers from what may turn out aligned.
		id.Open, id.Fault = orgdomain.SameOrg(id.Domain, e.Domain), e.Fault
		return
	case id.Domain == e.OrgDomain:
		id.OrgDomain, id.Aligned = id.Domain, true
		return
	case !strings.HasSuffix(id.Domain, "."+e.OrgDomain):
		return // its organisational domain is its own name or above: another
	}
	w := al.walk(ctx, id.Domain)
	id.OrgDomain, id.Fault = w.org, w.err
	id.Open = w.err != nil
	id.Aligned = w.err == nil && w.org == e.OrgDomain // section 4.4
}

// walk gives the organisational domain of an identifier (section 4.10.2).
func (al *aligner) walk(ctx context.Context, domain string) walked {
	if w, ok := al.walks[domain]; ok {
		return w
	}
	if len(al.walks) == maxWalks {
		if !al.capped {
			al.capped = true
			al.author.reason(ReasonTooMany, "4.10", "signatures of more than %d subdomains: the rest counts as not aligned", maxWalks)
		}
		return walked{}
	}
	res, err := orgdomain.Walk(ctx, al.args.Resolver, domain)
	w := walked{res.OrgDomain, err}
	al.walks[domain] = w
	return w
}
