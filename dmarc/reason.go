package dmarc

// ReasonCode names one kind of reason, for good.
type ReasonCode string

// Reasons about the author.
const (
	ReasonNoFrom      ReasonCode = "no-from"         // no From field, or no address in it
	ReasonManyFrom    ReasonCode = "several-from"    // more than one From field
	ReasonAmbiguous   ReasonCode = "ambiguous-from"  // programs differ in what the author is
	ReasonBadDomain   ReasonCode = "bad-domain"      // an author's domain is no domain name
	ReasonManyAuthors ReasonCode = "several-authors" // several domains in one From field
)

// Reasons about the policy.
const (
	ReasonNoRecord       ReasonCode = "no-record"
	ReasonSeveralRecords ReasonCode = "several-records" // at one name: they count as none
	ReasonIgnored        ReasonCode = "record-ignored"  // neither a valid policy nor an address for reports
	ReasonFallsBack      ReasonCode = "falls-back"      // not valid in part: counts as p=none
	ReasonPolicy         ReasonCode = "policy"          // where the policy is from
	ReasonTest           ReasonCode = "test-mode"
	ReasonSampled        ReasonCode = "sampled-out"
)

// Reasons about the identifiers.
const (
	ReasonAligned    ReasonCode = "aligned"     // passed and aligned
	ReasonNotAligned ReasonCode = "not-aligned" // passed, but belongs to another
	ReasonNotPassed  ReasonCode = "not-passed"  // aligned or not, it did not pass
	ReasonNothing    ReasonCode = "nothing"     // neither SPF nor a signature
	ReasonTooMany    ReasonCode = "too-many"    // more identifiers than are looked at
	ReasonOpen       ReasonCode = "open"        // a fault of DNS behind an identifier
	ReasonFault      ReasonCode = "dns-fault"   // a fault of DNS behind the policy
	ReasonOrgUnknown ReasonCode = "org-unknown" // a fault of DNS left the organisational domain open
)

// explainRecords notes names with several records, which count as none.
func (e *Author) explainRecords(s Standard) {
	for _, step := range e.Steps {
		switch {
		case len(step.Records) < 2:
		case s == RFC7489: // RFC 7489 section 6.6.3 step 5
			e.reason(ReasonSeveralRecords, "7489/6.6.3", "%s publishes %d policy records: no DMARC is applied", step.Domain, len(step.Records))
		default: // RFC 9989 section 4.10 step 2
			e.reason(ReasonSeveralRecords, "4.10", "%s publishes %d policy records, which count as none", step.Domain, len(step.Records))
		}
	}
}

func (e *Author) explainNone(d Discovery) {
	if d.Record != nil {
		e.reason(ReasonIgnored, "4.10.1", "the record of %s has no valid policy and no address for reports: it is ignored", d.At)
		return
	}
	e.reason(ReasonNoRecord, "4.10.1", "no policy record applies to %s", e.Domain)
}

func (e *Author) explainPolicy() {
	if e.Tag == "" {
		e.reason(ReasonFallsBack, "4.10.1", "the record of %s is not valid in its policy, but wants reports: it counts as p=none", e.RecordDomain)
	} else {
		why := map[Relation]string{Below: " for its subdomains", NonExistent: " for subdomains that don't exist"}[e.Relation]
		e.reason(ReasonPolicy, "4.10.1", "%s asks for %s%s (%s=%s)", e.RecordDomain, e.Policy, why, e.Tag, e.Policy)
	}
	if e.Fault != nil {
		e.reason(ReasonOrgUnknown, "4.10.2", "the organisational domain of %s is not known: the name servers above it did not answer", e.Domain)
	}
}
