package app_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"unspoof/dns"
	"unspoof/internal/app"
)

// nowhere is a DNS in which nothing exists.
type nowhere struct{}

func (nowhere) Lookup(_ context.Context, q dns.Question) (dns.Answer, error) {
	return dns.Answer{RCode: dns.NXDomain}, nil
}

func TestServeStartsAndEndsInOrder(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	for range 2 { // the second start finds everything closed by the first
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
		var code int
		err := app.Serve(ctx, app.ServeArgs{
			Listen: "127.0.0.1:0", Data: data, Resolver: nowhere{}, Now: time.Now,
			Ready: func(url string) {
				go func() {
					defer cancel()
					resp, err := http.Get(url)
					if err != nil {
						t.Error(err)
						return
					}
					resp.Body.Close()
					code = resp.StatusCode
				}()
			},
		})
		if err != nil || code == 0 {
			t.Fatalf("status %d, error %v", code, err)
		}
	}
}

func TestOneProcessAtATimeHasTheData(t *testing.T) {
	data := t.TempDir()
	if err := os.Chmod(data, 0o700); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	args := app.ServeArgs{Listen: "127.0.0.1:0", Data: data, Resolver: nowhere{}, Now: time.Now, Ready: func(string) { t.Error("started twice") }}
	first := args
	first.Ready = func(string) {
		if err := app.Serve(ctx, args); err == nil {
			t.Error("no error")
		}
		cancel()
	}
	if err := app.Serve(ctx, first); err != nil {
		t.Error(err)
	}
}

func TestAnAddressThatOthersReachIsRefusedBeforeAnythingIsMade(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	for _, listen := range []string{"0.0.0.0:0", "[::]:0", ":0", "192.0.2.1:80", "example.com:80", "8025", ""} {
		err := app.Serve(context.Background(), app.ServeArgs{Listen: listen, Data: data, Resolver: nowhere{}, Now: time.Now, Ready: func(string) { t.Error("started") }})
		if err == nil || !strings.Contains(err.Error(), "127.0.0.1") {
			t.Errorf("listen on %q: %v", listen, err)
		}
	}
	if _, err := os.Stat(data); err == nil {
		t.Error("the data folder was made")
	}
}

func ExampleServe() {
	ctx, cancel := context.WithCancel(context.Background())
	data, err := os.MkdirTemp("", "unspoof")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(data)
	err = app.Serve(ctx, app.ServeArgs{
		Listen: "127.0.0.1:0", Data: data, Resolver: nowhere{}, Now: time.Now,
		Ready: func(url string) {
			fmt.Println(strings.HasPrefix(url, "http://127.0.0.1:"))
			cancel()
		},
	})
	fmt.Println(err)
	// Output:
	// true
	// <nil>
}
