package dnsfile

import (
	"strings"
	"testing"

	"unspoof/dns"
)

const openspf = `description: >-
  An own case
  of that form
tests:
  one: {host: 192.0.2.1}
zonedata:
  Example.COM:
    - TXT: v=spf1 a -all
    - A: 192.0.2.1
    - A: 192.0.2.2
    - AAAA: 2001:db8::1
    - MX: [10, mail.example.com]
    - MX: [0, ""]
  split.example:
    - TXT: ["v=spf1 ", "-all"]
  empty.example:
    - TXT: []
  old.example:
    - SPF: v=spf1 -all
  both.example:
    - SPF: old
    - TXT: new
  none.example:
    - SPF: v=spf1 -all
    - TXT: NONE
  slow.example:
    - TIMEOUT
    - A: 192.0.2.3
  slowtxt.example:
    - TXT: TIMEOUT
    - A: 192.0.2.3
  broken.example:
    - SERVFAIL
  bare.example: SERVFAIL
  brokenmx.example:
    - MX: SERVFAIL
  slownone.example:
    - SPF: v=spf1 -all
    - TXT: NONE
    - TIMEOUT
  4.2.0.192.in-addr.arpa:
    - PTR: Host.Example.com.
  alias.example:
    - CNAME: Example.com.
  loop.example:
    - CNAME: LOOP.example
  utf8.example:
    - TXT: "\x80\0"
  "*.any.example":
    - TXT: wild
`

func TestZonedata(t *testing.T) {
	v := parse(t, openspf)
	tests := []struct {
		name  string
		typ   dns.Type
		owner string
		want  string
	}{
		{"TXT", dns.TypeTXT, "example.com", "v=spf1 a -all"},
		{"several", dns.TypeA, "example.com", "192.0.2.1, 192.0.2.2"},
		{"AAAA", dns.TypeAAAA, "example.com", "2001:db8::1"},
		{"MX with the null MX", dns.TypeMX, "example.com", "host mail.example.com, host "},
		{"a list is one record", dns.TypeTXT, "split.example", "v=spf1 |-all"},
		{"an empty list is a record too", dns.TypeTXT, "empty.example", ""},
		{"SPF counts as TXT", dns.TypeTXT, "old.example", "v=spf1 -all"},
		{"unless there is TXT", dns.TypeTXT, "both.example", "new"},
		{"TXT: NONE counts as one", dns.TypeTXT, "none.example", "NODATA"},
		{"TIMEOUT, type without record", dns.TypeTXT, "slow.example", "timeout"},
		{"TIMEOUT, type with record", dns.TypeA, "slow.example", "192.0.2.3"},
		{"TIMEOUT of a type", dns.TypeTXT, "slowtxt.example", "timeout"},
		{"and not of others", dns.TypeMX, "slowtxt.example", "NODATA"},
		{"SERVFAIL", dns.TypeTXT, "broken.example", "servfail"},
		{"SERVFAIL without list", dns.TypeA, "bare.example", "servfail"},
		{"SERVFAIL of a type", dns.TypeMX, "brokenmx.example", "servfail"},
		{"NONE leaves TIMEOUT its place", dns.TypeTXT, "slownone.example", "timeout"},
		{"PTR", dns.TypePTR, "4.2.0.192.in-addr.arpa", "host host.example.com"},
		{"CNAME", dns.TypeA, "alias.example", "-> example.com, 192.0.2.1, 192.0.2.2"},
		{"CNAME loop", dns.TypeA, "loop.example", "malformed"},
		{"escapes are characters", dns.TypeTXT, "utf8.example", "\u0080\x00"},
		{"wildcard", dns.TypeTXT, "x.any.example", "wild"},
		{"not there", dns.TypeTXT, "nobody.example", "NXDOMAIN"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := told(t, v, tt.typ, tt.owner); got != tt.want {
				t.Errorf("%s %s: %q, want %q", tt.typ, tt.owner, got, tt.want)
			}
		})
	}
}

