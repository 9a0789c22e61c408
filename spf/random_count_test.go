//go:build !race

package spf_test

// randomTrials is how many random records the property tests try.
const randomTrials = 10_000
