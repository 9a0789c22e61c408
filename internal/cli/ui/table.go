package ui

import (
	"strings"
)

// Table prints rows in aligned columns, each cell cleaned, but [Styled] ones.
// The last column is folded at the width of the line.
func (o *Out) Table(indent int, rows [][]any) {
	var widths []int
	text := make([][]string, len(rows))
	for i, row := range rows {
		for j, cell := range row {
			s := sprintf("%v", []any{cell})
			text[i] = append(text[i], s)
			if j == len(widths) {
				widths = append(widths, 0)
			}
			if j < len(row)-1 {
				widths[j] = max(widths[j], columns(s))
			}
		}
	}
	const gap = 2
	for _, row := range text {
		lead := strings.Repeat(" ", indent)
		for j, cell := range row[:max(0, len(row)-1)] {
			lead += cell + strings.Repeat(" ", widths[j]-columns(cell)+gap)
		}
		if len(row) > 0 {
			o.fold(lead, row[len(row)-1])
		}
	}
}

// Bar is a small horizontal bar for n of most, at most width columns; anything
// above zero shows.
func Bar(n, most, width int) string {
	if n <= 0 || most <= 0 {
		return ""
	}
	eighths := max(1, n*width*8/most)
	bar := strings.Repeat("█", eighths/8)
	if rest := eighths % 8; rest > 0 {
		bar += string([]rune("▏▎▍▌▋▊▉")[rest-1])
	}
	return bar
}
