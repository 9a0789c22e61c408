package web

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"unspoof/dkim"
	"unspoof/dns/dnsfile"
	"unspoof/internal/inspect"
	"unspoof/internal/intake"
)

const inspectZone = `$TTL 3600
bank.example. TXT "v=spf1 ip4:192.0.2.10 -all"
_dmarc.bank.example. TXT "v=DMARC1; p=reject"
open.example. TXT "v=spf1 ip4:198.51.100.0/24 -all"
`

// letterFrom is a message that the mailbox's server took in from an address.
func letterFrom(ip, from, envelope, body string) string {
	return "Return-Path: <" + envelope + ">\r\n" +
		"Received: from relay.example (unknown [" + ip + "])\r\n\tby mx.harbour.example (Postfix) with ESMTP id A1\r\n\tfor <anna@harbour.example>; Mon, 02 Mar 2026 06:30:04 +0000\r\n" +
		"Received: from laptop (dyn.example [203.0.113.99]) by relay.example with ESMTPSA id B2; Mon, 02 Mar 2026 06:30:01 +0000\r\n" +
		"From: " + from + "\r\nTo: anna@harbour.example\r\nSubject: Your account\r\nDate: Mon, 02 Mar 2026 06:30:00 +0000\r\n" + body
}

func inspectServer(t testing.TB) *Server {
	t.Helper()
	s := newServer(t)
	view, err := dnsfile.Parse("inspect", []byte(inspectZone))
	if err != nil {
		t.Fatal(err)
	}
	s.resolver = view
	return s
}

func TestInspect(t *testing.T) {
	tests := []struct {
		name   string
		fields []field
		say    []string
	}{
		{"what the domain stands by",
			[]field{{"message", "a.eml", letterFrom("192.0.2.10", "Bank <info@bank.example>", "info@bank.example", "\r\nHello\r\n")}},
			[]string{"bank.example lets 192.0.2.10 send for it.</p>", "From where it says", "bank.example stands by this message", "here it came in", "only claimed", "<pre>Hello</pre>"}},
		{"what it forbids",
			[]field{{"message", "a.eml", letterFrom("203.0.113.7", "Bank <info@bank.example>", "x@relay.example", "\r\nHello\r\n")}},
			[]string{"Don’t believe who it says it is from", "Nothing shows that bank.example sent this", "asked to refuse it", "another organisation", "v=DMARC1; p=reject"}},
		{"a name that reads as an address",
			[]field{{"message", "a.eml", letterFrom("198.51.100.7", "\"info@bank.example\" <x@open.example>", "x@open.example", "\r\nHello\r\n")}},
			[]string{"but look twice", "speaks for a forgery", "The name reads as another address: <code>info@bank.example</code>"}},
		{"an envelope that vouches for itself",
			[]field{{"message", "a.eml", letterFrom("198.51.100.7", "info@bank.example", "x@open.example", "\r\nHello\r\n")}},
			[]string{"Don’t believe", "open.example lets 198.51.100.7 send for it. That is not the domain of From, so it says nothing about bank.example."}},
		{"nobody vouches",
			[]field{{"message", "a.eml", letterFrom("203.0.113.7", "x@nothing.example", "x@nothing.example", "\r\nHello\r\n")}},
			[]string{"Nobody vouches for it"}},
		{"pasted, with what is known beside it",
			[]field{{"message", "", ""}, {"paste", "", "From: info@bank.example\r\n\r\nHello\r\n"}, {"ip", "", " [192.0.2.10] "}, {"helo", "", "mx.bank.example"}, {"mail_from", "", "info@bank.example"}},
			[]string{"From where it says", "The address is as you gave it.", `value="[192.0.2.10]"`, "It carries no line of any server"}},
		{"the empty sender of a bounce",
			[]field{{"paste", "", "From: info@bank.example\r\n\r\nHello\r\n"}, {"ip", "", "192.0.2.10"}, {"helo", "", "bank.example"}, {"mail_from", "", "<>"}},
			[]string{"From where it says", "as the envelope names nobody", "nobody: so do bounces"}},
		{"no line of one's own",
			[]field{{"paste", "", "From: info@bank.example\r\n\r\nHello\r\n"}},
			[]string{"fill in the address below", "not checked"}},
		{"a request for a receipt",
			[]field{{"message", "a.eml", "Disposition-Notification-To: x@relay.example\r\n" + letterFrom("203.0.113.7", "x@open.example", "x@open.example", "\r\nHello\r\n")}},
			[]string{"It asks for a receipt", "no read receipt was sent"}},
		{"a mailbox of one message",
			[]field{{"message", "in.mbox", "From x@relay.example Mon Mar  2 06:30:04 2026\n" + strings.ReplaceAll(letterFrom("192.0.2.10", "info@bank.example", "info@bank.example", "\r\nHello\r\n"), "\r\n", "\n")}},
			[]string{"From where it says"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := inspectServer(t)
			w := s.upload(t, "/inspect", tt.fields...)
			page := w.Body.String()
			if w.Code != http.StatusOK {
				t.Fatalf("status %d: %s", w.Code, page)
			}
			for _, words := range tt.say {
				if !strings.Contains(page, words) {
					t.Errorf("the page does not say %q:\n%s", words, page)
				}
			}
			harmless(t, page)
			nothingKept(t, s)
		})
	}
}

