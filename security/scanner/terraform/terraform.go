// Package terraform runs Terraform for gates, and reads its output and its test
// files.
package terraform

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"example.com/rates/security/scanner"
)

// Copy is a copy of the Terraform files for Terraform to work on: it writes into
// its folders, and all gates share the tree.
type Copy struct {
	Roots    []string // folders that hold configuration
	Tool     scanner.Tool
	Prepared []string // commands that were run to prepare it, as typed in a shell

	job      scanner.Job
	folder   string
	env      []string
	provider string // where azurerm is from, for notes; "" if no root needs it
	program  string // the provider that was built, "" if it is from the registry
	server   *server
}

// NewCopy copies the roots and makes their providers available. The copy must be
// closed.
func NewCopy(ctx context.Context, job scanner.Job) (*Copy, error) {
	roots := Roots(job.Tree)
	if len(roots) == 0 {
		return nil, scanner.Errorf(scanner.NothingExamined, "there is no Terraform file")
	}
	tool, err := job.Tool(ctx, "terraform")
	if err != nil {
		return nil, err
	}
	c := &Copy{Roots: roots, Tool: tool, job: job, folder: filepath.Join(job.Scratch, "copy")}
	if err := job.Tree.CopyInto(c.folder, c.files()); err != nil {
		return nil, fmt.Errorf("copy the Terraform files: %w", err)
	}
	if err := c.setUp(""); err != nil {
		return nil, err
	}
	if err := c.useProvider(ctx); err != nil {
		return nil, err
	}
	c.attach(ctx)
	return c, nil
}

// files returns all files in the topmost folders of the roots.
func (c *Copy) files() []string {
	top := func(name string) string { first, _, _ := strings.Cut(name, "/"); return first }
	return slices.DeleteFunc(slices.Clone(c.job.Tree.Files), func(file string) bool {
		return !slices.ContainsFunc(c.Roots, func(root string) bool { return root == "." || top(root) == top(file) })
	})
}

// setUp writes the settings of Terraform, so that it reads none of the user's.
func (c *Copy) setUp(overrides string) error {
	settings, plugins := filepath.Join(c.job.Scratch, "terraform.tfrc"), filepath.Join(c.job.Scratch, "plugins")
	err := errors.Join(os.MkdirAll(plugins, 0o750), os.WriteFile(settings, []byte(overrides), 0o600))
	if err != nil {
		return fmt.Errorf("write the settings of terraform: %w", err)
	}
	c.env = append(environment(),
		"TF_CLI_CONFIG_FILE="+settings,
		"TF_PLUGIN_CACHE_DIR="+plugins, "TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE=1", // one download for all roots
	)
	return nil
}

// SideBySide calls a function n times concurrently and returns the results in
// order, or the error of the first that failed.
func SideBySide[T any](n int, do func(i int) (T, error)) ([]T, error) {
	results, errs := make([]T, n), make([]error, n)
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() { results[i], errs[i] = do(i) })
	}
	group.Wait()
	if i := slices.IndexFunc(errs, func(err error) bool { return err != nil }); i >= 0 {
		return nil, errs[i]
	}
	return results, nil
}

// environment returns the variables for a Terraform that a program runs to test.
func environment() []string {
	return []string{
		"TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1",
		// A run ends after half a second, before its garbage is worth collecting.
		"GOGC=400",
	}
}
