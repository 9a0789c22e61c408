package probe

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"

	"unspoof/dns"
	"unspoof/orgdomain"
)

// ConsentState says whether a server may be asked.
type ConsentState string

// The states; only the first two let anything be sent.
const (
	ConsentGiven    ConsentState = "given"
	ConsentLoopback ConsentState = "loopback" // this machine, named by the user
	ConsentMissing  ConsentState = "missing"  // no record for this host
	ConsentExpired  ConsentState = "expired"
	ConsentInvalid  ConsentState = "invalid" // a record that can't be read, or that runs too long
	ConsentAddress  ConsentState = "address" // the address isn't the host's to give
	ConsentUnknown  ConsentState = "unknown" // DNS did not answer
)

// Consent is the word of a server's owner, published in DNS, that it may be
// probed: which host, until when. See docs/probe.md.
type Consent struct {
	State   ConsentState `json:"state"`
	Name    string       `json:"name"`              // where the record stands, or should
	Expires string       `json:"expires,omitempty"` // last day, "2026-12-31"
	Why     string       `json:"why"`
	Record  string       `json:"record,omitempty"` // what to publish there, where it is missing
}

// Given reports that the server may be asked.
func (c Consent) Given() bool { return c.State == ConsentGiven || c.State == ConsentLoopback }

const (
	consentLabel   = "_unspoof-consent."
	consentVersion = "unspoof1"
	// maxConsent is how long a consent may run: one that lasts for years is one
	// that its owner has forgotten.
	maxConsent = 90 * 24 * time.Hour
	// offeredConsent is how long the record that we propose runs.
	offeredConsent = 7 * 24 * time.Hour
	// maxConsentRecords bounds what is read at one name.
	maxConsentRecords = 50
)

// checkConsent tells whether a server may be asked, and at which address.
//
// A record alone isn't enough: whoever owns evil.example could publish a
// consent for mail.evil.example and point that name at somebody else's server.
// So the address must own up to it as well: its reverse name, which only the
// owner of the network can set, must be in the domain that consents.
func checkConsent(ctx context.Context, args Args, s Server) (Consent, netip.Addr) {
	host := dns.Canonical(s.Host)
	if _, err := netip.ParseAddr(s.Host); err != nil && !plain(s.Host) {
		return Consent{State: ConsentInvalid, Why: "its name is no host name"}, netip.Addr{}
	}
	if ip, err := netip.ParseAddr(s.Host); err == nil {
		return literalConsent(ip.Unmap(), s)
	}
	addrs, err := addresses(ctx, args.Resolver, host)
	if err != nil {
		return Consent{State: ConsentUnknown, Why: "DNS did not tell the address of " + host + ": " + faultWords(err)}, netip.Addr{}
	}
	if s.Named && len(addrs) > 0 && addrs[0].IsLoopback() {
		return Consent{State: ConsentLoopback, Why: host + " is this machine"}, addrs[0]
	}
	if !s.Ports.standard() {
		return Consent{State: ConsentAddress, Why: "a consent covers the ports 25, 465 and 587 only"}, netip.Addr{}
	}
	c := findConsent(ctx, args, host)
	if c.State != ConsentGiven {
		return c, netip.Addr{}
	}
	if args.Offline {
		// Whoever wrote the file could have consented for anybody.
		c.State, c.Why = ConsentAddress, "with DNS answered from a file, only this machine is asked"
		return c, netip.Addr{}
	}
	return ownsUp(ctx, args.Resolver, host, addrs, c)
}

func literalConsent(ip netip.Addr, s Server) (Consent, netip.Addr) {
	if s.Named && ip.IsLoopback() {
		return Consent{State: ConsentLoopback, Why: ip.String() + " is this machine"}, ip
	}
	return Consent{State: ConsentAddress, Why: "a server on another machine is asked by its name, which can carry a consent"}, netip.Addr{}
}