// nothingKept checks that a message inspected leaves no case and no file.
func nothingKept(t testing.TB, s *Server) {
	t.Helper()
	spoolIsEmpty(t, s)
	if lines, err := s.store.Cases(context.Background()); err != nil || len(lines) != 0 {
		t.Errorf("%d cases were made, error %v", len(lines), err)
	}
}

func TestInspectRefuses(t *testing.T) {
	one := field{"message", "a.eml", letterFrom("192.0.2.10", "info@bank.example", "info@bank.example", "\r\nHello\r\n")}
	tests := []struct {
		name   string
		fields []field
		status int
		say    string
	}{
		{"nothing", nil, 400, "No message was handed over"},
		{"blank", []field{{"message", "a.eml", ""}, {"paste", "", " \r\n\t"}}, 400, "No message was handed over"},
		{"two files", []field{one, one}, 400, "more than one message"},
		{"a file and a paste", []field{one, {"paste", "", one.value}}, 400, "more than one message"},
		{"a mailbox of two", []field{{"message", "in.mbox", "From a@b.example Mon Mar  2 06:30:04 2026\nFrom: a@b.example\n\nx\n\nFrom a@b.example Mon Mar  2 06:30:05 2026\nFrom: a@b.example\n\ny\n"}}, 400, "more than one message"},
		{"a document", []field{{"message", "invoice.pdf", "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"}}, 400, "not mail"},
		{"a broken zip file", []field{{"message", "a.zip", "PK\x03\x04 and nothing more"}}, 400, "a.zip"},
		{"no address", []field{one, {"ip", "", "mail.example.com"}}, 400, "is no IP address"},
		{"a port", []field{one, {"ip", "", "192.0.2.1:25"}}, 400, "is no IP address"},
		{"an interface", []field{one, {"ip", "", "fe80::1%eth0"}}, 400, "is no IP address"},
		{"a name as long as a book", []field{one, {"helo", "", strings.Repeat("a", maxHELO+1)}}, 400, "longer than"},
		{"words for a name", []field{one, {"helo", "", "mail server"}}, 400, "is one word"},
		{"a name with an end of line", []field{one, {"helo", "", "a.example\r\nb"}}, 400, "is one word"},
		{"no sender", []field{one, {"mail_from", "", "anna"}}, 400, "The envelope sender is an address"},
		{"two senders", []field{one, {"mail_from", "", "a@b.example,c@d.example"}}, 400, "The envelope sender is an address"},
		{"hostile words", []field{one, {"ip", "", hostile[:60]}}, 400, "is no IP address"},
		{"a sender as long as a book", []field{one, {"mail_from", "", strings.Repeat("a", maxWord+3)}}, 400, "longer than"},
		{"an unknown field", []field{{"hack", "", "x"}}, 400, "not known here"},
		{"too large", []field{{"message", "a.eml", "From: a@b.example\r\n\r\n" + strings.Repeat("x", intake.MaxMessage+maxForm)}}, 413, "more than 32 MB"},
	}
	s := inspectServer(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, target := range []string{"/inspect", "/api/inspect"} {
				w := s.upload(t, target, tt.fields...)
				if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.say) {
					t.Errorf("%s: status %d, want %d and words that say %q:\n%s", target, w.Code, tt.status, tt.say, w.Body)
				}
			}
			nothingKept(t, s)
		})
	}
	for _, kind := range []string{"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=other", "application/json"} {
		r := s.browser("POST", "/inspect", strings.NewReader(one.value))
		r.Header.Set("Content-Type", kind)
		if w := s.do(r); w.Code != 400 {
			t.Errorf("%s: status %d", kind, w.Code)
		}
	}
}

