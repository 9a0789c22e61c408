// Package profile reads the file in which the owner of an address writes down
// what he knows of his own mail: domains, hosts, services, keys, logs, events.
// What each key means stands at [unspoof/forensics.Profile].
//
// The file is YAML, read strictly: an unknown key is an error that names its
// line and the key that was probably meant. Aliases and anchors are not
// supported, so that a small file cannot grow. No value of the file is repeated
// in an error or a warning, because any line may hold a secret.
package profile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime"

	"go.yaml.in/yaml/v3"

	"unspoof/forensics"
)

// maxFile bounds the file. An outbound log of 300,000 messages fits.
const maxFile = 64 << 20

// Load reads the profile at path. Warnings are sentences for people, such as
// that others can read a secret in it. Errors name the line.
func Load(path string) (p *forensics.Profile, warnings []string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("profile: %w", err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, nil, fmt.Errorf("profile: %w", err)
	}
	if st.IsDir() {
		return nil, nil, fmt.Errorf("profile: %s is a folder; name the profile file in it", path)
	}
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, nil, fmt.Errorf("profile: %w", err)
	}
	p, warnings, err = Parse(data)
	if err != nil {
		return nil, nil, fmt.Errorf("profile: %s: %w", path, err)
	}
	if holdsSecret(p) && readableByOthers(st.Mode()) {
		warnings = append(warnings, fmt.Sprintf(
			"%s holds a secret and other users of this machine can read it; run: chmod 600 %s", path, path))
	}
	return p, warnings, nil
}

func holdsSecret(p *forensics.Profile) bool {
	return p.BATV != nil && len(p.BATV.Secret) > 0 || len(p.SealKeys) > 0
}

// readableByOthers reports whether the mode lets group or others in. Windows
// has no such bits.
func readableByOthers(m os.FileMode) bool {
	return runtime.GOOS != "windows" && m.Perm()&0o077 != 0
}

// Parse reads a profile from bytes, at most 64 MiB. The bytes are not kept.
func Parse(data []byte) (*forensics.Profile, []string, error) {
	if len(data) > maxFile {
		return nil, nil, fmt.Errorf("larger than %d MiB; shorten the outbound log", maxFile>>20)
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc yaml.Node
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return nil, nil, errors.New("the file is empty; it needs at least: domains: [your-domain]")
	case err != nil:
		return nil, nil, syntaxError(err)
	}
	var second yaml.Node
	if err := dec.Decode(&second); !errors.Is(err, io.EOF) {
		if err != nil {
			return nil, nil, syntaxError(err)
		}
		return nil, nil, fmt.Errorf("line %d: a second document begins; a profile is one document", second.Line)
	}
	var r reader
	p, err := r.profile(doc.Content[0])
	if err != nil {
		return nil, nil, err
	}
	return p, r.warnings, nil
}

var lineOf = regexp.MustCompile(`line (\d+)`)

// syntaxError keeps of the YAML library's error only the line: its text may
// quote the file.
func syntaxError(err error) error {
	if m := lineOf.FindStringSubmatch(err.Error()); m != nil {
		return fmt.Errorf("line %s: not YAML; check the indentation, colons and quotes around there", m[1])
	}
	return errors.New("not YAML; check indentation, colons and quotes")
}
