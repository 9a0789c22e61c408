package message

import (
	"fmt"
	"strings"
	"testing"
)

func TestReadHeader(t *testing.T) {
	for _, tc := range []struct {
		name   string
		in     string
		want   string // name@line:offset=value for each field
		body   string
		warned bool
	}{
		{"fields and body", "A: 1\nB: 2\n\nbody", "A@1:0=1 B@2:5=2", "body", false},
		{"CRLF", "A: 1\r\nB: 2\r\n\r\nbody", "A@1:0=1 B@2:6=2", "body", false},
		{"folding becomes one space", "A: 1\n \t2\nB: 3\n\n", "A@1:0=1_2 B@3:9=3", "", false},
		{"a fold of white space only", "A: 1\n \nB: 3\n\n", "A@1:0=1 B@3:7=3", "", false},
		{"a body that starts at once", "\nbody", "", "body", false},
		{"space before the colon", "Subject : x\n\n", "Subject@1:0=x", "", false},
		{"an empty value", "A:\nB: \n\n", "A@1:0= B@2:3=", "", false},
		{"an mbox separator first", "From a Mon Jun  3 10:00:05 2024\nA: 1\n\n", "A@2:32=1", "", false},
		{"no body", "A: 1", "A@1:0=1", "", true},
		{"nothing", "", "", "", true},
		{"lost indentation", "A: 1\nrest of a\nB: 2\n\nbody", "A@1:0=1_rest_of_a B@3:15=2", "body", true},
		{"no blank line", "A: 1\nHello there,\nwhat a day\n\n", "A@1:0=1", "Hello there,\nwhat a day\n\n", true},
		{"a delimiter ends the header", "A: 1\n--b\nContent-Type: text/plain\n\n", "A@1:0=1", "--b\nContent-Type: text/plain\n\n", true},
		{"prose is no header", "Hello: well\nDear all: hello\n\n", "Hello@1:0=well", "Dear all: hello\n\n", true},
		{"a web address is no field", "A: 1\nhttp://www.example.com\n\n", "A@1:0=1", "http://www.example.com\n\n", true},
		{"JSON is no field", "A: 1\n{\"b\":\"c\"}\n\n", "A@1:0=1", "{\"b\":\"c\"}\n\n", true},
		{"the first field lost its beginning", "\tby b; date\nA: 1\n\nbody", "A@2:12=1", "body", true},
		{"8-bit values stay", "A: \xe4\n\n", "A@1:0=\xe4", "", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h, body, warns := ReadHeader([]byte(tc.in))
			var got []string
			for _, f := range h.Fields {
				got = append(got, fmt.Sprintf("%s@%d:%d=%s", f.Name, f.Line, f.Offset, strings.ReplaceAll(f.Value(), " ", "_")))
				if string(f.Raw) != tc.in[f.Offset:f.Offset+len(f.Raw)] {
					t.Errorf("%s: Raw %q is not at %d", f.Name, f.Raw, f.Offset)
				}
			}
			if g := strings.Join(got, " "); g != tc.want || tc.in[body:] != tc.body || len(warns) > 0 != tc.warned {
				t.Errorf("got  %s, body %q, %v\nwant %s, body %q, warned %v", g, tc.in[body:], warns, tc.want, tc.body, tc.warned)
			}
		})
	}
}

func TestHeaderLookup(t *testing.T) {
	h, _, _ := ReadHeader([]byte("To: a\nreceived: 1\nReceived: 2\n\n"))
	if f, ok := h.First("RECEIVED"); !ok || f.Value() != "1" {
		t.Errorf("First: %q, %v", f.Value(), ok)
	}
	if got := h.All("Received"); len(got) != 2 || got[1].Value() != "2" {
		t.Errorf("All: %v", got)
	}
	if _, ok := h.First("From"); ok || h.Value("From") != "" {
		t.Error("found a field that is not there")
	}
}

func TestHeaderLimits(t *testing.T) {
	h, body, warns := ReadHeader([]byte(strings.Repeat("A: b\n\tc\n", 100_000) + "\nbody"))
	if len(h.Fields) != maxFields || body != 800_001 || len(warns) != 1 {
		t.Errorf("%d fields, body at %d, %v", len(h.Fields), body, warns)
	}
	h, _, _ = ReadHeader([]byte("A: " + strings.Repeat("x", 50<<20) + "\n\n"))
	if v := h.Fields[0].Value(); len(v) > maxValue || len(h.Fields[0].Raw) < 50<<20 {
		t.Errorf("value of %d octets, raw of %d", len(v), len(h.Fields[0].Raw))
	}
}

func FuzzReadHeader(f *testing.F) {
	for _, s := range []string{"A: 1\n b\n\nbody", "A : b\r\n\r\n", "From x\nA:b", "A: 1\nx\nB: 2\n", "\n", " a\nb: c\n", "--x\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		h, body, _ := ReadHeader(data)
		if body < 0 || body > len(data) {
			t.Fatalf("body at %d of %d", body, len(data))
		}
		end, line := 0, 0
		for _, fd := range h.Fields {
			if fd.Offset < end || fd.Offset+len(fd.Raw) > body || fd.Line <= line || string(data[fd.Offset:fd.Offset+len(fd.Raw)]) != string(fd.Raw) {
				t.Fatalf("field %q at %d, line %d", fd.Name, fd.Offset, fd.Line)
			}
			end, line = fd.Offset+len(fd.Raw), fd.Line
			if strings.ContainsAny(fd.Value(), "\n") || !strings.HasPrefix(string(fd.Raw), fd.Name) {
				t.Fatalf("field %q has value %q", fd.Name, fd.Value())
			}
		}
	})
}
