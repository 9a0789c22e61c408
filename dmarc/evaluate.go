package dmarc

import (
	"context"
	"fmt"

	"unspoof/dns"
	"unspoof/orgdomain"
)

// Verdict is the result of a DMARC check, in the words of RFC 8601 section
// 2.7 and RFC 9989 section 9.2.
type Verdict string

const (
	VerdictPass Verdict = "pass" // an authenticated identifier is aligned with the author's domain
	VerdictFail Verdict = "fail" // none is
	VerdictNone Verdict = "none" // the author's domain publishes no policy that applies
	// VerdictTempError: a fault of DNS leaves it open; another try may tell.
	VerdictTempError Verdict = "temperror"
	// VerdictPermError: the message names no author, or not clearly one.
	VerdictPermError Verdict = "permerror"
)

// Standard says by which document a receiver reads policies. Both kinds of
// receivers exist, and will for years.
type Standard string

const (
	RFC9989 Standard = "9989" // tree walk, psd, np, t
	RFC7489 Standard = "7489" // public suffix list, pct
)

// SPF is what the check of the envelope sender gave.
type SPF struct {
	// Domain of MAIL FROM, or of HELO where MAIL FROM is empty (RFC 7208 section
	// 2.4). "" says that there was no check.
	Domain string
	Result string // "pass", "fail", "temperror" … of RFC 8601 section 2.7.2
}

// DKIM is what the check of one signature gave.
type DKIM struct {
	Domain   string // d=
	Selector string // s=
	Result   string // "pass", "fail", "temperror" … of RFC 8601 section 2.7.1
}

// Args of Evaluate and Compare.
type Args struct {
	// From holds the value of each From field of the message, from top to bottom;
	// FromFields takes them out of a header.
	From []string
	// Domain is the author domain to evaluate where there is no message; it
	// counts only while From is empty.
	Domain string

	SPF  SPF
	DKIM []DKIM // in the order of the message

	Resolver dns.Resolver
	Standard Standard // "" is RFC9989

	// Sample is drawn by the caller from 0 to 99 for each message. With RFC7489,
	// a message whose Sample is not below pct gets the softer policy (RFC 7489
	// section 6.6.4); RFC9989 has no sampling.
	Sample int
}

// Result of Evaluate. The embedded Author is the one that decided.
type Result struct {
	Standard Standard `json:"standard"`
	Author
	// Others are the further author domains of a message that has several.
	Others []Author `json:"others,omitempty"`
}

// Author is the evaluation of one author domain.
type Author struct {
	Verdict Verdict `json:"result"`
	Domain  string  `json:"domain"` // of From, as Domain gives it; "" where it names none
	// RecordDomain published the policy; "" without one.
	RecordDomain string  `json:"record_domain"`
	OrgDomain    string  `json:"org_domain"` // "" where a fault left it open
	Record       *Record `json:"record,omitempty"`
	// Policy is what the record asks for this author domain, and Tag where it is
	// from; Applied is what is asked for this message, after t and pct: None where
	// it passes, "" where DMARC says nothing. What a receiver does is its own choice
	// (RFC 9989 section 5.4).
	Policy   Policy   `json:"policy"`
	Tag      string   `json:"tag"`
	Relation Relation `json:"relation"`
	Applied  Policy   `json:"applied"`

	SPFAligned  bool `json:"spf_aligned"`  // SPF passed for an aligned domain
	DKIMAligned bool `json:"dkim_aligned"` // a signature of an aligned domain passed
	// Identifiers are SPF's domain, if checked, and those of the signatures.
	Identifiers []Identifier `json:"identifiers"`

	Steps   []orgdomain.Step `json:"steps"` // records asked for, in order
	Reasons []Reason         `json:"reasons"`
	Fault   error            `json:"-"` // behind a temperror of DNS
}

// Evaluate gives the DMARC verdict on a message (RFC 9989 section 5.3). A fault
// of DNS is VerdictTempError, never a failure. It has no other effect than to ask
// Resolver: at most nine questions for each of maxAuthors domains, and eight for
// each of maxWalks identifiers of an author.
//
// Exactly one author domain is the rule. Where several addresses stand in one
// From field, every domain is evaluated and the worst decides: the message
// passes only if it passes for all, else the strictest policy that it fails
// applies (the choice that RFC 9989 sections 5.3.1 and 11.5 leave to receivers).
// With several From fields (RFC 5322 section 3.6 allows one), or a From that
// programs read differently, it never passes: what does not fail is
// VerdictPermError. Without any author it is VerdictPermError.
func Evaluate(ctx context.Context, a Args) Result {
	if a.Standard == "" {
		a.Standard = RFC9989
	}
	res := Result{Standard: a.Standard}
	f := readFrom(a)
	if len(f.domains) == 0 {
		res.Author = Author{
			Verdict: VerdictPermError, Identifiers: []Identifier{}, Steps: []orgdomain.Step{}, Reasons: f.reasons,
		}
		return res
	}
	for i, domain := range f.domains {
		author := evaluate(ctx, a, domain)
		switch {
		case i == 0:
			res.Author = author
		case worse(author, res.Author):
			res.Others = append(res.Others, res.Author)
			res.Author = author
		default:
			res.Others = append(res.Others, author)
		}
	}
	if f.unclear && (res.Verdict == VerdictPass || res.Verdict == VerdictNone) {
		res.Verdict, res.Applied = VerdictPermError, ""
	}
	res.Reasons = append(f.reasons, res.Reasons...)
	return res
}

