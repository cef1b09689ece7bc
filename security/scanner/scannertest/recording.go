package scannertest

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"example.com/rates/security/scanner"
)

// Read returns a file of testdata.
func Read(tb testing.TB, name string) []byte {
	tb.Helper()
	content, err := readFile(path(name))
	if err != nil {
		tb.Fatal(err)
	}
	return content
}

func readFile(name string) ([]byte, error) {
	return fs.ReadFile(os.DirFS(filepath.Dir(name)), filepath.Base(name))
}

// path returns where a recording is: in testdata of this package, or of that of
// its gate.
func path(name string) string {
	gate, _, _ := strings.Cut(name, "/")
	for _, dir := range []string{"testdata", "../*/testdata"} {
		if found, _ := filepath.Glob(filepath.Join(dir, gate)); len(found) > 0 {
			return filepath.Join(filepath.Dir(found[0]), filepath.FromSlash(name))
		}
	}
	return filepath.Join("testdata", filepath.FromSlash(name))
}

// Output returns the recording of a single command.
func Output(tb testing.TB, name string) scanner.Output {
	tb.Helper()
	out, found := output(tb, path(name))
	if !found {
		tb.Fatalf("there is no recording %s", name)
	}
	return out
}

// output returns the output recorded under a path, and whether there is any.
func output(tb testing.TB, at string) (out scanner.Output, found bool) {
	tb.Helper()
	var exit []byte
	for suffix, to := range map[string]*[]byte{".stdout": &out.Stdout, ".stderr": &out.Stderr, ".exit": &exit} {
		content, err := readFile(at + suffix)
		if err == nil {
			*to, found = content, true
		} else if !errors.Is(err, os.ErrNotExist) {
			tb.Fatal(err)
		}
	}
	if exit != nil {
		var err error
		if out.Exit, err = strconv.Atoi(strings.TrimSpace(string(exit))); err != nil {
			tb.Fatalf("%s.exit: %v", at, err)
		}
	}
	return out, found
}

// Replay returns a job over a canary in which every command prints the output
// recorded there.
func Replay(tb testing.TB, recording string) scanner.Job {
	tb.Helper()
	return ReplayOn(tb, recording, recording)
}

// ReplayOn returns a job over a canary in which every command prints the output
// recorded on another.
func ReplayOn(tb testing.TB, canary, recording string) scanner.Job {
	tb.Helper()
	job := Job(tb, canary, scanner.Output{})
	root := strings.TrimPrefix(filepath.ToSlash(job.Tree.Dir), "/")
	folder := path(recording)
	type both struct {
		out  scanner.Output
		file []byte
	}
	var known sync.Map // a test may replay a recording many times
	replayed := func(at string) (scanner.Output, []byte) {
		if b, ok := known.Load(at); ok {
			return b.(both).out, b.(both).file
		}
		out, _ := output(tb, at)
		for _, said := range []*[]byte{&out.Stdout, &out.Stderr} {
			*said = []byte(strings.ReplaceAll(string(*said), "@TREE@", root))
		}
		file, _ := readFile(at + ".file") // most write none
		known.Store(at, both{out, file})
		return out, file
	}
	job.Run = func(_ context.Context, cmd scanner.Command) (scanner.Output, error) {
		out, file := replayed(recorded(cmd, job.Scratch, folder))
		if file == nil {
			return out, nil
		}
		_, to, _ := strings.Cut(cmd.Args[len(cmd.Args)-1], "=")
		return out, os.WriteFile(to, file, 0o600)
	}
	return job
}

// recorded returns where the output of a command is.
func recorded(cmd scanner.Command, scratch, folder string) string {
	words := cmd.Args
	if within, err := filepath.Rel(scratch, cmd.Dir); err == nil && filepath.IsLocal(within) {
		words = append([]string{filepath.Base(within)}, words...)
	}
	for _, word := range words {
		word = strings.TrimLeft(word, "-")
		if word == "" || strings.ContainsAny(word, "/=\n") {
			continue
		}
		for _, at := range []string{filepath.Join(folder, word), filepath.Join(filepath.Dir(folder), word)} {
			for _, suffix := range []string{".stdout", ".stderr"} {
				if _, err := os.Stat(at + suffix); err == nil {
					return at
				}
			}
		}
	}
	return folder
}
