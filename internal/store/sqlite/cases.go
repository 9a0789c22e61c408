package sqlite

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"unspoof/forensics"
	"unspoof/internal/store"
)

// interrupted is what a case says that was being read when the program ended.
const interrupted = "The program was stopped while it read this mailbox. Delete this case and hand the messages over again."

// Create keeps a new case and gives it its ID; Created and Updated are as given.
func (s *Store) Create(ctx context.Context, c *store.Case) error {
	c.ID = rand.Text()
	doc, err := encode(*c)
	if err != nil {
		return err
	}
	_, err = s.w.ExecContext(ctx,
		"INSERT INTO cases (id, created, updated, state, name, example, verdict, doc) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		c.ID, c.Created.UnixMicro(), c.Updated.UnixMicro(), string(c.State), c.Name, c.Example, verdictOf(*c), doc)
	if err != nil {
		return fmt.Errorf("store: keep the case: %w", err)
	}
	return nil
}

// Save replaces what is kept of a case, but for its messages.
func (s *Store) Save(ctx context.Context, c store.Case) error { return save(ctx, s.w, c, "") }

// execer is a database or a transaction.
type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// save writes the case; set is one more assignment, with its arguments.
func save(ctx context.Context, db execer, c store.Case, set string, args ...any) error {
	doc, err := encode(c)
	if err != nil {
		return err
	}
	all := append([]any{c.Updated.UnixMicro(), string(c.State), c.Name, verdictOf(c), doc}, args...)
	res, err := db.ExecContext(ctx,
		"UPDATE cases SET updated = ?, state = ?, name = ?, verdict = ?, doc = ?"+set+" WHERE id = ?", append(all, c.ID)...)
	if err != nil {
		return fmt.Errorf("store: keep the case: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, store.ErrNotFound) // deleted meanwhile
	}
	return nil
}

// encode makes the document of a case. No secret of a profile gets past here.
func encode(c store.Case) ([]byte, error) {
	if c.Profile.BATV != nil || len(c.Profile.SealKeys) > 0 {
		// Without its secret every tag and seal would look wrong, so all of it goes.
		c.Profile.BATV, c.Profile.SealKeys, c.SecretLeftOut = nil, nil, true
	}
	doc, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("store: encode the case: %w", err)
	}
	return doc, nil
}

func verdictOf(c store.Case) string {
	if c.Mailbox == nil {
		return ""
	}
	return string(c.Mailbox.Verdict)
}

// Case gives one case, or store.ErrNotFound.
func (s *Store) Case(ctx context.Context, id string) (store.Case, error) {
	var doc []byte
	err := s.r.QueryRowContext(ctx, "SELECT doc FROM cases WHERE id = ?", id).Scan(&doc)
	if errors.Is(err, sql.ErrNoRows) {
		return store.Case{}, store.ErrNotFound
	}
	if err != nil {
		return store.Case{}, fmt.Errorf("store: read case: %w", err)
	}
	var c store.Case
	if err := json.Unmarshal(doc, &c); err != nil {
		return store.Case{}, fmt.Errorf("store: read case %s: %w", id, err)
	}
	c.ID = id
	return c, nil
}

// Cases lists all cases, the newest first.
func (s *Store) Cases(ctx context.Context) ([]store.Line, error) {
	rows, err := s.r.QueryContext(ctx, "SELECT id, name, created, state, example, verdict FROM cases ORDER BY created DESC, id")
	if err != nil {
		return nil, fmt.Errorf("store: list cases: %w", err)
	}
	defer rows.Close()
	var list []store.Line
	for rows.Next() {
		var l store.Line
		var created int64
		var state, verdict string
		if err := rows.Scan(&l.ID, &l.Name, &created, &state, &l.Example, &verdict); err != nil {
			return nil, fmt.Errorf("store: list cases: %w", err)
		}
		l.Created, l.State, l.Verdict = time.UnixMicro(created).UTC(), store.State(state), forensics.Verdict(verdict)
		list = append(list, l)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("store: list cases: %w", err)
	}
	return list, nil
}

// ErrNotWiped says that a case is deleted, but that its bytes may still lie in
// the store's files; the next deletion that succeeds takes them along.
var ErrNotWiped = errors.New("store: the case is deleted, but not its bytes")

// Delete removes a case and everything that belongs to it, so that no byte of
// it stays in the store's files; store.ErrNotFound when there is no such case.
//
// secure_delete overwrites rows, but a page that was split may keep a copy of a
// cell in its unused part; VACUUM writes every page anew, and the checkpoint
// empties the journal. It takes a time that grows with all cases together.
func (s *Store) Delete(ctx context.Context, id string) error {
	res, err := s.w.ExecContext(ctx, "DELETE FROM cases WHERE id = ?", id)
	if err != nil {
		return fmt.Errorf("store: delete the case: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, store.ErrNotFound)
	}
	if _, err := s.w.ExecContext(ctx, "VACUUM"); err != nil {
		return fmt.Errorf("%w: %w", ErrNotWiped, err)
	}
	return s.emptyJournal(ctx)
}

// emptyJournal moves the WAL into the file and cuts it to nothing. Readers can
// hold it up for a moment.
func (s *Store) emptyJournal(ctx context.Context) error {
	for try := 0; ; try++ {
		var busy, frames, moved int
		if err := s.w.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &moved); err != nil {
			return fmt.Errorf("%w: empty the journal: %w", ErrNotWiped, err)
		}
		if busy == 0 {
			return nil
		}
		if try == 3 { // each waited for busy_timeout
			return fmt.Errorf("%w: the journal is in use", ErrNotWiped)
		}
	}
}

// recover marks what a stopped process left half done, and clears it away.
func (s *Store) recover(ctx context.Context) error {
	rows, err := s.w.QueryContext(ctx, "SELECT id FROM cases WHERE state = ?", string(store.Reading))
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return fmt.Errorf("store: %w", err)
		}
		ids = append(ids, id)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil { // the only connection is free again
		return fmt.Errorf("store: %w", err)
	}
	for _, id := range ids {
		c, err := s.Case(ctx, id)
		if err != nil {
			return err
		}
		c.State, c.Note = store.Failed, interrupted
		if c.Mailbox != nil { // the earlier judgement still stands
			c.State, c.Note = store.Ready, ""
		}
		if err := s.Save(ctx, c); err != nil {
			return err
		}
	}
	_, err = s.w.ExecContext(ctx, "DELETE FROM messages WHERE run <> (SELECT run FROM cases WHERE id = case_id)")
	if err != nil {
		return fmt.Errorf("store: clear an unfinished run: %w", err)
	}
	return nil
}
