package finding

// transportRules are those of what DNS says about encryption on the way to a
// domain.
var transportRules = []Rule{
	{
		"TLS-201", Info, "{domain} has no MTA-STS policy.",
		"Somebody on the way to your servers can make senders deliver without encryption, or to another server.",
		"When your mail exchangers have certificates for their names, publish a policy, in mode testing first: unspoof mta-sts build --domain {domain}.",
		"RFC 8461 section 3",
	},
	{
		"TLS-202", Moderate, "The MTA-STS record of {domain} cannot be used: {fault}.",
		"Senders act as if there were no policy.",
		"Publish one TXT record at _mta-sts.{domain}: v=STSv1; id= and letters or digits that change with every change of the policy.",
		"RFC 8461 section 3.1",
	},
	{
		"TLS-203", Minor, "{domain} protects the way to its servers, but asks nobody for reports on it.",
		"When a certificate is out of date, senders that obey you hold the mail back, and you don't hear of it.",
		"Publish a TXT record at _smtp._tls.{domain}: v=TLSRPTv1; rua=mailto: and an address that is read.",
		"RFC 8460 section 3",
	},
	{
		"TLS-204", Moderate, "The TLSA records of {host} are not secured by DNSSEC.",
		"Nobody uses them so: whoever can forge DNS answers could forge them as well.",
		"Sign the zone of {host}, or take the records out.",
		"RFC 7672 section 2.2",
	},
	{
		"TLS-205", Moderate, "A TLSA record of {host} cannot be used: {fault}.",
		"Mail servers skip it. If no other is left, they encrypt without knowing with whom.",
		"Publish it as 3 1 1 with the SHA-256 of the server's public key.",
		"RFC 7672 section 3.1",
	},
	{
		"TLS-206", Minor, "{host} has no TLSA records, though other mail exchangers of {domain} have.",
		"Somebody on the way can steer senders to the exchanger without.",
		"Publish TLSA records for all of them.",
		"RFC 7672 section 2.2",
	},
	{
		"TLS-207", Moderate, "The TLS-RPT record of {domain} cannot be used: {fault}.",
		"Nobody sends you reports on encryption.",
		"Publish one TXT record at _smtp._tls.{domain}: v=TLSRPTv1; rua=mailto: and an address that is read.",
		"RFC 8460 section 3",
	},
}
