package app

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"example.com/rates/service/postgres"
	"example.com/rates/service/rates"
)

// Close stops the service. /readyz fails while the service still answers for the
// drain delay. Then it accepts no more connections, and until the drain timeout or
// the end of ctx it waits for running requests and, unless there was no delay, for
// one more request on each idle connection, whose answer says that it is the last.
func (a *App) Close(ctx context.Context) error {
	a.draining.Store(true)
	a.log.Info("draining", "delay", a.cfg.DrainDelay.String(), "timeout", a.cfg.DrainTimeout.String())
	if a.server.used.Load() { // else there is nobody to wait for
		select {
		case <-time.After(a.cfg.DrainDelay):
		case <-ctx.Done():
		}
	}
	err := a.drain(ctx)
	ctx, cancel := context.WithTimeout(ctx, stopTimeout)
	defer cancel()
	if err = errors.Join(err, a.stop(ctx)); err != nil {
		a.log.Error("stopped before every request was answered", "error", err)
		return err
	}
	a.log.Info("stopped")
	return nil
}

// stopTimeout is for what follows the last answer: metrics, traces and logs.
const stopTimeout = 5 * time.Second

func (a *App) drain(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, a.cfg.DrainTimeout)
	defer cancel()
	if a.cfg.DrainDelay > 0 {
		a.server.runOut(ctx)
	}
	return a.server.close(ctx)
}

// stop stops everything that was started, which after a failed start may be a
// part.
func (a *App) stop(ctx context.Context) error {
	err := a.server.close(ctx)
	err = errors.Join(err, a.admin.close(ctx))
	if a.watch != nil {
		a.watch.Close()
	}
	for _, store := range []*postgres.Store{a.store, a.primary} {
		if store != nil {
			store.Close()
		}
	}
	err = errors.Join(err, a.tracing.close(ctx))
	a.logs.flush()
	return err
}

// drainable is a store that is not ready once the service is stopping.
type drainable struct {
	rates.Store
	draining *atomic.Bool
}

// Ready implements rates.Store.
func (d drainable) Ready(ctx context.Context) error {
	if d.draining.Load() {
		return &rates.Error{Kind: rates.Unavailable, Message: "The service is stopping. Ask another instance."}
	}
	return d.Store.Ready(ctx)
}
