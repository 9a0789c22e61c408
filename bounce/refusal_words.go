package bounce

import "sync"

// classRules are the words of refusals, in lower case, one phrase a line, the
// first group that matches counts: what names a check of the sender or of the
// content goes before words about recipients, which such texts have too.
var classRules = []struct {
	class Class
	words string
}{
	{Authentication, `
		dmarc
		dkim
		spf check
		spf fail
		spf:
		(spf
		spf record
		spf_
		sender policy framework
		unauthenticated email
		unauthenticated mail
		authentication checks failed
		authentication check failed
		not authenticated
		sender id (pra)
		spoofed
		is not allowed to send mail from
		not permitted to send for
		is not allowed to send for
		not authorized to send
		5.7.509
		5.7.515
		openspf
	`},
	{DNS, `
		host not found
		host unknown
		unknown host
		host or domain name not found
		domain not found
		domain does not exist
		no such domain
		unrouteable mail domain
		unroutable mail domain
		unrouteable address
		name or service not known
		name service error
		couldn't find any host
		couldn't find a mail exchanger
		cannot find your
		no mx
		null mx
		nullmx
		mx record
		dns error
		dns lookup
		dns failure
		nxdomain
		all relevant mx records
		domain isn't in my list
		domain of sender address
		recipient domain must exist
		unknown domain
		domain unknown
		dns server
		illegal host
		not a valid domain
		no route to host
		cannot resolve
	`},
	{MailboxFull, `
		mailbox full
		mailbox is full
		mailbox for user is full
		mail box full
		mailfull
		over quota
		overquota
		quota exceed
		exceeded quota
		exceeds quota
		exceeded storage
		exceeded its quota
		exceeded the quota
		exceeded his quota
		quota full
		out of quota
		insufficient disk
		not enough storage
		not enough space
		insufficient storage
		disk quota
		inbox is full
		out of storage
		full mailbox
		too much mail data
		account is full
		mailbox exceeds
		postfach voll
		postfach ist voll
		boîte pleine
		boite pleine
		buzón lleno
		casella piena
		caixa cheia
		ящик переполнен
		容量超過
		邮箱已满
		exceeded the local limit
		quota
	`},
	{Size, `
		too large
		too big
		message size
		size limit
		exceeds maximum
		maximum size
		exceeds the maximum message
		exceeds fixed limit
		message length exceed
		exceeded maximum
		recipsizelimit
		sizelimit
		zu groß
		trop volumineux
		demasiado grande
		troppo grande
		слишком велик
	`},
	{Spam, `
		spam
		blacklist
		black list
		blocklist
		block list
		blocked using
		blocked by
		dnsbl
		bulk email
		bulk mail
		unsolicited
		junk
		listed at
		listed in
		listed by
		spamhaus
		spamcop
		barracudacentral
		poor reputation
		bad reputation
		low reputation
		reputation
		content rejected
		message content
		ube,
		virus
		malware
		phish
		blocked for abuse
		cloudmark
		senderbase
	`},
	{UnknownUser, `
		user unknown
		unknown user
		no such user
		user not found
		user doesn't exist
		user does not exist
		no user
		unknown recipient
		recipient unknown
		recipient not found
		recipientnotfound
		no such recipient
		no such mailbox
		mailbox not found
		mailbox unavailable
		mailbox does not exist
		mailbox unknown
		unknown mailbox
		address unknown
		unknown address
		unknown local
		no such address
		no such account
		account does not exist
		account that you tried to reach does not exist
		account has been disabled
		account is disabled
		account disabled
		account inactive
		account is inactive
		account not found
		invalid recipient
		invalid mailbox
		invalid user
		invalid address
		bad destination
		not our customer
		not a known user
		not a valid mailbox
		not a valid user
		isn't a valid
		is not a valid
		doesn't have a
		does not have an account
		address not found
		address couldn't be found
		address wasn't found
		wasn't found
		does not exist
		doesn't exist
		not exist
		not known at
		unknown or illegal alias
		addressee unknown
		no mailbox here
		not listed in
		nicht gefunden
		existiert nicht
		unbekannt
		inconnu
		n'existe pas
		no existe
		desconocido
		sconosciuto
		inesistente
		não existe
		desconhecido
		bestaat niet
		onbekend
		nie istnieje
		не существует
		не найден
		неизвестн
		見つかりません
		リストにありません
		not recognized
		存在しません
		possibly incorrect
		alias
		no longer
		deactivated
		unknown
		recipient address rejected: access denied
	`},
	{Policy, `
		relay
		access denied
		not permitted
		not allowed
		policy
		prohibited
		administratively
		denied
		refused by
		not authorized
		unauthorized
		restricted
		permission
		forbidden
		blocked
		rejected
		too many
		rate limit
		authentication required
		tls required
		must issue a starttls
	`},
	{Temporary, `
		timed out
		timeout
		connection refused
		try again
		temporar
		greylist
		greylisted
		deferred
		establish an smtp connection
		in the queue too long
		queue too long
		too long in queue
		could not connect
		connection reset
		lost connection
		unable to connect
		network is unreachable
		retry
	`},
}

// classPhrases gives the table of these words, made once; a mark is the number of
// a rule.
var classPhrases = sync.OnceValue(func() *phrases {
	t := new(phrases)
	for i, rule := range classRules {
		t.add(uint16(i), rule.words)
	}
	return t
})
