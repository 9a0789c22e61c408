package finding

// dnsRules are those of the domain's existence and its zone.
var dnsRules = []Rule{
	{
		"DNS-001", Critical, "{domain} does not exist in DNS.",
		"Nothing is published for it, so nothing can tell receivers what is real. Usually the name is misspelt.",
		"Check the spelling. If the name is right, ask whoever runs its DNS why it is gone.",
		"RFC 8020 section 2",
	},
	{
		"DNS-002", Minor, "Every name below {domain} answers with the same TXT records (wildcard).",
		"Records meant for one name then stand at every made-up name as well, SPF and others.",
		"Publish TXT records at the names that need them, and take the wildcard out.",
		"RFC 4592 section 2",
	},
	{
		"DNS-003", Info, "The zone of {domain} is not signed (DNSSEC).",
		"Whoever can forge DNS answers on their way can forge every record of this report, and DANE cannot be used.",
		"Ask whoever runs the zone to sign it, and have the DS record put into the parent zone by your registrar.",
		"RFC 4035 section 2",
	},
}
