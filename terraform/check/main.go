// Command check tests the Terraform configuration without a cloud account:
// formatting, validation by the real provider, and `terraform test` with that
// provider mocked. It is run from the root of the repository.
//
// `terraform test` is content when it has run nothing at all, so check compares
// what ran with what the test files hold.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

// roots are the configurations that are applied on their own.
var roots = []string{"terraform/bootstrap", "terraform/app"}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1) //nolint:gocritic // stop is of no use any more
	}
}

func run(ctx context.Context, out io.Writer) error {
	start := time.Now()
	tf, err := find(ctx)
	if err != nil {
		return err
	}
	if unformatted, err := tf.run(ctx, ".", "fmt", "-check", "-recursive", "terraform"); err != nil {
		return fmt.Errorf("not formatted as terraform fmt does it:\n%s", unformatted)
	}
	if err := tf.useProvider(ctx, out, roots); err != nil {
		return err
	}
	results, failures := make([]result, len(roots)), make([]error, len(roots))
	var group sync.WaitGroup
	for i, root := range roots {
		group.Go(func() { results[i], failures[i] = test(ctx, tf, root) })
	}
	group.Wait()
	for i, root := range roots {
		if failures[i] == nil {
			_, _ = fmt.Fprintf(out, "%s: valid; %d runs passed, of %d in %d files, with %d assertions\n", // a lost line loses nothing
				root, results[i].passed, len(results[i].held.Runs), len(results[i].held.Files), results[i].held.Assertions)
		}
	}
	if err := errors.Join(failures...); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "terraform %s with %s, in %s\n", tf.version, tf.provider, time.Since(start).Round(100*time.Millisecond)) // likewise
	return nil
}
