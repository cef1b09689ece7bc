package testkit

import (
	"cmp"
	"context"
)

// Expiring returns a context like that of context.WithTimeout whose time is over
// when expire is called: a test decides what has happened by then.
func Expiring(parent context.Context) (ctx context.Context, expire func()) {
	running, end := context.WithCancel(parent)
	return expiring{parent, running}, end
}

// expiring ends like running, but with another error.
type expiring struct {
	context.Context
	running context.Context
}

// Done implements context.Context.
func (e expiring) Done() <-chan struct{} { return e.running.Done() }

// Err implements context.Context.
func (e expiring) Err() error {
	if e.running.Err() == nil {
		return nil
	}
	return cmp.Or(e.Context.Err(), context.DeadlineExceeded)
}
