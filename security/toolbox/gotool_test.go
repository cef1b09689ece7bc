package toolbox

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/security/scanner"
)

// yamlTool pins a small program of a module that this repository uses, so that
// building it needs no network.
func yamlTool(t *testing.T) map[string]string {
	t.Helper()
	const module = "go.yaml.in/yaml/v4"
	sums, err := os.ReadFile(filepath.Join("..", "..", "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	version, sum := "", ""
	for line := range strings.Lines(string(sums)) {
		if fields := strings.Fields(line); fields[0] == module {
			version, sum = strings.TrimSuffix(fields[1], "/go.mod"), sum+line
		}
	}
	return map[string]string{
		"go-yaml/go.mod": "module pin\n\ngo 1.26.0\n\ntool " + module + "/cmd/go-yaml\n\nrequire " + module + " " + version + "\n",
		"go-yaml/go.sum": sum,
	}
}

// A Go tool is built once from its pin, and identified by its build information.
func TestGoTool(t *testing.T) {
	b := box(t, yamlTool(t))
	_, err := b.Find(t.Context(), "go-yaml")
	wantKind(t, err, scanner.ToolMissing, "is not installed; run: make tools")
	made, err := b.Install(t.Context(), "go-yaml")
	if err != nil || !made.Did || made.Why != nil {
		t.Fatalf("installed: %+v, error %v", made, err)
	}
	found, err := b.Find(t.Context(), "go-yaml")
	if err != nil || !cmp.Equal(found, made.Tool) || found.Version != pin(t, b, "go-yaml").Version {
		t.Errorf("found %v, error %v, want %v", found, err, made.Tool)
	}
	if again, err := b.Install(t.Context(), "go-yaml"); err != nil || again.Did {
		t.Errorf("it was installed again: %+v, error %v", again, err)
	}
	place(t, filepath.Dir(found.Path), map[string]string{"go-yaml": "#!/bin/sh\n"})
	if again, err := b.Install(t.Context(), "go-yaml"); err != nil || !again.Did || again.Why == nil || !strings.Contains(again.Why.Error(), "bin/go-yaml was changed") {
		t.Errorf("after a change it was not installed again: %+v, error %v", again, err)
	}
	t.Run("another program in its place", func(t *testing.T) { anotherProgram(t, b) })
	t.Run("other source", func(t *testing.T) { otherSource(t, b) })
}

func anotherProgram(t *testing.T, b Box) {
	t.Helper()
	other := Box{Pins: b.Pins, Cache: t.TempDir(), Records: t.TempDir()}
	dir := other.Dir(pin(t, other, "go-yaml"))
	place(t, dir, map[string]string{"bin/x": ""})
	recorded(t, other, "go-yaml")
	program := filepath.Join(dir, "bin", "go-yaml")
	_, err := other.Find(t.Context(), "go-yaml")
	wantKind(t, err, scanner.ToolMissing, "has no program")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, program); err != nil {
		t.Fatal(err)
	}
	recorded(t, other, "go-yaml")
	_, err = other.Find(t.Context(), "go-yaml")
	wantKind(t, err, scanner.WrongVersion, "it was built from example.com/rates")
	if err := os.Remove(program); err != nil {
		t.Fatal(err)
	}
	place(t, dir, map[string]string{"bin/go-yaml": "#!/bin/sh\necho v4.0.0\n"})
	recorded(t, other, "go-yaml")
	_, err = other.Find(t.Context(), "go-yaml")
	wantKind(t, err, scanner.WrongVersion, "does not report its version")
}

// otherSource puts the real program where one with another checksum belongs.
func otherSource(t *testing.T, b Box) {
	t.Helper()
	good := pin(t, b, "go-yaml")
	files := yamlTool(t)
	files["go-yaml/go.sum"] = strings.ReplaceAll(files["go-yaml/go.sum"], " h1:", " h1:x")
	other := box(t, files)
	changed := pin(t, other, "go-yaml")
	if changed.digest == good.digest {
		t.Error("another checksum did not change the pin")
	}
	content, err := os.ReadFile(filepath.Join(b.Dir(good), "bin", "go-yaml"))
	if err != nil {
		t.Fatal(err)
	}
	place(t, other.Dir(changed), map[string]string{"bin/go-yaml": string(content)})
	recorded(t, other, "go-yaml")
	_, err = other.Find(t.Context(), "go-yaml")
	wantKind(t, err, scanner.WrongVersion, "not that of go.sum")
}
