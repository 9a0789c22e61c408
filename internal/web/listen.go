package web

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

var errNotLoopback = errors.New("web: the page is for this machine only; listen on 127.0.0.1, [::1] or localhost")

// Times that a client may take. They are generous, for it is on this machine;
// they end connections that were forgotten.
const (
	headerTimeout   = 10 * time.Second
	transferTimeout = 5 * time.Minute // of a whole upload or answer
	idleTimeout     = 2 * time.Minute
	closeTimeout    = 10 * time.Second
	maxHeader       = 32 << 10
)

// Listen listens on address, "127.0.0.1:8025" say; port 0 takes a free one. It
// refuses every address that other machines could reach.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("web: listen on %q: %w; write it as 127.0.0.1:8025", address, err)
	}
	if host == "localhost" {
		host = "127.0.0.1" // and never what a name service makes of it
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("%w, not on %q", errNotLoopback, address)
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, fmt.Errorf("web: %w; is unspoof running already? Another port can be given with --listen", err)
	}
	return l, nil
}

// Serve answers until ctx is done, then ends what is under way and closes s.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	srv := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       transferTimeout,
		WriteTimeout:      transferTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          nil,
	}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(l) }()
	select {
	case err := <-failed:
		return errors.Join(err, s.Close(context.WithoutCancel(ctx)))
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer cancel()
	err := srv.Shutdown(end)
	if err != nil {
		err = srv.Close()
	}
	return errors.Join(err, s.Close(end))
}
