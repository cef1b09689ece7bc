package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"example.com/rates/security/tftest"
)

// result is what was found in the test files of a root and what came of it.
type result struct {
	held   tftest.Held
	passed int
}

// test validates a root and runs its tests.
func test(ctx context.Context, tf *terraform, root string) (result, error) {
	if out, err := tf.run(ctx, root, "validate", "-no-color"); err != nil {
		return result{}, fmt.Errorf("%w\n%s", err, out)
	}
	files := os.DirFS(root)
	held, err := tftest.Read(files)
	if err != nil {
		return result{}, fmt.Errorf("%s: %w", root, err)
	}
	var ran []tftest.Result
	var failures []error
	for _, args := range held.Commands(files) {
		report, err := tf.test(ctx, root, args...)
		ran = append(ran, report.Results...)
		failures = append(failures, err)
	}
	all := result{held: held}
	for _, r := range ran {
		if r.Status == "pass" {
			all.passed++
			continue
		}
		failures = append(failures, fmt.Errorf("%s/%s: it ended with %s", root, r.Run, r.Status))
	}
	for _, err := range held.Compare(ran) {
		failures = append(failures, fmt.Errorf("%s/%w", root, err))
	}
	return all, errors.Join(failures...)
}
