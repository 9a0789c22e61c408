package message

import (
	"fmt"
	"strings"
	"testing"
)

// tree shows the parts of a message.
func tree(in string) (string, []Warning) {
	root, warns := ParsePart([]byte(in))
	var out []string
	more := Walk(root, func(p *Part) bool {
		s := strings.Repeat(">", p.Depth) + p.Type
		if !p.Multipart() {
			s += fmt.Sprintf("=%q", p.Text(100))
			if in[p.BodyOffset:p.BodyOffset+len(p.Body)] != string(p.Body) {
				s += " at a wrong offset"
			}
			if line := strings.Count(in[:p.BodyOffset], "\n") + 1; p.BodyLine != line {
				s += fmt.Sprintf(" in line %d, not %d", p.BodyLine, line)
			}
		}
		if p.Cut {
			s += " cut"
		}
		out = append(out, s)
		return true
	})
	return strings.Join(out, "\n"), append(warns, more...)
}

func TestWalk(t *testing.T) {
	const mp = "Content-Type: multipart/mixed; boundary=b\n\n"
	for _, tc := range []struct {
		name, in, want string
		warns          int
	}{
		{"no MIME", "A: b\n\nhello", `text/plain="hello"`, 0},
		{"two parts", mp + "pre\n--b\n\none\n--b\nContent-Type: text/html\n\n<p>\n--b--\npost\n", "multipart/mixed\n>text/plain=\"one\"\n>text/html=\"<p>\"", 0},
		{"CRLF", strings.ReplaceAll(mp+"--b\n\none\n\n--b--\n", "\n", "\r\n"), "multipart/mixed\n>text/plain=\"one\\r\\n\"", 0},
		{"nested", mp + "--b\nContent-Type: multipart/alternative; boundary=\"b.1\"\n\n--b.1\n\none\n--b.1--\n--b\n\ntwo\n--b--\n", "multipart/mixed\n>multipart/alternative\n>>text/plain=\"one\"\n>text/plain=\"two\"", 0},
		{"the inner never closes", mp + "--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\n\none\n--b\n\ntwo\n--b--\n", "multipart/mixed\n>multipart/alternative\n>>text/plain=\"one\" cut\n>text/plain=\"two\"", 1},
		{"the message ends early", mp + "--b\n\none\n--b\n\ntw", "multipart/mixed\n>text/plain=\"one\"\n>text/plain=\"tw\" cut", 1},
		{"white space behind a delimiter", mp + "--b \t\n\none\n--b--  \n", "multipart/mixed\n>text/plain=\"one\"", 0},
		{"a longer line is no delimiter", mp + "--b\n\none\n--bb\n --b\nx--b\n--b--\n", "multipart/mixed\n>text/plain=\"one\\n--bb\\n --b\\nx--b\"", 0},
		{"the boundary is missing", "Content-Type: multipart/mixed\n\npre\n--x\nContent-Type: text/html\n\none\n--x--\n", "multipart/mixed\n>text/plain=\"pre\\n\"\n>text/html=\"one\"", 1},
		{"the boundary is another", mp + "--x\nContent-Type: text/html\n\none\n--x--\n", "multipart/mixed\n>text/html=\"one\"", 1},
		{"the type is missing", "A: b\n\nThis is MIME.\n\n--x\n\none\n--x\nContent-Type: text/html\n\ntwo\n--x--\n", "multipart/mixed\n>text/plain=\"one\"\n>text/html=\"two\"", 1},
		{"a text with a rule is no multipart", "A: b\n\none\ntwo\nthree\n--x\nContent-Type: text/html\n\n", "text/plain=\"one\\ntwo\\nthree\\n--x\\nContent-Type: text/html\\n\\n\"", 0},
		{"nothing is left of the parts", mp + "hello\n", "multipart/mixed", 1},
		{"the first delimiter is lost", mp + "Content-Type: text/html\n\none\n--b\n\ntwo\n--b--\n", "multipart/mixed\n>text/html=\"one\"\n>text/plain=\"two\"", 1},
		{"the delimiter behind an inner end is lost", mp + "--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\n\none\n--c--\n\nContent-Type: text/html\n\ntwo\n--b--\n", "multipart/mixed\n>multipart/alternative\n>>text/plain=\"one\"\n>>text/html=\"two\"", 1},
		{"a digest", "Content-Type: multipart/digest; boundary=b\n\n--b\n\nA: b\n\n--b--\n", "multipart/digest\n>message/rfc822=\"A: b\\n\"", 0},
		{"base64", "Content-Transfer-Encoding: BASE64\n\naGVs\nbG8=", `text/plain="hello"`, 0},
		{"quoted-printable", "Content-Transfer-Encoding: quoted-printable\nContent-Type: text/plain; charset=utf-8\n\nGr=C3=\n=BC=zz=", `text/plain="Grü=zz"`, 0},
		{"a charset", "Content-Type: text/plain; charset=\"iso-8859-1\"\n\n\xe4", `text/plain="ä"`, 0},
		{"an unknown encoding", "Content-Transfer-Encoding: x-uuencode\n\nbegin", `text/plain="begin"`, 0},
		{"a damaged type", "Content-Type: ???\n\nx", `text/plain="x"`, 0},
		{"an old type", "Content-Type: text\n\nx", `text/plain="x"`, 0},
		{"blank lines first", "\r\n\nA: b\n\nx", `text/plain="x"`, 0},
		{"byte order mark first", "\ufeff\nA: b\n\nx", `text/plain="x"`, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, warns := tree(tc.in)
			if got != tc.want || len(warns) != tc.warns {
				t.Errorf("got\n%s\n%v\nwant\n%s\n%d warnings", got, warns, tc.want, tc.warns)
			}
		})
	}
}

