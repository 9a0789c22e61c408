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
	maxText    = 65 << 10 // octets of one text: a term may be as long as a TXT record
	maxRecord  = 64 << 10
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
		return Inventory{}, noJSON(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Inventory{}, errors.New("inventory: something follows the inventory")
	}
	if inv.Schema != Schema {
		return Inventory{}, fmt.Errorf("inventory: schema %d, where %d is read", inv.Schema, Schema)
	}
	name, err := domainName(inv.Domain)
	if err != nil {
		return Inventory{}, fmt.Errorf("inventory: domain: %w", err)
	}
	inv.Domain = name
	c := &reader{}
	c.whole(&inv)
	if c.err != nil {
		return Inventory{}, c.err
	}
	inv.Senders, inv.Claims, inv.Sources = full(inv.Senders), full(inv.Claims), full(inv.Sources)
	inv.Unknown, inv.Warnings, inv.DKIM.Keys = full(inv.Unknown), full(inv.Warnings), full(inv.DKIM.Keys)
	inv.Vouched, inv.SPF.ReturnPaths = full(inv.Vouched), full(inv.SPF.ReturnPaths)
	return inv, nil
}

// noJSON says what is wrong with the form, in the words of the file.
func noJSON(err error) error {
	var kind *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &kind):
		return fmt.Errorf("inventory: no JSON of an inventory: %s cannot be a %s", kind.Field, kind.Value)
	case errors.As(err, &syntax):
		return fmt.Errorf("inventory: no JSON of an inventory: octet %d: %s", syntax.Offset, syntax.Error())
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("inventory: no JSON of an inventory: it ends too early")
	}
	return fmt.Errorf("inventory: no JSON of an inventory: %w", err)
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

func (c *reader) texts(at string, list ...string) {
	for _, s := range list {
		if len(s) > maxText {
			c.fail("%s: a text of %d octets, at most %d are taken", at, len(s), maxText)
		}
	}
}

func (c *reader) list(at string, list []string) {
	c.length(at, len(list), maxList)
	c.texts(at, list...)
}

// word checks one of a set of words.
func word[W ~string](c *reader, at string, w W, known ...W) {
	if !slices.Contains(known, w) {
		words := []string{}
		for _, k := range known {
			words = append(words, fmt.Sprintf("%q", k))
		}
		c.fail("%s: %q is not one of %s", at, clip(string(w)), strings.Join(words, ", "))
	}
}

func answer(c *reader, at string, a Answer) { word(c, at, a, Yes, No, Unknown) }

func (c *reader) whole(inv *Inventory) {
	c.length("senders", len(inv.Senders), maxSenders)
	c.length("claims", len(inv.Claims), maxSenders)
	seen := map[string]bool{}
	for i := range inv.Senders {
		at := fmt.Sprintf("senders[%d]", i)
		c.sender(at, &inv.Senders[i])
		c.once(at, inv.Senders[i].Key, seen)
	}
	for i := range inv.Claims {
		at := fmt.Sprintf("claims[%d]", i)
		c.sender(at, &inv.Claims[i])
		c.once(at, inv.Claims[i].Key, seen)
		if inv.Claims[i].Status != Claim {
			c.fail("%s.status: a claim is not %q", at, inv.Claims[i].Status)
		}
	}
	c.length("sources", len(inv.Sources), maxList)
	for i, s := range inv.Sources {
		word(c, fmt.Sprintf("sources[%d].source", i), s.Source, sources[:]...)
		c.count(fmt.Sprintf("sources[%d]", i), s.Sightings)
		c.count(fmt.Sprintf("sources[%d]", i), s.Own)
	}
	if len(inv.SPF.Record) > maxRecord {
		c.fail("spf.record: %d octets, at most %d are taken", len(inv.SPF.Record), maxRecord)
	}
	c.texts("spf.problem", inv.SPF.Problem)
	c.length("spf.return_paths", len(inv.SPF.ReturnPaths), maxOpenAsked)
	for i, p := range inv.SPF.ReturnPaths {
		if p.Domain == "" || orgdomain.Tidy(p.Domain) != p.Domain {
			c.fail("spf.return_paths[%d].domain: %q is no domain name in its plain form", i, clip(p.Domain))
		}
	}
	c.texts("dmarc", inv.DMARC.At, inv.DMARC.OrgDomain)
	c.length("dkim.keys", len(inv.DKIM.Keys), maxList)
	for i, k := range inv.DKIM.Keys {
		at := fmt.Sprintf("dkim.keys[%d]", i)
		word(c, at+".state", k.State, KeyWorks, KeyRevoked, KeyBroken, KeyDangling, KeyUnknown)
		c.texts(at, k.Domain, k.Selector, k.Target, k.Type, k.Sender, k.Problem)
	}
	c.length("vouched", len(inv.Vouched), maxList)
	for i, p := range inv.Vouched {
		if !p.IsValid() || p != p.Masked() || p.Addr().Is4In6() || p.Bits() < narrowest(p) {
			c.fail("vouched[%d]: %v is no network that vouches for one owner", i, p)
		}
		if i > 0 && (p.Addr().Less(inv.Vouched[i-1].Addr()) || p.Overlaps(inv.Vouched[i-1])) {
			c.fail("vouched[%d]: %v is out of order, or inside the one before", i, p)
		}
	}
	c.list("unknown", inv.Unknown)
	c.list("warnings", inv.Warnings)
}

