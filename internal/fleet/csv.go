package fleet

import (
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"strings"

	"unspoof/finding"
)

// Columns are the fields of the CSV, in order. "findings", "new", "gone", "worse"
// (graver than it was) and "open" (not known whether new or gone) are ids with a
// blank between, "records" the names of what is published otherwise than it was;
// these and "change" are empty without a baseline. "exposure_score", "dnssec",
// "mta_sts" and "tls_rpt" are empty for a quick check, which does not ask for
// them. "not_asked" and "unanswered" count questions.
var Columns = []string{
	"domain", "change", "grade", "points", "exposure", "policy", "critical", "high", "medium", "low", "info", "findings", "new", "gone", "worse", "open", "records",
	"mx", "null_mx", "parked", "services", "spf", "lookups", "dmarc", "dmarc_at", "exposure_score", "dnssec", "mta_sts", "tls_rpt", "not_asked", "unanswered", "verdict", "next", "next_name", "next_record",
}

// csvWriter writes a row a domain.
type csvWriter struct {
	w     *csv.Writer
	clean func(string) string
	err   error
}

// NewCSV writes comma-separated values: a row of [Columns], then a row a domain. clean
// makes text from outside harmless on one line; cells that a spreadsheet would
// run are defused.
func NewCSV(w io.Writer, clean func(string) string) Writer {
	c := &csvWriter{w: csv.NewWriter(w), clean: clean}
	c.err = c.w.Write(Columns)
	return c
}

func (c *csvWriter) Write(r Result) error {
	if !r.Shown() || c.err != nil {
		return c.err
	}
	rep := r.Report
	changes := make([]string, 6)
	if ch := r.Change; ch != nil {
		changes = []string{string(ch.Kind), ids(ch.New), ids(ch.Gone), ids(ch.Worse), ids(ch.Open), names(ch.Records)}
	}
	mx := strings.Join(rep.MX, " ")
	points, score := "", ""
	if rep.Grade.Letter != "" {
		points = strconv.Itoa(rep.Grade.Points)
	}
	if rep.Exposure != nil {
		score = strconv.Itoa(rep.Exposure.Points)
	}
	dnssec, sts, rpt := string(rep.Transport.DNSSEC), string(rep.Transport.MTASTS), string(rep.Transport.TLSRPT)
	if rep.Quick {
		dnssec, sts, rpt = "", "", ""
	}
	row := []string{rep.Domain, changes[0], rep.Grade.Letter, points, string(rep.Verdict.Exposure), rep.Policy}
	for _, s := range []finding.Severity{finding.Critical, finding.Serious, finding.Moderate, finding.Minor, finding.Info} {
		row = append(row, strconv.Itoa(countOf(rep.Findings, s)))
	}
	row = append(row, ids(rep.Findings))
	row = append(row, changes[1:]...)
	row = append(row,
		mx, strconv.FormatBool(rep.NullMX), strconv.FormatBool(rep.Parked), strings.Join(rep.Services, "; "),
		rep.SPF, strconv.Itoa(rep.Lookups), rep.DMARC, rep.DMARCAt,
		score, dnssec, sts, rpt, strconv.Itoa(len(rep.NotAsked)), strconv.Itoa(len(rep.Unanswered)),
		rep.Verdict.Sentence, rep.Next.Text, rep.Next.Name, rep.Next.Record)
	for i := range row {
		row[i] = defuse(c.clean(row[i]))
	}
	c.err = c.w.Write(row)
	return c.err
}

// Skip notes nothing: a row is a domain.
func (c *csvWriter) Skip(Skipped) {}

func (c *csvWriter) Close() error {
	c.w.Flush()
	if c.err == nil {
		c.err = c.w.Error()
	}
	return c.err
}

// ids lists the rules of findings, each once.
func ids(list []finding.Finding) string {
	var all []string
	for _, f := range list {
		if !slices.Contains(all, f.ID) {
			all = append(all, f.ID)
		}
	}
	return strings.Join(all, " ")
}

func names(list []RecordChange) string {
	var all []string
	for _, r := range list {
		all = append(all, r.Name)
	}
	return strings.Join(all, " ")
}

func countOf(list []finding.Finding, s finding.Severity) (n int) {
	for _, f := range list {
		if f.Severity == s {
			n++
		}
	}
	return n
}

// defuse makes a cell text that a spreadsheet would take for a formula, by an
// apostrophe before it. A spreadsheet that is set to another separator, as is
// usual in much of Europe, begins a cell at each semicolon, whatever quotes say.
func defuse(cell string) string {
	if !strings.ContainsAny(cell, formula) {
		return cell
	}
	parts := strings.Split(cell, ";")
	for i, part := range parts {
		if runs(part) {
			parts[i] = "'" + part
		}
	}
	return strings.Join(parts, ";")
}

// formula are the characters by which a formula begins, as some spreadsheets
// take them in full width too.
const formula = "=+-@\t\r＝＋－＠"

// runs reports whether a formula begins at the start of cell, or after blanks and
// quotes there, which spreadsheets take away.
func runs(cell string) bool {
	rest := strings.TrimLeft(cell, " \u00a0\u3000\"'`“”„«»‘’")
	return rest != "" && strings.ContainsAny(rest[:runeLen(rest)], formula) ||
		cell != "" && strings.ContainsAny(cell[:1], "\t\r\n")
}

func runeLen(s string) int {
	for i := range s {
		if i > 0 {
			return i
		}
	}
	return len(s)
}
