package dnsfile

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"unspoof/dns"
)

// maxRecorded bounds a recording; an investigation of a large mailbox asks
// some thousand questions.
const maxRecorded = 1 << 16

// Recorder passes questions on to another resolver and keeps every answer and
// every fault, but that of a caller who gave up. Within one recording a
// question has one answer: asked again, it gets the one that was kept, so that
// the replay cannot differ. Safe for concurrent use.
type Recorder struct {
	inner dns.Resolver

	mu      sync.Mutex
	kept    map[question]result
	dropped int
}

type question struct {
	name string // canonical
	typ  dns.Type
}

type result struct {
	answer dns.Answer
	fault  *dns.Error
}

// NewRecorder records what inner answers.
func NewRecorder(inner dns.Resolver) *Recorder {
	return &Recorder{inner: inner, kept: map[question]result{}}
}

// Lookup implements [dns.Resolver].
func (r *Recorder) Lookup(ctx context.Context, q dns.Question) (dns.Answer, error) {
	key := question{dns.Canonical(q.Name), q.Type}
	r.mu.Lock()
	known, ok := r.kept[key]
	r.mu.Unlock()
	if ok {
		return known.give()
	}
	a, err := r.inner.Lookup(ctx, q)
	res := result{answer: a}
	if err != nil && (!errors.As(err, &res.fault) || !lasting(res.fault.Kind) || ctx.Err() != nil) {
		return a, err
	}
	return r.keep(key, res).give()
}

// lasting tells the faults that a replay must show from those that say nothing
// about the question, or that every resolver finds by itself.
func lasting(kind dns.FaultKind) bool {
	switch kind {
	case dns.FaultTimeout, dns.FaultServFail, dns.FaultRefused, dns.FaultMalformed, dns.FaultNetwork, dns.FaultOffline:
		return true
	}
	return false
}

// keep stores the result, unless another caller's for the same question came
// first, and gives the one that counts.
func (r *Recorder) keep(key question, res result) result {
	r.mu.Lock()
	defer r.mu.Unlock()
	if first, ok := r.kept[key]; ok {
		return first
	}
	if len(r.kept) == maxRecorded {
		r.dropped++
		return res
	}
	r.kept[key] = res
	return res
}

func (r result) give() (dns.Answer, error) {
	if r.fault != nil {
		return dns.Answer{}, r.fault
	}
	return r.answer, nil
}

// WriteTo writes the recording so far, in the order of the names: the same
// answers give the same file.
func (r *Recorder) WriteTo(w io.Writer) (int64, error) {
	data, err := json.MarshalIndent(r.recording(), "", " ")
	if err != nil {
		return 0, fmt.Errorf("dnsfile: recording: %w", err)
	}
	n, err := w.Write(append(data, '\n'))
	return int64(n), err
}

func (r *Recorder) recording() recording {
	r.mu.Lock()
	defer r.mu.Unlock()
	keys := make([]question, 0, len(r.kept))
	for k := range r.kept {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b question) int {
		return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.typ, b.typ))
	})
	out := recording{Format: recordingFormat, Schema: recordingSchema, Dropped: r.dropped, Answers: []recorded{}}
	for _, k := range keys {
		q, res := dns.Question{Name: k.name, Type: k.typ}, r.kept[k]
		if res.fault != nil {
			out.Answers = append(out.Answers, writeFault(q, res.fault))
		} else {
			out.Answers = append(out.Answers, writeAnswer(q, res.answer))
		}
	}
	return out
}

// Save writes the recording to path, all of it or nothing, readable by its
// owner only: it tells whom one had mail from. When the limit of 65536 answers
// was passed it writes what was kept and says in an error how many are missing.
func (r *Recorder) Save(path string) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".dns-recording-*") // mode 0600
	if err != nil {
		return fmt.Errorf("dnsfile: %w", err)
	}
	defer os.Remove(tmp.Name()) // no effect once renamed
	_, err = r.WriteTo(tmp)
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("dnsfile: recording to %s: %w", path, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.dropped > 0 {
		return fmt.Errorf("dnsfile: recording %s holds the first %d answers; %d more were not kept, and a replay will miss them; record fewer messages at a time", path, maxRecorded, r.dropped)
	}
	return nil
}
