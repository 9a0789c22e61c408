package finding

// mxRules are those of mail exchangers.
var mxRules = []Rule{
	{
		"MX-001", Moderate, "A null MX stands beside other MX records.",
		"The null MX says that the domain takes no mail, the others say that it does; servers differ in which they believe.",
		"Keep one or the other.",
		"RFC 7505 section 3",
	},
	{
		"MX-002", Serious, "The mail exchanger {host} has no address.",
		"Mail to {domain} is delayed or lost, bounces and reports too. If {host} is in a domain that nobody owns any more, somebody may register that domain and read the mail.",
		"Give {host} an address, or take its MX record out.",
		"RFC 5321 section 5.1",
	},
	{
		"MX-003", Minor, "{domain} has no MX record, but an address.",
		"Mail servers then try the address itself, often a web server, and mail to the domain hangs there for days.",
		"Publish an MX record; or, if the domain takes no mail, the null MX: 0 and a single dot.",
		"RFC 5321 section 5.1",
	},
	{
		"MX-004", Minor, "Every name below {domain} has a mail exchanger (wildcard).",
		"Mail to any made-up subdomain is taken in, and so are the bounces of mail forged in its name.",
		"Publish MX records for the subdomains that get mail, and take the wildcard out.",
		"RFC 4592 section 2",
	},
	{
		"MX-005", Minor, "The mail exchanger {host} is an alias (CNAME).",
		"Some servers refuse to deliver to an alias.",
		"Name the server that the alias leads to.",
		"RFC 2181 section 10.3",
	},
	{
		"MX-006", Moderate, "{domain} says with a null MX that it takes no mail, but its SPF record lets servers send.",
		"Receivers may refuse mail that nobody can answer, and bounces are lost.",
		"Give the domain an MX record; or, if it does not send, publish v=spf1 -all.",
		"RFC 7505 section 4.2",
	},
	{
		"MX-007", Info, "{domain} seems neither to send nor to take mail, but has no null MX.",
		"A null MX makes senders give up at once instead of trying for days, and spares you the rest of the bounces.",
		"Publish the MX record with preference 0 and a single dot as host.",
		"RFC 7505 section 3",
	},
	{
		"MX-008", Minor, "{address}, an address of {domain}'s own, has no reverse name that leads back to it.",
		"Large receivers refuse or distrust mail from addresses without one, over IPv6 above all.",
		"Have your provider set the reverse name (PTR) to a host name whose address is {address}.",
		"RFC 1912 section 2.1",
	},
}
