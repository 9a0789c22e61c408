package dkim

import (
	"io"
	"strings"
	"testing"
)

// BenchmarkBodyCanon is the canonicaliser alone, without the hash.
func BenchmarkBodyCanon(b *testing.B) {
	const prose = "The numbers of the third quarter are up by a fair margin, and so are hopes.\r\n" +
		"What is left to do:  ask the harbour office, write to the printers, and rest.\r\n"
	for name, line := range map[string]string{
		"prose":  prose,
		"base64": strings.Repeat("QUJD", 19) + "\r\n",
		"tabs":   "a \tb\t c\r\n",
		"lf":     strings.ReplaceAll(prose, "\r\n", "\n"),
	} {
		for _, relaxed := range []bool{true, false} {
			text := []byte(strings.Repeat(line, chunk/len(line)))
			b.Run(name+map[bool]string{true: "/relaxed", false: "/simple"}[relaxed], func(b *testing.B) {
				b.SetBytes(int64(len(text)))
				c := bodyCanon{out: io.Discard, relaxed: relaxed}
				for b.Loop() {
					c.Write(text)
				}
			})
		}
	}
}
