package posture

// rule is what is known of one finding. IDs are never used again for another
// meaning. In What and Fix, {domain} and the like stand for what was found.
type rule struct {
	severity Severity
	what     string
	why      string
	fix      string
	rfc      string
}

// rules are all findings, by ID.
var rules = map[string]rule{
	"DNS-001": {
		Critical, "{domain} does not exist in DNS.",
		"Nothing is published for it, so nothing can tell receivers what is real. Usually the name is misspelt.",
		"Check the spelling. If the name is right, ask whoever runs its DNS why it is gone.",
		"RFC 8020 section 2",
	},
	"DNS-002": {
		Minor, "Every name below {domain} answers with the same TXT records (wildcard).",
		"Records meant for one name then stand at every made-up name as well, SPF and others.",
		"Publish TXT records at the names that need them, and take the wildcard out.",
		"RFC 4592 section 2",
	},

	"MX-001": {
		Moderate, "A null MX stands beside other MX records.",
		"The null MX says that the domain takes no mail, the others say that it does; servers differ in which they believe.",
		"Keep one or the other.",
		"RFC 7505 section 3",
	},
	"MX-002": {
		Serious, "The mail exchanger {host} has no address.",
		"Mail to {domain} is delayed or lost, bounces and reports too. If {host} is in a domain that nobody owns any more, somebody may register that domain and read the mail.",
		"Give {host} an address, or take its MX record out.",
		"RFC 5321 section 5.1",
	},
	"MX-003": {
		Minor, "{domain} has no MX record, but an address.",
		"Mail servers then try the address itself, often a web server, and mail to the domain hangs there for days.",
		"Publish an MX record; or, if the domain takes no mail, the null MX: 0 and a single dot.",
		"RFC 5321 section 5.1",
	},
	"MX-004": {
		Minor, "Every name below {domain} has a mail exchanger (wildcard).",
		"Mail to any made-up subdomain is taken in, and so are the bounces of mail forged in its name.",
		"Publish MX records for the subdomains that get mail, and take the wildcard out.",
		"RFC 4592 section 2",
	},
	"MX-005": {
		Minor, "The mail exchanger {host} is an alias (CNAME).",
		"Some servers refuse to deliver to an alias.",
		"Name the server that the alias leads to.",
		"RFC 2181 section 10.3",
	},
	"MX-006": {
		Moderate, "{domain} says with a null MX that it takes no mail, but its SPF record lets servers send.",
		"Receivers may refuse mail that nobody can answer, and bounces are lost.",
		"Give the domain an MX record; or, if it does not send, publish v=spf1 -all.",
		"RFC 7505 section 4.2",
	},
	"MX-007": {
		Info, "{domain} neither sends nor takes mail, but has no null MX.",
		"A null MX makes senders give up at once instead of trying for days, and spares you the rest of the bounces.",
		"Publish the MX record with preference 0 and a single dot as host.",
		"RFC 7505 section 3",
	},

	"SPF-001": {
		Serious, "There is no SPF record.",
		"No receiver can tell which servers send for {domain}; a forged envelope address looks as good as yours.",
		"List everything that sends, and build the record: unspoof spf build --domain {domain}.",
		"RFC 7208 section 4.5",
	},
	"SPF-002": {
		Serious, "There are {count} SPF records where one is allowed.",
		"Receivers treat that as an error and ignore all of them.",
		"Join them into one record, and delete the others.",
		"RFC 7208 section 4.5",
	},
	"SPF-003": {
		Serious, "The SPF record is not valid: {fault}.",
		"One mistake makes receivers ignore the whole record.",
		"Correct this part: {term}{hint}.",
		"RFC 7208 section 4.6",
	},
	"SPF-004": {
		Critical, "The SPF record lets every address send ({term}).",
		"Anyone's mail passes SPF as {domain}. With that it passes DMARC too, so no policy can help.",
		"Take it out, and end the record in ~all.",
		"RFC 7208 section 5.1",
	},
	"SPF-005": {
		Moderate, "The SPF record ends in ?all.",
		"It says nothing about mail from other servers, as if there were no record for them.",
		"Once everything that sends is listed, end the record in ~all.",
		"RFC 7208 section 8.2",
	},
	"SPF-006": {
		Moderate, "The SPF record has no all at its end.",
		"What it says about mail from other servers is then \"neutral\": nothing.",
		"End the record in ~all.",
		"RFC 7208 section 4.7",
	},
	"SPF-007": {
		Serious, "The SPF record needs {count} DNS look-ups; ten are allowed.",
		"Receivers stop at the eleventh and treat the record as an error. Which of your mail is hit looks random.",
		"Take out what no longer sends. {biggest}",
		"RFC 7208 section 4.6.4",
	},
	"SPF-008": {
		Moderate, "{count} terms of the SPF record find nothing in DNS; two are allowed.",
		"Receivers may treat the record as an error, and ignore it.",
		"Take out the names that are gone: {terms}.",
		"RFC 7208 section 4.6.4",
	},
	"SPF-009": {
		Minor, "The SPF record uses ptr ({term}).",
		"It is slow, often fails, and the standard asks not to use it. Large receivers skip it.",
		"Replace it by the addresses themselves, or by an include.",
		"RFC 7208 section 5.5",
	},
	"SPF-010": {
		Serious, "The SPF record lets in a very wide network ({term}).",
		"Whoever has a machine among its {size} addresses can send as {domain} and pass SPF.",
		"List only the addresses that send.",
		"RFC 7208 section 11.4",
	},
	"SPF-011": {
		Info, "The SPF record includes {service}, whose servers many customers share.",
		"If the service does not check who uses which sender address, its other customers can pass SPF as {domain}.",
		"Ask whether it binds {domain} to your account. Where DKIM is set up there, the include can often go.",
		"RFC 7208 section 11.4",
	},
	"SPF-012": {
		Serious, "The SPF record includes {host}, which does not work: {fault}.",
		"Receivers treat the whole record as an error when they get that far. If nobody owns the name any more, its next owner can send as {domain}.",
		"Take {term} out, or correct its name{hint}.",
		"RFC 7208 section 5.2",
	},
	"SPF-013": {
		Moderate, "An SPF record stands at {host}, where nobody looks.",
		"Receivers ask at {domain} itself.",
		"Move the record to {domain}.",
		"RFC 7208 section 4.4",
	},
	"SPF-014": {
		Serious, "A TXT record looks like SPF, but does not start with v=spf1 and a space: {text}",
		"Receivers don't take it for an SPF record.",
		"Publish it without anything before v=spf1, without quotes of your own, and with a space after it.",
		"RFC 7208 section 4.5",
	},
	"SPF-015": {
		Minor, "An SPF record of the old type (99) is published, and none as TXT.",
		"The type was given up in 2014; nobody reads it.",
		"Publish the same text as a TXT record.",
		"RFC 7208 section 3.1",
	},
	"SPF-016": {
		Moderate, "{domain} takes no mail and names no sender, but its SPF record does not say that nobody sends.",
		"A domain that is not used for mail is a favourite of forgers.",
		"Publish v=spf1 -all.",
		"RFC 7208 section 10.1.2",
	},
	"SPF-017": {
		Info, "The SPF record of a domain that sends ends in -all.",
		"Some receivers refuse at once what comes from another address, forwarded mail of yours included, before they look at DKIM and DMARC.",
		"Where a DMARC policy is in force, ~all protects as well and loses less.",
		"RFC 7489 section 10.1",
	},
	"SPF-018": {
		Moderate, "The SPF record names {host}, which has no address.",
		"The term lets nobody in and counts to the two empty look-ups allowed. If the name's domain lapses, its next owner can send as {domain}.",
		"Take {term} out, or correct the name.",
		"RFC 7208 section 4.6.4",
	},
	"SPF-019": {
		Minor, "What stands after all in the SPF record is never reached: {term}.",
		"Servers named there fail SPF.",
		"Move all to the end.",
		"RFC 7208 section 5.1",
	},
	"SPF-020": {
		Minor, "The SPF record has {count} octets.",
		"Its answer may not fit a plain DNS packet, and some receivers give up.",
		"Shorten it: take out what no longer sends, or join networks.",
		"RFC 7208 section 3.4",
	},
	"SPF-021": {
		Info, "The include of {service} does nothing for you.",
		"Its mail leaves with an envelope address of its own, so your SPF record is not asked for it. It only costs look-ups.",
		"Set up its DKIM, then take {term} out.",
		"RFC 9989 section 4.4.2",
	},
	"SPF-022": {
		Minor, "The SPF record holds addresses that are not of the Internet ({term}).",
		"No receiver sees mail come from there.",
		"Replace them by the address that the Internet sees, or take them out.",
		"RFC 6890",
	},
	"SPF-023": {
		Serious, "The SPF record leads back to itself through {term}.",
		"Receivers treat that as an error and ignore the record.",
		"Take {term} out.",
		"RFC 7208 section 4.6.4",
	},

	"DMARC-001": {
		Critical, "There is no DMARC record.",
		"Nothing ties the From line that people see to SPF or DKIM, so anyone can put {domain} there. SPF alone checks only the envelope.",
		"Publish one. p=none refuses nothing yet, and the reports that it asks for show who sends as {domain}; a domain that sends nothing can start with p=reject.",
		"RFC 9989 section 4.1",
	},
	"DMARC-002": {
		Critical, "There are {count} DMARC records where one is allowed.",
		"Receivers ignore all of them.",
		"Keep one, and delete the others.",
		"RFC 9989 section 4.10",
	},
	"DMARC-003": {
		Serious, "The DMARC policy is none.",
		"It asks for reports, but for nothing to be refused: forged mail arrives as before.",
		"When the reports show only what is yours, go on to p=quarantine, then p=reject.",
		"RFC 9989 section 4.7",
	},
	"DMARC-004": {
		Critical, "The record at _dmarc.{domain} is no DMARC record: {fault}.",
		"Receivers act as if there were none.",
		"Publish it as v=DMARC1; p=… with nothing before it.",
		"RFC 9989 section 4.7",
	},
	"DMARC-005": {
		Serious, "The policy in the DMARC record is not valid: {fault}.",
		"Receivers take it for p=none if there is a reporting address, and else ignore the record.",
		"Write p=none, p=quarantine or p=reject, and the same for sp and np.",
		"RFC 9989 section 4.10.1",
	},
	"DMARC-006": {
		Moderate, "The DMARC record asks nobody for reports (rua).",
		"You don't learn who sends as {domain}, nor whether your own mail passes.",
		"Add rua=mailto: and an address that is read.",
		"RFC 9989 section 4.7",
	},
	"DMARC-007": {
		Moderate, "A reporting address is not valid: {fault}.",
		"No reports go there.",
		"Write it as mailto:name@{domain}; several are separated by commas.",
		"RFC 9989 section 4.6",
	},
	"DMARC-008": {
		Moderate, "Reports should go to {host}, which does not agree to take them.",
		"Receivers send no reports to a stranger's domain without its consent.",
		"Ask its owner to publish v=DMARC1 as TXT at {domain}._report._dmarc.{host}, or use an address of your own.",
		"RFC 9990 section 4",
	},
	"DMARC-009": {
		Serious, "Subdomains are protected less than {domain} (sp={policy}).",
		"Forgers use names like mail.{domain}, which people take for yours.",
		"Take sp out, or make it as strong as p.",
		"RFC 9989 section 4.7",
	},
	"DMARC-010": {
		Moderate, "Subdomains that don't exist are protected less than those that do (np={policy}).",
		"No real mail comes from names that don't exist; they should be the first to be refused.",
		"Set np=reject.",
		"RFC 9989 section 4.7",
	},
	"DMARC-011": {
		Info, "Mail from subdomains that don't exist is not refused yet.",
		"No real mail comes from them, so np=reject loses nothing.",
		"Add np=reject.",
		"RFC 9989 section 4.7",
	},
	"DMARC-012": {
		Moderate, "The DMARC record is in test mode (t=y).",
		"Receivers apply one level less than it says: {policy}.",
		"When the reports are clean, take t=y out.",
		"RFC 9989 section 4.7",
	},
	"DMARC-013": {
		Minor, "The DMARC record has tags that the standard gave up: {tags}.",
		"Current receivers ignore them, older ones still act on pct.",
		"Take them out. In place of pct, use t=y.",
		"RFC 9989 appendix A.6",
	},
	"DMARC-014": {
		Minor, "The DMARC policy is quarantine.",
		"Forged mail goes to the spam folder, where some people still open it.",
		"When the reports stay clean, go on to p=reject.",
		"RFC 9989 section 4.7",
	},
	"DMARC-015": {
		Moderate, "A DMARC record stands at {domain} itself, where nobody looks.",
		"Receivers ask at _dmarc.{domain}.",
		"Move it there.",
		"RFC 9989 section 4.5",
	},
	"DMARC-016": {
		Info, "The policy comes from {host}.",
		"{domain} has no DMARC record of its own; that of the organisation covers it.",
		"Nothing to do, unless this name should have another policy.",
		"RFC 9989 section 4.10.1",
	},
	"DMARC-017": {
		Minor, "The DMARC record has something odd: {fault}.",
		"Readers differ in what they make of it.",
		"Write it plainly.",
		"RFC 9989 section 4.8",
	},
	"DMARC-018": {
		Info, "Which domain {domain} belongs to is told differently: {org} by the DMARC records, {listed} by the public suffix list.",
		"Newer receivers go by the records, older ones by the list, so the same mail may be judged differently.",
		"If {listed} is yours, publish a DMARC record there as well, and psd=n where the boundary is.",
		"RFC 9989 section 4.10.2",
	},
	"DMARC-019": {
		Moderate, "The DMARC record says psd=y, but {domain} is no public suffix.",
		"Receivers then take every name below it for a stranger's, and mail of {domain} no longer aligns with them.",
		"Take psd=y out.",
		"RFC 9989 section 4.7",
	},
}
