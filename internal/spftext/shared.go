package spftext

import (
	"context"

	"unspoof/dns"
	"unspoof/sender"
	"unspoof/spf"
)

// Shared is what a record lets in of a service at which anybody can have an account.
type Shared struct {
	Host     string   `json:"host"` // the include by which the service is known
	Services []string `json:"services"`
	spf.Overlap
}

// maxPools bounds the services whose addresses are read: a record within the limits
// has at most ten includes (RFC 7208 section 4.6.4), and this is twice that.
const maxPools = 20

// sharedWith finds what a set shares with the other customers of the services that
// it includes: the includes themselves, and one's own terms that lie in their ranges.
func sharedWith(ctx context.Context, resolver dns.Resolver, set *spf.Set) ([]Shared, error) {
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
	out := []Shared{}
	for _, o := range set.Overlap(pools) {
		out = append(out, Shared{o.Name, Services(o.Name), o})
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
