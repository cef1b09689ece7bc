// Package tftest reads what Terraform's test files hold, and what terraform test
// says about them. Terraform is content when it has run nothing at all, so the
// two must be compared.
package tftest

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Run tells a run block from all others of its root.
type Run struct {
	File string // path below the root, with slashes
	Name string
}

// String returns the run as FILE: run NAME.
func (r Run) String() string { return r.File + ": run " + r.Name }

// Held is what the test files of a root hold.
type Held struct {
	Files      []string
	Runs       []Run
	Assertions int
}

// ErrNoTests means that a root has no test files.
var ErrNoTests = errors.New("there is no tests/*.tftest.hcl")

var (
	runBlock  = regexp.MustCompile(`(?m)^run\s+"([^"]+)"\s*\{`)
	setting   = regexp.MustCompile(`(?m)^\s*(\w+)\s*=(?:[^=]|$)`)
	assertion = regexp.MustCompile(`(?m)^\s*(assert\s*\{|expect_failures\s*=)`)
)

// Read reads the run blocks that the test files of a root hold. Each of the
// files must hold one.
func Read(root fs.FS) (Held, error) {
	var held Held
	files, err := fs.Glob(root, "tests/*.tftest.hcl")
	if err != nil {
		return Held{}, err
	}
	if len(files) == 0 {
		return Held{}, ErrNoTests
	}
	for _, file := range files {
		text, err := fs.ReadFile(root, file)
		if err != nil {
			return Held{}, err
		}
		blocks := runBlock.FindAllSubmatch(text, -1)
		if len(blocks) == 0 {
			return Held{}, fmt.Errorf("%s holds no run block", file)
		}
		for _, block := range blocks {
			held.Runs = append(held.Runs, Run{file, string(block[1])})
		}
		held.Assertions += len(assertion.FindAll(text, -1))
	}
	held.Files = files
	return held, held.overrides(root)
}

// overrides returns an error if a file that is called like an environment sets a
// variable which that sets too: Terraform would take the file's value, and the
// plan be of no environment.
func (h Held) overrides(root fs.FS) error {
	for _, file := range h.Files {
		values, err := fs.ReadFile(root, environmentOf(file))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		text, err := fs.ReadFile(root, file)
		if err != nil {
			return err
		}
		set := map[string]bool{}
		for _, m := range setting.FindAllSubmatch(values, -1) {
			set[string(m[1])] = true
		}
		for _, m := range setting.FindAllSubmatch(text, -1) {
			if set[string(m[1])] {
				return fmt.Errorf("%s sets %s, which %s sets: what it tests would not be that environment", file, m[1], environmentOf(file))
			}
		}
	}
	return nil
}

// environmentOf returns where the variables of an environment stand that a test
// file is called like.
func environmentOf(file string) string {
	return "environments/" + strings.TrimSuffix(path.Base(file), ".tftest.hcl") + ".tfvars"
}

// Commands returns the arguments of terraform that run all tests of a root: a
// file that is called like an environment gets the variables of that
// environment, and the others have their own.
func (h Held) Commands(root fs.FS) [][]string {
	common := []string{"test", "-json"}
	plain := slices.Clone(common)
	var all [][]string
	for _, file := range h.Files {
		environment := environmentOf(file)
		if _, err := fs.Stat(root, environment); err == nil {
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

// Compare returns an error for each run that is held and did not run, or that
// ran without being held. How the runs ended is another matter.
func (h Held) Compare(ran []Result) []error {
	var failures []error
	known, done := map[Run]bool{}, map[Run]bool{}
	for _, r := range ran {
		done[r.Run] = true
	}
	for _, r := range h.Runs {
		if known[r] {
			failures = append(failures, fmt.Errorf("%s: there are two of this name", r))
		}
		known[r] = true
		if !done[r] {
			failures = append(failures, fmt.Errorf("%s: it did not run", r))
		}
	}
	for _, r := range ran {
		if !known[r.Run] {
			failures = append(failures, fmt.Errorf("%s: it ran, but was not found in the file", r.Run))
		}
	}
	return failures
}
