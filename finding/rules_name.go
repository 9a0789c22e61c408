package finding

// nameRules are those of names that a domain rests on.
var nameRules = []Rule{
	{
		"NAME-001", Serious, "{domain} relies on {host} ({via}), and {name} does not exist: it may be free for anybody to register.",
		"Whoever registers {name} takes that place: sends as {domain} and passes, or reads the mail meant for it.",
		"Take {host} out wherever it stands. If {name} was yours, register it again before somebody else does.",
		"RFC 7208 section 11",
	},
	{
		"NAME-002", Serious, "{domain} relies on {host} through records of others ({via}), and {name} does not exist: it may be free for anybody to register.",
		"Whoever registers {name} takes that place, and sends as {domain} and passes.",
		"The name stands in a record that is not yours: tell the owner of what {term} leads to, and take {term} out until it is mended.",
		"RFC 7208 section 11",
	},
	{
		"NAME-003", Moderate, "Reports on {domain} go to {host} ({via}), and {name} does not exist: it may be free for anybody to register.",
		"Whoever registers {name} reads them: which servers the mail comes from, and how much. Until then they are lost.",
		"Take the address out, or put in one of your own. If {name} was yours, register it again before somebody else does.",
		"RFC 9990 section 4",
	},
}
