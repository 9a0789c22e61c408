package dns

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	mdns "github.com/miekg/dns"
)

// SOA starts a zone (RFC 1035 section 3.3.13).
type SOA struct {
	MName   string // primary server; lower case, no final dot
	RName   string // mailbox, its first dot standing for the @; lower case, no final dot
	Serial  uint32
	Refresh time.Duration
	Retry   time.Duration
	Expire  time.Duration
	Minimum time.Duration // how long a "no" may be kept (RFC 2308 section 4)
}

// DS is what a parent says of a child's key (RFC 4034 section 5): that the child
// has one makes its zone signed.
type DS struct {
	KeyTag     uint16
	Algorithm  uint8 // of the key (RFC 8624): 8 RSA, 13 and 14 ECDSA, 15 Ed25519
	DigestType uint8 // 2 is SHA-256, 1 the outdated SHA-1
	Digest     []byte
}

// DNSKEY is a key of a zone (RFC 4034 section 2).
type DNSKEY struct {
	Flags     uint16 // 256 zone key, 257 with the bit of a secure entry point
	Protocol  uint8  // 3
	Algorithm uint8
	Key       []byte
}

// TLSA binds a server's certificate or key to its name (RFC 6698 section 2).
type TLSA struct {
	Usage        uint8 // 0 PKIX-TA, 1 PKIX-EE, 2 DANE-TA, 3 DANE-EE (RFC 7218)
	Selector     uint8 // 0 whole certificate, 1 its public key
	MatchingType uint8 // 0 the thing itself, 1 SHA-256, 2 SHA-512
	Data         []byte
}

// CAA says who may issue certificates for a name (RFC 8659).
type CAA struct {
	Flags uint8  // 128: an authority that does not know Tag must not issue
	Tag   string // lower case: "issue", "issuewild", "issuemail", "iodef"
	Value string // raw octets
}

// setData fills in the types whose data is more than an address, a host or text.
func (r *Record) setData(rr mdns.RR) {
	switch rr := rr.(type) {
	case *mdns.SOA:
		r.SOA = &SOA{
			MName: unescapeName(rr.Ns), RName: unescapeName(rr.Mbox), Serial: rr.Serial,
			Refresh: seconds(rr.Refresh), Retry: seconds(rr.Retry), Expire: seconds(rr.Expire), Minimum: seconds(rr.Minttl),
		}
	case *mdns.DS:
		digest, _ := hex.DecodeString(rr.Digest) // the library made the digits
		r.DS = &DS{KeyTag: rr.KeyTag, Algorithm: rr.Algorithm, DigestType: rr.DigestType, Digest: digest}
	case *mdns.DNSKEY:
		key, _ := base64.StdEncoding.DecodeString(rr.PublicKey)
		r.DNSKEY = &DNSKEY{Flags: rr.Flags, Protocol: rr.Protocol, Algorithm: rr.Algorithm, Key: key}
	case *mdns.TLSA:
		data, _ := hex.DecodeString(rr.Certificate)
		r.TLSA = &TLSA{Usage: rr.Usage, Selector: rr.Selector, MatchingType: rr.MatchingType, Data: data}
	case *mdns.CAA:
		if isTag(rr.Tag) {
			r.CAA = &CAA{Flags: rr.Flag, Tag: strings.ToLower(rr.Tag), Value: rr.Value}
		}
	}
}

// isTag reports letters and digits, which is all that a tag may have (RFC 8659
// section 4.1).
func isTag(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i] | 0x20; !isDigit(s[i]) && (c < 'a' || c > 'z') {
			return false
		}
	}
	return s != ""
}

// checkData says why the text of a master file is no data of its type: the library
// reads digits and keys as they stand.
func checkData(rr mdns.RR) (err error) {
	switch rr := rr.(type) {
	case *mdns.DS:
		_, err = hex.DecodeString(rr.Digest)
	case *mdns.TLSA:
		_, err = hex.DecodeString(rr.Certificate)
	case *mdns.DNSKEY:
		_, err = base64.StdEncoding.DecodeString(rr.PublicKey)
	}
	return err
}

// Data writes the data of the record as a master file has it (RFC 1035 section
// 5.1), names in full with the final dot: "10 mail.example.com.". It is printable
// ASCII. Of a type that Record has no field for it is "".
func (r Record) Data() string {
	switch {
	case r.Type == TypeA || r.Type == TypeAAAA:
		return r.Addr.String()
	case r.Type == TypeMX:
		return strconv.Itoa(int(r.Pref)) + " " + escapeName(r.Host)
	case r.Type == TypeCNAME || r.Type == TypeNS || r.Type == TypePTR:
		return escapeName(r.Host)
	case r.Type == TypeTXT:
		quoted := make([]string, len(r.Text))
		for i, s := range r.Text {
			quoted[i] = quote(s)
		}
		return strings.Join(quoted, " ")
	case r.SOA != nil:
		s := r.SOA
		return fmt.Sprintf("%s %s %d %d %d %d %d", escapeName(s.MName), escapeName(s.RName), s.Serial,
			s.Refresh/time.Second, s.Retry/time.Second, s.Expire/time.Second, s.Minimum/time.Second)
	case r.DS != nil:
		return fmt.Sprintf("%d %d %d %x", r.DS.KeyTag, r.DS.Algorithm, r.DS.DigestType, r.DS.Digest)
	case r.DNSKEY != nil:
		return fmt.Sprintf("%d %d %d %s", r.DNSKEY.Flags, r.DNSKEY.Protocol, r.DNSKEY.Algorithm, base64.StdEncoding.EncodeToString(r.DNSKEY.Key))
	case r.TLSA != nil:
		return fmt.Sprintf("%d %d %d %x", r.TLSA.Usage, r.TLSA.Selector, r.TLSA.MatchingType, r.TLSA.Data)
	case r.CAA != nil:
		return fmt.Sprintf("%d %s %s", r.CAA.Flags, r.CAA.Tag, quote(r.CAA.Value))
	}
	return ""
}

// ParseData reads what [Record.Data] writes, the data of one record of that
// type, on one line, its names in full. Owner and TTL are left empty.
func ParseData(t Type, data string) (Record, error) {
	name, known := typeNames[t]
	if !known || strings.ContainsAny(data, "\n\r") {
		return Record{}, fmt.Errorf("dns: not the data of one record of type %s", t)
	}
	records, err := ParseZone("data", []byte(". 0 IN "+name+" "+data+"\n"))
	if err != nil || len(records) != 1 || records[0].Type != t {
		return Record{}, fmt.Errorf("dns: not the data of one record of type %s", t)
	}
	return records[0], nil
}

// quote writes a character-string with quotes and escapes.
func quote(s string) string { return `"` + Escape(s) + `"` }
