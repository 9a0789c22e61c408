package arc

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"unspoof/dkim"
)

// The fields of a set (RFC 8617 section 4.1).
const (
	nameAAR = "ARC-Authentication-Results"
	nameAMS = "ARC-Message-Signature"
	nameAS  = "ARC-Seal"
)

// set is the fields that have one instance.
type set struct {
	instance      int
	aar           int // index in the header, -1 without
	payload       string
	ams, as       signature
	cv            string
	twice         string // a field that is there more than once
	seal, message Check
}

// signature is a parsed ARC-Message-Signature or ARC-Seal.
type signature struct {
	index int // in the header, -1 without
	sig   dkim.Signature
	fault string
}

// collect reads the ARC fields of a message. A nil chain says that there is none,
// a reason beside a chain that it can't be judged further.
func collect(message []byte) (c *chain, reason string) {
	head := message[:min(len(message), dkim.DefaultHeaderBytes)]
	h, body := dkim.ReadHeader(head)
	long := body == nil && len(head) < len(message) || h.Len() >= maxHeaderFields
	body = message[len(head)-len(body):]

	c = &chain{header: h, body: body}
	aars, amss, seals := h.All(nameAAR), h.All(nameAMS), h.All(nameAS)
	if len(aars)+len(amss)+len(seals) == 0 {
		if long {
			return nil, "no ARC field in the part of the header that was read; it is too long"
		}
		return nil, "the message has no ARC field"
	}
	if long {
		return c, "the header is too long to be checked"
	}
	if n := max(len(aars), len(amss), len(seals)); n > MaxInstance { // section 5.2 step 1
		return c, fmt.Sprintf("more than %d fields of one name, which is the most sets that a chain may have", MaxInstance)
	}
	for _, i := range aars {
		n, payload, ok := parseInfo(h.Raw(i)[len(nameAAR):])
		if s := c.at(n, ok, &reason, nameAAR); s != nil {
			s.add(&s.aar, i, nameAAR)
			s.payload = payload
		}
	}
	for _, i := range amss {
		sig, fault := parse(h.Raw(i), dkim.ARCMessage)
		n, ok := instance(sig)
		if s := c.at(n, ok, &reason, nameAMS); s != nil && s.add(&s.ams.index, i, nameAMS) {
			s.ams.sig, s.ams.fault = sig, fault
		}
	}
	for _, i := range seals {
		sig, fault := parse(h.Raw(i), dkim.ARCSeal)
		n, ok := instance(sig)
		if s := c.at(n, ok, &reason, nameAS); s != nil && s.add(&s.as.index, i, nameAS) {
			s.as.sig, s.as.fault = sig, fault
			s.cv, _ = sig.Tags.Get("cv")
		}
	}
	slices.SortFunc(c.sets, func(a, b set) int { return a.instance - b.instance })
	return c, reason
}

// at gives the set of an instance, nil where it can't be read, which is kept as
// the reason.
func (c *chain) at(n int, ok bool, reason *string, name string) *set {
	if !ok {
		if *reason == "" {
			*reason = fmt.Sprintf("%s without an instance from 1 to %d (i=)", name, MaxInstance)
		}
		return nil
	}
	for i := range c.sets {
		if c.sets[i].instance == n {
			return &c.sets[i]
		}
	}
	c.sets = append(c.sets, set{
		instance: n, aar: -1, ams: signature{index: -1}, as: signature{index: -1},
		seal: Check{Result: None}, message: Check{Result: None},
	})
	return &c.sets[len(c.sets)-1]
}

// add puts a field in its place, unless there is one already.
func (s *set) add(place *int, index int, name string) bool {
	if *place >= 0 {
		s.twice = name
		return false
	}
	*place = index
	return true
}

// incomplete tells which field is missing or there twice (RFC 8617 section 5.2
// step 3A).
func (s *set) incomplete() string {
	switch {
	case s.twice != "":
		return fmt.Sprintf("more than one %s i=%d", s.twice, s.instance)
	case s.aar < 0:
		return fmt.Sprintf("%s i=%d is missing", nameAAR, s.instance)
	case s.ams.index < 0:
		return fmt.Sprintf("%s i=%d is missing", nameAMS, s.instance)
	case s.as.index < 0:
		return fmt.Sprintf("%s i=%d is missing", nameAS, s.instance)
	}
	return ""
}

// instance reads i= (RFC 8617 section 4.2.1).
func instance(sig dkim.Signature) (int, bool) {
	v, ok := sig.Tags.Get("i")
	if !ok {
		return 0, false
	}
	return number(v)
}

func number(s string) (int, bool) {
	if len(s) < 1 || len(s) > 2 {
		return 0, false
	}
	n := 0
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, n >= 1 && n <= MaxInstance
}

// parse reads a field, and says what is wrong with it, "" for nothing.
func parse(raw []byte, kind dkim.Kind) (dkim.Signature, string) {
	sig, err := dkim.ParseSignature(raw, kind)
	if h, ok := sig.Tags.Get("h"); err != nil && ok && kind == dkim.ARCMessage {
		sig, err = withoutEmpty(sig, h, err)
	}
	switch {
	case err != nil:
		return sig, reasonOf(err)
	case emptyTag(raw):
		return sig, "an empty member in the tag list (;;)"
	case sig.Algorithm == dkim.RSASHA1:
		return sig, "a=rsa-sha1 is retired (RFC 8301)"
	}
	for _, name := range sig.Signed {
		if strings.EqualFold(name, nameAS) { // section 4.1.2
			return sig, "h= names ARC-Seal, which is sealed and never signed"
		}
	}
	return sig, ""
}

// withoutEmpty reads a message signature again with the empty members of h= left
// out. What is hashed stays the field as it came.
func withoutEmpty(sig dkim.Signature, h string, err error) (dkim.Signature, error) {
	names := strings.Split(h, ":")
	some := slices.DeleteFunc(names, func(s string) bool { return strings.Trim(s, " \t\r\n") == "" })
	if len(some) == len(strings.Split(h, ":")) {
		return sig, err
	}
	var text strings.Builder
	text.WriteString(nameAMS + ":")
	for _, t := range sig.Tags {
		value := t.Value
		if t.Name == "h" {
			value = strings.Join(some, ":")
		}
		text.WriteString(t.Name + "=" + value + ";")
	}
	again, err := dkim.ParseSignature([]byte(text.String()), dkim.ARCMessage)
	sig.Signed, sig.BodyHash, sig.Value = again.Signed, again.BodyHash, again.Value
	sig.Time, sig.Expires, sig.Length = again.Time, again.Expires, again.Length
	return sig, err
}

// emptyTag finds a member of a tag list without anything in it. The one behind a
// final semicolon is none (RFC 6376 section 3.2).
func emptyTag(raw []byte) bool {
	_, list, _ := bytes.Cut(raw, []byte{':'})
	for more := true; more; {
		var member []byte
		member, list, more = bytes.Cut(list, []byte{';'})
		if more && len(bytes.Trim(member, " \t\r\n")) == 0 {
			return true
		}
	}
	return false
}

// reasonOf gives the phrase of a fault.
func reasonOf(err error) string {
	var f *dkim.Fault
	if errors.As(err, &f) {
		return f.Reason
	}
	return err.Error()
}
