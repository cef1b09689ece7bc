package main

import (
	"bytes"
	"testing"

	"example.com/rates/security/gate"
)

// broken is a stream that shows what becomes of a panic in a command.
type broken struct{}

func (broken) Write([]byte) (int, error) { panic("broken") }

// A program that broke down must not end as if all were green.
func TestRunHidesNoPanic(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("the panic of a command was hidden")
		}
	}()
	code := run(t.Context(), []string{"list", "--project=../../.."}, streams{out: broken{}, err: t.Output()})
	t.Errorf("the command ended with code %d", code)
}

// Help is asked for and given, whatever else the command would need or do.
func TestHelp(t *testing.T) {
	for _, args := range [][]string{nil, {"--help"}, {"list", "--help"}} {
		var out, err bytes.Buffer
		code := run(t.Context(), args, streams{out: &out, err: &err})
		if code != gate.ExitGreen || !bytes.HasPrefix(out.Bytes(), []byte("Usage: gates")) || err.Len() > 0 {
			t.Errorf("gates %q ended with code %d, printed\n%s\nand said %q", args, code, &out, &err)
		}
	}
}
