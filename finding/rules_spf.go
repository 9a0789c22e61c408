package finding

// spfRules are those of SPF records.
var spfRules = []Rule{
	{
		"SPF-001", Serious, "There is no SPF record.",
		"No receiver can tell which servers send for {domain}; a forged envelope address looks as good as yours.",
		"List everything that sends, and build the record: unspoof spf build --domain {domain}.",
		"RFC 7208 section 4.5",
	},
	{
		"SPF-002", Serious, "There are {count} SPF records where one is allowed.",
		"Receivers treat that as an error and ignore all of them.",
		"Join them into one record, and delete the others.",
		"RFC 7208 section 4.5",
	},
	{
		"SPF-003", Serious, "The SPF record is not valid: {fault}.",
		"One mistake makes receivers ignore the whole record.",
		"Correct this part: {term}{hint}.",
		"RFC 7208 section 4.6",
	},
	{
		"SPF-004", Critical, "The SPF record lets every address send ({term}).",
		"Anyone's mail passes SPF as {domain}. With that it passes DMARC too, so no policy can help.",
		"Take it out, and end the record in ~all.",
		"RFC 7208 section 5.1",
	},
	{
		"SPF-005", Moderate, "The SPF record ends in ?all.",
		"It says nothing about mail from other servers, as if there were no record for them.",
		"Once everything that sends is listed, end the record in ~all.",
		"RFC 7208 section 8.2",
	},
	{
		"SPF-006", Moderate, "The SPF record has no all at its end.",
		"What it says about mail from other servers is then \"neutral\": nothing.",
		"End the record in ~all.",
		"RFC 7208 section 4.7",
	},
	{
		"SPF-007", Serious, "The SPF record needs {count} DNS look-ups; ten are allowed.",
		"Receivers stop at the eleventh and treat the record as an error. Which of your mail is hit looks random.",
		"Take out what no longer sends. {biggest}",
		"RFC 7208 section 4.6.4",
	},
	{
		"SPF-008", Moderate, "{count} terms of the SPF record find nothing in DNS; two are allowed.",
		"Receivers may treat the record as an error, and ignore it.",
		"Take out the names that are gone: {terms}.",
		"RFC 7208 section 4.6.4",
	},
	{
		"SPF-009", Minor, "The SPF record uses ptr ({term}).",
		"It is slow, often fails, and the standard asks not to use it. Large receivers skip it.",
		"Replace it by the addresses themselves, or by an include.",
		"RFC 7208 section 5.5",
	},
	{
		"SPF-010", Serious, "The SPF record lets in a very wide network ({term}).",
		"Whoever has a machine among its {size} addresses can send as {domain} and pass SPF.",
		"List only the addresses that send.",
		"RFC 7208 section 11.4",
	},
	{
		"SPF-011", Info, "The SPF record includes {service}, whose servers many customers share.",
		"If the service does not check who uses which sender address, its other customers can pass SPF as {domain}.",
		"Ask whether it binds {domain} to your account. Where DKIM is set up there, the include can often go.",
		"RFC 7208 section 11.4",
	},
	{
		"SPF-012", Serious, "The SPF record includes {host}, which does not work: {fault}.",
		"Receivers treat the whole record as an error when they get that far. If nobody owns the name any more, its next owner can send as {domain}.",
		"Take {term} out, or correct its name{hint}.",
		"RFC 7208 section 5.2",
	},
	{
		"SPF-013", Moderate, "An SPF record stands at {host}, where nobody looks.",
		"Receivers ask at {domain} itself.",
		"Move the record to {domain}.",
		"RFC 7208 section 4.4",
	},
	{
		"SPF-014", Serious, "A TXT record looks like SPF, but does not start with v=spf1 and a space: {text}",
		"Receivers don't take it for an SPF record.",
		"Publish it without anything before v=spf1, without quotes of your own, and with a space after it.",
		"RFC 7208 section 4.5",
	},
	{
		"SPF-015", Minor, "An SPF record of the old type (99) is published, and none as TXT.",
		"The type was given up in 2014; nobody reads it.",
		"Publish the same text as a TXT record.",
		"RFC 7208 section 3.1",
	},
	{
		"SPF-016", Moderate, "{domain} takes no mail and names no sender, but its SPF record does not say that nobody sends.",
		"A domain that is not used for mail is a favourite of forgers.",
		"Publish v=spf1 -all.",
		"RFC 7208 section 10.1.2",
	},
	{
		"SPF-017", Info, "The SPF record of a domain that sends ends in -all.",
		"Some receivers refuse at once what comes from another address, forwarded mail of yours included, before they look at DKIM and DMARC.",
		"Where a DMARC policy is in force, ~all protects as well and loses less.",
		"RFC 7489 section 10.1",
	},
	{
		"SPF-018", Moderate, "The SPF record names {host}, which has no address.",
		"The term lets nobody in and counts to the two empty look-ups allowed. If the name's domain lapses, its next owner can send as {domain}.",
		"Take {term} out, or correct the name.",
		"RFC 7208 section 4.6.4",
	},
	{
		"SPF-019", Minor, "What stands after all in the SPF record is never reached: {term}.",
		"Servers named there fail SPF.",
		"Move all to the end.",
		"RFC 7208 section 5.1",
	},
	{
		"SPF-020", Minor, "The SPF record has {count} octets.",
		"Its answer may not fit a plain DNS packet, and some receivers give up.",
		"Shorten it: take out what no longer sends, or join networks.",
		"RFC 7208 section 3.4",
	},
	{
		"SPF-021", Info, "The include of {service} does nothing for you.",
		"Its mail leaves with an envelope address of its own, so your SPF record is not asked for it. It only costs look-ups.",
		"Set up its DKIM, then take {term} out.",
		"RFC 9989 section 4.4.2",
	},
	{
		"SPF-022", Minor, "The SPF record holds addresses that are not of the Internet ({term}).",
		"No receiver sees mail come from there.",
		"Replace them by the address that the Internet sees, or take them out.",
		"RFC 6890",
	},
	{
		"SPF-023", Serious, "The SPF record leads back to itself through {term}.",
		"Receivers treat that as an error and ignore the record.",
		"Take {term} out.",
		"RFC 7208 section 4.6.4",
	},
}
