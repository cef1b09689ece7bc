package terraform

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Run identifies a run block of a root.
type Run struct {
	File string // path below the root, with slashes
	Name string
}

// String returns the run as FILE: run NAME.
func (r Run) String() string { return r.File + ": run " + r.Name }

// Tests is the content of the test files of a root.
type Tests struct {
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

// ReadTests reads the run blocks that the test files of a root hold. Each of the
// files must hold one.
func ReadTests(root fs.FS) (Tests, error) {
	var tests Tests
	files, err := fs.Glob(root, "tests/*.tftest.hcl")
	if err != nil {
		return Tests{}, err
	}
	if len(files) == 0 {
		return Tests{}, ErrNoTests
	}
	for _, file := range files {
		text, err := fs.ReadFile(root, file)
		if err != nil {
			return Tests{}, err
		}
		blocks := runBlock.FindAllSubmatch(text, -1)
		if len(blocks) == 0 {
			return Tests{}, fmt.Errorf("%s holds no run block", file)
		}
		for _, block := range blocks {
			tests.Runs = append(tests.Runs, Run{file, string(block[1])})
		}
		tests.Assertions += len(assertion.FindAll(text, -1))
	}
	tests.Files = files
	return tests, tests.overrides(root)
}

// overrides returns an error if a test file named after an environment sets a
// variable that the environment sets: Terraform would take the value of the test,
// and the plan would be of no environment.
func (t Tests) overrides(root fs.FS) error {
	for _, file := range t.Files {
		values, err := fs.ReadFile(root, EnvironmentOf(file))
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
				return fmt.Errorf("%s sets %s, which %s sets: it would not test that environment", file, m[1], EnvironmentOf(file))
			}
		}
	}
	return nil
}

// EnvironmentOf returns the file with the variables of the environment that a
// test file is named after.
func EnvironmentOf(file string) string {
	return "environments/" + strings.TrimSuffix(path.Base(file), ".tftest.hcl") + ".tfvars"
}

// Commands returns the arguments of terraform that run all tests of a root. A
// file named after an environment gets its variables; the others have their own.
func (t Tests) Commands(root fs.FS) [][]string {
	common := []string{"test", "-json"}
	plain := slices.Clone(common)
	var all [][]string
	for _, file := range t.Files {
		environment := EnvironmentOf(file)
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

// Compare returns an error for each run that did not run, and for each that ran
// and is not in the files. It does not judge how the runs ended.
func (t Tests) Compare(ran []Result) []error {
	var failures []error
	known, done := map[Run]bool{}, map[Run]bool{}
	for _, r := range ran {
		done[r.Run] = true
	}
	for _, r := range t.Runs {
		if known[r] {
			failures = append(failures, fmt.Errorf("%s: two runs have this name", r))
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
