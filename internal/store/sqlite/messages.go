package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"

	"unspoof/forensics"
	"unspoof/internal/store"
)

// Page asks for a part of a case's messages.
type Page struct {
	Verdict forensics.Verdict // "" for all
	After   int               // N of the last message of the page before
	Limit   int
}

// Messages gives one page, in the order of N.
func (s *Store) Messages(ctx context.Context, id string, p Page) ([]store.Message, error) {
	rows, err := s.r.QueryContext(ctx, `SELECT m.n, m.verdict, m.doc, m.excerpt FROM messages m JOIN cases c ON c.id = m.case_id AND c.run = m.run
		WHERE m.case_id = ?1 AND m.n > ?2 AND (?3 = '' OR m.verdict = ?3) ORDER BY m.n LIMIT ?4`, id, p.After, string(p.Verdict), p.Limit)
	if err != nil {
		return nil, fmt.Errorf("store: read messages: %w", err)
	}
	defer rows.Close()
	var list []store.Message
	for rows.Next() {
		var m store.Message
		if err := rows.Scan(&m.N, &m.Verdict, (*[]byte)(&m.Doc), &m.Excerpt); err != nil {
			return nil, fmt.Errorf("store: read messages: %w", err)
		}
		list = append(list, m)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("store: read messages: %w", err)
	}
	return list, nil
}

// Message gives one message, or store.ErrNotFound.
func (s *Store) Message(ctx context.Context, id string, n int) (store.Message, error) {
	list, err := s.Messages(ctx, id, Page{After: n - 1, Limit: 1})
	if err != nil {
		return store.Message{}, err
	}
	if len(list) == 0 || list[0].N != n {
		return store.Message{}, store.ErrNotFound
	}
	return list[0], nil
}

// Raw gives one message as it was received, or store.ErrNotFound.
func (s *Store) Raw(ctx context.Context, id string, n int) (store.Raw, error) {
	raw := store.Raw{N: n}
	var data []byte
	var size int
	err := s.r.QueryRowContext(ctx, "SELECT file, size, data FROM raws WHERE case_id = ? AND n = ?", id, n).Scan(&raw.File, &size, &data)
	if errors.Is(err, sql.ErrNoRows) {
		return raw, store.ErrNotFound
	}
	if err != nil {
		return raw, fmt.Errorf("store: read a message: %w", err)
	}
	if raw.Data, err = inflate(data, size); err != nil {
		return raw, fmt.Errorf("store: read message %d: %w", n, err)
	}
	return raw, nil
}

// Raws gives every message of a case as received, in the order of N. Between
// two messages no transaction is open, so that nothing waits for the caller.
func (s *Store) Raws(ctx context.Context, id string) iter.Seq2[store.Raw, error] {
	return func(yield func(store.Raw, error) bool) {
		for last := 0; ; {
			var n int
			err := s.r.QueryRowContext(ctx, "SELECT n FROM raws WHERE case_id = ? AND n > ? ORDER BY n LIMIT 1", id, last).Scan(&n)
			if errors.Is(err, sql.ErrNoRows) {
				return
			}
			var raw store.Raw
			if err == nil {
				raw, err = s.Raw(ctx, id, n)
			}
			if !yield(raw, err) || err != nil {
				return
			}
			last = n
		}
	}
}
