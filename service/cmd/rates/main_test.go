package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"strings"
	"testing"

	"example.com/rates/db/dbtest"
	"example.com/rates/internal/cli"
)

// programVariable makes this test binary behave like the program.
const programVariable = "RATES_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(programVariable) != "" {
		main()
	}
	// The configuration of the machine must not influence the tests.
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		if name == "DATABASE_URL" || strings.HasPrefix(name, "OTEL_") || strings.HasPrefix(name, "RATES_") && !strings.HasPrefix(name, "RATES_TEST_") {
			os.Unsetenv(name)
		}
	}
	if os.Getenv("RATES_TEST_CHILD") != "" {
		os.Exit(m.Run()) // for one test, which needs no database
	}
	dbtest.Main(m)
}

// result is the exit code and output of a command.
type result struct {
	code     int
	out, err string
}

// command runs the program with arguments.
func command(ctx context.Context, in io.Reader, args ...string) result {
	var out, err bytes.Buffer
	code := run(ctx, args, cli.Streams{In: in, Out: &out, Err: &err})
	return result{code, out.String(), err.String()}
}

// want checks the exit code and the output.
func (r result) want(t *testing.T, code int, out, err string) {
	t.Helper()
	if r.code != code {
		t.Errorf("exit code %d, want %d", r.code, code)
	}
	if r.out != out {
		t.Errorf("standard output:\n%swant:\n%s", r.out, out)
	}
	if r.err != err {
		t.Errorf("standard error:\n%swant:\n%s", r.err, err)
	}
}
