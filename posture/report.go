package posture

import (
	"unspoof/finding"
)

// Report on one domain.
type Report struct {
	Domain   string            `json:"domain"`
	Verdict  Verdict           `json:"verdict"`
	Grade    Grade             `json:"grade"`
	Findings []finding.Finding `json:"findings"` // worst first
	Next     NextStep          `json:"next"`

	MX       []string `json:"mx"`        // hosts by preference; empty: none
	NullMX   bool     `json:"null_mx"`   // RFC 7505
	SPF      string   `json:"spf"`       // the record, "" where there is none
	DMARC    string   `json:"dmarc"`     // the record that applies, ""
	DMARCAt  string   `json:"dmarc_at"`  // where it was found
	Policy   string   `json:"policy"`    // p that applies: "none", "quarantine", "reject", ""
	Parked   bool     `json:"parked"`    // seems neither to receive nor to send; a quick check looks for no keys
	Services []string `json:"services"`  // named services that SPF, MX or a DKIM key point to
	CatchAll string   `json:"catch_all"` // a hint in words, ""

	Lookups    int                `json:"lookups"`    // of the SPF record, worst case, of 10
	Voids      int                `json:"voids"`      // of the SPF record, worst case, of 2
	Unanswered []finding.Evidence `json:"unanswered"` // questions that DNS left open
	// Questions counts what this report asked. A record that Args.Shared holds counts
	// as asked, so that the number does not hang on what was checked before.
	Questions int `json:"questions"`
	// Quick says that little was asked (Args.Quick). NotAsked lists what a limit
	// kept from being asked, "TXT spf.example.net", in order; nothing is
	// concluded from it. What a quick check leaves out altogether is not listed.
	Quick    bool     `json:"quick,omitempty"`
	NotAsked []string `json:"not_asked"`

	// What follows is of full checks of names that exist; else it is empty.

	// TruthTable says for each way to forge what receivers do.
	TruthTable []Forgery `json:"truth_table"`
	// Exposure counts who may send by SPF, nil where that is not known or there is
	// no record that receivers can use.
	Exposure *ExposureScore `json:"exposure_score"`
	// Claimable lists the names that the domain rests on and that seem to belong
	// to nobody: whoever registers them takes part. That they can be registered is
	// for RDAP to say.
	Claimable []Claim `json:"claimable"`
	// Relies lists the domains of others that the domain rests on, ReliesMore
	// counts those beyond the first hundred.
	Relies     []Reliance  `json:"relies_on"`
	ReliesMore int         `json:"relies_on_more"`
	DKIM       DKIM        `json:"dkim"`
	Transport  Transport   `json:"transport"`
	BIMI       string      `json:"bimi"` // the record at default._bimi, ""
	Lockdown   []Lock      `json:"lockdown"`
	Bulk       []Demand    `json:"bulk"`
	Blocklists []Blocklist `json:"blocklists"`
}

// State says whether something is so, where DNS may not have told.
type State string

const (
	Yes      State = "yes"
	No       State = "no"
	NotKnown State = "unknown"
)

func stateOf(b bool) State {
	if b {
		return Yes
	}
	return No
}

// Treatment is what a receiver does with forged mail.
type Treatment string

const (
	Refused     Treatment = "refused"
	Mostly      Treatment = "mostly" // refused, but for those in a very wide network that SPF lets in, or who registers a name it holds
	SpamFolder  Treatment = "spam"
	Marked      Treatment = "marked"   // taken in, with a mark that few people see
	Accepted    Treatment = "accepted" // like any other mail
	Undecidable Treatment = "unknown"  // DNS did not answer
)

// Forgery is a row of the truth table: a stranger's server sends mail with these
// two names, without a signature of the domain's.
type Forgery struct {
	ID       string  `json:"id"`        // stable: "exact", "from-subdomain", "mail-from-missing" …
	What     string  `json:"what"`      // for people: "From and envelope name example.com"
	From     string  `json:"from"`      // domain of the From line, "" another's
	MailFrom string  `json:"mail_from"` // domain of the envelope sender, "" the forger's own
	DMARC    Outcome `json:"dmarc"`     // a receiver that follows DMARC by RFC 9989
	Former   Outcome `json:"former"`    // … by RFC 7489, as many still do
	SPFOnly  Outcome `json:"spf_only"`  // a receiver that looks at nothing but SPF
	// Assumed says that the subdomain, one that most domains have, does not exist here,
	// and stands for any that does exist and has no records of its own.
	Assumed bool `json:"assumed"`
}

// Outcome is what one kind of receiver does, and why.
type Outcome struct {
	Does Treatment `json:"does"`
	Why  string    `json:"why"`
	At   string    `json:"at"` // whose record says so, ""
}

