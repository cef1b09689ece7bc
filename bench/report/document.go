package report

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Insert replaces the text between the marker comments of the given name in a
// Markdown file.
func Insert(path, name, text string) error {
	path = filepath.Clean(path)
	old, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read the document: %w", err)
	}
	renewed, err := between(string(old), name, text)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	// An existing file keeps its mode.
	if err := os.WriteFile(path, []byte(renewed), 0o600); err != nil { // #nosec G703 -- the user names the file
		return fmt.Errorf("write the document: %w", err)
	}
	return nil
}

func between(document, name, text string) (string, error) {
	begin, end := "<!-- "+name+":begin -->", "<!-- "+name+":end -->"
	before, rest, found := strings.Cut(document, begin)
	_, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		return "", fmt.Errorf("expected the lines %q and %q around the text to replace", begin, end)
	}
	return before + begin + "\n\n" + strings.TrimSpace(text) + "\n\n" + end + after, nil
}
