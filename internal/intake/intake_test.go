package intake_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"unspoof/internal/intake"
)

const (
	one  = "Return-Path: <>\nReceived: from a.example by mx.example.com\nFrom: MAILER-DAEMON@a.example\nSubject: one\n\nbody one\n"
	two  = "From: MAILER-DAEMON@b.example\nSubject: two\n\nbody two\n"
	mbox = "From MAILER-DAEMON Mon Jun  3 10:00:00 2024\n" + one + "\nFrom MAILER-DAEMON Mon Jun  3 11:00:00 2024\n" + two + "\n"
)

// step is one step of the sequence, in a form that can be compared.
type step struct {
	file, subject string
	failed        string // a part of the error
}

func collect(t *testing.T, args intake.Args) []step {
	t.Helper()
	var steps []step
	for item, err := range intake.Messages(context.Background(), args) {
		s := step{file: item.File}
		if err != nil {
			var e *intake.Error
			if !errors.As(err, &e) {
				t.Fatalf("%v is no *intake.Error", err)
			}
			s.failed = e.Sentence()
		}
		if _, after, ok := strings.Cut(string(item.Data), "Subject: "); ok {
			s.subject, _, _ = strings.Cut(after, "\n")
		}
		steps = append(steps, s)
	}
	return steps
}

