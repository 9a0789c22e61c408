package dnsfile

import (
	"bytes"
	"encoding/json"
	"strings"

	"unspoof/dns"
)

type form int

const (
	formUnknown form = iota
	formEmpty
	formZone
	formYAML
	formSuite
	formRecording
)

// detect tells the form from the content. The first line that is no comment
// decides, since later ones can hold any text.
func detect(data []byte) form {
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
		return detectJSON(data)
	}
	found := formEmpty
	for line := range bytes.Lines(data) {
		text := strings.TrimRight(string(line), " \t\r\n")
		if text == "" || strings.HasPrefix(strings.TrimSpace(text), "#") {
			continue
		}
		if found == formEmpty && isYAMLLine(text) {
			return formYAML
		}
		if text, _, _ = strings.Cut(text, ";"); strings.TrimSpace(text) == "" {
			continue
		}
		if isZoneLine(text) {
			return formZone
		}
		found = formUnknown // a type that is not known here: look at the next
	}
	return found
}

// detectJSON tells a recording, a suite and YAML in flow style apart.
func detectJSON(data []byte) form {
	var head struct {
		Format    string
		Scenarios json.RawMessage
	}
	err := json.Unmarshal(data, &head)
	switch {
	case head.Format == recordingFormat || bytes.Contains(data[:min(len(data), 256)], []byte(recordingFormat)):
		return formRecording
	case head.Scenarios != nil || err != nil && bytes.Contains(data, []byte(`"scenarios"`)):
		return formSuite
	}
	return formYAML
}

// isYAMLLine reports "key:", "key: value", the start of a document or of a
// directive.
func isYAMLLine(line string) bool {
	if strings.HasPrefix(line, "---") || line[0] == '%' {
		return true
	}
	key, rest, ok := strings.Cut(line, ":")
	return ok && !strings.ContainsAny(key, " \t;") && (rest == "" || rest[0] == ' ' || rest[0] == '\t')
}

// isZoneLine reports a directive, or a record: a type among the first fields
// after the owner (RFC 1035 section 5.1).
func isZoneLine(line string) bool {
	if line[0] == '$' {
		return true
	}
	fields := strings.Fields(line)
	for _, f := range fields[1:min(len(fields), 4)] {
		if _, ok := dns.ParseType(f); ok {
			return true
		}
		switch strings.ToUpper(f) {
		case "SRV", "DNAME", "HINFO", "NAPTR", "SPF", "SSHFP", "HTTPS":
			return true
		}
	}
	return false
}