func TestInspectIsGuarded(t *testing.T) {
	s := inspectServer(t)
	post := func(target string, change func(*http.Request)) int {
		body, kind := multi(t, field{"paste", "", "From: info@bank.example\r\n\r\nHello\r\n"})
		r := s.browser("POST", target, body)
		change(r)
		r.Header.Set("Content-Type", kind)
		return s.do(r).Code
	}
	evil := func(r *http.Request) {
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		r.Header.Set("Origin", "http://evil.example")
	}
	tests := []struct {
		name   string
		target string
		change func(*http.Request)
		want   int
	}{
		{"our form", "/inspect", func(*http.Request) {}, 200},
		{"another site's form", "/inspect", evil, 403},
		{"another site's call", "/api/inspect", evil, 403},
		{"no cookie", "/inspect", func(r *http.Request) { r.Header.Del("Cookie") }, 401},
		{"no cookie, API", "/api/inspect", func(r *http.Request) { r.Header.Del("Cookie") }, 401},
		{"bearer", "/api/inspect", program(testToken), 200},
		{"wrong bearer", "/api/inspect", program("guess"), 401},
		{"a bearer is for the API only", "/inspect", program(testToken), 401},
		{"a rebound name", "/inspect", func(r *http.Request) { r.Host = "rebind.example:8025" }, 421},
	}
	for _, tt := range tests {
		if got := post(tt.target, tt.change); got != tt.want {
			t.Errorf("%s: status %d, want %d", tt.name, got, tt.want)
		}
	}
	if w := s.call("GET", "/api/inspect", ""); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("GET of the API: status %d", w.Code)
	}
}

func TestInspectAPI(t *testing.T) {
	s := inspectServer(t)
	body, kind := multi(t, field{"message", "a.eml", letterFrom("192.0.2.10", "info@bank.example", "info@bank.example", "\r\nHello\r\n")})
	r := httptest.NewRequest("POST", "http://127.0.0.1:8025/api/inspect", body)
	r.Header.Set("Authorization", "Bearer "+testToken)
	r.Header.Set("Content-Type", kind)
	var got struct {
		Schema      int
		Result      string
		Policy      string
		Disposition string
		Sender      string
		SPF         struct{ Result string }
		Hops        []struct{ Trust string }
		Identities  []struct{ Field, Relation string }
		Findings    []any
	}
	decode(t, s.do(r), 200, &got)
	if got.Schema != 1 || got.Result != "pass" || got.Policy != "reject" || got.Disposition != "none" || got.SPF.Result != "pass" ||
		len(got.Hops) != 2 || got.Hops[0].Trust != "border" || got.Hops[1].Trust != "claimed" || len(got.Identities) != 2 || got.Sender == "" || got.Findings == nil {
		t.Errorf("%+v", got)
	}
}

