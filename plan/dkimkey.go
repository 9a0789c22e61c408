package plan

import (
	"strings"

	"unspoof/inventory"
	"unspoof/sender"
)

// keys words what is known of a service's selectors.
func (k *keySetter) keys(s sender.Service, signing inventory.Signing) []DKIMKey {
	out := []DKIMKey{}
	for _, key := range signing.Keys {
		out = append(out, k.key(key))
	}
	if len(out) == 0 && s.DKIMPattern != "" && signing.Type == "CNAME" {
		out = append(out, DKIMKey{Like: strings.ReplaceAll(s.DKIMPattern, " | ", " or "), Published: NotKnown})
	}
	return out
}

// key words what is known of one selector.
func (k *keySetter) key(key inventory.SigningKey) DKIMKey {
	if len(inventory.Missing(key.Selector)) > 0 {
		return DKIMKey{Selector: key.Selector, Like: key.Name, Published: NotKnown}
	}
	out := DKIMKey{Selector: key.Selector, Name: key.Name, Like: strings.Join(key.Like, " or "), Today: key.Today, Published: published(key.Theirs)}
	if key.Key != nil {
		out.Fault = key.Key.Problem
	}
	if key.Target != "" {
		if record, err := CNAME(key.Name, key.Target); err == nil {
			out.Record = record.In(k.zone)
		}
	}
	return out
}

// published words whether a key of the service's stands there.
func published(theirs inventory.Answer) State {
	switch theirs {
	case inventory.Yes:
		return Met
	case inventory.No:
		return NotMet
	}
	return NotKnown
}
