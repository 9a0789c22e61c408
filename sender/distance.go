package sender

// distance counts the slips between two spellings: a letter too many, missing,
// wrong, or two swapped (optimal string alignment). Beyond limit it gives
// limit+1 without counting on, so its cost is len(b) times 2*limit+1.
func distance(a, b string, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	// Three rows of the table of distances between beginnings of a and b.
	before, last, row := make([]int, len(a)+1), make([]int, len(a)+1), make([]int, len(a)+1)
	for i := range last {
		last[i] = i
	}
	for j := 1; j <= len(b); j++ {
		// Off the diagonal by more than limit, no path comes back within it.
		lo, hi := max(1, j-limit), min(len(a), j+limit)
		row[lo-1] = limit + 1
		if lo == 1 {
			row[0] = j
		}
		if hi < len(a) {
			row[hi+1] = limit + 1
		}
		least := row[lo-1]
		for i := lo; i <= hi; i++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[i] = min(last[i]+1, row[i-1]+1, last[i-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[i] = min(row[i], before[i-2]+1)
			}
			least = min(least, row[i])
		}
		if least > limit {
			return limit + 1
		}
		before, last, row = last, row, before
	}
	return min(last[len(a)], limit+1)
}
