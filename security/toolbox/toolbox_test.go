package toolbox

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/security/scanner"
)

// place writes files, by their path below dir.
func place(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

func box(t *testing.T, files map[string]string) Box {
	t.Helper()
	b := Box{Pins: t.TempDir(), Cache: t.TempDir(), Records: t.TempDir()}
	place(t, b.Pins, files)
	return b
}

func pin(t *testing.T, b Box, name string) Pin {
	t.Helper()
	p, err := b.Pin(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// recorded records what is in the folder of a tool as installed.
func recorded(t *testing.T, b Box, name string) {
	t.Helper()
	if err := b.Record(t.Context(), pin(t, b, name)); err != nil {
		t.Fatal(err)
	}
}

// wantKind fails the test unless the error is of the kind and has a message.
func wantKind(t *testing.T, err error, kind scanner.Kind, says string) {
	t.Helper()
	if err == nil || scanner.AsError(err).Kind != kind || !strings.Contains(err.Error(), says) {
		t.Errorf("error %v, want %s: … %s …", err, kind, says)
	}
}

// An ambiguous pin is refused by its name.
func TestPinRefusals(t *testing.T) {
	good := yamlTool(t)["go-yaml/go.mod"]
	sum := yamlTool(t)["go-yaml/go.sum"]
	for _, test := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"none", map[string]string{"tool/README": ""}, "has no pin"},
		{"no go.mod", map[string]string{"tool/go.mod": "modul x"}, "read the pin of tool"},
		{"no tool line", map[string]string{"tool/go.mod": "module x\n"}, "must have one tool line, not 0"},
		{"two tool lines", map[string]string{"tool/go.mod": good + "tool x.example/y\n", "tool/go.sum": sum}, "must have one tool line, not 2"},
		{"a module that is not required", map[string]string{"tool/go.mod": "module x\ntool x.example/y\n"}, "requires no module that holds x.example/y"},
		{"a module that is only called alike", map[string]string{"tool/go.mod": "module x\ntool x.example/yy\nrequire x.example/y v1.0.0\n"}, "requires no module that holds"},
		{"no go.sum", map[string]string{"tool/go.mod": good}, "no such file"},
		{"no checksum", map[string]string{"tool/go.mod": good, "tool/go.sum": "x v1 h1:y\n"}, "run go mod tidy there"},
		{"no requirements.in", map[string]string{"tool/requirements.txt": "x==1\n"}, "read the pin of tool"},
		{"no version", map[string]string{"tool/requirements.in": "x\n", "tool/requirements.txt": "x==1\n"}, "must require one version"},
		{"half a host tool", map[string]string{"tool/host.txt": "# why\nexample.com/tool\n"}, "must name one module and one version"},
		{"any version above", map[string]string{"tool/requirements.in": "x>=1\n", "tool/requirements.txt": "x==1\n"}, "must require one version"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := box(t, test.files)
			if _, err := b.Pin("tool"); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
			_, err := b.Find(t.Context(), "tool")
			wantKind(t, err, scanner.ToolMissing, test.want)
		})
	}
}

// A change of any part of a pin makes another tool.
func TestPinDigest(t *testing.T) {
	base := map[string]string{"tool/requirements.in": "x==1\n", "tool/requirements.txt": "x==1\ny==1\n"}
	seen := map[string]string{pin(t, box(t, base), "tool").digest: "nothing"}
	for name, content := range map[string]string{
		"tool/requirements.in": "x==1 # twice\n", "tool/requirements.txt": "x==1\ny==2\n", "tool/build.txt": "z==1\n",
	} {
		files := map[string]string{name: content}
		for other, content := range base {
			if _, ok := files[other]; !ok {
				files[other] = content
			}
		}
		digest := pin(t, box(t, files), "tool").digest
		if before, ok := seen[digest]; ok {
			t.Errorf("a change of %s gives the digest of a change of %s", name, before)
		}
		seen[digest] = name
	}
	withEnv := yamlTool(t)
	plain := pin(t, box(t, withEnv), "go-yaml").digest
	withEnv["go-yaml/build.env"] = "# why\nGOEXPERIMENT=x\n"
	if got := pin(t, box(t, withEnv), "go-yaml").digest; got == plain {
		t.Error("a change of build.env did not change the pin")
	}
}

// A failed installation leaves no tool behind.
func TestInstallFails(t *testing.T) {
	files := yamlTool(t)
	files["go-yaml/go.mod"] = strings.ReplaceAll(files["go-yaml/go.mod"], "/cmd/go-yaml", "/cmd/no-such-program")
	b := box(t, files)
	if _, err := b.Install(t.Context(), "go-yaml"); err == nil || !strings.Contains(err.Error(), "install go-yaml") {
		t.Errorf("error %v, want that it cannot be installed", err)
	}
	_, err := b.Find(t.Context(), "go-yaml")
	wantKind(t, err, scanner.ToolMissing, "is not installed")
}

// Only folders that pin a tool count.
func TestNames(t *testing.T) {
	b := box(t, map[string]string{"b/go.mod": "", "a/requirements.txt": "", "h/host.txt": "", "c/README.md": "", "go.mod": ""})
	names, err := b.Names()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a", "b", "h"}, names); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}

// Tools are kept in RATES_TOOLS, by default in the user's cache, and their records
// elsewhere.
func TestNew(t *testing.T) {
	t.Setenv("RATES_TOOLS", "/somewhere/tools")
	t.Setenv("RATES_TOOL_RECORDS", "/elsewhere")
	if b, err := New("/pins"); err != nil || b != (Box{Pins: "/pins", Cache: "/somewhere/tools", Records: "/elsewhere"}) {
		t.Errorf("box %+v, error %v", b, err)
	}
	t.Setenv("RATES_TOOLS", "")
	t.Setenv("RATES_TOOL_RECORDS", "")
	t.Setenv("XDG_CACHE_HOME", "/home/me/.cache")
	t.Setenv("HOME", "/home/me")
	below := filepath.Join("rates", "tools")
	if b, err := New("/pins"); err != nil || !strings.HasSuffix(b.Cache, below) || !strings.HasSuffix(b.Records, below) || b.Records == b.Cache {
		t.Errorf("box %+v, error %v", b, err)
	}
}

// Variables are left out by their whole name.
func TestWithout(t *testing.T) {
	got := without([]string{"GOFLAGS=x", "GOFLAGSX=y", "GOFLAG=z", "A=GOFLAGS"}, "GOFLAGS", "B")
	if diff := cmp.Diff([]string{"GOFLAGSX=y", "GOFLAG=z", "A=GOFLAGS"}, got); diff != "" {
		t.Errorf("variables (-want +got):\n%s", diff)
	}
}

// The pins of this repository can all be read.
func TestPinsHere(t *testing.T) {
	b := Box{Pins: filepath.Join("..", "tools")}
	names, err := b.Names()
	if err != nil || len(names) == 0 {
		t.Fatalf("names %q, error %v", names, err)
	}
	for _, name := range names {
		if _, err := b.Pin(name); err != nil {
			t.Error(err)
		}
	}
}
