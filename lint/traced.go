package lint

import "unspoof/finding"

// traced is text that was mended, each octet of which knows the place in the
// record that it comes from.
type traced struct {
	text string
	at   []finding.Span // of each octet of text
}

func trace(text string) traced {
	t := traced{text: text, at: make([]finding.Span, len(text))}
	for i := range t.at {
		t.at[i] = finding.Span{Start: i, End: i + 1}
	}
	return t
}

// span gives the place in the record of text[from:to]; of an empty range, where it
// would be.
func (t traced) span(from, to int) finding.Span {
	switch {
	case len(t.at) == 0:
		return finding.Span{}
	case from >= len(t.at):
		end := t.at[len(t.at)-1].End
		return finding.Span{Start: end, End: end}
	case to <= from:
		return finding.Span{Start: t.at[from].Start, End: t.at[from].Start}
	}
	return finding.Span{Start: t.at[from].Start, End: t.at[to-1].End}
}

func (t traced) cut(from, to int) traced {
	return traced{text: t.text[from:to], at: t.at[from:to]}
}

// tracer writes traced text.
type tracer struct {
	text []byte
	at   []finding.Span
}

// add writes s, all of which stands for the place.
func (w *tracer) add(s string, at finding.Span) {
	for i := range len(s) {
		w.text = append(w.text, s[i])
		w.at = append(w.at, at)
	}
}

func (w *tracer) done() traced { return traced{text: string(w.text), at: w.at} }
