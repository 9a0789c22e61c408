package cli

import (
	"errors"
	"io"
	"math/big"
	"os"
	"strings"

	"unspoof/sender"
	"unspoof/spf"
)

// maxRecordFile bounds a file that holds one record: its text and some quotes.
const maxRecordFile = 1 << 20

// recordArg reads @FILE and "-" where they stand for a record; any other text is
// given back.
func (p *program) recordArg(arg string) (string, error) {
	var source io.Reader
	name, isFile := strings.CutPrefix(arg, "@")
	switch {
	case arg == "-":
		source, name = p.in, "standard input"
	case isFile:
		f, err := os.Open(name)
		if err != nil {
			return "", usage(unread(name, err), "check the name and the folder that you are in")
		}
		defer f.Close()
		source = f
	default:
		return arg, nil
	}
	data, err := io.ReadAll(io.LimitReader(source, maxRecordFile))
	if err != nil {
		return "", usage(unread(name, err), "")
	}
	if text := unquoted(string(data)); text != "" {
		return text, nil
	}
	return "", &helpful{err: errors.New(name + " holds no record"), hint: "put the text of one record in it", code: exitUsage}
}

// unquoted joins the character-strings of a record as a zone file writes it; a
// text without quotes is one line.
func unquoted(s string) string {
	s = strings.TrimSpace(s)
	if !strings.HasPrefix(s, `"`) {
		return strings.Join(strings.Fields(s), " ")
	}
	var b strings.Builder
	for i, part := range strings.Split(s, `"`) {
		if i%2 == 1 {
			b.WriteString(part)
		}
	}
	return b.String()
}

// serviceNames names the services that an include host is known to belong to.
func serviceNames(host string) []string {
	names := []string{}
	if host == "" {
		return names
	}
	for _, m := range sender.ByInclude(host) {
		names = append(names, m.Service.Name)
	}
	return names
}

// addressWords counts addresses of both families, those of IPv6 in networks of /64
// where there are many.
func addressWords(t spf.Tally) string {
	var parts []string
	if !t.IPv4.IsZero() {
		parts = append(parts, countWords(t.IPv4, "IPv4 address", "IPv4 addresses"))
	}
	if !t.IPv6.IsZero() {
		if n := t.IPv6.Big(); n.BitLen() > 64 {
			n.Rsh(n, 64)
			parts = append(parts, plural(n, "IPv6 network of /64", "IPv6 networks of /64"))
		} else {
			parts = append(parts, countWords(t.IPv6, "IPv6 address", "IPv6 addresses"))
		}
	}
	if len(parts) == 0 {
		return "no address"
	}
	return strings.Join(parts, " and ")
}

func countWords(c spf.Count, one, many string) string { return plural(c.Big(), one, many) }

func plural(n *big.Int, one, many string) string {
	if n.IsInt64() && n.Int64() == 1 {
		return "1 " + one
	}
	return thousands(n.String()) + " " + many
}
