package bounce

import (
	"bytes"
	"strings"

	"unspoof/message"
)

// isAggregate tells reports about many messages: DMARC (RFC 7489 section 7.2,
// RFC 9990) and TLS (RFC 8460 section 5).
func (r *reading) isAggregate() bool {
	if r.reportType == "tlsrpt" {
		return true
	}
	h := r.root.Header
	if _, ok := h.First("TLS-Report-Domain"); ok { // RFC 8460 section 5.3
		return true
	}
	for _, p := range r.files {
		if aggregateFile(p) {
			return true
		}
	}
	if !r.root.Multipart() {
		if aggregateFile(r.root) {
			return true
		}
	}
	for _, p := range r.texts {
		if p.Type == "text/xml" || p.Type == "text/json" || strings.HasSuffix(p.Filename(), ".xml") {
			if b, _, _ := p.Decode(2048); bytes.Contains(b, []byte("<feedback")) && bytes.Contains(b, []byte("report_metadata")) {
				return true
			}
		}
	}
	// The subject of RFC 7489 section 7.2.1.1, where the file was lost.
	s := strings.ToLower(r.n.Subject)
	return strings.Contains(s, "report domain:") && strings.Contains(s, "submitter:")
}

// aggregateFile tells a part that holds an aggregate report by its type and name:
// receiver "!" policy-domain "!" begin "!" end (RFC 7489 section 7.2.1.1, RFC
// 8460 section 5.1).
func aggregateFile(p *message.Part) bool {
	if strings.HasPrefix(p.Type, "application/tlsrpt") {
		return true
	}
	switch p.Type {
	case "application/gzip", "application/x-gzip", "application/zip", "application/x-zip-compressed", "application/octet-stream",
		"application/xml", "text/xml", "application/json", "application/gzip-compressed", "application/x-zip", "text/plain":
	default:
		return false
	}
	name := strings.ToLower(p.Filename())
	if strings.Count(name, "!") < 3 {
		return false
	}
	for _, end := range [...]string{".xml", ".xml.gz", ".xml.zip", ".zip", ".gz", ".json", ".json.gz"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}
