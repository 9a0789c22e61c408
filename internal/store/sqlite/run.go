package sqlite

import (
	"bytes"
	"compress/flate"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"

	"unspoof/internal/store"
)

// MaxRaw is how many bytes of messages one case keeps. A judgement of a part of
// a mailbox would be a wrong one, so what is larger is refused, not cut.
const MaxRaw = 512 << 20

// ErrFull says that a case's messages are more than MaxRaw.
var ErrFull = errors.New("store: the messages of this case are more than 512 MB; use unspoof investigate on the command line for so large a mailbox")

// batch is how many messages are written in one transaction: enough that its
// cost is shared, few enough that other writers wait for milliseconds.
const batch = 256

// Run takes the messages of one judgement of a case. They are shown when Finish
// has come; until then the earlier run's are. Not for concurrent use.
type Run struct {
	s        *Store
	id       string
	run      int
	messages []store.Message
	raws     []store.Raw
	bytes    int // raw, in this run
	pending  int // raw bytes not yet written
	deflater deflater
}

// Begin starts a run.
func (s *Store) Begin(ctx context.Context, id string) (*Run, error) {
	r := &Run{s: s, id: id}
	err := s.w.QueryRowContext(ctx, "UPDATE cases SET next = next + 1 WHERE id = ? RETURNING next - 1", id).Scan(&r.run)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, store.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("store: begin a run: %w", err)
	}
	return r, nil
}

// Add takes one message with its judgement.
func (r *Run) Add(ctx context.Context, m store.Message) error {
	r.messages = append(r.messages, m)
	if len(r.messages) < batch {
		return nil
	}
	return r.flush(ctx)
}

// Keep takes one message as received, in the first run of a case; it gives
// ErrFull beyond MaxRaw. It does not keep data.
func (r *Run) Keep(ctx context.Context, raw store.Raw) error {
	if r.bytes += len(raw.Data); r.bytes > MaxRaw {
		return ErrFull
	}
	raw.Data = bytes.Clone(raw.Data)
	r.raws = append(r.raws, raw)
	r.pending += len(raw.Data)
	if len(r.raws) < batch && r.pending < 4<<20 {
		return nil
	}
	return r.flush(ctx)
}

// Finish writes what is left, keeps the case with it, and puts this run in the
// place of the one before, all at once.
func (r *Run) Finish(ctx context.Context, c store.Case) error {
	if err := r.flush(ctx); err != nil {
		return err
	}
	return r.s.transact(ctx, func(tx *sql.Tx) error {
		if err := save(ctx, tx, c, ", run = ?", r.run); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "DELETE FROM messages WHERE case_id = ? AND run <> ?", r.id, r.run)
		return err
	})
}

// Abandon drops what the run has written; the earlier run stays. all drops
// the messages as received as well, for a first run that failed.
func (r *Run) Abandon(ctx context.Context, all bool) error {
	r.messages, r.raws = nil, nil
	return r.s.transact(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM messages WHERE case_id = ? AND run = ?", r.id, r.run); err != nil {
			return err
		}
		if !all {
			return nil
		}
		_, err := tx.ExecContext(ctx, "DELETE FROM raws WHERE case_id = ?", r.id)
		return err
	})
}

func (r *Run) flush(ctx context.Context) error {
	err := r.s.transact(ctx, func(tx *sql.Tx) error {
		for _, m := range r.messages {
			if _, err := tx.ExecContext(ctx, "INSERT INTO messages (case_id, run, n, verdict, doc, excerpt) VALUES (?, ?, ?, ?, ?, ?)",
				r.id, r.run, m.N, string(m.Verdict), []byte(m.Doc), m.Excerpt); err != nil {
				return err
			}
		}
		for _, raw := range r.raws {
			data, err := r.deflater.deflate(raw.Data)
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, "INSERT INTO raws (case_id, n, file, size, data) VALUES (?, ?, ?, ?, ?)",
				r.id, raw.N, raw.File, len(raw.Data), data); err != nil {
				return err
			}
		}
		return nil
	})
	r.messages, r.raws, r.pending = r.messages[:0], r.raws[:0], 0
	return err
}

// transact runs f in one write transaction.
func (s *Store) transact(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := s.w.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	defer tx.Rollback() // does nothing after Commit
	if err := f(tx); err != nil {
		return fmt.Errorf("store: write: %w", err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("store: write: %w", err)
	}
	return nil
}

// deflater uses one writer for all messages: making one costs more than to
// deflate a message.
type deflater struct {
	out bytes.Buffer
	w   *flate.Writer
}

// deflate gives bytes that are valid until the next call.
func (d *deflater) deflate(data []byte) ([]byte, error) {
	d.out.Reset()
	if d.w == nil {
		var err error
		if d.w, err = flate.NewWriter(&d.out, flate.BestSpeed); err != nil {
			return nil, err
		}
	} else {
		d.w.Reset(&d.out)
	}
	if _, err := d.w.Write(data); err != nil {
		return nil, err
	}
	if err := d.w.Close(); err != nil {
		return nil, err
	}
	return d.out.Bytes(), nil
}

func inflate(data []byte, size int) ([]byte, error) {
	out := make([]byte, size)
	if _, err := io.ReadFull(flate.NewReader(bytes.NewReader(data)), out); err != nil {
		return nil, err
	}
	return out, nil
}
