// Package report renders a run of the gates: as text for a terminal, as JSON to
// read back, as SARIF 2.1.0 for code scanning, as Markdown for a comment on a
// pull request, and as an HTML page.
//
// All are made from one [gate.Report]. Findings quote the examined files, which
// may be hostile: each rendering shows such text and never obeys it.
package report

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"example.com/rates/security/gate"
)

// renderings are the files of a stored run.
var renderings = [...]struct {
	name   string
	render func(io.Writer, gate.Report) error
}{
	{"report.json", JSON},
	{"report.sarif", SARIF},
	{"report.md", Markdown},
	{"report.html", HTML},
}

// Remove removes the files of WriteAll, so that an interrupted run leaves no
// earlier report that looks like its own.
func Remove(dir string) error {
	folder, err := os.OpenRoot(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("remove the last reports: %w", err)
	}
	defer func() { _ = folder.Close() }() // nothing was written
	for _, rendering := range renderings {
		if err := folder.Remove(rendering.name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove the last reports: %w", err)
		}
	}
	return nil
}

// WriteAll writes every rendering except the text into the folder dir, creating
// it if necessary, and returns the paths of the files written. If one fails, the
// others are still written.
func WriteAll(dir string, r gate.Report) ([]string, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("write the reports: %w", err)
	}
	folder, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("write the reports: %w", err)
	}
	defer func() { _ = folder.Close() }() // each file in it is closed
	var written []string
	var failed error
	for _, rendering := range renderings {
		var whole bytes.Buffer
		err := rendering.render(&whole, r)
		if err == nil {
			err = folder.WriteFile(rendering.name, whole.Bytes(), 0o600)
		}
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("write %s: %w", rendering.name, err))
			continue
		}
		written = append(written, filepath.Join(dir, rendering.name))
	}
	return written, failed
}
