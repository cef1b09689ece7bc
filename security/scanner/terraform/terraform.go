package scanner

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"example.com/rates/security/tftest"
	"example.com/rates/security/tree"
)

// terraform runs Terraform on a copy of its files: it writes into the folders
// that it works in, and the tree is for all gates.
type terraform struct {
	job      Job
	tool     Tool
	folder   string   // the copy
	roots    []string // folders that hold configuration
	env      []string
	provider string   // where azurerm is from, for people; "" if no root needs it
	prepared []string // what was run to make it ready, as one could type it
}

// terraformRoots are the folders that hold configuration.
func terraformRoots(t tree.Tree) []string {
	var roots []string
	for _, file := range terraformFiles(t) {
		roots = append(roots, path.Dir(file))
	}
	slices.Sort(roots)
	return slices.Compact(roots)
}

// newTerraform copies the roots and makes their providers available.
func newTerraform(ctx context.Context, job Job) (*terraform, error) {
	roots := terraformRoots(job.Tree)
	if len(roots) == 0 {
		return nil, Errorf(NothingExamined, "there is no Terraform file")
	}
	tool, err := job.Tool(ctx, "terraform")
	if err != nil {
		return nil, err
	}
	tf := &terraform{job: job, tool: tool, folder: filepath.Join(job.Scratch, "copy"), roots: roots}
	if err := job.Tree.CopyInto(tf.folder, tf.files()); err != nil {
		return nil, fmt.Errorf("copy the Terraform files: %w", err)
	}
	if err := tf.setUp(""); err != nil {
		return nil, err
	}
	return tf, tf.useProvider(ctx)
}

// files are all that lie in the topmost folders of the roots.
func (tf *terraform) files() []string {
	top := func(name string) string { first, _, _ := strings.Cut(name, "/"); return first }
	return slices.DeleteFunc(slices.Clone(tf.job.Tree.Files), func(file string) bool {
		return !slices.ContainsFunc(tf.roots, func(root string) bool { return root == "." || top(root) == top(file) })
	})
}

// setUp writes the settings of Terraform, so that none of the user are read.
func (tf *terraform) setUp(overrides string) error {
	settings, plugins := filepath.Join(tf.job.Scratch, "terraform.tfrc"), filepath.Join(tf.job.Scratch, "plugins")
	err := errors.Join(os.MkdirAll(plugins, 0o750), os.WriteFile(settings, []byte(overrides), 0o600))
	if err != nil {
		return fmt.Errorf("write the settings of terraform: %w", err)
	}
	tf.env = append(tftest.Environment(),
		"TF_CLI_CONFIG_FILE="+settings,
		"TF_PLUGIN_CACHE_DIR="+plugins, "TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE=1", // one download for all roots
	)
	return nil
}

// sideBySide does n things at the same time. What comes of them is in their
// order, and the error is that of the first of those that failed.
func sideBySide[T any](n int, do func(i int) (T, error)) ([]T, error) {
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
