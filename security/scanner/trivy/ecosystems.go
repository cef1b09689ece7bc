package scanner

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"example.com/rates/security/tree"
)

// ecosystems are where packages come from: the lists that name those of one,
// and how the database of Trivy begins the names of what is known about them.
var ecosystems = []struct {
	name  string
	lists []string
}{
	{"go::", []string{"go.mod"}},
	{"pip::", []string{"requirements*.txt", "poetry.lock", "uv.lock", "Pipfile.lock"}},
	{"npm::", []string{"package-lock.json", "yarn.lock", "pnpm-lock.yaml"}},
	{"cargo::", []string{"Cargo.lock"}},
}

// trivyUnknown returns the lists of which the database knows no vulnerability,
// as a copy made for one ecosystem alone does not. Of the live database, that
// is an error.
func trivyUnknown(t tree.Tree, cache trivyCache) ([]string, error) {
	var unknown []string
	for _, e := range ecosystems {
		lists := t.Matching(e.lists...)
		if len(lists) == 0 {
			continue
		}
		known, err := holds(filepath.Join(cache.Dir, "db", "trivy.db"), e.name)
		if err != nil {
			return nil, Errorf(DatabaseMissing, "read the database of trivy: %w", err)
		}
		if !known {
			unknown = append(unknown, lists...)
		}
	}
	if len(unknown) > 0 && !cache.Offline {
		return nil, Errorf(DatabaseMissing, "the live database of trivy is not whole: it knows no vulnerability of what %s lists", strings.Join(unknown, ", "))
	}
	return unknown, nil
}

// holds reports whether a file holds a text.
func holds(name, text string) (bool, error) {
	file, err := os.Open(name) // #nosec G304 -- the database that was named
	if err != nil {
		return false, err
	}
	defer func() { _ = file.Close() }() // it was only read
	const block = 1 << 20
	in := bufio.NewReaderSize(file, block)
	for {
		content, err := in.Peek(block)
		if bytes.Contains(content, []byte(text)) {
			return true, nil
		}
		switch {
		case errors.Is(err, io.EOF):
			return false, nil
		case err != nil:
			return false, err
		}
		// What begins in this block may end in the next.
		if _, err := in.Discard(block - len(text)); err != nil {
			return false, err
		}
	}
}