// worse orders evaluations of the authors of one message.
func worse(a, b Author) bool {
	rank := func(a Author) int {
		switch {
		case a.Verdict == VerdictFail && a.Applied.rank() > None.rank():
			return 10 + a.Applied.rank()
		case a.Verdict == VerdictTempError:
			return 4
		case a.Verdict == VerdictPermError:
			return 3
		case a.Verdict == VerdictFail:
			return 2
		case a.Verdict == VerdictNone:
			return 1
		}
		return 0
	}
	return rank(a) > rank(b)
}

// evaluate gives the verdict for one author domain.
func evaluate(ctx context.Context, a Args, domain string) Author {
	discover := Discover
	if a.Standard == RFC7489 {
		discover = discoverListed
	}
	d, err := discover(ctx, a.Resolver, domain)
	e := Author{
		Domain: domain, OrgDomain: d.OrgDomain, RecordDomain: d.At, Record: d.Record, Policy: d.Policy, Tag: d.Tag,
		Relation: d.Relation, Steps: d.Steps, Identifiers: []Identifier{}, Fault: d.Fault,
	}
	if e.Steps == nil {
		e.Steps = []orgdomain.Step{}
	}
	e.explainRecords(a.Standard)
	switch {
	case err != nil:
		// RFC 9989 section 5.3.6: without an answer there is no verdict.
		e.Verdict, e.Fault = VerdictTempError, err
		e.reason(ReasonFault, "5.3.6", "the policy of %s could not be had: the name servers did not answer", domain)
		return e
	case d.Policy == "":
		e.Verdict, e.Record, e.RecordDomain, e.Relation = VerdictNone, nil, "", ""
		e.explainNone(d)
		return e
	}
	e.explainPolicy()
	e.align(ctx, a)
	e.decide(a)
	return e
}

// decide draws the verdict from the identifiers (RFC 9989 section 5.3.5).
func (e *Author) decide(a Args) {
	open := false
	for _, id := range e.Identifiers {
		e.SPFAligned = e.SPFAligned || id.Method == "spf" && id.Vouches()
		e.DKIMAligned = e.DKIMAligned || id.Method == "dkim" && id.Vouches()
		open = open || id.mayVouch()
	}
	switch {
	case e.SPFAligned || e.DKIMAligned:
		e.Verdict, e.Applied = VerdictPass, None
	case open:
		// Rejecting for a fault of DNS would lose mail that is genuine.
		e.Verdict = VerdictTempError
		e.reason(ReasonOpen, "5.3.6", "no aligned identifier passes, but a fault of DNS left one open; another try may tell")
	default:
		e.Verdict, e.Applied = VerdictFail, e.applied(a)
	}
}

// applied gives what a failing message gets.
func (e *Author) applied(a Args) Policy {
	if a.Standard == RFC7489 {
		if pct := e.Record.percent(); a.Sample >= pct { // RFC 7489 section 6.6.4
			if soft := e.Policy.Softer(); soft != e.Policy {
				e.reason(ReasonSampled, "7489/6.6.4", "pct=%d leaves this message out of the sample: %s instead of %s", pct, soft, e.Policy)
				return soft
			}
		}
		return e.Policy
	}
	if soft := e.Policy.Softer(); e.Record.Test && soft != e.Policy { // RFC 9989 section 4.7, t
		e.reason(ReasonTest, "4.7", "t=y asks for one level less: %s instead of %s", soft, e.Policy)
		return soft
	}
	return e.Policy
}

// Reason is one step of the way to a verdict.
type Reason struct {
	Code    ReasonCode `json:"code"`
	Text    string     `json:"text"`    // a sentence for people
	Section string     `json:"section"` // of RFC 9989, or "7489/…" and "5322/…"
}

func (e *Author) reason(code ReasonCode, section, format string, a ...any) {
	e.Reasons = append(e.Reasons, Reason{Code: code, Section: section, Text: fmt.Sprintf(format, a...)})
}
