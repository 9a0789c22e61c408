package fleet

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"

	"unspoof/finding"
	"unspoof/posture"
)

// The parts of SARIF 2.1.0 (OASIS, 27 March 2020) that are written. Sections
// named below are of that document.
const (
	sarifVersion = "2.1.0"
	sarifSchema  = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)

type (
	sarifText struct {
		Text string `json:"text"`
	}
	sarifRule struct {
		ID       string       `json:"id"`
		Short    sarifText    `json:"shortDescription"`
		Full     sarifText    `json:"fullDescription"`
		Help     sarifText    `json:"help"`
		Default  sarifDefault `json:"defaultConfiguration"`
		Property sarifRuleBag `json:"properties"`
	}
	sarifDefault struct {
		Level string `json:"level"`
	}
	sarifRuleBag struct {
		Severity finding.Severity `json:"severity"`
		Score    string           `json:"security-severity"` // 0.0 to 10.0, as code hosts sort by
		RFC      string           `json:"rfc,omitempty"`
	}
	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    int               `json:"ruleIndex"`
		Level        string            `json:"level"`
		Message      sarifText         `json:"message"`
		Locations    []sarifLocation   `json:"locations"`
		Fingerprints map[string]string `json:"partialFingerprints"`
		Baseline     string            `json:"baselineState,omitempty"`
		Property     sarifBag          `json:"properties"`
	}
	sarifLocation struct {
		Physical *sarifPhysical `json:"physicalLocation,omitempty"`
		Logical  []sarifLogical `json:"logicalLocations"`
	}
	sarifLogical struct {
		Name string `json:"name"`
		Full string `json:"fullyQualifiedName"`
		Kind string `json:"kind"`
	}
	sarifPhysical struct {
		Artifact sarifURI    `json:"artifactLocation"`
		Region   sarifRegion `json:"region"`
	}
	sarifURI struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine int `json:"startLine"`
	}
	sarifBag struct {
		Severity finding.Severity   `json:"severity"`
		Why      string             `json:"why"`
		Fix      string             `json:"fix,omitempty"`
		Mended   string             `json:"mended,omitempty"`
		Evidence []finding.Evidence `json:"evidence"`
	}
	sarifNote struct {
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations,omitempty"`
	}
	sarifInvocation struct {
		Successful bool        `json:"executionSuccessful"`
		Notes      []sarifNote `json:"toolExecutionNotifications"`
	}
)

// sarifWriter writes a run with all rules, a result for each finding, and a
// notification for what gave none.
type sarifWriter struct {
	w     io.Writer
	index map[string]int
	begun bool
	notes []sarifNote
	more  int
	err   error
}

// NewSARIF writes a SARIF 2.1.0 log of one run of unspoof in that version. The
// logical location of a result is the domain, the physical one the line of the
// list. With a baseline, results have a baselineState and those that are
// unchanged are left out.
func NewSARIF(w io.Writer, version string) Writer {
	s := &sarifWriter{w: w, index: map[string]int{}}
	rules := []sarifRule{}
	for i, r := range finding.Rules() {
		s.index[r.ID] = i
		rules = append(rules, sarifRule{
			ID: r.ID, Short: message(Plain(r.What)), Full: message(Plain(r.Why)), Help: message(Plain(r.Fix)),
			Default: sarifDefault{levels[r.Severity]}, Property: sarifRuleBag{r.Severity, scores[r.Severity], r.RFC},
		})
	}
	s.text(fmt.Sprintf(`{"$schema":%q,"version":%q,"runs":[{"tool":{"driver":{"name":"unspoof","version":`, sarifSchema, sarifVersion))
	s.value(version)
	s.text(`,"rules":`)
	s.value(rules)
	s.text(`}},"results":[`)
	return s
}

// levels are the words of section 3.58.6; note is the least that is shown.
var levels = map[finding.Severity]string{
	finding.Critical: "error", finding.Serious: "error", finding.Moderate: "warning", finding.Minor: "note", finding.Info: "note",
}

// scores lie in the middle of the ranges in which code hosts name severities.
var scores = map[finding.Severity]string{
	finding.Critical: "9.5", finding.Serious: "8.0", finding.Moderate: "5.5", finding.Minor: "2.0", finding.Info: "0.0",
}

