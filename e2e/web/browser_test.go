//go:build e2e

package web

import (
	"context"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Times that end a test which hangs. None is part of what is tested: a busy
// machine takes minutes for what else takes seconds.
const (
	browserTime = 10 * time.Minute
	patience    = 2 * time.Minute // for one thing to happen
)

// browser is one headless Chromium with an empty profile.
type browser struct {
	t   *testing.T
	ctx context.Context

	mu     sync.Mutex
	seen   int      // requests
	faults []string // requests that left, errors on the console
}

// open starts a browser and watches every request that its page makes.
func open(t *testing.T) *browser {
	t.Helper()
	path := chromium(t)
	profile := t.TempDir()
	ctx, cancel := chromedp.NewExecAllocator(context.Background(),
		chromedp.ExecPath(path), chromedp.UserDataDir(profile), chromedp.WindowSize(1000, 1250),
		chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-default-apps", true),
		chromedp.Flag("disable-extensions", true),
		chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("disable-features", "Translate,OptimizationHints,MediaRouter"),
		// No name but loopback's can be reached, whatever asks for it.
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost"),
		chromedp.Flag("lang", "en-GB"),
		chromedp.WSURLReadTimeout(patience),
	)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx, chromedp.WithErrorf(t.Logf))
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, browserTime)
	t.Cleanup(cancel)
	b := &browser{t: t, ctx: ctx}
	if err := chromedp.Listen(ctx, b.watch); err != nil {
		t.Fatalf("start %s: %v", path, err)
	}
	t.Cleanup(b.report)
	return b
}

