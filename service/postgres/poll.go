package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// poll is a connection to a standby, which cannot notify.
type poll struct {
	target *target
	config *pgx.ConnConfig
	conn   *pgx.Conn // nil while there is none
}

func newPoll(t *target) *poll {
	cfg := t.config("rates watch", readerSession(0))
	cfg.DefaultQueryExecMode = pgx.QueryExecModeExec
	return &poll{target: t, config: cfg}
}

// poll keeps the version known for a while, as long as a standby tells it. It
// returns false if none does.
func (w *Watch) poll(ctx context.Context, most time.Duration) bool {
	until := time.Now().Add(most)
	defer w.version.Store(unknownVersion)
	for answered := false; ; answered = true {
		version, err := w.pollOnce(ctx)
		if err != nil {
			w.standby.close(ctx)
			return answered
		}
		if version >= w.Told() { // else a client would get an older answer than before
			w.exists(version)
			w.version.Store(version)
		}
		select {
		case <-ctx.Done():
			return true
		case <-time.After(heartbeat):
		}
		if time.Now().After(until) {
			return true
		}
	}
}

func (w *Watch) pollOnce(ctx context.Context) (version int64, err error) {
	p := w.standby
	if p.conn == nil {
		if p.conn, err = p.target.connect(ctx, p.config); err != nil {
			return 0, err
		}
	}
	return w.ask(ctx, p.conn)
}

// close ends the connection.
func (p *poll) close(ctx context.Context) {
	if p.conn != nil {
		_ = p.conn.Close(context.WithoutCancel(ctx)) // no query is running on it
		p.conn = nil
	}
}
