package postgres

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// growth keeps questions from asking a server for connections that it has just
// refused: they wait for one that the pool has. The zero value but for most is
// ready to use.
type growth struct {
	most    int          // connections of the pool
	holding atomic.Int64 // questions that hold a connection, or connect
	limited atomic.Bool  // reports whether there is a limit

	mu      sync.Mutex
	limit   int64           // questions that may hold a connection
	since   time.Time       // when limit was set
	waiting []chan struct{} // each closed when its question may go on
}

// growthPause is how long the server is not asked for another connection. Then
// it is asked for as many as the pool has, at most, until that succeeds.
const growthPause = time.Second

// enter waits until a question may take a connection from the pool.
func (g *growth) enter(ctx context.Context) error {
	g.holding.Add(1)
	if !g.limited.Load() {
		return nil
	}
	turn := g.queue()
	if turn == nil {
		return nil
	}
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
		g.giveUp(turn)
		return ctx.Err()
	}
}

// queue returns a channel that is closed when a question that has entered may go
// on, nil if that is now.
func (g *growth) queue() chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	turn := make(chan struct{})
	g.holding.Add(-1)
	g.waiting = append(g.waiting, turn)
	g.raise()
	g.next()
	if slices.Contains(g.waiting, turn) {
		return turn
	}
	return nil
}

// giveUp ends waiting.
func (g *growth) giveUp(turn chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if i := slices.Index(g.waiting, turn); i >= 0 {
		g.waiting = slices.Delete(g.waiting, i, i+1)
		return
	}
	g.holding.Add(-1) // the turn came at the same time
	g.next()
}

// leave ends what enter began.
func (g *growth) leave() {
	g.holding.Add(-1)
	if !g.limited.Load() {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.raise()
	g.next()
}

// refused reports whether there is a connection to wait for. If so, only as many
// questions hold one from here on.
func (g *growth) refused(stat *pgxpool.Stat) (wait bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	idle, inUse, begun := int64(stat.IdleConns()), int64(stat.AcquiredConns()), int64(stat.ConstructingConns())
	others := g.holding.Load() - 1 // of which those without a connection may be refused too
	limit := idle + min(inUse, others) + max(0, inUse+begun-others)
	if limit <= 0 {
		return false
	}
	g.limit, g.since = limit, time.Now()
	g.limited.Store(true)
	return true
}

// raise tries again to grow, in steps: each connection that is refused costs the
// server a process.
func (g *growth) raise() {
	if time.Since(g.since) < growthPause {
		return
	}
	g.limit, g.since = 2*g.limit, time.Now()
	if g.limit >= int64(g.most) {
		g.limited.Store(false)
	}
}

// next gives their turn to those who wait for it.
func (g *growth) next() {
	for len(g.waiting) > 0 && (!g.limited.Load() || g.holding.Load() < g.limit) {
		close(g.waiting[0])
		g.waiting = g.waiting[1:]
		g.holding.Add(1)
	}
}

// errNoConnection says that there was no time left to connect.
var errNoConnection = errors.New("no connection to the database in time")

// acquire takes a connection from the pool. If the server refuses another one, it
// waits for one that the pool has.
func (s *Store) acquire(ctx context.Context) (*pgxpool.Conn, error) {
	for {
		if err := s.growth.enter(ctx); err != nil {
			return nil, err
		}
		conn, err := s.pool.Acquire(ctx)
		if err == nil {
			return conn, nil
		}
		stat := s.pool.Stat()
		wait := refusesMore(err) && s.growth.refused(stat)
		s.growth.leave()
		switch {
		case wait && ctx.Err() == nil:
		case stat.IdleConns()+stat.AcquiredConns() == 0 && errors.Is(err, context.DeadlineExceeded) && !isConnect(err):
			return nil, errNoConnection
		default:
			return nil, withSource(err, s.login)
		}
	}
}

// release returns a connection to the pool.
func (s *Store) release(conn *pgxpool.Conn) {
	conn.Release()
	s.growth.leave()
}

// refusesMore reports whether the server answered that it lets nobody in, as when
// it has too many connections or the password has changed. The connections that
// it has still work.
func refusesMore(err error) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && isConnect(err) && !isStopping(pg)
}
