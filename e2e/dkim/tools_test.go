//go:build e2e

// Package dkim_test has our signatures checked by other verifiers, and theirs by
// us: opendkim, dkimpy (python3-dkim) and Mail::DKIM. What is not installed is
// skipped.
package dkim_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"unspoof/dkim"
)

// tool is another implementation.
type tool struct {
	name string
	// present skips the test where the tool is not installed.
	present func(t *testing.T)
	// verify tells whether the message's one signature passes; records are by
	// owner name.
	verify func(t *testing.T, msg []byte, records map[string]string) (pass bool, output string)
	// sign gives the signed message; nil, or false, where the tool can't.
	sign func(t *testing.T, msg []byte, k key, canon string) (signed []byte, ok bool)
	// noLineEnd says whether the tool handles bodies whose last line has no end:
	// opendkim's test mode adds one, and Mail::DKIM 1.2023 does not, though
	// simple form has it (RFC 6376 section 3.4.3).
	noLineEnd func(canon string) bool
	// ed25519 says whether the tool knows the algorithm.
	ed25519 bool
}

// key is a private key with its selector.
type key struct {
	selector string
	private  dkim.PrivateKey
}

func (k key) file(t *testing.T) string {
	t.Helper()
	text, err := k.private.PEM()
	if err != nil {
		t.Fatal(err)
	}
	return write(t, k.selector+".pem", text)
}

// seed is the Ed25519 key as dkimpy wants it: the last 32 octets of PKCS #8.
func (k key) seed(t *testing.T) string {
	t.Helper()
	text, err := k.private.PEM()
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(text)
	return base64.StdEncoding.EncodeToString(block.Bytes[len(block.Bytes)-32:])
}

