package cli

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"unspoof/dns"
	"unspoof/internal/cli/ui"
	"unspoof/sender"
	"unspoof/spf"
)

// sharedJSON is what a record lets in of a service at which anybody can have an
// account.
type sharedJSON struct {
	Host     string   `json:"host"` // the include by which the service is known
	Services []string `json:"services"`
	spf.Overlap
}

// maxPools bounds the services whose addresses are read.
const maxPools = 20

// sharedWith finds what a set shares with the other customers of the services that
// it includes: the includes themselves, and one's own terms that lie in their ranges.
func sharedWith(ctx context.Context, resolver dns.Resolver, set *spf.Set) ([]sharedJSON, error) {
	var pools []spf.Pool
	seen := map[string]bool{}
	for i := range set.Sources {
		host := knownService(set, i)
		if host == "" || seen[host] || len(pools) == maxPools {
			continue
		}
		seen[host] = true
		service, err := spf.Sets(ctx, spf.SetArgs{Domain: host, Resolver: resolver})
		if err != nil {
			return nil, err
		}
		pools = append(pools, spf.Pool{Name: host, Ranges: service.Of(spf.Pass, spf.AsWritten)})
	}
	out := []sharedJSON{}
	for _, o := range set.Overlap(pools) {
		out = append(out, sharedJSON{o.Name, serviceNames(o.Name), o})
	}
	return out, nil
}

// knownService gives the first host on the way to a source that belongs to a service
// of the catalogue, "" none. A host that is only likely one is no ground to say that
// strangers send from there.
func knownService(set *spf.Set, source int) string {
	for _, src := range set.Path(source) {
		if src.Parent < 0 {
			continue
		}
		for _, m := range sender.ByInclude(src.Domain) {
			if m.Confidence != sender.Low {
				return src.Domain
			}
		}
	}
	return ""
}

// mapped4 are IPv4 addresses in the form of IPv6: receivers take such a client for
// one with IPv4 (RFC 7208 section 5), so that no mail comes from there.
var mapped4 = netip.MustParsePrefix("::ffff:0:0/96")

// countable gives a set for counting, without the ranges of IPv6 that no client has.
func countable(set *spf.Set) *spf.Set {
	c := *set
	c.Ranges = nil
	for i := range set.Ranges {
		if r := set.Ranges[i].Range; !isMapped(r) {
			c.Ranges = append(c.Ranges, set.Ranges[i])
		}
	}
	return &c
}

func isMapped(r spf.Range) bool { return mapped4.Contains(r.From) && mapped4.Contains(r.To) }

// brokenFor gives the cause for which the record is an error, or is none, to some
// clients, "" where it is to nobody; all is true where it is to everybody.
func brokenFor(set *spf.Set) (cause string, all bool) {
	all = true
	for i := range set.Ranges {
		switch r := &set.Ranges[i]; r.Result {
		case spf.PermError, spf.None:
			if cause == "" {
				cause = pathWords(set, r.Source)
			}
		default:
			all = false
		}
	}
	return cause, all && cause != ""
}

// needless gives the terms that could go, but for an all that only says what the end
// of every record says: it shows that this is meant.
func needless(set *spf.Set) []spf.Shadow {
	return slices.DeleteFunc(set.Shadows(), func(s spf.Shadow) bool { return s.Reached && !s.Shadowed && len(s.By) == 0 })
}

// showShared names what is shared with strangers.
func (p *program) showShared(out *setsJSON) {
	if len(out.Shared) == 0 {
		return
	}
	o := p.out
	o.Heading("Shared with other customers")
	for _, s := range out.Shared {
		o.Text("  ", "%s of %s (%s), by %s", addressWords(s.Tally), strings.Join(s.Services, " or "), s.Host, strings.Join(s.Via, ", "))
	}
	o.Text("  ", "%s", o.As(ui.Dim, "Whoever has an account there sends from the same addresses; that they can't send as you is for the service to see to."))
}

// showShadows names the terms that could go.
func (p *program) showShadows(out *setsJSON) {
	if len(out.Shadows) == 0 {
		return
	}
	o := p.out
	o.Heading("Terms that could go")
	for _, s := range out.Shadows {
		why := "what comes behind it says the same"
		switch {
		case !s.Reached:
			why = "nobody comes as far as that"
		case s.Shadowed:
			why = "all that it matches is decided before"
		}
		if len(s.By) > 0 {
			why += ": " + strings.Join(s.By, ", ")
		}
		o.Text("  ", "%s (%s)", s.Term, why)
	}
}
