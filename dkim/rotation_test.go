package dkim_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"unspoof/dkim"
)

func TestRotation(t *testing.T) {
	record, _ := signed.rsa.Record()
	other, _ := signed.ed.Record()
	spaced := strings.ReplaceAll(record, "; ", ";")
	show := func(texts ...string) (out []dkim.NameServerView) {
		for i, text := range texts {
			out = append(out, dkim.NameServerView{Server: string(rune('a'+i)) + ".example.com", New: text, Old: "v=DKIM1; p=AAAA", TTL: 2 * time.Hour})
		}
		return out
	}
	revoked := show(record, record)
	revoked[0].Old, revoked[1].Old = dkim.RevokedRecord, ""
	dead := show(record, record)
	dead[1] = dkim.NameServerView{Server: "b.example.com", Err: errors.New("timeout")}
	day := 24 * time.Hour

	r := dkim.Rotation{Phase: dkim.Publish, Selector: "new", Record: record, Old: "old"}
	for _, step := range []struct {
		name    string
		at      time.Duration
		servers []dkim.NameServerView
		lastOld time.Duration // 0: still in use
		want    dkim.Phase
		wait    time.Duration
		problem string
	}{
		{"nobody was asked", 0, nil, 0, dkim.Publish, 0, "no name server"},
		{"nowhere yet", 0, show("", ""), 0, dkim.Publish, 0, "a.example.com has no record"},
		{"on one of two", time.Hour, show(record, ""), 0, dkim.Publish, 0, "b.example.com has no record"},
		{"another key on one", time.Hour, show(record, other), 0, dkim.Publish, 0, "another key"},
		{"one server silent", time.Hour, dead, 0, dkim.Publish, 0, "timeout"},
		{"on all, written otherwise", 2 * time.Hour, show(record, spaced), 0, dkim.Seen, 4 * time.Hour, ""},
		{"lost again on one", 3 * time.Hour, show(record, ""), 0, dkim.Publish, 0, "b.example.com"},
		{"back on all", 4 * time.Hour, show(record, record), 0, dkim.Seen, 6 * time.Hour, ""},
		{"before the TTL is over", 5 * time.Hour, show(record, record), 0, dkim.Seen, 6 * time.Hour, ""},
		{"past the TTL", 6 * time.Hour, show(record, record), 0, dkim.Switch, 0, ""},
		{"the old key still signs", 7 * time.Hour, nil, 0, dkim.Switch, 0, ""},
		{"the last old signature", 8 * time.Hour, nil, 8 * time.Hour, dkim.Keep, 8*time.Hour + 7*day, ""},
		{"a forgotten server signed later", 2 * day, nil, 2 * day, dkim.Keep, 9 * day, ""},
		{"a week later", 9 * day, show(record, record), 2 * day, dkim.Revoke, 0, "still shows the old key"},
		{"revoked", 10 * day, revoked, 2 * day, dkim.Done, 0, ""},
		{"for ever", 99 * day, show("", ""), 0, dkim.Done, 0, ""},
	} {
		f := dkim.RotationFacts{Now: now.Add(step.at), Servers: step.servers}
		if step.lastOld > 0 {
			f.LastOld = now.Add(step.lastOld)
		}
		got := r.Next(f)
		if got.Rotation.Phase != step.want {
			t.Errorf("%s: %s, want %s (%v)", step.name, got.Rotation.Phase, step.want, got.Problems)
		}
		if (step.wait == 0) != got.Wait.IsZero() || step.wait > 0 && !got.Wait.Equal(now.Add(step.wait)) {
			t.Errorf("%s: wait until %v, want %v", step.name, got.Wait, step.wait)
		}
		if problems := strings.Join(got.Problems, "; "); !strings.Contains(problems, step.problem) || (step.problem == "") != (problems == "") {
			t.Errorf("%s: problems %q, want %q", step.name, problems, step.problem)
		}
		if got.Do == "" {
			t.Errorf("%s: nothing to do is said", step.name)
		}
		if again := got.Rotation.Next(f); again.Rotation != got.Rotation {
			t.Errorf("%s: the same facts move it on: %+v", step.name, again.Rotation)
		}
		r = got.Rotation
	}
}

func TestRotationOfAFirstKey(t *testing.T) {
	record, _ := signed.ed.Record()
	r := dkim.Rotation{Selector: "new", Record: record}
	views := []dkim.NameServerView{{Server: "ns", New: record}}
	step := r.Next(dkim.RotationFacts{Now: now, Servers: views})
	if step.Rotation.Phase != dkim.Seen || !step.Wait.Equal(now.Add(dkim.DefaultTTL)) {
		t.Errorf("%+v", step)
	}
	step = step.Rotation.Next(dkim.RotationFacts{Now: now.Add(2 * time.Hour), Servers: views})
	if step.Rotation.Phase != dkim.Done {
		t.Errorf("%+v", step)
	}
}
