package fleet

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"unspoof/posture"
)

// jsonWriter writes {"schema", "domains": […]}, and for lists what was skipped.
type jsonWriter struct {
	w       io.Writer
	schema  int
	indent  bool
	lists   bool
	partial bool
	begun   bool
	skipped []skippedJSON
	more    int
	err     error
}

// element is one of "domains": a report, with what changed.
type element struct {
	posture.Report
	Change *Change `json:"change,omitempty"`
}

type skippedJSON struct {
	List   string `json:"list"`
	Line   int    `json:"line"`
	Text   string `json:"text"`
	Reason string `json:"reason"`
}

// JSONArgs says how to write JSON.
type JSONArgs struct {
	Schema int
	Indent bool // for people
	Lists  bool // with what was skipped of lists
	// Partial says that a baseline leaves out what did not change, so that the
	// document can't be the next one's baseline.
	Partial bool
}

// NewJSON writes one document: {"schema":1,"domains":[…]}, a domain a line unless
// indented. Of lists it adds "skipped", the first thousand lines that gave no
// result, and "skipped_count". With a baseline each domain has its
// "change", and the document is marked "partial":true.
func NewJSON(w io.Writer, args JSONArgs) Writer {
	return &jsonWriter{w: w, schema: args.Schema, indent: args.Indent, lists: args.Lists, partial: args.Partial}
}

func (j *jsonWriter) Write(r Result) error {
	if !r.Shown() {
		return j.err
	}
	j.begin(",")
	j.value(element{r.Report, r.Change})
	return j.err
}

// begin writes what stands before the first element, or between two.
func (j *jsonWriter) begin(between string) {
	if j.begun {
		j.text(between + "\n")
		return
	}
	j.begun = true
	if j.indent {
		j.text(fmt.Sprintf("{\n  \"schema\": %d,\n%s  \"domains\": [\n", j.schema, map[bool]string{true: "  \"partial\": true,\n"}[j.partial]))
		return
	}
	j.text(fmt.Sprintf(`{"schema":%d,%s"domains":[`, j.schema, map[bool]string{true: `"partial":true,`}[j.partial]))
}

func (j *jsonWriter) Skip(s Skipped) {
	if len(j.skipped) == maxNoted {
		j.more++
		return
	}
	j.skipped = append(j.skipped, skippedJSON(s))
}

func (j *jsonWriter) Close() error {
	if !j.begun {
		j.begin("")
	}
	j.text("]")
	if j.lists {
		j.text(`,"skipped":`)
		if j.skipped == nil {
			j.skipped = []skippedJSON{}
		}
		j.value(j.skipped)
		j.text(fmt.Sprintf(`,"skipped_count":%d`, len(j.skipped)+j.more))
	}
	j.text("}\n")
	return j.err
}

func (j *jsonWriter) value(v any) {
	if j.err != nil {
		return
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if j.indent {
		enc.SetIndent("    ", "  ")
		b.WriteString("    ")
	}
	if j.err = enc.Encode(v); j.err == nil {
		_, j.err = j.w.Write(bytes.TrimRight(b.Bytes(), "\n"))
	}
}

func (j *jsonWriter) text(s string) {
	if j.err == nil {
		_, j.err = io.WriteString(j.w, s)
	}
}