func (s *sarifWriter) Write(r Result) error {
	if r.Report.Verdict.Exposure == posture.Undecided {
		s.note(r.List, r.Line, r.Domain, r.Report.Verdict.Sentence)
	}
	nth := map[string]int{}
	write := func(list []finding.Finding, state string) {
		for _, f := range list {
			nth[f.ID]++
			s.result(r, f, state, nth[f.ID])
		}
	}
	if r.Change == nil {
		write(r.Report.Findings, "")
		return s.err
	}
	write(r.Change.New, "new")
	write(r.Change.Worse, "updated")
	write(r.Change.Better, "updated")
	write(r.Change.Gone, "absent")
	return s.err
}

func (s *sarifWriter) result(r Result, f finding.Finding, state string, nth int) {
	i, known := s.index[f.ID]
	if !known {
		i = -1 // of an older version, in the baseline; section 3.27.6
	}
	if s.begun {
		s.text(",\n")
	}
	s.begun = true
	s.value(sarifResult{
		RuleID: f.ID, RuleIndex: i, Level: levels[f.Severity], Message: message(r.Domain + ": " + f.What),
		Locations:    []sarifLocation{location(r.List, r.Line, r.Domain)},
		Fingerprints: map[string]string{"domainAndRule/v1": fingerprint(r.Domain, f.ID, nth)},
		Baseline:     state,
		Property:     sarifBag{f.Severity, f.Why, f.Fix, f.Mended, append([]finding.Evidence{}, f.Evidence...)},
	})
}

// Skip notes a line of a list.
func (s *sarifWriter) Skip(k Skipped) {
	s.note(k.List, k.Line, "", fmt.Sprintf("Line %d: %q %s.", k.Line, k.Text, k.Reason))
}

func (s *sarifWriter) note(list string, line int, domain, text string) {
	if len(s.notes) == maxNoted {
		s.more++
		return
	}
	s.notes = append(s.notes, sarifNote{Level: "warning", Message: message(text), Locations: []sarifLocation{location(list, line, domain)}})
}

func (s *sarifWriter) Close() error {
	if s.more > 0 {
		s.notes = append(s.notes, sarifNote{Level: "warning", Message: message(fmt.Sprintf("%d more domains or lines gave no result.", s.more))})
	}
	if s.notes == nil {
		s.notes = []sarifNote{}
	}
	s.text(`],"invocations":[`)
	s.value(sarifInvocation{true, s.notes})
	s.text("]}]}\n")
	return s.err
}

func (s *sarifWriter) value(v any) {
	if s.err != nil {
		return
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if s.err = enc.Encode(v); s.err == nil {
		_, s.err = s.w.Write(bytes.TrimRight(b.Bytes(), "\n"))
	}
}

func (s *sarifWriter) text(text string) {
	if s.err == nil {
		_, s.err = io.WriteString(s.w, text)
	}
}

func location(list string, line int, domain string) sarifLocation {
	l := sarifLocation{Logical: []sarifLogical{}}
	if domain != "" {
		l.Logical = append(l.Logical, sarifLogical{domain, domain, "resource"})
	}
	if list != "" && list != "-" {
		l.Physical = &sarifPhysical{sarifURI{(&url.URL{Path: filepath.ToSlash(list)}).String()}, sarifRegion{line}}
	}
	return l
}

// message makes text from outside plain: braces are doubled (section 3.11.5), and
// what would read as a link is none (section 3.11.6).
func message(text string) sarifText {
	return sarifText{harmless.Replace(text)}
}

var harmless = strings.NewReplacer("{", "{{", "}", "}}", "](", "] (")

// Plain shows the {words} of a rule, which stand for what is found, as <words>.
func Plain(sentence string) string { return word.ReplaceAllString(sentence, "<$1>") }

var word = regexp.MustCompile(`\{(\w+)\}`)

// fingerprint tells the same result in another run: the n-th of a rule for a
// domain, whatever number its sentence has.
func fingerprint(domain, id string, nth int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%d", domain, id, nth))
	return hex.EncodeToString(sum[:16])
}
