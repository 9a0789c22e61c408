package fleet

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
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
		Default  sarifDefault `json:"defaultConfiguration"` // reportingConfiguration, section 3.50
		Property sarifRuleBag `json:"properties"`
	}
	sarifDefault struct {
		Level string `json:"level"`
	}
	sarifRuleBag struct {
		Severity finding.Severity `json:"severity"`
		Score    string           `json:"security-severity"` // 0.0 to 10.0, as code hosts sort by
		RFC      string           `json:"rfc,omitempty"`
		Tags     []string         `json:"tags"` // by "security" code hosts know what the score is for
	}
	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    *int              `json:"ruleIndex,omitempty"` // nil: no rule of this version; section 3.27.6
		Level        string            `json:"level"`
		Message      sarifText         `json:"message"`
		Locations    []sarifLocation   `json:"locations"`
		Fingerprints map[string]string `json:"partialFingerprints"`
		Baseline     string            `json:"baselineState,omitempty"`
		Property     sarifBag          `json:"properties"`
	}
	sarifLocation struct {
		Physical sarifPhysical  `json:"physicalLocation"`
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
		URI         string     `json:"uri"`
		Description *sarifText `json:"description,omitempty"`
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

// SARIF writes a run with all rules, a result for each finding, and a
// notification for what gave none.
type SARIF struct {
	args    SARIFArgs
	w       io.Writer
	index   map[string]int
	results int
	below   int // findings less than Least
	notes   []sarifNote
	more    int
	err     error
}

// SARIFArgs says how to write SARIF.
type SARIFArgs struct {
	Version string // of this program
	// Folder is the one that code is checked out in; lists below it are named
	// relative to it, as code hosts want.
	Folder string
	// Least is the severity that a finding needs to be written; zero means all.
	Least finding.Severity
}

// MaxSARIFResults is how many results of a run the largest code host takes.
const MaxSARIFResults = 25_000

// NewSARIF writes a SARIF 2.1.0 log of one run. The logical location of a result
// is the domain, the physical one the line of the list, or the place among the
// arguments. With a baseline, results have a baselineState, and those that are
// unchanged are written too: for readers, what is missing is mended.
func NewSARIF(w io.Writer, args SARIFArgs) *SARIF {
	s := &SARIF{args: args, w: w, index: map[string]int{}}
	rules := []sarifRule{}
	for i, r := range finding.Rules() {
		s.index[r.ID] = i
		rules = append(rules, sarifRule{
			ID: r.ID, Short: message(finding.Plain(r.What)), Full: message(finding.Plain(r.Why)), Help: message(finding.Plain(r.Fix)),
			Default: sarifDefault{levels[r.Severity]}, Property: sarifRuleBag{r.Severity, scores[r.Severity], r.RFC, []string{"security"}},
		})
	}
	s.text(fmt.Sprintf(`{"$schema":%q,"version":%q,"runs":[{"tool":{"driver":{"name":"unspoof","version":`, sarifSchema, sarifVersion))
	s.value(args.Version)
	s.text(`,"rules":`)
	s.value(rules)
	s.text(`}},"results":[`)
	return s
}

// Results is how many were written.
func (s *SARIF) Results() int { return s.results }

// levels are the words of section 3.27.10; note is the least that is shown.
var levels = map[finding.Severity]string{
	finding.Critical: "error", finding.Serious: "error", finding.Moderate: "warning", finding.Minor: "note", finding.Info: "note",
}

// scores lie in the middle of the ranges in which code hosts name severities.
var scores = map[finding.Severity]string{
	finding.Critical: "9.5", finding.Serious: "8.0", finding.Moderate: "5.5", finding.Minor: "2.0", finding.Info: "0.0",
}

func (s *SARIF) Write(r Result) error {
	if r.Report.Verdict.Exposure == posture.Undecided {
		s.note(r.List, r.Line, r.Domain, r.Report.Verdict.Sentence)
	}
	met := map[string]int{}
	write := func(list []finding.Finding, state string) {
		for _, f := range list {
			if s.args.Least != "" && !f.Severity.AtLeast(s.args.Least) {
				s.below++
				continue
			}
			s.result(r, f, state, fingerprint(r.Domain, f, met))
		}
	}
	if r.Change == nil {
		write(r.Report.Findings, "")
		return s.err
	}
	ch := r.Change
	write(ch.New, "new")
	write(ch.Worse, "updated")
	write(ch.Better, "updated")
	write(ch.same, "unchanged")
	write(ch.Open, "unchanged") // nothing is known of it, so nothing may come of it
	write(ch.Gone, "absent")
	for _, c := range ch.Records {
		s.add("note", r.List, r.Line, r.Domain, fmt.Sprintf("%s: %s was %q and is %q.", r.Domain, c.Name, clip(c.Was), clip(c.Now)))
	}
	return s.err
}

func (s *SARIF) result(r Result, f finding.Finding, state, print string) {
	var index *int // nil: of another version, in the baseline
	if i, known := s.index[f.ID]; known {
		index = &i
	}
	if s.results > 0 {
		s.text(",\n")
	}
	s.results++
	s.value(sarifResult{
		RuleID: f.ID, RuleIndex: index, Level: cmp.Or(levels[f.Severity], "note"), Message: message(r.Domain + ": " + f.What),
		Locations:    []sarifLocation{s.location(r.List, r.Line, r.Domain)},
		Fingerprints: map[string]string{"domainAndRule/v2": print},
		Baseline:     state,
		Property:     sarifBag{f.Severity, f.Why, f.Fix, f.Mended, append([]finding.Evidence{}, f.Evidence...)},
	})
}

// Skip notes a line of a list.
func (s *SARIF) Skip(k Skipped) {
	s.note(k.List, k.Line, "", fmt.Sprintf("Line %d: %q %s.", k.Line, k.Text, k.Reason))
}

func (s *SARIF) note(list string, line int, domain, text string) {
	s.add("warning", list, line, domain, text)
}

func (s *SARIF) add(level, list string, line int, domain, text string) {
	if len(s.notes) == maxNoted {
		s.more++
		return
	}
	s.notes = append(s.notes, sarifNote{Level: level, Message: message(text), Locations: []sarifLocation{s.location(list, line, domain)}})
}

func (s *SARIF) Close() error {
	if s.more > 0 {
		s.notes = append(s.notes, sarifNote{Level: "warning", Message: message(fmt.Sprintf("%d more notes are left out.", s.more))})
	}
	if s.below > 0 {
		s.notes = append(s.notes, sarifNote{Level: "note", Message: message(fmt.Sprintf("Left out are findings that are less than %s: %d.", s.args.Least, s.below))})
	}
	if s.notes == nil {
		s.notes = []sarifNote{}
	}
	s.text(`],"invocations":[`)
	s.value(sarifInvocation{true, s.notes})
	s.text("]}]}\n")
	return s.err
}

func (s *SARIF) value(v any) {
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

func (s *SARIF) text(text string) {
	if s.err == nil {
		_, s.err = io.WriteString(s.w, text)
	}
}

func (s *SARIF) location(list string, line int, domain string) sarifLocation {
	l := sarifLocation{Logical: []sarifLogical{}, Physical: sarifPhysical{s.artifact(list), sarifRegion{line}}}
	if domain != "" {
		l.Logical = append(l.Logical, sarifLogical{domain, domain, "resource"})
	}
	return l
}

// artifact names a list. Code hosts take no result without a file, so what was
// typed or came by standard input gets a name that says so.
func (s *SARIF) artifact(list string) sarifURI {
	switch list {
	case "":
		return sarifURI{"arguments", &sarifText{"the domains given as arguments"}}
	case "-":
		return sarifURI{"stdin", &sarifText{"the list read from standard input"}}
	}
	whole := list
	if !filepath.IsAbs(list) {
		whole = filepath.Join(s.args.Folder, list)
	}
	if s.args.Folder != "" {
		if below, err := filepath.Rel(s.args.Folder, whole); err == nil && filepath.IsLocal(below) {
			return sarifURI{URI: (&url.URL{Path: filepath.ToSlash(below)}).String()}
		}
	}
	path := filepath.ToSlash(whole)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/…
	}
	return sarifURI{URI: (&url.URL{Scheme: "file", Path: path}).String()}
}

// message makes text from outside plain: braces are doubled (section 3.11.5), and
// what would read as a link is none (section 3.11.6).
func message(text string) sarifText {
	return sarifText{harmless.Replace(text)}
}

var harmless = strings.NewReplacer("{", "{{", "}", "}}", "](", "] (")

// fingerprint tells the same result in another run: by the domain, the rule and
// what it is about, whatever number its sentence has. Only of those that nothing
// tells apart, the second and later ones are counted, in met.
func fingerprint(domain string, f finding.Finding, met map[string]int) string {
	about, _ := subject(f)
	key := f.ID + "\x00" + about
	met[key]++
	text := domain + "\x00" + key
	if n := met[key]; n > 1 {
		text += fmt.Sprintf("\x00%d", n)
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}
