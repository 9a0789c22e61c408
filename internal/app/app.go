// Package app puts the parts of the long-running program together by hand and
// takes them down in the opposite order: store, listener, pages.
package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"unspoof/dns"
	"unspoof/internal/store/sqlite"
	"unspoof/internal/web"
)

// ServeArgs is what the pages in the browser need.
type ServeArgs struct {
	Listen   string // "127.0.0.1:8025"; loopback only; port 0 takes a free one
	Data     string // folder of the store; made when it is not there
	Resolver dns.Resolver
	Now      func() time.Time
	// Ready is called once, when pages can be had, with the address to open. It
	// holds the token that lets its bearer in.
	Ready func(url string)
}

// Serve shows the pages until ctx ends; what is under way then gets its time to
// end, and nothing that was kept is lost. It gives nil after such an end.
func Serve(ctx context.Context, args ServeArgs) (err error) {
	// The address comes first: a second start fails there, before it touches
	// the data of the one that runs.
	listener, err := web.Listen(ctx, args.Listen)
	if err != nil {
		return err
	}
	defer listener.Close() // closed already by a server that ran
	store, err := sqlite.Open(ctx, args.Data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	server, err := web.New(web.Config{Addr: listener.Addr(), Store: store, Resolver: args.Resolver, Now: args.Now})
	if err != nil {
		return err
	}
	args.Ready(server.StartURL())
	if err := server.Serve(ctx, listener); err != nil {
		return fmt.Errorf("app: %w", err)
	}
	return nil
}
