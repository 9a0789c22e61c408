package lint

import "context"

// DMARC lints the DMARC policy record of a domain (RFC 9989 section 4.7).
func DMARC(ctx context.Context, a Args) Report { return Report{Kind: KindDMARC} }
