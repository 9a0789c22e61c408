//go:build !race

package spf_test

// randomTrials is how many pairs of random records the property tests try: with
// both of each read and compared in both ways, 100,000 of everything.
const randomTrials = 50_000
