package lint

import "context"

// SPF lints the SPF records among the TXT records at a domain (RFC 7208).
func SPF(ctx context.Context, a Args) Report { return Report{Kind: KindSPF} }
