package dnsfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"unspoof/dns"
)

const (
	recordingFormat = "unspoof-dns"
	recordingSchema = 1
)

// recording is the file that a [Recorder] writes. Names and strings are raw
// octets, those that JSON cannot hold as \DDD (RFC 1035 section 5.1).
type recording struct {
	Format  string     `json:"format"`
	Schema  int        `json:"schema"`
	Dropped int        `json:"dropped,omitempty"` // answers over the limit, not kept
	Answers []recorded `json:"answers"`
}

// recorded is one question with its answer, or with its fault.
type recorded struct {
	Name    string        `json:"name"`
	Type    string        `json:"type"`
	RCode   string        `json:"rcode,omitempty"` // NOERROR or NXDOMAIN
	Records []recordedRR  `json:"records,omitempty"`
	Chain   []string      `json:"chain,omitempty"`
	TTL     int64         `json:"ttl,omitempty"` // seconds
	AD      bool          `json:"authenticated,omitempty"`
	Fault   dns.FaultKind `json:"fault,omitempty"`
	Cause   string        `json:"cause,omitempty"`
	Server  string        `json:"server,omitempty"`
}

type recordedRR struct {
	Name string   `json:"name"`
	Type string   `json:"type"`
	TTL  int64    `json:"ttl,omitempty"` // seconds
	Addr string   `json:"addr,omitempty"`
	Host *string  `json:"host,omitempty"`
	Pref uint16   `json:"pref,omitempty"`
	Text []string `json:"text,omitempty"`
	Data string   `json:"data,omitempty"` // of SOA, DS, DNSKEY, TLSA and CAA, as in a zone file
}

// readRecording reads what a [Recorder] wrote.
func readRecording(name string, data []byte) ([]*section, error) {
	var file recording
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, jsonError(name, data, err)
	}
	if file.Schema != recordingSchema {
		return nil, fmt.Errorf("dnsfile: %s: a recording of schema %d; this version reads schema %d, record again with it", name, file.Schema, recordingSchema)
	}
	s := newSection()
	s.literal = true
	for i, a := range file.Answers {
		if err := a.addTo(s); err != nil {
			return nil, fmt.Errorf("dnsfile: %s: answer %d, %s %s: %w", name, i+1, a.Type, a.Name, err)
		}
	}
	return []*section{s}, nil
}

var errTwice = errors.New("the same question stands here twice")

func (a recorded) addTo(s *section) error {
	t, err := parseType(a.Type)
	if err != nil {
		return err
	}
	name := dns.Unescape(a.Name)
	if err := dns.CheckName(name); err != nil {
		return err
	}
	o := s.at(dns.Canonical(name), 0)
	if o.types[t] != nil {
		return errTwice
	}
	set := o.set(t)
	if a.Fault != "" {
		if !lasting(a.Fault) {
			return fmt.Errorf("fault %q: timeout, servfail, refused, malformed, network or offline was expected", a.Fault)
		}
		set.fault, set.server = a.Fault, a.Server
		if a.Cause != "" {
			set.cause = errors.New(a.Cause)
		}
		return nil
	}
	set.answer.Server, set.answer.Authenticated = a.Server, a.AD
	if set.answer.TTL, err = seconds(a.TTL); err != nil {
		return err
	}
	switch a.RCode {
	case dns.NoError.String():
	case dns.NXDomain.String():
		set.answer.RCode = dns.NXDomain
	default:
		return fmt.Errorf("rcode %q: NOERROR, NXDOMAIN or a fault was expected", a.RCode)
	}
	for _, c := range a.Chain {
		set.answer.Chain = append(set.answer.Chain, dns.Unescape(c))
	}
	for _, rr := range a.Records {
		r, err := rr.record()
		if err != nil {
			return err
		}
		set.answer.Records = append(set.answer.Records, r)
	}
	return nil
}

func (rr recordedRR) record() (r dns.Record, err error) {
	r = dns.Record{Name: dns.Unescape(rr.Name), Pref: rr.Pref}
	if r.TTL, err = seconds(rr.TTL); err != nil {
		return r, err
	}
	if r.Type, err = parseType(rr.Type); err != nil {
		return r, err
	}
	if rr.Addr != "" {
		if r.Addr, err = netip.ParseAddr(rr.Addr); err != nil {
			return r, err
		}
	}
	if rr.Host != nil {
		r.Host = dns.Unescape(*rr.Host)
	}
	for _, t := range rr.Text {
		r.Text = append(r.Text, dns.Unescape(t))
	}
	if rr.Data != "" {
		d, err := dns.ParseData(r.Type, rr.Data)
		if err != nil {
			return r, err
		}
		r.SOA, r.DS, r.DNSKEY, r.TLSA, r.CAA = d.SOA, d.DS, d.DNSKEY, d.TLSA, d.CAA
	}
	return r, nil
}

// writeAnswer gives the form in which the answer is written.
func writeAnswer(q dns.Question, a dns.Answer) recorded {
	out := recorded{
		Name: dns.Escape(q.Name), Type: q.Type.String(), RCode: a.RCode.String(),
		TTL: int64(a.TTL / time.Second), AD: a.Authenticated, Server: a.Server,
	}
	for _, c := range a.Chain {
		out.Chain = append(out.Chain, dns.Escape(c))
	}
	for _, r := range a.Records {
		rr := recordedRR{Name: dns.Escape(r.Name), Type: r.Type.String(), TTL: int64(r.TTL / time.Second), Pref: r.Pref}
		switch r.Type {
		case dns.TypeA, dns.TypeAAAA:
			rr.Addr = r.Addr.String()
		case dns.TypeCNAME, dns.TypeNS, dns.TypePTR, dns.TypeMX:
			host := dns.Escape(r.Host)
			rr.Host = &host
		case dns.TypeSOA, dns.TypeDS, dns.TypeDNSKEY, dns.TypeTLSA, dns.TypeCAA:
			// What no file can hold (an empty digest) must not spoil the recording.
			if _, err := dns.ParseData(r.Type, r.Data()); err == nil {
				rr.Data = r.Data()
			}
		}
		for _, t := range r.Text {
			rr.Text = append(rr.Text, dns.Escape(t))
		}
		out.Records = append(out.Records, rr)
	}
	return out
}

// writeFault gives the form in which the fault is written.
func writeFault(q dns.Question, err *dns.Error) recorded {
	out := recorded{Name: dns.Escape(q.Name), Type: q.Type.String(), Fault: err.Kind, Server: err.Server}
	if err.Err != nil {
		out.Cause = err.Err.Error()
	}
	return out
}

// seconds reads a TTL, of 31 bits at most (RFC 2181 section 8).
func seconds(n int64) (time.Duration, error) {
	if n < 0 || n > 1<<31-1 {
		return 0, fmt.Errorf("ttl %d: a number of seconds from 0 to 2147483647 was expected", n)
	}
	return time.Duration(n) * time.Second, nil
}

// parseType reads a mnemonic or TYPEnnn (RFC 3597 section 5).
func parseType(s string) (dns.Type, error) {
	if t, ok := dns.ParseType(s); ok {
		return t, nil
	}
	n, err := strconv.ParseUint(strings.TrimPrefix(s, "TYPE"), 10, 16)
	if err != nil {
		return 0, fmt.Errorf("unknown type %q", s)
	}
	return dns.Type(n), nil
}
