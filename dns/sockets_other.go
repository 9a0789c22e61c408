//go:build !unix

package dns

// quiet cannot be told here without waiting, so that no socket is lent twice.
func (k *socket) quiet() bool { return false }
