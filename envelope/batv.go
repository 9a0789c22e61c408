package envelope

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Shape of a tagged address: "prvs=KDDDSSSSSS=local@domain" with K the number of
// the key, DDD the day of expiry modulo 1000 and SSSSSS the first three octets of
// an HMAC in hex (draft-levine-smtp-batv-01 section 4).
const (
	prvs     = "prvs="
	tagLen   = 10
	signLen  = 3
	dayCycle = 1000
	day      = 24 * time.Hour
)

// maxDays is the longest validity: with more, a day modulo 1000 no longer tells
// the future from the past.
const maxDays = 499

// ErrTag is wrapped by the errors of addresses that cannot be tagged.
var ErrTag = errors.New("cannot be tagged")

// BATV tags addresses and checks the tags.
//
// A tag has 24 bits: one guess in 16 million is right, and who has seen a tag
// can use it until it expires. It shows that the address left our servers within
// the last days, not in which message.
type BATV struct {
	Keys []Key // the first signs; all check. A key without a secret does neither
	// Days that a tag is valid, 1 to 499; 0 is 7, which is longer than a queue is
	// kept (RFC 5321 section 4.5.4.1).
	Days int
}

// TagState says what a tag proves.
type TagState string

const (
	TagValid      TagState = "valid"       // made with our key, not expired
	TagExpired    TagState = "expired"     // made with our key, too old
	TagWrong      TagState = "wrong"       // not made with our key, or for another address
	TagUnknownKey TagState = "unknown-key" // its key is not in the ring: nothing can be said
	Untagged      TagState = "untagged"    // no tag of this kind
)

// Tag is what Check finds.
type Tag struct {
	State   TagState
	Address string // without the tag; as given where there is none
	Key     int    // number of the key it names
	// Expires is the first moment at which the tag is too old; zero but for valid
	// and expired ones. A tag expires with the end of a day in UTC.
	Expires time.Time
}

// Sign tags an address that bounces shall go to. The address may have angle
// brackets; the result has none. Its error wraps ErrTag: no address, tagged
// already, a local part that gets longer than 64 octets (RFC 5321 section
// 4.5.3.1.1), or no key that can sign.
func (b BATV) Sign(address string, now time.Time) (string, error) {
	bad := func(why string) (string, error) {
		return "", fmt.Errorf("envelope: %.100q: %w: %s", address, ErrTag, why)
	}
	local, domain, ok := split(address)
	switch {
	case !ok:
		return bad("it is no address")
	case hasTag(local):
		return bad("it has a tag")
	case len(prvs)+tagLen+1+len(local) > maxLocal:
		return bad("its local part is too long")
	case len(prvs)+tagLen+1+len(address) > maxAddress:
		return bad("it is too long")
	case len(b.Keys) == 0 || len(b.Keys[0].Secret) == 0:
		return bad("there is no key")
	case b.Keys[0].ID < 0 || b.Keys[0].ID > 9:
		return bad("the number of the key is not 0 to 9")
	case b.Days < 0 || b.Days > maxDays:
		return bad("the validity is not 1 to 499 days")
	}
	head := fmt.Sprintf("%d%03d", b.Keys[0].ID, (dayNumber(now)+b.days())%dayCycle)
	return join(prvs+head+hex.EncodeToString(sign(b.Keys[0].Secret, head, join(local, domain)))+"="+local, domain), nil
}

// Check judges the tag of an address that a bounce came to, at the time it came.
// Domains and local parts are compared in any case, since servers change it.
func (b BATV) Check(address string, now time.Time) Tag {
	local, domain, ok := split(address)
	if !ok || !hasTag(local) {
		return Tag{State: Untagged, Address: address}
	}
	tag, local, ok := strings.Cut(local[len(prvs):], "=")
	t := Tag{State: TagWrong, Address: join(local, domain)}
	sum, err := hex.DecodeString(tag[min(4, len(tag)):])
	if !ok || local == "" || err != nil || len(sum) != signLen || strings.Trim(tag[:4], "0123456789") != "" {
		return t // not in our form: we did not make it
	}
	t.Key = int(tag[0] - '0')
	known := false
	for _, k := range b.Keys {
		if k.ID != t.Key || len(k.Secret) == 0 {
			continue
		}
		known = true
		// Other makers of tags take the address as it is written.
		if hmac.Equal(sum, sign(k.Secret, tag[:4], t.Address)) || hmac.Equal(sum, digest(k.Secret, tag[:4], t.Address)) {
			t.Expires, t.State = b.expiry(tag[1:4], now)
			return t
		}
	}
	if !known {
		t.State = TagUnknownKey
	}
	return t
}

// expiry finds the day that is meant by its number modulo 1000: today or up to
// the validity ahead, else in the past. (A tag made with a longer validity than
// now seems long expired.)
func (b BATV) expiry(digits string, now time.Time) (time.Time, TagState) {
	number := int(digits[0]-'0')*100 + int(digits[1]-'0')*10 + int(digits[2]-'0')
	today := dayNumber(now)
	ahead := ((number-today)%dayCycle + dayCycle) % dayCycle
	state := TagValid
	if ahead > b.days() {
		ahead -= dayCycle
		state = TagExpired
	}
	return time.Unix(0, 0).UTC().Add(time.Duration(today+ahead+1) * day), state
}

func (b BATV) days() int {
	if b.Days < 1 {
		return 7
	}
	return min(b.Days, maxDays)
}

// dayNumber counts days since 1970 in UTC; times before count as its first.
func dayNumber(t time.Time) int {
	return int(max(t.Unix(), 0) / int64(day/time.Second))
}

// sign gives the hash that Sign writes: of the address in lower case, since mail
// comes back in any.
func sign(secret Secret, head, address string) []byte {
	return digest(secret, head, strings.ToLower(address))
}

func digest(secret Secret, head, address string) []byte {
	mac := hmac.New(sha1.New, secret)
	mac.Write([]byte(head + address))
	return mac.Sum(nil)[:signLen]
}

func hasTag(local string) bool {
	return len(local) >= len(prvs) && strings.EqualFold(local[:len(prvs)], prvs)
}
