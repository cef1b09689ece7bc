package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/rates/internal/cli"
)

// try runs a command as main does.
func try(t *testing.T, args ...string) (code int, out, complaints string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(t.Context(), args, cli.Streams{In: strings.NewReader(""), Out: &stdout, Err: &stderr})
	return code, stdout.String(), stderr.String()
}

func TestWrongUseNamesTheValue(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"jump"}, "jump"},
		{[]string{"run", "--duration=1500ms"}, "--duration is 1.5s; expected whole seconds"},
		{[]string{"run", "--rounds=0"}, "--rounds is 0"},
		{[]string{"run", "--cache-mb=0"}, "--cache-mb has 0"},
		{[]string{"run", "--markdown=none.md"}, "none.md"},
		{[]string{"scale", "--prices=1000"}, "--prices has 1000"},
		{[]string{"scale", "--prices=2000000,1000000"}, "the smallest first"},
		{[]string{"scale", "--prices=100000000", "--huge"}, "leave --huge out"},
		{[]string{"scale", "--duration=1ms"}, "--duration is 1ms"},
		{[]string{"overload", "--times=0"}, "--times has 0"},
		{[]string{"overload", "--duration=1ms"}, "--duration is 1ms"},
		{[]string{"overload", "--delay=-1s"}, "--delay is -1s"},
		{[]string{"scale-out", "--rounds=0"}, "--rounds is 0"},
		{[]string{"scale-out", "--instances=0"}, "--instances is 0"},
		{[]string{"scale-out", "--clients=0"}, "--clients is 0"},
		{[]string{"scale-out", "--duration=1ms"}, "--duration is 1ms"},
		{[]string{"memory", "--idle=-1"}, "--idle has -1"},
		{[]string{"memory", "--per-second=0"}, "--per-second is 0"},
		{[]string{"memory", "--duration=1ms"}, "--duration is 1ms"},
		{[]string{"chart", "--in=none.json"}, "none.json"},
	} {
		code, _, complaints := try(t, test.args...)
		if code != cli.ExitUsage || !strings.Contains(complaints, test.want) {
			t.Errorf("%v: exit code %d, %q; want %d and %q", test.args, code, complaints, cli.ExitUsage, test.want)
		}
	}
}

// Without wrk nothing can be compared; the error says how to install it.
func TestMissingWrkIsExplained(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	code, _, complaints := try(t, "run")
	if code != cli.ExitUsage || !strings.Contains(complaints, "apt-get install wrk") {
		t.Errorf("exit code %d, %q", code, complaints)
	}
}

func TestHelpDoesNotShowTheHiddenCommands(t *testing.T) {
	code, out, _ := try(t, "--help")
	if code != cli.ExitOK || !strings.Contains(out, "scale") || strings.Contains(out, "naive") {
		t.Errorf("exit code %d, %q", code, out)
	}
}

func TestChartIsDrawnFromFigures(t *testing.T) {
	chart := filepath.Join(t.TempDir(), "latency.svg")
	code, out, complaints := try(t, "chart", "--in=../docs/benchmarks/scale.json", "--out="+chart)
	if code != cli.ExitOK || !strings.Contains(out, chart) {
		t.Fatalf("exit code %d, %q", code, complaints)
	}
	svg, err := os.ReadFile(chart)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"53,822", "1,000,000", "continent to continent, p99"} {
		if !bytes.Contains(svg, []byte(want)) {
			t.Errorf("the chart does not show %q", want)
		}
	}
}

func TestChartNeedsFigures(t *testing.T) {
	for text, want := range map[string]string{"{}": "holds no figures", "x": "does not hold figures"} {
		path := filepath.Join(t.TempDir(), "scale.json")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		code, _, complaints := try(t, "chart", "--in="+path, "--out="+t.TempDir())
		if code != exitFailure || !strings.Contains(complaints, want) {
			t.Errorf("%q: exit code %d, %q", text, code, complaints)
		}
	}
}
