package toolbox

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/rates/security/scanner"
)

// environment installs a tool that looks like a Python environment, and returns its
// folder and that of the interpreter.
func environment(t *testing.T) (b Box, dir, python string) {
	t.Helper()
	b = box(t, pythonPin("1.2.3"))
	dir, python = b.Dir(pin(t, b, "tool")), t.TempDir()
	place(t, python, map[string]string{
		"bin/python3.11": `#!/bin/sh
case $* in *json*) echo '["` + python + `/lib/python311.zip", "` + python + `/lib/python3.11", "` + python + `/bin/python3.11"]' ;; *) echo 1.2.3 ;; esac
`,
		"lib/python3.11/json/__init__.py": "", "lib/python3.11/__pycache__/os.pyc": "", "lib/python3.11/site-packages/other/__init__.py": "",
	})
	place(t, dir, map[string]string{
		"bin/tool": "", "pyvenv.cfg": "", "lib/python3.11/site-packages/tool/main.py": "", "compiled/tool/main.pyc": "",
	})
	for from, to := range map[string]string{
		filepath.Join(dir, "bin/python"): "python3", filepath.Join(dir, "bin/python3"): filepath.Join(python, "bin/python3.11"),
		filepath.Join(dir, "lib64"): "lib",
	} {
		if err := os.Symlink(to, from); err != nil {
			t.Fatal(err)
		}
	}
	recorded(t, b, "tool")
	if _, err := b.Find(t.Context(), "tool"); err != nil {
		t.Fatal(err)
	}
	return b, dir, python
}

// Whatever is changed in a tool, or in what it uses, it is not used any more. The
// message names the file.
func TestChangedTool(t *testing.T) {
	const blind = "import os; os._exit(0)"
	write := func(name string) func(dir, python string) error {
		return func(dir, _ string) error { return write(filepath.Join(dir, name), blind) }
	}
	link := func(name, to string) func(dir, python string) error {
		return func(dir, _ string) error {
			return errors.Join(os.RemoveAll(filepath.Join(dir, name)), os.Symlink(to, filepath.Join(dir, name)))
		}
	}
	interpreter := func(name string) func(dir, python string) error {
		return func(_, python string) error { return write(name)(python, "") }
	}
	for name, test := range map[string]struct {
		change func(dir, python string) error
		want   string
	}{
		"the program":                     {write("bin/tool"), "bin/tool was changed"},
		"the program, by a link":          {link("bin/tool", "/bin/true"), "bin/tool was changed"},
		"the program, by a folder":        {func(dir, _ string) error { return swap(filepath.Join(dir, "bin/tool")) }, "bin/tool is missing"},
		"a module":                        {write("lib/python3.11/site-packages/tool/main.py"), "tool/main.py was changed"},
		"no module":                       {func(dir, _ string) error { return os.RemoveAll(filepath.Join(dir, "lib/python3.11")) }, "tool/main.py is missing"},
		"a compiled module":               {write("compiled/tool/main.pyc"), "compiled/tool/main.pyc was changed"},
		"a compiled module, added":        {write("compiled/tool/more.pyc"), "compiled/tool/more.pyc was added"},
		"a .pth file":                     {write("lib/python3.11/site-packages/x.pth"), "x.pth was added"},
		"sitecustomize":                   {write("lib/python3.11/site-packages/sitecustomize.py"), "sitecustomize.py was added"},
		"a module that shadows":           {write("bin/json.py"), "bin/json.py was added"},
		"a package that shadows":          {write("bin/json/__init__.py"), "bin/json/__init__.py was added"},
		"settings of the environment":     {write("pyvenv.cfg"), "pyvenv.cfg was changed"},
		"the link to the interpreter":     {link("bin/python", "/bin/true"), "bin/python was changed"},
		"the link behind it":              {link("bin/python3", "/bin/true"), "bin/python was changed"},
		"the link to a folder":            {link("lib64", "bin"), "lib64 was changed"},
		"the interpreter":                 {interpreter("bin/python3.11"), "bin/python was changed"},
		"its library":                     {interpreter("lib/python3.11/json/__init__.py"), "json/__init__.py was changed"},
		"a module added to its library":   {interpreter("lib/python3.11/sitecustomize.py"), "sitecustomize.py was added"},
		"an archive before its library":   {interpreter("lib/python311.zip"), "python311.zip was added"},
		"a folder in place of an archive": {interpreter("lib/python311.zip/json.py"), "python311.zip"},
	} {
		t.Run(name, func(t *testing.T) {
			b, dir, python := environment(t)
			if err := test.change(dir, python); err != nil {
				t.Fatal(err)
			}
			_, err := b.Find(t.Context(), "tool")
			wantKind(t, err, scanner.ToolChanged, test.want)
			wantKind(t, err, scanner.ToolChanged, "install it again with: make tools")
		})
	}
}

// write writes a file, and its folder.
func write(name, content string) error {
	return errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte(content), 0o755))
}

// swap puts a folder in place of a file.
func swap(name string) error {
	return errors.Join(os.Remove(name), os.Mkdir(name, 0o755))
}

// What a tool does not load may change: an interpreter is used by others too.
func TestUnchangedTool(t *testing.T) {
	b, _, python := environment(t)
	for _, name := range []string{"__pycache__/os.pyc", "__pycache__/re.pyc", "site-packages/other/__init__.py", "test/test_os.py"} {
		if err := write(filepath.Join(python, "lib", "python3.11", name), "x"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.Find(t.Context(), "tool"); err != nil {
		t.Error(err)
	}
}

// Without a readable record a tool is not used.
func TestUnreadableRecord(t *testing.T) {
	b, dir, _ := environment(t)
	file := b.recordOf(pin(t, b, "tool"))
	if err := write(file, "{"); err != nil {
		t.Fatal(err)
	}
	_, err := b.Find(t.Context(), "tool")
	wantKind(t, err, scanner.ToolChanged, "it is not known what was installed")
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	_, err = b.Find(t.Context(), "tool")
	wantKind(t, err, scanner.ToolMissing, "is not installed")
	if strings.HasPrefix(file, b.Cache) || strings.HasPrefix(file, dir) {
		t.Errorf("the record %s is kept with the tools", file)
	}
}

// A tool whose folder is gone is missing, even if it was recorded.
func TestRemovedTool(t *testing.T) {
	b, dir, _ := environment(t)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	_, err := b.Find(t.Context(), "tool")
	wantKind(t, err, scanner.ToolMissing, "is not there; run: make tools")
}

// A long list of changes is shortened.
func TestSome(t *testing.T) {
	if got := some([]string{"a", "b", "c", "d", "e"}); got != "a, b, c, and 2 more" {
		t.Errorf("got %q", got)
	}
	if got := some([]string{"a", "b", "c"}); got != "a, b, c" {
		t.Errorf("got %q", got)
	}
}
