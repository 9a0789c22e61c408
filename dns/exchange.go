package dns

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	mdns "github.com/miekg/dns"
)

const (
	// udpSize is the largest datagram that passes without fragments nearly
	// everywhere (RFC 9715 section 3.2).
	udpSize = 1232

	// udpRead takes a datagram from a server that sends more than it may.
	udpRead = 4096

	// maxJunk is how many datagrams that are not the answer one query reads.
	// More look like somebody guessing ids, and the query goes over TCP, where
	// guessing does not help (RFC 5452 section 9.1).
	maxJunk = 16
)

var (
	errJunk      = errors.New("answers that do not fit the question")
	errTruncated = errors.New("truncated")
)

// askServer puts one question to one server: by UDP, by TCP where the answer
// is too long, and without EDNS where the server does not understand it.
func (c *Client) askServer(ctx context.Context, deadline time.Time, server string, q Question) (reply, *Error) {
	fail := func(kind FaultKind, err error) (reply, *Error) {
		return reply{}, &Error{Question: q, Kind: kind, Server: server, Err: err}
	}
	var m *mdns.Msg
	for _, edns := range []bool{true, false} {
		query, err := newQuery(q, edns)
		if err != nil {
			return fail(FaultName, err)
		}
		m, err = c.exchange(ctx, deadline, "udp", server, query)
		if errors.Is(err, errTruncated) {
			m, err = c.exchange(ctx, deadline, "tcp", server, query)
		}
		if err != nil {
			return fail(networkFault(ctx, err), err)
		}
		if !ednsTrouble(m.Rcode) {
			break
		}
	}
	r, kind, err := judge(m, q)
	if err != nil {
		return fail(kind, err)
	}
	r.server = server
	return r, nil
}

// ednsTrouble reports a response code of a server that may not know EDNS (RFC
// 6891 section 7).
func ednsTrouble(rcode int) bool {
	return rcode == mdns.RcodeFormatError || rcode == mdns.RcodeNotImplemented || rcode == mdns.RcodeBadVers
}

// query is a question as sent.
type query struct {
	id   uint16
	name string // canonical
	typ  uint16
	wire []byte
}

func newQuery(q Question, edns bool) (*query, error) {
	var id [2]byte
	if _, err := rand.Read(id[:]); err != nil {
		return nil, err
	}
	m := new(mdns.Msg)
	m.Id = binary.BigEndian.Uint16(id[:])
	m.RecursionDesired = true
	m.AuthenticatedData = true // asks for the bit, without the signatures: RFC 6840 section 5.7
	m.Question = []mdns.Question{{Name: escapeName(q.Name), Qtype: uint16(q.Type), Qclass: mdns.ClassINET}}
	if edns {
		m.SetEdns0(udpSize, false)
	}
	wire, err := m.Pack()
	if err != nil {
		return nil, err
	}
	return &query{id: m.Id, name: Canonical(q.Name), typ: uint16(q.Type), wire: wire}, nil
}

// dialer opens the way to a server. Tests have one whose time is not the machine's.
type dialer func(ctx context.Context, network, server string, deadline time.Time) (net.Conn, error)

func dialNet(ctx context.Context, network, server string, deadline time.Time) (net.Conn, error) {
	d := net.Dialer{Deadline: deadline}
	return d.DialContext(ctx, network, server)
}

// exchange sends the query from a socket that nobody else uses meanwhile, and
// waits for the answer.
func (c *Client) exchange(ctx context.Context, deadline time.Time, network, server string, q *query) (*mdns.Msg, error) {
	if d := time.Now().Add(c.timeout); d.Before(deadline) {
		deadline = d
	}
	if network == "tcp" {
		return exchangeTCP(ctx, c.dial, server, deadline, q)
	}
	k, err := c.sockets.take(ctx, c.dial, server, deadline)
	if err != nil {
		return nil, err
	}
	stop := interrupt(ctx, k)
	m, clean, err := exchangeUDP(k, q)
	switch {
	case !stop() || !clean:
		k.Close()
	default:
		c.sockets.giveBack(server, k)
	}
	if err != nil && !errors.Is(err, errTruncated) {
		c.sockets.forget(server)
	}
	return m, err
}

// interrupt ends what waits for conn when ctx ends. stop ends that, and reports
// false where it is too late, and conn perhaps spoilt.
func interrupt(ctx context.Context, conn net.Conn) (stop func() bool) {
	return context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
}

// exchangeUDP reads until the answer comes: whatever does not fit may be a
// forger's, and must not end the wait for the real one. clean reports that
// nothing but the answer came.
func exchangeUDP(k *socket, q *query) (m *mdns.Msg, clean bool, err error) {
	if _, err := k.Write(q.wire); err != nil {
		return nil, false, err
	}
	for junk := 0; junk < maxJunk; junk++ {
		n, err := k.Read(k.buf[:])
		if err != nil {
			if junk > 0 {
				err = fmt.Errorf("%d %w", junk, errJunk)
			}
			return nil, false, err
		}
		m, err := q.read(k.buf[:n])
		if errors.Is(err, errJunk) {
			continue
		}
		return m, junk == 0, err
	}
	return nil, false, errTruncated
}

// exchangeTCP sends and reads one message with its length before it (RFC 7766
// section 8).
func exchangeTCP(ctx context.Context, dial dialer, server string, deadline time.Time, q *query) (*mdns.Msg, error) {
	conn, err := dial(ctx, "tcp", server, deadline)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(deadline); err != nil {
		return nil, err
	}
	defer interrupt(ctx, conn)()
	out := binary.BigEndian.AppendUint16(make([]byte, 0, 2+len(q.wire)), uint16(len(q.wire)))
	if _, err := conn.Write(append(out, q.wire...)); err != nil {
		return nil, err
	}
	var size [2]byte
	if _, err := io.ReadFull(conn, size[:]); err != nil {
		return nil, err
	}
	buf := make([]byte, binary.BigEndian.Uint16(size[:]))
	if _, err := io.ReadFull(conn, buf); err != nil {
		return nil, err
	}
	m, err := q.read(buf)
	if errors.Is(err, errTruncated) {
		return nil, fmt.Errorf("%w, truncated even over TCP", errJunk)
	}
	return m, err
}

// networkFault names the fault behind an error of the socket's or of read's.
func networkFault(ctx context.Context, err error) FaultKind {
	var timeout net.Error
	switch {
	case ctx.Err() != nil:
		return contextFault(ctx)
	case errors.Is(err, errJunk):
		return FaultMalformed
	case errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return FaultTimeout
	}
	return FaultNetwork
}
