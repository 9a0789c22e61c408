package whatif

import (
	"context"
	"net/netip"
	"strings"

	"unspoof/dmarc"
	"unspoof/dns"
	"unspoof/spf"
)

// Message is what receivers judge a message by.
type Message struct {
	IP   netip.Addr // that hands it over; the zero Addr: SPF is not checked
	HELO string
	// MailFrom is the return path without brackets, "" of a bounce; From the
	// author's address, or only its domain.
	MailFrom, From string
	// DKIM are its signatures, with what their check gave.
	DKIM []dmarc.DKIM
}

// judgement of one message, by the records that one resolver knows.
type judgement struct {
	spf   spf.Result
	dmarc [2]dmarc.Result // by RFC 7489 and RFC 9989
	fates [3]Fate         // in the order of receivers
}

// judge asks what receivers are asked to do. word, unless "", is taken for SPF's
// result, where the address is not known.
func judge(ctx context.Context, r dns.Resolver, cache *spf.Cache, m Message, word spf.Word) judgement {
	var j judgement
	domain := m.MailFrom
	if i := strings.LastIndexByte(domain, '@'); i >= 0 {
		domain = domain[i+1:]
	}
	if domain == "" {
		domain = m.HELO // RFC 7208 section 2.4
	}
	switch {
	case word != "":
		j.spf.Result = word
	case m.IP.IsValid() && domain != "":
		c := &spf.Checker{Resolver: r, Cache: cache}
		j.spf = c.Check(ctx, spf.Args{IP: m.IP, HELO: m.HELO, MailFrom: m.MailFrom})
	default:
		j.spf.Result, domain = spf.None, ""
	}
	author := m.From
	if i := strings.LastIndexByte(author, '@'); i >= 0 {
		author = author[i+1:]
	}
	args := dmarc.Args{Domain: author, DKIM: m.DKIM, Resolver: r, SPF: dmarc.SPF{Domain: domain, Result: string(j.spf.Result)}}
	for i, standard := range [...]dmarc.Standard{dmarc.RFC7489, dmarc.RFC9989} {
		args.Standard = standard
		j.dmarc[i] = dmarc.Evaluate(ctx, args)
	}
	j.fates = [...]Fate{bySPF(j.spf.Result), byDMARC(j.dmarc[0], j.spf.Result), byDMARC(j.dmarc[1], j.spf.Result)}
	return j
}

// why says what decided, at a receiver by RFC 9989.
func (j judgement) why() string {
	d := j.dmarc[1]
	var last string
	for _, r := range d.Reasons {
		switch r.Code {
		case dmarc.ReasonAligned:
			return r.Text
		case dmarc.ReasonNotAligned, dmarc.ReasonNotPassed, dmarc.ReasonNothing, dmarc.ReasonOpen, dmarc.ReasonFault:
			last = r.Text
		case dmarc.ReasonNoRecord, dmarc.ReasonIgnored:
			if last == "" {
				last = r.Text
			}
		}
	}
	return last
}
