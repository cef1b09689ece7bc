package trivy

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"example.com/rates/security/scanner"
	"example.com/rates/security/tree"
)

// ecosystems are where packages come from: the files that list the packages of
// one, and the prefix of its entries in Trivy's database.
var ecosystems = []struct {
	name  string
	lists []string
}{
	{"go::", []string{"go.mod"}},
	{"pip::", []string{"requirements*.txt", "poetry.lock", "uv.lock", "Pipfile.lock"}},
	{"npm::", []string{"package-lock.json", "yarn.lock", "pnpm-lock.yaml"}},
	{"cargo::", []string{"Cargo.lock"}},
}

// unknownLists returns the lists of packages whose ecosystem has no entry in
// the database, as in a copy made for one ecosystem only. With the live
// database that is an error.
func unknownLists(t tree.Tree, cache cache) ([]string, error) {
	var unknown []string
	for _, e := range ecosystems {
		lists := t.Matching(e.lists...)
		if len(lists) == 0 {
			continue
		}
		known, err := holds(filepath.Join(cache.dir, "db", "trivy.db"), e.name)
		if err != nil {
			return nil, scanner.Errorf(scanner.DatabaseMissing, "read the database of trivy: %w", err)
		}
		if !known {
			unknown = append(unknown, lists...)
		}
	}
	if len(unknown) > 0 && !cache.offline {
		return nil, scanner.Errorf(scanner.DatabaseMissing, "the live database of trivy is incomplete: it has no entries for the packages in %s", strings.Join(unknown, ", "))
	}
	return unknown, nil
}

// holds reports whether a file contains a text.
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
		// The text may begin in this block and end in the next.
		if _, err := in.Discard(block - len(text)); err != nil {
			return false, err
		}
	}
}
