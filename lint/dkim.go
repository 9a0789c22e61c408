package lint

import "context"

// DKIM lints the key record of a selector (RFC 6376 section 3.6.1).
func DKIM(ctx context.Context, a Args) Report { return Report{Kind: KindDKIM} }
