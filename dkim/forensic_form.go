package dkim

import (
	"bytes"
	"context"

	"unspoof/message"
)

// foldForms are what stands at a fold: nothing kept, a tab, one space or eight.
var foldForms = [...]string{"", "\r\n\t", "\r\n ", "\r\n        "}

// refold replaces every fold of a field; "" unfolds with what stood there.
func refold(raw []byte, fold string) []byte {
	body := cutLineEnd(raw)
	out := make([]byte, 0, len(raw)+16)
	for {
		n := bytes.IndexByte(body, '\n')
		if n < 0 {
			break
		}
		out = append(out, bytes.TrimSuffix(body[:n], []byte{'\r'})...)
		body = body[n+1:]
		if fold != "" {
			out = append(out, fold...)
			body = bytes.TrimLeft(body, " \t")
		}
	}
	return append(append(out, body...), "\r\n"...)
}

// tryForms undoes changes to the whole message while some signature is not
// proven, or none was found.
func (f *forensic) tryForms(ctx context.Context) {
	if len(f.args.Message) > maxRepairBody {
		return
	}
	for _, undo := range [...]struct {
		cause string
		make  func([]byte) []byte
	}{
		{"the message was quoted with > in front of each line", unquote},
		{"the message was encoded as quoted-printable", decodeMessage},
		{"header lines lost their indentation", indent},
		{"each line was indented", dedent},
		{"the header was folded with tabs", func(m []byte) []byte { return refoldHeader(m, foldForms[1]) }},
		{"the header was folded with spaces", func(m []byte) []byte { return refoldHeader(m, foldForms[2]) }},
		{"the header was folded with eight spaces", func(m []byte) []byte { return refoldHeader(m, foldForms[3]) }},
		{"the header was folded anew", func(m []byte) []byte { return refoldHeader(m, foldForms[0]) }},
	} {
		if !f.open() {
			return
		}
		if m := undo.make(f.args.Message); m != nil && !bytes.Equal(m, f.args.Message) {
			f.judge(ctx, form{m, &Break{Change: Changed, Cause: undo.cause}})
		}
	}
}

// open tells whether anything is left to prove.
func (f *forensic) open() bool {
	for i := range f.result.Results {
		r := &f.result.Results[i]
		if r.Header == Broken || r.Header == Unchecked && r.Evidence == EvidenceNone {
			return true
		}
	}
	return len(f.result.Results) == 0
}

// unquote takes "> " or ">" off every line; nil where some line has none.
func unquote(m []byte) []byte {
	out := make([]byte, 0, len(m))
	for len(m) > 0 {
		end := lineEnd(m, 0)
		line := m[:end]
		m = m[end:]
		if line[0] != '>' {
			if len(bytes.TrimSpace(line)) > 0 {
				return nil
			}
			out = append(out, line...)
			continue
		}
		line = line[1:]
		if len(line) > 0 && line[0] == ' ' {
			line = line[1:]
		}
		out = append(out, line...)
	}
	return out
}

// decodeMessage undoes quoted-printable over header and body.
func decodeMessage(m []byte) []byte {
	if !bytes.Contains(m, []byte("=3D")) {
		return nil
	}
	p := message.Part{Encoding: "quoted-printable", Body: m}
	out, _, _ := p.Decode(len(m))
	return out
}

// indent puts a tab before header lines that are no field, once one was read.
func indent(m []byte) []byte {
	out := make([]byte, 0, len(m)+64)
	for pos := 0; pos < len(m); {
		if blankLine(m[pos:]) > 0 {
			return append(out, m[pos:]...)
		}
		end := lineEnd(m, pos)
		line := m[pos:end]
		if len(out) > 0 && !isWSP(line[0]) && !startsField(line) {
			out = append(out, '\t')
		}
		out = append(out, line...)
		pos = end
	}
	return out
}

// startsField tells lines that start with a field name, a colon and white space;
// without that the lines of an h= would be fields.
func startsField(line []byte) bool {
	colon := bytes.IndexByte(line, ':')
	return colon > 0 && colon < 80 && colon+1 < len(line) && isFWS(line[colon+1]) &&
		isFieldName(string(bytes.TrimRight(line[:colon], " \t")))
}

// dedent takes the white space of the first line off every line.
func dedent(m []byte) []byte {
	n := 0
	for n < len(m) && isWSP(m[n]) {
		n++
	}
	if n == 0 {
		return nil
	}
	margin := m[:n]
	out := make([]byte, 0, len(m))
	for rest := m; len(rest) > 0; {
		end := lineEnd(rest, 0)
		out = append(out, bytes.TrimPrefix(rest[:end], margin)...)
		rest = rest[end:]
	}
	return out
}

// refoldHeader folds every field of the header anew.
func refoldHeader(m []byte, fold string) []byte {
	h, body := ReadHeader(m)
	out := make([]byte, 0, len(m)+64)
	for i := range h.Len() {
		out = append(out, refold(h.Raw(i), fold)...)
	}
	return append(append(out, "\r\n"...), body...)
}