func TestWalkLimits(t *testing.T) {
	var deep strings.Builder
	for i := range 50 {
		fmt.Fprintf(&deep, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
	}
	got, warns := tree(deep.String())
	if n := strings.Count(got, "\n") + 1; n != maxDepth+1 || len(warns) == 0 {
		t.Errorf("%d levels, %v", n, warns)
	}
	got, warns = tree("Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n\nx\n", 5000))
	if n := strings.Count(got, "\n"); n != maxParts || len(warns) != 1 {
		t.Errorf("%d parts, %v", n, warns)
	}
	count := 0
	root, _ := ParsePart([]byte("Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\n"))
	Walk(root, func(*Part) bool { count++; return false })
	if count != 1 {
		t.Errorf("%d parts visited, want the root alone", count)
	}
	root, _ = ParsePart([]byte("Content-Transfer-Encoding: base64\n\n" + strings.Repeat("QUFB", 1000)))
	if b, identical, cut := root.Decode(100); len(b) != 100 || identical || !cut {
		t.Errorf("%d octets, identical %v, cut %v", len(b), identical, cut)
	}
}

func TestParam(t *testing.T) {
	for _, tc := range []struct{ name, in, want string }{
		{"token", " a=b; name=x", "x"},
		{"quoted", ` name="x; \"y\""; a=b`, `x; "y"`},
		{"any case", " NAME=x", "x"},
		{"the first counts", " name=x; name=y", "x"},
		{"missing semicolon", " a=b name=x", "x"},
		{"comment", " (c;d) name=x (e)", "x"},
		{"unclosed quote", ` name="x; y`, "x; y"},
		{"extended", " name*=utf-8'de'Gr%C3%BC%C3%9Fe", "Grüße"},
		{"continued", ` name*0="ab"; name*1="cd"`, "abcd"},
		{"continued and extended", " name*0*=utf-8''%C3; name*1*=%A4", "ä"},
		{"missing", " a=b", ""},
		{"no value", " name=", ""},
		{"a longer name is another", " names=x", ""},
		{"spaces around", " name = x ", "x"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := Param(tc.in, "name"); got != tc.want {
				t.Errorf("%q gives %q, want %q", tc.in, got, tc.want)
			}
		})
	}
}