// want compares, an expected error being a part of the one that came.
func want(t *testing.T, got []step, wanted ...step) {
	t.Helper()
	same := slices.EqualFunc(got, wanted, func(g, w step) bool {
		return g.file == w.file && g.subject == w.subject && (g.failed == "") == (w.failed == "") && strings.Contains(g.failed, w.failed)
	})
	if !same {
		t.Errorf("got:\n%+v\nwant:\n%+v", got, wanted)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// packed is a zip of name, text, name, text …
func packed(t testing.TB, files ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		w, err := z.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, files[i+1])
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func squeezed(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	io.WriteString(z, text)
	z.Close()
	return b.String()
}

func TestFilesAreKnownByContent(t *testing.T) {
	cases := []struct {
		rule, name, text string
		want             []step
	}{
		{"a message", "a.eml", one, []step{{"a.eml", "one", ""}}},
		{"a message with any name", "strange", one, []step{{"strange", "one", ""}}},
		{"a message after a byte order mark and empty lines", "a.eml", "\xef\xbb\xbf\r\n\r\n" + one, []step{{"a.eml", "one", ""}}},
		{"a mailbox", "in.mbox", mbox, []step{{"in.mbox#1", "one", ""}, {"in.mbox#2", "two", ""}}},
		{"a mailbox with any name", "Inbox", mbox, []step{{"Inbox#1", "one", ""}, {"Inbox#2", "two", ""}}},
		{"a mailbox named like a message", "a.eml", mbox, []step{{"a.eml#1", "one", ""}, {"a.eml#2", "two", ""}}},
		{"a message with its From_ line", "a.eml", "From x Mon Jun  3 10:00:00 2024\n" + one, []step{{"a.eml", "one", ""}}},
		{"a mailbox that is one message", "a.mbox", one, []step{{"a.mbox", "one", ""}}},
		{"text around a quoted header", "a.eml", "Dear user,\n\nit failed:\n\n" + two, []step{{"a.eml", "two", ""}}},
		{"gzip of a mailbox", "in.mbox.gz", squeezed(mbox), []step{{"in.mbox.gz#1", "one", ""}, {"in.mbox.gz#2", "two", ""}}},
		{"gzip of a message", "a.eml.gz", squeezed(one), []step{{"a.eml.gz", "one", ""}}},

		{"empty", "a.eml", "", []step{{"a.eml", "", "is empty"}}},
		{"blanks only", "a.eml", "\r\n\n  \n", []step{{"a.eml", "", "is empty"}}},
		{"a mailbox that isn't one", "a.mbox", "some notes\nof mine\n", []step{{"a.mbox", "", "is not a mailbox"}}},
		{"prose that begins with From", "a.txt", "From here on, all is well.\nReally.\n", []step{{"a.txt", "", "is not mail"}}},
		{"a PDF", "a.eml", "%PDF-1.7\n", []step{{"a.eml", "", "is a PDF document"}}},
		{"an Outlook message", "a.msg", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", []step{{"a.msg", "", "Outlook .msg"}}},
		{"UTF-16", "a.txt", "\xff\xfeF\x00r\x00", []step{{"a.txt", "", "UTF-16"}}},
		{"a web page", "a.html", "<!DOCTYPE html><p>Subject: x", []step{{"a.html", "", "web page"}}},
		{"text", "a.txt", "Note: nothing\nTodo: less\n", []step{{"a.txt", "", "is not mail"}}},
		{"a tar", "a.tar", strings.Repeat("a", 257) + "ustar\x00" + one, []step{{"a.tar", "", "tar archive"}}},
		{"random octets", "a.bin", "\x00\x01\x02\x80\xff" + strings.Repeat("\x00", 100), []step{{"a.bin", "", "is not mail"}}},
	}
	for _, c := range cases {
		t.Run(c.rule, func(t *testing.T) {
			t.Chdir(t.TempDir())
			write(t, c.name, c.text)
			want(t, collect(t, intake.Args{Paths: []string{c.name}}), c.want...)
			for i := range c.want { // the same from a stream
				c.want[i].file = "-" + strings.TrimPrefix(c.want[i].file, c.name)
			}
			if strings.HasSuffix(c.name, ".eml") || strings.HasSuffix(c.name, ".mbox") {
				return // a stream has no name that breaks ties
			}
			want(t, collect(t, intake.Args{Paths: []string{"-"}, Stdin: strings.NewReader(c.text)}), c.want...)
		})
	}
}

func TestUnopenedFilesAreNamedAndTheRestGoesOn(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	write(t, "a.eml", one)
	write(t, "secret.eml", one)
	os.Chmod("secret.eml", 0)
	wanted := []step{{"gone.mbox", "", "does not exist"}, {"secret.eml", "", "may not be read"}, {"a.eml", "one", ""}}
	if os.Getuid() == 0 {
		wanted[1] = step{"secret.eml", "one", ""} // root reads all
	}
	want(t, collect(t, intake.Args{Paths: []string{"gone.mbox", "secret.eml", "a.eml"}}), wanted...)
}

func TestFolders(t *testing.T) {
	t.Run("every message below, by name; other files told of once", func(t *testing.T) {
		t.Chdir(t.TempDir())
		write(t, "in/b.eml", one)
		write(t, "in/a/deep.eml", two)
		write(t, "in/a/box.mbox", mbox)
		write(t, "in/photo.jpg", "\xff\xd8\xff\xe0")
		write(t, "in/notes.txt", "Subject: and\nFrom: are no header, but\n\nproper")
		write(t, "in/readme", "words\nFrom: x\nTo: y\n")
		write(t, "in/broken.eml", "words")
		write(t, "in/.DS_Store", "x")
		write(t, "in/.git/config", one)
		want(t, collect(t, intake.Args{Paths: []string{"in"}}),
			step{"in/a/box.mbox#1", "one", ""}, step{"in/a/box.mbox#2", "two", ""}, step{"in/a/deep.eml", "two", ""},
			step{"in/b.eml", "one", ""}, step{"in/broken.eml", "", "is not mail"},
			step{"in/notes.txt", "and", ""}, step{"in", "", "holds 2 files that are no mail, left out (in/photo.jpg, in/readme)"})
	})
	t.Run("a Maildir: cur and new, not tmp; folders with a dot", func(t *testing.T) {
		t.Chdir(t.TempDir())
		for _, d := range []string{"cur", "new", "tmp", ".Junk/cur", ".Junk/new", ".Junk/tmp"} {
			os.MkdirAll(filepath.Join("M", d), 0o700)
		}
		write(t, "M/cur/1.h:2,S", "From x Mon Jun  3 10:00:00 2024\n"+one)
		write(t, "M/new/2.h", two)
		write(t, "M/tmp/3.h", two)
		write(t, "M/.Junk/new/4.h", one)
		want(t, collect(t, intake.Args{Paths: []string{"M"}}),
			step{"M/.Junk/new/4.h", "one", ""}, step{"M/cur/1.h:2,S", "one", ""}, step{"M/new/2.h", "two", ""})
	})
	t.Run("tmp is an ordinary name elsewhere", func(t *testing.T) {
		t.Chdir(t.TempDir())
		write(t, "in/tmp/a.eml", one)
		want(t, collect(t, intake.Args{Paths: []string{"in"}}), step{"in/tmp/a.eml", "one", ""})
	})
	t.Run("no link is followed out", func(t *testing.T) {
		t.Chdir(t.TempDir())
		write(t, "out/secret.eml", two)
		write(t, "in/a.eml", one)
		os.Symlink("../out/secret.eml", "in/b.eml")
		os.Symlink("../out", "in/c")
		os.Symlink("a.eml", "in/d.eml")
		os.Symlink(".", "in/e")
		want(t, collect(t, intake.Args{Paths: []string{"in"}}),
			step{"in/a.eml", "one", ""}, step{"in/b.eml", "", "leads out of the folder"}, step{"in/c", "", "leads out of the folder"})
	})
	t.Run("a folder without mail", func(t *testing.T) {
		t.Chdir(t.TempDir())
		write(t, "in/a.txt", "words")
		os.Mkdir("empty", 0o700)
		want(t, collect(t, intake.Args{Paths: []string{"in", "empty"}}),
			step{"in", "", "holds no message (1 looked at: in/a.txt)"}, step{"empty", "", "holds no message"})
	})
}

func TestArchives(t *testing.T) {
	cases := []struct {
		rule, text string
		want       []step
	}{
		{"messages and mailboxes", packed(t, "x/a.eml", one, "b.mbox", mbox, "c.png", "\x89PNG", "__MACOSX/._a.eml", one, "x/", ""),
			[]step{{"z.zip/x/a.eml", "one", ""}, {"z.zip/b.mbox#1", "one", ""}, {"z.zip/b.mbox#2", "two", ""}, {"z.zip", "", "holds 1 file that is no mail"}}},
		{"a zip in a zip", packed(t, "in.zip", packed(t, "a.eml", one)), []step{{"z.zip/in.zip/a.eml", "one", ""}}},
		{"not deeper", packed(t, "1.zip", packed(t, "2.zip", packed(t, "a.eml", one)), "a.eml", two),
			[]step{{"z.zip/1.zip/2.zip", "", "too deep"}, {"z.zip/1.zip", "", "holds no message"}, {"z.zip/a.eml", "two", ""}}},
		{"gzip in a zip", packed(t, "a.eml.gz", squeezed(one)), []step{{"z.zip/a.eml.gz", "one", ""}}},
		{"a path that climbs is only a name", packed(t, "../../etc/a.eml", one), []step{{"z.zip/../../etc/a.eml", "one", ""}}},
		{"an empty archive", packed(t), []step{{"z.zip", "", "holds no message"}}},
		{"an archive without mail", packed(t, "a.txt", "words"), []step{{"z.zip", "", "holds no message (1 looked at: z.zip/a.txt)"}}},
		{"an office document", packed(t, "[Content_Types].xml", "<x/>", "word/document.xml", "<x/>"), []step{{"z.zip", "", "office document"}}},
		{"a damaged archive", "PK\x03\x04 and no more", []step{{"z.zip", "", "damaged zip"}}},
		{"a cut gzip", squeezed(mbox)[:20], []step{{"z.zip", "", ""}}},
	}
	for _, c := range cases {
		t.Run(c.rule, func(t *testing.T) {
			t.Chdir(t.TempDir())
			write(t, "z.zip", c.text)
			if c.rule == "a cut gzip" {
				got := collect(t, intake.Args{Paths: []string{"z.zip"}})
				if len(got) == 0 {
					t.Error("a cut archive vanishes without a word")
				}
				return
			}
			want(t, collect(t, intake.Args{Paths: []string{"z.zip"}}), c.want...)
			up := intake.Upload{Name: "z.zip", Data: strings.NewReader(c.text), Size: int64(len(c.text))}
			want(t, collect(t, intake.Args{Uploads: []intake.Upload{up}}), c.want...)
			for i := range c.want {
				c.want[i].file = "-" + strings.TrimPrefix(c.want[i].file, "z.zip")
				c.want[i].failed = strings.ReplaceAll(c.want[i].failed, "z.zip", "-")
			}
			want(t, collect(t, intake.Args{Paths: []string{"-"}, Stdin: strings.NewReader(c.text)}), c.want...)
		})
	}
}

func TestLockedEntriesAreReported(t *testing.T) {
	text := []byte(packed(t, "a.eml", one, "b.eml", two))
	dir := bytes.Index(text, []byte("PK\x01\x02"))
	text[dir+8] |= 1 // the flag of an encrypted entry, in the directory
	up := intake.Upload{Name: "z.zip", Data: bytes.NewReader(text), Size: int64(len(text))}
	want(t, collect(t, intake.Args{Uploads: []intake.Upload{up}}),
		step{"z.zip/a.eml", "", "locked with a password"}, step{"z.zip/b.eml", "two", ""})
}

func TestABombEndsAtItsBudget(t *testing.T) {
	first := packed(t, "a.eml", one+strings.Repeat("a", intake.MaxMessage))
	z, err := zip.NewReader(strings.NewReader(first), int64(len(first)))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	copies := zip.NewWriter(&b)
	for range 4 {
		if err := copies.Copy(z.File[0]); err != nil {
			t.Fatal(err)
		}
	}
	copies.Close()
	text := b.String()
	got := collect(t, intake.Args{Uploads: []intake.Upload{{Name: "z.zip", Data: strings.NewReader(text), Size: int64(len(text))}}})
	last := got[len(got)-1]
	if len(got) > 4 || !strings.Contains(last.failed, "unpacks to far more than mail does") {
		t.Errorf("got %+v", got)
	}
}

func TestALongMessageIsCutAndSaysSo(t *testing.T) {
	text := one + strings.Repeat("a", intake.MaxMessage)
	for item, err := range intake.Messages(context.Background(), intake.Args{Paths: []string{"-"}, Stdin: strings.NewReader(text)}) {
		if err != nil || len(item.Data) != intake.MaxMessage || len(item.Warnings) != 1 {
			t.Errorf("%d octets, warnings %v, error %v", len(item.Data), item.Warnings, err)
		}
	}
}

func TestTheSequenceEndsWithItsReader(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "in/a.eml", one)
	write(t, "in/b.mbox", mbox)
	write(t, "in/c.zip", packed(t, "a.eml", one))
	all := len(collect(t, intake.Args{Paths: []string{"in", "in"}}))
	for stop := 1; stop <= all; stop++ {
		n := 0
		for range intake.Messages(context.Background(), intake.Args{Paths: []string{"in", "in"}}) {
			if n++; n == stop {
				break
			}
		}
	}
	for stop := range all {
		ctx, cancel := context.WithCancel(context.Background())
		n := 0
		var last error
		for _, err := range intake.Messages(ctx, intake.Args{Paths: []string{"in", "in"}}) {
			if n++; n > stop {
				cancel()
			}
			last = err
		}
		cancel()
		if stop < all-1 && !errors.Is(last, context.Canceled) {
			t.Errorf("cancelled at %d of %d: the last error is %v", stop, all, last)
		}
	}
}

func TestProgressReachesTheTotal(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "in/a.eml", one)
	write(t, "in/c.zip", packed(t, "a.eml", one))
	var done, total int64
	for range intake.Messages(context.Background(), intake.Args{Paths: []string{"in"}, Progress: func(d, t int64) { done, total = d, t }}) {
	}
	if total == 0 || done != total {
		t.Errorf("%d of %d", done, total)
	}
}

// TestOneMessageOfAMailbox states what FILE#N means as an argument.
func TestOneMessageOfAMailbox(t *testing.T) {
	dir := t.TempDir()
	box, single, odd := filepath.Join(dir, "in.mbox"), filepath.Join(dir, "a.eml"), filepath.Join(dir, "b#1")
	write(t, box, mbox)
	write(t, single, one)
	write(t, odd, two)
	for _, tc := range []struct {
		rule, path string
		want       step
	}{
		{"the first", box + "#1", step{box + "#1", "one", ""}},
		{"the last", box + "#2", step{box + "#2", "two", ""}},
		{"one that is not there", box + "#3", step{box + "#3", "", "has 2 messages"}},
		{"messages count from 1", box + "#0", step{box + "#0", "", "does not exist"}},
		{"a sign is no number", box + "#+1", step{box + "#+1", "", "does not exist"}},
		{"no number", box + "#", step{box + "#", "", "does not exist"}},
		{"no such file", filepath.Join(dir, "no.mbox#1"), step{filepath.Join(dir, "no.mbox#1"), "", "does not exist"}},
		{"a file of that very name comes first", odd, step{odd, "two", ""}},
		{"the only message of a file", single + "#1", step{single, "one", ""}},
		{"more than the only one", single + "#2", step{single + "#2", "", "has 1 message"}},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			want(t, collect(t, intake.Args{Paths: []string{tc.path}}), tc.want)
		})
	}
	want(t, collect(t, intake.Args{Paths: []string{box + "#2", single, box + "#1"}}), step{box + "#2", "two", ""}, step{single, "one", ""}, step{box + "#1", "one", ""})
	for range intake.Messages(t.Context(), intake.Args{Paths: []string{box + "#1", single}}) {
		break // a reader that has enough is not called again
	}
}
