package auth_test

import (
	"bytes"
	"testing"

	"unspoof/auth"
	"unspoof/authres"
	"unspoof/dmarc"
)

// FuzzCheck looks for a message or an envelope that makes the forger's mail pass as
// the bank's: only evil.example's key and host stand behind what is tried.
func FuzzCheck(f *testing.F) {
	for _, a := range attacks(f) {
		args := a.args()
		if len(args.Message) < 10_000 {
			f.Add(args.HELO, args.MailFrom, args.Message)
		}
	}
	z := world(nil)
	f.Fuzz(func(t *testing.T, helo, from string, m []byte) {
		before := bytes.Clone(m)
		res := check(t, auth.Args{IP: evilIP, HELO: helo, MailFrom: from, Message: m, Resolver: z, TrustedSealers: []string{"evil.example"}})
		if !bytes.Equal(before, m) {
			t.Error("the message was changed")
		}
		if res.Domain == "bank.example" && res.Verdict == dmarc.VerdictPass {
			t.Errorf("passes: %s", res.Reason)
		}
		if res.Verdict != dmarc.VerdictPass && res.Alignment != (auth.Alignment{}) || res.Verdict != dmarc.VerdictFail && res.Verdict != dmarc.VerdictPermError && res.Disposition != dmarc.None {
			t.Errorf("%s with %+v and %s", res.Verdict, res.Alignment, res.Disposition)
		}
		text, err := res.AuthenticationResults("mx.reader.example").Format()
		if err != nil {
			t.Fatal(err)
		}
		back, err := authres.Parse(text)
		if err != nil {
			t.Fatalf("%v in:\n%s", err, text)
		}
		if last := back.Results[len(back.Results)-1]; last.Method != "dmarc" || last.Result != string(res.Verdict) {
			t.Errorf("the last result is %+v in:\n%s", last, text)
		}
	})
}

func BenchmarkCheck(b *testing.B) {
	m := []byte(sign(b, "bank.example", "bank.example", "s", letter(fromBank)+string(bytes.Repeat([]byte("A line of an ordinary letter, as they come.\r\n"), 90))))
	sealed := []byte(seal(b, "list.example", "dmarc=pass", string(m)))
	z := world(nil)
	for name, m := range map[string][]byte{"signed": m, "sealed": sealed} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				check(b, auth.Args{IP: bankIP, HELO: "bank.example", MailFrom: "ceo@bank.example", Message: m, Resolver: z})
			}
		})
	}
}
