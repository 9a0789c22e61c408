package plan

import (
	"encoding/json"
	"errors"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"

	"unspoof/inventory"
)

// TestPolicyAsked: what is asked for by name has the conditions of every rung that
// it reaches, and a word where less is asked for than today.
func TestPolicyAsked(t *testing.T) {
	zone := resolver(t, `
none.example.            TXT "v=spf1 -all"
_dmarc.watches.example.  TXT "v=DMARC1; p=none; rua=mailto:r@watches.example"
_dmarc.halts.example.    TXT "v=DMARC1; p=reject; rua=mailto:r@halts.example"
_dmarc.tries.example.    TXT "v=DMARC1; p=reject; t=y; rua=mailto:r@tries.example"
_dmarc.percent.example.  TXT "v=DMARC1; p=reject; pct=0; rua=mailto:r@percent.example"
_dmarc.both.example.     TXT "v=DMARC1; p=none; rua=mailto:r@far.example,mailto:r@both.example"
_dmarc.abroad.example.   TXT "v=DMARC1; p=none; rua=mailto:r@far.example"
_dmarc.some.example.     TXT "v=DMARC1; p=quarantine; pct=20; rua=mailto:r@some.example"
_dmarc.idle.example.     TXT "v=DMARC1; p=none; pct=20; rua=mailto:r@idle.example"
_dmarc.quarantined.example. TXT "v=DMARC1; p=quarantine; sp=reject; rua=mailto:r@quarantined.example"
`)
	bad := &inventory.Inventory{Domain: "watches.example", Senders: []inventory.Sender{{Name: "Bad", Status: inventory.InUse, SPF: inventory.Alignment{Aligned: inventory.No}, DKIM: inventory.Alignment{Aligned: inventory.No}}}}
	for _, tc := range []struct {
		rule   string
		req    DMARCRequest
		before []string // conditions
		not    string   // one that is not met, ""
		says   string
	}{
		{"reject from nothing", DMARCRequest{Domain: "none.example", Policy: "reject"}, []string{"reports-wanted", "reports-arrive", "no-missing-subdomain", "subdomains-aligned", "clean-reports", "senders-named", "senders-aligned", "senders-signed", "spf-valid", "no-list-posters", "test-calm"}, "reports-arrive", ""},
		{"senders that fail", DMARCRequest{Domain: "watches.example", Policy: "reject", Subdomain: "none", NonExistent: "none", Inventory: bad}, []string{"reports-arrive", "senders-named", "senders-aligned", "senders-signed", "spf-valid", "no-list-posters", "clean-reports", "test-calm"}, "senders-aligned", ""},
		{"a test of quarantine", DMARCRequest{Domain: "watches.example", Policy: "quarantine", Subdomain: "none", NonExistent: "none", Test: true}, []string{"reports-arrive", "senders-named", "senders-aligned", "spf-valid", "clean-reports"}, "spf-valid", ""},
		{"nothing raised", DMARCRequest{Domain: "halts.example", Policy: "reject"}, nil, "", "the same"},
		{"a test takes a level back", DMARCRequest{Domain: "halts.example", Policy: "reject", Test: true}, nil, "", "asks for more (p=reject): this one would take protection away, while the test lasts, down to quarantine"},
		{"the end of a test raises", DMARCRequest{Domain: "tries.example", Policy: "reject"}, []string{"reports-arrive", "senders-named", "senders-aligned", "senders-signed", "spf-valid", "no-list-posters", "clean-reports", "test-calm"}, "spf-valid", "asks for less (p=quarantine)"},
		{"weaker than the name above", DMARCRequest{Domain: "mail.halts.example", Policy: "none"}, nil, "", "The record of halts.example, which covers this name today, asks for more (p=reject)"},
		{"pct alone goes", DMARCRequest{Domain: "percent.example"}, []string{"reports-arrive", "senders-named", "senders-aligned", "senders-signed", "spf-valid", "no-list-posters", "clean-reports", "test-calm"}, "spf-valid", "The policy stays as it is; pct goes."},
		{"pct of a parked domain goes", DMARCRequest{Domain: "percent.example", Parked: true, Confirmed: true}, nil, "", "pct goes"},
		{"pct in what goes, with a policy", DMARCRequest{Domain: "some.example"}, []string{"reports-arrive", "no-missing-subdomain"}, "", "they will apply it to all"},
		{"pct without a policy", DMARCRequest{Domain: "idle.example"}, []string{"reports-arrive", "no-missing-subdomain"}, "", "pct=20 goes: the standard no longer has it"},
		{"quarantine is a good end", DMARCRequest{Domain: "quarantined.example"}, []string{"reports-arrive", "senders-named", "senders-aligned", "senders-signed", "spf-valid", "no-list-posters", "clean-reports"}, "spf-valid", "good end"},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			p, err := BuildDMARC(t.Context(), tc.req, zone)
			if err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, c := range p.Before {
				ids = append(ids, c.ID)
				if c.ID == tc.not && c.State != NotMet {
					t.Errorf("%s is %s", c.ID, c.State)
				}
			}
			if !slices.Equal(ids, tc.before) {
				t.Errorf("before %q, want %q", ids, tc.before)
			}
			if said := strings.Join(append(p.Warnings, p.Why...), "\n"); !strings.Contains(said, tc.says) {
				t.Errorf("said:\n%s", said)
			}
		})
	}
	for domain, want := range map[string]State{"both.example": NotKnown, "abroad.example": NotMet} { // one address that takes them is enough
		p, err := BuildDMARC(t.Context(), DMARCRequest{Domain: domain}, zone)
		var arrive Condition
		for _, r := range p.Ladder {
			if i := slices.IndexFunc(r.Before, func(c Condition) bool { return c.ID == "reports-arrive" }); i >= 0 {
				arrive = r.Before[i]
			}
		}
		if err != nil || arrive.State != want {
			t.Errorf("%s: %v, %+v", domain, err, arrive)
		}
		// Reports that nobody takes are no watching.
		next, _ := p.Next()
		if (next.ID == "watch") != (want == NotMet) || want == NotMet && p.Record.Value != "v=DMARC1; p=none; rua=mailto:dmarc@abroad.example,mailto:r@far.example" {
			t.Errorf("%s: next %s, %q", domain, next.ID, p.Record.Value)
		}
	}
	if p, err := BuildDMARC(t.Context(), DMARCRequest{Domain: "example.com", Parked: true}, resolver(t, world)); !errors.Is(err, ErrInUse) || len(p.Use) == 0 || p.Record.Value == "" {
		t.Errorf("a domain in use, to be parked: %v, %+v", err, p.Use)
	}
}

