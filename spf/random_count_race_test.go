//go:build race

package spf_test

// randomTrials is small here: the race detector makes each ten times as dear.
const randomTrials = 2_000
