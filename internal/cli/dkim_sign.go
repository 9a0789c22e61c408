package cli

import (
	"bytes"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"unspoof/dkim"
	"unspoof/internal/cli/ui"
	"unspoof/message"
	"unspoof/orgdomain"
)

type dkimSignOptions struct {
	keys, selectors []string
	domain, now     string
	expire          string
}

func newDKIMSign(p *program) *cobra.Command {
	opts := dkimSignOptions{}
	cmd := &cobra.Command{
		Use:   "sign FILE --key FILE --domain DOMAIN --selector NAME",
		Short: "Sign a message, and print it",
		Long: `Signs a message (DKIM, RFC 6376) and prints it with the signature on top. FILE
is the message, or - for standard input. Give --key and --selector once more
each to sign with a second key.

The message is printed with the line ends that mail has on its way (CRLF);
nothing else of it is changed. What may break the signature on its way is said
on standard error.`,
		Example: `  unspoof dkim sign message.eml --key keys/2026a._domainkey.example.com.pem --domain example.com --selector 2026a
  unspoof dkim sign - --key a.pem --selector 2026a --key b.pem --selector 2026a-ed25519 --domain example.com`,
		Args:        oneMessage,
		Annotations: exits("  0  signed\n  2  wrong usage, or the message or the key cannot be read"),
		RunE:        func(cmd *cobra.Command, args []string) error { return p.dkimSign(cmd, args[0], opts) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringArrayVar(&opts.keys, "key", nil, "private key, a PEM `FILE`; may be repeated")
	f.StringArrayVar(&opts.selectors, "selector", nil, "the `NAME` under which the key is published; one for each --key, in order")
	f.StringVar(&opts.domain, "domain", "", "the `DOMAIN` that signs")
	f.StringVar(&opts.expire, "expire", "", "how long the signature holds (x=), a `SPAN` as 7d or 36h; without, for ever")
	f.StringVar(&opts.now, "now", "", "sign as at this `TIME` instead of now (RFC 3339 or Unix seconds)")
	return cmd
}

type dkimSignJSON struct {
	Schema     int      `json:"schema"`
	Signatures string   `json:"signatures"` // DKIM-Signature fields, to be put in front of the message
	Signed     []string `json:"signed"`
	Notes      []string `json:"notes"`
}

func (p *program) dkimSign(cmd *cobra.Command, file string, opts dkimSignOptions) error {
	args, err := opts.signArgs(cmd)
	if err != nil {
		return err
	}
	if args.Keys, err = p.signingKeys(opts); err != nil {
		return err
	}
	if args.Message, err = p.readMessage(file); err != nil {
		return err
	}
	args.Message = withCRLF(args.Message)
	res, err := dkim.Sign(cmd.Context(), args)
	if cerr := cmd.Context().Err(); cerr != nil {
		return cerr
	}
	if err != nil {
		return usage(err.Error(), "")
	}
	res.Notes = append(res.Notes, strangers(args)...)
	if p.json {
		return p.printJSON(dkimSignJSON{schema, string(res.Fields), res.Signed, append([]string{}, res.Notes...)})
	}
	for _, n := range res.Notes {
		p.complain("%s", n)
	}
	w := ui.Data(p.Stdout)
	for _, part := range [][]byte{res.Fields, args.Message} {
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return nil
}

func (opts dkimSignOptions) signArgs(cmd *cobra.Command) (dkim.SignArgs, error) {
	switch {
	case len(opts.keys) == 0:
		return dkim.SignArgs{}, usage("--key is missing", "name the file of the private key; unspoof dkim keygen makes one")
	case opts.domain == "":
		return dkim.SignArgs{}, usage("--domain is missing", "name the domain that signs: --domain example.com")
	case len(opts.selectors) != len(opts.keys):
		return dkim.SignArgs{}, usage(fmt.Sprintf("%s, but %s: each key is published under a name of its own", count(len(opts.keys), "key"), count(len(opts.selectors), "selector")),
			"give --selector once for each --key, in the same order")
	}
	args := dkim.SignArgs{Domain: opts.domain}
	var err error
	if cmd.Flags().Changed("expire") {
		if args.Expire, err = parseSpan(opts.expire); err != nil {
			return args, usage("--expire: "+err.Error(), "")
		}
	}
	args.Now, err = clock(cmd)
	return args, err
}

// strangers warns of an author whose domain the signature does not speak for (RFC
// 9989: DMARC wants d= of the organisation of From).
func strangers(args dkim.SignArgs) []string {
	header, _, _ := message.ReadHeader(args.Message)
	for _, a := range message.ParseAddresses(header.Value("From")) {
		if a.Domain != "" && !orgdomain.SameOrg(a.Domain, args.Domain) {
			return []string{fmt.Sprintf("From is of %s, another organisation than %s: the signature does not count for DMARC.", a.Domain, args.Domain)}
		}
	}
	return nil
}

// maxKeyFile bounds a file with a private key; one has about 2 KB.
const maxKeyFile = 1 << 20

func (p *program) signingKeys(opts dkimSignOptions) ([]dkim.SigningKey, error) {
	var keys []dkim.SigningKey
	for i, file := range opts.keys {
		info, err := os.Stat(file)
		if err != nil {
			return nil, usage("--key: "+unread(file, err), "")
		}
		if !info.Mode().IsRegular() || info.Size() > maxKeyFile {
			return nil, usage("--key: "+file+" is no file with a key", "name the file that unspoof dkim keygen wrote")
		}
		if info.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' { // Windows has no such bits
			p.complain("others on this computer may read the private key %s: chmod 600 ends that", file)
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, usage("--key: "+unread(file, err), "")
		}
		key, err := dkim.ParsePrivateKey(text)
		if err != nil {
			return nil, usage("--key "+file+": "+origin.ReplaceAllString(err.Error(), ""), "")
		}
		keys = append(keys, dkim.SigningKey{Selector: opts.selectors[i], Key: key})
	}
	return keys, nil
}

// withCRLF gives the message with the line ends that it has to be sent with (RFC
// 5321 section 2.3.8); bare carriage returns stay.
func withCRLF(message []byte) []byte {
	bare := bytes.Count(message, []byte("\n")) - bytes.Count(message, []byte("\r\n"))
	if bare == 0 {
		return message
	}
	out := make([]byte, 0, len(message)+bare)
	for line := range bytes.Lines(message) {
		text, ended := bytes.CutSuffix(line, []byte("\n"))
		out = append(out, text...)
		if !ended {
			break
		}
		if !bytes.HasSuffix(text, []byte("\r")) {
			out = append(out, '\r')
		}
		out = append(out, '\n')
	}
	return out
}