// TestElsewhere: a name that is an alias, or a zone of its own, is said, and its
// label is right.
func TestElsewhere(t *testing.T) {
	zone := resolver(t, `
deleg.example.              SOA ns1.x.example. h.x.example. 1 1 1 1 1
deleg.example.              MX 10 mail.use.example.
_dmarc.deleg.example.       CNAME deleg.vendor.example.
deleg.vendor.example.       TXT "v=DMARC1; p=none; rua=mailto:r@deleg.example"
_mta-sts.deleg.example.     CNAME _mta-sts.vendor.example.
_mta-sts.vendor.example.    TXT "v=STSv1; id=1"
_smtp._tls.deleg.example.   CNAME _tls.vendor.example.
_tls.vendor.example.        TXT "v=TLSRPTv1; rua=mailto:x@vendor.example"
dz.example.                 SOA ns1.x.example. h.x.example. 1 1 1 1 1
_dmarc.dz.example.          SOA ns1.x.example. h.x.example. 1 1 1 1 1
_dmarc.dz.example.          TXT "v=DMARC1; p=none"
bad.example.                MX 10 mail.use.example.
_mta-sts.bad.example.       TXT "v=STSv1; id=bad-id!;"
`)
	d, err := BuildDMARC(t.Context(), DMARCRequest{Domain: "deleg.example"}, zone)
	if err != nil || !strings.Contains(strings.Join(d.Warnings, " "), "_dmarc.deleg.example is an alias of deleg.vendor.example: change the record there, or take the alias away first") {
		t.Errorf("%q, %v", d.Warnings, err)
	}
	s, err := BuildSTS(t.Context(), STSRequest{Domain: "deleg.example", ID: "2", Mode: "testing"}, zone)
	if err != nil || !strings.Contains(strings.Join(s.Step.Warnings, " "), "is an alias of _mta-sts.vendor.example") {
		t.Errorf("%q, %v", s.Step.Warnings, err)
	}
	r, err := BuildTLSRPT(t.Context(), TLSRPTRequest{Domain: "deleg.example"}, zone)
	if err != nil || !strings.Contains(strings.Join(r.Step.Warnings, " "), "is an alias of _tls.vendor.example") {
		t.Errorf("%q, %v", r.Step.Warnings, err)
	}
	if d, err = BuildDMARC(t.Context(), DMARCRequest{Domain: "dz.example"}, zone); err != nil || d.Record.Forms.Label != "@" {
		t.Errorf("a zone of its own: label %q, %v", d.Record.Forms.Label, err)
	}
	if s, err = BuildSTS(t.Context(), STSRequest{Domain: "bad.example", ID: "2"}, zone); err != nil || s.Step.Change != Replace || s.Step.Record.Value == "" {
		t.Errorf("a record that cannot be read stays: %+v, %v", s.Step, err)
	}
}

