package postgres

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// growth keeps questions from asking a server for connections that it has just
// refused: they wait for one that the pool has. The zero value but for most is
// ready to use.
type growth struct {
	most int // connections of the pool

	mu      sync.Mutex
	limit   int       // questions that may hold a connection; 0 while the server refuses none
	since   time.Time // when limit was set
	holding int
	waiting []chan struct{} // each closed when its question may go on
}

// growthPause is how long the server is not asked for another connection. Then
// it is asked for as many as the pool has, at most, until that succeeds.
const growthPause = time.Second

// enter waits until a question may take a connection from the pool.
func (g *growth) enter(ctx context.Context) error {
	g.mu.Lock()
	g.raise()
	g.next()
	if g.limit == 0 || g.holding < g.limit {
		g.holding++
		g.mu.Unlock()
		return nil
	}
	turn := make(chan struct{})
	g.waiting = append(g.waiting, turn)
	g.mu.Unlock()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, w := range g.waiting {
		if w == turn {
			g.waiting = append(g.waiting[:i], g.waiting[i+1:]...)
			return ctx.Err()
		}
	}
	g.holding-- // the turn came at the same time
	g.next()
	return ctx.Err()
}

// leave ends what enter began.
func (g *growth) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.holding--
	g.raise()
	g.next()
}

// refused reports whether there is a connection to wait for. If so, only as many
// questions hold one from here on.
func (g *growth) refused(stat *pgxpool.Stat) (wait bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	idle, inUse, begun := int(stat.IdleConns()), int(stat.AcquiredConns()), int(stat.ConstructingConns())
	others := g.holding - 1 // of which those without a connection may be refused too
	limit := idle + min(inUse, others) + max(0, inUse+begun-others)
	if limit <= 0 {
		return false
	}
	g.limit, g.since = limit, time.Now()
	return true
}

// raise tries again to grow, in steps: each connection that is refused costs the
// server a process.
func (g *growth) raise() {
	if g.limit == 0 || time.Since(g.since) < growthPause {
		return
	}
	g.limit, g.since = 2*g.limit, time.Now()
	if g.limit >= g.most {
		g.limit = 0
	}
}

// next gives their turn to those who wait for it.
func (g *growth) next() {
	for len(g.waiting) > 0 && (g.limit == 0 || g.holding < g.limit) {
		close(g.waiting[0])
		g.waiting = g.waiting[1:]
		g.holding++
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
			return nil, err
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
