package fleet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"unspoof/finding"
	"unspoof/posture"
)

// report is a domain's as the tests' checks make it.
func report(domain string, findings ...finding.Finding) posture.Report {
	return posture.Report{
		Domain: domain, Verdict: posture.Verdict{Exposure: posture.Anyone, Sentence: "Anyone can send as " + domain + "."},
		Findings: append([]finding.Finding{}, findings...), Unanswered: []finding.Evidence{}, NotAsked: []string{}, Quick: true,
	}
}

// asked is a check that counts what it is asked.
type asked struct {
	mu    sync.Mutex
	names []string
}

func (a *asked) check(_ context.Context, domain string) (posture.Report, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.names = append(a.names, domain)
	return report(domain), nil
}

// list makes one of n domains.
func list(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "d%d.example\n", i)
	}
	return b.String()
}

func lists(text string) []List { return []List{{Name: "list", Reader: strings.NewReader(text)}} }

// gather runs and gives the domains in the order of their results.
func gather(t *testing.T, args Args) (domains []string, sum Summary, err error) {
	t.Helper()
	args.Each = func(r Result) error { domains = append(domains, r.Domain); return nil }
	sum, err = Run(t.Context(), args)
	if args.Journal != nil {
		args.Journal.Close()
	}
	return domains, sum, err
}

func TestResultsComeInTheOrderOfTheList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 3 * window
		var mu sync.Mutex
		running, most := 0, 0
		count := func(by int) {
			mu.Lock()
			defer mu.Unlock()
			running += by
			most = max(most, running)
		}
		check := func(_ context.Context, domain string) (posture.Report, error) {
			count(+1)
			defer count(-1)
			if strings.HasSuffix(domain, "7.example") {
				time.Sleep(time.Millisecond)
			}
			return report(domain), nil
		}
		got, sum, err := gather(t, Args{Lists: lists(list(n)), Check: check, Concurrency: 20})
		if want := strings.Fields(list(n)); err != nil || !slices.Equal(got, want) || sum != (Summary{Domains: n}) {
			t.Errorf("%d results, %+v, %v", len(got), sum, err)
		}
		if most != 20 {
			t.Errorf("%d checks at a time", most)
		}
	})
}

func TestNoMoreThanTheWindowIsReadAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		var begun atomic.Int64
		check := func(_ context.Context, domain string) (posture.Report, error) {
			begun.Add(1)
			if domain == "d0.example" {
				<-release
			}
			return report(domain), nil
		}
		go func() {
			synctest.Wait() // until nothing goes on without the first
			if n := begun.Load(); n != window {
				t.Errorf("%d checks are begun before the first result", n)
			}
			close(release)
		}()
		if _, sum, err := gather(t, Args{Lists: lists(list(3 * window)), Check: check, Concurrency: 4}); err != nil || sum.Domains != 3*window {
			t.Errorf("%+v, %v", sum, err)
		}
	})
}

func TestLinesThatHoldNoDomainAreNamed(t *testing.T) {
	const text = "\ufeff# my domains\n a.example \r\n\nB.example. # comment\nanna@a.example\nhttps://a.example/\na.example b.example\n" +
		"1,a.example\na..example\nexample\nBücher.example\nxn--bcher-kva.example\nA.EXAMPLE\n\x00\xff\n"
	var skipped []string
	got, sum, err := gather(t, Args{
		Lists: append(lists(text+strings.Repeat("x", 10000)+"\nlast.example"), List{Name: "second", Reader: strings.NewReader("a.example\nnew.example\n")}),
		Check: (&asked{}).check,
		Skip: func(s Skipped) {
			if len(s.Text) > maxShown+len("…") {
				t.Errorf("text of %d octets", len(s.Text))
			}
			skipped = append(skipped, fmt.Sprintf("%s %d %.18s", s.List, s.Line, s.Reason))
		},
	})
	want := []string{"a.example", "b.example", "xn--bcher-kva.example", "last.example", "new.example"}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v", got, err)
	}
	wantSkipped := []string{
		"list 5 is an address, not", "list 6 is a web address, ", "list 7 is more than a dom", "list 8 is more than a dom", "list 9 is not a domain na",
		"list 10 is not a domain na", "list 12 is there already, ", "list 13 is there already, ", "list 14 is not a domain na", "list 15 is longer than 409",
		"second 1 is there already",
	}
	if !slices.Equal(skipped, wantSkipped) || sum.Skipped != len(wantSkipped) {
		t.Errorf("got  %q\nwant %q", skipped, wantSkipped)
	}
}

