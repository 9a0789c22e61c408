package whatif

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"unspoof/dkim"
	"unspoof/dmarc"
	"unspoof/dns"
	"unspoof/orgdomain"
	"unspoof/spf"
)

// TableArgs describe one message.
type TableArgs struct {
	Message  Message
	Resolver dns.Resolver
	Records  []dns.Record // as in Args; none: today and planned are the same
}

// Table is what each kind of receiver is asked to do with one message, today and
// with the planned records.
type Table struct {
	IP       netip.Addr `json:"ip"` // "" where none was given
	HELO     string     `json:"helo"`
	MailFrom string     `json:"mail_from"`
	From     string     `json:"from"`
	Rows     []Row      `json:"rows"` // in the order of the Receiver constants
}

// Row is one kind of receiver.
type Row struct {
	Receiver Receiver `json:"receiver"`
	Before   Cell     `json:"before"`
	After    Cell     `json:"after"`
}

// Cell is what a receiver finds, and what it is asked to do.
type Cell struct {
	Fate Fate `json:"fate"`
	// Result is SPF's word, or DMARC's verdict; Policy what the author's domain asks
	// for, "" where it asks for nothing.
	Result string       `json:"result"`
	Policy dmarc.Policy `json:"policy,omitempty"`
	At     string       `json:"at,omitempty"` // whose record decided
	Why    string       `json:"why"`          // a sentence, or several
	// Cause says why SPF gives none, temperror or permerror; "" else.
	Cause string `json:"cause,omitempty"`
}

// Judge gives the table of a message. A signature given as "pass" counts so only
// where its key is in DNS. The error is one of the arguments, or that of ctx.
func Judge(ctx context.Context, a TableArgs) (Table, error) {
	if a.Resolver == nil {
		return Table{}, errors.New("whatif: no resolver")
	}
	m := a.Message
	domain := m.From
	if i := strings.LastIndexByte(domain, '@'); i >= 0 {
		domain = domain[i+1:]
	}
	if _, err := orgdomain.Name(domain); err != nil {
		return Table{}, fmt.Errorf("whatif: From %q: %w", m.From, err)
	}
	for _, d := range m.DKIM {
		if _, err := dkim.KeyName(d.Selector, d.Domain); err != nil {
			return Table{}, fmt.Errorf("whatif: signature of %q, selector %q: %w", d.Domain, d.Selector, err)
		}
	}
	m.IP = m.IP.Unmap()
	t := Table{IP: m.IP, HELO: m.HELO, MailFrom: m.MailFrom, From: m.From}
	cache := spf.NewCache(0)
	before := cells(ctx, a.Resolver, cache, m)
	after := cells(ctx, dns.NewOverlay(a.Resolver, a.Records), cache, m)
	for i, r := range receivers {
		t.Rows = append(t.Rows, Row{Receiver: r, Before: before[i], After: after[i]})
	}
	if err := ctx.Err(); err != nil {
		return Table{}, fmt.Errorf("whatif: %w", err)
	}
	return t, nil
}

func cells(ctx context.Context, r dns.Resolver, cache *spf.Cache, m Message) [3]Cell {
	m.DKIM = slices.Clone(m.DKIM)
	var noKey []string
	for i, d := range m.DKIM {
		if d.Result != "pass" {
			continue
		}
		key, err := dkim.FetchKey(ctx, r, d.Domain, d.Selector)
		var fault *dkim.Fault
		switch {
		case errors.As(err, &fault) && fault.Word == dkim.TempError:
			m.DKIM[i].Result = "temperror"
		case err != nil:
			m.DKIM[i].Result = "permerror"
			noKey = append(noKey, fmt.Sprintf("selector %s of %s has no usable key: %v", d.Selector, d.Domain, err))
		case key.Revoked:
			m.DKIM[i].Result = "permerror"
			noKey = append(noKey, fmt.Sprintf("the key of selector %s of %s is revoked", d.Selector, d.Domain))
		}
	}
	j := judge(ctx, r, cache, m, "")
	var list [3]Cell
	list[0] = Cell{Fate: j.fates[0], Result: string(j.spf.Result), At: j.spf.Domain, Why: "SPF was not checked: no address was given"}
	if m.IP.IsValid() {
		list[0].Cause = j.spf.Cause
		list[0].Why = j.spf.Sentence(spf.Args{IP: m.IP, HELO: m.HELO, MailFrom: m.MailFrom})
	}
	for i, d := range j.dmarc {
		why := slices.Clone(noKey)
		for _, reason := range d.Reasons {
			why = append(why, reason.Text)
		}
		if soft := d.Applied.Softer(); i == 0 && d.Verdict == dmarc.VerdictFail && soft != d.Applied {
			if n := percent(d.Record); n > 0 && n < 100 { // RFC 7489 section 6.6.4
				why = append(why, fmt.Sprintf("pct=%d asks that of %[1]d in 100 such messages, and %s of the others", n, soft))
			}
		}
		list[i+1] = Cell{Fate: j.fates[i+1], Result: string(d.Verdict), Policy: d.Policy, At: d.RecordDomain, Why: strings.Join(why, "; ")}
	}
	return list
}
