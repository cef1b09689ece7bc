package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// result is what was found in the test files of a root and what came of it.
type result struct {
	files, runs, assertions int
	passed                  int
}

// name tells a run block from all others of its root.
type name struct {
	file string // path below the root, with slashes
	run  string
}

// test validates a root and runs its tests.
func test(ctx context.Context, tf *terraform, root string) (result, error) {
	if out, err := tf.run(ctx, root, "validate", "-no-color"); err != nil {
		return result{}, fmt.Errorf("%w\n%s", err, out)
	}
	held, found, err := inventory(root)
	if err != nil {
		return result{}, err
	}
	ran := make(map[name]string)
	var failures []error
	for _, args := range invocations(root, held) {
		out, err := tf.run(ctx, root, args...)
		said := statuses(out, ran)
		if err != nil {
			failures = append(failures, fmt.Errorf("%w\n%s", err, said))
		}
	}
	failures = append(failures, compare(root, held, ran)...)
	for _, status := range ran {
		if status == "pass" {
			found.passed++
		}
	}
	return found, errors.Join(failures...)
}

var (
	runBlock  = regexp.MustCompile(`(?m)^run\s+"([^"]+)"\s*\{`)
	assertion = regexp.MustCompile(`(?m)^\s*(assert\s*\{|expect_failures\s*=)`)
)

// inventory reads the run blocks that the test files of a root hold.
func inventory(root string) ([]name, result, error) {
	tree := os.DirFS(root)
	files, err := fs.Glob(tree, "tests/*.tftest.hcl")
	if err != nil || len(files) == 0 {
		return nil, result{}, fmt.Errorf("%s has no tests/*.tftest.hcl", root)
	}
	held, found := []name(nil), result{files: len(files)}
	for _, file := range files {
		text, err := fs.ReadFile(tree, file)
		if err != nil {
			return nil, result{}, err
		}
		blocks := runBlock.FindAllSubmatch(text, -1)
		if len(blocks) == 0 {
			return nil, result{}, fmt.Errorf("%s/%s holds no run block", root, file)
		}
		for _, block := range blocks {
			held = append(held, name{file, string(block[1])})
		}
		found.assertions += len(assertion.FindAll(text, -1))
	}
	found.runs = len(held)
	return held, found, nil
}

// invocations returns the arguments of terraform for all tests of a root: a file
// that is called like an environment gets the variables of that environment, and
// the others have their own.
func invocations(root string, held []name) [][]string {
	common := []string{"test", "-json"}
	plain := slices.Clone(common)
	var all [][]string
	for _, file := range slices.Sorted(maps.Keys(byFile(held))) {
		environment := "environments/" + strings.TrimSuffix(filepath.Base(file), ".tftest.hcl") + ".tfvars"
		if _, err := os.Stat(filepath.Join(root, environment)); err == nil {
			all = append(all, append(slices.Clone(common), "-filter="+file, "-var-file="+environment))
			continue
		}
		plain = append(plain, "-filter="+file)
	}
	if len(plain) > len(common) {
		all = append(all, plain)
	}
	return all
}

func byFile(held []name) map[string]bool {
	files := make(map[string]bool)
	for _, n := range held {
		files[n.file] = true
	}
	return files
}

// statuses notes how each run in the output of terraform test -json ended, and
// returns the errors in it for people.
func statuses(output []byte, ran map[name]string) string {
	var said strings.Builder
	for line := range bytes.Lines(output) {
		var message struct {
			Level      string `json:"@level"`
			Diagnostic *struct {
				Severity, Summary, Detail string
				Range                     struct {
					Filename string
					Start    struct{ Line int }
				}
			}
			TestRun *struct{ Path, Run, Progress, Status string } `json:"test_run"`
		}
		if json.Unmarshal(line, &message) != nil {
			said.Write(line) // not every failure is told in JSON
			continue
		}
		if d := message.Diagnostic; d != nil && d.Severity == "error" {
			fmt.Fprintf(&said, "%s:%d: %s: %s\n", d.Range.Filename, d.Range.Start.Line, d.Summary, d.Detail)
		}
		if r := message.TestRun; r != nil && r.Progress == "complete" {
			ran[name{filepath.ToSlash(r.Path), r.Run}] = r.Status
		}
	}
	return said.String()
}

// compare returns an error for each run that the files hold and that did not
// pass, or that passed without standing in a file.
func compare(root string, held []name, ran map[name]string) []error {
	var failures []error
	known := make(map[name]bool)
	for _, n := range held {
		if known[n] {
			failures = append(failures, fmt.Errorf("%s/%s: two runs are called %s", root, n.file, n.run))
		}
		known[n] = true
		switch status, ok := ran[n]; {
		case !ok:
			failures = append(failures, fmt.Errorf("%s/%s: run %s did not run", root, n.file, n.run))
		case status != "pass":
			failures = append(failures, fmt.Errorf("%s/%s: run %s ended with %s", root, n.file, n.run, status))
		}
	}
	for n := range ran {
		if !known[n] {
			failures = append(failures, fmt.Errorf("%s/%s: run %s ran, but was not found in the file", root, n.file, n.run))
		}
	}
	return failures
}
