package dkim

import (
	"fmt"
	"time"
)

// Phase is how far the change from one key to the next has come.
type Phase string

const (
	Publish Phase = "publish" // the new record is not on every name server
	Seen    Phase = "seen"    // it is; caches may still deny it
	Switch  Phase = "sign"    // every receiver can fetch it: sign with the new key
	Keep    Phase = "keep"    // the new key signs; mail with the old one is under way
	Revoke  Phase = "revoke"  // nothing needs the old record: publish it with an empty p=
	Done    Phase = "done"
)

// Times of a rotation.
const (
	// DefaultKeep is how long the old record stays after the last signature
	// with it: servers try for five days (RFC 5321 section 4.5.4.1), and mail
	// is checked again when it is forwarded or fetched.
	DefaultKeep = 7 * 24 * time.Hour
	// DefaultTTL is waited where no name server gave one.
	DefaultTTL = time.Hour
	// maxTTL bounds what is believed of a TTL; caches do so
	// too, at a week or less.
	maxTTL = 7 * 24 * time.Hour
)

// Rotation is a change of keys in progress: plain data, to be stored between
// steps. Start with a Rotation of the phase Publish.
type Rotation struct {
	Phase    Phase     `json:"phase"`
	Selector string    `json:"selector"`        // of the new key
	Record   string    `json:"record"`          // of the new key
	Old      string    `json:"old,omitempty"`   // selector of the key that goes; "" for a first key
	Seen     time.Time `json:"seen,omitzero"`   // since when every name server shows the new record
	Usable   time.Time `json:"usable,omitzero"` // from when no cache can deny it
	Switched time.Time `json:"switched,omitzero"`
}

// NameServerView is what one authoritative name server of the domain shows.
type NameServerView struct {
	Server string
	New    string // text of the record at the new selector; "" for none
	Old    string // of the old one
	// TTL is the longer of what the new record has and what a denial of it has
	// (SOA minimum, RFC 2308); 0 where neither is known.
	TTL time.Duration
	Err error // why it did not answer; the other fields are then nothing
}

// RotationFacts is what is known at a moment.
type RotationFacts struct {
	Now     time.Time
	Servers []NameServerView // every authoritative server; empty when none was asked
	// LastOld is when the old key last signed, of all servers that send; zero
	// while it is in use, or not known.
	LastOld time.Time
	// Keep is how long the old record stays; 0: DefaultKeep.
	Keep time.Duration
}

// RotationStep is what Next found.
type RotationStep struct {
	Rotation Rotation  // the state to keep
	Do       string    // what to do now, a sentence
	Wait     time.Time // nothing changes before; zero: something has to be done first
	Problems []string  // what holds it up, by name server
}

// Next moves a rotation on as far as the facts allow; it never goes back once the
// new key signs. It is pure: the same state and facts give the same step.
func (r Rotation) Next(f RotationFacts) RotationStep {
	for range 6 { // one phase after the other; each is left at most once
		s := r.step(f)
		if s.Rotation.Phase == r.Phase {
			return s
		}
		back := r.Phase != Publish && s.Rotation.Phase == Publish
		r = s.Rotation
		if back {
			return r.step(f)
		}
	}
	return r.step(f)
}

func (r Rotation) step(f RotationFacts) RotationStep {
	switch r.Phase {
	case Seen:
		return r.seen(f)
	case Switch:
		return r.switching(f)
	case Keep:
		return r.keeping(f)
	case Revoke:
		return r.revoking(f)
	case Done:
		return RotationStep{Rotation: r, Do: "Nothing: the key was changed."}
	}
	return r.publishing(f)
}

// publishing waits until every name server shows the record.
func (r Rotation) publishing(f RotationFacts) RotationStep {
	r.Phase = Publish
	problems, ttl := r.missing(f)
	if len(problems) > 0 {
		return RotationStep{Rotation: r, Problems: problems,
			Do: fmt.Sprintf("Publish the TXT record of selector %s, and wait until every name server shows it.", r.Selector)}
	}
	r.Phase, r.Seen, r.Usable = Seen, f.Now, f.Now.Add(ttl)
	return RotationStep{Rotation: r}
}

