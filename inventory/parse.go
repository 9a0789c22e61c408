package inventory

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"unspoof/orgdomain"
	"unspoof/sender"
)

// Bounds of an inventory that is read, above what Build makes.
const (
	maxJSON    = 32 << 20
	maxSenders = 20_000
	maxText    = 4096 // octets of one text
	maxList    = 20_000
)

// Parse reads the JSON form of an Inventory, as `unspoof inventory --json` prints
// it, at most 32 MiB: this or any later program's of the same Schema, unknown fields
// left out. What it gives, encoded again, is read as the same. The error names the
// field at fault: another schema, a domain that is none, a list that is too long, a
// word that is not known.
//
// It checks the form, not the truth: whoever can change the file can add a sender.
func Parse(data []byte) (Inventory, error) {
	if len(data) > maxJSON {
		return Inventory{}, fmt.Errorf("inventory: the file is over %d MiB", maxJSON>>20)
	}
	var inv Inventory
	d := json.NewDecoder(bytes.NewReader(data))
	if err := d.Decode(&inv); err != nil {
		return Inventory{}, fmt.Errorf("inventory: no JSON of an inventory: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Inventory{}, errors.New("inventory: something follows the inventory")
	}
	if inv.Schema != Schema {
		return Inventory{}, fmt.Errorf("inventory: schema %d, where %d is read", inv.Schema, Schema)
	}
	name, err := orgdomain.Name(inv.Domain)
	if err != nil {
		return Inventory{}, fmt.Errorf("inventory: domain: %w", err)
	}
	inv.Domain = name
	c := &reader{}
	c.length("senders", len(inv.Senders), maxSenders)
	c.length("claims", len(inv.Claims), maxSenders)
	for i := range inv.Senders {
		c.sender(fmt.Sprintf("senders[%d]", i), &inv.Senders[i])
	}
	for i := range inv.Claims {
		at := fmt.Sprintf("claims[%d]", i)
		c.sender(at, &inv.Claims[i])
		if inv.Claims[i].Status != Claim {
			c.fail("%s.status: a claim is not %q", at, inv.Claims[i].Status)
		}
	}
	for i, s := range inv.Sources {
		c.word(fmt.Sprintf("sources[%d].source", i), string(s.Source), string(FromSPF), string(FromMX), string(FromDKIM), string(FromOwner), string(FromMailbox), string(FromLog), string(FromBounce), string(FromReport))
	}
	for i, k := range inv.DKIM.Keys {
		c.word(fmt.Sprintf("dkim.keys[%d].state", i), string(k.State), string(KeyWorks), string(KeyRevoked), string(KeyBroken), string(KeyDangling), string(KeyUnknown))
	}
	if c.err != nil {
		return Inventory{}, c.err
	}
	inv.Senders, inv.Claims, inv.Sources = full(inv.Senders), full(inv.Claims), full(inv.Sources)
	inv.Unknown, inv.Warnings, inv.DKIM.Keys = full(inv.Unknown), full(inv.Warnings), full(inv.DKIM.Keys)
	return inv, nil
}

// reader keeps the first thing that is wrong.
type reader struct{ err error }

func (c *reader) fail(format string, a ...any) {
	if c.err == nil {
		c.err = fmt.Errorf("inventory: "+format, a...)
	}
}

func (c *reader) length(at string, n, limit int) {
	if n > limit {
		c.fail("%s: %d entries, at most %d are taken", at, n, limit)
	}
}

func (c *reader) word(at, w string, known ...string) {
	if !slices.Contains(known, w) {
		c.fail("%s: %q is not one of %s", at, clip(w), strings.Join(known, ", "))
	}
}

func (c *reader) sender(at string, s *Sender) {
	c.word(at+".kind", string(s.Kind), string(KindService), string(KindInclude), string(KindHost), string(KindNetwork), string(KindKey))
	c.word(at+".status", string(s.Status), string(InUse), string(Unseen), string(Unauthorised), string(ByHand), string(Hinted), string(Undecided), string(Claim))
	answers := []string{string(Yes), string(No), string(Unknown)}
	c.word(at+".authorised", string(s.Authorised), answers...)
	c.word(at+".spf.aligned", string(s.SPF.Aligned), answers...)
	c.word(at+".dkim.aligned", string(s.DKIM.Aligned), answers...)
	c.word(at+".confidence", string(s.Confidence), string(sender.High), string(sender.Medium), string(sender.Low))
	if s.Key == "" || len(s.Key) > maxText || len(s.Name) > maxText {
		c.fail("%s.key: empty, or over %d octets", at, maxText)
	}
	for _, n := range []int{len(s.Signals), len(s.Networks), len(s.Addresses), len(s.Forwarders), len(s.Terms), len(s.Selectors), len(s.From), len(s.Setup)} {
		c.length(at, n, maxList)
	}
	for i, p := range s.Networks {
		if !p.IsValid() {
			c.fail("%s.networks[%d]: not a network", at, i)
		}
	}
	for _, list := range [][]Address{s.Addresses, s.Forwarders} {
		for i, a := range list {
			if !a.Address.IsValid() || a.Address.Zone() != "" {
				c.fail("%s.addresses[%d]: not an address", at, i)
			}
			c.word(fmt.Sprintf("%s.addresses[%d].spf", at, i), string(a.SPF), answers...)
		}
	}
	for _, v := range []Volume{s.Seen, s.Claimed} {
		if v.Count < 0 {
			c.fail("%s: a count below zero", at)
		}
	}
	for i := range s.Setup {
		s.Setup[i].Missing = full(s.Setup[i].Missing)
	}
	s.Signals, s.From, s.Terms, s.Selectors = full(s.Signals), full(s.From), full(s.Terms), full(s.Selectors)
	s.Networks, s.Addresses, s.Forwarders, s.Setup = full(s.Networks), full(s.Addresses), full(s.Forwarders), full(s.Setup)
	if c := s.Catalogue; c != nil {
		c.Unverified, c.Docs = full(c.Unverified), full(c.Docs)
	}
}

// full is never nil.
func full[T any](l []T) []T {
	if l == nil {
		return []T{}
	}
	return l
}
