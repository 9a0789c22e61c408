//go:build e2e

package web

import (
	"encoding/json"
	"net/http"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"unspoof/internal/example"
)

// narrow makes the window as wide as a telephone's, and looks at the page so; name
// is that of the picture, "" none.
func (b *browser) narrow(name string) {
	b.t.Helper()
	b.do(chromedp.EmulateViewport(390, 844))
	b.accessible()
	if name != "" {
		b.picture(name+"-narrow", "body")
	}
	b.do(chromedp.EmulateViewport(1000, 1250))
}

// staysHere checks that nothing on the page leads elsewhere.
func (b *browser) staysHere() {
	b.t.Helper()
	if links := eval[[]string](b, `[...document.querySelectorAll("[href],[src],[action]")].map((e) => e.href || e.src || e.action).filter((a) => typeof a === "string" && !a.startsWith(location.origin))`); len(links) > 0 {
		b.t.Errorf("%s leads elsewhere: %v", b.location(), links)
	}
}

// The first three steps of somebody in panic: hand over the bounces, hear that it
// is forged and that others can still do it, say how mail is sent, get the records.
func TestFromPanicToRecords(t *testing.T) {
	mailbox, zoneFile := writeShop(t)
	p := serve(t, filepath.Join(t.TempDir(), "data"), zoneFile)
	b := open(t)
	b.goTo(p.start.String())
	b.want("main", "I am getting bounce messages for mail I did not send")

	b.do(chromedp.SetUploadFiles("#files", []string{mailbox}), chromedp.SendKeys("#domain", "quay-books.example"))
	b.press("form[action='/cases'] button")
	b.press("#question button[value=yes]")
	b.want(".verdict", "Forged, not hacked")
	b.picture("d1-verdict", "body")
	b.want("#exposure", "Anyone can send as you", "Grade", "DMARC-001")
	b.accessible()
	b.picture("d1-exposure", "#exposure")
	b.want(".next", "Tell me how you send mail")

	b.press(".next a.button.main")
	b.want("h1", "Where do you read and write your mail?")
	b.want(".choices", "Microsoft 365", "protection.outlook.com")
	if !eval[bool](b, `document.querySelector("input[value='service:microsoft-365']").checked`) {
		t.Error("Microsoft 365 is not ticked, though DNS names it")
	}
	b.accessible()
	b.staysHere()
	b.picture("wizard-1-mailboxes", "body")
	b.narrow("wizard-1-mailboxes")

	b.press("form.card button")
	b.want("h1", "newsletters")
	if !eval[bool](b, `document.querySelector("input[value='service:mailchimp']").checked`) {
		t.Error("Mailchimp is not ticked, though DNS names it")
	}
	b.accessible()
	b.picture("wizard-2-newsletters", "body")

	// A service that nobody knows is asked for again, with what was typed.
	b.do(chromedp.SendKeys("#w-more", "Mailchump"))
	b.press("form.card button")
	b.want("h1", "newsletters")
	b.want("[role=alert]", "Did you mean", "Mailchimp")
	eval[bool](b, `(document.querySelector("#w-more").value = "", true)`)
	b.press("form.card button")
	b.want("h1", "machine of yours")
	b.want(".choices", "192.0.2.80")
	b.accessible()
	b.do(chromedp.Click("details > summary", chromedp.NodeVisible), chromedp.SendKeys("#w-addresses", "203.0.113.44"))
	b.picture("wizard-3-servers", "body")
	b.press("form.card button")
	b.want("h1", "Are these yours?")
	b.want("main", "_spf.oldshop.example", "SendGrid", "203.0.113.0/24", "nothing proves that it was you")
	if eval[bool](b, `document.querySelector("input[value='service:sendgrid']").checked`) {
		t.Error("a stranger is ticked")
	}
	if eval[bool](b, `!!document.querySelector("input[value*='203.0.113.0']")`) {
		t.Error("a network of strangers can be ticked")
	}
	b.accessible()
	b.picture("wizard-4-yours", "body")

	// The old shop is not ticked any more.
	b.do(chromedp.Click("input[value='include:_spf.oldshop.example']", chromedp.NodeVisible))
	b.press("form.card button")
	b.want("h1", "Where should the reports go?")
	b.accessible()
	b.picture("wizard-5-reports", "body")
	b.do(chromedp.SendKeys("#w-reports", "reports@quay-books.example"))
	b.press("form.card button")

	// The browser's way back keeps what was typed, and leads here again.
	result := b.location()
	eval[bool](b, `(history.back(), true)`)
	b.wait(`document.readyState === "complete" && document.querySelector("h1").textContent.includes("Where should the reports go?")`)
	if got := eval[string](b, `document.querySelector("#w-reports").value`); got != "reports@quay-books.example" {
		t.Errorf("back at the question the address is %q", got)
	}
	if eval[bool](b, `document.querySelector("form.card button").disabled || !document.querySelector("form.card button").textContent.includes("Show the records")`) {
		t.Error("back at the question its button cannot be pressed")
	}
	b.goTo(result)

	b.want("h1", "The records for quay-books.example")
	b.want("#guard", "who could no longer send", "_spf.oldshop.example", "17 IPv4 addresses", "stays in the record")
	b.want("#next-card, .card.next:last-of-type", "Say of each sender above whether it may go")
	b.accessible()
	b.staysHere()
	b.picture("plan-guard", "body")
	b.narrow("plan-guard")
	if spf := b.text("main"); !strings.Contains(spf, "include:_spf.oldshop.example") {
		t.Error("the sender that was not let go is not in the record")
	}

	for _, box := range eval[[]string](b, `[...document.querySelectorAll("#guard input[name=drop]")].map((e) => e.value)`) {
		b.do(chromedp.Click("#guard input[value='"+box+"']", chromedp.NodeVisible))
	}
	b.press("#guard button")
	b.want("#guard", "These can no longer send, as you said")
	b.want("#step-1", "DMARC", "p=none", "reports@quay-books.example")
	b.want("#step-2", "v=spf1 ip4:192.0.2.80", "include:spf.protection.outlook.com", "What changes by it", "17 IPv4 addresses")
	if spf := b.text("#step-2 code[id$=-panel]"); strings.Contains(spf, "oldshop") {
		t.Errorf("who was let go is still in the record: %s", spf)
	}
	b.want("#step-2 code[id$=-panel]", "ip4:203.0.113.44")
	if n := eval[int](b, `document.querySelectorAll("#step-2 svg.bar rect.gained").length`); n != 1 {
		t.Errorf("%d bars of who gains, want that of the shop", n)
	}
	if n := eval[int](b, `document.querySelectorAll("#step-2 svg.bar rect.lost").length`); n == 0 {
		t.Error("the difference is not drawn")
	}
	b.want("main", "The way to “refuse forged mail”", "Your next step")
	b.accessible()
	b.staysHere()
	b.picture("plan", "body")
	b.picture("plan-spf", "#step-2")
	b.picture("plan-ladder", "#ladder")
	b.do(chromedp.EmulateViewport(390, 844))
	b.accessible()
	b.do(chromedp.EmulateViewport(1000, 1250))
	b.copies("#step-1 [data-copy$=-panel]")

	b.press("a[href^='/inventory']")
	b.want("h1", "Who sends mail for this domain?")
	b.want("main", "Microsoft 365", "Mailchimp", "SPF record", "DKIM key", "Counts as yours by SPF")
	b.accessible()
	b.staysHere()
	b.picture("inventory", "body")
	b.narrow("")
}

