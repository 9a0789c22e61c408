package cli

import (
	"context"
	"io"
)

// interruptible reads on behalf of a run that may be stopped while standard
// input is silent: a read of a terminal or pipe ends only with its data.
type interruptible struct {
	ctx context.Context
	r   io.Reader
	buf []byte // of the read under way; never the caller's, who may be gone
}

type readResult struct {
	n   int
	err error
}

// Read implements io.Reader. After ctx has ended it gives the error of ctx, and
// must not be used again.
func (i *interruptible) Read(p []byte) (int, error) {
	if cap(i.buf) < len(p) {
		i.buf = make([]byte, len(p))
	}
	buf := i.buf[:len(p)]
	done := make(chan readResult, 1)
	go func() {
		n, err := i.r.Read(buf)
		done <- readResult{n, err}
	}()
	select {
	case res := <-done:
		return copy(p, buf[:res.n]), res.err
	case <-i.ctx.Done():
		return 0, i.ctx.Err()
	}
}