// findConsent reads the records of the organisation's domain, then of the host.
func findConsent(ctx context.Context, args Args, host string) Consent {
	if suffix, _ := publicsuffix.PublicSuffix(host); suffix == host {
		// Whoever can have a name below it could publish the record.
		return Consent{State: ConsentInvalid, Why: host + " is in no domain that somebody can register"}
	}
	org := orgdomain.OfPSL(host)
	missing := Consent{
		State: ConsentMissing, Name: consentLabel + org,
		Record: ConsentRecord(host, args.Now.Add(offeredConsent)),
		Why:    "nobody has agreed in DNS that " + host + " may be probed",
	}
	worst := missing
	for _, at := range slices.Compact([]string{org, host}) {
		c, err := readConsent(ctx, args, at, host)
		if err != nil {
			return Consent{State: ConsentUnknown, Name: consentLabel + at, Why: "DNS did not tell whether " + host + " may be probed: " + faultWords(err)}
		}
		switch {
		case c.State == ConsentGiven:
			return c
		case c.State != ConsentMissing:
			c.Record = missing.Record
			worst = c
		}
	}
	return worst
}

func readConsent(ctx context.Context, args Args, at, host string) (Consent, error) {
	out := Consent{State: ConsentMissing, Name: consentLabel + at}
	a, err := args.Resolver.Lookup(ctx, dns.Question{Name: out.Name, Type: dns.TypeTXT})
	if err != nil {
		return out, err
	}
	if len(a.Chain) > 0 && !a.Void() {
		// A wildcard alias to a service would let its other customers agree.
		out.State, out.Why = ConsentInvalid, out.Name+" is an alias; a consent counts only where it stands itself"
		return out, nil
	}
	for i, r := range a.Records {
		if i == maxConsentRecords {
			break
		}
		rec, err := parseConsent(strings.Join(r.Text, ""))
		switch {
		case errors.Is(err, errNoConsent):
			continue
		case err != nil:
			if out.State == ConsentMissing {
				out.State, out.Why = ConsentInvalid, "the record at "+out.Name+" cannot be read: "+err.Error()
			}
			continue
		case rec.host != host:
			continue
		}
		out.Expires = rec.expires.Format(time.DateOnly)
		end := rec.expires.AddDate(0, 0, 1)
		switch {
		case !args.Now.Before(end):
			out.State, out.Why = ConsentExpired, "the consent for "+host+" ended on "+out.Expires
		case end.Sub(args.Now) > maxConsent+24*time.Hour:
			out.State, out.Why = ConsentInvalid, fmt.Sprintf("the consent for %s runs until %s; one for more than %d days does not count", host, out.Expires, int(maxConsent.Hours()/24))
		default:
			out.State, out.Why = ConsentGiven, "agreed in DNS until "+out.Expires
			return out, nil
		}
	}
	return out, nil
}

// ConsentRecord is the TXT record by which the owner of host agrees to probes of
// it up to and including the day of expires.
func ConsentRecord(host string, expires time.Time) string {
	return fmt.Sprintf("v=%s; probe=%s; expires=%s", consentVersion, host, expires.UTC().Format(time.DateOnly))
}

type consentRecord struct {
	host    string
	expires time.Time // the last day, at its start
}

// errNoConsent is another kind of TXT record.
var errNoConsent = errors.New("no consent record")

// parseConsent reads "v=unspoof1; probe=HOST; expires=DATE". It is strict: what
// is not understood could be a limit that the owner set.
func parseConsent(text string) (consentRecord, error) {
	var rec consentRecord
	parts := strings.Split(text, ";")
	if strings.TrimSpace(parts[0]) != "v="+consentVersion {
		return rec, errNoConsent
	}
	seen := map[string]bool{}
	for _, p := range parts[1:] {
		if p = strings.TrimSpace(p); p == "" {
			continue
		}
		tag, value, _ := strings.Cut(p, "=")
		tag, value = strings.TrimSpace(tag), strings.TrimSpace(value)
		if seen[tag] {
			return rec, fmt.Errorf("%.20q is there twice", tag)
		}
		seen[tag] = true
		switch tag {
		case "probe":
			rec.host = dns.Canonical(value)
			if !plain(rec.host) || rec.host == "" {
				return rec, errors.New("probe= names no host")
			}
		case "expires":
			day, err := time.Parse(time.DateOnly, value)
			if err != nil {
				return rec, errors.New("expires= is no date such as 2026-12-31")
			}
			rec.expires = day
		default:
			return rec, fmt.Errorf("%.20q is not known", tag)
		}
	}
	if !seen["probe"] || !seen["expires"] {
		return rec, errors.New("it needs probe= and expires=")
	}
	return rec, nil
}

func faultWords(err error) string {
	var fault *dns.Error
	if errors.As(err, &fault) {
		return string(fault.Kind)
	}
	return err.Error()
}