// The pages about a domain that has no case.
func TestTakenApart(t *testing.T) {
	_, zoneFile := writeShop(t)
	p := serve(t, filepath.Join(t.TempDir(), "data"), zoneFile)
	b := open(t)
	b.goTo(p.start.String())

	b.goTo(p.at("/check?domain=quay-books.example"))
	b.press("a[href^='/spf']")
	b.want("h1", "Who may send, by the SPF record?")
	b.want("main", "Within the limits", "Microsoft 365", "64 IPv4 addresses")
	b.accessible()

	b.goTo(p.at("/spf?domain=grown.example"))
	b.want("main", "Too many look-ups", "of 10 look-ups", "The cheapest ways out", "depends on the message")
	if n := eval[int](b, `document.querySelectorAll(".scale .over").length`); n == 0 {
		t.Error("the scale shows nothing beyond the limit")
	}
	b.accessible()
	b.staysHere()
	b.picture("spf", "body")
	b.picture("spf-cuts", "#cuts")
	b.narrow("spf")

	b.goTo(p.at("/check?domain=slip.example"))
	b.want("main", "What was found", "Grade")
	for _, fold := range []string{"details.finding", "details:has(.truth)"} {
		eval[bool](b, `(document.querySelectorAll("`+fold+`").forEach((e) => e.open = true), true)`)
	}
	b.want("main", "Put right:", "include:_spf.crm.example", "What is forged", "Follows DMARC")
	b.accessible()
	b.staysHere()
	b.picture("check-forgeries", "details:has(.truth)")
	b.picture("check-findings", ".finding:has(mark)")
	b.narrow("")
	b.press(".finding a[href^='/explain/']")
	b.want("main", "Why it matters", "What to do")
	b.accessible()
	b.picture("explain", "body")

	// The plain form, too, asks before anybody is shut out.
	b.goTo(p.at("/record?domain=quay-books.example&addresses=192.0.2.80"))
	b.want("main", "who could no longer send", "Microsoft 365", "_spf.oldshop.example")
	b.accessible()
	b.staysHere()
	b.picture("record-guard", "body")
	b.narrow("")
	for _, box := range eval[[]string](b, `[...document.querySelectorAll("#result input[name=drop]")].map((e) => e.value)`) {
		b.do(chromedp.Click("#result input[value='"+box+"']", chromedp.NodeVisible))
	}
	b.press("#result button")
	b.want("#spf-panel", "v=spf1 ip4:192.0.2.80 ~all")

	// Nothing sends for it: the pack that locks it.
	b.goTo(p.at("/wizard?domain=idle.example"))
	b.press("a[href*='parked']")
	b.want("main", "locked for good", "v=spf1 -all", "p=reject")
	b.accessible()
	b.picture("plan-parked", "body")

	// In use: asked first.
	b.goTo(p.at("/wizard?domain=quay-books.example"))
	b.press("a[href*='parked']")
	b.want("main", "Is it really not used?")
	if strings.Contains(b.text("main"), "v=spf1 -all") {
		t.Error("the pack is shown before it was confirmed")
	}
	b.accessible()
}

