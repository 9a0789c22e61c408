package finding

// blocklistRules are those of addresses on block lists.
var blocklistRules = []Rule{
	{
		"LIST-001", Serious, "{address}, an address of {domain}'s own, is on the block list {list}: {reason}.",
		"Receivers that use the list refuse mail from there. Often a machine or an account behind the address was misused.",
		"Find out what was sent and stop it; only then ask to be taken off the list, which explains its reasons: {link}",
		"RFC 5782 section 2.1",
	},
	{
		"LIST-002", Minor, "{address}, an address of {domain}'s own, stands in {list} as one that should not send mail directly: {reason}.",
		"Receivers that use the list refuse mail from there, though nobody misused it.",
		"Send through your provider's server; or, if this is a fixed address of your own, have the entry taken out: {link}",
		"RFC 5782 section 2.1",
	},
	{
		"LIST-003", Minor, "{address}, an address of {host} that mail of {domain} goes through, is on the block list {list}: {reason}.",
		"Receivers that use the list refuse mail from there. The server is not {domain}'s own, so other mail from it may be the cause.",
		"Tell the owner of {host}; only who runs the server can stop it and have the entry taken out: {link}",
		"RFC 5782 section 2.1",
	},
}
