package auth

import (
	"strconv"

	"unspoof/arc"
	"unspoof/authres"
	"unspoof/dkim"
)

// AuthenticationResults gives the field for the top of the message (RFC 8601), as
// written by the server of that authserv-id. Its Format may be given to anybody:
// what the sender chose (addresses, domains) is quoted there and cannot pass for a
// result. Fields of others that claim the same authserv-id have to be removed
// before; see authres.Select.
func (r Result) AuthenticationResults(id string) authres.Field {
	f := authres.Field{ID: id, Version: 1}
	if r.IP.IsValid() {
		f.Results = append(f.Results, r.spfResults()...)
	}
	f.Results = append(f.Results, r.dkimResults()...)
	if r.ARC.Result != arc.None {
		f.Results = append(f.Results, r.arcResult())
	}
	f.Results = append(f.Results, r.dmarcResult())
	return f
}

// property appends one where there is a value.
func property(props []authres.Property, ptype, name, value string) []authres.Property {
	if value == "" {
		return props
	}
	return append(props, authres.Property{Type: ptype, Name: name, Value: value})
}

// spfResults are those of MAIL FROM and HELO (RFC 8601 section 2.7.2).
func (r Result) spfResults() []authres.Result {
	helo := authres.Result{
		Method: "spf", Result: string(r.SPF.HELO.Result), Reason: r.SPF.HELO.Cause, Props: property(nil, "smtp", "helo", r.HELO),
	}
	if r.SPF.Identity == "helo" {
		return []authres.Result{helo}
	}
	from := authres.Result{
		Method: "spf", Result: string(r.SPF.Result.Result), Reason: r.SPF.Cause, Props: property(nil, "smtp", "mailfrom", r.MailFrom),
	}
	return []authres.Result{from, helo}
}

// dkimResults has one a signature (RFC 8601 section 2.7.1).
func (r Result) dkimResults() []authres.Result {
	if len(r.DKIM.Results) == 0 {
		return []authres.Result{{Method: "dkim", Result: string(dkim.None)}}
	}
	var out []authres.Result
	for _, s := range r.DKIM.Results {
		res := authres.Result{Method: "dkim", Result: string(s.Result)}
		if s.Result != dkim.Pass {
			res.Reason = s.Reason
		}
		res.Props = property(res.Props, "header", "d", s.Domain)
		res.Props = property(res.Props, "header", "i", s.Identity)
		res.Props = property(res.Props, "header", "s", s.Selector)
		res.Props = property(res.Props, "header", "a", string(s.Algorithm))
		res.Props = property(res.Props, "header", "b", s.Value[:min(len(s.Value), 8)]) // RFC 6008 section 4
		out = append(out, res)
	}
	return out
}

// arcResult is that of the chain (RFC 8617 section 10.2).
func (r Result) arcResult() authres.Result {
	res := authres.Result{Method: "arc", Result: string(r.ARC.Result)}
	if r.ARC.Result == arc.Pass {
		res.Props = property(res.Props, "header", "oldest-pass", strconv.Itoa(r.ARC.OldestPass))
	} else {
		res.Reason = r.ARC.Reason
	}
	if r.IP.IsValid() {
		res.Props = property(res.Props, "smtp", "remote-ip", r.IP.String())
	}
	return res
}

// dmarcResult is the verdict (RFC 9989 section 9.2).
func (r Result) dmarcResult() authres.Result {
	res := authres.Result{Method: "dmarc", Result: string(r.Verdict)}
	if r.Domain == "" {
		res.Reason = r.Reason
	}
	res.Props = property(res.Props, "header", "from", r.Domain)
	res.Props = property(res.Props, "polrec", "p", string(r.Policy))
	if r.Domain != "" {
		res.Props = property(res.Props, "polrec", "domain", r.DMARC.RecordDomain)
	}
	return res
}
