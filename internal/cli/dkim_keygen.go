package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"unspoof/dkim"
	"unspoof/internal/cli/ui"
	"unspoof/plan"
)

type dkimKeygenOptions struct {
	domain, selector, kind, out string
}

// keyTypes are the values of --type. RFC 8463 section 3 wants an RSA signature
// beside the one with Ed25519, which not every receiver knows.
var keyTypes = map[string][]dkim.Algorithm{
	"rsa2048": {dkim.RSASHA256},
	"ed25519": {dkim.Ed25519SHA256},
	"both":    {dkim.RSASHA256, dkim.Ed25519SHA256},
}

// second is what is put behind the selector of the second key of two: a name
// holds one key (RFC 6376 section 3.6.2.2).
const second = "-ed25519"

func newDKIMKeygen(p *program) *cobra.Command {
	opts := dkimKeygenOptions{}
	cmd := &cobra.Command{
		Use:   "keygen --domain DOMAIN --selector NAME --out DIR",
		Short: "Make a key to sign with, and the record to publish",
		Long: `Makes a private key for signing mail (DKIM) and prints the DNS record with its
public half, in each form in which a DNS host wants it typed.

The private key is written to DIR/NAME._domainkey.DOMAIN.pem, readable by you
alone, and nowhere else. Keep it on the server that signs: whoever has it can
sign as you. A file that exists is never written over.`,
		Example: `  unspoof dkim keygen --domain example.com --selector 2026a --out keys
  unspoof dkim keygen --domain example.com --selector 2026a --type both --out /etc/unspoof/keys`,
		Args:        noArgs,
		Annotations: exits("  0  made\n  2  wrong usage, or the file is there already or cannot be written"),
		RunE:        func(*cobra.Command, []string) error { return p.dkimKeygen(opts) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&opts.domain, "domain", "", "the `DOMAIN` that will sign: that of your From lines")
	f.StringVar(&opts.selector, "selector", "", "a `NAME` for this key, new for each: 2026a")
	f.StringVar(&opts.kind, "type", "rsa2048", "`TYPE` of key: rsa2048, which everybody can check, ed25519, or both (the\nsecond gets the selector NAME"+second+")")
	f.StringVar(&opts.out, "out", "", "folder `DIR` for the private key")
	cmd.RegisterFlagCompletionFunc("type", cobra.FixedCompletions([]string{"rsa2048", "ed25519", "both"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

type dkimKeygenJSON struct {
	Schema int       `json:"schema"`
	Domain string    `json:"domain"`
	Keys   []madeKey `json:"keys"`
}

type madeKey struct {
	Selector  string         `json:"selector"`
	Algorithm dkim.Algorithm `json:"algorithm"`
	Bits      int            `json:"bits"`
	File      string         `json:"file"` // with the private key
	Record    plan.Record    `json:"record"`

	private []byte // PEM
}

func (p *program) dkimKeygen(opts dkimKeygenOptions) error {
	kinds, known := keyTypes[opts.kind]
	switch {
	case opts.domain == "":
		return usage("--domain is missing", "name the domain that will sign: --domain example.com")
	case opts.selector == "":
		return usage("--selector is missing", "name the key, anew for each: --selector 2026a")
	case opts.out == "":
		return usage("--out is missing", "name the folder for the private key: --out keys")
	case !known:
		return usage(fmt.Sprintf("--type %q is no type of key", opts.kind), "write rsa2048, ed25519 or both")
	}
	opts.domain = strings.TrimSuffix(opts.domain, ".") // as zone files write it
	if _, err := netip.ParseAddr(strings.Trim(opts.domain, "[]")); err == nil {
		return usage(fmt.Sprintf("--domain %q is an IP address: keys are published under names", opts.domain), "name the domain of your From lines: --domain example.com")
	}
	made := dkimKeygenJSON{Schema: schema, Domain: opts.domain}
	for i, a := range kinds {
		selector := opts.selector
		if i > 0 {
			selector += second
		}
		k, err := newKey(a, selector, opts)
		if err != nil {
			return err
		}
		made.Keys = append(made.Keys, k)
	}
	if err := saveKeys(opts.out, made.Keys); err != nil {
		return err
	}
	if p.json {
		return p.printJSON(made)
	}
	p.showKeys(made)
	return nil
}

func newKey(a dkim.Algorithm, selector string, opts dkimKeygenOptions) (madeKey, error) {
	name, err := dkim.KeyName(selector, opts.domain)
	if err != nil {
		hint := "a selector is made of letters, digits and hyphens: --selector 2026a"
		if _, bad := dkim.KeyName("a", opts.domain); bad != nil {
			hint = "name the domain of your From lines: --domain example.com"
		}
		return madeKey{}, usage(origin.ReplaceAllString(err.Error(), ""), hint)
	}
	made := madeKey{Selector: selector, Algorithm: a, File: filepath.Join(opts.out, name+".pem")}
	if _, err := os.Lstat(made.File); err == nil { // before the work; writing decides
		return made, keyExists(made.File)
	}
	key, err := dkim.Generate(a)
	if err != nil {
		return made, err
	}
	made.Bits = key.Bits()
	text, err := key.Record()
	if err != nil {
		return made, err
	}
	if made.Record, err = plan.TXT(name, text); err != nil {
		return made, err
	}
	made.private, err = key.PEM()
	return made, err
}

func keyExists(file string) error {
	return usage(file+" is there already, and a key is never written over", "take another --selector: a new key has a new name")
}

// saveKeys writes all private keys, or none.
func saveKeys(dir string, keys []madeKey) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return usage("--out: "+err.Error(), "name a folder that you may write to")
	}
	for i, k := range keys {
		if err := saveKey(k.File, k.private); err != nil {
			for _, before := range keys[:i] {
				os.Remove(before.File) // made by this run, published by nobody
			}
			return err
		}
	}
	return nil
}

func saveKey(file string, private []byte) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return keyExists(file)
	}
	if err != nil {
		return usage("--out: "+err.Error(), "name a folder that you may write to")
	}
	_, err = f.Write(private)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		os.Remove(file)
		return fmt.Errorf("the private key was not saved: %w", err)
	}
	return nil
}

func (p *program) showKeys(made dkimKeygenJSON) {
	o := p.out
	for i, k := range made.Keys {
		if i > 0 {
			o.Line("")
		}
		o.Line("%s", o.As(ui.Bold, fmt.Sprintf("Key %s of %s (%s, %d bits)", k.Selector, made.Domain, k.Algorithm, k.Bits)))
		o.Line("  private key: %s", k.File)
		p.forms = true // a key is too long to be typed: one form must fit
		p.showRecord(k.Record)
	}
	o.Heading("Next step")
	o.Text("  ", "Publish what stands above. Sign with the private key only when all name servers of %s show the record and the time to live of what they showed before is over: until then receivers find no key, and every signature fails.", made.Domain)
	o.Text("  ", "Keep the private key on the server that signs. Nobody needs it to check a signature.")
}
