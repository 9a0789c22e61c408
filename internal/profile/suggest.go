package profile

import (
	"fmt"
	"slices"
)

// unknownKey says what is wrong with a key, and which one was probably meant.
// A key that does not look like one is not repeated: it may be a value that
// slipped, and a value may be a secret.
func unknownKey(key string, known map[string]field) string {
	if !looksLikeKey(key) {
		return "unknown key"
	}
	best, bestDistance := "", 1+max(2, len(key)/3)
	for _, k := range sortedKeys(known) {
		if d := distance(key, k); d < bestDistance {
			best, bestDistance = k, d
		}
	}
	if best == "" {
		return fmt.Sprintf("unknown key %q; known are %q", key, sortedKeys(known))
	}
	return fmt.Sprintf("unknown key %q; did you mean %q?", key, best)
}

// maxKey is longer than any key of the format.
const maxKey = 32

func looksLikeKey(s string) bool {
	if s == "" || len(s) > maxKey {
		return false
	}
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '_' && c != '-' {
			return false
		}
	}
	return true
}

func sortedKeys(m map[string]field) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// distance is Levenshtein's: single letters put in, left out or changed.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
