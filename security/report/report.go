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

// staged returns the name of a file until it is complete.
func staged(name string) string { return "." + name + ".incomplete" }

// Remove removes the files of a stored run, so that an interrupted run leaves no
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
	return remove(folder)
}

func remove(folder *os.Root) error {
	var failed error
	for _, rendering := range renderings {
		for _, name := range []string{rendering.name, staged(rendering.name)} {
			if err := folder.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
				failed = errors.Join(failed, fmt.Errorf("remove the last reports: %w", err))
			}
		}
	}
	return failed
}

// Staged is a run whose files are complete but do not have their names yet.
type Staged struct {
	dir    string
	folder *os.Root
}

// Stage writes every rendering except the text into the folder dir, creating it if
// necessary. The files appear when Publish is called. If one cannot be written, none
// is left.
func Stage(dir string, r gate.Report) (*Staged, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("write the reports: %w", err)
	}
	folder, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("write the reports: %w", err)
	}
	s := &Staged{dir: dir, folder: folder}
	for _, rendering := range renderings {
		var whole bytes.Buffer
		err := rendering.render(&whole, r)
		if err == nil {
			err = s.write(staged(rendering.name), whole.Bytes())
		}
		if err != nil {
			return nil, errors.Join(fmt.Errorf("write %s: %w", rendering.name, err), s.Discard())
		}
	}
	return s, nil
}

// write writes a file and waits until it is on the disk: a full disk may show only
// then.
func (s *Staged) write(name string, content []byte) error {
	file, err := s.folder.Create(name)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// Publish gives the files their names and returns their paths. If it cannot, none is
// left.
func (s *Staged) Publish() ([]string, error) {
	var written []string
	for _, rendering := range renderings {
		if err := s.folder.Rename(staged(rendering.name), rendering.name); err != nil {
			return nil, errors.Join(fmt.Errorf("write %s: %w", rendering.name, err), s.Discard())
		}
		written = append(written, filepath.Join(s.dir, rendering.name))
	}
	return written, s.folder.Close()
}

// Discard removes the files, with or without their names.
func (s *Staged) Discard() error { return errors.Join(remove(s.folder), s.folder.Close()) }
