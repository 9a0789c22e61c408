package posture

import (
	"context"

	"unspoof/dmarc"
	"unspoof/dns"
)

// quickEssentials asks what the verdict rests on, one after another: whoever
// checks many domains at once has the parallelism there, and need not pay for it
// here too. The address is asked only where it tells something.
func (c *checker) quickEssentials(ctx context.Context) {
	c.get(ctx, &c.txt, dns.TypeTXT)
	c.get(ctx, &c.mx, dns.TypeMX)
	c.dmarc, c.dmarcErr = dmarc.Discover(ctx, c.ask, c.domain)
	if c.mx.err != nil || !c.mx.Void() || c.mx.RCode == dns.NXDomain {
		return
	}
	if c.get(ctx, &c.addr4, dns.TypeA); !c.addr4.has() {
		c.get(ctx, &c.addr6, dns.TypeAAAA)
	}
}