// TestWhoSigns states what an inventory tells of signatures.
func TestWhoSigns(t *testing.T) {
	state := func(a inventory.Answer, basis inventory.Basis) inventory.Alignment {
		return inventory.Alignment{Aligned: a, Basis: basis}
	}
	own := inventory.Sender{Key: "host:mail.example.com", Name: "mail.example.com", Kind: inventory.KindHost, Status: inventory.InUse, Terms: []string{"mx"}}
	net := inventory.Sender{Key: "net:192.0.2.96/30", Name: "192.0.2.96/30", Kind: inventory.KindNetwork, Status: inventory.InUse, Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.96/30")}}
	inc := inventory.Sender{Key: "include:spf.service.example", Name: "spf.service.example", Kind: inventory.KindInclude, Status: inventory.InUse, Terms: []string{"include:spf.service.example"}}
	for _, tc := range []struct {
		rule    string
		senders []inventory.Sender
		drop    []string
		id      string
		change  Change // "": no such step
	}{
		{"a service that was seen to sign", []inventory.Sender{cataloguedSender(t, "amazon-ses", inventory.Sender{Status: inventory.InUse, DKIM: state(inventory.Yes, inventory.Observed)})}, nil, "dkim:amazon-ses", Keep},
		{"one that is not known to", []inventory.Sender{cataloguedSender(t, "amazon-ses", inventory.Sender{Status: inventory.InUse})}, nil, "dkim:amazon-ses", Ask},
		{"own servers, of which DNS shows nothing", []inventory.Sender{own}, nil, "dkim", Keep},
		{"own servers seen without a signature", []inventory.Sender{{Key: own.Key, Name: own.Name, Kind: own.Kind, Status: own.Status, Terms: own.Terms, DKIM: state(inventory.No, inventory.Observed)}}, nil, "dkim", Ask},
		{"a network is a server", []inventory.Sender{net}, nil, "dkim", Keep},
		{"a service that nobody knows", []inventory.Sender{inc}, nil, "dkim:spf.service.example", Ask},
		{"one that goes is not told to sign", []inventory.Sender{own, inc}, []string{"include:spf.service.example"}, "dkim:spf.service.example", ""},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			req := Request{SPF: SPFRequest{Domain: "example.com", Inventory: listed(tc.senders...), Drop: tc.drop}}
			if tc.senders[0].Catalogue != nil {
				req.SPF.Services = []string{tc.senders[0].Catalogue.ID}
			}
			a, err := Author(t.Context(), req, resolver(t, world))
			if err != nil {
				t.Fatal(err)
			}
			if s, _ := a.Step(tc.id); s.Change != tc.change || tc.change == Keep && a.Next == tc.id {
				t.Errorf("%q, next %q: %+v", s.Change, a.Next, s)
			}
		})
	}
	many := &inventory.Inventory{Domain: "example.com"}
	for i := range maxHosts + 20 {
		a := netip.AddrFrom4([4]byte{192, 0, 2, byte(i)})
		many.Senders = append(many.Senders, inventory.Sender{Key: "net:" + a.String() + "/32", Name: a.String(), Kind: inventory.KindNetwork, Status: inventory.InUse, Networks: []netip.Prefix{netip.PrefixFrom(a, 32)}})
	}
	if a, err := Author(t.Context(), Request{SPF: SPFRequest{Domain: "example.com", Inventory: many, Prefixes: prefixes("198.51.100.0/24")}}, resolver(t, world)); err != nil || len(a.DKIM.Warnings) != 1 || !strings.Contains(a.DKIM.Setups[0].Name, "198.51.100.0/24") {
		t.Errorf("beyond the limit: %v, %q", err, a.DKIM.Warnings)
	}
}

// TestJSONHasNoNull: lists are lists, whatever is in them.
func TestJSONHasNoNull(t *testing.T) {
	for _, req := range []Request{
		{SPF: SPFRequest{Domain: "example.com", Addresses: []string{"192.0.2.1"}}, STSID: "1"},
		{SPF: SPFRequest{Domain: "example.com", MX: true, Services: []string{"mailchimp", "google"}}},
		{SPF: SPFRequest{Domain: "nothing.example"}},
		{SPF: SPFRequest{Domain: "example.com", Parked: true}},
	} {
		a, err := Author(t.Context(), req, resolver(t, world))
		if err != nil && !errors.Is(err, ErrInUse) {
			t.Fatal(err)
		}
		nils(t, req.SPF.Domain, reflect.ValueOf(a))
		data, err := json.Marshal(a)
		if err != nil || strings.Contains(string(data), `:null`) {
			t.Errorf("%v: null in %.400s", err, data[max(0, strings.Index(string(data), ":null")-200):])
		}
	}
}

// nils finds lists of the plan's own types that are nil.
func nils(t *testing.T, at string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			nils(t, at, v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && !strings.Contains(f.Tag.Get("json"), "omitempty") {
				nils(t, at+"."+f.Name, v.Field(i))
			}
		}
	case reflect.Slice:
		if v.IsNil() {
			t.Errorf("%s is nil", at)
		}
		for i := range v.Len() {
			nils(t, at, v.Index(i))
		}
	}
}
