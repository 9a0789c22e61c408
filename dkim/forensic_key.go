package dkim

import (
	"context"
	"strings"
	"time"
)

// maxArchived bounds the keys that one selector had.
const maxArchived = 8

// forensicKeys are the keys that may have made a signature.
type forensicKeys struct {
	keys     []forensicKey
	invented bool   // the domain has a history of keys, and this selector is in none
	reason   string // why there is no key
}

type forensicKey struct {
	key           Key
	archived      bool
	from, removed time.Time
}

// outdated tells that the key was not in DNS at that time.
func (k *forensicKey) outdated(at time.Time) bool {
	return !at.IsZero() && (!k.from.IsZero() && at.Before(k.from) || !k.removed.IsZero() && at.After(k.removed))
}

// keysOf finds the keys of a selector: in the archive, else in DNS. Each name is
// asked once.
func (f *forensic) keysOf(ctx context.Context, s *Signature) forensicKeys {
	if checkDomain(s.Domain, 2) != "" || checkDomain(s.Selector, 1) != "" {
		return forensicKeys{reason: "no name can be made of d= and s="}
	}
	name := strings.ToLower(keyName(s.Selector, s.Domain))
	if k, ok := f.keys[name]; ok {
		return k
	}
	if f.keys == nil {
		f.keys = make(map[string]forensicKeys)
	}
	k := f.findKeys(ctx, s, name)
	f.keys[name] = k
	return k
}

func (f *forensic) findKeys(ctx context.Context, s *Signature, name string) (found forensicKeys) {
	history := false
	for _, a := range f.args.Archive {
		if _, equal := within(s.Domain, a.Domain); !equal {
			continue
		}
		history = true
		if !strings.EqualFold(keyName(a.Selector, a.Domain), name) || len(found.keys) == maxArchived {
			continue
		}
		key, fault := parseKey(a.Record)
		if fault != nil {
			found.reason = fault.Reason + " (archive)"
			continue
		}
		found.keys = append(found.keys, forensicKey{key, true, a.From, a.Removed})
	}
	if len(found.keys) > 0 || found.reason != "" {
		return found
	}
	if f.args.Resolver == nil {
		found.invented = history
		found.reason = "no key of this selector is known"
		return found
	}
	key, fault := fetchKey(ctx, f.args.Resolver, name)
	switch {
	case fault == nil:
		found.keys = []forensicKey{{key: key}}
	case fault.Word == TempError:
		found.reason = fault.Reason
	default: // no record, a revoked one, or one that is no key
		found.invented = history && fault.Err == errNoRecord
		found.reason = fault.Reason
	}
	return found
}
