package message

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// DecodeCharset gives b, written in the charset of that name, as valid UTF-8.
//
// It always gives something: an unknown name, and octets that are not what the
// name says, are read as UTF-8 where they are valid, as ISO 2022-JP where its
// escapes stand, else as Windows-1252. The result is at most four times as long
// as b.
func DecodeCharset(name string, b []byte) string {
	name = charsetName(name)
	ascii, escapes := scan(b)
	if ascii && !escapes && !reusesASCII(name) {
		return string(b)
	}
	switch name {
	case "", "utf-8", "utf8", "us-ascii", "ascii", "ansi_x3.4-1968", "unknown-8bit", "unknown", "8bit", "binary", "default", "none":
		return guess(b, escapes)
	case "utf-7", "unicode-1-1-utf-7", "unicode-2-0-utf-7", "x-unicode-2-0-utf-7", "csunicode11utf7":
		if !ascii {
			return guess(b, escapes)
		}
		return decodeUTF7(b)
	}
	enc := lookup(name)
	if enc == nil {
		return guess(b, escapes)
	}
	out, err := enc.NewDecoder().Bytes(b)
	if err != nil {
		return guess(b, escapes)
	}
	return string(bytes.ToValidUTF8(out, []byte("\uFFFD")))
}

// charsetName brings the name of a charset to the form that the tables have.
func charsetName(name string) string {
	name = strings.Trim(name, " \t\"'<>;")
	if i := strings.IndexByte(name, '*'); i >= 0 { // RFC 2231 section 5: language
		name = name[:i]
	}
	if len(name) > 64 {
		return "unknown"
	}
	return strings.ToLower(name)
}

// lookup gives the encoding of that name, nil for an unknown one.
func lookup(name string) encoding.Encoding {
	switch name {
	case "hz-gb-2312":
		return simplifiedchinese.HZGB2312
	case "iso-2022-kr", "iso-2022-cn", "iso-2022-cn-ext": // the web's tables swallow these
		return nil
	case "cp932", "ms932", "windows-31j", "x-ms-cp932":
		return japanese.ShiftJIS
	case "iso-2022-jp-ms", "iso-2022-jp-1", "iso-2022-jp-2", "iso-2022-jp-3", "cp50220", "cp50221", "cp50222":
		return japanese.ISO2022JP
	}
	if enc, _ := charset.Lookup(name); enc != nil {
		return enc
	}
	if strings.HasPrefix(name, "cp") || strings.HasPrefix(name, "win-") {
		if enc, _ := charset.Lookup("windows-" + strings.TrimLeft(name, "cpwin-")); enc != nil {
			return enc
		}
	}
	if enc, err := ianaindex.MIME.Encoding(name); err == nil {
		return enc
	}
	return nil
}

// scan tells whether b is ASCII only, and whether it has an escape character.
func scan(b []byte) (ascii, escapes bool) {
	ascii = true
	for len(b) >= 8 {
		if binary.LittleEndian.Uint64(b)&0x8080808080808080 != 0 {
			ascii = false
			break
		}
		if bytes.IndexByte(b[:8], 0x1b) >= 0 {
			escapes = true
		}
		b = b[8:]
	}
	for _, c := range b {
		if c >= 0x80 {
			ascii = false
		}
		if c == 0x1b {
			escapes = true
		}
	}
	return ascii, escapes
}

// reusesASCII tells charsets in which octets below 128 are not always ASCII.
func reusesASCII(name string) bool {
	return strings.HasPrefix(name, "utf-16") || strings.HasPrefix(name, "utf-32") || strings.Contains(name, "utf-7") ||
		strings.Contains(name, "utf7") || name == "hz-gb-2312" || strings.HasPrefix(name, "ucs-") || strings.HasPrefix(name, "ibm037")
}

// guess reads octets whose charset is not known.
func guess(b []byte, escapes bool) string {
	if escapes && bytes.Contains(b, []byte("\x1b$")) {
		if out, err := japanese.ISO2022JP.NewDecoder().Bytes(b); err == nil && utf8.Valid(out) {
			return string(out)
		}
	}
	if utf8.Valid(b) {
		return string(b)
	}
	out, err := charmap.Windows1252.NewDecoder().Bytes(b)
	if err != nil {
		return strings.ToValidUTF8(string(b), "\uFFFD")
	}
	return string(out)
}

// decodeUTF7 reads RFC 2152, which no table of the web has any more.
func decodeUTF7(b []byte) string {
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		if b[i] != '+' {
			out = append(out, b[i])
			continue
		}
		end := i + 1
		for end < len(b) && isBase64(b[end]) {
			end++
		}
		run := b[i+1 : end]
		if len(run) == 0 {
			out = append(out, '+')
		} else {
			raw := make([]byte, base64.RawStdEncoding.DecodedLen(len(run)))
			n, _ := base64.RawStdEncoding.Decode(raw, run)
			units := make([]uint16, n/2)
			for k := range units {
				units[k] = binary.BigEndian.Uint16(raw[2*k:])
			}
			for _, r := range utf16.Decode(units) {
				out = utf8.AppendRune(out, r)
			}
		}
		i = end - 1
		if end < len(b) && b[end] == '-' {
			i = end
		}
	}
	return string(out)
}

func isBase64(c byte) bool {
	return 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '+' || c == '/'
}