func TestOtherYAML(t *testing.T) {
	tests := []struct {
		name, text string
		typ        dns.Type
		owner      string
		want       string
	}{
		{"txt: a string", "txt: {a.example: v=spf1}", dns.TypeTXT, "a.example", "v=spf1"},
		{"txt: strings of one record", "txt: {a.example: [v=spf1, ' -all']}", dns.TypeTXT, "a.example", "v=spf1| -all"},
		{"txt: several records", "txt:\n  a.example:\n  - - a\n    - b\n  - - c\n", dns.TypeTXT, "a.example", "a|b, c"},
		{"txt: an empty list", "txt: {a.example: []}", dns.TypeTXT, "a.example", "NODATA"},
		{"txt: names above exist", "txt: {a.b.example: x}", dns.TypeTXT, "b.example", "NODATA"},
		{"servfail", "txt: {}\nservfail: [a.example]", dns.TypeTXT, "a.example", "servfail"},
		{"servfail, one name", "servfail: a.example", dns.TypeTXT, "a.example", "servfail"},
		{"timeout", "timeout: [a.example]", dns.TypeMX, "a.example", "timeout"},
		{"exists", "exists: [x.a.example]", dns.TypeTXT, "x.a.example", "NODATA"},
		{"exists: the names above", "exists: [x.a.example]", dns.TypeTXT, "a.example", "NODATA"},
		{"cases in one view", "cases:\n- {name: one, txt: {a.example: x}}\n- {name: two, txt: {b.example: y}}\n- {name: three}", dns.TypeTXT, "b.example", "y"},
		{"cases that agree", "cases:\n- {txt: {a.example: x}}\n- {txt: {A.example.: x}}", dns.TypeTXT, "a.example", "x"},
		{"documents in one view", "txt: {a.example: x}\n---\nzonedata: {b.example: [{TXT: y}]}\n---\n", dns.TypeTXT, "a.example", "x"},
		{"profile", "domains: [x.example]\ndns:\n  TXT: {a.example: x}\n  mx: {a.example: [10, m.example]}", dns.TypeMX, "a.example", "host m.example"},
		{"profile: MX as text", "dns: {MX: {a.example: 10 m.example}}", dns.TypeMX, "a.example", "host m.example"},
		{"profile: MX, several", "dns: {MX: {a.example: [[10, m.example], 20 n.example]}}", dns.TypeMX, "a.example", "host m.example, host n.example"},
		{"profile: PTR of an address", "dns: {PTR: {192.0.2.1: m.example}}", dns.TypePTR, "1.2.0.192.in-addr.arpa", "host m.example"},
		{"profile: PTR of IPv6", "dns: {PTR: {'2001:db8::1': m.example}}", dns.TypePTR, "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa", "host m.example"},
		{"profile: addresses", "dns: {A: {m.example: [192.0.2.1, 192.0.2.2]}}", dns.TypeA, "m.example", "192.0.2.1, 192.0.2.2"},
		{"profile: faults", "dns: {A: {m.example: SERVFAIL}, timeout: [t.example]}", dns.TypeA, "m.example", "servfail"},
		{"the map of types alone", "TXT:\n  a.example: x\nA:\n  a.example: 192.0.2.1\n", dns.TypeA, "a.example", "192.0.2.1"},
		{"JSON is YAML", `{"dns": {"TXT": {"a.example": "x"}}}`, dns.TypeTXT, "a.example", "x"},
		{"byte order mark, comment, start of document", "\ufeff# c\n---\ntxt:\n  a.example: x\n", dns.TypeTXT, "a.example", "x"},
		{"anchors", "txt: {a.example: &x [v, w], b.example: *x}", dns.TypeTXT, "b.example", "v|w"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := told(t, parse(t, tt.text), tt.typ, tt.owner); got != tt.want {
				t.Errorf("%s %s: %q, want %q", tt.typ, tt.owner, got, tt.want)
			}
		})
	}
}

