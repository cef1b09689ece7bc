// Package scannertest tests gates on recorded output of their tools.
//
// A recording is named GATE/CANARY, for the gate and the folder of
// security/canaries on which the tool ran. testdata holds it as
// GATE/CANARY.stdout, .stderr and .exit, or, for a gate with several commands,
// as GATE/CANARY/WORD.stdout and so on, where WORD is an argument of the
// command or the folder of the scan that it runs in. GATE/WORD.stdout is for all
// canaries. WORD.file is what the command wrote into the file that its last
// argument names, --FLAG=FILE. A missing file means no output, or exit code 0.
// @TREE@ stands for the folder of the tree, without its first slash.
//
// A recording ends where the gate needs no more of it: CutOff relies on that.
package scannertest

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/rates/security/finding"
	"example.com/rates/security/image"
	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/planted"
	"example.com/rates/security/tree"
)

// canaries is the folder of the canaries, as seen from the package of a gate.
var canaries = filepath.Join("..", "..", "canaries")

// Job returns a job over a canary in which every command prints the same
// output. A copy of each database is there.
func Job(tb testing.TB, canary string, out scanner.Output) scanner.Job {
	tb.Helper()
	at := Tree(tb, canary)
	return Saying(scanner.Job{
		Tree:      at,
		Scratch:   tb.TempDir(),
		Image:     scanner.Image{Tar: imageOf(tb, canary, at)},
		Databases: scanner.Databases{Trivy: TrivyCache(tb, `{"UpdatedAt":"2026-08-21T20:38:00Z"}`)},
		Tool: func(_ context.Context, name string) (scanner.Tool, error) {
			return scanner.Tool{Name: name, Path: "/bin/" + name, Version: "v1.2.3"}, nil
		},
	}, out)
}

// imageOf returns the image of a canary, if its gate examines images.
func imageOf(tb testing.TB, canary string, at tree.Tree) string {
	tb.Helper()
	gate, _, _ := strings.Cut(canary, "/")
	about, err := readFile(filepath.Join(canaries, gate, "canary.yaml"))
	if err != nil || !bytes.Contains(about, []byte("\nimage: true\n")) {
		return ""
	}
	packed, err := image.OfFolder(tb.Context(), at.Dir, tb.TempDir())
	if err != nil {
		tb.Fatal(err)
	}
	return packed
}

// TrivyCache returns a cache folder of Trivy with a database of this metadata that
// knows what is planted.
func TrivyCache(tb testing.TB, metadata string) string {
	tb.Helper()
	dir := tb.TempDir()
	err := errors.Join(
		planted.WriteTrivy(dir, time.Date(2026, 8, 21, 20, 38, 0, 0, time.UTC), planted.All()),
		os.WriteFile(filepath.Join(dir, "db", "metadata.json"), []byte(metadata), 0o600),
	)
	if err != nil {
		tb.Fatal(err)
	}
	return dir
}

// Tree returns the tree of a canary, GATE/FOLDER. Without a name it is empty.
// The recordings were made in a repository at /tree.
func Tree(tb testing.TB, canary string) tree.Tree {
	tb.Helper()
	if canary == "" {
		return tree.Tree{Dir: tb.TempDir(), Repository: "/tree"}
	}
	root, err := filepath.Abs(filepath.Join(canaries, filepath.FromSlash(canary)))
	if err != nil {
		tb.Fatal(err)
	}
	made := tree.Tree{Dir: root, Repository: "/tree"}
	err = filepath.WalkDir(root, func(name string, entry os.DirEntry, err error) error {
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

// Saying makes a job's commands print something else.
func Saying(job scanner.Job, out scanner.Output) scanner.Job {
	job.Run = func(context.Context, scanner.Command) (scanner.Output, error) { return out, nil }
	return job
}

// BrokenTool makes a job's tools fail with an error of the kind.
func BrokenTool(job scanner.Job, kind scanner.Kind) scanner.Job {
	job.Tool = func(_ context.Context, name string) (scanner.Tool, error) {
		return scanner.Tool{}, scanner.Errorf(kind, "%s was broken by the test", name)
	}
	return job
}

// BrokenRun makes a job's commands fail with an error of the kind.
func BrokenRun(job scanner.Job, kind scanner.Kind) scanner.Job {
	job.Run = func(context.Context, scanner.Command) (scanner.Output, error) {
		return scanner.Output{}, scanner.Errorf(kind, "broken by the test")
	}
	return job
}

// WantKind fails unless err is an error of the kind.
func WantKind(tb testing.TB, err error, kind scanner.Kind) {
	tb.Helper()
	if e, ok := errors.AsType[*scanner.Error](err); !ok || e.Kind != kind {
		tb.Errorf("error is %v, want one of kind %q", err, kind)
	}
}

// Places returns the findings as RULE SEVERITY PLACE, a line each.
func Places(findings []finding.Finding) string {
	var b strings.Builder
	for _, f := range findings {
		b.WriteString(f.Rule + " " + f.Severity.String() + " " + f.Place() + "\n")
	}
	return b.String()
}

// Cuts returns where to cut output off, in bytes: anywhere in short output, else
// at its last bytes, at ends of lines, and at regular steps between, about n
// places of each sort. White space at the end may be missing.
func Cuts(content []byte, n int) []int {
	const short = 100
	content = bytes.TrimSpace(content)
	between, lines := len(content)/n+1, bytes.Count(content, []byte("\n"))/n+1
	var at []int
	line := 0
	for i := range content {
		end := content[i] == '\n'
		if end {
			line++
		}
		if len(content) <= short || i > len(content)-n || i%between == 0 || end && line%lines == 0 {
			at = append(at, i)
		}
	}
	return at
}
