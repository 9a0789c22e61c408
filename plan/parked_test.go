package plan

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// TestNobodyNamed states when a request without senders makes a record that
// shuts everybody out: only when it says so, or DNS shows that nobody sends.
func TestNobodyNamed(t *testing.T) {
	const zone = world + `
web.example.        A 192.0.2.90
closed.example.     MX 0 .
closed.example.     TXT "v=spf1 -all"
sends.example.      MX 0 .
sends.example.      TXT "v=spf1 a:mail.example.com redirect=spf.service.example"
`
	for _, tc := range []struct {
		rule   string
		req    SPFRequest
		silent bool
		want   string // the record, or words of the refusal
	}{
		{rule: "a domain with mail exchangers is in use", req: SPFRequest{Domain: "example.com"}, want: "takes mail at mail.example.com"},
		{rule: "a domain whose record lets somebody in is in use", req: SPFRequest{Domain: "sends.example"}, want: "SPF record of today lets in a:mail.example.com, redirect=spf.service.example"},
		{rule: "a choice of policy is no confirmation", req: SPFRequest{Domain: "example.com", Policy: "fail"}, want: "confirm that the domain sends nothing"},
		{rule: "two records say nothing sure", req: SPFRequest{Domain: "two.example"}, want: "several SPF records"},
		{rule: "a broken record says nothing sure", req: SPFRequest{Domain: "broken.example"}, want: "cannot be made out"},
		{rule: "a silent DNS shows nothing", req: SPFRequest{Domain: "web.example"}, silent: true, want: "DNS did not answer"},
		{rule: "the wish against DNS", req: SPFRequest{Domain: "example.com", Parked: true}, want: "confirm that the domain sends and receives"},
		{rule: "the wish with a silent DNS", req: SPFRequest{Domain: "example.com", Parked: true}, silent: true, want: "confirm that the domain sends and receives"},
		{rule: "an address without MX takes mail", req: SPFRequest{Domain: "web.example"}, want: "RFC 5321"},
		{rule: "somebody reads reports", req: SPFRequest{Domain: "none.example"}, want: "asks for reports"},
		{rule: "confirmed against DNS", req: SPFRequest{Domain: "example.com", Parked: true, Confirmed: true}, want: "v=spf1 -all"},
		{rule: "confirmed with a silent DNS", req: SPFRequest{Domain: "example.com", Parked: true, Confirmed: true}, silent: true, want: "v=spf1 -all"},
		{rule: "no MX and no record, as wished", req: SPFRequest{Domain: "web.example", Parked: true}, want: "v=spf1 -all"},
		{rule: "null MX and no record", req: SPFRequest{Domain: "null.example"}, want: "v=spf1 -all"},
		{rule: "null MX and a record that lets nobody in", req: SPFRequest{Domain: "closed.example"}, want: "v=spf1 -all"},
		{rule: "not both", req: SPFRequest{Domain: "web.example", Parked: true, MX: true}, want: "leave out one or the other"},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			r := resolver(t, zone)
			if tc.silent {
				r = nil
			}
			got, err := BuildSPF(t.Context(), tc.req, r)
			if strings.HasPrefix(tc.want, "v=spf1") {
				if err != nil || got.Record.Value != tc.want || !got.Parked {
					t.Errorf("%q, parked %v, %v", got.Record.Value, got.Parked, err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Fatalf("error %v, want %q", err, tc.want)
			}
			if !errors.Is(err, ErrNoSender) && !tc.req.Parked {
				t.Error("ErrNoSender is not wrapped")
			}
		})
	}
}

// TestLost states which terms of today's record count as shut out.
func TestLost(t *testing.T) {
	r := resolver(t, world+"\nredirect.example. TXT \"v=spf1 redirect=spf.service.example\"\n")
	for _, tc := range []struct {
		rule string
		req  SPFRequest
		want []string
	}{
		{"what is not in the new one", SPFRequest{Domain: "old.example", Addresses: []string{"192.0.2.0/24"}, Hosts: []string{"mail.example.com"}}, []string{"ip4:203.0.113.9", "include:spf.service.example"}},
		{"a parked domain loses all", SPFRequest{Domain: "old.example", Parked: true, Confirmed: true}, []string{"ip4:192.0.2.0/25", "ip4:203.0.113.9", "a:mail.example.com", "include:spf.service.example"}},
		{"an include in the place of the redirect loses nothing", SPFRequest{Domain: "redirect.example", Services: []string{"spf.service.example"}}, nil},
		{"no record, nothing lost", SPFRequest{Domain: "null.example", Addresses: []string{"192.0.2.1"}}, nil},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			got, err := BuildSPF(t.Context(), tc.req, r)
			if errors.Is(err, ErrLockOut) != (len(tc.want) > 0 && !tc.req.Parked) || !slices.Equal(got.Lost, tc.want) || got.Unknown {
				t.Errorf("lost %q, unknown %v, %v", got.Lost, got.Unknown, err)
			}
		})
	}
	got, err := BuildSPF(t.Context(), SPFRequest{Domain: "old.example", MX: true}, nil)
	if err != nil || !got.Unknown {
		t.Errorf("a silent DNS: unknown %v, %v", got.Unknown, err)
	}
}
