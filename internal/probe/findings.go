package probe

import (
	"fmt"
	"maps"
	"strings"

	"unspoof/finding"
)

// ruleOf is the rule of the catalogue that a test found broken.
func ruleOf(t Test, ports Ports) string {
	if t.rule != "" {
		return t.rule
	}
	own := t.Port != ports.MX // where people's passwords go
	switch t.ID {
	case OpenRelay:
		return "SMTP-001"
	case WithoutLogin:
		return "SMTP-002"
	case LoginAnyAddress:
		return "SMTP-003"
	case LoginAnyDomain:
		return "SMTP-004"
	case LoginAnyFrom:
		return "SMTP-005"
	case VRFY:
		return "SMTP-006"
	case EXPN:
		return "SMTP-007"
	case AuthBeforeTLS:
		return "SMTP-008"
	case Smuggling:
		return "SMTP-009"
	case CatchAll:
		return "SMTP-010"
	case OwnEnvelope:
		return "SMTP-011"
	case OwnFrom:
		return "SMTP-012"
	case STARTTLS:
		if own {
			return "TLS-102"
		}
		return "TLS-101"
	case CertificateName, CertificateDates, CertificateChain:
		if own {
			return "TLS-106"
		}
		return map[TestID]string{CertificateName: "TLS-103", CertificateDates: "TLS-104", CertificateChain: "TLS-105"}[t.ID]
	case OldTLS:
		return "TLS-107"
	}
	return ""
}

// evidenceLines is how many lines of a dialogue stand with a finding; the test
// itself holds all.
const evidenceLines = 12

// findings makes those of one server from its tests.
func findings(domain string, s ServerReport) []finding.Finding {
	var out []finding.Finding
	for _, t := range s.Tests {
		if t.State != Found {
			continue
		}
		values := map[string]string{"domain": domain, "host": s.Host, "port": fmt.Sprint(t.Port)}
		maps.Copy(values, t.values)
		lines := t.proof
		if lines == nil {
			lines = t.Dialogue
		}
		lines = lines[max(0, len(lines)-evidenceLines):]
		out = append(out, finding.New(t.Finding, values, finding.Evidence{
			Query: fmt.Sprintf("probe %s, port %d", t.ID, t.Port), Server: s.Address, Answer: t.Why + "\n" + strings.Join(lines, "\n"),
		}))
	}
	return out
}
