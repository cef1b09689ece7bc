package postgres

import (
	"testing"
	"time"
)

// An answer is behind since the first newer version became known, however many
// followed.
func TestBehind(t *testing.T) {
	var h history
	start := time.Now()
	at := start.Add
	h.add(10, at(0))
	h.add(20, at(time.Second))
	h.add(21, at(time.Second+changesApart/2)) // counts as from 1 s
	h.add(15, at(2*time.Second))              // known already
	h.add(30, at(3*time.Second))
	for version, want := range map[int64]time.Duration{
		9: 4 * time.Second, 10: 3 * time.Second, 20: 3 * time.Second, 21: time.Second, 29: time.Second, 30: 0, 99: 0,
	} {
		if got := h.behind(version, at(4*time.Second)); got != want {
			t.Errorf("version %d is %v behind, want %v", version, got, want)
		}
	}
}

// However often the data change, an answer that is MaxLag behind is known to be.
func TestBehindReachesBack(t *testing.T) {
	var h history
	start := time.Now()
	const apart = changesApart / 10
	version := int64(1)
	for d := time.Duration(0); d < 5*MaxLag; d += apart {
		h.add(version, start.Add(d))
		version++
	}
	now := start.Add(5 * MaxLag)
	for _, want := range []time.Duration{time.Second, MaxLag} {
		old := version - int64(want/apart) - 1
		if got := h.behind(old, now); got < want-apart || got > want+2*changesApart {
			t.Errorf("an answer that is %v behind is taken to be %v behind", want, got)
		}
	}
	if got := h.behind(1, now); got < MaxLag {
		t.Errorf("the oldest answer is taken to be %v behind", got)
	}
}

// Versions that were lost do not count, and a later one than was known is never lost.
func TestLostVersions(t *testing.T) {
	var h history
	for _, version := range []int64{10, 20, 30} {
		h.exists(version)
	}
	raise(&h.told, 30)
	if h.lost(20, 10) {
		t.Error("version 30 became known after 20, and is lost")
	}
	if !h.lost(30, 15) || h.Told() != 15 || h.Newest() != 15 || h.Behind(10) != 0 {
		t.Errorf("told %d, newest %d, behind %v", h.Told(), h.Newest(), h.Behind(10))
	}
}

// A watch is never behind an answer; what it does not know, an answer does not tell.
func TestWatchIsNeverBehindAnAnswer(t *testing.T) {
	var w Watch
	w.Saw(5)
	if got, ok := w.Current(); ok {
		t.Errorf("an answer made version %d known", got)
	}
	w.version.Store(7)
	for _, seen := range []int64{12, 7} {
		w.Saw(seen)
		if got, ok := w.Current(); !ok || got != 12 {
			t.Errorf("after an answer of version %d the watch says %d, %v, want 12", seen, got, ok)
		}
	}
}