func TestInspectSaysWhatBrokeASignature(t *testing.T) {
	s := newServer(t)
	key, err := dkim.Generate(dkim.Ed25519SHA256)
	if err != nil {
		t.Fatal(err)
	}
	record, err := key.Record()
	if err != nil {
		t.Fatal(err)
	}
	view, err := dnsfile.Parse("inspect", []byte(inspectZone+"k1._domainkey.bank.example. TXT \""+record+"\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	s.resolver = view
	text := "From: info@bank.example\r\nTo: anna@harbour.example\r\nSubject: hello\r\n\r\nHello\r\n"
	signed, err := dkim.Sign(t.Context(), dkim.SignArgs{Message: []byte(text), Domain: "bank.example", Keys: []dkim.SigningKey{{Selector: "k1", Key: key}}, Now: s.now()})
	if err != nil {
		t.Fatal(err)
	}
	whole := string(signed.Fields) + text
	page := s.upload(t, "/inspect", field{"paste", "", whole}).Body.String()
	if !strings.Contains(page, "From where it says") || !strings.Contains(page, "Signed by bank.example: ") || strings.Contains(page, `class="broke"`) {
		t.Errorf("as it was signed:\n%s", page)
	}
	page = s.upload(t, "/inspect", field{"paste", "", strings.Replace(whole, "Subject: hello", "Subject: [list] hello", 1)}).Body.String()
	for _, words := range []string{"Signature of bank.example: ", "The header field Subject was changed: ", "This is certain", "Its header is not what was signed"} {
		if !strings.Contains(page, words) {
			t.Errorf("with a tag in its subject the page does not say %q:\n%s", words, page)
		}
	}
}

func TestInspectAMessageOfACase(t *testing.T) {
	s := newServer(t)
	id := loadExample(t, s)
	w := s.get("/cases/" + id + "/messages/1/inspect")
	page := w.Body.String()
	if w.Code != 200 || !strings.Contains(page, "A message attached to it") || !strings.Contains(page, `href="/cases/`+id+`/messages/1"`) {
		t.Errorf("status %d: %s", w.Code, page)
	}
	harmless(t, page)
	for target, want := range map[string]int{"/cases/" + id + "/messages/999/inspect": 404, "/cases/" + id + "/messages/x/inspect": 404, "/cases/x/messages/1/inspect": 404} {
		if w := s.get(target); w.Code != want {
			t.Errorf("%s: status %d, want %d", target, w.Code, want)
		}
	}
}

func TestInspectWithSilentDNS(t *testing.T) {
	s := newServer(t)
	s.resolver = silent{}
	w := s.upload(t, "/inspect", field{"message", "a.eml", letterFrom("192.0.2.10", "info@bank.example", "info@bank.example", "\r\nHello\r\n")})
	if w.Code != 200 || !strings.Contains(w.Body.String(), "DNS did not answer") {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
}

// encoded hides hostile text where a header lets it through.
func encoded() string {
	return "=?utf-8?B?" + base64.StdEncoding.EncodeToString([]byte(hostile)) + "?="
}

// hostileLetter says hostile things in every place that is shown.
func hostileLetter() string {
	name := encoded()
	return "Return-Path: <\"<script>\"@evil.example>\r\n" +
		"Received: from <script>alert(1)</script> (\"><img src=x>.example [203.0.113.7])\r\n\tby <b>mx.harbour.example (Postfix) with <i>ESMTP id A1; Mon, 02 Mar 2026 06:30:04 +0000\r\n" +
		"Authentication-Results: \"<script>\"; spf=fail reason=\"<script>alert(1)</script>\"\r\n" +
		"DKIM-Signature: v=1; a=rsa-sha256; d=<script>alert(1)</script>; s='\">; h=from:<b>; bh=x; b=y\r\n" +
		"From: " + name + " <a@bank.example>\r\nReply-To: " + name + " <\"<script>\"@evil.example>\r\nSender: " + name + "\r\nTo: " + name + " <a@bank.example>\r\n" +
		"Subject: " + name + "\r\nDate: <script>\r\nDisposition-Notification-To: " + name + "\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
		"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + hostile + "\r\n" +
		"--b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
		base64.StdEncoding.EncodeToString([]byte("<script>alert(2)</script><p onclick=alert(3)>&lt;script&gt;alert(4)&lt;/script&gt; &#x202e;gpj.exe <a href='http://evil.example/?a=\"&lt;script&gt;'>https://bank.example</a> <a href='javascript:alert(5)'>x</a><a href='data:text/html,&lt;script&gt;'>y</a><a href=//evil.example/z>z</a></p><img src=http://tracker.example/p.gif><iframe src=http://evil.example></iframe>")) + "\r\n" +
		"--b\r\nContent-Type: image/svg+xml; name=\"<script>.svg\"\r\nContent-Disposition: inline; filename*=utf-8''" + url.PathEscape(hostile) + "\r\n\r\n<svg onload=alert(6)>\r\n" +
		"--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: " + name + "\r\nSubject: " + name + "\r\n\r\n" + hostile + "\r\n--b--\r\n"
}

func TestInspectedTextStaysText(t *testing.T) {
	s := inspectServer(t)
	page := s.upload(t, "/inspect", field{"message", "'\"><script>.eml", hostileLetter()}).Body.String()
	if strings.ContainsAny(page, "\x1b\x00\r\u202e\u200b") {
		t.Error("a character that hides or moves text is in the page")
	}
	for _, live := range []string{"ttp://evil", "ttp://tracker", "ttps://bank"} {
		if strings.Contains(page, live) {
			t.Errorf("a link is whole: %q", live)
		}
	}
	harmless(t, page)
	golden(t, "inspect", page)
	nothingKept(t, s)
}

// Whatever package inspect may come to say: no field of it is trusted.
func TestInspectedWordsStayText(t *testing.T) {
	s := newServer(t)
	var res inspect.Result
	fill(reflect.ValueOf(&res).Elem())
	for i := range res.DKIM.Results {
		res.DKIM.Results[i].Result = dkim.Fail
	}
	found := dkim.ForensicResult{Results: []dkim.ForensicSignature{{Breaks: []dkim.Break{{Field: hostile, Change: hostile, Cause: hostile}}}}}
	for i := range res.Hops {
		res.Hops[i].Trust = []inspect.Trust{inspect.Border, inspect.Claimed}[i]
	}
	w := httptest.NewRecorder()
	if err := s.render(w, 200, "inspect.html", inspectView{Case: "CASE", Number: 1, Found: asShown(res, found, []byte(hostileLetter()))}); err != nil {
		t.Fatal(err)
	}
	page := w.Body.String()
	if strings.ContainsAny(page, "\x1b\x00\r\u202e\u200b") {
		t.Error("a character that hides or moves text is in the page")
	}
	if strings.Contains(page, "ttp://evil") {
		t.Error("a link is whole")
	}
	harmless(t, page)
}

func TestLetter(t *testing.T) {
	mixed := func(parts ...string) string {
		return "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + strings.Join(parts, "\r\n--b\r\n") + "\r\n--b--\r\n"
	}
	t.Run("text, page and file are told apart", func(t *testing.T) {
		l := readLetter([]byte(mixed(
			"Content-Type: text/plain\r\n\r\nHello",
			"Content-Type: text/html\r\n\r\n<p>Pay <a href=\"https://pay.evil.example/x?y=1\">here</a></p>",
			"Content-Type: text/html\r\nContent-Disposition: attachment; filename=login.html\r\n\r\n<form>",
			"Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"+strings.Repeat(strings.Repeat("A", 76)+"\r\n", 100),
		)))
		if len(l.Texts) != 2 || l.Texts[0].Text != "Hello" || !strings.HasPrefix(l.Texts[1].Text, "Pay here") ||
			!reflect.DeepEqual(l.Links, []string{"hxxps://pay[.]evil[.]example/x?y=1"}) ||
			!reflect.DeepEqual(l.Files, []letterFile{{"login.html", "text/html", "under 1 KB"}, {"a.pdf", "application/pdf", "about 5 KB"}}) {
			t.Errorf("%+v", l)
		}
	})
	t.Run("the original in a notice is opened, what it holds in turn is a file", func(t *testing.T) {
		deep := "Content-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\ninner\r\n--c\r\nContent-Type: message/rfc822\r\n\r\nSubject: deepest\r\n\r\nx\r\n--c--\r\n"
		l := readLetter([]byte(mixed("Content-Type: message/rfc822\r\n\r\nSubject: returned\r\n" + deep)))
		if len(l.Attached) != 1 || l.Attached[0].Head[0].Value != "returned" || len(l.Attached[0].Attached) != 0 || len(l.Attached[0].Files) != 1 {
			t.Errorf("%+v", l)
		}
	})
	t.Run("bounds", func(t *testing.T) {
		var parts []string
		for range 1500 {
			parts = append(parts, "Content-Type: text/plain\r\n\r\n"+strings.Repeat("word ", 5000))
		}
		for range 200 {
			parts = append(parts, "Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\n"+strings.Repeat("y", 1000))
		}
		l := readLetter([]byte(mixed(parts...)))
		shown := 0
		for _, x := range append(l.Attached, l) {
			for _, text := range x.Texts {
				shown += len(text.Text)
			}
		}
		if shown > maxShown+maxTexts*len("…") || len(l.Texts) > maxTexts || len(l.Attached) > maxTexts || len(l.Files) > maxFileList || l.Unlisted == 0 {
			t.Errorf("%d octets of text, %d texts, %d attached, %d files, %d more", shown, len(l.Texts), len(l.Attached), len(l.Files), l.Unlisted)
		}
	})
	t.Run("many links", func(t *testing.T) {
		var b strings.Builder
		for i := range 150 {
			b.WriteString("<a href=http://a.example/" + strings.Repeat("x", i+1) + ">x</a>")
		}
		l := readLetter([]byte("Content-Type: text/html\r\n\r\n" + b.String()))
		if len(l.Links) != maxLinkList || l.MoreLink != 100 {
			t.Errorf("%d links and %d more", len(l.Links), l.MoreLink)
		}
	})
}

func TestInert(t *testing.T) {
	for in, want := range map[string]string{
		"http://evil.example/a?b=c":  "hxxp://evil[.]example/a?b=c",
		"HTTPS://a@evil.example":     "hxxps://a[at]evil[.]example",
		"mailto:a@evil.example":      "mailto[:]a[at]evil[.]example",
		"javascript:alert(1)":        "javascript[:]alert(1)",
		"//evil.example/x":           "//evil[.]example/x",
		"ftp://evil.example\r\nx: y": "ftp[:]//evil[.]example x: y",
	} {
		if got := inert(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func FuzzLetter(f *testing.F) {
	f.Add([]byte(hostileLetter()))
	f.Add([]byte("Content-Type: message/rfc822\r\n\r\nContent-Type: message/rfc822\r\n\r\nx"))
	f.Add([]byte("Content-Type: text/html\r\n\r\n<a href='http://a.example'"))
	s := newServer(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		res := inspect.Result{}
		w := httptest.NewRecorder()
		if err := s.render(w, 200, "inspect.html", inspectView{Found: asShown(res, dkim.ForensicResult{}, data)}); err != nil {
			t.Fatal(err)
		}
		harmless(t, w.Body.String())
	})
}