func (c *reader) once(at, key string, seen map[string]bool) {
	if seen[key] {
		c.fail("%s.key: %q stands there a second time", at, clip(key))
	}
	seen[key] = true
}

func (c *reader) count(at string, n int) {
	if n < 0 {
		c.fail("%s: a count below zero", at)
	}
}

func confidence(c *reader, at string, w sender.Confidence) {
	word(c, at, w, sender.High, sender.Medium, sender.Low)
}

func (c *reader) sender(at string, s *Sender) {
	word(c, at+".kind", s.Kind, KindService, KindInclude, KindHost, KindNetwork, KindKey)
	word(c, at+".status", s.Status, InUse, Unseen, Unauthorised, ByHand, Hinted, Undecided, Claim)
	answer(c, at+".authorised", s.Authorised)
	confidence(c, at+".confidence", s.Confidence)
	if s.Key == "" {
		c.fail("%s.key: it is empty", at)
	}
	c.texts(at, s.Key, s.Name, s.Sentence, s.Proof)
	for _, a := range []struct {
		at string
		Alignment
	}{{at + ".spf", s.SPF}, {at + ".dkim", s.DKIM}} {
		answer(c, a.at+".aligned", a.Aligned)
		word(c, a.at+".basis", a.Basis, Observed, Published, Catalogued, Nothing)
		c.texts(a.at, a.Domain, a.Why)
	}
	c.length(at+".signals", len(s.Signals), maxList)
	for i, sig := range s.Signals {
		here := fmt.Sprintf("%s.signals[%d]", at, i)
		word(c, here+".kind", sig.Kind, SignalKinds()...)
		confidence(c, here+".confidence", sig.Confidence)
		c.texts(here, sig.Value, sig.Evidence)
	}
	c.length(at+".networks", len(s.Networks), maxList)
	for i, p := range s.Networks {
		if !p.IsValid() {
			c.fail("%s.networks[%d]: not a network", at, i)
		}
	}
	c.addresses(at+".addresses", s.Addresses)
	c.addresses(at+".forwarders", s.Forwarders)
	c.count(at+".seen", s.Seen.Count)
	c.count(at+".claimed", s.Claimed.Count)
	c.list(at+".from", s.From)
	c.list(at+".terms", s.Terms)
	c.list(at+".selectors", s.Selectors)
	c.length(at+".setup", len(s.Setup), maxList)
	for i := range s.Setup {
		st := &s.Setup[i]
		here := fmt.Sprintf("%s.setup[%d]", at, i)
		word(c, here+".kind", st.Kind, StepDKIM, StepReturnPath, StepSPF, StepSwitchOn, StepMend, StepTest, StepRemove, StepConfirm)
		confidence(c, here+".confidence", st.Confidence)
		c.texts(here, st.Name, st.Type, st.Value, st.Text)
		c.list(here+".missing", st.Missing)
		st.Missing = full(st.Missing)
	}
	if cat := s.Catalogue; cat != nil {
		confidence(c, at+".catalogue.confidence", cat.Confidence)
		c.texts(at+".catalogue", cat.ID, cat.Name, cat.Category, cat.ReturnPath, cat.SPFStatus, cat.DKIMRecord, cat.Notes, cat.Reviewed)
		c.list(at+".catalogue.unverified", cat.Unverified)
		c.list(at+".catalogue.docs", cat.Docs)
		cat.Unverified, cat.Docs = full(cat.Unverified), full(cat.Docs)
	}
	s.Signals, s.From, s.Terms, s.Selectors = full(s.Signals), full(s.From), full(s.Terms), full(s.Selectors)
	s.Networks, s.Addresses, s.Forwarders, s.Setup = full(s.Networks), full(s.Addresses), full(s.Forwarders), full(s.Setup)
}

func (c *reader) addresses(at string, list []Address) {
	c.length(at, len(list), maxList)
	for i, a := range list {
		if !a.Address.IsValid() || a.Address.Zone() != "" {
			c.fail("%s[%d]: not an address", at, i)
		}
		answer(c, fmt.Sprintf("%s[%d].spf", at, i), a.SPF)
		c.texts(at, a.Name)
		c.count(at, a.Count)
	}
}

// full is never nil.
func full[T any](l []T) []T {
	if l == nil {
		return []T{}
	}
	return l
}