// The example, too, leads to its senders.
func TestTheExampleIsAsked(t *testing.T) {
	_, zoneFile := writeShop(t)
	p := serve(t, filepath.Join(t.TempDir(), "data"), zoneFile)
	b := open(t)
	b.goTo(p.start.String())
	b.press("form[action='/example'] button")
	home := b.location()
	b.press(".next a.button.main")
	b.want("main", "about "+example.Domain)
	b.goTo(strings.Replace(home, "/cases/", "/inventory?case=", 1))
	b.want("main", "mail.harbour.example", "letters.example")
	b.accessible()
}

// The API says what the command line says.
func TestSameJSON(t *testing.T) {
	_, zoneFile := writeShop(t)
	p := serve(t, filepath.Join(t.TempDir(), "data"), zoneFile)
	const (
		other  = "v=spf1 ip4:192.0.2.80 include:spf.protection.outlook.com -all"
		mapped = "v=spf1 ip4:192.0.2.80 ip6:::ffff:192.0.2.81 include:spf.protection.outlook.com ip4:192.0.2.80 -all"
		broken = "v=spf1 ip4:192.0.2. -all"
		lost   = "v=spf1 include:nobody.quay-books.example -all"
	)
	for _, tc := range []struct {
		rule, path string
		args       []string
	}{
		{"inventory", "/api/inventory?domain=quay-books.example", []string{"inventory", "quay-books.example"}},
		{"cost", "/api/spf/cost?domain=grown.example", []string{"spf", "cost", "grown.example"}},
		{"sets", "/api/spf/sets?domain=quay-books.example", []string{"spf", "sets", "quay-books.example"}},
		{"sets of addresses that no client has", "/api/spf/sets?domain=quay-books.example&record=" + strings.ReplaceAll(mapped, " ", "+"), []string{"spf", "sets", mapped, "--domain", "quay-books.example"}},
		{"sets of a broken record", "/api/spf/sets?domain=quay-books.example&record=" + strings.ReplaceAll(broken, " ", "+"), []string{"spf", "sets", broken, "--domain", "quay-books.example"}},
		{"sets of a broken include", "/api/spf/sets?domain=quay-books.example&record=" + strings.ReplaceAll(lost, " ", "+"), []string{"spf", "sets", lost, "--domain", "quay-books.example"}},
		{"sums of addresses that no client has", "/api/spf/diff?domain=quay-books.example&new=" + strings.ReplaceAll(mapped, " ", "+"), []string{"spf", "diff", "quay-books.example", mapped}},
		{"cost of a domain that does not exist", "/api/spf/cost?domain=nothing.example", []string{"spf", "cost", "nothing.example"}},
		{"diff", "/api/spf/diff?domain=quay-books.example&new=" + strings.ReplaceAll(other, " ", "+"), []string{"spf", "diff", "quay-books.example", other}},
		{"explain", "/api/explain?id=SPF-007", []string{"explain", "SPF-007"}},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			same(t, p.api(t, tc.path), command(t, zoneFile, tc.args...))
		})
	}
	for _, domain := range []string{"quay-books.example", "grown.example", "slip.example", "idle.example", "nothing.example"} {
		t.Run("check of "+domain, func(t *testing.T) {
			got := p.api(t, "/api/check?domain="+domain).(map[string]any)["posture"]
			list := command(t, zoneFile, "check", domain).(map[string]any)["domains"].([]any)
			if len(list) != 1 || got == nil {
				t.Fatalf("the command says %v, the API %v", list, got)
			}
			same(t, got, list[0])
		})
	}
}

// api gets an answer of the API.
func (p *program) api(t *testing.T, path string) (v any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.at(path), nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+p.start.Query().Get("token"))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&v); err != nil || resp.StatusCode != 200 {
		t.Fatalf("status %d, %v", resp.StatusCode, err)
	}
	return v
}

// command gets the same from the command line, whatever its status.
func command(t *testing.T, zoneFile string, args ...string) (v any) {
	t.Helper()
	cmd := exec.Command(binary, append(slices.Clone(args), "--json", "--dns", filepath.Base(zoneFile))...)
	cmd.Dir = filepath.Dir(zoneFile)
	out, err := cmd.Output()
	if len(out) == 0 {
		t.Fatalf("the command prints nothing: %v", err)
	}
	if err := json.Unmarshal(out, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func same(t *testing.T, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the API says\n%v\nand the command line\n%v", got, want)
	}
}
