package embedded

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	socketPort = "5432"           // only in the name of the socket file: nothing listens on TCP
	readyLimit = 60 * time.Second // includes recovery after a crash
	startingUp = "57P03"          // SQLSTATE cannot_connect_now
)

// launch starts the server and waits until it answers. After a crash the workers of
// the earlier server can hold the shared memory a moment longer; PostgreSQL then
// refuses to start, and launch tries again.
func (s *Server) launch(ctx context.Context, who account, settings []string) error {
	ctx, cancel := context.WithTimeout(ctx, readyLimit)
	defer cancel()
	for {
		err := s.launchOnce(ctx, who, settings)
		if err == nil || !strings.Contains(err.Error(), "pre-existing shared memory block") {
			return err
		}
		s.log.InfoContext(ctx, "waiting for the workers of a killed database server to end")
		select {
		case <-ctx.Done():
			return err
		case <-time.After(time.Second):
		}
	}
}

func (s *Server) launchOnce(ctx context.Context, who account, settings []string) error {
	args := []string{"-D", s.dir.data(), "-k", s.sockets, "-p", socketPort}
	for _, setting := range settings {
		args = append(args, "-c", setting)
	}
	logFile, err := s.dir.newLog()
	if err != nil {
		return err
	}
	defer logFile.Close()
	cmd := s.bin.command(who, "postgres", args...)
	cmd.Dir = s.dir.data()
	cmd.Stdout, cmd.Stderr = logFile, logFile
	if s.proc, err = spawn(cmd); err != nil {
		return fmt.Errorf("start %s: %w", s.Source(), err)
	}
	return s.waitReady(ctx)
}

func (s *Server) waitReady(ctx context.Context) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := ping(ctx, s.URL("postgres"))
		if err == nil {
			return nil
		}
		var refusal *pgconn.PgError
		if errors.As(err, &refusal) && refusal.Code != startingUp {
			return fmt.Errorf("the database server refuses connections: %w\n%s", err, s.dir.logTail())
		}
		select {
		case <-s.proc.done:
			return fmt.Errorf("the database server ended while it started: %w\n%s", s.proc.err, s.dir.logTail())
		case <-ctx.Done():
			return fmt.Errorf("the database server was not ready in time: %w (last answer: %w)\n%s",
				context.Cause(ctx), err, s.dir.logTail())
		case <-tick.C:
		}
	}
}

func ping(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	return conn.Ping(ctx)
}

// settings returns the settings that differ from PostgreSQL's defaults.
func settings(durable bool) []string {
	list := []string{
		"listen_addresses=",
		"max_connections=200",
		"shared_buffers=128MB",
		"timezone=UTC",
		"log_timezone=UTC",
	}
	if !durable {
		// Compiling a query takes a second where tables have no statistics yet.
		list = append(list, "fsync=off", "synchronous_commit=off", "full_page_writes=off", "jit=off")
	}
	return list
}