// ExposureScore says how many may send as the domain by SPF: 0 for nobody, 100
// for everybody. It is the sum of its parts, 100 at most; to permit more never
// lowers it. What is refused by limits that a record oversteps counts all the
// same: it is what the owner let in.
type ExposureScore struct {
	Points int    `json:"points"`
	Parts  []Part `json:"parts"`
	// AtLeast: not all records could be read, so that it may be more.
	AtLeast bool   `json:"at_least"`
	IPv4    string `json:"ipv4"` // addresses that may send, in digits
	IPv6    string `json:"ipv6"`
}

// Part of a score.
type Part struct {
	What   string `json:"what"` // stable: "addresses", "networks6", "everyone", "shared", "open-ended", "claimable"
	Points int    `json:"points"`
	Why    string `json:"why"`
}

// Claim is a name that seems to belong to nobody.
type Claim struct {
	Name string `json:"name"` // to be registered: "gone.example"
	Host string `json:"host"` // below it or the same, that is in use
	Via  string `json:"via"`  // "SPF include:_spf.gone.example", "MX", "NS", "CNAME at _dmarc.example.com"
	// Evidence is that Name does not exist.
	Evidence finding.Evidence `json:"evidence"`
}

// DKIM is what was found of keys. That a selector is not found says nothing:
// selectors cannot be listed.
type DKIM struct {
	// Wildcard says that every name below _domainkey answers, so that no
	// selectors were tried.
	Wildcard State `json:"wildcard"`
	// WildcardRevoked says that what they answer is a key that was revoked.
	WildcardRevoked bool       `json:"wildcard_revoked"`
	Tried           int        `json:"tried"`
	Selectors       []Selector `json:"selectors"` // found
}

// Selector is one found.
type Selector struct {
	Selector string `json:"selector"`
	Name     string `json:"name"`    // selector._domainkey.domain
	Target   string `json:"target"`  // where its CNAME leads, ""
	Service  string `json:"service"` // whose it is likely, ""
	Revoked  bool   `json:"revoked"`
	Usable   bool   `json:"usable"` // it can be read, and receivers take it for mail
	Record   string `json:"record"`
}

// Transport is what DNS says of encryption on the way to the domain.
type Transport struct {
	MTASTS State      `json:"mta_sts"` // a valid record; the policy itself is not fetched
	STSID  string     `json:"mta_sts_id"`
	TLSRPT State      `json:"tls_rpt"`
	RUA    []string   `json:"tls_rpt_rua"`
	DNSSEC State      `json:"dnssec"` // the domain's zone has a DS record in its parent
	CAA    []string   `json:"caa"`    // records that apply, as in a zone file
	Hosts  []HostDANE `json:"dane"`   // mail exchangers, of the first few
	// Validated says that the resolver claims to validate, for it said so of some
	// answer. Without that nothing is concluded from answers that are not.
	Validated bool `json:"validated"`
}

// HostDANE is one mail exchanger's.
type HostDANE struct {
	Host   string   `json:"host"`
	Base   string   `json:"tlsa_base"` // the name that the records stand below: of an alias what it leads to, else Host; "" not known
	TLSA   []string `json:"tlsa"`      // as in a zone file
	Signed State    `json:"signed"`    // address and TLSA came authenticated
	// MXSigned says whether the domain's MX records did, too. Where they did not, as
	// with mail hosted by others, many senders use the TLSA records all the same.
	MXSigned State `json:"mx_signed"`
	Usable   int   `json:"usable"` // records that mail servers can use
}

// Lock is one of the things that a domain without mail publishes (only of parked
// domains).
type Lock struct {
	What  string `json:"what"`  // stable: "spf", "dmarc", "null-mx", "dkim"
	State State  `json:"state"` // whether it is as it should be
	Want  string `json:"want"`  // what should be published: name, type and value
}

// Demand is one of what the large mailbox providers ask of bulk senders, as far
// as DNS shows it.
type Demand struct {
	ID    string `json:"id"` // stable: "spf", "dkim", "dmarc", "reverse"
	What  string `json:"what"`
	Who   string `json:"who"` // "Gmail, Yahoo, Microsoft"
	State State  `json:"state"`
	Why   string `json:"why"`
}

// Blocklist is what one list says of one of the domain's own addresses.
type Blocklist struct {
	List    string `json:"list"` // zone
	Address string `json:"address"`
	Listed  State  `json:"listed"`
	Why     string `json:"why"` // what the answer means, or why it is not known
	Link    string `json:"link"`
}

// Grade is a letter for the whole, "" where it would not be fair to give one.
type Grade struct {
	Letter     string      `json:"letter"` // "A" to "F"
	Points     int         `json:"points"` // 100 less the deductions, at least 0
	Deductions []Deduction `json:"deductions"`
	// Reason says why there is no letter. AtBest says that not everything was asked
	// or answered: with all of it the grade may be lower.
	Reason string `json:"reason"`
	AtBest bool   `json:"at_best"`
}

// Deduction is what one kind of finding costs, however often it was found.
type Deduction struct {
	ID     string `json:"id"` // of the finding
	Points int    `json:"points"`
	What   string `json:"what"`
}
