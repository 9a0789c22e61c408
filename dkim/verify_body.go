package dkim

import (
	"context"
	"fmt"
	"io"
	"strings"
)

// start is the start of a message: its header, and what of the body came along.
type start struct {
	header, body []byte
	long         bool // the header goes on beyond the limit
}

// readStart reads up to the blank line behind the header.
func readStart(message []byte, rest io.Reader, most int) (start, error) {
	owned := false // message is a buffer of ours
	for scanned := 0; ; {
		pos := scanned
		for pos < len(message) && pos <= most {
			if n := blankLine(message[pos:]); n > 0 {
				return start{header: message[:pos], body: message[pos+n:]}, nil
			}
			end := lineEnd(message, pos)
			if message[end-1] != '\n' { // the line may go on
				break
			}
			pos = end
		}
		scanned = pos
		if len(message) > most {
			return start{header: message[:most], long: true}, nil
		}
		if rest == nil {
			return start{header: message}, nil
		}
		if !owned {
			message = append(make([]byte, 0, len(message)+chunk), message...)
			owned = true
		}
		n, err := fill(rest, &message)
		if err == io.EOF && n == 0 {
			return readStart(message, nil, most)
		}
		if err != nil && err != io.EOF {
			return start{}, fmt.Errorf("dkim: reading the message: %w", err)
		}
	}
}

// fill appends at most one chunk of r to buf.
func fill(r io.Reader, buf *[]byte) (int, error) {
	b := *buf
	if cap(b)-len(b) < chunk {
		b = append(make([]byte, 0, 2*cap(b)+chunk), b...)
	}
	n, err := io.ReadAtLeast(r, b[len(b):len(b)+chunk], 1)
	*buf = b[:len(b)+n]
	return n, err
}

// readBody hashes the body for every signature that got so far.
func (run *verification) readBody(ctx context.Context, body []byte, rest io.Reader) error {
	for i := range run.checks {
		c := &run.checks[i]
		if c.fault != nil {
			continue
		}
		form := 0
		if c.sig.BodyCanon == Relaxed {
			form = 1
		}
		if run.bodies[form] == nil {
			run.bodies[form] = newBodyHash(c.sig.BodyCanon)
		}
		run.bodies[form].want(c.sig.Length)
	}
	if run.bodies == [2]*bodyHash{} {
		return nil
	}
	if err := copyBody(ctx, body, rest, func(p []byte) {
		for _, b := range run.bodies {
			if b != nil {
				b.canon.Write(p)
			}
		}
	}); err != nil {
		return err
	}
	for _, b := range run.bodies {
		if b != nil {
			b.finish()
		}
	}
	return nil
}

// copyBody hands a body to write, in pieces that stay in the processor's cache
// between the look for changes and the hash.
func copyBody(ctx context.Context, body []byte, rest io.Reader, write func([]byte)) error {
	for len(body) > 0 {
		n := min(len(body), chunk)
		write(body[:n])
		body = body[n:]
	}
	if rest == nil {
		return nil
	}
	for buf := make([]byte, chunk); ; {
		n, err := rest.Read(buf)
		write(buf[:n])
		if err == io.EOF {
			return nil
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return fmt.Errorf("dkim: reading the message: %w", err)
		}
	}
}

// conclude gives each signature its word.
func (run *verification) conclude() {
	for i := range run.checks {
		c := &run.checks[i]
		r := &run.result.Results[c.result]
		if c.fault != nil {
			r.fail(c.fault)
			continue
		}
		body := run.bodies[0]
		if c.sig.BodyCanon == Relaxed {
			body = run.bodies[1]
		}
		sum, long := body.at(c.sig.Length)
		r.BodySize = body.size
		switch {
		case !long || !c.sig.matches(sum):
			r.Body = Broken
		case c.sig.Length >= 0 && c.sig.Length < body.size:
			r.Body = Partial
		default:
			r.Body = Intact
		}
		c.judge(r, long, run)
	}
}

// judge finds word, reason and notes from header and body.
func (c *check) judge(r *SignatureResult, long bool, run *verification) {
	switch {
	case !long: // RFC 6376 section 3.5
		r.Result, r.Reason = PermError, fmt.Sprintf("l=%d is longer than the body of %d octets", r.Length, r.BodySize)
	case !c.header && r.Body == Broken:
		r.Result, r.Reason = Fail, c.whyHeader(r, run)+"; the body hash does not match either"
	case !c.header:
		r.Result, r.Reason = Fail, c.whyHeader(r, run)
	case r.Body == Broken:
		r.Result, r.Reason = Fail, "the body hash does not match bh=: the body was changed, the signed header was not"
	case r.Body == Partial:
		r.Result, r.Reason = Policy, fmt.Sprintf("only the first %d of %d octets of the body are signed (l=)", r.Length, r.BodySize)
	default:
		r.Result, r.Reason = Pass, "signature and body hash match"
	}
	if r.Result == Pass && r.Length >= 0 {
		r.Notes = append(r.Notes, "l= covers the whole body; text added behind it would not have been noticed")
	}
	if r.TestMode {
		r.Notes = append(r.Notes, "the domain is testing DKIM (t=y in its key record)")
	}
	if len(r.Unsigned) > 0 {
		r.Notes = append(r.Notes, "not every field of these names is signed: "+strings.Join(r.Unsigned, ", "))
	}
	if c.key.key.rsa != nil && c.key.key.Bits < 2048 { // RFC 8301 section 3.2
		r.Notes = append(r.Notes, fmt.Sprintf("the key has %d bits; 2048 are advised", c.key.key.Bits))
	}
}