func TestFilename(t *testing.T) {
	p, _ := ParsePart([]byte("Content-Type: application/zip; name=\"=?utf-8?q?=C3=A4?=.zip\"\n\n"))
	if got := p.Filename(); got != "ä.zip" {
		t.Errorf("name: %q", got)
	}
	p, _ = ParsePart([]byte("Content-Type: application/zip; name=a\nContent-Disposition: attachment;\n filename=b\n\n"))
	if got := p.Filename(); got != "b" {
		t.Errorf("filename: %q", got)
	}
}

func TestHTMLText(t *testing.T) {
	for _, tc := range []struct{ name, in, want string }{
		{"blocks", "<p>one</p><p>two</p>", "one\ntwo"},
		{"white space", "<b>a</b>  \n b<i>c</i>", "a bc"},
		{"entities", "&lt;a@b.example&gt; &uuml;", "<a@b.example> ü"},
		{"links", `see <a href="https://x.example/">here</a> now`, "see here <https://x.example/> now"},
		{"a link that shows itself", `<a href="https://x.example/">https://x.example/</a>`, "https://x.example/"},
		{"a mail link", `<a href="mailto:a@b.example">a@b.example</a>`, "a@b.example"},
		{"hidden", "<style>x</style><script>y</script><title>z</title>a<!-- b -->", "a"},
		{"preformatted", "<pre>a\n b</pre>", "a\n b"},
		{"a form", `<form action="https://x.example/f"><input></form>`, "<https://x.example/f>"},
		{"a picture's words", `<img alt="Logo" src=x> a`, "Logo a"},
		{"a table", "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"},
		{"never closed", `a <a href="https://x.example/">b`, "a b <https://x.example/>"},
		{"nothing", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got, _ := HTMLText(tc.in, 1000); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
	if got := HTMLLinks(`<a href="https://x.example/">a</a><form action=/f><a href="#top"><area href=" https://x.example/ ">`); strings.Join(got, " ") != "https://x.example/ /f" {
		t.Errorf("links %q", got)
	}
	text, links := HTMLText(strings.Repeat(`<a href="https://x.example/">y</a>`, 1000), 50)
	if len(text) > 50 || len(links) != 1 {
		t.Errorf("%d octets, %d links", len(text), len(links))
	}
}

func FuzzMIME(f *testing.F) {
	for _, s := range []string{
		"Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\nContent-Type: text/html; charset=utf-16\n\n<a href=x>\n--b--\n",
		"Content-Type: multipart/digest; boundary*0=\"b\n\n--b\n\n--b\nContent-Transfer-Encoding: base64\n\nQUJD",
		"\n\n--x\n\n--x\nContent-Type: a/b\n\n", "Content-Type: multipart/x\n\nContent-Type: x\n\n--", "Content-Transfer-Encoding: quoted-printable\n\n=\r\n=4",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		root, _ := ParsePart(data)
		parts := 0
		Walk(root, func(p *Part) bool {
			if p.Offset < 0 || p.BodyOffset < p.Offset || p.BodyOffset+len(p.Body) > len(data) || string(data[p.BodyOffset:p.BodyOffset+len(p.Body)]) != string(p.Body) {
				t.Fatalf("part at %d, body at %d, %d octets of %d", p.Offset, p.BodyOffset, len(p.Body), len(data))
			}
			if line := strings.Count(string(data[:p.BodyOffset]), "\n") + 1; p.BodyLine != line {
				t.Fatalf("body in line %d, not %d", p.BodyLine, line)
			}
			if parts++; parts > maxParts*2+2 || p.Depth > maxDepth+1 {
				t.Fatalf("%d parts, depth %d", parts, p.Depth)
			}
			if b, _, _ := p.Decode(100); len(b) > 100 {
				t.Fatalf("%d octets", len(b))
			}
			text, _ := HTMLText(p.Text(1000), 200)
			if len(text) > 200 {
				t.Fatalf("%d octets of text", len(text))
			}
			p.Filename()
			HTMLLinks(p.Text(1000))
			return true
		})
	})
}
