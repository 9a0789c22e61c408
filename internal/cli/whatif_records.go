package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"unspoof/dns"
	"unspoof/plan"
	"unspoof/spf"
)

// maxPlanned bounds the file of --records, in octets.
const maxPlanned = 8 << 20

// plannedRecords reads the records that are to be published: a zone file, or what
// the verbs that make records print with --json.
func (p *program) plannedRecords(file string) ([]dns.Record, error) {
	const hint = `give a zone file with names in full, such as: example.com. TXT "v=spf1 mx -all"; or what unspoof plan --json prints`
	in, name := p.in, file
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, usage("--records: "+unread(file, err), hint)
		}
		defer f.Close()
		in = f
	} else {
		name = "standard input"
	}
	data, err := io.ReadAll(io.LimitReader(in, maxPlanned+1))
	switch {
	case err != nil:
		return nil, usage("--records: "+unread(file, err), hint)
	case len(data) > maxPlanned:
		return nil, usage(fmt.Sprintf("--records: %s is over %d MiB", name, maxPlanned>>20), hint)
	}
	if trimmed := bytes.TrimSpace(data); len(trimmed) > 0 && trimmed[0] == '{' {
		if data, err = zoneOfPlan(trimmed); err != nil {
			return nil, usage(fmt.Sprintf("--records: %s: %v", name, err), hint)
		}
	}
	records, err := dns.ParseZone(name, append(data, '\n'))
	switch {
	case err != nil:
		return nil, usage("--records: "+origin.ReplaceAllString(err.Error(), ""), hint)
	case len(records) == 0:
		return nil, usage("--records: "+name+" holds no record", hint)
	}
	return records, noBesideAlias(name, records)
}

// noBesideAlias refuses what no zone can hold: a CNAME beside other records, or
// CNAMEs in a circle (RFC 1034 section 3.6.2).
func noBesideAlias(file string, records []dns.Record) error {
	alias, seen := map[string]string{}, map[string]int{}
	for _, r := range records {
		seen[r.Name]++
		if r.Type == dns.TypeCNAME {
			alias[r.Name] = dns.Canonical(r.Host)
		}
	}
	for name := range alias {
		if seen[name] > 1 {
			return usage(fmt.Sprintf("--records: %s: %s has a CNAME and another record", file, name), "a name with a CNAME can have nothing else")
		}
		at := name
		for range len(alias) + 1 {
			at = alias[at]
		}
		if at != "" {
			return usage(fmt.Sprintf("--records: %s: the CNAMEs lead in a circle, from %s", file, name), "let one of them lead to a name that has the records")
		}
	}
	return nil
}

// zoneOfPlan takes the records that are to change out of the JSON of plan, spf
// build and the like.
func zoneOfPlan(data []byte) ([]byte, error) {
	var made struct {
		Steps   []plan.Step      `json:"steps"`
		Step    plan.Step        `json:"step"`
		Record  plan.Record      `json:"record"`
		Setups  []plan.DKIMSetup `json:"setups"`
		Publish []spf.Published  `json:"publish"`
	}
	if err := json.Unmarshal(data, &made); err != nil {
		return nil, fmt.Errorf("is not the JSON of a plan: %w", err)
	}
	list := []plan.Record{made.Record}
	for _, s := range made.Setups {
		for _, k := range s.Keys {
			list = append(list, k.Record)
		}
	}
	for _, t := range made.Publish {
		r, err := plan.TXT(t.Name, t.Text)
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	for _, s := range append(made.Steps, made.Step) {
		if s.Change != plan.Keep {
			list = append(append(list, s.Record), s.Also...)
		}
	}
	var b strings.Builder
	for _, r := range list {
		if r.Value != "" {
			b.WriteString(r.Forms.Zone + "\n")
		}
	}
	if b.Len() == 0 {
		return nil, fmt.Errorf("it changes no record")
	}
	return []byte(b.String()), nil
}
