//go:build e2e

package web

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"unspoof/internal/example"
)

// The whole job, as a person does it: hand over a mailbox, name the domain, read
// the verdict, answer the question, note what was done, get the record; and find
// the case again after a restart.
func TestTheWholeJob(t *testing.T) {
	mailbox, zoneFile := writeMailbox(t)
	data := filepath.Join(t.TempDir(), "data")
	p := serve(t, data, zoneFile)
	b := open(t)

	if status := b.goTo(p.at("/")); status != 401 {
		t.Errorf("without the token: status %d, want 401", status)
	}
	b.want("main", "This page is locked")
	b.goTo(p.start.String())
	if got := b.location(); got != p.at("/") {
		t.Errorf("the token stays in the address: %s", got)
	}
	b.want("main", "I am getting bounce messages for mail I did not send")
	b.accessible()

	// Without a file the form says what is missing, and keeps what was typed.
	b.do(chromedp.SendKeys("#domain", "quay-books.example"))
	b.press("form[action='/cases'] button")
	b.want("[role=alert]", "No message was handed over")
	if got, err := chromedp.Run(b.ctx, chromedp.Value("#domain")); err != nil || got != "quay-books.example" {
		t.Errorf("the domain typed is now %q, error %v", got, err)
	}

	b.do(chromedp.SetUploadFiles("#files", []string{mailbox}))
	b.want(".chosen", "bounces.mbox")
	b.press("form[action='/cases'] button")
	home := b.location()
	if !strings.HasPrefix(home, p.at("/cases/")) {
		t.Fatalf("after the upload at %s", home)
	}
	b.want("h1", "quay-books.example")
	b.want(".verdict", "Not decided yet", "14 messages were read", "14 undecided")
	b.want(".next", "Answer one question")
	b.want("#campaigns", "Your invoice <img src=http://tracker.example/pixel.gif>", "</title><script>alert(1)</script>")
	b.accessible()

	b.want("#question", "192.0.2.80")
	b.press("#question button[value=yes]")
	b.want(".notice", "judged anew")
	b.want(".verdict", "Forged, not hacked", "14 forged")
	b.want("#exposure", "Anyone can send as you", "no DMARC record")
	b.want(".next", "_dmarc.quay-books.example", "v=DMARC1")

	// The button copies, or at least marks what to copy.
	b.copies("[data-copy=next-record]")

	b.do(
		chromedp.SetValue("#event-type", "spf-published"),
		chromedp.SetValue("#event-time", "2026-04-07T16:30"),
		chromedp.SendKeys("#event-account", "shop"),
	)
	b.press("#timeline form.row button")
	b.want("#timeline", "SPF record published", "Tue 7 Apr 2026, 16:30 UTC")
	if n := eval[int](b, `document.querySelectorAll("svg.chart rect").length`); n == 0 {
		t.Error("the timeline has no bar")
	}
	if n := eval[int](b, `document.querySelectorAll("svg.chart line.mark").length`); n != 1 {
		t.Errorf("the timeline has %d marks, want that of the event", n)
	}

	b.do(chromedp.Click("#record > details > summary", chromedp.NodeVisible), chromedp.SetValue("#r-addresses", "192.0.2.80"))
	b.press("#record button.main")
	b.want("#spf-panel", "v=spf1 ip4:192.0.2.80 ~all")
	b.want("#spf-quoted", `"v=spf1 ip4:192.0.2.80 ~all"`)
	b.want("#spf-zone", "quay-books.example. 3600 IN TXT")
	b.want("#dmarc-panel", "v=DMARC1")
	b.accessible()
	b.goTo(home)

	b.press("a[href$='/messages']")
	b.want("table", "non-delivery notice", "forged")
	b.accessible()
	b.press("a[href$='/messages/1']")
	b.want("main", "Could be forged by", "203.0.113.7", "bounces.mbox#1")
	b.accessible()
	if links := eval[[]string](b, `[...document.querySelectorAll("[href],[src],[action]")].map((e) => e.href || e.src || e.action).filter((a) => !a.startsWith(location.origin))`); len(links) > 0 {
		t.Errorf("the page leads elsewhere: %v", links)
	}

	p.stop(t)
	p = serve(t, data, zoneFile)
	b.goTo(p.start.String())
	b.want(".cases", "quay-books.example", "Forged, not hacked")
	b.press(".cases a")
	b.want(".verdict", "Forged, not hacked")
	b.want("#timeline", "SPF record published")

	b.press("a.button.danger")
	b.want("h1", "Delete the case of quay-books.example?")
	b.press("button.danger")
	if got := b.location(); got != p.at("/") {
		t.Errorf("after the deletion at %s", got)
	}
	if strings.Contains(b.text("main"), "quay-books.example") {
		t.Error("the deleted case is still listed")
	}
	p.stop(t)
	left, err := os.ReadFile(filepath.Join(data, "unspoof.db"))
	if err != nil || strings.Contains(string(left), "quay-books") {
		t.Errorf("the deleted case is still in the file, or: %v", err)
	}
}

