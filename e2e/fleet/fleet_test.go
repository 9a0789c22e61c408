//go:build e2e

package fleet_test

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"unspoof/e2e/daemon"
	"unspoof/e2e/nameserver"
	"unspoof/posture"
)

// size is the fleet of the tests, as large as that of the benchmark.
const size = 10_000

func TestFleet(t *testing.T) {
	list, addr, domains := served(t, size, kinds)
	out := check(t, addr, "@"+list, "--json")
	if out.code != 1 {
		t.Errorf("status %d: %s", out.code, out.stderr)
	}
	var doc struct {
		Schema  int
		Domains []posture.Report
		Skipped int `json:"skipped_count"`
	}
	if err := json.Unmarshal([]byte(out.stdout), &doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.Domains) != size || doc.Skipped != 0 {
		t.Fatalf("%d domains, %d skipped", len(doc.Domains), doc.Skipped)
	}
	most, all := 0, 0
	for i, r := range doc.Domains {
		k := kinds[i%len(kinds)]
		has := k.finding == ""
		for _, f := range r.Findings {
			has = has || f.ID == k.finding
		}
		if r.Domain != domains[i] || r.Verdict.Exposure != k.want || !has || len(r.Unanswered) > 0 || !r.Quick {
			t.Errorf("%s (%s): %s, %+v, unanswered %+v", r.Domain, k.name, r.Verdict.Sentence, r.Findings, r.Unanswered)
		}
		most, all = max(most, r.Questions), all+r.Questions
		if t.Failed() && i > 50 {
			t.FailNow()
		}
	}
	if most > posture.QuickQuestions {
		t.Errorf("%d questions for one domain", most)
	}
	const bound = 192 << 20
	if out.memory > bound {
		t.Errorf("took %d MiB", out.memory>>20)
	}
	t.Logf("%d domains in %v: %.0f a second, %.1f questions each, %d at most, %d MiB",
		size, out.took.Round(time.Millisecond), float64(size)/out.took.Seconds(), float64(all)/size, most, out.memory>>20)
}

// journalLines waits until the journal has so many lines, and gives them.
func journalLines(t *testing.T, path string, n int) []string {
	t.Helper()
	for until := time.Now().Add(daemon.Patience); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		text, _ := os.ReadFile(path)
		if bytes.Count(text, []byte("\n")) >= n {
			return strings.Split(strings.TrimSpace(string(text)), "\n")
		}
	}
	t.Fatalf("the journal does not grow to %d lines", n)
	return nil
}

// interrupted begins a run over the domains, which can't come to its end since more
// may follow on its standard input, and sends it the signal once its journal has n
// lines.
func interrupted(t *testing.T, addr string, domains []string, journal string, n int, s os.Signal) (code int, said string) {
	t.Helper()
	cmd := exec.Command(unspoof, "check", "--resolver", addr, "@-", "--format", "csv", "--resume", journal)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go io.WriteString(in, strings.Join(domains, "\n")+"\n")
	journalLines(t, journal, n)
	cmd.Process.Signal(s)
	cmd.Wait()
	return cmd.ProcessState.ExitCode(), stderr.String()
}

// A run that is killed without a warning goes on where it stood, asks nothing
// twice, and says in the end what an undisturbed one says.
func TestFleetGoesOnAfterAKill(t *testing.T) {
	list, addr, domains := served(t, size, kinds)
	journal := filepath.Join(t.TempDir(), "journal")
	want := check(t, addr, "@"+list, "--format", "csv")

	interrupted(t, addr, domains[:size/2], journal, size/5, os.Kill)
	f, err := os.OpenFile(journal, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(f, `{"domain":"d00001.exa`) // as a full disk or a lost machine leaves it
	f.Close()
	code, said := interrupted(t, addr, domains[:size*3/4], journal, size/2, os.Interrupt)
	if code != 130 || !strings.Contains(said, "to go on, give the same command again") {
		t.Errorf("status %d: %s", code, said)
	}

	done := len(journalLines(t, journal, 0)) - 1
	got := check(t, addr, "@"+list, "--format", "csv", "--resume", journal)
	if got.code != want.code || got.stdout != want.stdout {
		t.Errorf("status %d, %d octets; undisturbed %d, %d\n%s", got.code, len(got.stdout), want.code, len(want.stdout), got.stderr)
	}
	if !strings.Contains(got.stderr, "domains done already") || done < size/2-1 {
		t.Errorf("%d done before the last run, which says %s", done, got.stderr)
	}
	lines := journalLines(t, journal, 0)
	slices.Sort(lines)
	var last string
	for _, l := range lines {
		domain, _, _ := strings.Cut(l, `,"open"`)
		if domain == last {
			t.Errorf("asked twice: %s", domain)
		}
		last = domain
	}
	if len(lines) != size+1 {
		t.Errorf("%d lines for %d domains", len(lines), size)
	}
}

// What is kept of a domain that is done is a mark of some octets, however long
// the list.
func TestFleetOfMadeUpNamesTakesLittleMemory(t *testing.T) {
	_, addr, _ := served(t, 10, kinds)
	var text strings.Builder
	const n = 60_000
	for i := range n {
		fmt.Fprintf(&text, "made-up-%d.example\n", i)
	}
	out := check(t, addr, "@"+nameserver.Write(t, t.TempDir(), "list", text.String()), "--format", "csv", "--resume", filepath.Join(t.TempDir(), "journal"))
	rows, err := csv.NewReader(bufio.NewReader(strings.NewReader(out.stdout))).ReadAll()
	if err != nil || len(rows) != n+1 || rows[1][0] != "made-up-0.example" {
		t.Fatalf("%d rows, %v; %s", len(rows), err, out.stderr)
	}
	const bound = 192 << 20
	if out.memory > bound {
		t.Errorf("took %d MiB", out.memory>>20)
	}
	t.Logf("%d names in %v, %d MiB", n, out.took.Round(time.Millisecond), out.memory>>20)
}

// A server that is not there is no finding.
func TestFleetWithoutAServer(t *testing.T) {
	list := nameserver.Write(t, t.TempDir(), "list", "a.example\nb.example\n")
	out := check(t, "127.0.0.1:1", "@"+list, "--timeout", "1s")
	if out.code != 3 || !strings.Contains(out.stderr, "no name server answered") {
		t.Errorf("status %d\n%s\n%s", out.code, out.stdout, out.stderr)
	}
}
