package dns

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	mdns "github.com/miekg/dns"
)

// reply is what one message says about a question.
type reply struct {
	rcode    RCode
	records  []Record
	chain    []string
	ttl      time.Duration
	server   string
	checked  bool // AD
	complete bool // false: the target at the end of chain must be asked for
}

// read takes a message for the answer to q only if everything in it that was
// sent comes back: id, opcode, name, type and class (RFC 5452 section 9.1,
// RFC 1035 section 7.3). errJunk: it is not the answer; errTruncated: it is,
// but must be had over TCP.
func (q *query) read(msg []byte) (*mdns.Msg, error) {
	const (
		headerSize = 12
		response   = 1 << 15
		opcode     = 15 << 11
		truncated  = 1 << 9
	)
	if len(msg) < headerSize || binary.BigEndian.Uint16(msg) != q.id {
		return nil, errJunk
	}
	flags := binary.BigEndian.Uint16(msg[2:])
	if flags&(response|opcode) != response {
		return nil, errJunk
	}
	rcode := int(flags & 15)
	switch binary.BigEndian.Uint16(msg[4:]) {
	case 0: // a server may refuse without repeating the question
		if rcode == mdns.RcodeSuccess || rcode == mdns.RcodeNameError {
			return nil, errJunk
		}
	case 1:
		name, end, err := mdns.UnpackDomainName(msg, headerSize)
		if err != nil || unescapeName(name) != q.name || len(msg) < end+4 ||
			binary.BigEndian.Uint16(msg[end:]) != q.typ || binary.BigEndian.Uint16(msg[end+2:]) != mdns.ClassINET {
			return nil, errJunk
		}
	default:
		return nil, errJunk
	}
	if flags&truncated != 0 { // RFC 2181 section 9: what came is not to be used
		return nil, errTruncated
	}
	m := new(mdns.Msg)
	if err := m.Unpack(msg); err != nil {
		return nil, fmt.Errorf("%w: %v", errJunk, err)
	}
	return m, nil
}

var (
	errLame   = errors.New("lame: the server is not in charge of the name and does not look further")
	errEmpty  = errors.New("a record without data")
	errUnlike = errors.New("records for a name that does not exist")
)

// judge reads the answer to q out of a message that fits it, or says why there
// is none in it.
func judge(m *mdns.Msg, q Question) (reply, FaultKind, error) {
	switch m.Rcode {
	case mdns.RcodeSuccess, mdns.RcodeNameError:
	case mdns.RcodeRefused, mdns.RcodeNotImplemented, mdns.RcodeNotAuth:
		return reply{}, FaultRefused, rcodeError(m.Rcode)
	default:
		return reply{}, FaultServFail, rcodeError(m.Rcode)
	}
	r := reply{rcode: RCode(m.Rcode), checked: m.AuthenticatedData, complete: true}
	name, err := r.follow(m.Answer, q)
	if err != nil {
		return reply{}, FaultMalformed, err
	}
	if len(r.records) > 0 {
		if r.rcode == NXDomain {
			return reply{}, FaultMalformed, errUnlike
		}
		return r, "", nil
	}
	ttl, hasSOA, hasNS := authority(m.Ns, name)
	if r.rcode != NXDomain && !hasSOA { // RFC 2308 section 2.2
		if len(r.chain) > 0 {
			r.complete = false
			return r, "", nil
		}
		if hasNS || !m.Authoritative && !m.RecursionAvailable {
			return reply{}, FaultRefused, errLame
		}
	}
	if len(r.chain) == 0 || ttl < r.ttl {
		r.ttl = ttl
	}
	return r, "", nil
}

// follow goes along the aliases in the answer section and collects the records
// at their end, whose name it gives. What belongs to other names is not looked
// at: nobody asked for it.
func (r *reply) follow(answer []mdns.RR, q Question) (name string, err error) {
	var found []Record
	for _, rr := range answer {
		h := rr.Header()
		if t := Type(h.Rrtype); h.Class == mdns.ClassINET && (t == q.Type || t == TypeCNAME) {
			if h.Rdlength == 0 && typeNames[t] != "" { // or it would read as the root, a null MX
				return "", errEmpty
			}
			found = append(found, fromRR(rr))
		}
	}
	name = Canonical(q.Name)
	first := true
	note := func(ttl time.Duration) {
		if first || ttl < r.ttl {
			r.ttl, first = ttl, false
		}
	}
	for {
		alias, aliased := "", false
		for _, rec := range found {
			if rec.Name != name {
				continue
			}
			if rec.Type == q.Type {
				r.records = append(r.records, rec)
				note(rec.TTL)
			} else if !aliased {
				alias, aliased = rec.Host, true
				note(rec.TTL)
			}
		}
		if len(r.records) > 0 || !aliased {
			return name, nil
		}
		if r.chain = append(r.chain, alias); len(r.chain) > maxChain {
			return "", errChain
		}
		name = alias
	}
}

// authority reads the authority section: how long a negative answer for name
// may be kept (RFC 2308 section 5), and which records it is told by.
func authority(ns []mdns.RR, name string) (ttl time.Duration, hasSOA, hasNS bool) {
	for _, rr := range ns {
		switch rr := rr.(type) {
		case *mdns.SOA:
			if isBelow(name, unescapeName(rr.Hdr.Name)) {
				ttl, hasSOA = min(seconds(rr.Hdr.Ttl), seconds(rr.Minttl)), true
			}
		case *mdns.NS:
			hasNS = true
		}
	}
	return ttl, hasSOA, hasNS
}

// isBelow reports whether the canonical name is zone or stands below it.
func isBelow(name, zone string) bool {
	return zone == "" || name == zone ||
		strings.HasSuffix(name, zone) && name[len(name)-len(zone)-1] == '.'
}

func rcodeError(rcode int) error {
	if s, ok := mdns.RcodeToString[rcode]; ok {
		return fmt.Errorf("the server said %s", s)
	}
	return fmt.Errorf("the server said RCODE%d", rcode)
}