// missing names the servers that don't show the record, and gives the TTL to
// wait for.
func (r Rotation) missing(f RotationFacts) (problems []string, ttl time.Duration) {
	if len(f.Servers) == 0 {
		return []string{"no name server was asked"}, 0
	}
	for _, s := range f.Servers {
		ttl = max(ttl, min(s.TTL, maxTTL))
		switch {
		case s.Err != nil:
			problems = append(problems, fmt.Sprintf("%s did not answer: %v", s.Server, s.Err))
		case s.New == "":
			problems = append(problems, s.Server+" has no record of the new selector")
		case !sameKey(s.New, r.Record):
			problems = append(problems, s.Server+" shows another key, or a damaged one")
		}
	}
	if ttl <= 0 {
		ttl = DefaultTTL
	}
	return problems, ttl
}

// sameKey compares key records by their key, however they are written.
func sameKey(a, b string) bool {
	ka, fa := parseKey(a)
	kb, fb := parseKey(b)
	switch {
	case fa != nil || fb != nil:
		return false
	case ka.rsa != nil && kb.rsa != nil:
		return ka.rsa.Equal(kb.rsa)
	}
	return ka.ed25519 != nil && ka.ed25519.Equal(kb.ed25519)
}

// seen waits until no cache can deny the record.
func (r Rotation) seen(f RotationFacts) RotationStep {
	if len(f.Servers) > 0 {
		if problems, _ := r.missing(f); len(problems) > 0 { // it went away
			r.Phase, r.Seen, r.Usable = Publish, time.Time{}, time.Time{}
			return RotationStep{Rotation: r, Problems: problems}
		}
	}
	if f.Now.Before(r.Usable) {
		return RotationStep{Rotation: r, Wait: r.Usable,
			Do: "Wait: caches may still say that the new record does not exist."}
	}
	r.Phase = Switch
	return RotationStep{Rotation: r}
}

// switching waits for the mail servers.
func (r Rotation) switching(f RotationFacts) RotationStep {
	if r.Old != "" && f.LastOld.IsZero() {
		return RotationStep{Rotation: r,
			Do: fmt.Sprintf("Sign with selector %s on every server that sends, and stop signing with %s.", r.Selector, r.Old)}
	}
	if r.Old == "" {
		r.Phase, r.Switched = Done, f.Now
		return RotationStep{Rotation: r, Do: fmt.Sprintf("Sign with selector %s.", r.Selector)}
	}
	r.Phase, r.Switched = Keep, f.LastOld
	return RotationStep{Rotation: r}
}

// keeping leaves the old record for mail under way.
func (r Rotation) keeping(f RotationFacts) RotationStep {
	if f.LastOld.After(r.Switched) { // a server that was forgotten
		r.Switched = f.LastOld
	}
	keep := f.Keep
	if keep <= 0 {
		keep = DefaultKeep
	}
	if end := r.Switched.Add(keep); f.Now.Before(end) {
		return RotationStep{Rotation: r, Wait: end,
			Do: fmt.Sprintf("Leave the record of selector %s: mail signed with it is under way.", r.Old)}
	}
	r.Phase = Revoke
	return RotationStep{Rotation: r}
}

// revoking waits until every name server shows the old key as revoked, or not at
// all (RFC 6376 section 3.6.1).
func (r Rotation) revoking(f RotationFacts) RotationStep {
	var problems []string
	for _, s := range f.Servers {
		switch k, _ := parseKey(s.Old); {
		case s.Err != nil:
			problems = append(problems, fmt.Sprintf("%s did not answer: %v", s.Server, s.Err))
		case s.Old != "" && !k.Revoked:
			problems = append(problems, s.Server+" still shows the old key")
		}
	}
	if len(f.Servers) == 0 {
		problems = []string{"no name server was asked"}
	}
	if len(problems) > 0 {
		return RotationStep{Rotation: r, Problems: problems,
			Do: fmt.Sprintf("Publish %q at selector %s, keep the old public key in your archive, and destroy the private one.", RevokedRecord, r.Old)}
	}
	r.Phase = Done
	return RotationStep{Rotation: r}
}
