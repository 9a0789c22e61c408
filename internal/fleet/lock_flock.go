//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package fleet

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// lock keeps other runs out of a journal until it is closed: two that write it at
// once would each ask what the other asks. File systems that know no locks do
// without.
func lock(f *os.File) error {
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); errors.Is(err, unix.EWOULDBLOCK) {
		return ErrLocked
	}
	return nil
}
