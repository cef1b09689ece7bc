package toolbox

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/security/scanner"
)

// pythonPin pins a tool of a version.
func pythonPin(version string) map[string]string {
	return map[string]string{"tool/requirements.in": "the-tool==" + version + "\n", "tool/requirements.txt": "the-tool==" + version + " --hash=sha256:00\n"}
}

// answering is an interpreter that answers with a version, and uses nothing else.
func answering(version string) map[string]string {
	return map[string]string{"bin/python": "#!/bin/sh\ncase $* in *json*) echo '[]' ;; *) echo " + version + " ;; esac\n"}
}

// The version of a Python tool is that of its environment.
func TestPythonTool(t *testing.T) {
	b := box(t, pythonPin("1.2.3"))
	dir := b.Dir(pin(t, b, "tool"))
	place(t, dir, map[string]string{"bin/tool": ""})
	place(t, dir, answering("1.2.3"))
	_, err := b.Find(t.Context(), "tool")
	wantKind(t, err, scanner.ToolMissing, "tool 1.2.3 is not installed")
	recorded(t, b, "tool")
	found, err := b.Find(t.Context(), "tool")
	want := scanner.Tool{Name: "tool", Path: filepath.Join(dir, "bin", "tool"), Version: "1.2.3"}
	if diff := cmp.Diff(want, found); err != nil || diff != "" {
		t.Errorf("error %v, tool (-want +got):\n%s", err, diff)
	}
	place(t, dir, answering("1.2.30"))
	recorded(t, b, "tool")
	_, err = b.Find(t.Context(), "tool")
	wantKind(t, err, scanner.WrongVersion, "is 1.2.30, not the pinned 1.2.3")
	place(t, dir, map[string]string{"bin/python": "#!/bin/sh\ncase $* in *json*) echo '[]' ;; *) exit 1 ;; esac\n"})
	recorded(t, b, "tool")
	_, err = b.Find(t.Context(), "tool")
	wantKind(t, err, scanner.WrongVersion, "does not report its version")
}

// Whoever runs a Python tool, it writes nothing beside its code.
func TestPythonToolLeavesItsFilesAlone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "the tool's own")
	program := filepath.Join(dir, "bin", "tool")
	place(t, dir, map[string]string{"bin/tool": "#!/bin/sh\necho \"$PYTHONDONTWRITEBYTECODE $PYTHONPYCACHEPREFIX $1\"\nexit 3\n"})
	if err := start(dir, program); err != nil {
		t.Fatal(err)
	}
	out, err := scanner.Run(t.Context(), scanner.Command{Path: program, Args: []string{"a b"}, Exits: []int{3}})
	if want := "1 " + filepath.Join(dir, "compiled") + " a b\n"; err != nil || string(out.Stdout) != want {
		t.Errorf("printed %q, error %v, want %q", out.Stdout, err, want)
	}
}
