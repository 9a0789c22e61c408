package finding

// dmarcRules are those of DMARC records.
var dmarcRules = []Rule{
	{
		"DMARC-001", Critical, "There is no DMARC record.",
		"Nothing ties the From line that people see to SPF or DKIM, so anyone can put {domain} there. SPF alone checks only the envelope.",
		"Publish one. p=none refuses nothing yet, and the reports that it asks for show who sends as {domain}; a domain that sends nothing can start with p=reject.",
		"RFC 9989 section 4.1",
	},
	{
		"DMARC-002", Critical, "There are {count} DMARC records where one is allowed.",
		"Receivers ignore all of them.",
		"Keep one, and delete the others.",
		"RFC 9989 section 4.10",
	},
	{
		"DMARC-003", Serious, "The DMARC policy is none.",
		"It asks for reports, but for nothing to be refused: forged mail arrives as before.",
		"When the reports show only what is yours, go on to p=quarantine, then p=reject.",
		"RFC 9989 section 4.7",
	},
	{
		"DMARC-004", Critical, "The record at _dmarc.{domain} is no DMARC record: {fault}.",
		"Receivers act as if there were none.",
		"Publish it as v=DMARC1; p=… with nothing before it.",
		"RFC 9989 section 4.7",
	},
	{
		"DMARC-005", Serious, "The policy in the DMARC record is not valid: {fault}.",
		"Receivers take it for p=none if there is a reporting address, and else ignore the record.",
		"Write p=none, p=quarantine or p=reject, and the same for sp and np.",
		"RFC 9989 section 4.10.1",
	},
	{
		"DMARC-006", Moderate, "The DMARC record asks nobody for reports (rua).",
		"You don't learn who sends as {domain}, nor whether your own mail passes.",
		"Add rua=mailto: and an address that is read.",
		"RFC 9989 section 4.7",
	},
	{
		"DMARC-007", Moderate, "A reporting address is not valid: {fault}.",
		"No reports go there.",
		"Write it as mailto:name@{domain}; several are separated by commas.",
		"RFC 9989 section 4.6",
	},
	{
		"DMARC-008", Moderate, "Reports should go to {host}, which does not agree to take them.",
		"Receivers send no reports to a stranger's domain without its consent.",
		"Ask its owner to publish v=DMARC1 as TXT at {domain}._report._dmarc.{host}, or use an address of your own.",
		"RFC 9990 section 4",
	},
	{
		"DMARC-009", Serious, "Subdomains are protected less than {domain} (sp={policy}).",
		"Forgers use names like mail.{domain}, which people take for yours.",
		"If that is a stage on the way, go on with it; then take sp out, or make it as strong as p.",
		"RFC 9989 section 4.7",
	},
	{
		"DMARC-010", Moderate, "Subdomains that don't exist are protected less than those that do (np={policy}).",
		"No real mail comes from names that don't exist; they should be the first to be refused.",
		"Set np=reject.",
		"RFC 9989 section 4.7",
	},
	{
		"DMARC-011", Info, "Mail from subdomains that don't exist is not refused yet.",
		"No real mail comes from them, so np=reject loses nothing.",
		"Add np=reject.",
		"RFC 9989 section 4.7",
	},
	{
		"DMARC-012", Moderate, "The DMARC record is in test mode (t=y).",
		"Receivers apply one level less than it says: {policy}.",
		"When the reports are clean, take t=y out.",
		"RFC 9989 section 4.7",
	},
	{
		"DMARC-013", Minor, "The DMARC record has tags that the standard gave up: {tags}.",
		"Current receivers ignore them. Older ones still act on pct: below 100 they apply the policy to that share of the mail that fails, and the next weaker one to the rest.",
		"Take them out; where pct was below 100, the policy then holds for all mail. To hold it back everywhere, add t=y.",
		"RFC 9989 appendix A.6",
	},
	{
		"DMARC-014", Minor, "The DMARC policy is quarantine.",
		"Forged mail goes to the spam folder, where some people still open it.",
		"When the reports stay clean, go on to p=reject.",
		"RFC 9989 section 4.7",
	},
	{
		"DMARC-015", Moderate, "A DMARC record stands at {domain} itself, where nobody looks.",
		"Receivers ask at _dmarc.{domain}.",
		"Move it there.",
		"RFC 9989 section 4.5",
	},
	{
		"DMARC-016", Info, "The policy comes from {host}.",
		"{domain} has no DMARC record of its own; that of the organisation covers it.",
		"Nothing to do, unless this name should have another policy.",
		"RFC 9989 section 4.10.1",
	},
	{
		"DMARC-017", Minor, "The DMARC record has something odd: {fault}.",
		"It has no effect, or readers differ in what they make of it.",
		"Take it out, or write it plainly.",
		"RFC 9989 section 4.8",
	},
	{
		"DMARC-018", Info, "Which domain {domain} belongs to is told differently: {org} by the DMARC records, {listed} by the public suffix list.",
		"Newer receivers go by the records, older ones by the list, so the same mail may be judged differently.",
		"If {listed} is yours, publish a DMARC record there as well, and psd=n where the boundary is.",
		"RFC 9989 section 4.10.2",
	},
	{
		"DMARC-019", Moderate, "The DMARC record says psd=y, but {domain} is no public suffix.",
		"Receivers then take every name below it for a stranger's, and mail of {domain} no longer aligns with them.",
		"Take psd=y out.",
		"RFC 9989 section 4.7",
	},
	{
		"DMARC-020", Serious, "The DMARC record holds what does not belong there: {what}.",
		"Receivers read plain ASCII only: they ignore the tag, or the whole record.",
		"Copy the mended record, or type it anew in a plain text editor.",
		"RFC 9989 section 4.8",
	},
	{
		"DMARC-021", Moderate, "A DMARC record stands at {host}, where nobody looks.",
		"Receivers ask at {name}. Panels often add the domain by themselves.",
		"Move it to {name}.",
		"RFC 9989 section 4.5",
	},
	{
		"DMARC-022", Moderate, "The addresses in {tag} are not parted by commas.",
		"Receivers read them as one address, which is none, or lose the second; no reports go there.",
		"Put a comma between two addresses, and mailto: before each.",
		"RFC 9989 section 4.8",
	},
	{
		"DMARC-023", Moderate, "The tags of the DMARC record are not parted by semicolons, or not written with =: {fault}.",
		"Receivers take two tags for one and ignore them, or a tag for none.",
		"Write each tag as name=value, with a semicolon between two.",
		"RFC 9989 section 4.8",
	},
}