func TestErrorsNamePlaceAndFix(t *testing.T) {
	const accepted = "docs/dns-files.md"
	bomb := "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for i := range 6 {
		bomb += string(rune('b'+i)) + ": &" + string(rune('b'+i)) + " [" + strings.Repeat("*"+string(rune('a'+i))+",", 10) + "]\n"
	}
	tests := []struct {
		name, text string
		want       []string
	}{
		{"empty", "", []string{"nothing in it", accepted}},
		{"blank", " \n\t\n", []string{"nothing in it", accepted}},
		{"comments only", "# a\n; b\n", []string{"nothing in it", accepted}},
		{"document marks only", "---\n---\n", []string{"nothing in it", accepted}},
		{"plain text", "Dear all,\nthis is no zone\n", []string{"not a form", accepted}},
		{"octets", "\x00\x01\xff\xfe", []string{"not a form", accepted}},
		{"mail", "From: a@example.com\nTo: b@example.com\n\nhello\n", []string{accepted}},
		{"YAML of another kind", "domains: [a.example]\n", []string{"line 1", `"zonedata"`, accepted}},
		{"a list", "---\n- a\n", []string{"line 2", "mapping", accepted}},
		{"broken YAML", "txt: {a\n", []string{"line", accepted}},
		{"JSON of another kind", `{"a": 1}`, []string{"line 1", accepted}},
		{"wrong word", "zonedata:\n  a.example:\n    - TIMEOUTT\n", []string{"line 3", "TIMEOUTT", "{A: 192.0.2.1}, TIMEOUT or SERVFAIL"}},
		{"unknown type", "zonedata:\n  a.example:\n    - TTX: x\n", []string{"line 3", "TTX", "known are"}},
		{"SOA", "dns: {SOA: {a.example: x}}", []string{"SOA", "known are"}},
		{"no address", "zonedata:\n  a.example:\n    - A: x\n", []string{"line 3", `"x"`, "IPv4"}},
		{"the other family", "dns: {AAAA: {a.example: 192.0.2.1}}", []string{"IPv6", "AAAA"}},
		{"address with zone", "dns: {AAAA: {a.example: 'fe80::1%eth0'}}", []string{"IPv6"}},
		{"MX preference", "dns: {MX: {a.example: [99999, m.example]}}", []string{"99999"}},
		{"MX of three", "dns: {MX: {a.example: [1, 2, 3]}}", []string{"[preference, host]"}},
		{"two aliases", "dns: {CNAME: {a.example: [b.example, c.example]}}", []string{"twice"}},
		{"a map for a string", "txt: {a.example: {b: c}}", []string{"a string was expected"}},
		{"null", "txt:\n  a.example:\n", []string{"line 2", "a string was expected"}},
		{"name twice", "txt:\n  a.example: x\n  A.example.: y\n", []string{"line 3", "line 2"}},
		{"name in two lists", "servfail: [a.example]\ntxt: {a.example: x}", []string{"a.example", "take it out"}},
		{"name in two lists, the other way", "txt: {a.example: x}\ntimeout: [a.example]", []string{"a.example", "take it out"}},
		{"bad name", "txt: {a..example: x}", []string{"a..example", "empty label"}},
		{"dns is no map", "dns: zone.db\n", []string{"line 1", "mapping"}},
		{"cases without answers", "cases: [{name: x}]", []string{"no case", accepted}},
		{"documents that clash", "txt: {a.example: x}\n---\ndescription: other\ntxt: {a.example: y}\n", []string{`"a.example"`, "document 1 at line 1", "document 2 (other) at line 3", "file of its own"}},
		{"many that clash", "txt: {a: x, b: x, c: x, d: x}\n---\ntxt: {a: y, b: y, c: y, d: y}", []string{"and 1 more"}},
		{"unfolding", bomb + "txt: {x.example: *g}\n", []string{"a string was expected"}},
		{"unfolding as names", "a: &a [" + strings.Repeat("x,", 1000) + "x]\ncases: [" + strings.Repeat("{exists: *a},", 300) + "]\n", []string{"more than 262144 values"}},
		{"too large", "txt: {a.example: '" + strings.Repeat("x", maxYAML) + "'}", []string{"over 4 MiB"}},
		{"far too large", strings.Repeat("a.example. A 192.0.2.1\n", maxSize/20), []string{"over 16 MiB"}},
		{"zone file with a slip", "a.example. A 192.0.2.1\nb.example. A 192.0.2\n", []string{"line: 2", "192.0.2"}},
		{"suite without scenarios", `{"scenarios": []}`, []string{"no scenarios"}},
		{"suite, broken", "{\"scenarios\": [{\"zone\":\n {]}", []string{"line 2"}},
		{"suite, wrong address", `{"scenarios":[{"zone":{"a.example":{"rrs":[{"t":"A","v":"x"}]}}}]}`, []string{"scenario 1", "a.example"}},
		{"suite, wrong type", `{"scenarios":[{"zone":{"a.example":{"timeouts":["Q"]}}}]}`, []string{"scenario 1", `"Q"`}},
		{"recording of tomorrow", `{"format":"unspoof-dns","schema":2}`, []string{"schema 2", "record again"}},
		{"recording, cut off", `{"format":"unspoof-dns","schema":1,"answers":[`, []string{"line 1"}},
		{"recording with another rcode", `{"format":"unspoof-dns","schema":1,"answers":[{"name":"a","type":"A","rcode":"YXDOMAIN"}]}`, []string{"answer 1", "YXDOMAIN"}},
		{"recording with a fault of no known kind", `{"format":"unspoof-dns","schema":1,"answers":[{"name":"a","type":"A","fault":"canceled"}]}`, []string{"answer 1", "canceled"}},
		{"recording with a TTL below zero", `{"format":"unspoof-dns","schema":1,"answers":[{"name":"a","type":"A","rcode":"NOERROR","ttl":-1}]}`, []string{"answer 1", "-1"}},
		{"recording, twice the same", `{"format":"unspoof-dns","schema":1,"answers":[{"name":"a","type":"A","fault":"timeout"},{"name":"A","type":"A","fault":"timeout"}]}`, []string{"answer 2", "twice"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse("f.yml", []byte(tt.text))
			if err == nil {
				t.Fatal("read without an error")
			}
			for _, part := range append(tt.want, "dnsfile: ", "f.yml") {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q lacks %q", err, part)
				}
			}
		})
	}
}

