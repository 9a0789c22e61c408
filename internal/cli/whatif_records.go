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
	return records, nil
}

// zoneOfPlan takes the records that are to change out of the JSON of plan, spf
// build and the like.
func zoneOfPlan(data []byte) ([]byte, error) {
	var made struct {
		Steps  []plan.Step `json:"steps"`
		Record plan.Record `json:"record"`
	}
	if err := json.Unmarshal(data, &made); err != nil {
		return nil, fmt.Errorf("is not the JSON of a plan: %w", err)
	}
	list := []plan.Record{made.Record}
	for _, s := range made.Steps {
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