func write(t *testing.T, name string, text []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func run(t *testing.T, stdin []byte, name string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Stdin = bytes.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// tools are the three.
func tools() []tool {
	return []tool{
		{name: "opendkim", present: needs("opendkim", "-V"), verify: opendkimVerify, sign: opendkimSign, ed25519: true,
			noLineEnd: func(string) bool { return false }},
		{name: "dkimpy", present: needs("/usr/bin/python3", "-c", "import dkim, nacl"), verify: dkimpyVerify, sign: dkimpySign, ed25519: true,
			noLineEnd: func(string) bool { return true }},
		{name: "Mail-DKIM", present: needs("perl", "-MMail::DKIM::Verifier", "-e", "1"), verify: perlVerify, sign: perlSign,
			noLineEnd: func(canon string) bool { return strings.HasSuffix(canon, "/relaxed") }},
	}
}

func needs(name string, args ...string) func(*testing.T) {
	return func(t *testing.T) {
		t.Helper()
		if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
			t.Skipf("%s is not installed (%v %.100s)", name, err, out)
		}
	}
}

func opendkimVerify(t *testing.T, msg []byte, records map[string]string) (bool, string) {
	var keys strings.Builder
	for name, text := range records {
		keys.WriteString(name + " " + text + "\n")
	}
	conf := write(t, "conf", []byte("Mode v\nTestPublicKeys "+write(t, "keys", []byte(keys.String()))+"\n"))
	out, err := run(t, nil, "opendkim", "-x", conf, "-t", write(t, "msg.eml", msg))
	return err == nil && strings.Contains(out, "verification (s=") && strings.Contains(out, "succeeded"), out
}

// inserted is how opendkim's test mode prints a field.
var inserted = regexp.MustCompile(`(?s)DKIM-Signature: (v=1;.*?)\s*$`)

func opendkimSign(t *testing.T, msg []byte, k key, canon string) ([]byte, bool) {
	if k.private.Algorithm() == dkim.Ed25519SHA256 && strings.HasPrefix(canon, "simple/") {
		return nil, false // opendkim 2.11 beta 2 refuses these itself, and so does dkimpy
	}
	conf := "Mode s\nDomain example.com\nSelector " + k.selector + "\nKeyFile " + k.file(t) +
		"\nCanonicalization " + canon + "\nSignatureAlgorithm " + string(k.private.Algorithm()) + "\nRequireSafeKeys false\n"
	out, err := run(t, nil, "opendkim", "-x", write(t, "conf", []byte(conf)), "-t", write(t, "msg.eml", msg))
	m := inserted.FindStringSubmatch(out)
	if err != nil || m == nil {
		t.Fatalf("opendkim: %v\n%s", err, out)
	}
	value := strings.ReplaceAll(strings.ReplaceAll(m[1], "\r\n", "\n"), "\n", "\r\n")
	return append([]byte("DKIM-Signature: "+value+"\r\n"), msg...), true
}

const dkimpyVerifier = `
import sys, json, dkim
keys = json.loads(sys.argv[1])
def dns(name, timeout=5):
    return keys.get(name.decode().rstrip(".").lower(), "").encode() or None
print("pass" if dkim.verify(sys.stdin.buffer.read(), dnsfunc=dns) else "fail")
`

func dkimpyVerify(t *testing.T, msg []byte, records map[string]string) (bool, string) {
	keys, err := json.Marshal(records)
	if err != nil {
		t.Fatal(err)
	}
	out, err := run(t, msg, "/usr/bin/python3", "-c", dkimpyVerifier, string(keys))
	return err == nil && strings.TrimSpace(out) == "pass", out
}

const dkimpySigner = `
import sys, dkim
_, selector, key, canon, algorithm = sys.argv
key = open(key, "rb").read() if algorithm == "rsa-sha256" else key.encode()
msg = sys.stdin.buffer.read()
sig = dkim.sign(msg, selector.encode(), b"example.com", key, canonicalize=tuple(canon.encode().split(b"/")), signature_algorithm=algorithm.encode())
sys.stdout.buffer.write(sig + msg)
`

func dkimpySign(t *testing.T, msg []byte, k key, canon string) ([]byte, bool) {
	secret := ""
	if k.private.Algorithm() == dkim.Ed25519SHA256 {
		secret = k.seed(t)
	} else {
		secret = k.file(t)
	}
	out, err := run(t, msg, "/usr/bin/python3", "-c", dkimpySigner, k.selector, secret, canon, string(k.private.Algorithm()))
	if err != nil {
		t.Fatalf("dkimpy: %v\n%s", err, out)
	}
	return []byte(out), true
}

const perlVerifier = `
use Mail::DKIM::Verifier; use Net::DNS; use JSON::PP;
my $keys = decode_json(shift);
no warnings 'redefine';
*Mail::DKIM::DNS::query_async = sub {
    my ($name, $type, %p) = @_;
    my $text = $keys->{lc $name};
    my @rr = defined $text ? (Net::DNS::RR->new(name => $name, type => 'TXT', txtdata => [unpack '(a255)*', $text])) : ();
    return sub { $p{Callbacks}{Success}->(@rr) };
};
my $v = Mail::DKIM::Verifier->new;
binmode STDIN; local $/; my $msg = <STDIN>;
$v->PRINT($msg); $v->CLOSE;
print $v->result_detail, "\n";
`

func perlVerify(t *testing.T, msg []byte, records map[string]string) (bool, string) {
	keys, err := json.Marshal(records)
	if err != nil {
		t.Fatal(err)
	}
	out, err := run(t, msg, "perl", "-e", perlVerifier, string(keys))
	return err == nil && strings.TrimSpace(out) == "pass", out
}

const perlSigner = `
use Mail::DKIM::Signer;
my ($selector, $key, $canon) = @ARGV;
my $s = Mail::DKIM::Signer->new(Algorithm => 'rsa-sha256', Method => $canon, Domain => 'example.com', Selector => $selector, KeyFile => $key);
binmode STDIN; local $/; my $msg = <STDIN>;
$s->PRINT($msg); $s->CLOSE;
binmode STDOUT;
print $s->signature->as_string, "\r\n", $msg;
`

func perlSign(t *testing.T, msg []byte, k key, canon string) ([]byte, bool) {
	if k.private.Algorithm() != dkim.RSASHA256 {
		return nil, false
	}
	out, err := run(t, msg, "perl", "-e", perlSigner, k.selector, k.file(t), canon)
	if err != nil {
		t.Fatalf("Mail::DKIM: %v\n%s", err, out)
	}
	return []byte(out), true
}
