package cli

import "unspoof/bounce"

var kinds = map[bounce.Kind]string{
	bounce.DSNFailed:          "delivery failed",
	bounce.DSNDelayed:         "delivery is delayed",
	bounce.DSNOther:           "delivery report, not a failure",
	bounce.NonstandardFailed:  "delivery failed (in no standard form)",
	bounce.NonstandardDelayed: "delivery is delayed (in no standard form)",
	bounce.ProviderJSON:       "delivery failed (a provider's own form)",
	bounce.ARFAbuse:           "somebody complained about mail",
	bounce.ARFAuthFailure:     "report of mail that failed authentication",
	bounce.AutoReply:          "automatic reply",
	bounce.ChallengeResponse:  "asks the sender to confirm; do not",
	bounce.MDN:                "notice that a message was read",
	bounce.ReportAggregate:    "DMARC aggregate report",
	bounce.PostmasterNotice:   "notice of a mail server to its postmaster",
	bounce.ForwardedBounce:    "a bounce that somebody forwarded",
	bounce.ForwardedMessage:   "a message that somebody forwarded",
	bounce.FakeBounce:         "pretends to be a bounce: fraud, follow no link in it",
	bounce.Ordinary:           "ordinary mail, no notice",
}

func kindWords(k bounce.Kind) string {
	if s, ok := kinds[k]; ok {
		return s
	}
	return string(k)
}

var classes = map[bounce.Class]string{
	bounce.UnknownUser:    "there is no such mailbox",
	bounce.MailboxFull:    "the mailbox is full",
	bounce.Policy:         "the server's policy",
	bounce.Spam:           "it was taken for spam",
	bounce.Authentication: "it failed SPF, DKIM or DMARC",
	bounce.DNS:            "the domain or the way there is not in DNS",
	bounce.Size:           "it was too large",
	bounce.Temporary:      "a temporary fault",
	bounce.Other:          "another reason",
}

func classWords(c bounce.Class) string {
	if s, ok := classes[c]; ok {
		return s
	}
	return string(c)
}

var returnedWords = map[bounce.Returned]string{
	bounce.ReturnedFull:     "came back whole",
	bounce.ReturnedHeaders:  "its header came back",
	bounce.ReturnedPartial:  "a few of its header lines came back",
	bounce.ReturnedEmbedded: "is quoted in the text",
	bounce.ReturnedNone:     "did not come back",
}