func TestDocuments(t *testing.T) {
	docs, err := Documents("f", []byte(openspf+"---\ndescription: two\nzonedata: {example.com: [{TXT: other}]}\n"))
	if err != nil || len(docs) != 2 {
		t.Fatalf("%d documents, %v", len(docs), err)
	}
	if docs[0].Label != "An own case of that form" || docs[1].Label != "two" || docs[1].Line <= docs[0].Line {
		t.Errorf("%q at %d, %q at %d", docs[0].Label, docs[0].Line, docs[1].Label, docs[1].Line)
	}
	if got := told(t, docs[1].View, dns.TypeTXT, "example.com"); got != "other" {
		t.Error(got)
	}
	var suite struct {
		Tests map[string]struct{ Host string }
	}
	if err := docs[0].Decode(&suite); err != nil || suite.Tests["one"].Host != "192.0.2.1" {
		t.Errorf("%+v, %v", suite, err)
	}
	docs, err = Documents("f", []byte(`{"scenarios":[{"description":"j","tests":[{"id":"x"}],"zone":{"a.example":{"rrs":[{"t":"SPF","s":["no"]},{"t":"TXT"},{"t":"MX","v":"m.example","p":5}],"timeouts":["A"]},"b.example":{"timeout":true}}}]}`))
	if err != nil || len(docs) != 1 || docs[0].Label != "j" {
		t.Fatalf("%+v, %v", docs, err)
	}
	for want, q := range map[string]dns.Question{
		"host m.example": {Name: "a.example", Type: dns.TypeMX}, "": {Name: "a.example", Type: dns.TypeTXT},
		"timeout": {Name: "a.example", Type: dns.TypeA}, "NODATA": {Name: "a.example", Type: dns.TypeAAAA},
	} {
		if got := told(t, docs[0].View, q.Type, q.Name); got != want {
			t.Errorf("%v: %q, want %q", q, got, want)
		}
	}
	docs, err = Documents("f", []byte(zone))
	if err != nil || len(docs) != 1 || docs[0].Decode(&suite) == nil {
		t.Errorf("zone file: %d documents, %v", len(docs), err)
	}
}
