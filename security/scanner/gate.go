package scanner

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"

	"example.com/rates/security/finding"
	"example.com/rates/security/tree"
)

// Gate is a Scanner: the steps that all gates share, with the parts in which
// they differ.
type Gate struct {
	ID    string // its name
	About string // its subject
	Tool  string // name of its pinned tool; "" if it is the gate's own
	Unit  string // of the things it examines, plural

	// Inputs returns the files that the tool must examine. Without any the scan
	// fails with the text NoInputs. It is nil for a gate that finds them itself.
	Inputs   func(t tree.Tree) []string
	NoInputs string

	// Obeys lists the settings and comments in a tree that the tool obeys.
	Obeys []Obeyed

	// Examine runs the tool and reads its output into s.Outcome, which already
	// has the tool and the number of inputs.
	Examine func(ctx context.Context, s *Scan) error
}

// Name implements Scanner.
func (g Gate) Name() string { return g.ID }

// Subject implements Scanner.
func (g Gate) Subject() string { return g.About }

// Reads implements Reader.
func (g Gate) Reads(t tree.Tree) []string {
	if g.Inputs == nil {
		return nil
	}
	return g.Inputs(t)
}

// Obeyed implements Obedient.
func (g Gate) Obeyed() []Obeyed { return g.Obeys }

// Scan implements Scanner.
func (g Gate) Scan(ctx context.Context, job Job) (Outcome, error) {
	s := &Scan{Job: job, gate: g}
	s.Outcome.Examined.Unit = g.Unit
	if g.Inputs != nil {
		if s.Files = g.Inputs(job.Tree); len(s.Files) == 0 {
			return Outcome{}, Errorf(NothingExamined, "%s", g.NoInputs)
		}
		s.Outcome.Examined.Count = len(s.Files)
	}
	var err error
	if s.Tool, err = job.Tool(ctx, cmp.Or(g.Tool, g.ID)); err != nil {
		return Outcome{}, err
	}
	s.Outcome.Tool, s.Outcome.Version = s.Tool.Name, s.Tool.Version
	if err := g.Examine(ctx, s); err != nil {
		return Outcome{}, err
	}
	for i, f := range s.Outcome.Findings {
		s.Outcome.Findings[i].Witnesses = []finding.Witness{{Gate: g.ID, Rule: f.Rule}}
	}
	return s.Outcome, nil
}

// Scan is a scan by a Gate. Its methods gather the evidence.
type Scan struct {
	Job     Job
	Tool    Tool
	Files   []string // the gate's inputs
	Outcome Outcome

	gate Gate
}

// Run runs a command and notes it. It runs the gate's tool, in the copy,
// unless cmd names another program or folder.
func (s *Scan) Run(ctx context.Context, cmd Command) (Output, error) {
	if cmd.Path == "" {
		cmd.Path = s.Tool.Path
	}
	cmd.Dir = cmp.Or(cmd.Dir, s.Job.Tree.Dir)
	s.Outcome.Commands = append(s.Outcome.Commands, s.Job.Typed(cmd))
	return s.Job.Run(ctx, cmd)
}

// Write writes a file for the tool, such as its settings, and returns its path.
// The name may begin with folders.
func (s *Scan) Write(name, content string) (string, error) {
	file := filepath.Join(s.Job.Scratch, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		return "", fmt.Errorf("write the settings of %s: %w", s.Tool.Name, err)
	}
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		return "", fmt.Errorf("write the settings of %s: %w", s.Tool.Name, err)
	}
	return file, nil
}

// Folder creates an empty folder for the tool and returns its path.
func (s *Scan) Folder(name string) (string, error) {
	dir := filepath.Join(s.Job.Scratch, name)
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return "", fmt.Errorf("create a folder for %s: %w", s.Tool.Name, err)
	}
	return dir, nil
}

// Name turns a path that the tool printed into the file's name in the
// repository.
func (s *Scan) Name(path string) string { return s.Job.Tree.Name(path, ".") }

// Found adds findings.
func (s *Scan) Found(findings ...finding.Finding) {
	s.Outcome.Findings = append(s.Outcome.Findings, findings...)
}

// Unseen adds something that the scan did not see.
func (s *Scan) Unseen(format string, args ...any) {
	s.Outcome.Unseen = append(s.Outcome.Unseen, fmt.Sprintf(format, args...))
}

// Note adds a note.
func (s *Scan) Note(format string, args ...any) {
	s.Outcome.Notes = append(s.Outcome.Notes, fmt.Sprintf(format, args...))
}