func TestAReasonDoesNotRepeatTheText(t *testing.T) {
	for text, want := range map[string]string{
		"a..example":                  "is not a domain name: two dots have nothing between them",
		strings.Repeat("x", 300):      "is not a domain name: longer than 253 octets",
		strings.Repeat("x", 3000):     "is not a domain name: longer than 253",
		strings.Repeat("\u0300", 400): "is not a domain name: it cannot be put in A-labels",
	} {
		if domain, got := DomainIn(text); domain != "" || !strings.HasPrefix(got, want) || len(got) > maxShown+len("…") {
			t.Errorf("%.20q: %q", text, got)
		}
	}
}

func TestRunEndsWithTheFirstError(t *testing.T) {
	stop := errors.New("stop")
	t.Run("of the one who takes the results", func(t *testing.T) {
		n := 0
		sum, err := Run(t.Context(), Args{Lists: lists(list(5000)), Check: (&asked{}).check, Each: func(Result) error {
			if n++; n == 10 {
				return stop
			}
			return nil
		}})
		if !errors.Is(err, stop) || n != 10 || sum.Domains != 10 {
			t.Errorf("%d, %+v, %v", n, sum, err)
		}
	})
	t.Run("of a list", func(t *testing.T) {
		r := io.MultiReader(strings.NewReader("a.example\n"), iotest.ErrReader(stop))
		if got, _, err := gather(t, Args{Lists: []List{{"list", r}}, Check: (&asked{}).check}); !errors.Is(err, stop) || len(got) != 1 {
			t.Errorf("%q, %v", got, err)
		}
	})
	t.Run("of a check", func(t *testing.T) {
		check := func(_ context.Context, domain string) (posture.Report, error) { return posture.Report{}, stop }
		if got, _, err := gather(t, Args{Lists: lists(list(100)), Check: check}); !errors.Is(err, stop) || len(got) != 0 {
			t.Errorf("%q, %v", got, err)
		}
	})
	t.Run("of the context", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		_, err := Run(ctx, Args{Lists: lists(list(5000)), Check: func(ctx context.Context, domain string) (posture.Report, error) {
			if domain == "d100.example" {
				cancel()
			}
			return report(domain), ctx.Err()
		}, Each: func(Result) error { return nil }})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("arguments that are none", func(t *testing.T) {
		for _, args := range []Args{{}, {Check: (&asked{}).check}, {Check: (&asked{}).check, Each: func(Result) error { return nil }, Concurrency: -1}} {
			if _, err := Run(t.Context(), args); err == nil {
				t.Errorf("%+v: taken", args)
			}
		}
	})
}

// numbered is a list of n names that stands nowhere.
type numbered struct{ i, n int }

func (r *numbered) Read(p []byte) (int, error) {
	n := 0
	for ; r.i < r.n; r.i++ {
		line := fmt.Sprintf("domain-number-%d.example\n", r.i)
		if n+len(line) > len(p) {
			return n, nil
		}
		n += copy(p[n:], line)
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

func TestLongestList(t *testing.T) {
	if testing.Short() {
		t.Skip("reads a million names")
	}
	l := newLines([]List{{"list", &numbered{n: MaxDomains + 10}}})
	n := 0
	err := l.each(func(e entry) bool {
		if e.reason != "" {
			t.Fatalf("%+v", e)
		}
		n++
		return true
	})
	if !errors.Is(err, ErrTooMany) || n != MaxDomains+1 {
		t.Errorf("%d names, %v", n, err)
	}
}

func FuzzLines(f *testing.F) {
	f.Add("a.example\n# x\nb.example # y\r\n\n@\nxn--\n")
	f.Add("\ufeffä.example\xff\n\x00")
	f.Fuzz(func(t *testing.T, text string) {
		met := map[string]bool{}
		err := newLines(lists(text)).each(func(e entry) bool {
			if (e.domain == "" || met[e.domain]) != (e.reason != "") && e.reason == "" {
				t.Errorf("%+v", e)
			}
			met[e.domain] = met[e.domain] || e.reason == ""
			return true
		})
		if err != nil && !errors.Is(err, ErrUTF16) {
			t.Error(err)
		}
	})
}
