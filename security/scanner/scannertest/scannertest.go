package scanner

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/rates/security/finding"
	"example.com/rates/security/tree"
)

// recorded returns what a tool printed, from testdata.
func recorded(tb testing.TB, name string) []byte {
	tb.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", filepath.FromSlash(name)))
	if err != nil {
		tb.Fatal(err)
	}
	return content
}

// replay returns a job over the files of a canary, in which every command
// prints what was recorded.
func replay(t *testing.T, canary string, stdout, stderr []byte) Job {
	t.Helper()
	return Job{
		Tree:    canaryTree(t, canary),
		Scratch: t.TempDir(),
		Tool: func(_ context.Context, name string) (Tool, error) {
			return Tool{Name: name, Path: "/bin/" + name, Version: "v1.2.3"}, nil
		},
		Run: func(context.Context, Command) (Output, error) { return Output{Stdout: stdout, Stderr: stderr}, nil },
	}
}

// canaryTree returns the tree of a folder in security/canaries. Without a name
// it is empty.
func canaryTree(tb testing.TB, canary string) tree.Tree {
	tb.Helper()
	dir := tb.TempDir()
	made := tree.Tree{Dir: dir, Repository: dir}
	if canary == "" {
		return made
	}
	root := filepath.Join("..", "canaries", filepath.FromSlash(canary))
	made.Dir, made.Repository = root, root
	err := filepath.WalkDir(root, func(name string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		rel, err := filepath.Rel(root, name)
		made.Files = append(made.Files, filepath.ToSlash(rel))
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return made
}

// wantKind fails unless err is an error of the kind.
func wantKind(t *testing.T, err error, kind Kind) {
	t.Helper()
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Kind != kind {
		t.Errorf("error is %v, want one of kind %q", err, kind)
	}
}

// places returns the findings as RULE SEVERITY PLACE, a line each.
func places(findings []finding.Finding) string {
	var b strings.Builder
	for _, f := range findings {
		b.WriteString(f.Rule + " " + f.Severity.String() + " " + f.Place() + "\n")
	}
	return b.String()
}

// brokenTool makes a job's tool fail in a way.
func brokenTool(job Job, kind Kind) Job {
	job.Tool = func(_ context.Context, name string) (Tool, error) {
		return Tool{}, Errorf(kind, "%s was broken by the test", name)
	}
	return job
}

// brokenRun makes a job's commands fail in a way.
func brokenRun(job Job, kind Kind) Job {
	job.Run = func(context.Context, Command) (Output, error) {
		return Output{}, Errorf(kind, "broken by the test")
	}
	return job
}

// saying makes a job's commands print something else.
func saying(job Job, out Output) Job {
	job.Run = func(context.Context, Command) (Output, error) { return out, nil }
	return job
}
