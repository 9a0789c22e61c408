package sqlite

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"unspoof/forensics"
	"unspoof/internal/store"
	"unspoof/posture"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func open(t *testing.T, folder string) *Store {
	t.Helper()
	s, err := Open(context.Background(), folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func example() store.Case {
	return store.Case{
		Name: "harbour.example", Created: noon, Updated: noon, State: store.Reading,
		Profile: forensics.Profile{
			Domains:  []string{"harbour.example"},
			OwnHosts: []forensics.Host{{Name: "mail.harbour.example", IP: netip.MustParseAddr("192.0.2.10"), Role: "outbound"}},
			Services: []forensics.Service{{Name: "letters.example", Ranges: []netip.Prefix{netip.MustParsePrefix("198.51.100.32/28")}}},
			Events:   []forensics.Event{{Time: noon, Type: forensics.PasswordChanged, Account: "anna"}},
		},
	}
}

func message(n int, v forensics.Verdict, text string) store.Message {
	doc := fmt.Sprintf(`{"file":"in.mbox#%d","verdict":%q,"text":%q}`, n, v, text)
	return store.Message{N: n, Verdict: v, Doc: json.RawMessage(doc), Excerpt: text}
}

// fill runs one judgement with the messages given, each kept as received too.
func fill(t *testing.T, s *Store, c store.Case, keep bool, messages ...store.Message) {
	t.Helper()
	ctx := context.Background()
	run, err := s.Begin(ctx, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range messages {
		if keep {
			if err := run.Keep(ctx, store.Raw{N: m.N, File: "in.mbox", Data: []byte("Subject: " + m.Excerpt + "\r\n\r\nraw body\r\n")}); err != nil {
				t.Fatal(err)
			}
		}
		if err := run.Add(ctx, m); err != nil {
			t.Fatal(err)
		}
	}
	c.State = store.Ready
	c.Mailbox = &forensics.MailboxReport{Verdict: forensics.Spoofed, Read: len(messages)}
	c.Reasons = []store.ReasonCount{{Reason: forensics.Reason{Code: "E5-fail", Text: "not one of yours"}, Count: len(messages), N: 1}}
	c.Posture = &posture.Report{Domain: c.Name}
	if err := run.Finish(ctx, c); err != nil {
		t.Fatal(err)
	}
}

func TestCaseSurvivesARestart(t *testing.T) {
	ctx, folder := context.Background(), filepath.Join(t.TempDir(), "new", "data")
	s := open(t, folder)
	c := example()
	if err := s.Create(ctx, &c); err != nil {
		t.Fatal(err)
	}
	fill(t, s, c, true, message(1, forensics.Spoofed, "one"), message(2, forensics.Unknown, "two"))
	want, err := s.Case(ctx, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	s = open(t, folder)
	got, err := s.Case(ctx, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{})); diff != "" {
		t.Errorf("case differs after a restart (-before +after):\n%s", diff)
	}
	if diff := cmp.Diff(c.Profile, got.Profile, cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{})); diff != "" {
		t.Errorf("profile (-given +kept):\n%s", diff)
	}
	list, err := s.Messages(ctx, c.ID, Page{Limit: 10})
	if err != nil || len(list) != 2 {
		t.Fatalf("%d messages, error %v; want 2", len(list), err)
	}
	if diff := cmp.Diff(message(1, forensics.Spoofed, "one"), list[0]); diff != "" {
		t.Errorf("message (-given +kept):\n%s", diff)
	}
	lines, err := s.Cases(ctx)
	if err != nil || len(lines) != 1 || lines[0].ID != c.ID || lines[0].Verdict != forensics.Spoofed || !lines[0].Created.Equal(noon) {
		t.Errorf("list of cases %+v, error %v", lines, err)
	}
}

func TestMessagesComeInPages(t *testing.T) {
	ctx := context.Background()
	s := open(t, t.TempDir())
	c := example()
	if err := s.Create(ctx, &c); err != nil {
		t.Fatal(err)
	}
	var all []store.Message
	for n := 1; n <= 3*batch+7; n++ {
		v := forensics.Spoofed
		if n%100 == 0 {
			v = forensics.Genuine
		}
		all = append(all, message(n, v, "s"))
	}
	fill(t, s, c, false, all...)
	tests := []struct {
		name  string
		page  Page
		first int
		count int
	}{
		{"first page", Page{Limit: 50}, 1, 50},
		{"page after", Page{After: 50, Limit: 50}, 51, 50},
		{"last page is short", Page{After: 3 * batch, Limit: 50}, 3*batch + 1, 7},
		{"one verdict", Page{Verdict: forensics.Genuine, Limit: 50}, 100, 7},
		{"one verdict, after", Page{Verdict: forensics.Genuine, After: 100, Limit: 2}, 200, 2},
		{"beyond the end", Page{After: 9999, Limit: 50}, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			list, err := s.Messages(ctx, c.ID, tt.page)
			if err != nil {
				t.Fatal(err)
			}
			if len(list) != tt.count || tt.count > 0 && list[0].N != tt.first {
				t.Errorf("%d messages, want %d from %d", len(list), tt.count, tt.first)
			}
		})
	}
}

func TestANewRunReplacesTheOldOneAtOnce(t *testing.T) {
	ctx := context.Background()
	s := open(t, t.TempDir())
	c := example()
	if err := s.Create(ctx, &c); err != nil {
		t.Fatal(err)
	}
	fill(t, s, c, true, message(1, forensics.Unknown, "first"))

	run, err := s.Begin(ctx, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= batch; n++ { // enough to be written before the end
		if err := run.Add(ctx, message(n, forensics.Spoofed, "second")); err != nil {
			t.Fatal(err)
		}
	}
	subject := func() string {
		m, err := s.Message(ctx, c.ID, 1)
		if err != nil {
			t.Fatal(err)
		}
		return m.Excerpt
	}
	if got := subject(); got != "first" {
		t.Errorf("during the second run message 1 is of the %s", got)
	}
	if err := run.Abandon(ctx, false); err != nil {
		t.Fatal(err)
	}
	if got := subject(); got != "first" {
		t.Errorf("after a run was given up message 1 is of the %s", got)
	}
	fill(t, s, c, false, message(1, forensics.Spoofed, "third"))
	if got := subject(); got != "third" {
		t.Errorf("after a new run message 1 is of the %s", got)
	}
	for raw, err := range s.Raws(ctx, c.ID) {
		if err != nil || !strings.Contains(string(raw.Data), "first") {
			t.Errorf("message as received: %q, error %v", raw.Data, err)
		}
	}
}

func TestAStoppedProgramLeavesNoHalfCase(t *testing.T) {
	ctx, folder := context.Background(), t.TempDir()
	s := open(t, folder)
	fresh, judged := example(), example()
	for _, c := range []*store.Case{&fresh, &judged} {
		if err := s.Create(ctx, c); err != nil {
			t.Fatal(err)
		}
	}
	fill(t, s, judged, true, message(1, forensics.Unknown, "old"))
	judged, _ = s.Case(ctx, judged.ID)
	judged.State = store.Reading
	if err := s.Save(ctx, judged); err != nil {
		t.Fatal(err)
	}
	run, err := s.Begin(ctx, judged.ID)
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= batch; n++ {
		if err := run.Add(ctx, message(n, forensics.Spoofed, "new")); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{UploadPrefix + "1", "somebody's.txt"} {
		if err := os.WriteFile(filepath.Join(s.Spool(), name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.Close()

	s = open(t, folder)
	if c, err := s.Case(ctx, fresh.ID); err != nil || c.State != store.Failed || c.Note == "" {
		t.Errorf("a case that was being read: state %q, note %q, error %v", c.State, c.Note, err)
	}
	if c, err := s.Case(ctx, judged.ID); err != nil || c.State != store.Ready {
		t.Errorf("a case that was judged anew: state %q, error %v", c.State, err)
	}
	if list, _ := s.Messages(ctx, judged.ID, Page{Limit: 9}); len(list) != 1 || list[0].Excerpt != "old" {
		t.Errorf("%d messages after an unfinished run, want the 1 of the run before", len(list))
	}
	if left, _ := os.ReadDir(s.Spool()); len(left) != 1 || left[0].Name() != "somebody's.txt" {
		t.Errorf("in the spool are %v; want the upload gone, and nothing else touched", left)
	}
}

// Each case has a marker of its own, in every place that keeps text.
func TestDeletedBytesAreGone(t *testing.T) {
	ctx, folder := context.Background(), t.TempDir()
	s := open(t, folder)
	var ids []string
	for i := range 3 {
		c := example()
		c.Name = fmt.Sprintf("marker-%d.example", i)
		c.Profile.Mailboxes = []string{fmt.Sprintf("marker-%d-mailbox", i)}
		if err := s.Create(ctx, &c); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, c.ID)
		var all []store.Message
		for n := range 400 { // pages split and are filled again
			m := message(n+1, forensics.Spoofed, fmt.Sprintf("marker-%d-subject-%d", i, n))
			m.Excerpt = strings.Repeat(fmt.Sprintf("marker-%d-text ", i), n%60)
			all = append(all, m)
		}
		fill(t, s, c, true, all...)
		fill(t, s, c, false, all...)
	}
	// Messages as received are deflated, so that they have no readable marker.
	deflated := func(i int) string {
		var d deflater
		data, err := d.deflate([]byte(fmt.Sprintf("Subject: %s\r\n\r\nraw body\r\n", strings.Repeat(fmt.Sprintf("marker-%d-text ", i), 59))))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	if !holds(t, folder, "marker-1-") || !holds(t, folder, deflated(1)) {
		t.Fatal("the marker is not in the files before the deletion, so this test would prove nothing")
	}
	if err := s.Delete(ctx, ids[1]); err != nil {
		t.Fatal(err)
	}
	// With the store still open, and after.
	for _, when := range []string{"at once", "after the end"} {
		if holds(t, folder, "marker-1") || holds(t, folder, deflated(1)) {
			t.Errorf("%s: bytes of the deleted case are in the data folder", when)
		}
		if !holds(t, folder, "marker-0") || !holds(t, folder, deflated(2)) {
			t.Errorf("%s: another case lost bytes", when)
		}
		s.Close()
	}
	s = open(t, folder)
	if _, err := s.Case(ctx, ids[1]); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the deleted case: error %v, want ErrNotFound", err)
	}
	if _, err := s.Raw(ctx, ids[1], 1); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a message of the deleted case: error %v, want ErrNotFound", err)
	}
	if list, err := s.Messages(ctx, ids[2], Page{Limit: 500}); err != nil || len(list) != 400 {
		t.Errorf("another case has %d messages, error %v", len(list), err)
	}
	if err := s.Delete(ctx, ids[1]); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("deleting twice: error %v, want ErrNotFound", err)
	}
}

// holds reports whether any file in the folder has the text.
func holds(t *testing.T, folder, text string) bool {
	t.Helper()
	found := false
	err := filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		found = found || bytes.Contains(data, []byte(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestSecretsAreNotKept(t *testing.T) {
	ctx, folder := context.Background(), t.TempDir()
	s := open(t, folder)
	c := example()
	c.Profile.BATV = &forensics.BATV{ActiveSince: noon, Secret: forensics.Secret("do-not-keep-this")}
	c.Profile.SealKeys = []forensics.SealKey{{ID: 1, Secret: forensics.Secret("do-not-keep-this")}}
	if err := s.Create(ctx, &c); err != nil {
		t.Fatal(err)
	}
	if string(c.Profile.BATV.Secret) != "do-not-keep-this" {
		t.Error("keeping a case took the secret from the caller's profile")
	}
	got, err := s.Case(ctx, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	if !got.SecretLeftOut || got.Profile.BATV != nil || got.Profile.SealKeys != nil || len(got.Profile.OwnHosts) != 1 {
		t.Errorf("kept %+v, left out %v; want all but the bounce tag", got.Profile, got.SecretLeftOut)
	}
	if err := s.Save(ctx, c); err != nil {
		t.Fatal(err)
	}
	s.Close()
	if holds(t, folder, "do-not-keep-this") || holds(t, folder, "ZG8tbm90LWtlZXAtdGhpcw") {
		t.Error("the secret is in the data folder")
	}
}

func TestACaseHasRoomForSoMuch(t *testing.T) {
	ctx := context.Background()
	s := open(t, t.TempDir())
	c := example()
	if err := s.Create(ctx, &c); err != nil {
		t.Fatal(err)
	}
	run, err := s.Begin(ctx, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	run.bytes = MaxRaw - 1
	if err := run.Keep(ctx, store.Raw{N: 1, Data: []byte("x")}); err != nil {
		t.Errorf("the last byte that fits: %v", err)
	}
	if err := run.Keep(ctx, store.Raw{N: 2, Data: []byte("x")}); !errors.Is(err, ErrFull) {
		t.Errorf("one byte more: error %v, want ErrFull", err)
	}
	if err := run.Abandon(ctx, true); err != nil {
		t.Fatal(err)
	}
	for range s.Raws(ctx, c.ID) {
		t.Error("a run that was given up left messages behind")
	}
}

func TestManyAtOnce(t *testing.T) {
	ctx := context.Background()
	s := open(t, t.TempDir())
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			c := example()
			if err := s.Create(ctx, &c); err != nil {
				t.Error(err)
				return
			}
			run, err := s.Begin(ctx, c.ID)
			if err != nil {
				t.Error(err)
				return
			}
			for n := 1; n <= batch+10; n++ {
				err := errors.Join(run.Keep(ctx, store.Raw{N: n, Data: []byte("raw")}), run.Add(ctx, message(n, forensics.Spoofed, "s")))
				if err != nil {
					t.Error(err)
				}
				if n%50 == 0 {
					if _, err := s.Cases(ctx); err != nil {
						t.Error(err)
					}
				}
			}
			c.State = store.Ready
			if err := run.Finish(ctx, c); err != nil {
				t.Error(err)
			}
			if i%2 == 0 {
				if err := s.Delete(ctx, c.ID); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	lines, err := s.Cases(ctx)
	if err != nil || len(lines) != 3 {
		t.Errorf("%d cases left, error %v; want 3", len(lines), err)
	}
}

func TestSavingADeletedCaseBringsNothingBack(t *testing.T) {
	ctx := context.Background()
	s := open(t, t.TempDir())
	c := example()
	if err := s.Create(ctx, &c); err != nil {
		t.Fatal(err)
	}
	run, err := s.Begin(ctx, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Delete(ctx, c.ID); err != nil {
		t.Fatal(err)
	}
	if err := s.Save(ctx, c); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Save: error %v, want ErrNotFound", err)
	}
	if err := run.Add(ctx, message(1, forensics.Spoofed, "late")); err != nil {
		t.Fatal(err) // kept in memory so far
	}
	if err := run.Finish(ctx, c); err == nil {
		t.Error("a run of a deleted case was finished")
	}
	if _, err := s.Begin(ctx, c.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Begin: error %v, want ErrNotFound", err)
	}
}