// chromium finds the browser, or skips the test.
func chromium(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("UNSPOOF_CHROMIUM"); path != "" {
		return path
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chromium-headless-shell"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("no Chromium here; install the package chromium, or name one with UNSPOOF_CHROMIUM")
	return ""
}

// watch notes what a page asks for, and what it complains of.
func (b *browser) watch(ev any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch ev := ev.(type) {
	case *network.EventRequestWillBeSent:
		if strings.HasPrefix(ev.Request.URL, "data:") {
			return // a picture inside the browser itself, of a calendar say
		}
		b.seen++
		u, err := url.Parse(ev.Request.URL)
		if err != nil || u.Hostname() != "127.0.0.1" || u.Scheme != "http" {
			b.faults = append(b.faults, "a request left this computer: "+ev.Request.URL)
		}
	case *network.EventWebSocketCreated:
		b.faults = append(b.faults, "a web socket was opened: "+ev.URL)
	case *runtime.EventExceptionThrown:
		b.faults = append(b.faults, "the script failed: "+ev.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		// Pages that say 400 or 404 on purpose are told there, too.
		if ev.Entry.Level == log.EntryLevelError && !strings.Contains(ev.Entry.Text, "Failed to load resource") {
			b.faults = append(b.faults, "on the console: "+ev.Entry.Text)
		}
	}
}

// report tells what watch found; there must have been something to watch.
func (b *browser) report() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range b.faults {
		b.t.Error(f)
	}
	if b.seen == 0 {
		b.t.Error("no request was seen, so nothing was watched")
	}
	b.t.Logf("%d requests, all to 127.0.0.1", b.seen)
}

func (b *browser) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// goTo opens an address and gives its status.
func (b *browser) goTo(address string) int64 {
	b.t.Helper()
	resp, err := chromedp.Run(b.ctx, chromedp.NavigateResponse(address))
	if err != nil {
		b.t.Fatalf("%s: %v", address, err)
	}
	return resp.Status
}

// press clicks and waits for the page that follows. A page that says that the
// messages are still being read looks again by itself, until they are.
func (b *browser) press(selector string) {
	b.t.Helper()
	if _, err := chromedp.RunResponse(b.ctx, chromedp.Click(selector, chromedp.NodeVisible)); err != nil {
		b.t.Fatalf("press %s: %v", selector, err)
	}
	b.wait(`document.readyState === "complete" && !document.querySelector("h1").textContent.startsWith("Reading")`)
}

// copies presses a copy button and waits until it says what came of it, however
// short that is to be seen.
func (b *browser) copies(selector string) {
	b.t.Helper()
	eval[bool](b, `(() => {
		const button = document.querySelector("`+selector+`");
		new MutationObserver(() => { button.dataset.said = "yes"; }).observe(button, { childList: true, characterData: true, subtree: true });
		return true;
	})()`)
	b.do(chromedp.Click(selector, chromedp.NodeVisible))
	b.wait(`document.querySelector("` + selector + `").dataset.said === "yes"`)
}

// text is what a reader sees of the page, or of a part of it.
func (b *browser) text(selector string) string {
	b.t.Helper()
	s, err := chromedp.Run(b.ctx, chromedp.Text(selector))
	if err != nil {
		b.t.Fatalf("text of %s: %v", selector, err)
	}
	return s
}

// want checks that a reader sees each of the words.
func (b *browser) want(selector string, words ...string) {
	b.t.Helper()
	s := b.text(selector)
	for _, w := range words {
		if !strings.Contains(s, w) {
			b.t.Errorf("%s does not say %q:\n%s", selector, w, s)
		}
	}
}

func (b *browser) location() string {
	b.t.Helper()
	s, err := chromedp.Run(b.ctx, chromedp.Location())
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

// eval gives the value of a script's expression.
func eval[T any](b *browser, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// wait looks until an expression is true, whatever page comes meanwhile.
func (b *browser) wait(expression string) {
	b.t.Helper()
	var ok bool
	var err error
	for end := time.Now().Add(patience); time.Now().Before(end) && b.ctx.Err() == nil; time.Sleep(20 * time.Millisecond) {
		// Between two pages there is none to ask.
		if ok, err = chromedp.Run(b.ctx, chromedp.Evaluate[bool](expression)); err == nil && ok {
			return
		}
	}
	b.t.Fatalf("it does not become so: %s (%v)", expression, err)
}

// picture writes what the window shows into the folder UNSPOOF_SCREENS, when
// that is set, from the top of the part selected on.
func (b *browser) picture(name, selector string) {
	b.t.Helper()
	folder := os.Getenv("UNSPOOF_SCREENS")
	if folder == "" {
		return
	}
	eval[bool](b, `(document.querySelector("`+selector+`").scrollIntoView(), true)`)
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Fatal(err)
	}
	if len(png) > 300<<10 {
		b.t.Errorf("%s has %d KB, more than the repository should carry", name, len(png)>>10)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), png, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// accessible checks what every page owes to those who can't see it or use no
// mouse: a language, one main heading, a name for each control and picture.
func (b *browser) accessible() {
	b.t.Helper()
	for _, fault := range eval[[]string](b, `(() => {
		const faults = [];
		if (!document.documentElement.lang) faults.push("no language");
		if (document.querySelectorAll("h1").length !== 1) faults.push(document.querySelectorAll("h1").length + " main headings");
		let last = 1;
		for (const h of document.querySelectorAll("h1,h2,h3,h4")) {
			const level = Number(h.tagName[1]);
			if (level > last + 1) faults.push("a heading is left out before: " + h.textContent);
			last = level;
		}
		for (const e of document.querySelectorAll("input:not([type=hidden]),select,textarea"))
			if (!e.labels.length) faults.push("no label: " + e.name);
		for (const e of document.querySelectorAll("button,a"))
			if (!(e.textContent.trim() || e.getAttribute("aria-label"))) faults.push("no name: " + e.outerHTML);
		for (const e of document.querySelectorAll("img")) if (!e.hasAttribute("alt")) faults.push("no text for a picture: " + e.src);
		const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
		for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) faults.push("twice: #" + id);
		if (document.documentElement.scrollWidth > innerWidth) {
			const wide = [...document.querySelectorAll("main *")].filter((e) => e.getBoundingClientRect().right > innerWidth && !e.closest(".wide"));
			faults.push("wider than the window: " + wide.slice(0, 3).map((e) => e.outerHTML.slice(0, 120)).join(" "));
		}
		return faults;
	})()`) {
		b.t.Errorf("%s: %s", b.location(), fault)
	}
}
