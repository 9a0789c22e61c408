package ui

import "strings"

// Mark prints text from outside with text[from:to] pointed out: in the style, and by
// carets in the line below. Text that is wider than the line is shown around the
// place only.
func (o *Out) Mark(indent int, style Style, text string, from, to int) {
	from = min(max(from, 0), len(text))
	to = min(max(to, from), len(text))
	before, at, after := Clean(text[:from]), Clean(text[from:to]), Clean(text[to:])
	room := max(o.width-indent, minRoom)
	if all := columns(before) + columns(at) + columns(after); all > room {
		before = cutLeft(before, max(room/3, room-columns(at)-columns(after)-1))
		at = Cut(at, room-columns(before))
		after = Cut(after, max(room-columns(before)-columns(at), 1))
	}
	lead := strings.Repeat(" ", indent)
	o.write(strings.TrimRight(lead+before+string(o.As(style, at))+after, " ") + "\n")
	o.write(lead + strings.Repeat(" ", columns(before)) + string(o.As(style, strings.Repeat("^", max(columns(at), 1)))) + "\n")
}

// cutLeft shortens s to at most n columns from its end, with an ellipsis where it was
// longer.
func cutLeft(s string, n int) string {
	if columns(s) <= n {
		return s
	}
	w := columns(s)
	for i, r := range s {
		if w <= n-1 {
			return "…" + s[i:]
		}
		w -= runeColumns(r)
	}
	return "…"
}
