package cli

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	failed   = 5
	noResult = 7
)

type grammar struct {
	End endCommand `cmd:"" help:"End as told."`
}

type endCommand struct {
	As string `default:"ok" enum:"ok,failure,code,silent,cancelled,panic" help:"How."`
}

// Run ends as told.
func (c *endCommand) Run(ctx context.Context, std Streams) error {
	switch c.As {
	case "failure":
		return errors.New("disk full")
	case "code":
		return &ExitError{noResult, errors.New("no result")}
	case "silent":
		return &ExitError{Code: noResult}
	case "cancelled":
		return ctx.Err()
	case "panic":
		panic("broken")
	}
	_, err := std.Out.Write([]byte("done\n"))
	return err
}

func TestExitCodes(t *testing.T) {
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for args, want := range map[string]struct {
		code     int
		out, err string
	}{
		"end":                {ExitOK, "done\n", ""},
		"end --as=failure":   {failed, "", "prog: disk full\n"},
		"end --as=code":      {noResult, "", "prog: no result\n"},
		"end --as=silent":    {noResult, "", ""},
		"end --as=cancelled": {failed, "", "prog: interrupted; nothing is lost\n"},
		"jump":               {ExitUsage, "", "prog: unexpected argument jump\nRun 'prog --help' for usage.\n"},
	} {
		var out, err bytes.Buffer
		p := Program{Name: "prog", Failure: failed, Interrupted: "interrupted; nothing is lost"}
		code := Run(cancelled, p, &grammar{}, strings.Fields(args), Streams{Out: &out, Err: &err})
		if code != want.code || out.String() != want.out || err.String() != want.err {
			t.Errorf("%s: exit code %d, %q and %q; want %+v", args, code, &out, &err, want)
		}
	}
}

func TestHelp(t *testing.T) {
	for _, args := range [][]string{nil, {"--help"}, {"end", "--help"}} {
		var out, err bytes.Buffer
		code := Run(t.Context(), Program{Name: "prog"}, &grammar{}, args, Streams{Out: &out, Err: &err})
		if code != ExitOK || !strings.HasPrefix(out.String(), "Usage: prog") || err.Len() > 0 {
			t.Errorf("%q: exit code %d, %q and %q", args, code, &out, &err)
		}
	}
}

// A program of one command runs it without arguments.
func TestProgramWithoutCommands(t *testing.T) {
	var out bytes.Buffer
	code := Run(t.Context(), Program{Name: "prog"}, &endCommand{}, nil, Streams{Out: &out, Err: t.Output()})
	if code != ExitOK || out.String() != "done\n" {
		t.Errorf("exit code %d, %q", code, &out)
	}
}

func TestPanicIsNotHidden(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("the panic of a command was hidden")
		}
	}()
	code := Run(t.Context(), Program{Name: "prog"}, &grammar{}, []string{"end", "--as=panic"}, Streams{Out: t.Output(), Err: t.Output()})
	t.Errorf("the command ended with code %d", code)
}

func TestLine(t *testing.T) {
	var out bytes.Buffer
	line := &Line{Out: &out}
	line.Clear()
	line.Show("%d of %d", 1, 2)
	line.Clear()
	line.Show("last")
	line.Clear()
	const want = erase + "1 of 2" + erase + erase + "last" + erase
	if out.String() != want {
		t.Errorf("wrote %q, want %q", &out, want)
	}
}

func TestLineIsQuietInFiles(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	line := NewLine(file)
	line.Show("shown")
	line.Clear()
	if info, err := file.Stat(); err != nil || info.Size() > 0 {
		t.Errorf("%d bytes were written, %v", info.Size(), err)
	}
}
