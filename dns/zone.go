package dns

import (
	"bytes"
	"fmt"
	"strings"

	mdns "github.com/miekg/dns"
)

const (
	// maxZoneRecords and maxZoneOctets bound what one zone file may unfold to:
	// $GENERATE makes 65536 records of one line, however long it is.
	maxZoneRecords = 1 << 17
	maxZoneOctets  = 64 << 20

	// fallbackTTL is for files without $TTL, SOA and TTLs, such as the
	// fragments that hosting panels show. RFC 1035 leaves it open.
	fallbackTTL = 3600
)

// ParseZone reads a master file (RFC 1035 section 5) with $ORIGIN, $TTL (RFC
// 2308 section 4) and $GENERATE, class IN only. $INCLUDE is refused: a zone is
// one text. name stands in errors. A file without $ORIGIN must write all names
// in full, with the final dot. Records come in the order of the file, of types
// that Record has no field for with owner, type and TTL only; at most 131072
// of them, and 64 MiB.
func ParseZone(name string, text []byte) ([]Record, error) {
	zp := mdns.NewZoneParser(bytes.NewReader(text), "", name)
	zp.SetDefaultTTL(fallbackTTL)
	var records []Record
	octets := 0
	for rr, ok := zp.Next(); ok; rr, ok = zp.Next() {
		h := rr.Header()
		if h.Class != mdns.ClassINET {
			return nil, fmt.Errorf("dns: %s: record of class %s at %s: only class IN is read", name, mdns.Class(h.Class), h.Name)
		}
		if len(records) == maxZoneRecords {
			return nil, fmt.Errorf("dns: %s: more than %d records; split the file", name, maxZoneRecords)
		}
		if err := checkData(rr); err != nil {
			return nil, fmt.Errorf("dns: %s: %s record at %s: %w", name, mdns.Type(h.Rrtype), h.Name, err)
		}
		r := fromRR(rr)
		if r.CAA != nil { // the library leaves its escapes in, other than in text
			r.CAA.Value = Unescape(r.CAA.Value)
		}
		if err := CheckName(r.Name); err != nil {
			return nil, fmt.Errorf("dns: %s: owner %q: %w", name, r.Name, err)
		}
		if octets += weight(r); octets > maxZoneOctets {
			return nil, fmt.Errorf("dns: %s: its records take more than %d MiB; split the file", name, maxZoneOctets>>20)
		}
		records = append(records, r)
	}
	if err := zp.Err(); err != nil {
		return nil, fmt.Errorf("dns: zone file %w%s", err, zoneHint(err))
	}
	return records, nil
}

// weight estimates the memory that a record's text takes.
func weight(r Record) int {
	const perString = 16
	n := len(r.Name) + len(r.Host)
	for _, s := range r.Text {
		n += perString + len(s)
	}
	const perData = 48
	switch {
	case r.SOA != nil:
		n += perData + len(r.SOA.MName) + len(r.SOA.RName)
	case r.DS != nil:
		n += perData + len(r.DS.Digest)
	case r.DNSKEY != nil:
		n += perData + len(r.DNSKEY.Key)
	case r.TLSA != nil:
		n += perData + len(r.TLSA.Data)
	case r.CAA != nil:
		n += perData + len(r.CAA.Tag) + len(r.CAA.Value)
	}
	return n
}

// zoneHint names the fix for the two slips that a valid file of a name
// server's makes most often here.
func zoneHint(err error) string {
	switch s := err.Error(); {
	case strings.Contains(s, "bad owner name"):
		return "; write the name in full with its final dot, or put a line like \"$ORIGIN example.com.\" first"
	case strings.Contains(s, "$INCLUDE"):
		return "; paste the other file in its place"
	}
	return ""
}
