package ui

import (
	"strings"
)

// Table prints rows in aligned columns, each cell cleaned, but [Styled] ones.
// The last column is cut to the width of the line.
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
		line := strings.Repeat(" ", indent)
		for j, cell := range row {
			if j == len(row)-1 {
				if room := o.width - columns(line); !strings.Contains(cell, "\x1b") {
					cell = Cut(cell, max(room, minWidth/2))
				}
				line += cell
				break
			}
			line += cell + strings.Repeat(" ", widths[j]-columns(cell)+gap)
		}
		o.write(strings.TrimRight(line, " ") + "\n")
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
