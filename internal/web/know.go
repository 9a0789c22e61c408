package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"unspoof/dns"
	"unspoof/dns/dnsfile"
	"unspoof/forensics"
	"unspoof/internal/profile"
)

// dnsTime is how long DNS may take to tell about the owner's domain while he
// waits for the answer to his form.
const dnsTime = 15 * time.Second

// knowledge is what is known of the owner's mail when a case begins.
type knowledge struct {
	profile *forensics.Profile
	zone    []byte // the profile's own DNS; nil: there is none
	unasked bool   // DNS did not answer; ask again when the case is judged anew
	notes   []string
}

// know takes it from the profile handed over or, without one, from DNS.
func (s *Server) know(ctx context.Context, u *upload) (knowledge, error) {
	k := knowledge{profile: &forensics.Profile{}}
	if u.profile != nil {
		p, warnings, err := profile.Parse(u.profile)
		if err != nil {
			return k, badInput(fmt.Sprintf("The profile file cannot be read. %s", sentence(err)))
		}
		k.profile, k.notes = p, warnings
		if k.zone, err = ownZone(u.profile); err != nil {
			return k, badInput(fmt.Sprintf("The “dns” part of the profile file cannot be read. %s", sentence(err)))
		}
	}
	if u.who != "" {
		if err := k.whose(u.who); err != nil {
			return k, err
		}
	}
	switch {
	case k.name() == "":
		return k, badInput("Name your domain, what stands behind the @ of your address: without it nobody can tell your mail from others’.")
	case u.profile == nil:
		return k, k.ask(ctx, s.resolver)
	}
	return k, nil
}

// name is what the case is called.
func (k *knowledge) name() string {
	if len(k.profile.Domains) > 0 {
		return k.profile.Domains[0]
	}
	return k.profile.Address
}

// ask takes from DNS what it tells about the owner's mail. A name that does not
// exist is the owner's mistake; a silent DNS is nobody's, and stops nothing.
func (k *knowledge) ask(ctx context.Context, resolver dns.Resolver) error {
	ctx, cancel := context.WithTimeout(ctx, dnsTime)
	defer cancel()
	p, warnings, err := fromDNS(ctx, resolver, k.profile)
	var fault *dns.Error
	switch {
	case errors.As(err, &fault):
		k.unasked = true
		k.notes = append(k.notes, "DNS did not answer, so what may send for you is not known. "+sentence(err))
		return nil
	case err != nil:
		return badInput(sentence(err))
	}
	k.profile, k.notes = p, append(k.notes, warnings...)
	return nil
}

// fromDNS reads the profile of a domain, or of an address at a provider.
func fromDNS(ctx context.Context, resolver dns.Resolver, p *forensics.Profile) (*forensics.Profile, []string, error) {
	if len(p.Domains) > 0 {
		return forensics.ProfileFromDNS(ctx, resolver, p.Domains[0])
	}
	return forensics.AddressProfile(ctx, resolver, p.Address)
}

// senders are the names of what may send, for the question whether that is all.
func senders(p *forensics.Profile) []string {
	names := p.Senders()
	return names[:min(len(names), maxSenders)]
}

// maxSenders is how many names stand in the question.
const maxSenders = 40

// whose takes what was typed as domain or address.
func (k *knowledge) whose(typed string) error {
	domain := cleanDomain(typed)
	local, host, isAddress := strings.Cut(domain, "@")
	if isAddress {
		domain = strings.TrimPrefix(host, "www.")
	}
	domain, err := checkDomain(domain)
	if err != nil {
		return err
	}
	switch {
	case !isAddress && isProvider(domain):
		return badInput(fmt.Sprintf("%s belongs to a mail provider, not to you. Write your whole address, you@%s.", domain, domain))
	case isAddress && isProvider(domain) && local != "":
		k.profile.Address = local + "@" + domain
	case !slices.Contains(k.profile.Domains, domain):
		k.profile.Domains = append(k.profile.Domains, domain)
	}
	return nil
}

// ownZone takes the dns map out of a profile, and nothing else of it: a profile
// can hold secrets, and what is returned here is kept.
func ownZone(text []byte) ([]byte, error) {
	documents, err := dnsfile.Documents("the profile", text)
	if err != nil {
		return nil, nil // no dns map in it
	}
	for _, d := range documents {
		var p struct {
			DNS map[string]map[string]any `yaml:"dns"`
		}
		if err := d.Decode(&p); err != nil {
			return nil, err
		}
		if len(p.DNS) == 0 {
			continue
		}
		zone, err := json.Marshal(map[string]any{"dns": p.DNS}) // JSON is YAML
		if err != nil {
			return nil, err
		}
		_, err = dnsfile.Parse("the profile", zone)
		return zone, err
	}
	return nil, nil
}

// providers give addresses to everybody, so that the domain says nothing about
// its owner. A domain that is missing here is taken for the owner's own.
const providers = `
gmail.com googlemail.com outlook.com outlook.de outlook.fr hotmail.com hotmail.co.uk hotmail.de hotmail.fr hotmail.it hotmail.es
live.com live.co.uk live.de live.fr live.nl msn.com passport.com yahoo.com yahoo.co.uk yahoo.co.jp yahoo.de yahoo.fr yahoo.it
yahoo.es yahoo.ca yahoo.in ymail.com rocketmail.com aol.com aim.com icloud.com me.com mac.com gmx.de gmx.net gmx.com gmx.at gmx.ch
web.de freenet.de t-online.de mail.com email.com proton.me protonmail.com protonmail.ch pm.me tutanota.com tutanota.de tuta.com
tuta.io posteo.de posteo.net mailbox.org fastmail.com fastmail.fm hey.com zoho.com zohomail.eu yandex.com yandex.ru ya.ru mail.ru
inbox.ru list.ru bk.ru rambler.ru qq.com foxmail.com 163.com 126.com yeah.net sina.com naver.com daum.net hanmail.net
orange.fr wanadoo.fr free.fr laposte.net sfr.fr libero.it virgilio.it tiscali.it alice.it wp.pl o2.pl onet.pl interia.pl
seznam.cz bluewin.ch comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net btinternet.com sky.com
virginmedia.com ntlworld.com talktalk.net bigpond.com optusnet.com.au shaw.ca rogers.com sympatico.ca telus.net ziggo.nl kpnmail.nl
telenet.be skynet.be rediffmail.com uol.com.br bol.com.br terra.com.br
`

func isProvider(domain string) bool { return slices.Contains(strings.Fields(providers), domain) }
