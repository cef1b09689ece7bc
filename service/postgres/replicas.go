package postgres

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"example.com/rates/service/rates"
)

// MaxLag is the largest ReplicasConfig.MaxLag.
const MaxLag = time.Minute

// Replicas answers questions from standbys. The primary is asked for what they
// do not have yet: data as new as a client has seen before, data that are too old
// otherwise, and places that they do not know.
type Replicas struct {
	ReplicasConfig
	behind  atomic.Int64 // nanoseconds, of the last answer of a standby
	primary atomic.Uint64
}

var _ rates.Store = (*Replicas)(nil)

// ReplicasConfig says what Replicas answers from.
type ReplicasConfig struct {
	Standbys *Store
	Primary  *Store
	Watch    *Watch // of the primary
	// MaxLag is for how long an answer may be out of date; 0 means without limit.
	MaxLag time.Duration
	Log    *slog.Logger
}

// NewReplicas returns a Store that asks the given ones. It does not close them.
func NewReplicas(cfg ReplicasConfig) *Replicas { return &Replicas{ReplicasConfig: cfg} }

// ReplicaStats are figures of Replicas.
type ReplicaStats struct {
	Behind  time.Duration // for how long there were newer data than in the last answer of a standby
	Primary uint64        // questions that the primary was asked
}

// Stats returns the figures as of now.
func (r *Replicas) Stats() ReplicaStats {
	return ReplicaStats{Behind: time.Duration(r.behind.Load()), Primary: r.primary.Load()}
}

// DailyRates implements rates.Store.
func (r *Replicas) DailyRates(ctx context.Context, q rates.Query) (rates.Answer, error) {
	answer, _, err := askReplicas(r, func(s *Store) (rates.Answer, int64, error) {
		answer, err := s.DailyRates(ctx, q)
		return answer, answer.Version, err
	})
	return answer, err
}

// Ports implements rates.Store.
func (r *Replicas) Ports(ctx context.Context) ([]rates.Port, int64, error) {
	return askReplicas(r, func(s *Store) ([]rates.Port, int64, error) { return s.Ports(ctx) })
}

// Regions implements rates.Store.
func (r *Replicas) Regions(ctx context.Context) ([]rates.Region, int64, error) {
	return askReplicas(r, func(s *Store) ([]rates.Region, int64, error) { return s.Regions(ctx) })
}

// Outline implements rates.Store.
func (r *Replicas) Outline(ctx context.Context, places ...rates.Place) (rates.Outline, error) {
	outline, _, err := askReplicas(r, func(s *Store) (rates.Outline, int64, error) {
		outline, err := s.Outline(ctx, places...)
		return outline, outline.Version, err
	})
	return outline, err
}

// Ready implements rates.Store. The service is ready while a standby answers.
func (r *Replicas) Ready(ctx context.Context) error { return r.Standbys.Ready(ctx) }

func askReplicas[T any](r *Replicas, ask func(*Store) (T, int64, error)) (T, int64, error) {
	told, newest := r.Watch.Told(), r.Watch.Newest()
	answer, version, err := ask(r.Standbys)
	switch {
	case err == nil:
		if r.recent(version) && version >= told {
			return answer, version, nil
		}
	case !isUnknownPlace(err):
		return answer, version, err
	}
	r.primary.Add(1)
	answer, version, err = ask(r.Primary)
	if err == nil {
		r.Watch.Primary(newest, version)
	}
	return answer, version, err
}

// recent reports whether a version is not older than allowed.
func (r *Replicas) recent(version int64) bool {
	const noticeable = time.Second
	behind := r.Watch.Behind(version)
	before := time.Duration(r.behind.Swap(int64(behind)))
	switch {
	case behind >= noticeable && before < noticeable:
		r.Log.Warn("a standby is behind the primary", "behind", behind.String())
	case behind < noticeable && before >= noticeable:
		r.Log.Info("the standbys are no longer behind the primary")
	}
	return r.MaxLag == 0 || behind <= r.MaxLag
}

func isUnknownPlace(err error) bool {
	known, ok := errors.AsType[*rates.Error](err)
	return ok && known.Kind == rates.UnknownPlace
}
