package actionlint

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"example.com/rates/security/tree"
)

// A workflow whose scripts are Python is named: no gate examines them.
func TestInPython(t *testing.T) {
	at := tree.Tree{Dir: t.TempDir()}
	for name, content := range map[string]string{
		"step.yml":    "    - run: print(1)\n      shell: python\n",
		"first.yml":   "    - shell: python\n      run: print(1)\n",
		"quoted.yml":  "      shell: \"python\"\n",
		"version.yml": "      shell: /usr/bin/python3 {0}\n",
		"bash.yml":    "      shell: bash\n      run: python3 a.py\n",
		"comment.yml": "      # shell: python\n",
	} {
		at.Files = append(at.Files, name)
		if err := os.WriteFile(filepath.Join(at.Dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(at.Files)
	if got, want := inPython(at, at.Files), []string{"first.yml", "quoted.yml", "step.yml", "version.yml"}; !slices.Equal(got, want) {
		t.Errorf("in Python are %q, want %q", got, want)
	}
}
