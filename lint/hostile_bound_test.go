//go:build !race

package lint

// maxUsed is what one record may make the linters allocate in all: twice what the
// costliest of these takes. It stands for the time, which is another one on each
// machine: what is done anew for each term of a record makes it many times as much.
const maxUsed = 160 << 20
