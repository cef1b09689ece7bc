package postgres

import (
	"context"
	"time"
)

// poll keeps the version known for a while, as long as a standby tells it. It
// returns false if none does.
func (w *Watch) poll(ctx context.Context, most time.Duration) bool {
	conn, err := w.standbys.connect(ctx, w.standby)
	if err != nil {
		return false
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }() // no query is running on it
	defer w.version.Store(unknownVersion)
	until := time.Now().Add(most)
	for answered := false; ; answered = true {
		version, err := w.ask(ctx, conn)
		if err != nil {
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
