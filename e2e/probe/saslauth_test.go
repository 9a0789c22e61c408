//go:build e2e && linux

package probe_test

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"net"
	"strings"
	"testing"
)

// dovecotAuth is a server of Dovecot's authentication protocol, by which Postfix
// checks passwords: it knows one login.
func dovecotAuth(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go serveAuth(c)
		}
	}()
	return l.Addr().String()
}

func serveAuth(c net.Conn) {
	defer c.Close()
	fmt.Fprint(c, "VERSION\t1\t1\nMECH\tPLAIN\tplaintext\nMECH\tLOGIN\tplaintext\nSPID\t1\nCUID\t1\nCOOKIE\t00112233445566778899aabbccddeeff\nDONE\n")
	in := bufio.NewScanner(c)
	for in.Scan() {
		f := strings.Split(in.Text(), "\t")
		if f[0] != "AUTH" || len(f) < 3 {
			continue
		}
		resp := ""
		for _, p := range f {
			if r, ok := strings.CutPrefix(p, "resp="); ok {
				resp = r
			}
		}
		text, _ := base64.StdEncoding.DecodeString(resp)
		if string(text) == "\x00"+user+"\x00"+password {
			fmt.Fprintf(c, "OK\t%s\tuser=%s\n", f[1], user)
		} else {
			fmt.Fprintf(c, "FAIL\t%s\tuser=%s\n", f[1], user)
		}
	}
}
