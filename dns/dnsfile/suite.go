package dnsfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"

	"bytes"

	"unspoof/dns"
)

// suiteZone is the zone of a scenario in the JSON form of an SPF suite.
type suiteZone map[string]struct {
	RRs []struct {
		Type string   `json:"t"`
		Data string   `json:"v"`
		Pref uint16   `json:"p"`
		Text []string `json:"s"`
	} `json:"rrs"`
	Timeout  bool     `json:"timeout"`  // types without a record time out
	Timeouts []string `json:"timeouts"` // these types time out
}

// readSuite gives a section for each scenario. SPF entries stand as TXT in
// such a file already, where that is due.
func readSuite(name string, data []byte) ([]*section, error) {
	var file struct {
		Scenarios []json.RawMessage `json:"scenarios"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, jsonError(name, data, err)
	}
	sections := make([]*section, 0, len(file.Scenarios))
	for i, raw := range file.Scenarios {
		var scenario struct {
			Description string    `json:"description"`
			Zone        suiteZone `json:"zone"`
		}
		if err := json.Unmarshal(raw, &scenario); err != nil {
			return nil, fmt.Errorf("dnsfile: %s: scenario %d: %w", name, i+1, err)
		}
		s, err := scenario.Zone.section()
		if err != nil {
			return nil, fmt.Errorf("dnsfile: %s: scenario %d: %w", name, i+1, err)
		}
		s.label = oneLine(scenario.Description)
		s.decode = func(v any) error { return json.Unmarshal(raw, v) }
		sections = append(sections, s)
	}
	if len(sections) == 0 {
		return nil, fmt.Errorf("dnsfile: %s: no scenarios in it; %s", name, forms)
	}
	return sections, nil
}

func (z suiteZone) section() (*section, error) {
	s := newSection()
	for n, entry := range z {
		if err := dns.CheckName(n); err != nil {
			return nil, fmt.Errorf("name %q: %w", n, err)
		}
		name := dns.Canonical(n)
		o := s.at(name, 0)
		if entry.Timeout {
			o.fault = dns.FaultTimeout
		}
		for _, t := range entry.Timeouts {
			typ, ok := dns.ParseType(t)
			if !ok {
				return nil, fmt.Errorf("name %q: unknown type %q in timeouts", n, t)
			}
			o.set(typ).fault = dns.FaultTimeout
		}
		for _, rr := range entry.RRs {
			if rr.Type == "SPF" {
				continue
			}
			r := dns.Record{Name: name}
			var ok bool
			if r.Type, ok = dns.ParseType(rr.Type); !ok {
				return nil, fmt.Errorf("name %q: unknown type %q", n, rr.Type)
			}
			switch r.Type {
			case dns.TypeA, dns.TypeAAAA:
				addr, err := netip.ParseAddr(rr.Data)
				if err != nil {
					return nil, fmt.Errorf("name %q: %w", n, err)
				}
				r.Addr = addr
			case dns.TypeTXT:
				r.Text = rr.Text
				if len(r.Text) == 0 {
					r.Text = []string{""}
				}
			default:
				r.Host, r.Pref = dns.Canonical(rr.Data), rr.Pref
			}
			o.add(r)
		}
	}
	return s, nil
}

// jsonError says on which line reading stopped.
func jsonError(name string, data []byte, err error) error {
	offset := int64(-1)
	var syntax *json.SyntaxError
	var typ *json.UnmarshalTypeError
	if errors.As(err, &syntax) {
		offset = syntax.Offset
	} else if errors.As(err, &typ) {
		offset = typ.Offset
	}
	if offset < 0 || offset > int64(len(data)) {
		return fmt.Errorf("dnsfile: %s: %w", name, err)
	}
	line := 1 + bytes.Count(data[:offset], []byte("\n"))
	return fmt.Errorf("dnsfile: %s: line %d: %w", name, line, err)
}
