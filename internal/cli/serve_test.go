package cli_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"unspoof/internal/cli"
)

const zone = `$TTL 300
shop.example. TXT "v=spf1 ip4:192.0.2.10 -all"
shop.example. MX 10 mx.shop.example.
mx.shop.example. A 192.0.2.5
mail.shop.example. A 192.0.2.10
`

func zoneFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "zone")
	if err := os.WriteFile(path, []byte(zone), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// serve starts the pages and gives the first line; end stops them and gives the
// exit status.
func serve(t *testing.T, args ...string) (line string, end func() int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(cancel)
	r, w := io.Pipe()
	var stderr bytes.Buffer
	code := make(chan int, 1)
	go func() {
		code <- cli.Run(ctx, cli.Env{
			Args: append([]string{"serve"}, args...), Stdin: strings.NewReader(""), Stdout: w, Stderr: &stderr,
			Getenv: func(string) string { return "" },
		})
		w.Close()
	}()
	lines := bufio.NewReader(r)
	line, err := lines.ReadString('\n')
	if err != nil {
		t.Fatalf("no line: %v; status %d; %s", err, <-code, stderr.String())
	}
	go io.Copy(io.Discard, lines)
	return line, func() int { cancel(); return <-code }
}

func TestServeShowsPagesUntilItIsStopped(t *testing.T) {
	line, end := serve(t, "--listen", "127.0.0.1:0", "--data", filepath.Join(t.TempDir(), "data"), "--dns", zoneFile(t))
	_, url, found := strings.Cut(strings.TrimSpace(line), "http://")
	if !found {
		t.Fatalf("no address in %q", line)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := (&http.Client{Jar: jar}).Get("http://" + url)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK || !bytes.Contains(body, []byte("</html>")) {
		t.Errorf("status %d:\n%s", resp.StatusCode, body)
	}
	resp, err = http.Get("http://" + strings.SplitN(url, "/", 2)[0] + "/")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode == http.StatusOK {
		t.Error("without the token, the page is shown")
	}
	if code := end(); code != 0 {
		t.Errorf("ended with status %d", code)
	}
}
