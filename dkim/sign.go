package dkim

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// maxSigners bounds the signatures made at once; an RSA and an Ed25519 key is what
// RFC 8463 section 6 has in mind.
const maxSigners = 8

// SigningKey is a key and the selector under which its record stands.
type SigningKey struct {
	Selector string
	Key      PrivateKey
}

// SignArgs is one message and how to sign it.
type SignArgs struct {
	// Message is the whole message, or its start; it is neither changed nor
	// kept. Rest is what follows, nil for nothing.
	Message []byte
	Rest    io.Reader
	Domain  string // d=
	// Keys make one signature each, over the same hash of the body.
	Keys []SigningKey
	// Identity is i=, which must end in @ and Domain or a name under it; "" for
	// none.
	Identity string
	// Also names fields to sign besides the usual ones, where they are present.
	Also []string
	Now  time.Time // t=; it must be set
	// Expire is how long after Now the signature holds (x=); 0: no x=. Mail may
	// be under way for five days; what is replayed after that no longer passes.
	Expire time.Duration
}

// SignResult is the signatures.
type SignResult struct {
	// Fields are the DKIM-Signature fields in the order of Keys, each with
	// CRLF, to be put in front of the message.
	Fields []byte
	// Signed is h=, the same in all.
	Signed []string
	// Notes say what may break the signature on its way, with the line: a line
	// over 998 octets, a bare CR, a NUL. The message is signed as it is.
	Notes []string
}

// overSigned are the fields that h= names once more than they occur, so that none
// can be added (RFC 6376 section 8.15): those that people see or that tell how
// the body is to be read.
var overSigned = []string{"From", "To", "Cc", "Subject", "Date", "Message-ID", "Reply-To",
	"MIME-Version", "Content-Type", "Content-Transfer-Encoding"}

// asPresent are signed where they occur (RFC 6376 section 5.4.1, RFC 8058 section
// 4 for the unsubscribe fields); mailing lists add some of them.
var asPresent = []string{"Sender", "In-Reply-To", "References", "Content-ID", "Content-Disposition",
	"Auto-Submitted", "List-Id", "List-Post", "List-Help", "List-Unsubscribe", "List-Unsubscribe-Post",
	"Feedback-ID"}

// Sign makes relaxed/relaxed signatures, hashing the body once. It never makes l=,
// and signs From, To, Cc, Subject, Date, Message-ID, Reply-To and the MIME fields
// once more than they occur.
//
// Line ends may be CRLF or LF: what is signed is the message with CRLF, as it
// has to be sent (RFC 6376 section 5.3). Whatever else a mail server may change
// on the way (lines over 998 octets, bare CR, NUL) is signed as it is and told in
// Notes. A header without exactly one From is an error (RFC 5322 section 3.6).
func Sign(ctx context.Context, args SignArgs) (SignResult, error) {
	if err := args.check(); err != nil {
		return SignResult{}, err
	}
	start, err := readStart(args.Message, args.Rest, DefaultHeaderBytes)
	if err != nil {
		return SignResult{}, err
	}
	var h Header
	h.read(start.header)
	if start.long || h.full {
		return SignResult{}, fmt.Errorf("dkim: the header is over %d octets or %d fields", DefaultHeaderBytes, maxFields)
	}
	if n := len(h.All("From")); n != 1 {
		return SignResult{}, fmt.Errorf("dkim: the message has %d From fields, it needs one", n)
	}
	res := SignResult{Signed: args.names(&h)}
	var lines lineCheck
	lines.Write(start.header)
	lines.blank()

	body := newBodyHash(Relaxed)
	if err := copyBody(ctx, start.body, args.Rest, func(p []byte) {
		lines.Write(p)
		body.canon.Write(p)
	}); err != nil {
		return SignResult{}, err
	}
	body.finish()
	res.Notes = lines.notes()
	for _, k := range args.Keys {
		field, err := args.sign(&h, k, res.Signed, body.whole)
		if err != nil {
			return SignResult{}, err
		}
		res.Fields = append(res.Fields, field...)
		if k.Key.Algorithm() == RSASHA256 && k.Key.Bits() < newRSABits { // RFC 8301 section 3.2
			res.Notes = append(res.Notes, fmt.Sprintf("The key of selector %s has %d bits; 2048 are advised.", k.Selector, k.Key.Bits()))
		}
	}
	return res, nil
}

// check tells what is wrong with the arguments.
func (a *SignArgs) check() error {
	switch {
	case a.Now.IsZero():
		return errors.New("dkim: SignArgs.Now is not set")
	case len(a.Keys) == 0 || len(a.Keys) > maxSigners:
		return fmt.Errorf("dkim: %d keys to sign with, want 1 to %d", len(a.Keys), maxSigners)
	case a.Expire < 0 || a.Expire > 0 && a.Expire < time.Second:
		return fmt.Errorf("dkim: a signature can't expire after %v", a.Expire)
	}
	for _, k := range a.Keys {
		if k.Key.signer == nil {
			return errNoKey
		}
		if _, err := KeyName(k.Selector, a.Domain); err != nil {
			return err
		}
	}
	for _, name := range a.Also {
		if !isFieldName(name) {
			return fmt.Errorf("dkim: %q is no name of a field", clip(name))
		}
	}
	if a.Identity == "" {
		return nil
	}
	at := strings.LastIndexByte(a.Identity, '@')
	if inside, _ := within(a.Identity[at+1:], a.Domain); at < 0 || !inside || control(a.Identity) >= 0 {
		return fmt.Errorf("dkim: identity %q is not under @%s", clip(a.Identity), a.Domain)
	}
	return nil
}

// names gives h=.
func (a *SignArgs) names(h *Header) []string {
	var out []string
	for _, name := range overSigned {
		for range len(h.All(name)) + 1 {
			out = append(out, name)
		}
	}
	for _, list := range [][]string{asPresent, a.Also} {
		for _, name := range list {
			if contains(out, name) {
				continue
			}
			for range h.All(name) {
				out = append(out, name)
			}
		}
	}
	return out
}

// sign makes one field.
func (a *SignArgs) sign(h *Header, k SigningKey, names []string, bodyHash [32]byte) ([]byte, error) {
	w := fieldWriter{}
	w.raw("DKIM-Signature:")
	w.tag("v=1;")
	w.tag("a=" + string(k.Key.Algorithm()) + ";")
	w.tag("c=relaxed/relaxed;")
	w.tag("d=" + a.Domain + ";")
	w.tag("s=" + k.Selector + ";")
	if a.Identity != "" {
		w.tag("i=" + encodeQuoted(a.Identity) + ";")
	}
	w.tag("t=" + strconv.FormatInt(a.Now.Unix(), 10) + ";")
	if a.Expire > 0 {
		w.tag("x=" + strconv.FormatInt(a.Now.Add(a.Expire).Unix(), 10) + ";")
	}
	w.list("h=", names)
	w.tag("bh=" + base64.StdEncoding.EncodeToString(bodyHash[:]) + ";")
	w.tag("b=")

	s := Signature{HeaderCanon: Relaxed, BodyCanon: Relaxed, Signed: names, raw: string(w.buf) + "\r\n"}
	var fault *Fault
	if s.Tags, fault = parseTags(nil, s.raw, strings.IndexByte(s.raw, ':')+1); fault != nil {
		return nil, fault
	}
	digest := s.headerDigest(h, -1)
	value, err := k.Key.sign(digest)
	if err != nil {
		return nil, fmt.Errorf("dkim: signing with selector %s: %w", k.Selector, err)
	}
	w.fold(base64.StdEncoding.EncodeToString(value))
	w.raw("\r\n")
	return w.buf, nil
}
