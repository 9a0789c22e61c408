package investigation_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/netip"
	"os"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"unspoof/dns"
	"unspoof/dns/dnsfile"
	"unspoof/forensics"
	"unspoof/internal/intake"
	"unspoof/internal/investigation"
	"unspoof/internal/profile"
	"unspoof/internal/testdata"
)

// nowhere is a DNS in which nothing exists.
type nowhere struct{}

func (nowhere) Lookup(_ context.Context, q dns.Question) (dns.Answer, error) {
	return dns.Answer{RCode: dns.NXDomain}, nil
}

func owner() *forensics.Profile {
	return &forensics.Profile{
		Domains: []string{"shop.example"}, Mailboxes: []string{"anna"}, Complete: true,
		OwnHosts: []forensics.Host{
			{Name: "mx.shop.example", IP: netip.MustParseAddr("192.0.2.5"), Role: "inbound"},
			{Name: "mail.shop.example", IP: netip.MustParseAddr("192.0.2.10"), Role: "outbound"},
		},
	}
}

// source gives n messages from one storage, as the intake does, and an error
// before each tenth.
func source(n int) iter.Seq2[intake.Item, error] {
	return func(yield func(intake.Item, error) bool) {
		var buf []byte
		for i := range n {
			if i%10 == 9 {
				e := &intake.Error{File: fmt.Sprintf("bad-%d", i), Problem: "is no mail"}
				if !yield(intake.Item{File: e.File}, e) {
					return
				}
			}
			buf = fmt.Appendf(buf[:0], "From: a@example.com\nSubject: message %d\n\n%s\n", i, strings.Repeat("x", i%7*1000))
			if !yield(intake.Item{File: fmt.Sprintf("m-%d", i), Data: buf}, nil) {
				return
			}
		}
	}
}

func TestMessagesComeInOrderWithTheirOwnData(t *testing.T) {
	n := 0
	res, err := investigation.Run(context.Background(), investigation.Args{
		Source: source(1000), Profile: owner(), Resolver: nowhere{},
		Each: func(m investigation.Message) error {
			if want := fmt.Sprintf("message %d", n); m.File != fmt.Sprintf("m-%d", n) || m.Notice.Subject != want || !bytes.Contains(m.Data, []byte(want+"\n")) {
				t.Errorf("message %d is %s, %q", n, m.File, m.Notice.Subject)
			}
			n++
			return nil
		},
	})
	if err != nil || n != 1000 || res.Mailbox.Read != 1000 || len(res.Unread)+res.More != 100 {
		t.Errorf("%d messages, %d read, %d+%d unread, error %v", n, res.Mailbox.Read, len(res.Unread), res.More, err)
	}
}

func TestTheListOfUnreadIsBounded(t *testing.T) {
	res, err := investigation.Run(context.Background(), investigation.Args{Source: source(2000), Profile: owner()})
	if err != nil || len(res.Unread) != 100 || res.More != 100 {
		t.Errorf("%d listed, %d more, error %v", len(res.Unread), res.More, err)
	}
}

func TestAnErrorOfEachEndsTheRun(t *testing.T) {
	enough := errors.New("enough")
	n := 0
	_, err := investigation.Run(context.Background(), investigation.Args{
		Source: source(100000), Profile: owner(),
		Each: func(investigation.Message) error {
			if n++; n == 5 {
				return enough
			}
			return nil
		},
	})
	if !errors.Is(err, enough) || n != 5 {
		t.Errorf("after %d messages: %v", n, err)
	}
}

func TestTheEndOfTheContextEndsTheRun(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	n := 0
	_, err := investigation.Run(ctx, investigation.Args{
		Source: source(100000), Profile: owner(),
		Each: func(investigation.Message) error {
			if n++; n == 5 {
				cancel()
			}
			return nil
		},
	})
	if !errors.Is(err, context.Canceled) || n > 100 {
		t.Errorf("after %d messages: %v", n, err)
	}
}

func TestAnErrorOfTheSourceThatIsNoFilesEndsTheRun(t *testing.T) {
	broken := errors.New("broken")
	_, err := investigation.Run(context.Background(), investigation.Args{
		Source:  func(yield func(intake.Item, error) bool) { yield(intake.Item{}, broken) },
		Profile: owner(),
	})
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

func TestTheWriterWritesOneObject(t *testing.T) {
	for _, n := range []int{0, 1, 25} {
		var b bytes.Buffer
		w := investigation.NewWriter(&b)
		res, err := investigation.Run(context.Background(), investigation.Args{Source: source(n), Profile: owner(), Each: w.Message})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Finish(res); err != nil {
			t.Fatal(err)
		}
		var got struct {
			Schema   int
			Messages []map[string]any
			Mailbox  map[string]any
			Unread   []map[string]any
		}
		if err := json.Unmarshal(b.Bytes(), &got); err != nil {
			t.Fatalf("%v in %s", err, b.String())
		}
		if got.Schema != 1 || len(got.Messages) != n || got.Mailbox["read"] != float64(n) || len(got.Unread) != n/10 {
			t.Errorf("%d messages: got %s", n, b.String())
		}
		for _, m := range got.Messages {
			for _, name := range []string{"t0", "handoff_ip", "client_ip", "account", "report"} {
				if v, there := m[name]; !there || v != nil {
					t.Errorf("%s is %v (there: %v), want null", name, v, there)
				}
			}
			if _, isList := m["reasons"].([]any); !isList {
				t.Errorf("reasons is %v, want a list", m["reasons"])
			}
		}
	}
}

// TestSuitesScenarios runs the scenarios the whole way, from the folder to the
// JSON, and compares with the truth. Three need a signature or a tag checked.
func TestSuitesScenarios(t *testing.T) {
	dir := testdata.Dir(t, "bounces/scenarios")
	prof, _, err := profile.Load(dir + "/profile.yaml")
	if err != nil {
		t.Fatal(err)
	}
	zone, err := dnsfile.Open(dir + "/profile.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := investigation.NewWriter(&b)
	res, err := investigation.Run(context.Background(), investigation.Args{
		Source:  intake.Messages(context.Background(), intake.Args{Paths: []string{dir + "/eml"}}),
		Profile: prof, Resolver: zone, Now: time.Date(2024, 6, 20, 0, 0, 0, 0, time.UTC), Each: w.Message,
	})
	if err := errors.Join(err, w.Finish(res)); err != nil {
		t.Fatal(err)
	}
	if res.Mailbox.Verdict != forensics.Compromised {
		t.Errorf("the mailbox is %s: %s", res.Mailbox.Verdict, res.Mailbox.Sentence)
	}
	type facts struct {
		File, Verdict, Subtype string
		Bounce                 bool
		T0, Report, Account    *string
	}
	var got, truth struct{ Messages []facts }
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(dir + "/truth.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, &truth); err != nil {
		t.Fatal(err)
	}
	if len(got.Messages) != len(truth.Messages) {
		t.Fatalf("%d messages of %d", len(got.Messages), len(truth.Messages))
	}
	for i, want := range truth.Messages {
		want.File = dir + "/" + want.File
		t.Run(path.Base(want.File), func(t *testing.T) {
			if diff := cmp.Diff(want, got.Messages[i]); diff != "" {
				t.Errorf("truth (-), got (+):\n%s", diff)
			}
		})
	}
}
