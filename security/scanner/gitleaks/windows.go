package gitleaks

import (
	"bytes"
	"hash/maphash"
	"slices"
)

// windows remembers the lines that were examined, so that of the many versions of
// a file only what is new is examined. A line is known only together with its
// neighbours: a window is so many lines.
type windows struct {
	seed maphash.Seed
	seen map[window]bool
}

// window is a number of lines of a file.
type window struct {
	name string
	sum  uint64
}

const windowLines = 4

func newWindows() *windows {
	return &windows{maphash.MakeSeed(), map[window]bool{}}
}

// fresh returns the text with empty lines in the place of those that are known,
// or nil if all are.
func (w *windows) fresh(name string, text []byte) []byte {
	lines := slices.Collect(bytes.Lines(text))
	keep := make([]bool, len(lines))
	start := 0
	for i := range max(1, len(lines)-windowLines+1) {
		end := start
		last := min(i+windowLines, len(lines))
		for _, line := range lines[i:last] {
			end += len(line)
		}
		if at := (window{name, maphash.Bytes(w.seed, text[start:end])}); !w.seen[at] {
			w.seen[at] = true
			for j := i; j < last; j++ {
				keep[j] = true
			}
		}
		if i < len(lines) {
			start += len(lines[i])
		}
	}
	if !slices.Contains(keep, true) {
		return nil
	}
	var kept []byte
	for i, line := range lines {
		if keep[i] {
			kept = append(kept, line...)
		} else if bytes.HasSuffix(line, []byte("\n")) {
			kept = append(kept, '\n')
		}
	}
	return kept
}
