//go:build unix

package dns

import "syscall"

// quiet reports that nothing lies in the socket, neither a datagram nor an error.
func (k *socket) quiet() bool {
	quiet := false
	err := k.raw.Read(func(fd uintptr) bool {
		var one [1]byte
		// The runtime's sockets never block.
		_, _, err := syscall.Recvfrom(int(fd), one[:], syscall.MSG_PEEK)
		quiet = err == syscall.EAGAIN || err == syscall.EWOULDBLOCK
		return true
	})
	return err == nil && quiet
}
