package sqlite_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"unspoof/internal/store"
	"unspoof/internal/store/sqlite"
)

func Example() {
	parent, err := os.MkdirTemp("", "unspoof")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(parent)
	ctx := context.Background()
	s, err := sqlite.Open(ctx, filepath.Join(parent, "data"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	c := store.Case{Name: "harbour.example", Created: time.Now(), State: store.Reading}
	if err := s.Create(ctx, &c); err != nil {
		fmt.Println(err)
		return
	}
	list, err := s.Cases(ctx)
	fmt.Println(len(list), list[0].Name, list[0].State, err)
	// Output: 1 harbour.example reading <nil>
}
