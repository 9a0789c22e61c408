//go:build race

package lint

// maxUsed is three times that of a plain run: the race detector gives back little
// of what is lent from pools.
const maxUsed = 480 << 20
