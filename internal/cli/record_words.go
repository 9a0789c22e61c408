package cli

import (
	"errors"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"

	"unspoof/lint"
)

// maxTyped bounds records in a file or on standard input: what a TXT record can
// hold, some times over.
const maxTyped = 1 << 20

// How dig and zone files show character-strings, each in quotes. On the command line
// a single one is text with quotes: the shell took its own off.
var (
	quotedStrings = regexp.MustCompile(`^\s*"(?:[^"\\]|\\.)*"(?:\s*"(?:[^"\\]|\\.)*")+\s*$`)
	quotedAlone   = regexp.MustCompile(`^\s*"(?:[^"\\]|\\.)*"\s*$`)
	quotedString  = regexp.MustCompile(`"((?:[^"\\]|\\.)*)"`)
	escape        = regexp.MustCompile(`\\([0-9]{3}|.)`)
)

// characterStrings reads one record as it was typed, or as it stands on a line of a
// file. All verbs that take a record read it here, and none repairs it: a character
// that receivers would stumble over is not to vanish before it is judged.
func characterStrings(text string, file bool) []string {
	if !quotedStrings.MatchString(text) && (!file || !quotedAlone.MatchString(text)) {
		return lint.Text(text)[0]
	}
	var strs []string
	for _, m := range quotedString.FindAllStringSubmatch(text, -1) {
		strs = append(strs, escape.ReplaceAllStringFunc(m[1], func(e string) string {
			if n, err := strconv.Atoi(e[1:]); err == nil && len(e) == 4 && n < 256 {
				return string([]byte{byte(n)})
			}
			return e[1:]
		}))
	}
	return strs
}

// typedLines reads the records of a file, one a line.
func typedLines(source io.Reader, name string) ([][]string, error) {
	data, err := io.ReadAll(io.LimitReader(source, maxTyped+1))
	switch {
	case err != nil:
		return nil, usage(unread(name, err), "")
	case len(data) > maxTyped:
		return nil, usage(name+" holds more than a record", "give one record a line")
	}
	if quotedStrings.Match(data) { // one record, a string a line
		return [][]string{characterStrings(string(data), true)}, nil
	}
	var all [][]string
	for line := range strings.Lines(string(data)) {
		if line = strings.Trim(line, "\r\n"); strings.Trim(line, " \t") != "" {
			all = append(all, characterStrings(line, true))
		}
	}
	return all, nil
}

// typedRecords gives what was typed as records: the words of the command line are
// one, lines of standard input are one each.
func (p *program) typedRecords(args []string) ([][]string, error) {
	text := strings.Join(args, " ")
	if text != "-" {
		return [][]string{characterStrings(text, false)}, nil
	}
	all, err := typedLines(p.in, "standard input")
	if err == nil && all == nil {
		err = usage("there is no record on standard input", "give one record a line")
	}
	return all, err
}

// recordArg reads @FILE and "-" where they stand for a record; any other text is
// the record, or the domain.
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
		return strings.Join(characterStrings(arg, false), ""), nil
	}
	all, err := typedLines(source, name)
	switch {
	case err != nil:
		return "", err
	case len(all) == 0:
		return "", &helpful{err: errors.New(name + " holds no record"), hint: "put the text of one record in it", code: exitUsage}
	case len(all) > 1:
		return "", usage(name+" holds "+count(len(all), "line"), "put the one record in one line")
	}
	return strings.Join(all[0], ""), nil
}