// The example, by somebody who is just looking; UNSPOOF_SCREENS=docs/screens
// takes the pictures of the handbook.
func TestTheExample(t *testing.T) {
	_, zoneFile := writeMailbox(t)
	p := serve(t, filepath.Join(t.TempDir(), "data"), zoneFile)
	b := open(t)
	b.goTo(p.start.String())
	b.picture("start", "body")
	b.press("form[action='/example'] button")
	home := b.location()
	b.want(".verdict", "Forged, not hacked", "high confidence")
	b.want("#campaigns", "Your account is limited", "PayPal")
	b.want("#exposure", "Anyone can send as you")
	b.accessible()
	b.picture("case", "body")
	b.picture("case-evidence", "#why")
	b.picture("case-campaigns", "#campaigns")
	b.picture("case-timeline", "#timeline")
	b.picture("case-exposure", "#exposure")
	b.do(chromedp.Click("#record > details > summary", chromedp.NodeVisible))
	b.press("#record button.main")
	b.want("#spf-panel", "v=spf1")
	b.picture("record", "body")
	b.goTo(home + "/messages")
	b.picture("messages", "body")
	b.goTo(home + "/messages/1")
	b.picture("message", "body")
	b.goTo(home + "/delete")
	b.picture("delete", "body")
	b.goTo(p.at("/check?domain=quay-books.example"))
	b.want("main", "Anyone can send as you")
	b.accessible()
	b.picture("check", "body")
	b.goTo(home + "/messages/1/inspect")
	b.want("h1", "Who really sent this message?")
	b.want("#letter", "A message attached to it")
	b.accessible()
	b.goTo(p.at("/cases/nothing"))
	b.want("main", "There is no such page here")
	b.accessible()
	b.goTo(p.at("/"))
	b.want(".cases", example.Domain, "example")
	b.accessible()
}

// One message that pretends, as somebody hands it over who wonders.
func TestOneMessage(t *testing.T) {
	_, zoneFile := writeMailbox(t)
	letter := filepath.Join(t.TempDir(), "suspicious.eml")
	if err := os.WriteFile(letter, []byte(pretender), 0o600); err != nil {
		t.Fatal(err)
	}
	p := serve(t, filepath.Join(t.TempDir(), "data"), zoneFile)
	b := open(t)
	b.goTo(p.start.String())
	b.press("nav a[href='/inspect']")
	b.want("h1", "Who really sent this message?")
	b.accessible()
	b.press("form[action='/inspect'] button")
	b.want("[role=alert]", "No message was handed over")

	b.do(chromedp.SetUploadFiles("#i-message", []string{letter}))
	b.want(".chosen", "suspicious.eml")
	b.press("form[action='/inspect'] button")
	b.want(".verdict", "Don’t believe who it says it is from", "Nothing shows that tidewater-bank.example sent this", "reads as the address", "asks for a receipt")
	b.want(".way", "here it came in", "only claimed", "203.0.113.7")
	b.want("#letter", "</title><script>alert(1)</script>", "hxxps://login[.]evil[.]example", "invoice[U+202E]fdp.exe", "no read receipt was sent")
	b.accessible()
	if links := eval[[]string](b, `[...document.querySelectorAll("[href],[src],[action]")].map((e) => e.href || e.src || e.action).filter((a) => !a.startsWith(location.origin))`); len(links) > 0 {
		t.Errorf("the page leads elsewhere: %v", links)
	}
	b.picture("inspect", "body")

	b.goTo(p.at("/"))
	if strings.Contains(b.text("main"), "Earlier cases") {
		t.Error("the message was kept")
	}
}

// Everything but dropping and copying works without script.
func TestWithoutScript(t *testing.T) {
	mailbox, zoneFile := writeMailbox(t)
	p := serve(t, filepath.Join(t.TempDir(), "data"), zoneFile)
	b := open(t)
	b.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	}))
	b.goTo(p.start.String())
	b.do(chromedp.SetUploadFiles("#files", []string{mailbox}), chromedp.SendKeys("#domain", "quay-books.example"))
	b.press("form[action='/cases'] button")
	b.press("#question button[value=yes]")
	b.want(".verdict", "Forged, not hacked")
	b.press(".next a.button.main")
	for range 4 {
		b.want("main", "Question")
		b.press("form.card button")
	}
	b.want("main", "The records for quay-books.example", "Your next step", "p=none")
}
